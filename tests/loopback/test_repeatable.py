#!/usr/bin/env python3
"""A seed repeats a run: what wedge decides by chance for session n, on either plane, is the same in a second run with
the seed, and another with another seed. The traffic goes step by step, so that the k-th decision is about the same
bytes each time."""
import collections
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile

if "WEDGE_REPEATABLE" not in os.environ:  # in a network of its own, where packets can be queued
    os.environ["WEDGE_REPEATABLE"] = "1"
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run(["unshare", *user, "--net", "--mount", "true"], check=False).returncode:
        print("skipped: no network namespace here")
        sys.exit(77)
    os.execvp("unshare", ["unshare", *user, "--net", "--mount", sys.executable, *sys.argv])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Proxy, WEDGE, accept, check, connect, finish, listener

SESSIONS, MESSAGES, SIZE = 24, 6, 500
FAULTS = {"loss": "{direction=downstream,mode=random,rate=10%}",
          "corrupt": "{direction=upstream,mode=flip,block=50B,share=20%}",
          "latency": "{direction=upstream,delay=1ms,probability=50%}",
          "slicer": "{direction=downstream,size=20,gap=100us,framing=line,per=message,probability=50%}",
          "refuse": "{mode=close,probability=25%}"}
CHANCE = {"t", "wall"}  # of an event: when it was


def first_byte(s):
    """The sequence number of the first byte that this fresh socket will receive."""
    s.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR
    s.setsockopt(socket.IPPROTO_TCP, 20, 1)  # TCP_REPAIR_QUEUE, the receive queue
    number = s.getsockopt(socket.IPPROTO_TCP, 21) & 0xffffffff  # TCP_QUEUE_SEQ
    s.setsockopt(socket.IPPROTO_TCP, 19, -1)  # off again, without a probe
    return number


def read_exactly(s, n):
    got = b""
    while len(got) < n:
        piece = s.recv(n - len(got))
        if not piece:
            return got
        got += piece
    return got


def play(port, server):
    """One session: (the first sequence number towards the client, what the server got)."""
    c = connect(port)
    base, received = first_byte(c), b""
    for _ in range(MESSAGES):
        c.sendall(bytes(SIZE))
        if not received:
            if refused(c, server):
                c.close()
                return base, None
            s = accept(server)
        received += read_exactly(s, SIZE)
        s.sendall(b"." * 99 + b"\n")
        read_exactly(c, 100)
    c.close()
    s.close()
    return base, received


def refused(c, server):
    """Whichever comes first: the FIN to the client, or the session at the server."""
    return select.select([c, server], [], [], 20)[0] == [c]


def run(folder, seed, name):
    """({stage: {session: [decision]}}, [what the server got in each session; None: refused])"""
    journal = os.path.join(folder, name)
    args = [a for kind, params in FAULTS.items() for a in ("--impair", kind + params)]
    server = listener()
    with Proxy("127.0.0.1:%d" % server.getsockname()[1], "--seed", str(seed), "--journal", journal, *args) as p:
        played = [play(p.port, server) for _ in range(SESSIONS)]
    server.close()
    decisions = {kind: collections.defaultdict(list) for kind in FAULTS}
    with open(journal, encoding="utf-8") as f:
        for event in map(json.loads, f):
            if "seq" in event:
                event["seq"] = (event["seq"] - played[event["session"] - 1][0]) % (1 << 32)
            stage = event["why"].split(":")[0] if event["event"] == "session_refused" else event.get("stage")
            if stage:
                decisions[stage][event["session"]].append({k: v for k, v in event.items() if k not in CHANCE})
    return decisions, [got for _, got in played]


def compare(folder):
    one, got_one = run(folder, 7, "one")
    for kind in FAULTS:
        print("     %s: %d events" % (kind, sum(map(len, one[kind].values()))))
    # A machine that is stopped for 200 ms makes TCP send a segment again that wasn't lost: one decision more. That isn't
    # chance's doing, and the first run is no better than the others: two of five must agree about the packets. The bytes
    # must agree in each.
    losses = [one["loss"]]
    while len(losses) < 5 and losses[-1] not in losses[:-1]:
        again, got_again = run(folder, 7, "again%d" % len(losses))
        losses.append(again["loss"])
        check("the servers get the same bytes, damaged in the same places", got_one == got_again)
        for kind in FAULTS:
            if kind != "loss":
                check("%s decides the same in every session" % kind, one[kind] == again[kind])
    check("loss takes the same segments in every session", losses[-1] in losses[:-1], "%d runs" % len(losses))
    other, got_other = run(folder, 8, "other")
    check("with another seed the servers get other bytes", got_one != got_other)
    for kind in FAULTS:
        check("with another seed %s decides otherwise" % kind, one[kind] != other[kind])


if subprocess.run([WEDGE, "impairments"], capture_output=True, check=False).returncode:
    print("skipped: this wedge is built without impairments")
    sys.exit(77)
with tempfile.TemporaryDirectory() as private:
    compare(private)
finish()
