#!/usr/bin/env python3
"""Connections through a gateway with wedge: IPv4 and IPv6, the server sees the client's address and
port, thousands of short ones without a failure, a port used again within 5 s, what isn't selected
passes by, and so does everything after wedge."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import CLIENT, CLIENT6, PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

MANY = int(os.environ.get("CONNECTIONS", "10000"))

# Each asks once and reads to the end; prints how many failed, and the first reason.
SHORT = """
import socket, sys
host, n = sys.argv[1], int(sys.argv[2])
size, failed = int(sys.argv[3]), []
for i in range(n):
    try:
        with socket.create_connection((host, 80), 10) as s:
            s.sendall(b"GET /f HTTP/1.0\\r\\n\\r\\n")
            got = 0
            while data := s.recv(65536):
                got += len(data)
            if got < size:
                failed.append(f"{got} bytes")
    except OSError as why:
        failed.append(str(why))
print(len(failed), *failed[:1])
"""

# Connections from one port: who closes first, how, and how many; prints "ok" for each.
AGAIN = """
import socket, struct, sys, time
host, port, how, family = sys.argv[1], int(sys.argv[2]), sys.argv[3], socket.AF_INET6
if "." in host:
    family = socket.AF_INET
for i in range(int(sys.argv[5])):
    s = socket.socket(family)
    s.settimeout(5)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", port))
    s.connect((host, 80))
    s.sendall(b"GET /f?%d HTTP/1.%d\\r\\nHost: h\\r\\n\\r\\n" % (port, how != "server"))
    got = 0
    while got < int(sys.argv[4]):
        got += len(s.recv(65536))
    if how == "server":
        while s.recv(65536):
            pass
    if how == "reset":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    print("ok")
    time.sleep({"server": 0.05, "reset": 0.05, "client": 1.2}[how])
"""
SIZE = 4096


def one_connection(g):
    for address, client in ((SERVER, CLIENT), (SERVER6, CLIENT6)):
        p = g.curl(address, f"f?{address}")
        code, port = p.stdout.split()
        check(code == "200", f"curl to {address}: {code} {p.stderr.strip()}")
        peers = g.peers(f"f?{address}")
        check(peers == [(client, port)], f"nginx saw {peers}, the client's own")


def what_is_not_selected_passes_by(g):
    check(g.curl(SERVER, port=81).stdout.startswith("200"), "another port answers")


def thousands(g):
    for address in (SERVER, SERVER6):
        said = g.run("client", PYTHON, "-c", SHORT, address, str(MANY // 2), str(SIZE),
                     timeout=250).stdout.strip()
        check(said == "0", f"{MANY // 2} connections to {address}, failed: {said}")


def again(g, address, port, how, n):
    """(what it said, what went wrong)"""
    p = g.run("client", PYTHON, "-c", AGAIN, address, str(port), how, str(SIZE), str(n))
    return p.stdout.split(), p.stderr.strip()[-200:]


def a_port_used_again(g):
    """A client that has closed first may use its port again after a second (tcp_tw_reuse, RFC 6191):
    then wedge's own TIME_WAIT, towards the server, is in the way. The server has no timestamps, as
    Windows hasn't: with them the kernel would let wedge by."""
    g.sh("server", "echo 0 >/proc/sys/net/ipv4/tcp_timestamps")
    g.sh("client", "echo 1 >/proc/sys/net/ipv4/tcp_tw_reuse")
    for i, how in enumerate(("server", "reset", "client")):
        for k, address in enumerate((SERVER, SERVER6)):
            port = 20000 + 10 * i + k
            said, wrong = again(g, address, port, how, 4)
            check(said == ["ok"] * 4, f"port {port} four times within 5 s, {how} closes: {wrong}")
            ports = [seen for _, seen in g.peers(f"f?{port}", 4)]
            check(ports == [str(port)] * 4, f"the server saw {ports}")


def a_port_used_again_past_wedge(g):
    """What is left in TIME_WAIT of either leg is of the same addresses and ports, and the kernel would
    drop what it should forward."""
    for i, number in enumerate((signal.SIGTERM, signal.SIGKILL)):
        wedge = g.wedge("--port", "80")
        ports = [(address, 22000 + 4 * i + 2 * k + j, how) for k, address in enumerate((SERVER, SERVER6))
                 for j, how in enumerate(("server", "client"))]
        for port in ports:
            check(again(g, *port, 1)[0] == ["ok"], f"through wedge: {port}")
        stop(wedge, number)
        await_true(lambda: not g.run("gateway", "ss", "-Htan").stdout, "wedge's connections are gone", limit=2)
        for port in ports:
            said, wrong = again(g, *port, 1)
            check(said == ["ok"], f"and past it after {number.name}: {port} {wrong}")


def inside(g, user, _):
    g.nginx(SIZE)
    wedge = g.wedge("--port", "80")
    print(user, wedge.said().strip())
    one_connection(g)
    what_is_not_selected_passes_by(g)
    a_port_used_again(g)
    thousands(g)
    check(stop(wedge) == 0, "SIGTERM ends it with 0")
    ports = [e["port"] for e in g.journal("session_open")]
    check(ports == [80] * (2 + 6 * 4 + 2 * (MANY // 2)), f"{len(ports)} sessions, all to port 80")
    taken = g.journal("client_port_taken")
    check(not taken, f"the server always saw the client's own port ({len(taken)} others)")
    a_port_used_again_past_wedge(g)


main(inside, "curl", "nginx")
