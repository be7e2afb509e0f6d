#!/usr/bin/env python3
"""Without a seed 'wedge proxy' draws a new one each time and tells it, on stderr and in the journal; with --seed, or the key
seed of a file, the same sessions are chosen again. The clients are the judges: whom the proxy has turned away."""
import json
import os
import re
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import config_rig
from proxy_rig import Proxy, check, finish, listener, wait_for

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


def refused(port, source=None):
    """Whom wedge turns away, of so many clients that come one after the other, from that address."""
    turned = []
    for k in range(SESSIONS):
        with socket.create_connection(("127.0.0.1", port), 20, source) as c:
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

# A proxy's name is part of the seed: the command line's is "proxy".
text = ("proxies: [{name: proxy, listen: '127.0.0.1:0', upstream: '%s', impairments: [{refuse: {mode: close, probability: "
        "50%%}}]}]\n" % upstream)
with config_rig.Config("seed: %d\n" % first[2][0] + text, "-v") as c:
    check("so does the key seed of a file", refused(c.port("proxy")) == first[1])
    check("and tells nothing", not [m for m in map(LINE.match, c.lines) if m])
with config_rig.Config(text) as c:
    told = seed_line(c.lines)
    check("a file without the key draws one", len(told) == 1)
    check("and keeps it when it is read again", c.changed(text) == (0, 0, 0))
    if told:
        c.change("seed: %d\n%s" % (int(told[0][1]) + 1, text))
        check("which can't be changed", wait_for(lambda: c.logged("seed: %s can't become" % told[0][1])), str(c.lines))
        check("but be said", c.changed("seed: %s\n%s" % (told[0][1], text)) == (0, 0, 0))


# One file, two proxies, clients of two addresses that race: each has its own decisions, the same twice.
two = "seed: 7\nproxies:\n" + "".join(
    "- {name: %s, listen: '0.0.0.0:0', upstream: '%s', impairments: [{refuse: {mode: close, probability: 50%%}}, {latency: "
    "{schedule: poisson 100ms}}, {latency: {schedule: poisson 100ms}}]}\n" % (name, upstream) for name in "ab")


def race():
    """{(proxy, client's address): whom it has turned away}, and when each schedule of each proxy was first on."""
    with tempfile.TemporaryDirectory() as folder:
        journal = os.path.join(folder, "journal")
        with config_rig.Config(two, "--journal", journal) as c:
            found = {(name, host): [] for name in "ab" for host in ("127.0.0.2", "127.0.0.3")}

            def come(name, host):
                found[name, host] += refused(c.port(name), (host, 0))

            threads = [threading.Thread(target=come, args=who) for who in found]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            wait_for(lambda: len(schedules(journal)) == 4, 20)
        return found, schedules(journal)


def schedules(journal):
    with open(journal, encoding="utf-8") as f:
        return sorted((e["stage"], round(e["at"], 6)) for e in map(json.loads, f) if e["event"] == "schedule" and e["on"])


first, second = race(), race()
check("clients that race are decided on alike, each in its own order", first[0] == second[0])
check("no two of them alike", len({tuple(v) for v in first[0].values()}) == 4)
check("nor do schedules of two proxies, or two of one, share a sequence", first[1] == second[1] and
      len({at for _, at in first[1]}) == 4, str(first[1]))
with Proxy(upstream, seed=None) as p:
    pass
check("a proxy without impairments has nothing to decide", not [m for m in map(LINE.match, p.lines) if m])
finish()
