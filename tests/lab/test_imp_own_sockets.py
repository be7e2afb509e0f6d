#!/usr/bin/env python3
"""What rst_inject, vanish and zero_window forge is accepted by real kernels, wedge's own sockets among
them: over IPv4 and IPv6, on either leg, in a network namespace of its own."""
import os
import subprocess
import sys
import time

if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    if subprocess.run(["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("network namespaces can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

# Leg, target, and who of the client and the server is then reset.
RESETS = (("client", "client", "client"), ("client", "server", "server"),
          ("server", "server", "server"), ("server", "client", "client"))


def address(host, port):
    return ("[%s]:%d" if ":" in host else "%s:%d") % (host, port)


def session(host, impair):
    """A proxy with the impairment and an exchange over it: (proxy, client's socket, server's)."""
    server = rig.listener(host)
    p = rig.Proxy(address(host, server.getsockname()[1]), "--impair", impair, listen=address(host, 0))
    c = rig.connect(p.port, host)
    s = rig.accept(server)
    c.sendall(b"request")
    s.recv(100)
    s.sendall(b"answer")
    c.recv(100)
    server.close()
    return p, c, s


def reset(host, leg, to, victim):
    p, c, s = session(host, "rst_inject{leg=%s,to=%s,after=200ms}" % (leg, to))
    with p:
        began = time.monotonic()
        _, end = rig.read_to_end(c if victim == "client" else s)
        rig.check("%s, %s leg, to %s: the %s is reset" % (host, leg, to, victim),
                  end == "RST" and time.monotonic() - began < 1, end)
        c.close()
        s.close()


def forgotten(host):
    p, c, s = session(host, "vanish{after=200ms,for=600ms,then=forget}")
    with p:
        time.sleep(0.4)
        c.sendall(b"stale")
        _, end = rig.read_to_end(c)
        rig.check("%s: the client of a forgotten connection is reset" % host, end == "RST", end)
        ended = rig.wait_for(p.sessions)
        rig.check("%s: the session ends, too" % host, ended and "client: RST" in ended[0], ended)
        s.settimeout(0.3)
        _, end = rig.read_to_end(s)
        rig.check("%s: the server isn't told" % host, end == "nothing", end)
        c.close()
        s.close()


def reopened(host):
    p, c, s = session(host, "zero_window{direction=upstream,after=200ms,for=1s}")
    with p:
        began = time.monotonic()
        time.sleep(0.4)
        s.sendall(b"x")
        c.recv(1) # from here on the client knows of the closed window
        c.sendall(b"late")
        s.recv(100)
        took = time.monotonic() - began
        rig.check("%s: the client sends when the window is announced" % host, 0.9 < took < 1.3, "%.3f s" % took)
        c.close()
        s.close()


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for family in ("127.0.0.1", "::1"):
    for case in RESETS:
        reset(family, *case)
    forgotten(family)
    reopened(family)
rig.finish()
