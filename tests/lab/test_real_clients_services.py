#!/usr/bin/env python3
"""The same where a service hangs, does not close, or is gone with its host."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all(("relay-silent", ("python3-aioice",)),
         ("relay-episodes", ("python3-aioice",)),
         ("edge-pool-gray-failure", ("python3-aioice",)),
         ("service-stuck-stopping", ("python3",)),
         ("server-crash-reboot", ("curl",)))
