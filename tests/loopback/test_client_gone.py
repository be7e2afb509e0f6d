#!/usr/bin/env python3
"""A client that goes is noticed in every state of its session: while the server is dialled or its name resolved, in a
TLS handshake, before its PROXY header, held back by an impairment. One that only half-closes is still served."""
import os
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import silent_rig as net
import proxy_rig as rig
import tls_rig

CLIENTS = 50


def end_rst(c):
    rig.reset(c)


def end_fin_rst(c):
    c.shutdown(socket.SHUT_WR)
    time.sleep(0.001) # wedge may see the FIN by itself first, or both at once
    rig.reset(c)


def end_fin(c):
    c.close()


def hears(what, p, end, send=b"", seconds=2.0, want=True):
    """Clients come, and go: the descriptors of their sessions are given back, or kept."""
    rest = p.descriptors() + 2 * rig.WORKERS # once one has been accepted: the listener's spare one, the resolver's
    clients = [rig.connect(p.port) for _ in range(CLIENTS)]
    for c in clients:
        c.sendall(send)
    taken = rig.wait_for(lambda: p.descriptors() >= rest + CLIENTS)
    time.sleep(0.1) # all dial by now
    busy = p.descriptors()
    for c in clients:
        end(c)
    began = time.monotonic()
    over = rig.wait_for(lambda: p.descriptors() <= rest, seconds)
    rig.check("%s: %s" % (what, "the session is given up" if want else "the session is kept"),
              taken and bool(over) == want, "descriptors %d, %d, %d after %.2f s" %
              (rest, busy, p.descriptors(), time.monotonic() - began))


def while_dialling(port):
    net.silence("127.0.0.1", port)
    for name, end in (("RST", end_rst), ("FIN, RST", end_fin_rst)):
        with rig.Proxy("127.0.0.1:%d" % port) as p:
            hears("dialling, " + name, p, end)
            hears("dialling, with bytes, " + name, p, end, b"x" * 5000)
            rig.check("the log says when it went", rig.wait_for(
                lambda: len(p.logged("client: RST before its server had answered")) == 2 * CLIENTS), p.sessions()[0] if p.sessions() else "")
    before = net.dropped()
    with rig.Proxy("127.0.0.1:%d" % port) as p:
        hears("dialling once more", p, end_rst)
        at_end = net.dropped()
        time.sleep(1.3) # a SYN is sent again after 1 s
        rig.check("no SYN is sent again for a client that has gone", net.dropped() == at_end,
                  "%d of them, then %d" % (at_end - before, net.dropped() - at_end))
    net.speak()


def a_half_close_is_served(server, port):
    net.silence("127.0.0.1", port)
    with rig.Proxy("127.0.0.1:%d" % port) as p:
        c = rig.connect(p.port)
        c.sendall(b"question")
        c.shutdown(socket.SHUT_WR)
        time.sleep(0.5) # longer than a gone client's server has
        net.speak()
        s = rig.accept(server)
        rig.check("a client that half-closes while dialling: its bytes come", rig.read_to_end(s) == (b"question", "FIN"))
        s.sendall(b"answer")
        s.close()
        rig.check("and it is answered", rig.read_to_end(c) == (b"answer", "FIN"))


def while_kept(server, port):
    net.silence("127.0.0.1", port)
    with rig.Proxy("127.0.0.1:%d" % port, "--impair", "hold_close{direction=upstream,swallow_rst=yes}") as p:
        hears("hold_close{swallow_rst}", p, end_rst, b"kept", seconds=1.0, want=False)
        net.speak()
        legs = [rig.accept(server) for _ in range(CLIENTS)]
        rig.check("its server has the bytes, and no end", all(s.recv(9) == b"kept" and rig.silent(s, 0.01) for s in legs))
        for s in legs:
            rig.reset(s)
    net.silence("127.0.0.1", port)
    with rig.Proxy("127.0.0.1:%d" % port, "--impair", "latency{direction=upstream,delay=200ms}") as p:
        hears("latency keeps nobody", p, end_rst, b"late")
    net.speak()


def while_stalled(server, port):
    """A stage keeps the client's RST: nothing is looked at again and again until it lets go."""
    with rig.Proxy("127.0.0.1:%d" % port, "--impair", "stall{direction=upstream,side=write}") as p:
        legs = []
        for _ in range(300):
            c = rig.connect(p.port)
            c.sendall(b"x")
            legs.append(rig.accept(server))
            rig.reset(c)
        time.sleep(0.2) # the last RST has come
        cpu = p.cpu()
        time.sleep(1) # the interval that the processor time is taken over
        rig.check("300 stalled sessions of dead clients cost nothing", p.cpu() - cpu <= 0.01, "%.3f s" % (p.cpu() - cpu))
        for s in legs:
            rig.reset(s)
        rig.check("and end with their servers", rig.wait_for(lambda: len(p.sessions()) == 300))


def while_resolving():
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.53", 53))
    with rig.Proxy("slow.test:80") as p:
        hears("resolving", p, end_rst, seconds=0.8)
    silent.close()


def within_tls(server, port, folder):
    first = tls_rig.client_hello("a.test")
    args = ("--tls", "intercept", "--tls-ca", os.path.join(folder, "ca"))
    net.silence("127.0.0.1", port)
    with rig.Proxy("127.0.0.1:%d" % port, *args) as p:
        for name, end in (("RST", end_rst), ("FIN", end_fin)):
            hears("TLS, dialling, no hello, " + name, p, end)
            hears("TLS, dialling, a hello, " + name, p, end, first)
    net.speak()
    with rig.Proxy("127.0.0.1:%d" % port, *args) as p: # the kernel connects, the server says nothing
        for name, end in (("RST", end_rst), ("FIN", end_fin)):
            hears("TLS, no hello, " + name, p, end)
            hears("TLS, the server is silent, " + name, p, end, first)
        server.settimeout(0.2)
        try:
            while True:
                server.accept()[0].close()
        except TimeoutError:
            pass
        server.settimeout(20)
        c = rig.connect(p.port)
        rig.accept(server).close()
        rig.check("TLS, no hello, the server closes: so does wedge", rig.read_to_end(c) == (b"", "FIN"))


def before_the_header(port):
    with rig.Proxy("127.0.0.1:%d" % port, "--proxy-protocol-in") as p:
        for name, end in (("RST", end_rst), ("FIN", end_fin)):
            hears("PROXY header, " + name, p, end)
            hears("half a PROXY header, " + name, p, end, b"PROXY TCP4 192.0")


with tempfile.TemporaryDirectory() as folder:
    net.own_files(folder, "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")
    server = rig.listener()
    port = server.getsockname()[1]
    while_dialling(port)
    a_half_close_is_served(server, port)
    while_kept(server, port)
    while_stalled(server, port)
    while_resolving()
    within_tls(server, port, folder)
    before_the_header(port)
rig.finish()
