#!/usr/bin/env python3
"""An impairment that closes in a host's name closes: its FIN isn't a half-close. What the client sends later is answered
by RST and acknowledged by nobody, as by the kernel of a process that has closed; an explicit and a transparent proxy, IPv4
and IPv6. tshark looks at the client's wire; a program of python that closes is what it should look like."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

EXPLICIT = ("--listen", "[::]:8080", "--upstream", f"{SERVER}:80")
TRANSPARENT = ("--transparent", "--in", "eth1")
LATE = b"said to a closed socket"

# What is said first; the end is read; then something is said again.
CLIENT = """
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
s.sendall(sys.argv[3].encode())
while s.recv(65536): pass
time.sleep(0.1)
s.sendall(%r)
time.sleep(0.2)
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0])
""" % LATE

CLOSES = """
import socket, sys
l = socket.create_server(("::", 8080), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    s = l.accept()[0]
    if sys.argv[1] == "request":
        s.recv(65536)
    s.close()
"""


def meets(g, who, where, port, first):
    """The flags of the client's and the server's segments from the FIN on; False: something of what is said late is acknowledged."""
    path = os.path.join(g.folder, who + ".pcap")
    said = open(path + ".said", "w+", encoding="utf-8")
    tcpdump = g.start("client", "tcpdump", "-i", "eth0", "-U", "--immediate-mode", "-w", path, f"tcp port {port}", stderr=said)
    await_true(lambda: "listening" in open(path + ".said", encoding="utf-8").read(), "tcpdump listens", quiet=True)
    p = g.run("client", PYTHON, "-c", CLIENT, where, str(port), first)
    time.sleep(0.2)
    stop(tcpdump, 2)
    fields = ("tcp.srcport", "tcp.flags", "tcp.seq", "tcp.ack", "tcp.len", "tcp.payload")
    words = ["tshark", "-n", "-r", path, "-Y", "tcp", "-T", "fields"]
    for f in fields:
        words += ["-e", f]
    rows = [line.split("\t") for line in g.run("client", *words).stdout.splitlines()]
    at = next((i for i, r in enumerate(rows) if r[0] == str(port) and int(r[1], 16) & 0x01), len(rows))
    late = next((r for r in rows[at:] if r[5] == LATE.hex()), None)
    after = [("S" if r[0] == str(port) else "C", int(r[1], 16) & 0x17) for r in rows[at:]]
    acked = late and any(r[0] == str(port) and int(r[1], 16) & 0x10 and int(r[3]) > int(late[2]) for r in rows[at:])
    resets = [r for r in rows[at:] if r[0] == str(port) and int(r[1], 16) & 0x04]
    check(late and len(resets) == 1 and not acked and p.stdout.strip() == "7",
          f"{who}: one RST answers what comes late, and nothing acknowledges it {after} {p.stderr.strip()[-200:]}")
    return after


def closes_as(g, who, faults, mode, where, port, first, like):
    wedge = g.wedge("--impair", faults, mode=mode)
    after = meets(g, who, where, port, first)
    stop(wedge)
    check(after == like, f"{who}: as a process that closes: {after}, {like}")


def inside(g, _user, _flavour):
    g.nginx()
    like = {}
    for first in "", "request":
        server = g.start("gateway", PYTHON, "-c", CLOSES, first, stdout=open(os.path.join(g.folder, "closes"), "w", encoding="utf-8"))
        await_true(lambda: os.path.getsize(os.path.join(g.folder, "closes")), "the referee listens", quiet=True)
        like[first] = meets(g, f"closes-{first}", "192.0.2.1", 8080, first)
        stop(server, 9)
    get = "GET /f HTTP/1.1\r\nHost: f\r\n\r\n"
    for name, mode, where, port in (("explicit", EXPLICIT, "192.0.2.1", 8080), ("transparent", TRANSPARENT, SERVER6, 80)):
        closes_as(g, f"{name}-refuse", "refuse{mode=close}", mode, where, port, "", like[""])
        closes_as(g, f"{name}-limit", "connection_limit{limit=0,await_request=5s}", mode, where, port, "request", like["request"])
        closes_as(g, f"{name}-cut", "cut{direction=downstream,sides=both,after=100B}", mode, where, port, get, like["request"])
    closes_as(g, "in-4", "refuse{mode=close,await_request=5s}", TRANSPARENT, SERVER, 80, "request", like["request"])


if __name__ == "__main__":
    main(inside, "tcpdump", "tshark", "nginx")
