#!/usr/bin/env python3
"""A program of the user's in a role: what it prints is counted and kept up to a bound, what it writes is bounded, and
nothing of it is left afterwards, whatever it does about signals, sessions and parents. Nothing else but its own role ends
it here: there is no PID namespace."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import check, need  # noqa: E402

need("python3", "pgrep")
RUN = os.path.join(os.environ["BINARY_DIR"], "tests/workload_run")
MIB = 1 << 20
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)


def play(*words, **values):
    """Its result, and how long it took."""
    begun = time.time()
    p = subprocess.run([RUN, "command", "client", *(f"{k}={v}" for k, v in values.items()), "127.0.0.1:9", "--", *words],
                       capture_output=True, text=True, timeout=60, check=False)
    return json.loads(p.stdout.splitlines()[-1]), time.time() - begun


def living(mark):
    return subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True, check=False).stdout.split()


# A gigabyte of output, and some of errors.
r, _ = play("sh", "-c", "echo begins >&2; head -c 1G /dev/zero; head -c 3M /dev/zero >&2", output="out", errors="err",
            output_max="1MiB")
check((r["output_bytes"], r["error_bytes"]) == (1024 * MIB, 3 * MIB + len("begins\n")),
      f"all is counted: {r['output_bytes']}, {r['error_bytes']}")
check(os.path.getsize("out") == MIB and os.path.getsize("err") == MIB, "a megabyte of each is kept")
with open("err", "rb") as f:
    check(f.read(7) == b"begins\n", "the errors' file begins with the errors")
zeros = hashlib.sha256()
for _ in range(1 << 10):
    zeros.update(bytes(MIB))
check(r["sha256"] == zeros.hexdigest(), "the sum is that of all of it")

r, _ = play("sh", "-c", "echo one; echo two >&2", output="both")
with open("both", encoding="utf-8") as f:
    check(sorted(f.read().split()) == ["one", "two"], "one file has both without a name for errors")
check((r["output_bytes"], r["error_bytes"]) == (4, 4), "and they are counted apart")

PIECES = """import os, time
for i in range(50):
    os.write(2, b"error li")
    os.write(1, b"output\\n")
    time.sleep(0.002)
    os.write(2, b"ne\\n")
os.write(2, b"last words")"""
play("python3", "-c", PIECES, output="lines")
with open("lines", encoding="utf-8") as f:
    lines = f.read().split("\n")
check(lines.count("error line") == 50 and lines.count("output") == 50 and lines[-1] == "last words",
      f"no output comes into a line of errors {lines[:4]}")

r, _ = play("sh", "-c", "exec head -c 3M /dev/zero >big", file_max="1MiB")
check(os.path.getsize("big") == MIB and r["exit_status"] == 128 + 25, f"a file is bounded: status {r['exit_status']}")

STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(77.25)"
r, took = play("python3", "-c", STUBBORN, limit="1s")
check(r["limited"] and r["exit_status"] == 137 and 3.9 < took < 6, f"who ignores SIGTERM is killed: {took:.1f} s")
check(not living("sleep.77.25"), "and gone")

DAEMON = """import os, sys, time
if os.fork(): sys.exit(0)
os.setsid()
if os.fork(): sys.exit(0)
os.closerange(0, 3)
time.sleep(77.5)"""
r, took = play("python3", "-c", DAEMON)
check(r["exit_status"] == 0 and r["outlived"] >= 1 and took < 3, f"a daemon is told: {r['outlived']} outlived the program")
check(not living("sleep.77.5"), "and ended")
r, took = play("sh", "-c", f"python3 -c '{DAEMON}'; exec sleep 77.75", limit="1s")
check(r["limited"] and r["exit_status"] == 143 and took < 3, f"beside a program that hangs, too: {took:.1f} s")
check(not living("sleep.77.5") and not living("sleep.77.75"), "nothing is left")
