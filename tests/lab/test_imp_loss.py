#!/usr/bin/env python3
"""What loss takes is missing on the wire and nothing else is; what it spoils is dropped by the
receiver's own TCP; the tails of fast bursts go, small exchanges don't."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import Play, cases, check, pair  # noqa: E402

BULK = {"app": "rpc", "response": ["180B", "600000B"]}
THREE = {"app": "rpc", "exchanges": 3}

# Fetches once and tells how many segments with a wrong checksum this host's TCP has seen.
FETCH = """
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
got = 0
while chunk := s.recv(65536):
    got += len(chunk)
names, values = [l.split() for l in open("/proc/net/snmp") if l.startswith("Tcp:")]
print(got, values[names.index("InCsumErrors")])
"""


def every_nth_is_missing(user, mode):
    play = Play(user, mode, {"loss": {"mode": "nth", "n": 10}}, server=BULK, client=THREE)
    lost = play.journal("segment_lost")
    check(play.metric("client_app.completed") == 3, "all exchanges are completed")
    check(len(lost) > 100, f"{len(lost)} segments lost")
    arrived = {p.seq for p in play.data("client", False)}
    check(all(e["seq"] in arrived for e in lost), "what was lost was sent again")
    if mode == "explicit":
        again = [p for p in play.data("server", False, "tcp.analysis.retransmission") if p.more[0]]
        check(not again, "the other leg knows nothing of it")
        return
    pairs = pair(play.data("server", False), play.data("client", False))
    missing = [i for i, (_, went) in enumerate(pairs, 1) if not went]
    check(missing == list(range(10, len(pairs) + 1, 10)) and len(missing) == len(lost),
          f"exactly every tenth of {len(pairs)} data segments is missing")


def spoilt_segments_are_dropped_by_the_receiver(user, mode):
    play = Play(user, mode, {"loss": {"mode": "nth", "n": 20, "checksum": True}}, server=BULK,
                client={"command": ["python3", "-c", FETCH, "{host}", "{port}"]})
    spoilt = len(play.journal("segment_spoilt"))
    bad = sum(p.more[0] == "0" for p in play.data("client", False, "tcp.checksum.status"))
    got, errors = map(int, play.text("client").split())
    check(got == 600180, f"{got} bytes arrived")
    check(20 <= spoilt == bad == errors,
          f"{spoilt} spoilt, {bad} with a wrong checksum on the wire, {errors} dropped by TCP")


def tails_of_bursts_go_and_small_exchanges_stay(user, mode):
    fault = {"loss": {"mode": "tail", "above_rate": "100Mbit/s", "over": "1ms", "buffer": 4}}
    play = Play(user, mode, fault, server={"app": "rpc", "response": ["180B", "200000B"]},
                client={"app": "rpc", "exchanges": 3, "per_connection": 1})
    lost = len(play.journal("segment_lost"))
    took = play.metric("client_app.total")
    check(lost > 0 and play.metric("client_app.completed") == 3, f"{lost} segments of bursts lost")
    check(took > 0.2, f"three times 200 kB took {took:.2f} s: timeouts")
    play = Play(user, mode, fault, client={"app": "rpc", "exchanges": 50, "think": "2ms"})
    check(not play.journal("segment_lost"), "small exchanges lose nothing")


for case in cases():
    every_nth_is_missing(*case)
    spoilt_segments_are_dropped_by_the_receiver(*case)
    tails_of_bursts_go_and_small_exchanges_stay(*case)
