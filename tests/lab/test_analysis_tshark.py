#!/usr/bin/env python3
"""Real TCP traffic, captured by tcpdump, must look the same to the analysis and to tshark, frame by
frame: connections, flags, retransmissions, zero windows, duplicate ACKs, ACK times. Every case runs
in a network namespace of its own making. The definitional differences that are allowed are those of
docs/rules.md."""

import collections
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

BINARY_DIR = os.environ.get("BINARY_DIR", "build")
DUMP = os.environ.get("ANALYSIS_DUMP", os.path.join(BINARY_DIR, "tests", "analysis_dump"))
TOOLS = ("tshark", "tcpdump", "ip", "iptables", "ethtool", "unshare", "nsenter")
CLONE_NEWNET = 0x40000000
PORT = 7000
FIELDS = """frame.number frame.time_epoch tcp.stream ip.src ipv6.src tcp.srcport tcp.len tcp.flags
tcp.analysis.retransmission tcp.analysis.fast_retransmission tcp.analysis.spurious_retransmission
tcp.analysis.out_of_order tcp.analysis.zero_window tcp.analysis.duplicate_ack
tcp.analysis.keep_alive tcp.analysis.zero_window_probe tcp.analysis.acks_frame
tcp.analysis.ack_rtt tcp.ack tcp.window_size_value tcp.options.sack.count""".split()


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(*argv, check=True):
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"{' '.join(argv)}: {done.stderr}")
    return done


def enter_namespace():
    """Goes on in a network namespace (as an ordinary user, in a user namespace too)."""
    if os.environ.get("IN_NAMESPACE"):
        return
    flags = ["-n"] if os.geteuid() == 0 else ["-Urn"]
    if run("unshare", *flags, "true", check=False).returncode:
        skip("no network namespace can be made here")
    env = dict(os.environ, IN_NAMESPACE="1", XTABLES_LOCKFILE=f"/tmp/xtables.{os.getpid()}")
    os.execvpe("unshare", ["unshare", *flags, sys.executable, os.path.abspath(__file__),
                           *sys.argv[1:]], env)


def tune(name, value):
    with open("/proc/sys/net/" + name, "w", encoding="ascii") as f:
        f.write(value)


def set_up():
    run("ip", "link", "set", "lo", "up", "mtu", "1500")
    run("ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off", check=False)
    tune("ipv4/tcp_congestion_control", "reno")


class Router:
    """Another namespace, through a veth pair and a router in between that can lose packets before
    they reach this one."""

    def __init__(self):
        self.far = [self.namespace(), self.namespace()]
        router, server = (p.pid for p in self.far)
        run("ip", "link", "add", "near", "type", "veth", "peer", "r0", "netns", str(router))
        run("ip", "link", "add", "far", "netns", str(server), "type", "veth", "peer", "r1", "netns",
            str(router))
        self.within(router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for pid, name, address in ((0, "near", "192.0.2.1"), (router, "r0", "192.0.2.2"),
                                   (router, "r1", "198.51.100.2"), (server, "far", "198.51.100.1")):
            self.within(pid, "ip", "address", "add", address + "/24", "dev", name)
            self.within(pid, "ethtool", "-K", name, "tso", "off", "gso", "off", "gro", "off")
            self.within(pid, "ip", "link", "set", name, "up")
        self.within(0, "ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2")
        self.within(server, "ip", "route", "add", "192.0.2.0/24", "via", "198.51.100.2")
        self.within(server, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")

    @staticmethod
    def namespace():
        p = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 600"],
                             stdout=subprocess.PIPE)
        p.stdout.readline()
        return p

    @staticmethod
    def within(pid, *argv):
        run(*(("nsenter", "-t", str(pid), "-n") if pid else ()), *argv)

    def lose(self, *match):
        self.within(self.far[0].pid, "iptables", "-A", "FORWARD", *match, "-j", "DROP")

    @contextlib.contextmanager
    def there(self):
        """Sockets made within belong to the far namespace (setns is per thread)."""
        setns = ctypes.CDLL(None, use_errno=True).setns
        with open("/proc/thread-self/ns/net", "rb") as here, \
                open(f"/proc/{self.far[1].pid}/ns/net", "rb") as there:
            assert setns(there.fileno(), CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert setns(here.fileno(), CLONE_NEWNET) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for p in self.far:
            p.kill()
            p.wait()


class Capture:
    """tcpdump on one interface (or "any": Linux cooked), from the first packet to the last."""

    def __init__(self, path, interface):
        self.path, self.interface = path, interface

    def __enter__(self):
        self.dump = subprocess.Popen(
            ["tcpdump", "-i", self.interface, "--immediate-mode", "--time-stamp-precision=nano", "-Z", "root",
             "-B", "16384", "-s", "2000", "-w", self.path, "-U", "tcp"], stderr=subprocess.PIPE, text=True)
        while "listening on" not in self.dump.stderr.readline():
            if self.dump.poll() is not None:
                skip("tcpdump doesn't run here")
        return self

    def __exit__(self, *_):
        size = -1
        while size != os.path.getsize(self.path):  # until nothing more arrives
            size = os.path.getsize(self.path)
            time.sleep(0.3)
        self.dump.send_signal(signal.SIGINT)
        tail = self.dump.communicate()[1]
        assert "0 packets dropped by kernel" in tail, tail


class Server:
    """Answers one connection after another with handler(socket)."""

    def __init__(self, handler, family=socket.AF_INET, rcvbuf=0, port=PORT, host=None):
        self.handler = handler
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if rcvbuf:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        host = host or ("::1" if family == socket.AF_INET6 else "127.0.0.1")
        self.listener.bind((host, port))
        self.listener.listen(64)
        self.address = self.listener.getsockname()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                s = self.listener.accept()[0]
            except OSError:
                return
            with s, contextlib.suppress(ConnectionError):
                self.handler(s)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def connect(self, bind_port=0):
        s = socket.socket(self.listener.family)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bind_port:
            s.bind(("127.0.0.1", bind_port))
        s.connect(self.address)
        return s


def receive(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        if not piece:
            break
        data += piece
    return data


def abort(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


# The cases: each makes traffic; some return a check of their own on the analysis.

def write_write_read(family):
    """Nagle against the kernel's delayed ACK: about 44 ms in every exchange but the first ones."""
    exchanges = 30

    def handler(s):
        while receive(s, 100):
            s.send(b"h" * 120)
            s.send(b"b" * 60)

    with Server(handler, family) as server, server.connect() as s:
        for _ in range(exchanges):
            s.send(b"q" * 100)
            receive(s, 180)

    def check(a):
        m = a["metrics"]
        assert m["exchanges"] == [exchanges], m["exchanges"]
        assert m["downstream_bytes"] == [exchanges * 180] and m["upstream_bytes"] == [exchanges * 100]
        assert a["delayed_ack"]["holds"], a["delayed_ack"]
        assert a["delayed_ack"]["class"].startswith("Linux"), a["delayed_ack"]
        assert m["stall_share"][0] >= 0.8 and all(g["nagle"] for g in stalls(a))
    return check


def stalls(a):
    return [g for c in a["connections"] for g in c["acks"] if g["stall"]]


def no_delay():
    """The documented cure: the same exchanges without Nagle show no stall."""
    def handler(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while receive(s, 100):
            s.send(b"h" * 120)
            s.send(b"b" * 60)

    with Server(handler) as server, server.connect() as s:
        for _ in range(30):
            s.send(b"q" * 100)
            receive(s, 180)

    def check(a):
        assert not stalls(a) and not a["delayed_ack"]["holds"], a["delayed_ack"]
    return check


def fetch(server, n):
    with server, server.connect() as s:
        s.send(b"?")
        assert len(receive(s, n)) == n


def bulk():
    n = 3_000_000
    fetch(Server(lambda s: (receive(s, 1), s.sendall(b"x" * n))), n)

    def check(a):
        assert a["metrics"]["downstream_bytes"] == [n], a["metrics"]["downstream_bytes"]
        assert not stalls(a)
    return check


LOSS = ["-p", "tcp", "--sport", str(PORT), "-m", "length", "--length", "1000:", "-m", "statistic",
        "--mode", "nth", "--every", "60", "--packet", "20"]


def check_loss(n):
    def check(a):
        m = a["metrics"]
        assert m["downstream_bytes"] == [n], m["downstream_bytes"]
        assert m["retransmissions"][0] + m["out_of_order"][0] >= 10, m["retransmissions"]
    return check


def loss_behind_capture():
    """The capture shows what is lost later: repetitions of what was seen."""
    n = 1_500_000
    run("iptables", "-A", "INPUT", *LOSS, "-j", "DROP")
    try:
        fetch(Server(lambda s: (receive(s, 1), s.sendall(b"x" * n))), n)
    finally:
        run("iptables", "-F", "INPUT")
    return check_loss(n)


def loss_before_capture():
    """The capture shows holes and what fills them."""
    n = 1_500_000
    with Router() as router:
        router.lose(*LOSS)
        with router.there():
            server = Server(lambda s: (receive(s, 1), s.sendall(b"x" * n)), host="198.51.100.1")
        fetch(server, n)
    return check_loss(n)


def zero_window():
    """The reader stops: a closed window, Linux's empty probes, and it opens again."""
    n = 400_000
    go = threading.Event()

    def handler(s):
        go.wait(10)
        receive(s, n)

    with Server(handler, rcvbuf=8192) as server, server.connect() as s:
        threading.Timer(1.2, go.set).start()
        s.sendall(b"z" * n)

    def check(a):
        assert a["metrics"]["zero_windows"][0] >= 2, a["metrics"]["zero_windows"]
        assert a["metrics"]["upstream_bytes"] == [n]
    return check


def resets():
    """Aborted by the client, by the server, and refused."""
    with Server(lambda s: receive(s, 10)) as server:
        s = server.connect()
        s.send(b"12345")
        abort(s)
    with Server(lambda s: (receive(s, 5), abort(s)), port=PORT + 1) as server, server.connect() as s:
        s.send(b"12345")
        try:
            s.recv(1)
        except ConnectionResetError:
            pass
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", PORT + 2)) != 0

    def check(a):
        assert a["metrics"]["resets"] == [3], a["metrics"]["resets"]
        assert a["metrics"]["connections"] == [3]
    return check


def half_close():
    """The client's FIN comes before the server's answer."""
    def handler(s):
        while s.recv(65536):
            pass
        time.sleep(0.1)
        s.sendall(b"answer")

    with Server(handler) as server, server.connect() as s:
        s.sendall(b"question")
        s.shutdown(socket.SHUT_WR)
        assert receive(s, 100) == b"answer"

    def check(a):
        c, = a["connections"]
        assert c["fins"] == [1, 1], c["fins"]
        assert 0.09 < a["metrics"]["response"][0] < 0.5, a["metrics"]["response"]
    return check


def keep_alives():
    with Server(lambda s: receive(s, 100)) as server, server.connect() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        s.send(b"1")
        time.sleep(3.3)

    def check(a):
        assert a["metrics"]["retransmissions"] == [0] and a["metrics"]["duplicate_acks"] == [0]
    return check


def syn_retry():
    """Two SYNs are lost."""
    run("iptables", "-A", "INPUT", "-p", "tcp", "--dport", str(PORT), "--syn", "-m", "statistic",
        "--mode", "nth", "--every", "3", "--packet", "0", "-j", "DROP")
    try:
        with Server(lambda s: s.send(b"hello")) as server, server.connect() as s:
            receive(s, 5)
    finally:
        run("iptables", "-F", "INPUT")

    def check(a):
        c, = a["connections"]
        assert c["syns"][0] >= 2 and c["retransmissions"][0] == c["syns"][0] - 1, c
        assert c["handshake_ack"] - c["syn"] > 900_000_000
    return check


def port_reuse():
    """The same four numbers again and again are separate connections."""
    with Server(lambda s: receive(s, 3)) as server:
        for _ in range(5):
            s = server.connect(bind_port=5555)
            s.send(b"abc")
            time.sleep(0.05)
            abort(s)

    def check(a):
        assert a["metrics"]["connections"] == [5] and a["metrics"]["upstream_bytes"] == [15]
    return check


CASES = {
    "write_write_read": lambda: write_write_read(socket.AF_INET),
    "write_write_read_ipv6": lambda: write_write_read(socket.AF_INET6),
    "no_delay": no_delay,
    "bulk": bulk,
    "loss_behind_capture": loss_behind_capture,
    "loss_before_capture": loss_before_capture,
    "zero_window": zero_window,
    "resets": resets,
    "half_close": half_close,
    "keep_alives": keep_alives,
    "syn_retry": syn_retry,
    "port_reuse": port_reuse,
}


# The comparison.

def tshark(path):
    argv = ["tshark", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f"]
    for f in FIELDS:
        argv += ["-e", f]
    rows = []
    for line in run(*argv).stdout.splitlines():
        rows.append(dict(zip(FIELDS, line.split("|"))))
    return rows


def nanoseconds(epoch):
    whole, _, part = epoch.partition(".")
    return int(whole) * 10**9 + int(part.ljust(9, "0")[:9])


def count_streams(rows):
    """tshark's verdicts per stream and side (0: the client, sender of the first packet)."""
    n = collections.defaultdict(collections.Counter)
    client, last_ack = {}, {}
    for r in rows:
        stream = int(r["tcp.stream"])
        sender = (r["ip.src"] or r["ipv6.src"], r["tcp.srcport"])
        client.setdefault(stream, sender)
        c = n[stream, 0 if client[stream] == sender else 1]
        flags = int(r["tcp.flags"], 16)
        analysis = {k for k in FIELDS if k.startswith("tcp.analysis.") and r[k]}
        length = int(r["tcp.len"])
        probe = analysis & {"tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe"}
        late = analysis & {"tcp.analysis.retransmission", "tcp.analysis.out_of_order"}
        c["syns"] += bool(flags & 2)
        c["fins"] += bool(flags & 1)
        c["resets"] += bool(flags & 4)
        c["data_segments"] += length > 0 and not probe
        c["pure_acks"] += length == 0 and flags & 0x17 == 0x10 and not probe
        c["late"] += bool(late)
        c["zero_windows"] += "tcp.analysis.zero_window" in analysis
        # Not yet in Wireshark 4.0: a repeated ACK with SACK blocks and another window (RFC 6675 2).
        sack = (length == 0 and r["tcp.options.sack.count"] and r["tcp.window_size_value"] != "0" and
                last_ack.get((stream, sender)) == r["tcp.ack"])
        c["duplicate_acks"] += bool("tcp.analysis.duplicate_ack" in analysis or sack)
        last_ack[stream, sender] = r["tcp.ack"]
    return n


def compare(rows, a):
    streams = {int(r["tcp.stream"]) for r in rows}
    assert len(a["connections"]) == len(streams), "number of connections"
    assert a["tcp_packets"] == len(rows) and a["not_parsed"] == 0
    theirs = count_streams(rows)
    for c in a["connections"]:
        assert "unreliable" not in c, c["unreliable"]
        for d in (0, 1):
            t = theirs[c["index"], d]
            ours = {k: c[k][d] for k in ("syns", "fins", "resets", "data_segments", "pure_acks",
                                         "zero_windows", "duplicate_acks")}
            ours["late"] = c["retransmissions"][d] + c["out_of_order"][d]
            for k, v in ours.items():
                assert v == t[k], f"connection {c['index']} side {d}: {k} {v}, tshark {t[k]}"
    return compare_ack_times(rows, a)


def compare_ack_times(rows, a):
    """Where an ACK covers one segment, Wireshark's ack_rtt and our gap are the same thing."""
    frames = {int(r["frame.number"]): r for r in rows}
    compared = 0
    for c in a["connections"]:
        for g in c["acks"]:
            r = frames[g["ack_frame"]]
            stamps = [nanoseconds(frames[g[k]]["frame.time_epoch"]) for k in ("data_frame", "ack_frame")]
            assert g["gap"] == stamps[1] - stamps[0], g
            if g["covered"] != 1 or g["resent"] or not r["tcp.analysis.ack_rtt"]:
                continue
            assert int(r["tcp.analysis.acks_frame"]) == g["data_frame"], (g, r)
            difference = g["gap"] - nanoseconds(r["tcp.analysis.ack_rtt"])
            assert abs(difference) <= 1000, (g, r)
            compared += 1
    return compared


def main():
    missing = [t for t in TOOLS if not shutil.which(t)]
    if missing or not os.path.exists(DUMP):
        skip(f"needs {' '.join(missing) or DUMP}")
    enter_namespace()
    set_up()
    only = sys.argv[1:]
    keep = os.environ.get("KEEP_CAPTURES")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, traffic in CASES.items():
            if only and name not in only:
                continue
            path = os.path.join(keep or folder, name + ".pcap")
            try:
                with Capture(path, "any" if traffic is loss_before_capture else "lo"):
                    check = traffic()
                rows = tshark(path)
                a = json.loads(run(DUMP, path).stdout)
                compared = compare(rows, a)
                check(a)
                print(f"ok {name}: {len(rows)} packets, {compared} ACK times")
            except AssertionError as why:
                failures += 1
                print(f"FAILED {name}: {why}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
