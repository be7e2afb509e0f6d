#!/usr/bin/env python3
"""A run whose standard error nobody reads, and whose janitor is killed, goes on to its verdict and its report."""
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time

WEDGE = os.environ["WEDGE"]
SCENARIO = "exchange-delayed-ack"


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def janitor(pid):
    """The child that has closed its standard input and output."""
    return [c for c in children(pid) if not any(os.path.lexists(f"/proc/{c}/fd/{fd}") for fd in (0, 1))]


probe = subprocess.run([WEDGE, "exec", "--", "true"], capture_output=True, check=False)
if probe.returncode:
    print("skipped: no namespaces here")
    sys.exit(77)
r, w = os.pipe()
os.write(w, b"x" * fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096))
with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "report")
    run = subprocess.Popen([WEDGE, "run", "--quick", "-v", "--seed", "1", "--out", out, SCENARIO], stderr=w,
                           stdout=subprocess.PIPE)
    until = time.monotonic() + 10
    while not (found := janitor(run.pid)) and time.monotonic() < until:
        time.sleep(0.05)
    for process in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    try:
        said = run.communicate(timeout=90)[0].decode()
    except subprocess.TimeoutExpired:
        run.kill()
        said = "it hangs"
    ok = found and run.returncode in (0, 1) and SCENARIO in said and os.path.exists(os.path.join(out, "result.json"))
    print("ok" if ok else "FAIL", len(found), "janitors, status", run.returncode, said.splitlines()[:1], os.listdir(folder))
    sys.exit(0 if ok else 1)
