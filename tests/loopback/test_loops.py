#!/usr/bin/env python3
"""A proxy that would dial itself is refused at start, where that can be known; else its connection is stopped when it
comes back: one line, no descriptor lost, and whom another proxy serves is served on."""
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import silent_rig as net
import proxy_rig as rig


def free_port():
    with socket.socket() as s:
        s.bind(("", 0))
        return s.getsockname()[1]


def start(*args):
    """(status, its first line), or (None, "") when it runs."""
    p = subprocess.Popen([rig.WEDGE, "proxy", *args], stderr=subprocess.PIPE, text=True)
    line = p.stderr.readline()
    if "listening on" in line:
        p.terminate()
    p.wait(10)
    p.stderr.close()
    return (None, "") if "listening on" in line else (p.returncode, line)


def refused_at_start(port):
    net.write_hosts("127.0.0.1 here.test", "::1 six.test")
    for listen, upstream, refused in (
            ("127.0.0.1", "127.0.0.1", True), ("", "127.0.0.1", True), ("0.0.0.0", "127.9.9.9", True), ("", "[::1]", True),
            ("127.0.0.1", "[::ffff:127.0.0.1]", True), ("", "0.0.0.0", True), ("127.0.0.1", "0.0.0.0", True),
            ("127.0.0.1", "localhost", True), ("127.0.0.1", "here.test", True), ("[::]", "SIX.test", True),
            ("0.0.0.0", "[::1]", False), ("127.0.0.1", "127.0.0.2", False), ("", "192.0.2.1", False)):
        status, line = start("--listen", "%s:%d" % (listen, port), "--upstream", "%s:%d" % (upstream, port))
        rig.check("listen %s, upstream %s: %s" % (listen or "(every)", upstream, "refused" if refused else "runs"),
                  status == (2 if refused else None) and refused == ("leads back" in line), line.strip())


def write_config(folder, *proxies):
    path = os.path.join(folder, "config.yaml")
    with open(path, "w") as f:
        f.write("proxies:\n")
        for name, listen, upstream in proxies:
            f.write("  - {name: %s, listen: '127.0.0.1:%d', upstream: '%s'}\n" % (name, listen, upstream))
    return path


def refused_in_a_file(folder, a, b):
    path = write_config(folder, ("a", a, "127.0.0.1:%d" % b), ("b", b, "localhost:%d" % a))
    for option in ("--config", "--check"):
        status, line = start(option, path)
        rig.check("%s: two that lead to each other" % option, status == 2 and "by way of other proxies" in line
                  and "config.yaml:2:" in line, line.strip())


def stopped(what, p, port, clients=100):
    """Each client is reset, wedge says it once, and has no descriptor more than before."""
    rest = p.descriptors() + 2
    got = [rig.read_new(port) for _ in range(clients)]
    rig.check("%s: each client gets RST" % what, got == [(b"", "RST")] * clients, str(got[:1]))
    rig.wait_for(lambda: len(p.sessions()) >= clients)
    rig.check("it is said once", len(p.logged("comes back to it")) == 1, "\n".join(p.logged("comes back to it")))
    rig.check("no descriptor is lost", rig.wait_for(lambda: p.descriptors() <= rest), "%d, %d" % (rest, p.descriptors()))


def stopped_when_it_comes_back(port):
    """A name that leads elsewhere when wedge starts; then a rule of the host that redirects."""
    net.write_hosts("127.0.0.2 moving.test")
    with rig.Proxy("moving.test:%d" % port, listen="127.0.0.1:%d" % port) as p:
        net.write_hosts("127.0.0.1 moving.test")
        stopped("by name", p, port)
    net.nft("add table ip redirected; add chain ip redirected out { type nat hook output priority -100; }")
    net.nft("add rule ip redirected out ip daddr 127.0.0.7 tcp dport 80 redirect to :%d" % port)
    with rig.Proxy("127.0.0.7:80", listen="127.0.0.1:%d" % port) as p:
        stopped("by a redirecting rule", p, port)
    net.nft("delete table ip redirected")


class Served(rig.Proxy):
    """Several proxies of a file; each prints its line."""

    def __init__(self, path, lines):
        self.p = subprocess.Popen([rig.WEDGE, "proxy", "--config", path, "-v"], stderr=subprocess.PIPE, text=True, bufsize=1)
        self.lines = [self.p.stderr.readline() for _ in range(lines)]
        self.reader = rig.threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()


def stopped_by_way_of_others(folder, a, b, server):
    """Two rounds are two proxies; a third proxy, and one that leads to another, are none of it."""
    net.write_hosts("127.0.0.2 moving.test")
    c, d = free_port(), free_port()
    path = write_config(folder, ("a", a, "127.0.0.1:%d" % b), ("b", b, "moving.test:%d" % a),
                        ("c", c, "127.0.0.1:%d" % server.getsockname()[1]), ("d", d, "127.0.0.1:%d" % c))
    with Served(path, 4) as p:
        net.write_hosts("127.0.0.1 moving.test")
        stopped("two proxies", p, a)
        with rig.connect(d) as one, rig.accept(server) as end:
            one.sendall(b"through two")
            rig.check("one that leads to another serves", end.recv(20) == b"through two")


with tempfile.TemporaryDirectory() as folder:
    net.own_files(folder, "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")
    one, two = free_port(), free_port()
    refused_at_start(one)
    refused_in_a_file(folder, one, two)
    stopped_when_it_comes_back(one)
    stopped_by_way_of_others(folder, one, two, rig.listener())
rig.finish()
