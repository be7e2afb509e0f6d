#!/usr/bin/env python3
"""F16, refereed by tshark: with each request that hangs the others are answered later by one service time, and
acknowledged at once all along."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import check, reproduce  # noqa: E402

SERVICE = 0.020


def median(values):
    return sorted(values)[len(values) // 2]


played = reproduce("pool-collapse", without=("impaired",))
capture = played.capture("impaired", "client")
steps = next(p for p in played.result["phases"] if p["name"] == "impaired")["steps"]
begun = [(s["at"], s["step"].split()[1]) for s in steps if s["step"].startswith("section")]
wall = [float(r[0]) for r in tshark(capture, "ip.src == 192.0.2.3 && tcp.dstport == 80 && http.request",
                                    "frame.time_relative")]
check(wall, "the healthy host is told apart by its address")
answers = [(float(r[0]) - float(r[1]), float(r[1])) for r in
           tshark(capture, "ip.dst == 192.0.2.3 && tcp.srcport == 80 && http.response", "frame.time_relative",
                  "http.time")]
seen = []
for (start, name), (end, _) in zip(begun, begun[1:]):
    took = [t for at, t in answers if start + 0.05 <= at < end - 0.05]
    if name.startswith("with_"):
        seen.append((int(name[5:]), median(took)))
check(len(seen) == 5 and all(abs(t - SERVICE * (1 + hung)) < 0.01 for hung, t in seen),
      f"each that hangs costs one service time: {seen}")
hung = tshark(capture, "ip.dst == 192.0.2.4 && tcp.srcport == 80 && tcp.len > 0", "frame.time_relative")
cleared = next(at for at, name in begun if name == "cleared")
check(hung and all(float(r[0]) > cleared - 0.1 for r in hung), "who hangs gets not a byte until it is cleared")
acks = [float(r[0]) for r in tshark(capture, "tcp.srcport == 80 && tcp.len == 0 && tcp.analysis.ack_rtt",
                                    "tcp.analysis.ack_rtt")]
check(len(acks) >= 100 and sorted(acks)[len(acks) * 95 // 100] < 0.05, "requests are acknowledged at once")
