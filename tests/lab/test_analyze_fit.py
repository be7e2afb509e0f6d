#!/usr/bin/env python3
"""Capture, scenario, capture: a run with one impairment, a scenario made of its capture by wedge analyze --fit, a run of that
one. The fitted parameter is within 10 % of the one that was set, and the second capture has the first one's verdict."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark")
rig = Rig()

HEAD = """
name: loop
title: Loop
source: this test
story: It goes round.
{lab}
server: {{app: rpc, port: 80, response: {response}}}
client: {{app: rpc, {client}}}
phases:
  baseline: []
  impaired: [{impairment}]
expect:
  - baseline.client_app.failed == 0
"""


def analyze(capture, *options):
    p = subprocess.run(rig.words(rig.ordinary, "analyze", *options, capture), cwd=rig.folder, text=True, capture_output=True)
    check(p.returncode == 0, f"wedge analyze {p.stderr.strip()}")
    return p.stdout


def causes(page):
    """The causes whose time was lost, most first."""
    return re.findall(r"^ +\d+ .*(?:client|server|path) +(\S.*)$", page, re.M)


def fit(folder, leg, fitted, name):
    """(page, scenario, value of that parameter in it or None) of a run's capture."""
    page = analyze(os.path.join(folder, f"impaired-{leg}.pcapng"), "--fit", fitted)
    with open(fitted, encoding="utf-8") as f:
        text = f.read()
    found = re.search(r"\b%s: ([\d.]+)" % name, text[text.index("impaired:"):])
    return page, text, float(found[1]) if found else None


def go_round(label, impairment, parameter, leg, client="exchanges: 30, think: 20ms", response="[180B, 220B]", lab="", verdicts=1):
    name, wanted = parameter
    path, fitted = rig.path(f"{label}.yaml"), rig.path(f"{label}-fitted.yaml")

    def is_near(value, share=0.1):
        return value is not None and abs(value - wanted) <= share * wanted

    def play(scenario, out, share):
        # Beside others' load a lab has no rate of its own.
        _, _, folder = rig.scenario(rig.ordinary, scenario, out=out,
                                    good=lambda *_: is_near(fit(rig.path(out), leg, rig.path("tried.yaml"), name)[2], share))
        return folder, *fit(folder, leg, fitted, name)

    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD.format(lab=lab, response=response, client=client, impairment=impairment))
    folder, before, text, value = play(path, label, 0.1)
    check(is_near(value), f"{label}: {name} {value}, of {wanted}")
    frames = [n for line in re.findall(r"# .*frames?((?:,? \d+)+)$", text, re.M) for n in re.findall(r"\d+", line)]
    seen = tshark(os.path.join(folder, f"impaired-{leg}.pcapng"), "frame.number in {%s}" % ",".join(frames or ["0"]))
    check(frames and len(seen) == len(set(frames)), f"{label}: frames {frames}")
    _, after, _, value = play(fitted, label + "-again", 0.15)
    same = set(causes(before)[:verdicts]) & set(causes(after)[:verdicts])
    check(same or not verdicts, f"{label}: {causes(before)}, again {causes(after)}")
    check(is_near(value, 0.15), f"{label}: and read once more {value}")


PINS = "lab: {quickack: on, rto_min: 400ms, tail_loss_probe: off}"
go_round("delayed_ack", "{delayed_ack: {direction: downstream, timer: 130ms, every: 2}}", ("timer", 130), "server", lab=PINS)
go_round("stall", "{stall: {direction: downstream, after: 30000B, side: write}}", ("after", 30000), "client",
         client="exchanges: 4, per_connection: 1, connections: 4, timeout: 7s", response="[100KB]")
go_round("cut", "{cut: {direction: downstream, after: 20000B}}", ("after", 20000), "client",
         client="exchanges: 20, per_connection: 1, think: 20ms, timeout: 3s", response="[60KB]")
go_round("loss", "{loss: {direction: downstream, rate: 3%}}", ("rate", 3), "client",
         client="exchanges: 120, think: 5ms", response="[200KB]", verdicts=0)  # whether a repair takes 20 ms is chance: the rate is the verdict
go_round("bandwidth", "{bandwidth: {direction: downstream, rate: 2MB/s}}", ("rate", 2000000), "client",
         client="exchanges: 8, think: 20ms", response="[400KB]", verdicts=0)  # nothing stands still: the rate is the verdict
