#!/usr/bin/env python3
"""1,000 sessions at once, each with its own bytes; idle and half-closed ones cost no processor time.
QUIET: it judges processor time."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

N = 1000
rig.closed_limit(4 * N)


def idle_cost(p):
    cpu = p.cpu()
    time.sleep(0.5) # the interval that the processor time is taken over
    return p.cpu() - cpu


server = rig.listener()
with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1]) as p:
    clients, servers = [], {}
    for i in range(N):
        c = rig.connect(p.port)
        c.sendall(b"%04d" % i)
        s = rig.accept(server)
        servers[int(s.recv(4))] = s
        clients.append(c)
    rig.check("%d sessions are open" % N, len(servers) == N)
    rig.check("idle, they cost no processor time", idle_cost(p) <= 0.02)
    payload = bytes(range(256)) * 40
    for i, c in enumerate(clients):
        c.sendall(payload + b"%04d" % i)
    good = 0
    for i, s in servers.items():
        got = b""
        while len(got) < len(payload) + 4:
            got += s.recv(65536)
        good += got == payload + b"%04d" % i
        s.sendall(got[::-1])
    rig.check("every server has its own client's bytes", good == N)
    good = 0
    for i, c in enumerate(clients):
        got = b""
        while len(got) < len(payload) + 4:
            got += c.recv(65536)
        good += got == (payload + b"%04d" % i)[::-1]
    rig.check("every client has its own answer", good == N)
    for c in clients:
        c.shutdown(socket.SHUT_WR)
    rig.check("all half-closes arrive", all(s.recv(1) == b"" for s in servers.values()))
    rig.check("half-closed, they cost no processor time", idle_cost(p) <= 0.02)
    for i, s in servers.items():
        rig.reset(s) if i % 2 else s.close()
    ends = [rig.read_to_end(c)[1] for c in clients]
    rig.check("FIN and RST each to the right client",
              ends == ["RST" if i % 2 else "FIN" for i in range(N)])
    for c in clients:
        c.close()
    rig.check("%d lines, one a session" % N, rig.wait_for(lambda: len(p.sessions()) == N))
    rig.check("no descriptor is left behind", rig.wait_for(lambda: p.descriptors() <= 14 + rig.OTHERS))
rig.finish()
