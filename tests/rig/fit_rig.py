"""fit_rig - capture, scenario, capture: a run with impairments, a scenario made of its capture by wedge analyze --fit, a run of
that one. The fitted parameters are within 10 % of those that were set, and the second capture has the first one's verdict."""
import json
import os
import re
import subprocess

from run_rig import Rig, check, need, tshark

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
siblings: {{}}
phases:
  baseline: []
  impaired: [{impairments}]
expect:
  - baseline.client_app.failed == 0
"""


class Fitted:
    """What analyze says of a run's capture, and the scenario that it makes of it."""

    def __init__(self, folder, leg, path):
        self.capture, self.path = os.path.join(folder, f"impaired-{leg}.pcapng"), path
        p = subprocess.run(rig.words(rig.ordinary, "analyze", "--json", "--fit", path, self.capture), cwd=rig.folder, text=True,
                           capture_output=True)
        check(p.returncode == 0, f"wedge analyze {p.stderr.strip()}")
        page = json.loads(p.stdout)
        self.causes = [c["cause"] for c in page["causes"] if c["lost"]]
        self.findings = [f["finding"] for f in page["findings"]]
        self.matches = [m["scenario"] for m in page["matches"] if m["kind"] == "fits"]
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.impairments, _, self.rest = self.text[self.text.index("impaired:"):].partition("expect:")

    def value(self, name):
        """Of that parameter; None: it isn't there."""
        found = re.search(r"\b%s: ([\d.]+)" % name, self.impairments)
        return float(found[1]) if found else None

    def near(self, parameters, share):
        values = {name: self.value(name) for name in parameters}
        return all(v is not None and abs(v - parameters[k]) <= share * parameters[k] for k, v in values.items())

    def verdict(self):
        """Causes by the time that they cost, then what became of whole connections."""
        return self.causes[:1] + self.findings

    def check_frames(self, label):
        frames = [n for line in re.findall(r"# .*frames?((?:,? \d+)+)$", self.text, re.M) for n in re.findall(r"\d+", line)]
        seen = tshark(self.capture, "frame.number in {%s}" % ",".join(frames or ["0"]))
        check(frames and len(seen) == len(set(frames)), f"{label}: frames {frames}")


def play(scenario, out, leg, parameters, share, *options):
    """The fitted scenario of a run's capture. Beside others' load a lab has no rate of its own."""
    path = rig.path(f"{out}-fitted.yaml")
    _, _, folder = rig.scenario(rig.ordinary, scenario, *options, out=out,
                                good=lambda *_: Fitted(rig.path(out), leg, path).near(parameters, share))
    fitted = Fitted(folder, leg, path)
    values = {name: fitted.value(name) for name in parameters}
    check(fitted.near(parameters, share), f"{out}: {values} of {parameters}, within {share:.0%}")
    fitted.check_frames(out)
    return fitted


def again(label, fitted, leg, parameters, verdict=True):
    """Runs the fitted scenario, and reads its capture in turn."""
    after = play(fitted.path, label + "-again", leg, parameters, 0.15)
    same = set(fitted.verdict()) & set(after.verdict())
    check(same or not verdict, f"{label}: {fitted.verdict()}, again {after.verdict()}")
    return after


def go_round(label, impairments, parameters, leg, client="exchanges: 30, think: 20ms", response="[180B, 220B]", lab="", verdict=True):
    """The scenario that was fitted to the run with these impairments, which has been run, too."""
    path = rig.path(f"{label}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD.format(lab=lab, response=response, client=client, impairments=impairments))
    fitted = play(path, label, leg, parameters, 0.1)
    again(label, fitted, leg, parameters, verdict)
    return fitted
