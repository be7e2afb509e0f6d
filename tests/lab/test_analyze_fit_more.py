#!/usr/bin/env python3
"""A scenario fitted to a documented failure's capture shows that failure; of two impairments both are fitted, and what no
impairment makes is told."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from fit_rig import Fitted, again, check, go_round, play, rig  # noqa: E402

# With wedge on the path, whose other leg shows what somebody beyond it sees.
fitted = play("exchange-delayed-ack", "f01", "server", {"timer": 200}, 0.1, "--quick", "--set", "lab.place=path")
shown = subprocess.run(rig.words(rig.ordinary, "show", fitted.path), cwd=rig.folder, text=True, capture_output=True)
check(shown.returncode == 0 and "delayed_ack" in shown.stdout, f"wedge show: {shown.stderr}")
behind = Fitted(rig.path("f01"), "client", rig.path("behind.yaml"))  # there the server pauses, and nobody sees what it waits for
check("[]" in behind.impairments and "paused" in behind.rest, f"{behind.impairments} {behind.rest}")
after = again("f01", fitted, "server", {"timer": 200})
check(fitted.matches[:1] == after.matches[:1] == ["exchange-delayed-ack"], f"{fitted.matches}, again {after.matches}")

fitted = go_round("two", "{latency: {delay: 120ms}}, {cut: {direction: downstream, after: 20000B}}",
                  {"delay": 120, "cut: .*after": 20000}, "client", client="exchanges: 20, per_connection: 4, timeout: 3s",
                  response="[7KB]")

fitted = go_round("rest", "{latency: {delay: 400ms}}, {slicer: {size: 10, gap: 100ms}}", {"delay": 400}, "client",
                  client="exchanges: 4, timeout: 9s", response="[180B]", verdict=False)
check("trickle" not in fitted.impairments and "in drops of a few bytes" in fitted.rest, fitted.rest)
