#!/usr/bin/env python3
"""A scenario's connect_timeout: wedge gives up a silent server when it says, as tshark sees it on the client's leg; where
wedge dials nobody it is refused, with its place."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark")
rig = Rig()

SCENARIO = """
name: connect-timeout
title: A server that is unplugged
source: this test
story: Its cable is out.
lab: {intercept: %s, connect_timeout: 400ms}
server: {app: rpc}
client: {app: rpc, exchanges: 4, per_connection: 1, think: 50ms, timeout: 10s}
siblings: {}
phases:
  baseline: []
  impaired: {impairments: [], steps: [{unplug: server}, {section: out}, {wait: 2s}]}
expect:
  - baseline.client_app.failed == 0
  - impaired:out.client_app.success == 0
"""


def write(mode):
    path = rig.path(f"{mode}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SCENARIO % mode)
    return path


def waits(capture):
    """From the SYN of each connection to its RST."""
    syn = {s: float(t) for s, t in tshark(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0", "tcp.stream",
                                          "frame.time_relative")}
    return [float(t) - syn[s] for s, t in tshark(capture, "tcp.flags.reset == 1 && ip.src == 192.0.2.1", "tcp.stream",
                                                 "frame.time_relative")]


def good(capture):
    return len(waits(capture)) >= 3 and all(0.39 < w < 0.45 for w in waits(capture))


def leg(folder, side):
    return os.path.join(folder, f"impaired-{side}.pcapng")


explicit = write("explicit")
result, _, folder = rig.scenario(rig.ordinary, explicit, out="explicit",
                                 good=lambda r, _: r["verdict"] == "reproduced" and good(leg(rig.path("explicit"), "client")))
check(result["verdict"] == "reproduced", f"{result['verdict']}: {result['why']}")
check(good(leg(folder, "client")), f"each connection is reset after 400 ms: {[round(w, 3) for w in waits(leg(folder, 'client'))]}")
syns = tshark(leg(folder, "server"), "tcp.flags.syn == 1", "tcp.srcport")
check(len(syns) == len(set(map(tuple, syns))), "wedge's kernel asks once: the next SYN would come after 1 s")

for args, says in (([write("forward")], "forward.yaml:6:44: connect_timeout has no effect with intercept forward"),
                   ([explicit, "--intercept", "forward"], "connect_timeout has no effect with intercept forward"),
                   ([explicit, "--set", "lab.connect_timeout=5ms"], "it takes a duration from 10ms to 1h, or 0")):
    p = subprocess.run([os.environ["WEDGE"], "run", *args, "--out", rig.path("never")], capture_output=True, text=True,
                       check=False)
    check(p.returncode == 2 and says in p.stderr and p.stderr.count("\n") == 1, p.stderr.strip())
