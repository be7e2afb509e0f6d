#!/usr/bin/env python3
"""Without memory wedge ends with a line that says so, wherever it was needed: in its own structures, in libevent's buffers,
in OpenSSL's sessions or in what the journal packs. The limit is the kernel's (RLIMIT_AS), set while wedge runs."""
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls

if not config_rig.has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)


MANY = 400 # clients


def swallow(server):
    """Keeps whoever comes, and reads nothing."""
    kept = []
    while True:
        try:
            kept.append(server.accept()[0])
        except OSError:
            return


def size_of(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmSize:"))


def press(port, ended, first, more):
    """Sessions, each with as many bytes as are taken, until wedge has ended."""
    clients, until = [], time.monotonic() + 20
    while not ended() and time.monotonic() < until:
        try:
            if len(clients) < MANY:
                clients.append(socket.create_connection(("127.0.0.1", port), 2))
                clients[-1].setblocking(False)
                clients[-1].send(first)
        except OSError:
            pass
        for c in clients[-20:]:
            try:
                for data in more:
                    c.send(data)
            except OSError:
                pass
        time.sleep(0.005)
    for c in clients:
        c.close()


LINE, BULK = b"x" * 99 + b"\n", (b"x" * 100_000, b"\n")
for what, rooms, first, more, *args in (
        ("bytes that an impairment holds", (1, 4, 9), LINE, BULK, "--impair", "latency{direction=upstream,delay=1m}"),
        ("messages that are counted", (1, 4, 9), LINE, BULK, "--impair",
         "latency{direction=upstream,delay=1m,per=message,framing=line}"),
        # Through a stage: without one they wait in the kernel.
        ("bytes that nobody reads", (1,), LINE, BULK, "--impair", "slicer{size=64KiB}"), ("TLS", (1, 4), tls.client_hello("a.example.org"), (), "--tls", "terminate")):
    for room in (n << 20 for n in rooms):
        server = rig.listener()
        threading.Thread(target=swallow, args=(server,), daemon=True).start()
        with tempfile.TemporaryDirectory() as folder:
            words = [rig.WEDGE, "proxy", "-v", "--listen", "127.0.0.1:0", "--journal", folder + "/j", "--upstream",
                     "127.0.0.1:%d" % server.getsockname()[1]]
            words += ["--workers", "1"] # each other thread has 64 MiB of addresses ahead (malloc's arena), which it could fill
            words += args + (["--tls-ca", folder + "/ca"] if "--tls" in args else [])
            p = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
            port = int(p.stderr.readline().split(",")[0].rsplit(":", 1)[1])
            said = []
            reader = threading.Thread(target=lambda p=p, said=said: said.extend(p.stderr))
            reader.start()
            limit = size_of(p.pid) + room
            resource.prlimit(p.pid, resource.RLIMIT_AS, (limit, limit))
            press(port, lambda p=p: p.poll() is not None, first, more)
            p.poll() is None and p.kill()
            p.wait()
            reader.join()
            words = [line for line in said if "memory" in line]
            rig.check("%s, %d MiB more: a line, and status 2" % (what, room >> 20),
                      p.returncode == 2 and len(words) == 1 and "out of memory" in words[0] and
                      not any("bug" in line for line in said), "%s %s" % (p.returncode, said[-2:]))
            with open(folder + "/j", encoding="utf-8") as f:
                rig.check("the journal has whole lines", all(line.endswith("}\n") for line in f))
        server.close()
rig.finish()
