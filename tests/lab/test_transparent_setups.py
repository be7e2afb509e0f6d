#!/usr/bin/env python3
"""The set-ups of docs/transparent.md: two ports in one subnet by proxy ARP, one-armed with a route
back or with wedge's own address, and a gateway that masquerades."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import CLIENT, FLAVOURS, IN, OUT, SERVER, check, main, stop  # noqa: E402


def seen(g, what, address):
    """curl through wedge, and whom nginx saw."""
    p = g.curl(SERVER, f"f?{what}")
    check(p.stdout.startswith("200"), f"{what}: {p.stdout} {p.stderr.strip()}")
    peers = [host for host, _ in g.peers(f"f?{what}")]
    check(peers == [address], f"{what}: nginx saw {peers}")


def through(g, what, address, *options, into=IN):
    wedge = g.wedge("--port", "80", *options, mode=("--transparent", "--in", into))
    seen(g, what, address)
    check(stop(wedge) == 0, "SIGTERM ends it")
    check([e["port"] for e in g.journal("session_open")] == [80], f"{what}: through wedge")
    os.unlink("journal")


def masquerading(g):
    g.sh("gateway", f"iptables -t nat -A POSTROUTING -o {OUT} -j MASQUERADE")
    through(g, "masquerading", "198.51.100.1")
    g.sh("gateway", "iptables -t nat -F POSTROUTING")


def own_address(g):
    through(g, "own-address", "198.51.100.1", "--own-address")


def two_ports(g):
    """Client and server in one subnet, each at a card of wedge's host, nothing told to them."""
    g.sh("client", f"ip route flush dev eth0 root 0/0; ip addr replace {CLIENT}/24 dev eth0; "
                   f"ip addr add 198.51.100.50/24 dev eth0; ip addr del {CLIENT}/24 dev eth0")
    g.sh("server", "ip route del default")
    g.sh("gateway", "ip route add 198.51.100.50/32 dev eth1; sysctl -qw net.ipv4.ip_forward=1 "
                    "net.ipv4.conf.eth1.proxy_arp=1 net.ipv4.conf.eth2.proxy_arp=1")
    seen(g, "two-ports-without", "198.51.100.50")
    through(g, "two-ports", "198.51.100.50")


def one_armed(g):
    """The client's gateway is wedge's host, whose own is the real router, all in one subnet: here the
    server plays the router, and client and wedge's host meet it in a bridge."""
    g.sh("gateway", "ip addr flush dev eth1; ip addr flush dev eth2; ip link add br0 type bridge; "
                    "ip link set eth1 master br0; ip link set eth2 master br0; ip link set br0 up; "
                    "ip addr add 198.51.100.250/24 dev br0; ip route flush table main; "
                    "ip route add 198.51.100.0/24 dev br0; "
                    "sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true; "
                    "sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0")
    for host in ("client", "gateway", "server"):
        g.sh(host, "ip neigh flush all")
    g.sh("server", "ip addr add 203.0.113.1/32 dev lo")
    g.sh("client", "ip route add 203.0.113.0/24 via 198.51.100.250")
    g.sh("gateway", f"ip route add 203.0.113.0/24 via {SERVER}")
    for what, address, options, route in (
            ("one-armed-own", "198.51.100.250", ["--own-address"], None),
            ("one-armed-route", "198.51.100.50", [], "198.51.100.50/32 via 198.51.100.250")):
        if route:
            g.sh("server", f"ip route add {route}")
        wedge = g.wedge("--port", "80", *options, mode=("--transparent", "--in", "br0"))
        p = g.curl("203.0.113.1", f"f?{what}", 80, "-m", "3")
        check(p.stdout.startswith("200"), f"{what}: {p.stdout} {p.stderr.strip()}")
        peers = [host for host, _ in g.peers(f"f?{what}")]
        check(peers == [address], f"{what}: nginx saw {peers}")
        check(stop(wedge) == 0, "SIGTERM ends it")
        check(len(g.journal("session_open")) == 1, f"{what}: through wedge")
        os.unlink("journal")


def inside(g, user, _):
    g.nginx()
    print(user)
    for part in (masquerading, own_address, two_ports, one_armed):
        part(g)


main(inside, "curl", "nginx", flavours=FLAVOURS)
