#!/usr/bin/env python3
"""Nothing outlives a test: tests/rig/subreaper.py passes a command's exit status on; names and removes what the command
leaves, be it a daemon without an environment, a file or a packet rule; and removes everything when somebody kills it."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SUBREAPER = os.path.join(os.environ["SOURCE_DIR"], "tests/rig/subreaper.py")
SLEEP = f"{os.getpid()}00000"  # seconds; a run is known by what it adds to them
DAEMON = "(setsid env -i sh -c 'sleep {0}; true' &)"
failures = []

# What a command leaves: its text, and the words that must name it.
LEFT = {
    "a child": ("sleep {0} &", " of sh: sleep {0}"),
    "a daemon without an environment": (DAEMON, "sh -c sleep {0}; true"),
    "a file": ("echo >$TMPDIR/left-file", "left file"),
    "what the first try leaves of two": (SUBREAPER + " sh -c 'sleep {0} &'; true", "sh: sh has left process"),
    "what a killed subreaper leaves": (SUBREAPER + " sh -c 'kill -9 $PPID; sleep {0}'; true", " of sh: sleep {0}"),
}
RULES = "nft 'add table inet wedge-1; add table inet wedge-1-end'", "rules of the wedge 1 "
ENDLESS = "sleep {0} & " + DAEMON + "; echo >$TMPDIR/file; wait"


def check(what, ok, detail=""):
    print("ok  " if ok else "FAIL", what, "" if ok else detail, flush=True)
    if not ok:
        failures.append(what)


class Run:
    """The subreaper at work. Nothing but its temporary folder is in self.folder."""

    number = 0

    def __init__(self, text, before=()):
        Run.number += 1
        self.mark = str(int(SLEEP) + Run.number)
        self.folder = tempfile.mkdtemp()
        env = dict(os.environ, TMPDIR=self.folder)
        env.pop("WEDGE_LEFT_BEHIND", None)  # what is left on purpose is no finding about this test
        self.p = subprocess.Popen([*before, SUBREAPER, "sh", "-c", text.format(self.mark)], stdout=subprocess.PIPE, text=True,
                                  env=env)

    def ended(self, what, status, words=""):
        said = self.p.communicate(timeout=50)[0]
        check(what, self.p.returncode == status and words.format(self.mark) in said, f"{self.p.returncode}: {said}")
        check(f"{what}: nothing is there any more", self.nothing(), f"{self.sleepers()} {os.listdir(self.folder)}")
        shutil.rmtree(self.folder)

    def sleepers(self):
        lines = subprocess.run(["ps", "-eo", "pid=,comm=,args="], capture_output=True, text=True, check=True).stdout
        return [words[0] for words in map(str.split, lines.splitlines()) if words[1] == "sleep" and self.mark in words]

    def nothing(self):
        return not self.sleepers() and not os.listdir(self.folder)


def wait_for(condition):
    until = time.monotonic() + 10
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return value


def main():
    for status in (0, 3, 77):
        Run(f"exit {status}").ended(f"exit {status}", status)
    Run("kill -9 $$").ended("a command that a signal ends", 1, "sh: ended by SIGKILL")

    # Side by side: each waits for what may still end by itself.
    runs = [(Run(text), what, words) for what, (text, words) in LEFT.items()]
    if os.geteuid() == 0 and subprocess.run(["unshare", "--net", "nft", "list", "tables"], check=False).returncode == 0:
        runs.append((Run(RULES[0], before=["unshare", "--net"]), "rules", RULES[1]))
    for run, what, words in runs:
        run.ended(what, 1, words)

    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        run = Run(ENDLESS)
        check("the command is at work", wait_for(lambda run=run: len(run.sleepers()) == 2))
        run.p.send_signal(number)
        wait_for(run.nothing)
        run.ended(number.name, -number)
    return 1 if failures else 0


sys.exit(main())
