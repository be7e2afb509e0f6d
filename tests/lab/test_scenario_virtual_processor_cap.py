#!/usr/bin/env python3
"""F06, refereed by tshark: answers come at a quarter of the host's rate whatever is offered, those who ask alone don't notice, and
every request is acknowledged at once, at both ends."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import check, reproduce  # noqa: E402

REQUESTS = 120
SERVICE = 0.010


def median(values):
    return sorted(values)[len(values) // 2]


def rate(played, phase, clients, end):
    """Answers in a second, from the first request to the last answer."""
    capture = played.capture(f"{phase}@{clients}", end)
    rows = tshark(capture, "tcp.port == 80 && (http.request || http.response)", "tcp.dstport", "frame.time_relative")
    asked, came = ([float(at) for port, at in rows if (port == "80") == up] for up in (True, False))
    check(len(asked) == len(came) == REQUESTS, f"{phase}, {clients} clients, at the {end}: {len(came)} answers")
    return REQUESTS / (came[-1] - asked[0])


played = reproduce("virtual-processor-cap", without=("impaired",), in_turn=True)
for end in ("client", "server"):
    whole = rate(played, "baseline", 8, end)
    check(0.85 * 4 / SERVICE < whole < 1.02 * 4 / SERVICE, f"four processors do {whole:.0f} a second")
    capped = [rate(played, "impaired", clients, end) / whole for clients in (2, 4, 8)]
    check(all(0.22 <= share <= 0.28 for share in capped), f"one does a quarter, whatever is offered: {capped}")
    half = rate(played, "two_processors", 8, end) / whole
    check(0.46 <= half <= 0.54, f"two do a half: {half:.3f}")
    alone = [median([float(r[0]) for r in tshark(played.capture(f"{phase}@1", end), "tcp.srcport == 80 && http.time", "http.time")])
             for phase in ("baseline", "impaired")]
    check(abs(alone[1] - alone[0]) < 0.002, f"who asks alone doesn't notice: {alone}")
    acks = sorted(float(r[0]) for r in tshark(played.capture("impaired@8", end),
                                              "tcp.srcport == 80 && tcp.len == 0 && tcp.analysis.ack_rtt", "tcp.analysis.ack_rtt"))
    check(len(acks) >= REQUESTS * 0.8 and acks[len(acks) * 95 // 100] < 0.05, f"{len(acks)} requests are acknowledged at once")
ours = played.metric("impaired@8", "client_app.response.p50")
theirs = median([float(r[0]) for r in tshark(played.capture("impaired@8", "client"), "tcp.srcport == 80 && http.time", "http.time")])
check(abs(ours - theirs) < 0.003, f"the verdict's median is tshark's: {ours:.4f} {theirs:.4f}")
