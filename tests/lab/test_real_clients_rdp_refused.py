#!/usr/bin/env python3
"""FreeRDP, connecting to xrdp, says, returns and takes what the page of F21 tells."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all(("rdp-random-refusal", ("xfreerdp", "xvfb-run", "xrdp", "openssl")))
