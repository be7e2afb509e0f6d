#!/usr/bin/env python3
"""Without a seed 'wedge proxy' draws a new one each time and tells it, on stderr and in the journal; with --seed, or the key
seed of a file, the same sessions are chosen again. The clients are the judges: whom the proxy has turned away."""
import json
import os
import re
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import config_rig
from proxy_rig import Proxy, check, connect, finish, listener, wait_for

SESSIONS = 64
LINE = re.compile(r"wedge: the seed is (\d+); --seed (\d+) repeats its decisions$")
FAULT = "refuse{mode=close,probability=50%}"
server = listener()
upstream = "127.0.0.1:%d" % server.getsockname()[1]


def greet():
    """The server greets whom wedge lets through."""
    server.settimeout(None)
    while True:
        s, _ = server.accept()
        s.sendall(b"y")
        s.close()


threading.Thread(target=greet, daemon=True).start()


def refused(port):
    """Whom wedge turns away, of so many clients that come one after the other."""
    turned = []
    for k in range(SESSIONS):
        with connect(port) as c:
            if c.recv(1) != b"y":
                turned.append(k)
    return turned


def seed_line(lines):
    return wait_for(lambda: [m for m in map(LINE.match, list(lines)) if m])


def run(**more):
    """(the seed that it told, whom it turned away, the seed in the journal)"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal")
        with Proxy(upstream, "--impair", FAULT, "--journal", path, **more) as p:
            turned = refused(p.port)
            told = seed_line(p.lines) if more == {"seed": None} else [m for m in map(LINE.match, p.lines) if m]
        with open(path, encoding="utf-8") as f:
            journal = [e["seed"] for e in map(json.loads, f) if e["event"] == "seed"]
    return told, turned, journal


first, second = run(seed=None), run(seed=None)
check("a seed is told in one line", len(first[0]) == len(second[0]) == 1 and first[0][0][1] == first[0][0][2])
check("it is in the journal", [[int(r[0][0][1])] for r in (first, second)] == [first[2], second[2]])
check("each run draws another one", first[2] != second[2], "%s %s" % (first[2], second[2]))
check("and chooses other sessions", first[1] != second[1])
again = run(seed=str(first[2][0]))
check("--seed chooses the same again, and tells nothing", again[1] == first[1] and not again[0] and again[2] == first[2],
      "%s %s" % (again[1], first[1]))

text = ("proxies: [{name: a, listen: '127.0.0.1:0', upstream: '%s', impairments: [{refuse: {mode: close, probability: "
        "50%%}}]}]\n" % upstream)
with config_rig.Config("seed: %d\n" % first[2][0] + text, "-v") as c:
    check("so does the key seed of a file", refused(c.port("a")) == first[1])
    check("and tells nothing", not [m for m in map(LINE.match, c.lines) if m])
with config_rig.Config(text) as c:
    told = seed_line(c.lines)
    check("a file without the key draws one", len(told) == 1)
    check("and keeps it when it is read again", c.changed(text) == (0, 0, 0))
    if told:
        c.change("seed: %d\n%s" % (int(told[0][1]) + 1, text))
        check("which can't be changed", bool(c.logged("seed: %s can't become" % told[0][1])), str(c.lines))
        check("but be said", c.changed("seed: %s\n%s" % (told[0][1], text)) == (0, 0, 0))
with Proxy(upstream, seed=None) as p:
    pass
check("a proxy without impairments has nothing to decide", not [m for m in map(LINE.match, p.lines) if m])
finish()
