#!/usr/bin/env python3
"""A fault is removed, and comes again, in less than 10 ms while 1,000 clients don't read and wedge holds what they
are owed; wedge says so, and so does the clock of whoever asked for it. Afterwards every session delivers every byte."""
import hashlib
import os
import selectors
import socket
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import accept, check, connect, listener

N = 1000
ROUNDS = 3
BODY = hashlib.shake_128(b"body").digest(400_000)

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)
rig.closed_limit(4 * N)


def payload(i):
    return b"%08d" % i + BODY


def push(servers, left):
    """Sends until nothing has gone for a while; left[i] is what server i has still to send."""
    ready = selectors.DefaultSelector()
    for i, s in servers.items():
        s.setblocking(False)
        ready.register(s, selectors.EVENT_WRITE, i)
    while left:
        events = ready.select(0.3)
        if not events:
            return
        for key, _ in events:
            i = key.data
            left[i] = left[i][key.fileobj.send(left[i]):]
            if not left[i]:
                del left[i]
                ready.unregister(key.fileobj)


def drain(clients, servers, left):
    """The clients read, the servers send the rest and FIN; (hash, length) of each client."""
    ready = selectors.DefaultSelector()
    hashes, lengths = {}, {}
    for i, c in enumerate(clients):
        c.setblocking(False)
        hashes[i], lengths[i] = hashlib.sha256(), 0
        ready.register(c, selectors.EVENT_READ, (i, None))
    for i, s in servers.items():
        if i in left:
            ready.register(s, selectors.EVENT_WRITE, (i, s))
        else:
            s.shutdown(socket.SHUT_WR)
    unfinished = len(clients)
    while unfinished:
        events = ready.select(20)
        if not events:
            break
        for key, _ in events:
            i, server = key.data
            if server:
                left[i] = left[i][server.send(left[i]):]
                if not left[i]:
                    ready.unregister(server)
                    server.shutdown(socket.SHUT_WR)
                continue
            got = key.fileobj.recv(1 << 18)
            hashes[i].update(got)
            lengths[i] += len(got)
            if not got:
                ready.unregister(key.fileobj)
                unfinished -= 1
    return [(hashes[i].hexdigest(), lengths[i]) for i in range(len(clients))]


def has_bytes(c):
    c.setblocking(False)
    try:
        return c.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return False


def milliseconds(line):
    return float(line.split("changed in ")[1].split(" ms")[0]) if "changed in" in line else 1e9


def quiet(w):
    """Waits until wedge has nothing to do."""
    def idle():
        before = w.cpu()
        time.sleep(0.05) # the interval that the processor time is taken over
        return w.cpu() == before
    rig.wait_for(idle, 30)


def changes(w, healthy, faulty):
    """The fault goes, comes, goes, ...: milliseconds by wedge's own clock and by ours, and by ours of a
    change that is asked for while what the first one let go is still being sent."""
    own, clock, busy = [], [], None
    for text in [healthy, faulty] * ROUNDS + [healthy]:
        quiet(w)
        line, took = w.change(text)
        own.append(milliseconds(line))
        clock.append(took)
        busy = busy or w.change(text)[1]
    return own, clock, busy


def attempt(fault):
    server = listener()
    faulty, healthy = proxies(proxy("a", server, fault)), proxies(proxy("a", server))
    with Config(faulty) as w:
        clients, servers = [], {}
        for i in range(N):
            clients.append(connect(w.port("a"), rcvbuf=4096))
            servers[i] = accept(server)
            servers[i].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        left = {i: memoryview(payload(i)) for i in range(N)}
        push(servers, left)
        check("%s: on %d sessions no byte has come through" % (fault, N), not any(has_bytes(c) for c in clients))
        own, clock, busy = changes(w, healthy, faulty)
        want = [(hashlib.sha256(payload(i)).hexdigest(), len(BODY) + 8) for i in range(N)]
        check("%s: afterwards every session delivers every byte, and the FIN" % fault,
              drain(clients, servers, left) == want)
        for s in [*clients, *servers.values()]:
            s.close()
    return own, clock, busy


def run(fault):
    """Others use the machine too: our own clock also runs while we wait for a processor. So of its times
    the middle one counts, and what is too long is measured again, twice at most."""
    for _ in range(3):
        own, clock, busy = attempt(fault)
        if max(own) < 10 and statistics.median(clock) < 10 and busy < 100:
            break
    check("%s: gone in less than 10 ms, and each change after it" % fault, max(own) < 10,
          " ".join("%.1f" % ms for ms in own))
    check("%s: who asked for it had the answer as fast" % fault, statistics.median(clock) < 10,
          " ".join("%.1f" % ms for ms in clock))
    check("%s: nor waits another one, asked for at once, for what is being sent" % fault, busy < 100, "%.1f" % busy)


run({"stall": {"side": "write"}})
run({"latency": {"delay": "1h"}})
run({"stall": {"side": "read"}})
rig.finish()
