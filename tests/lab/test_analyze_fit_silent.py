#!/usr/bin/env python3
"""A service that hangs behind a kernel that works is fitted, with the share of connections that it leaves without an answer."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from fit_rig import again, check, play  # noqa: E402

fitted = play("relay-silent", "f08", "client", {}, 0.1, "--quick", "--phase", "impaired")
check("refuse: {mode: silent" in fitted.impairments and fitted.value("probability") == 100, fitted.text)
check("server think" not in fitted.rest, fitted.rest)
after = again("f08", fitted, "client", {}, verdict=False)
check("relay-silent" in fitted.matches and "relay-silent" in after.matches, f"{fitted.matches}, again {after.matches}")
