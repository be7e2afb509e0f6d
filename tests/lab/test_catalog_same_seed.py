#!/usr/bin/env python3
"""Every scenario of the catalogue plays twice with one seed and has the same journal: by reproduce() in a test of its own, or here,
where its captures are read, too, for what gives the lab away. MANY LABS: two runs of each, all at once."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import same_seed_rig  # noqa: E402
import scenario_lint  # noqa: E402
from run_rig import Rig, check, need  # noqa: E402
from scenario_rig import side_by_side  # noqa: E402

need("tshark", "setpriv")
rig = Rig()
names = same_seed_rig.played_nowhere()
check({"exchange-delayed-ack", "exchange-selective-inspection"} <= set(names) and len(names) < 6, f"only here: {names}")
folders = side_by_side(*[lambda name=name, n=n: same_seed_rig.play(rig, name, 77, f"{name}-{n}") for name in names for n in (1, 2)])
for name, one, two in zip(names, folders[::2], folders[1::2]):
    n, found = same_seed_rig.differences(name, one, two)
    check(n and not found, f"{name}: {n} connections have the same journal twice {found[:3]}")
    # Several labs at a time: whoever waits for a processor begins with the others that do.
    scenario_lint.lint_folder(one, steps=False)
    same_seed_rig.check_words(one, name)
