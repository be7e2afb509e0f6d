#!/usr/bin/env python3
"""Cells that are played at once don't disturb each other: the whole HTTP card of a client tells the same detection times as
cells that are played one by one, within 5 % or 0.1 s; and it takes less than the limit and 30 s. ALONE: times are compared."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from noise import unspoilt  # noqa: E402
from run_rig import Rig, check, need  # noqa: E402

need("curl")
rig = Rig()
LIMIT = 10
SERIAL = "T01,T02,T04,T10,T13,T14,T15,T20"


def play(*options):
    """{(id, variant): (grade, seconds)}, and the card's time."""
    begun = time.monotonic()
    p = subprocess.run(rig.words(rig.ordinary, "check", "--json", "--limit", f"{LIMIT}s", *options, "--", "curl", "-sS", "--max-time", "3",
                                 "{url}"), cwd=rig.folder, text=True, capture_output=True, timeout=200, check=False)
    check(p.returncode == 0, f"the card is complete {p.stderr}")
    return ({(c["id"], r["variant"]): (r["grade"], r["seconds"])
             for c in json.loads(p.stdout)["cells"] for r in c.get("runs", [])},
            time.monotonic() - begun)


def measure():
    (parallel, took), (serial, _) = play(), play("--jobs", "1", "--only", SERIAL)
    return parallel, serial, took


def agrees(a, b):
    return abs(a - b) <= max(0.1, 0.05 * b)


def is_good(measured):
    parallel, serial, _ = measured
    return all(agrees(parallel[cell][1], seconds) for cell, (_, seconds) in serial.items())


parallel, serial, took = unspoilt(measure, is_good)
for cell, (grade, seconds) in serial.items():
    check(parallel[cell][0] == grade, f"{' '.join(cell)}: {grade} at once as well")
    check(agrees(parallel[cell][1], seconds), f"{' '.join(cell)}: {seconds:.3f} s alone, {parallel[cell][1]:.3f} s at once")
check(took < LIMIT + 30, f"the whole card takes {took:.1f} s")
