#!/usr/bin/env python3
"""How exact an injected delay is at 10 connections: from send() to recv(), and on the wire from one leg to the other."""
import bench_rig

figures = bench_rig.begin(__doc__)

import selectors
import socket
import struct
import time

from proxy_rig import Proxy, accept, connect, listener

CONNECTIONS = 10


def play(server, port, gap, rounds):
    """Seconds from send() to recv() of numbered messages, each connection with a rhythm of its own."""
    pairs = []
    for _ in range(CONNECTIONS):
        c = connect(port)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pairs.append((c, accept(server)))
    ready = selectors.DefaultSelector()
    for _, s in pairs:
        ready.register(s, selectors.EVENT_READ)
    start = time.monotonic() + 0.1
    due = [start + k * gap * 1.0137 for k in range(rounds * CONNECTIONS)]
    sent_at, took = [], []
    while len(took) < len(due):
        while len(sent_at) < len(due) and due[len(sent_at)] <= time.monotonic():
            k = len(sent_at)
            sent_at.append(time.monotonic())
            pairs[k % CONNECTIONS][0].send(struct.pack("!Q", k))
        wait = due[len(sent_at)] - time.monotonic() if len(sent_at) < len(due) else 5
        events = ready.select(max(wait, 0))
        now = time.monotonic()
        for key, _ in events:
            took += [now - sent_at[k] for k, in struct.iter_unpack("!Q", key.fileobj.recv(4096))]
    for c, s in pairs:
        c.close()
        s.close()
    return took


def between_legs(tap, proxy, server):
    """Seconds from a message's segment towards wedge to the one that wedge sends on, by tshark. Times in whole
    nanoseconds: an epoch as a float is exact only to a quarter of a microsecond."""
    came, times = {}, []
    for at, port, payload in tap.rows("frame.time_epoch", "tcp.dstport", "tcp.payload"):
        seconds, nanos = at.split(".")
        at = int(seconds) * 10**9 + int(nanos.ljust(9, "0")[:9])
        messages = [payload[i:i + 16] for i in range(0, len(payload), 16)]
        if int(port) == proxy:
            came.update((m, at) for m in messages)
        elif int(port) == server:
            times += [(at - came[m]) / 1e9 for m in messages]
    return times


def measure(ms, rounds):
    server = listener()
    port = server.getsockname()[1]
    with Proxy(f"127.0.0.1:{port}") as p:
        plain = play(server, p.port, max(ms / 1e3 / CONNECTIONS, 0.001), rounds)
    with Proxy(f"127.0.0.1:{port}", "--impair", f"latency{{direction=upstream,delay={ms}ms}}") as p, \
            bench_rig.Tap("tcp") as tap, bench_rig.Machine() as machine:
        sockets = [t - ms / 1e3 for t in play(server, p.port, max(ms / 1e3 / CONNECTIONS, 0.001), rounds)]
    wire = [t - ms / 1e3 for t in between_legs(tap, p.port, port)]
    own = bench_rig.quantile(plain, 0.5) * 1e3
    for name, errors in (("send() to recv()", sockets), ("leg to leg, by tshark", wire)):
        figures.show(f"{ms} ms, {name}: least error", min(errors) * 1e3, "ms", at_least=0)
        p50 = bench_rig.quantile(errors, 0.5) * 1e3
        figures.show(f"{ms} ms, {name}: p50 error", p50, "ms", at_most=0.2 if errors is wire else None)
        if errors is sockets:  # the ends' own way through the kernel is no error of the delay
            figures.show(f"{ms} ms, {name}: p50 beyond that without delay", p50 - own, "ms", at_most=0.2)
        figures.show(f"{ms} ms, {name}: p99 error", bench_rig.quantile(errors, 0.99) * 1e3, "ms")
    figures.show(f"{ms} ms, the same way without it: p50", own, "ms")
    figures.show(f"{ms} ms, a sleeping process was woken late by up to", machine.latest_ms, "ms")
    server.close()


for run in range(figures.options.runs):
    print(f"latency, {CONNECTIONS} connections, run {run + 1}")
    measure(10, 100)
    measure(100, 30)
figures.finish()
