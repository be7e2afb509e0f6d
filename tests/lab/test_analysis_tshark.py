#!/usr/bin/env python3
"""Real TCP traffic, captured by tcpdump, must look the same to the analysis and to tshark, frame by
frame: connections, flags, retransmissions, zero windows, duplicate ACKs, ACK times. Every case runs
in a network namespace of its own making. The definitional differences that are allowed are those of
docs/rules.md."""

import collections
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import gap_referee
from capture_rig import (PORT, Capture, Router, Server, abort, enter_namespace, receive, run,
                         set_up, skip)

BINARY_DIR = os.environ.get("BINARY_DIR", "build")
DUMP = os.environ.get("ANALYSIS_DUMP", os.path.join(BINARY_DIR, "tests", "analysis_dump"))
TOOLS = ("tshark", "tcpdump", "ip", "iptables", "ethtool", "unshare", "nsenter")
FIELDS = """frame.number frame.time_epoch tcp.stream ip.src ipv6.src tcp.srcport tcp.len tcp.flags
tcp.analysis.retransmission tcp.analysis.fast_retransmission tcp.analysis.spurious_retransmission
tcp.analysis.out_of_order tcp.analysis.zero_window tcp.analysis.duplicate_ack
tcp.analysis.keep_alive tcp.analysis.zero_window_probe tcp.analysis.acks_frame
tcp.analysis.ack_rtt tcp.ack tcp.window_size_value tcp.options.sack.count""".split()


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
        assert m["downstream_bytes"] == [exchanges * 180]
        assert m["upstream_bytes"] == [exchanges * 100]
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
    aborting = Server(lambda s: (receive(s, 5), abort(s)), port=PORT + 1)
    with aborting as server, server.connect() as s:
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
    """The first SYN is lost."""
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
    client, highest_ack = {}, collections.Counter()
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
        sack = (length == 0 and r["tcp.options.sack.count"] and
                r["tcp.window_size_value"] != "0" and
                highest_ack[stream, sender] == int(r["tcp.ack"]))
        c["duplicate_acks"] += bool("tcp.analysis.duplicate_ack" in analysis or sack)
        # On loopback ACKs of two processors overtake each other: the highest counts, not the last.
        highest_ack[stream, sender] = max(highest_ack[stream, sender], int(r["tcp.ack"] or 0))
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
            sent = nanoseconds(frames[g["data_frame"]]["frame.time_epoch"])
            assert g["gap"] == nanoseconds(r["frame.time_epoch"]) - sent, g
            if g["covered"] != 1 or g["resent"] or not r["tcp.analysis.ack_rtt"]:
                continue
            assert int(r["tcp.analysis.acks_frame"]) == g["data_frame"], (g, r)
            difference = g["gap"] - nanoseconds(r["tcp.analysis.ack_rtt"])
            assert abs(difference) <= 1000, (g, r)
            compared += 1
    return compared


def compare_gaps(path, rows, a):
    """All times between packets, where the capture is small enough to look at every byte."""
    if sum(int(r["tcp.len"]) for r in rows) > 500_000:
        return 0
    return gap_referee.judge(path, a["metrics"])


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
                compared = compare(rows, a) + compare_gaps(path, rows, a)
                check(a)
                print(f"ok {name}: {len(rows)} packets, {compared} times")
            except AssertionError as why:
                failures += 1
                print(f"FAILED {name}: {why}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
