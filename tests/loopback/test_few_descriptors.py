#!/usr/bin/env python3
"""With too few descriptors a command ends at once, in one line that tells how many it needs; with
that many it works. The programs' limit is the kernel's (RLIMIT_NOFILE)."""
import os
import re
import resource
import subprocess
import tempfile

WEDGE = os.environ["WEDGE"]
COMMANDS = (("proxy", 2, ["--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9"]),
            ("exec", 125, ["--", "true"]),
            ("run", 2, ["--quick", "exchange-delayed-ack"]))


def check(what, ok, said=""):
    assert ok, (what, said)
    print("ok  ", what)


def limited(limit, *args):
    """Status and what was written by wedge with so many descriptors in all."""
    with tempfile.TemporaryDirectory() as folder:
        p = subprocess.run([WEDGE, *args], capture_output=True, text=True, timeout=20, cwd=folder, stdin=subprocess.DEVNULL,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        check(f"nothing left by {args[0]}", not os.listdir(folder))
    return p.returncode, p.stdout, p.stderr


for command, status, args in COMMANDS:
    for limit in (4, 5, 6, 7, 8, 9, 10, 12, 16):
        said = limited(limit, command, *args)
        check(f"{command} with {limit} descriptors: one line, status {status}",
              said[0] == status and not said[1] and said[2].count("\n") == 1 and "descriptors can be opened" in said[2], said)
for command in ("list", "impairments"):
    check(f"{command} needs no more", limited(6, command)[0] == 0)
# What the line names is enough.
enough = int(re.search(r"'ulimit -n (\d+)' or more", limited(8, "proxy", *COMMANDS[0][2])[2]).group(1))
said = limited(enough, "proxy", "--listen", "192.0.2.1:1", "--upstream", "127.0.0.1:9")
check("with as many as it names proxy gets as far as its place", "can't listen on 192.0.2.1:1" in said[2], said)
