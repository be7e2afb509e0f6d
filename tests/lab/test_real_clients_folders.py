#!/usr/bin/env python3
"""The same of curl and wget where lists of folders stop, and where their server is full or dies."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all("sync-dies-mid-stream",
         ("reads-pending", ("wget",)),
         "pool-collapse",
         "worker-process-crash")
