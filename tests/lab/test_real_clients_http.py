#!/usr/bin/env python3
"""curl says, returns and takes in each scenario that it feels what the scenario's page tells."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all("exchange-delayed-ack",
         "exchange-scheduling-assistant",
         "exchange-selective-inspection",
         "measured-at-one-end",
         "mapi-session-limit")
