#!/usr/bin/env python3
"""An upstream that can't be reached gives the client an RST before any byte and never a FIN; names are
resolved without holding up other sessions, and every address of a name is tried."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig


def unused_port():
    s = rig.listener()
    port = s.getsockname()[1]
    s.close()
    return port


def sees_rst(port, first=b""):
    """connect() succeeds (docs/faithful.md); then RST, whether or not the client has spoken."""
    try:
        c = rig.connect(port)
    except ConnectionResetError: # the RST was faster than connect()'s return
        return True
    try:
        if first:
            c.sendall(first)
    except (BrokenPipeError, ConnectionResetError):
        pass
    got, end = rig.read_to_end(c)
    c.close()
    return got == b"" and end == "RST"


port = unused_port()
with rig.Proxy("127.0.0.1:%d" % port) as p:
    rig.check("a refused upstream is an RST, 50 times", all(sees_rst(p.port) for _ in range(50)))
    rig.check("also when the client has sent something",
              all(sees_rst(p.port, b"hello") for _ in range(50)))
    rig.check("the log says why", rig.wait_for(
        lambda: len(p.logged("127.0.0.1:%d: Connection refused" % port)) == 100))

with rig.Proxy("no-such-name.invalid:80") as p:
    rig.check("a name that doesn't resolve is an RST", sees_rst(p.port))
    rig.check("the log names it", bool(rig.wait_for(
        lambda: p.logged("no-such-name.invalid doesn't resolve"))))

for host in {a[4][0] for a in socket.getaddrinfo("localhost", None)}:
    server = rig.listener(host)
    with rig.Proxy("localhost:%d" % server.getsockname()[1]) as p:
        c = rig.connect(p.port)
        s = rig.accept(server)
        c.sendall(b"by name")
        rig.check("localhost finds a server that listens on %s only" % host, s.recv(100) == b"by name")
        clients = [rig.connect(p.port) for _ in range(100)]
        servers = [rig.accept(server) for _ in clients]
        rig.check("100 sessions at once by name", len(servers) == 100)
        for x in [c, s, *clients, *servers]:
            x.close()

server = rig.listener("127.0.0.1")
port = server.getsockname()[1]
with rig.Proxy("127.0.0.1:%d" % port, listen=":0") as p:
    for host in ("127.0.0.1", "::1"):
        c = rig.connect(p.port, host)
        s = rig.accept(server)
        s.sendall(b"x")
        rig.check("--listen :0 is reached by %s" % host, c.recv(1) == b"x")
        c.close()
        s.close()
    rig.check("an IPv4 client is shown as such", bool(rig.wait_for(
        lambda: [l for l in p.sessions() if ": 127.0.0.1:" in l])))
rig.finish()
