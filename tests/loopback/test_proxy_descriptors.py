#!/usr/bin/env python3
"""Without descriptors wedge stops accepting, says so once, turns nobody away, costs no processor time,
and goes on when there are some again."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

LIMIT = 40
CLIENTS = 60

server = rig.listener()
with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1],
               prefix=("prlimit", "--nofile=%d" % LIMIT)) as p:
    clients = [rig.connect(p.port) for _ in range(CLIENTS)]
    for i, c in enumerate(clients):
        c.sendall(b"%4d" % i)
    said = rig.wait_for(lambda: p.logged("accepting pauses"))
    rig.check("it says that accepting pauses", bool(said), " ".join(said))
    server.settimeout(0.3)
    served = []
    try:
        while True:
            served.append(rig.accept(server))
    except TimeoutError:
        pass
    rig.check("as many sessions as descriptors allow", 0 < len(served) <= LIMIT / 2, str(len(served)))
    cpu = p.cpu()
    time.sleep(0.5) # the interval that the processor time is taken over
    rig.check("pausing costs no processor time", p.cpu() - cpu <= 0.03)
    rig.check("it says so once", rig.wait_for(lambda: len(p.logged("accepting pauses")) == 1))
    server.settimeout(20)
    order = []
    while len(order) < CLIENTS:
        s = served.pop(0) if served else rig.accept(server)
        n = int(s.recv(4))
        order.append(n)
        s.sendall(b"done")
        s.close()
        rig.check("client %d is served" % n, clients[n].recv(4) == b"done") if n % 20 == 0 else clients[n].recv(4)
        clients[n].close()
    rig.check("every client has been served, none turned away", sorted(order) == list(range(CLIENTS)))
    rig.check("it says that accepting goes on", bool(rig.wait_for(lambda: p.logged("accepting goes on"))))
    rig.check("all ended with FIN", rig.wait_for(
        lambda: len(p.logged("FIN both ways")) == CLIENTS), str(len(p.logged("FIN both ways"))))
rig.finish()
