#!/usr/bin/env python3
"""Who asks a media relay, or calls, is told what the pages of these scenarios tell."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from real_clients import play_all  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
play_all(("long-post-dial-delay", ("python3-aioice",)))
