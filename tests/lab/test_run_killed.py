#!/usr/bin/env python3
"""kill -9 of a run in the middle of its impaired phase, and Ctrl-C: no process, no namespace, no rule,
no half-written report is left."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proc_tree import marked  # noqa: E402
from run_rig import Rig, check  # noqa: E402

rig = Rig()


def end(user, how):
    mark = f"WEDGE_TEST_MARK={os.getpid()}-{user}-{how}"
    name, value = mark.split("=")
    run = rig.start(user, "run", "--out", rig.path("made/for/it"), "exchange-delayed-ack",
                    env=dict(os.environ, **{name: value}))
    for line in run.stderr:  # the first phase is done, the second runs
        if "baseline" in line and "median" in line:
            break
        if "wedge proxy works" in line:
            print("skipped:", line)
            sys.exit(77)
    time.sleep(0.5)
    check(len(marked(mark)) > 5, f"{user}, {how}: {len(marked(mark))} processes at work")
    run.send_signal(how)
    run.wait(10)
    deadline = time.monotonic() + 2
    while (marked(mark) or os.listdir(rig.folder) != ["wedge"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    check(not marked(mark), f"{user}, {how}: no process is left")
    check(os.listdir(rig.folder) == ["wedge"], f"{user}, {how}: left {os.listdir(rig.folder)}")


for who in rig.users:
    for signum in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        end(who, signum)
