#!/usr/bin/env python3
"""Scenarios fitted to captures of one impairment make that capture again: those of one connection's bytes."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from fit_rig import go_round  # noqa: E402

PINS = "lab: {quickack: on, rto_min: 400ms, tail_loss_probe: off}"
go_round("delayed_ack", "{delayed_ack: {direction: downstream, timer: 130ms, every: 2}}", {"timer": 130}, "server", lab=PINS)
go_round("stall", "{stall: {direction: downstream, after: 30000B, side: write}}", {"after": 30000}, "client",
         client="exchanges: 4, per_connection: 1, connections: 4, timeout: 7s", response="[100KB]")
go_round("cut", "{cut: {direction: downstream, after: 20000B}}", {"after": 20000}, "client",
         client="exchanges: 20, per_connection: 1, think: 20ms, timeout: 3s", response="[60KB]")
go_round("loss", "{loss: {direction: downstream, rate: 3%}}", {"rate": 3}, "client",
         client="exchanges: 120, think: 5ms", response="[200KB]", verdict=False)  # whether a repair takes 20 ms is chance: the rate is the verdict
go_round("bandwidth", "{bandwidth: {direction: downstream, rate: 2MB/s}}", {"rate": 2000000}, "client",
         client="exchanges: 8, think: 20ms", response="[400KB]", verdict=False)  # nothing stands still: the rate is the verdict
