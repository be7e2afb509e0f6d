#!/usr/bin/env python3
"""The same of a user among others, of one whom a filter keeps waiting, and of one whose calls break off."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all(("vcpu-oversubscription", ("curl", "awk")),
         "virtual-processor-cap",
         "network-filters",
         ("rpc-intermittent-failures", ("python3",)))
