#!/usr/bin/env python3
"""What a run says about a host that stands still is what tshark's fields say about its captures; the
functions of chance and order are judged in it."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import gap_referee  # noqa: E402
from run_rig import Rig, check, need  # noqa: E402

need("tshark")
rig = Rig()
DUMP = os.environ.get("ANALYSIS_DUMP", os.path.join(os.environ["BINARY_DIR"], "tests/analysis_dump"))

SCENARIO = """
name: standstill
title: A host that stands still
source: this test
story: All connections wait at once.
server: {app: rpc, port: 5060, response: [180B, 220B]}
client: {app: rpc, exchanges: 1000, connections: 5, request: 512B, think: 1ms}
siblings: {}
phases:
  baseline: []
  impaired: [{freeze: {run: 30ms, pause: 30ms}}]
expect:
  - impaired.client_wire.silence_together_share >= 90%
  - impaired.client_wire.server.silence_together.p50 between 20ms and 45ms
  - baseline.client_wire.silence_together.count <= 5
  - impaired.client_wire.throughput.p50 < baseline.client_wire.throughput.p50
  - impaired.client_app.failed between binomial_low(0%, 1000) and binomial_high(0%, 1000)
  - impaired.client_app.episodes == 0
"""

with open(rig.path("standstill.yaml"), "w", encoding="utf-8") as f:
    f.write(SCENARIO)
result, status, folder = rig.scenario(rig.ordinary, "./standstill.yaml", out="report",
                                      good=lambda result, status: status == 0)
for e in result["expectations"]:
    print("    ", e["text"], "|", e["measured"])
check(status == 0, "a standstill is reproduced")
for phase in result["phases"]:
    for leg in ("client", "server"):
        path = os.path.join(folder, f"{phase['name']}-{leg}.pcapng")
        dump = subprocess.run([DUMP, path], check=True, capture_output=True, text=True).stdout
        agreed = gap_referee.judge(path, json.loads(dump)["metrics"])
        check(agreed > 1000, f"{phase['name']}, {leg} leg: {agreed} values are tshark's")
        theirs = gap_referee.measure(path)
        for name, scale in (("host_silence", 1e9), ("server_silence", 1e9), ("throughput", 1)):
            key = f"{leg}_wire.{name}" + ("" if name == "server_silence" else ".max")
            ours = phase["metrics"].get(key)
            want = max(theirs[name]) / scale if theirs[name] else None
            check(ours == want or abs(ours - want) <= 1e-9 * max(1, want),
                  f"{phase['name']}: {key} is {ours}, by tshark {want}")
