#!/usr/bin/env python3
"""wedge analyze names documented failures in the traffic of programs that have nothing to do with wedge, captured by
tcpdump: those that are there, those that are only near (Linux's own delayed ACK), and none where there is none."""
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from capture_rig import PORT, Capture, Server, enter_namespace, receive, run, set_up, skip  # noqa: E402

WEDGE = os.environ["WEDGE"]
EXCHANGES = 30
NONE = "No documented failure of the catalogue fits."


def two_writes(nodelay):
    def handler(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        while receive(s, 100):
            s.send(b"h" * 120)
            s.send(b"b" * 60)

    with Server(handler) as server, server.connect() as s:
        for _ in range(EXCHANGES):
            s.send(b"q" * 100)
            receive(s, 180)


def answer_late(pauses):
    """A server that takes its time, before or inside its answers."""
    def handler(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for before, inside in pauses:
            if not receive(s, 100):
                return
            time.sleep(before)
            s.send(b"h" * 120)
            time.sleep(inside)
            s.send(b"b" * 60)

    with Server(handler) as server, server.connect() as s:
        for _ in pauses:
            s.send(b"q" * 100)
            receive(s, 180)


def drop_every_second(by_rst):
    """Behind the request, without a byte; the others are answered."""
    served = []

    def handler(s):
        receive(s, 100)
        served.append(1)
        if len(served) % 2 == 0:
            s.send(b"b" * 60)
        elif by_rst:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with Server(handler) as server:
        for i in range(12):
            with server.connect() as s:
                s.send(b"q" * 100)
                try:
                    receive(s, 60)
                except ConnectionResetError:
                    pass


def never_answer(hung):
    """Clients give up after 1.1 s, while another port answers; the program that hangs neither answers nor closes. (One
    that closes when its client does isn't hung.) Returns how to end it."""
    over = threading.Event()

    def silent(s):
        if hung:
            over.wait()
        else:
            receive(s, 1000)

    def echo(s):
        s.send(receive(s, 100))

    server = Server(silent)
    server.thread.start()
    with Server(echo, port=PORT + 1) as other:
        for _ in range(3):
            with other.connect() as s:
                s.send(b"q" * 100)
                receive(s, 100)
            with server.connect() as s:
                s.send(b"q" * 100)
                time.sleep(1.1)

    def end():
        over.set()
        server.__exit__()

    return end


def refuse():
    for _ in range(6):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
        except ConnectionRefusedError:
            pass


def lose_packets():
    """One of 7 on its way in, of SYNs too; every third connection is closed with data unread, so that its server's end
    answers by RST: loss, and resets, and no host that crashed."""
    def handler(s):
        for _ in range(8):
            s.send(receive(s, 100)[:60])

    rule = ("INPUT", "-p", "tcp", "--dport", str(PORT), "-m", "statistic", "--mode", "nth", "--every", "7", "--packet",
            "3", "-j", "DROP")
    run("iptables", "-A", *rule)
    try:
        with Server(handler) as server:
            for i in range(9):
                with server.connect() as s:
                    for _ in range(8):
                        s.send(b"q" * 100)
                        receive(s, 60)
                    if i % 3 == 0:
                        s.send(b"q" * 100)
                        time.sleep(0.02)
    finally:
        run("iptables", "-D", *rule)


# Traffic, what the page begins with, and what else it says of documented failures; None: nothing, "": whatever.
CASES = {
    "Linux's own delayed ACK": (lambda: two_writes(False), NONE,
                                r"Near exchange-delayed-ack \(F01\), and not it, at 127.0.0.1:7000: "
                                r"delayed_ack.p50 is 4\d\.\d ms \(wanted 185.0 ms to 225.0 ms\)\. "
                                r"What is here: delayed ACK of Linux \(40-60 ms\), with Nagle's algorithm\."),
    "the same without Nagle": (lambda: two_writes(True), NONE, None),
    "a slow server": (lambda: answer_late([(0.2, 0)] * 12), NONE, None),
    "a server that pauses at random": (lambda: answer_late([(0, i % 7 / 20) for i in range(16)]), NONE, None),
    "a server that pauses for 200 ms each time": (lambda: answer_late([(0, 0.2)] * 12),
                                                  "This may be exchange-delayed-ack (F01): 12 of 12 exchanges",
                                                  r"From this vantage it can't be told"),
    # By FIN it may as well be a limit of sessions, or a program's way of saying no.
    "every second closed": (lambda: drop_every_second(False), NONE, None),
    "every second dropped": (lambda: drop_every_second(True), "This is dropped-after-connect (F22): 6 of 12 connections", None),
    "a hung program": (lambda: never_answer(True), "This is relay-silent (F08): 3 of 3 connections, 1.10 s", None),
    "a program that is only silent": (lambda: never_answer(False), NONE,
                                      r"Near relay-silent \(F08\), and not it.*server_fins \+ server_resets is 3"),
    "refused": (refuse, NONE, None),
    "a lossy path": (lose_packets, NONE, ""),
}


def judge(path, begins, says):
    page = " ".join(run(WEDGE, "analyze", path).stdout.split())
    names = re.findall(r"(?:This is|This may be|It fits, too:|Near) \S+ \(F\d+\)", page)
    wrong = []
    if not page.startswith(begins):
        wrong.append(f"it doesn't begin with '{begins}'")
    if says is None and begins == NONE and names:
        wrong.append(f"it names {names}")
    if says and not re.search(says, page):
        wrong.append(f"it doesn't say '{says}'")
    return [f"{w}: {page[:500]}" for w in wrong]


def main():
    if not all(map(shutil.which, ("tcpdump", "ip", "unshare", "ethtool", "iptables"))):
        skip("needs tcpdump, ip, unshare, ethtool, iptables")
    enter_namespace()
    set_up()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (traffic, begins, says) in CASES.items():
            path = os.path.join(folder, "case.pcap")
            with Capture(path, "lo"):
                end = traffic()
            if end:
                end()
            wrong = judge(path, begins, says)
            for w in wrong:
                print(f"FAILED {name}: {w}")
            failures += bool(wrong)
            if not wrong:
                print(f"ok  {name}: {begins}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
