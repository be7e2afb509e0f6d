#!/usr/bin/env python3
"""What wedge does, its analysis names: each impairment with a signature on the wire, on captures of the lab, its parameter within
5 %; and the same traffic without it has lost no time to anything. Worse captures of it give the same cause, or none."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from diagnosis_rig import check, names, play  # noqa: E402

ONE = """
s = connect(9)
ask(s, 300)
"""
SMALL = """
s = connect(9)
ask(s, 14)
"""
SEVERAL = """
s = connect(9)
for i in range(5):
    ask(s, 300)
"""
# Two writes for one question: the second waits for the acknowledgement of the first (Nagle).
IN_TWO = """
s = connect(9)
for i in range(12):
    s.sendall(b"1")
    ask(s, 5)
"""
BUSY = """
import threading
def work():
    s = connect(9)
    for i in range(250):
        ask(s, 300)
        time.sleep(0.002)
threads = [threading.Thread(target=work) for i in range(5)]
for t in threads:
    t.start()
for t in threads:
    t.join()
"""
# One session after the other, and some end.
ROOM = """
open_ones = []
for i in range(24):
    try:
        s = connect(3)
        ask(s, 30)
        open_ones.append(s)
    except (OSError, EOFError):
        for t in open_ones:
            ask(t, 9)
        if i % 2:
            open_ones.pop().close()
    time.sleep(0.01)
"""
STEADY = """
s = connect(9)
for i in range(30):
    ask(s, 300)
    time.sleep(0.1)
"""

n, others, _ = names("latency", "server-think", 0.15, ("latency", "latency", "delay: 150ms", SEVERAL))
check(n in (5, 6) and not others, f"latency: each exchange, perhaps the FIN, and nothing else {others}")

n, others, _ = names("slicer", "trickle", 0.1, ("slicer", "slicer", "size: 1, gap: 100ms", SMALL))
check(n >= 12 and not others, f"slicer: {n} drops, and nothing else {others}")

n, others, _ = names("syn_drop", "syn-resent", 1.0, ("syn-drop", "syn_drop", "first: 2", ONE))
check(n == 2 and not others, f"syn_drop: both SYNs, and nothing else {others}")

n, others, _ = names("syn_ack_delay", "connect-slow", 0.7, ("late", "syn_ack_delay", "delay: 700ms", ONE))
check(n == 1 and not others, f"syn_ack_delay: and nothing else {others}")

n, others, _ = names("delayed_ack", "delayed-ack-windows", 0.2,
                  ("ack", "delayed_ack", "timer: 200ms, direction: upstream", IN_TWO))
check(n >= 10 and not others, f"delayed_ack: {n} exchanges, and nothing else {others}")

d = play("refused", "refuse", "mode: refused", ONE)
check("refused" in d.findings and not d.lost, f"refuse: {d}")
d = play("closed", "refuse", "mode: close", ONE)
check("dropped-after-connect" in d.findings and not d.lost, f"refuse, mode=close: {d}")

d = play("limit", "connection_limit", "limit: 6, deny: close", ROOM)
check(d.findings.get("connection-limit", (0, 0))[1] == 6, f"connection_limit: 6: {d}")

# The time is that of the kernel's timer, which adds what it has measured to its least of 400 ms.
# What is lost beside wedge is sent again by its kernel: the client's capture can't tell that from a server that thinks, and says so.
_, _, d = names("loss of answers", "server-think", 0.4, ("answers-lost", "loss", "mode: nth, n: 3", SEVERAL), share=0.2)
check("a loss before the capture" in d.causes["server-think"][3], f"... and it may be a loss: {d}")
n, others, _ = names("loss", "rto-tail", 0.4,
                  ("requests-lost", "loss", "mode: nth, n: 3, direction: upstream", SEVERAL), share=0.2)
check(n == 2 and not others, f"loss: {n} of the requests, {others}")

n, others, _ = names("freeze", "host-freeze", 0.08,
                  ("freeze", "freeze", "run: 60ms, pause: 80ms", BUSY))
check(n >= 20, f"freeze: {n} waits, {others}")

n, others, _ = names("delay", "delivered-late", 0.15,
                  ("delay", "delay", "delay: 150ms, what: data, after: 2s", STEADY, "client", "forward"))
check(n >= 3 and not others, f"delay: {n} answers, and nothing else {others}")
