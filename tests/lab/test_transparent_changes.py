#!/usr/bin/env python3
"""Clients in the middle of a handshake when what a gateway's wedge takes is changed by SIGHUP, or wedge is told to stop:
whose SYN is kept is taken by whoever takes it now, or passes by; who was let in is served, also when its last ACK is lost
meanwhile. And a port that is used again while wedge still drains isn't swallowed by a TIME_WAIT of wedge's."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

# From a port of its own: says "connected", asks when it is told to, says how many bytes came.
CLIENT = """
import socket, sys
host, port, own = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
s.settimeout(12)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", own))
s.connect((host, port))
print("connected", flush=True)
sys.stdin.readline()
s.sendall(b"GET /f?%d HTTP/1.0\\r\\n\\r\\n" % own)
got = 0
while data := s.recv(65536):
    got += len(data)
print(got, flush=True)
"""

PROXY = "- {{name: {}, mode: transparent, in: eth1, port: '{}'}}\n"


class Client:
    def __init__(self, g, address, port, own):
        self.p = g.start("client", PYTHON, "-c", CLIENT, address, str(port), str(own), stdin=-1, stdout=-1)

    def connected(self):
        return self.p.stdout.readline().strip() == "connected"

    def ask(self):
        self.p.stdin.write("\n")
        self.p.stdin.flush()

    def served(self):
        return int(self.p.stdout.readline() or 0) > 4096


def configure(g, *proxies):
    path = os.path.join(g.folder, "wedge.yaml")
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write("proxies:\n" + "".join(PROXY.format(*p) for p in proxies))
    os.rename(path + ".new", path)


def change(g, wedge, *proxies):
    n = len(g.journal("config_changed"))
    configure(g, *proxies)
    wedge.send_signal(signal.SIGHUP)
    await_true(lambda: len(g.journal("config_changed")) > n, "the change is made")


def begin(g, *proxies):
    configure(g, *proxies)
    return g.wedge("--config", "wedge.yaml", mode=())


def block(g, host, chain, what, on):
    g.sh(host, f"for i in iptables ip6tables; do $i -{'A' if on else 'D'} {chain} -p tcp {what} -j DROP; done")


def kept(g):
    return [line for line in g.sh("gateway", "ss -Htn state syn-sent").splitlines() if ":80" in line]


def terminate(_g, wedge):
    wedge.send_signal(signal.SIGTERM)


def takes_less(g, wedge):
    change(g, wedge, ("other", "81"))


def a_kept_syn(g, own, after, by):
    """Its proxy goes while the server is silent; the server comes back: who serves the client is told by the journal."""
    wedge = begin(g, ("first", "80"), ("other", "81"))
    block(g, "server", "INPUT", "--dport 80 --syn", True)
    clients = [Client(g, a, 80, own + i) for i, a in enumerate((SERVER, SERVER6))]
    await_true(lambda: len(kept(g)) == 2, "both SYNs are kept")
    change(g, wedge, *after)
    # Where another proxy takes the port, a SYN that was sent again meanwhile is tried for that one.
    check(by or not kept(g), "their server isn't tried for the proxy that is gone")
    block(g, "server", "INPUT", "--dport 80 --syn", False)
    for c in clients:
        check(c.connected(), "the client is connected")
        c.ask()
        check(c.served(), f"and served, {by or 'past wedge'}")
    check(stop(wedge) == 0, "SIGTERM ends it with 0")
    names = [e["proxy"] for e in g.journal("session_open") if e["client"].endswith((str(own), str(own + 1)))]
    check(set(names[2:]) == ({by} if by else set()), f"taken by {names}")


def a_lost_ack(g, own, end):
    """The client has its SYN-ACK, and what it sends then comes only when its connection isn't taken any more."""
    wedge = begin(g, ("first", "80"), ("other", "81"))
    block(g, "client", "OUTPUT", "--dport 80 ! --syn", True)
    clients = [Client(g, a, 80, own + i) for i, a in enumerate((SERVER, SERVER6))]
    for c in clients:
        check(c.connected(), "the client is connected, it believes")
        c.ask()
    end(g, wedge)
    time.sleep(0.2)
    block(g, "client", "OUTPUT", "--dport 80 ! --syn", False)
    for c in clients:
        check(c.served(), "and is served")
    if end != terminate:  # a second SIGTERM would reset what is left
        terminate(g, wedge)
    status = wedge.wait(10)
    check(status == 0, f"SIGTERM ends it with {status}")
    seen = [e["session"] for e in g.journal("session_open") if e["client"].endswith((str(own), str(own + 1)))]
    check(len(seen) == 2, f"both through wedge: {seen}")


def a_port_used_again_while_draining(g, own):
    """nginx closes first, so it is wedge that has the TIME_WAIT towards the client."""
    wedge = begin(g, ("first", "80"))
    stays, *others = [Client(g, a, 80, own + i) for i, a in enumerate((SERVER, SERVER, SERVER6))]
    check(all(c.connected() for c in (stays, *others)), "connected")
    wedge.send_signal(signal.SIGTERM)
    await_true(lambda: "table inet wedge" not in g.rules() or "tproxy" not in g.rules(), "it takes nobody any more")
    for c in others:
        c.ask()
        check(c.served(), "served while it drains")
    time.sleep(1.2)
    for i, address in enumerate((SERVER, SERVER6)):
        again = Client(g, address, 80, own + 1 + i)
        check(again.connected(), "the same port, past wedge")
        again.ask()
        check(again.served(), "served")
    check(wedge.poll() is None, "it drains still")
    stays.ask()
    check(stays.served(), "who stayed is served")
    check(wedge.wait(10) == 0, "and wedge ends with 0")


def inside(g, _user, _flavour):
    g.nginx()
    a_kept_syn(g, 21000, [("other", "80,81")], "other")
    a_kept_syn(g, 21010, [("first", "82"), ("other", "80,81")], "other")
    a_kept_syn(g, 21020, [("other", "81")], None)
    a_kept_syn(g, 21030, [("first", "82"), ("other", "81")], None)
    a_lost_ack(g, 21040, takes_less)
    a_lost_ack(g, 21050, terminate)
    a_port_used_again_while_draining(g, 21060)


main(inside, "nginx", flavours=("nftables", "nf_tables"))
