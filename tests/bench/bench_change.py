#!/usr/bin/env python3
"""How long a change takes while 1,000 sessions are held: by wedge's own clock and by that of whoever asked. Plays
tests/loopback/test_config_stalled.py."""
import bench_rig

figures = bench_rig.begin(__doc__, isolated=False)

import os
import re
import subprocess
import sys

LINE = re.compile(r"^\S+ +(.*): (gone in less than 10 ms|who asked for it had the answer).*\(([\d. ]+)\)$")
CLOCKS = {"g": "wedge's clock", "w": "the asker's clock"}

removed = {}
for run in range(figures.options.runs):
    played = subprocess.run([sys.executable, os.path.join(bench_rig.SOURCE, "tests/loopback/test_config_stalled.py")],
                            stdout=subprocess.PIPE, text=True, check=False)
    if played.returncode == 77:
        print(played.stdout)
        sys.exit(77)
    print(f"changes at 1,000 held sessions, run {run + 1}")
    measured = [m.groups() for m in map(LINE.match, played.stdout.splitlines()) if m]
    for fault, clock, times in measured:
        times = [float(ms) for ms in times.split()]
        name, own = f"{fault}, {CLOCKS[clock[0]]}", clock[0] == "g"
        figures.show(f"{name}: removed", times[0], "ms", at_most=10 if own else None)
        figures.show(f"{name}: slowest of {len(times)}", max(times), "ms", at_most=10 if own else None)
        removed[name] = min(times[0], removed.get(name, times[0]))
    figures.show("figures that were read", len(measured), "", at_least=6)
    figures.show("the test's claims that failed", played.stdout.count("FAIL "), "", at_most=0)
# The asker's clock has the machine's own stops in it, so its best run counts.
print("changes at 1,000 held sessions, the best of the runs")
for name, best in removed.items():
    figures.show(f"{name}: removed", best, "ms", at_most=10)
figures.finish()
