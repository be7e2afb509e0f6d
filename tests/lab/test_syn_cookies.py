#!/usr/bin/env python3
"""A client that answers a SYN cookie has no socket at the gateway, and reaches a transparent wedge all the same, by nftables'
rules; the gateway's kernel sends nothing but cookies (net.ipv4.tcp_syncookies=2), and counts them; curl is the client."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import SERVER, SERVER6, check, main, stop  # noqa: E402


def cookies(g):
    names, values = [line.split() for line in g.sh("gateway", "grep ^TcpExt /proc/net/netstat").splitlines()]
    return {n: int(v) for n, v in zip(names[1:], values[1:]) if n.startswith("Syncookies")}


def inside(g, _user, flavour):
    g.nginx()
    g.sh("gateway", "echo 2 >/proc/sys/net/ipv4/tcp_syncookies")
    wedge = g.wedge("--early-accept", mode=("--transparent", "--in", "eth1"))
    for address in SERVER, SERVER6:
        before = cookies(g)["SyncookiesRecv"]
        got = [g.curl(address, tell="%{http_code}").stdout for _ in range(5)]
        recv = cookies(g)["SyncookiesRecv"] - before
        check(got == ["200"] * 5 and recv == 5, f"{flavour}, {address}: {got}, {recv} cookies came back")
    check(stop(wedge) == 0, "SIGTERM ends it")
    check(len(g.journal("session_close")) == 10, "each is a session of wedge's")


if __name__ == "__main__":
    main(inside, "curl", "nginx", "nft")
