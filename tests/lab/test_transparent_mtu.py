#!/usr/bin/env python3
"""Path MTU discovery works for the server legs of a transparent proxy: they have the client's address, and the router's
"fragmentation needed" (or "packet too big") must reach wedge's socket all the same, or an upload stops for ever. A narrow
link lies behind the server, which routes; another server is at its end. Over IPv4 and IPv6."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import FLAVOURS, PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

FAR, FAR6 = "203.0.113.2", "2001:db8:f::2"
MTU = 1300

COUNT = """
import socket
s = socket.create_server(("::", 7000), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    c, _ = s.accept()
    n = 0
    while data := c.recv(1 << 16):
        n += len(data)
    c.sendall(str(n).encode())
    c.close()
"""
SEND = """
import socket, sys
s = socket.create_connection((sys.argv[1], 7000), 5)
s.settimeout(5)
s.sendall(bytes(int(sys.argv[2])))
s.shutdown(socket.SHUT_WR)
print(s.recv(100).decode())
"""
SIZE = 300000


def narrow_link(g):
    """The server's other side: a link that is narrower than the others. Its far end doesn't know that, or its MSS would
    say so, and nothing were to be discovered."""
    p = g.start("server", "unshare", "--net", "sleep", "3600")
    # Before it has one of its own it is here, and then in the server's.
    others = [os.readlink(f"/proc/{pid}/ns/net") for pid in ("self", g.pids["server"])]
    await_true(lambda: os.readlink(f"/proc/{p.pid}/ns/net") not in others, "another namespace")
    g.pids["far"] = p.pid
    g.sh("server", f"ip link add eth1 type veth peer name eth0 netns {p.pid}; "
                   f"ip addr add 203.0.113.1/24 dev eth1; ip addr add 2001:db8:f::1/64 dev eth1 nodad; "
                   f"ip link set eth1 mtu {MTU} up; echo 1 >/proc/sys/net/ipv4/ip_forward; "
                   "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
    g.sh("far", f"ip addr add {FAR}/24 dev eth0; ip addr add {FAR6}/64 dev eth0 nodad; ip link set lo up; "
                "ip link set eth0 up; ip route add default via 203.0.113.1; "
                "ip -6 route add default via 2001:db8:f::1")
    g.sh("gateway", f"ip route add 203.0.113.0/24 via {SERVER}; ip -6 route add 2001:db8:f::/64 via {SERVER6}")
    g.start("far", PYTHON, "-c", COUNT)
    await_true(lambda: "7000" in g.sh("far", "ss -Htln 'sport = 7000'"), "the far server listens")


def upload(g, address):
    began = time.monotonic()
    p = g.run("client", PYTHON, "-c", SEND, address, str(SIZE))
    return p.stdout.strip(), time.monotonic() - began, p.stderr.strip()[-200:]


def inside(g, user, flavour):
    narrow_link(g)
    p = g.wedge()
    for address in (FAR, FAR6):
        got, seconds, why = upload(g, address)
        check(got == str(SIZE), f"{user}, {flavour}: {address} got {got or 'nothing'} of {SIZE} bytes in {seconds:.2f} s {why}")
    check(stop(p) == 0, "SIGTERM ends it")
    check(len(g.journal("session_close")) == 2, "through wedge")
    told = g.sh("gateway", f"ip route get {FAR}; ip -6 route get {FAR6}")
    check(told.count(f"mtu {MTU}") == 2, f"the gateway's kernel has learnt the path's MTU: {told.count(f'mtu {MTU}')} times")


main(inside, flavours=FLAVOURS)
