"""What wedge analyze makes of the lab's captures: the causes and findings of each, by their keys; the same, or nothing, of worse
captures of the same traffic."""
import os
import subprocess

import worse_captures
from imp_lab import Lab, check
from noise import unspoilt

DUMP = os.environ.get("DIAGNOSIS_DUMP", os.path.join(os.environ["BINARY_DIR"], "tests/diagnosis_dump"))
UNTOLD = {"unknown", "idle-or-stalled"}
lab = Lab()


class Diagnosis:
    def __init__(self, capture):
        rows = [l.split("\t") for l in subprocess.run([DUMP, capture], capture_output=True, text=True,
                                                      check=True).stdout.splitlines()]
        self.causes = {r[1]: (int(r[2]), float(r[3]), float(r[4]), r[6]) for r in rows if r[0] == "cause"}
        self.lost = [r[1] for r in rows if r[0] == "cause" and r[5] == "1"]
        self.findings = {r[1]: (int(r[2]), int(r[3]), r[4]) for r in rows if r[0] == "finding"}

    def __str__(self):
        return f"{self.causes} {self.findings}"


def near(value, meant, share):
    return (1 - share) * meant <= value <= (1 + share) * meant


def check_parts(label, capture, whole):
    """The same causes, or none; never another."""
    for part, path in worse_captures.write_all(capture).items():
        d = Diagnosis(path)
        others = set(d.causes) - set(whole.causes) - UNTOLD
        check(not others and not set(d.findings) - set(whole.findings),
              f"{label}, {part}: no other cause than of the whole {others}: {d}")


def baseline(capture):
    return Diagnosis(capture.replace("impaired-", "baseline-"))


def lost_no_time(d):
    return not d.lost and not d.findings


def play_both(label, kind, parameters, body, mode="explicit", good=lambda client, server: True):
    """The diagnoses of the impaired phase at the client's leg and the server's, of another run if they aren't good and others
    had the machine; the baselines' are checked, and worse captures."""
    def once():
        return lab.both(lab.ordinary, mode, label, kind, parameters, body)

    captures = unspoilt(once, lambda both: good(*map(Diagnosis, both)) and all(lost_no_time(baseline(c)) for c in both))
    legs = []
    for leg, capture in zip(("client", "server"), captures):
        healthy = baseline(capture)
        check(lost_no_time(healthy), f"{label}, {leg}: the baseline lost no time: {healthy}")
        legs.append(Diagnosis(capture))
        check_parts(f"{label}, {leg}", capture, legs[-1])
    return legs


def play(label, kind, parameters, body, leg="client", mode="explicit", good=lambda d: True):
    """As play_both, of one leg."""
    number = leg == "server"
    return play_both(label, kind, parameters, body, mode, lambda *both: good(both[number]))[number]


def names(label, cause, seconds, played, share=0.05):
    """Plays what play() takes; the cause is named, with its figure. (How many such waits, the other causes, the diagnosis)"""
    def figure(d):
        return d.causes.get(cause, (0, 0, 0, ""))[1]  # the median

    d = play(*played, good=lambda d: near(figure(d), seconds, share))
    check(near(figure(d), seconds, share), f"{label}: {cause}, {figure(d):.3f} s for {seconds} s: {d}")
    return d.causes[cause][0], [c for c in d.lost if c != cause], d
