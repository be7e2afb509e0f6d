#!/usr/bin/env python3
"""F02, refereed by tshark: the Scheduling Assistant's requests are SOAP documents about one room each, dissected as such, and
each answer's body waits 200 ms for the acknowledgement of its header; with ACKs at once the same bytes come in no time."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import check, reproduce  # noqa: E402

NAME = "exchange-scheduling-assistant"
LARGEST = 100  # of the sweep, with --quick
ROOMS = 60  # of the client; then it goes on to the next day
PHASES = [f"{phase}@{LARGEST}" for phase in ("baseline", "impaired", "mitigated")]


def fields(capture, only, *names):
    out = subprocess.run(["tshark", "-r", capture, "-Y", only, "-T", "fields", *[w for n in names for w in ("-e", n)]],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


played = reproduce(NAME, without=("impaired",))
bodies = {}
for phase in PHASES:
    capture = played.capture(phase, "client")
    asked = fields(capture, "tcp.dstport == 80 && http.request.method == POST && xml.tag", "http.request.uri", "xml.cdata", "http.host")
    rooms = [next(t for t in cdata.split(",") if t.startswith("room")) for _, cdata, _ in asked]
    check(len(asked) >= LARGEST and {(a[0], a[2]) for a in asked} == {("/EWS/Exchange.asmx", "mail.example.org")} and
          rooms[-LARGEST:] == [f"room{i % ROOMS + 1:03}@example.com" for i in range(LARGEST)],
          f"{phase}: tshark sees {len(asked)} requests, SOAP, of one room after the other")
    answered = fields(capture, "tcp.srcport == 80 && http.response.code == 200 && xml.tag", "http.content_type", "tcp.len")
    check(len(answered) == len(asked) and {a[0] for a in answered} == {"text/xml; charset=utf-8"},
          f"{phase}: and as many answers")
    for leg in ("client", "server"):
        begun = fields(played.capture(phase, leg), "tcp.flags.syn == 1", "ip.ttl", "tcp.options.timestamp.tsval")
        check(begun and all(b == ["128", ""] for b in begun), f"{phase}, {leg}: who connects, and who answers, is Windows: {begun[:2]}")
    bodies[phase] = [a[1] for a in answered][-LARGEST:]
    held = fields(played.capture(phase, "server"), "tcp.dstport == 80 && tcp.len == 0 && tcp.analysis.ack_rtt > 0.19", "frame.number")
    check(len(held) >= 0.8 * len(asked) if phase == PHASES[1] else not held,
          f"{phase}: {len(held)} acknowledgements of {len(asked)} exchanges come 200 ms late")
check(bodies[PHASES[0]] == bodies[PHASES[1]] == bodies[PHASES[2]], "the same bytes in every phase")
