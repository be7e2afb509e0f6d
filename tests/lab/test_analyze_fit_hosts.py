#!/usr/bin/env python3
"""Scenarios fitted to captures of what many connections have in common make those captures again: a limit, a host that stands
still, one that is gone."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from fit_rig import check, go_round  # noqa: E402

for deny, key in (("close", "client"), ("refused", "client")):
    fitted = go_round(f"limit-{deny}", f"{{connection_limit: {{limit: 6, deny: {deny}, key: {key}}}}}", {"limit": 6}, "client",
                      client="exchanges: 150, connections: 10, think: 20ms", response="[300B]")
    denies = ("close", "reset") if deny == "close" else (deny,)  # who hasn't read all resets when he closes
    check("connection-limit" in fitted.findings and any(f"deny: {d}" in fitted.impairments for d in denies),
          f"{deny}: {fitted.findings} {fitted.impairments}")

fitted = go_round("freeze", "{freeze: {run: 60ms, pause: 80ms}}", {"pause": 80, "run": 60}, "client",
                  client="exchanges: 600, connections: 5, think: 4ms, think_varies: 90%", response="[300B]")
check(fitted.causes[0] == "host-freeze" and "latency" not in fitted.impairments, f"{fitted.causes} {fitted.impairments}")

fitted = go_round("vanish", "{vanish: {after: 40000B}}", {"after": 40000}, "client",
                  client="exchanges: 24, connections: 4, per_connection: 8, think: 20ms, timeout: 2s", response="[9KB]")
check("stall" not in fitted.impairments and "loss" not in fitted.impairments, fitted.impairments)
