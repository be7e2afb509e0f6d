#!/usr/bin/env python3
"""The real program of each scenario whose protocol stays HTTP says, returns and takes what its page tells."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all("exchange-delayed-ack", "measured-at-one-end", "mapi-session-limit")
