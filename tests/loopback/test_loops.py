#!/usr/bin/env python3
"""A proxy that would dial itself is refused at start, where that can be known; else its connection is stopped when it
comes back: one line, no descriptor lost, and whom another proxy serves is served on."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

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
    rest = p.descriptors() + 2 * rig.WORKERS
    got = [rig.read_new(port) for _ in range(clients)]
    rig.check("%s: each client gets RST" % what, got == [(b"", "RST")] * clients, str(got[:1]))
    rig.wait_for(lambda: len(p.sessions()) >= clients)
    rig.check("it is said once", rig.wait_for(lambda: len(p.logged("comes back to it")) == 1), "\n".join(p.logged("comes back to it")))
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


class Relay:
    """Another program that takes what comes to its port to another one."""

    def __init__(self, name, port, to):
        self.name, self.log = name, None
        at = ("127.0.0.1", port)
        if name == "wedge":
            command = [rig.WEDGE, "proxy", "--listen", "%s:%d" % at, "--upstream", "127.0.0.1:%d" % to]
        elif name == "socat":
            command = ["socat", "TCP-LISTEN:%d,fork,bind=127.0.0.1,backlog=512" % port, "TCP:127.0.0.1:%d" % to]
        else:
            self.log = tempfile.NamedTemporaryFile("w", suffix=".cfg")
            self.log.write("defaults\n mode tcp\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n"
                           "listen a\n bind 127.0.0.1:%d\n server b 127.0.0.1:%d\n" % (port, to))
            self.log.flush()
            command = ["haproxy", "-f", self.log.name]
        self.said = tempfile.TemporaryFile()
        self.p = subprocess.Popen(command, stderr=self.said)
        rig.wait_for(lambda: not refuses(port))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.terminate()
        self.p.wait()

    def lines(self):
        self.said.seek(0)
        return self.said.read().decode().splitlines()


def refuses(port):
    """Asked of the kernel: a connection would be a client."""
    with open("/proc/net/tcp", encoding="ascii") as f:
        return not any(line.split()[1].endswith(":%04X" % port) and line.split()[3] == "0A" for line in f.readlines()[1:])


def ends_soon(s):
    s.settimeout(10)
    try:
        return s.recv(10) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def stopped_by_way_of_a_program(name, folder, port, server):
    """Many at once; another proxy is served on; and who leads to a server through the same program isn't stopped."""
    other, healthy = free_port(), free_port()
    path = write_config(folder, ("a", port, "127.0.0.1:%d" % other), ("b", healthy, "127.0.0.1:%d" % server.getsockname()[1]))
    with Relay(name, other, port) as relay, Served(path, 2) as p:
        rest = p.descriptors()
        clients = [rig.connect(port) for _ in range(5)]
        rig.check("by way of %s: each of 5 clients at once is let go" % name, all(ends_soon(c) for c in clients))
        def said_lines():
            return [x for x in p.logged("comes back to it") + relay.lines() if "comes back to it by way of" in x]

        rig.wait_for(said_lines)
        said = said_lines()  # a second wedge may be the one that stops it
        rig.check("it is said once, with the program's name", 0 < len(said) <= 1 + (name == "wedge")
                  and all("by way of " + name in line for line in said), "\n".join(said))
        for c in clients:
            c.close()
        rig.check("nothing goes round any more", rig.wait_for(lambda: p.descriptors() <= rest + 2 * rig.WORKERS, 10),
                  "%d, %d" % (rest, p.descriptors()))
        time.sleep(1)  # for 0.3 s every client is taken for one that comes back
        before = len(p.sessions())
        with rig.connect(port) as again:
            gone = ends_soon(again)
        rig.check("the next is stopped soon", gone and rig.wait_for(lambda: len(p.sessions()) > before)
                  and len(p.sessions()) - before < 60, str(len(p.sessions()) - before))
        with rig.connect(healthy) as one, rig.accept(server) as end:
            one.sendall(b"another proxy")
            rig.check("another proxy serves", end.recv(20) == b"another proxy")


def no_loop_is_stopped(server):
    """300 silent connections, of one program at both ends; then with a second wedge on both sides."""
    first, inner, outer = free_port(), free_port(), free_port()
    to = "127.0.0.1:%d" % server.getsockname()[1]

    def all_pass(port):
        pairs = [(rig.connect(port), rig.accept(server)) for _ in range(300)]
        for _, end in pairs:
            end.sendall(b"x")
        got = sum(c.recv(1) == b"x" for c, _ in pairs)
        for pair in pairs:
            for s in pair:
                s.close()
        return got

    with rig.Proxy(to, listen="127.0.0.1:%d" % first):
        got = all_pass(first)
        rig.check("300 that wait for their server", got == 300, str(got))
    with tempfile.TemporaryDirectory() as folder:
        path = write_config(folder, ("outer", outer, "127.0.0.1:%d" % first), ("inner", inner, to))
        with Served(path, 2), rig.Proxy("127.0.0.1:%d" % inner, listen="127.0.0.1:%d" % first):
            got = all_pass(outer)
            rig.check("300 through a wedge between two proxies of another one", got == 300, str(got))


with tempfile.TemporaryDirectory() as folder:
    net.own_files(folder, "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")
    one, two = free_port(), free_port()
    refused_at_start(one)
    refused_in_a_file(folder, one, two)
    stopped_when_it_comes_back(one)
    stopped_by_way_of_others(folder, one, two, rig.listener())
    for program in ("wedge", "socat", "haproxy"):
        if program == "wedge" or shutil.which(program):
            stopped_by_way_of_a_program(program, folder, free_port(), rig.listener())
        else:
            print("no %s: not tried" % program)
    no_loop_is_stopped(rig.listener())
rig.finish()
