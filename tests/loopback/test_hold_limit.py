#!/usr/bin/env python3
"""Clients that don't read cost a bounded amount of memory: what is due waits at its sender, and --hold-limit bounds what all
sessions hold together. The bytes of one that reads after all are whole."""
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import has_impairments

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)

CLIENTS, MIB = 60, 1 << 20
PATTERN = bytes(range(251)) * 500


def pump(s):
    try:
        while True:
            s.sendall(PATTERN)
    except OSError:
        pass


def serve(listener):
    while True:
        try:
            s, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=pump, args=(s,), daemon=True).start()


def idle_client(port):
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.settimeout(10)
    c.connect(("127.0.0.1", port))
    return c


def in_order(c, n):
    got = b""
    while len(got) < n:
        got += c.recv(65536)
    return got[:n] == (PATTERN * (n // len(PATTERN) + 1))[:n]


def try_idle(listener, most, *args):
    with rig.Proxy("127.0.0.1:%d" % listener.getsockname()[1], *args) as proxy:
        clients = [idle_client(proxy.port) for _ in range(CLIENTS)]
        peak, until = 0, time.monotonic() + 2
        while time.monotonic() < until:
            peak = max(peak, proxy.rss())
            time.sleep(0.02)
        what = " ".join(args)
        rig.check("%d clients that don't read: %s" % (CLIENTS, what), peak < most * MIB, "%d MiB" % (peak / MIB))
        rig.check("what one reads after all is whole", in_order(clients[3], 4 * MIB))
        for c in clients:
            c.close()
        return proxy


def main():
    listener = rig.listener()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    try_idle(listener, 60)
    try_idle(listener, 400, "--impair", "latency{delay=100ms}")
    proxy = try_idle(listener, 200, "--hold-limit", "64MiB", "--impair", "latency{delay=1s}")
    rig.check("a line tells what limits", len(proxy.logged("(--hold-limit)")) == 1)
    try_idle(listener, 200, "--hold-limit", "64MiB", "--impair", "gather{bytes=64MiB}")
    rig.finish()


main()
