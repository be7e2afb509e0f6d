#!/usr/bin/env python3
"""Bad input: one line that says what and where and what would be accepted, exit 2, nothing left."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check  # noqa: E402

rig = Rig()
GOOD = """name: x
title: t
source: s
story: s
server: {app: rpc}
client: {app: rpc, exchanges: 1}
phases:
  baseline: []
  impaired: [{delayed_ack: {timer: 200ms}}]
expect:
  - impaired.client_app.failed == 0
"""


def write(name, text):
    with open(rig.path(name), "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return rig.path(name)


def refused(words, *needles):
    before = sorted(os.listdir(rig.folder))
    status, out, err = rig.run(rig.ordinary, "run", *words)
    line = err.strip()
    check(status == 2 and not out and "\n" not in line, f"{words}: exit {status}, '{line}'")
    for needle in needles:
        check(needle in line, f"    says '{needle}'")
    check(sorted(os.listdir(rig.folder)) == before, "    leaves nothing")


refused(["exchange-delayed-akc"], "exchange-delayed-ack")
refused([write("key.yaml", GOOD.replace("exchanges", "exchangse"))], "key.yaml:6:", "exchanges")
refused([write("top.yaml", GOOD.replace("story", "storry"))], "top.yaml:4:1", "story")
refused([write("unit.yaml", GOOD.replace("200ms", "200"))], "unit.yaml:9:", "ms")
refused([write("range.yaml", GOOD.replace("200ms", "3h"))], "range.yaml:9:", "10s")
refused([write("kind.yaml", GOOD.replace("delayed_ack", "delayed_akc"))], "kind.yaml:9:", "delayed_ack")
refused([write("vantage.yaml", GOOD.replace("client_app.failed", "failed"))], "vantage.yaml:11:",
        "client_app")
refused([write("binary.yaml", bytes(range(256)))], "binary.yaml")
refused([write("empty.yaml", "")], "empty.yaml")
refused([write("torn.yaml", GOOD[:-40] + "[{")], "torn.yaml:")
refused([rig.path("absent.yaml")], "absent.yaml")
refused(["exchange-delayed-ack", "--out", "/proc/nothing"], "/proc/nothing")
refused(["exchange-delayed-ack", "--out", "/etc"], "/etc")
refused(["exchange-delayed-ack", "--phase", "impared"], "impaired")
refused(["exchange-delayed-ack", "--set", "impaired.delayed_ack.timer=0ms"], "1us")
refused(["exchange-delayed-ack", "--set", "nonsense"], "nonsense")
refused(["exchange-delayed-ack", "--seed", "-1"], "--seed")
refused(["exchange-delayed-ack", "--frobnicate"], "--frobnicate")
refused([])
