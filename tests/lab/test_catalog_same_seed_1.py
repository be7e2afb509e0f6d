#!/usr/bin/env python3
"""Share 1 of 6 of the catalogue: one seed, one run (tests/rig/same_seed_rig.py).
MANY LABS: two runs of each of four scenarios, three at a time."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, need  # noqa: E402
from same_seed_rig import check_share  # noqa: E402

need("tshark", "setpriv")
check_share(Rig(), 0, 6)
