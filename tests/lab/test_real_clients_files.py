#!/usr/bin/env python3
"""smbclient and git say, return and take in each scenario that they feel what its page tells."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all(("vista-throughput", ("smbclient", "smbd")),
         ("gigabit-collapse", ("smbclient", "smbd")),
         ("driver-bad-data", ("git", "python3")))
