#!/usr/bin/env python3
"""Whichever call for memory or of the kernel fails, while wedge starts, while a session is set up, moves bytes and ends, while a changed
configuration is applied, while a scenario is loaded: wedge ends with status 2 and a line, or goes on, with that session or
without, and serves the next one. It never crashes, hangs, or keeps a descriptor, and no rule or process of its own outlives it, whatever
netlink refuses. MOST calls of each kind are tried, evenly; all of them with WEDGE_FAIL_ALL=1."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import own_network  # noqa: E402

own_network.enter()
import config_rig  # noqa: E402
import fail_rig  # noqa: E402
import proxy_rig as rig  # noqa: E402

if not config_rig.has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)

MOST = 1 << 30 if os.environ.get("WEDGE_FAIL_ALL") else 2
PATIENCE = 20
CALLS = (("malloc", "ENOMEM"), ("accept4", "EMFILE"), ("accept4", "ECONNABORTED"), ("socket", "EMFILE"), ("connect", "EADDRNOTAVAIL"),
         ("connect", "ENOBUFS"), ("bind", "EADDRINUSE"), ("listen", "EADDRINUSE"), ("pipe2", "EMFILE"), ("splice", "ENOMEM"),
         ("setsockopt", "ENOBUFS"), ("getsockopt", "ENOBUFS"), ("getsockname", "ENOBUFS"), ("recv", "ENOMEM"),
         ("recvfrom", "ENOMEM"), ("recvmsg", "ENOBUFS"), ("readv", "ENOMEM"), ("writev", "ENOBUFS"), ("send", "ENOBUFS"),
         ("sendto", "ENOBUFS"), ("sendmsg", "ENOBUFS"), ("epoll_ctl", "ENOSPC"), ("eventfd", "EMFILE"),
         ("timerfd_create", "EMFILE"), ("epoll_create1", "EMFILE"))
# Through which rules, routes and queues are set up: libmnl's and libnftables' calls.
NETLINK = (("socket", "EMFILE"), ("sendto", "ENOBUFS"), ("sendmsg", "ENOBUFS"), ("recvmsg", "ENOBUFS"))
MODES = ("transparent, in: lo, port: '1-99'", "redirect, port: '1-99'", "forward, server: '192.0.2.1:80'")
# libnftables ends its program by itself when it has no memory or socket.
LIBRARY_ENDED = re.compile(r"^(utils|mnl)\.c:\d+: (Memory allocation failure|Unable to initialize Netlink socket)", re.M)
STREAM = "latency: {delay: 1ms, direction: both}", "chaos"
PACKETS = "delay: {delay: 1ms}",
folder = tempfile.TemporaryDirectory()
plan = fail_rig.Plan(folder.name)
server = rig.listener()
server.settimeout(None)


def echo(s):
    try:
        with s:
            while data := s.recv(65536):
                s.sendall(data)
    except OSError:
        pass


def serve():
    while True:
        threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()


threading.Thread(target=serve, daemon=True).start()


def config(port, faults, mode=None):
    rows = ", ".join("{%s}" % f if ":" in f else f for f in faults)
    if mode:
        return "proxies: [{name: a, mode: %s, impairments: [%s]}]\n" % (mode, rows)
    return ("proxies: [{name: a, listen: '127.0.0.1:%d', upstream: '127.0.0.1:%d', impairments: [%s]}]\n" %
            (port, server.getsockname()[1], rows))


class Wedge:
    """A wedge that may have ended at any time."""

    def __init__(self, faults, mode=None):
        self.port, self.path = rig.free_port(), os.path.join(folder.name, "wedge.yaml")
        self.write(faults, mode)
        self.err = tempfile.TemporaryFile("w+", dir=folder.name)
        self.p = subprocess.Popen([rig.WEDGE, "proxy", "--config", self.path, "--seed", "1", "--workers", "1", "--journal", os.path.join(folder.name, "j")],
                                  stderr=self.err, env=plan.environment())

    def write(self, faults, mode=None):
        with open(self.path, "w", encoding="ascii") as f:
            f.write(config(self.port, faults, mode))

    def said(self):
        self.err.flush()
        with open("/proc/self/fd/%d" % self.err.fileno(), encoding="utf-8", errors="replace") as f:
            return f.read()

    def over(self):
        return self.p.poll() is not None

    def started(self):
        """False: it has ended."""
        rig.wait_for(lambda: self.over() or self.is_ready(), PATIENCE)
        return not self.over()

    def is_ready(self):
        return bool(re.search(r"listening on|taking connections|watching what", self.said()))

    def descriptors(self):
        try:
            return len(os.listdir("/proc/%d/fd" % self.p.pid))
        except OSError:
            return 0

    def talk(self, patience=PATIENCE):
        """Whether a session gets its bytes back; one that hangs is an exception."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), patience) as c:
                data = os.urandom(100000)
                sender = threading.Thread(target=send, args=(c, data), daemon=True)
                sender.start()
                got, end = rig.read_to_end(c)
                sender.join()
                if end == "nothing":
                    raise TimeoutError("a session hangs")
                return got == data
        except ConnectionError:
            return False

    def reload(self, faults):
        said = self.said().count("configuration ")
        self.write(faults)
        self.p.send_signal(signal.SIGHUP)
        rig.wait_for(lambda: self.over() or self.said().count("configuration ") > said, PATIENCE)

    def end(self):
        """(status, what it has said); not ended: status None."""
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self.over():
                break
            self.p.send_signal(number)
            try:
                self.p.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                pass
        # wedge's last line comes by way of a process that outlives it.
        said = rig.wait_for(self.said, 5) if self.p.returncode else self.said()
        self.err.close()
        return self.p.returncode, said


def send(c, data):
    try:
        c.sendall(data)
        c.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def clean_end(status, said):
    """Ended because of what failed: status 2, and a line that says why."""
    if LIBRARY_ENDED.search(said):
        return status in (2, 3)
    return status == 2 and "wedge: " in said and not re.search(r"\bbug\b|Sanitizer", said)


def outcome(wedge, act):
    """None when all is as it is to be, else what isn't."""
    try:
        act(wedge)
        plan.disarm()
        if not wedge.over():
            good = rig.wait_for(lambda: wedge.over() or wedge.talk(), PATIENCE)
            if not good:
                return "it doesn't serve the next session: %s" % wedge.said().splitlines()[-2:]
            rest = wedge.rest
            if not rig.wait_for(lambda: wedge.over() or wedge.descriptors() <= rest, 5):
                return "%d descriptors, %d before" % (wedge.descriptors(), rest)
    except TimeoutError as e:
        return str(e)
    finally:
        plan.disarm()
        status, said = wedge.end()
    if status == 0 or clean_end(status, said):
        return None
    return "status %s: %s" % (status, said.splitlines()[-2:])


def count(faults, act, function, error):
    """How many calls there are without a failure."""
    wedge = prepared(faults)
    plan.arm(function, 0, error, wedge.p.pid)
    act(wedge)
    calls = plan.disarm()[0]
    wedge.end()
    return calls


def prepared(faults):
    """A wedge that has served a session, so that what it has once is there."""
    wedge = Wedge(faults)
    if not wedge.started() or not wedge.talk():
        raise SystemExit("wedge doesn't serve: " + wedge.said())
    settled = [wedge.descriptors()]
    while len(settled) < 5 or len(set(settled[-5:])) > 1:  # the session's end
        time.sleep(0.01)
        settled.append(wedge.descriptors())
    wedge.rest = settled[-1]
    return wedge


def try_all(what, faults, act):
    for function, error in CALLS:
        n = count(faults, act, function, error)
        wrong, tried = [], fail_rig.some(n, MOST) if n else []
        for at in tried:
            wedge = prepared(faults)
            plan.arm(function, at, error, wedge.p.pid)
            said = outcome(wedge, act)
            wrong += ["call %d: %s" % (at, said)] if said else []
        if n:
            rig.check("%s: %s fails with %s, %d of %d calls" % (what, function, error, len(tried), n), not wrong, "; ".join(wrong[:3]))


def try_start(faults):
    """From the first call of the program on."""
    for function, error in CALLS:
        plan.arm(function, 0, error)
        wedge = Wedge(faults)
        wedge.started()
        n = plan.disarm()[0]
        wedge.end()
        wrong, tried = [], fail_rig.some(n, MOST) if n else []
        for at in tried:
            plan.arm(function, at, error)
            wedge = Wedge(faults)
            alive = wedge.started()
            plan.disarm()
            served = alive and wedge.talk()
            status, said = wedge.end()
            if not (alive and status in (0, 2) if served else clean_end(status, said)):
                wrong.append("call %d: %s, status %s: %s" % (at, "served" if served else "not served", status, said.splitlines()[-2:]))
        if n:
            rig.check("start: %s fails with %s, %d of %d calls" % (function, error, len(tried), n), not wrong, "; ".join(wrong[:3]))


def outside():
    """wedge's rules and processes, and all routes."""
    lines = []
    for words in (["nft", "list", "ruleset"], ["ip", "rule"], ["ip", "-6", "rule"], ["ip", "route", "show", "table", "all"],
                  ["iptables-save"], ["ip6tables-save"]):
        if shutil.which(words[0]):
            lines += [f"{' '.join(words)}: {line}" for line in subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
                      if "wedge" in line or words[0] == "ip"]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii") as f:
                name, state = re.search(r"\((.*)\) (.)", f.read()).groups()
            if name.startswith("wedge") and state != "Z":
                lines.append("process " + name)
        except OSError:
            pass
    return lines


def try_netlink(mode):
    """While rules and queues are set up: the start fails, with all taken back, or another way is found."""
    rig.wait_for(lambda: not any(line.startswith("process") for line in outside()))
    before = outside()
    for function, error in NETLINK:
        plan.arm(function, 0, error)
        wedge = Wedge(PACKETS, mode)
        wedge.started()
        n = plan.disarm()[0]
        wedge.end()
        wrong, tried = [], fail_rig.some(n, MOST) if n else []
        for at in tried:
            plan.arm(function, at, error)
            wedge = Wedge(PACKETS, mode)
            alive = wedge.started()
            plan.disarm()
            status, said = wedge.end()
            if not (status == 0 if alive else clean_end(status, said)):
                wrong.append("call %d: status %s: %s" % (at, status, said.splitlines()[-2:]))
            if not rig.wait_for(lambda: outside() == before, 5):
                wrong.append("call %d leaves %s" % (at, [line for line in outside() if line not in before][:3]))
        if n:
            rig.check("%s: %s fails with %s, %d of %d calls" % (mode, function, error, len(tried), n), not wrong, "; ".join(wrong[:3]))


def tell_watches():
    """A session whose socket can't be watched ends with a word, and alone."""
    wedge = prepared(STREAM)
    with socket.create_connection(("127.0.0.1", wedge.port), PATIENCE) as other:
        other.sendall(b"before")
        heard = other.recv(100)
        plan.arm("epoll_ctl", 1, "ENOSPC", wedge.p.pid)
        served = wedge.talk()
        plan.disarm()
        other.sendall(b"after")
        rig.check("a session that the kernel can't watch is reset, and another goes on", not served and heard == b"before" and other.recv(100) == b"after")
    status, said = wedge.end()
    with open(os.path.join(folder.name, "j"), encoding="utf-8") as f:
        whys = [e["why"] for e in map(json.loads, f) if e["event"] == "session_close"]
    rig.check("log and journal say why", status == 0 and "socket can't be watched: No space left on device" in said and
              "client: its socket can't be watched: No space left on device" in whys, "%s %s %s" % (status, said, whys))


def try_command(what, *words):
    """A command that reads: memory."""
    def run(at):
        plan.arm("malloc", at, "ENOMEM")
        p = subprocess.run([rig.WEDGE, *words], capture_output=True, text=True, timeout=60, env=plan.environment(), check=False)
        return p.returncode, p.stderr, plan.disarm()[0]

    n, wrong = run(0)[2], []
    tried = fail_rig.some(n, 5 * MOST)
    for at in tried:
        status, said, _ = run(at)
        if status and not clean_end(status, said):
            wrong.append("call %d: status %d: %s" % (at, status, said.splitlines()[-2:]))
    rig.check("%s: memory, %d of %d calls" % (what, len(tried), n), not wrong, "; ".join(wrong[:3]))


def change(wedge):
    """With a session that is open."""
    try:
        with socket.create_connection(("127.0.0.1", wedge.port), PATIENCE) as c:
            c.sendall(b"x" * 1000)
            c.recv(1000)
            wedge.reload(("slow_close: {delay: 5ms}", "latency: {delay: 2ms}", "bandwidth: {rate: 10MB/s}"))
            c.sendall(b"x" * 1000)
    except OSError:
        pass
    wedge.reload(STREAM)


try_command("a scenario", "show", "exchange-delayed-ack")
try_command("a configuration", "proxy", "--check", os.path.join(os.environ["SOURCE_DIR"], "tests/rig/fail_nth.yaml"))
try_start(STREAM + PACKETS)
try_all("a session", STREAM, Wedge.talk)
try_all("a session with packets", STREAM + PACKETS, Wedge.talk)
try_all("a change", STREAM, change)
tell_watches()
for way in MODES:
    try_netlink(way)
plan.close()
rig.finish()
