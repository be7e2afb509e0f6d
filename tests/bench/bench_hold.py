#!/usr/bin/env python3
"""How exact a held packet is: delayed_ack of 200 ms at 1,000 held flows, by tshark. Plays tests/lab/test_nfq_hold.py,
which makes its own namespaces."""
import bench_rig

figures = bench_rig.begin(__doc__, isolated=False)

import os
import re
import subprocess
import sys

LINE = re.compile(r"^(one flow|\d+ flows): \d+ holds, error min (\S+) p50 (\S+) p99 (\S+) max (\S+) ms$")

for run in range(figures.options.runs):
    played = subprocess.run([sys.executable, os.path.join(bench_rig.SOURCE, "tests/lab/test_nfq_hold.py")],
                            stdout=subprocess.PIPE, text=True, check=False)
    if played.returncode == 77:
        print(played.stdout)
        sys.exit(77)
    who = "?"
    for line in played.stdout.splitlines():
        found = LINE.match(line)
        if line.startswith("-- "):
            who = line[3:]
            print(f"hold of 200 ms as {who}, run {run + 1}")
        elif found:
            what, least, p50, p99, most = found.group(1), *map(float, found.groups()[1:])
            figures.show(f"{what}: least error", least, "ms", at_least=0)
            figures.show(f"{what}: p50 error", p50, "ms", at_most=1 if what == "one flow" else 0.5)
            figures.show(f"{what}: p99 error", p99, "ms")
            figures.show(f"{what}: largest error", most, "ms")
        elif line.startswith("note"):
            print("  " + line)
    figures.show("the test's other claims that failed", played.returncode, "", at_most=0)
figures.finish()
