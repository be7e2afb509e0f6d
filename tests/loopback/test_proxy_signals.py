#!/usr/bin/env python3
"""SIGTERM and SIGINT let the sessions end; a second signal resets them at once."""
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig


def started(n=2):
    server = rig.listener()
    p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1])
    pairs = []
    for _ in range(n):
        c = rig.connect(p.port)
        pairs.append((c, rig.accept(server)))
    return p, pairs


def refuses(p):
    """Asked once wedge has said so: a connection made before would be one more session."""
    if not rig.wait_for(lambda: p.logged("accepts no more")):
        return False
    try:
        rig.connect(p.port).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError): # the latter while it is being closed
        return True


def exit_status(p):
    try:
        return p.p.wait(10)
    finally:
        p.__exit__()


for first in (signal.SIGTERM, signal.SIGINT):
    p, pairs = started()
    p.p.send_signal(first)
    rig.check("%s: no new connections" % first.name, refuses(p))
    rig.check("%s: the open sessions stay" % first.name, p.p.poll() is None)
    rig.check("%s: and it says so" % first.name, rig.wait_for(
        lambda: p.logged("waits for 2 open sessions to end; another signal resets them")))
    for c, s in pairs:
        c.sendall(b"still there")
        rig.check("%s: bytes still pass" % first.name, s.recv(100) == b"still there")
        s.sendall(b"x" * 100000)
        s.close()
        rig.check("%s: to the last one" % first.name, rig.read_to_end(c) == (b"x" * 100000, "FIN"))
        c.close()
    rig.check("%s: then wedge exits with 0" % first.name, exit_status(p) == 0)

p, pairs = started(0)
p.p.send_signal(signal.SIGTERM)
rig.check("without sessions it exits at once, with 0", exit_status(p) == 0)

for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT),
                      (signal.SIGTERM, signal.SIGINT)):
    p, pairs = started()
    p.p.send_signal(first)
    rig.wait_for(lambda: p.logged("accepts no more"))
    p.p.send_signal(second)
    rig.check("%s, %s: stops at once, with 1" % (first.name, second.name), exit_status(p) == 1)
    for c, s in pairs:
        rig.check("%s, %s: both ends see RST" % (first.name, second.name),
                  rig.read_to_end(c) == rig.read_to_end(s) == (b"", "RST"))
rig.finish()
