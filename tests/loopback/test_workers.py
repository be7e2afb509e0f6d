#!/usr/bin/env python3
"""With --workers the kernel gives several threads of one wedge their share of the clients, and nothing else changes. Judged by ss
(listeners), /proc (which threads have worked), and the clients: bytes, whom the seed turns away, changes by SIGHUP, loops."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import Proxy, check, listener, wait_for

SESSIONS = 80
server = listener()
server.settimeout(None)
upstream = "127.0.0.1:%d" % server.getsockname()[1]


def echo(c):
    with c:
        try:
            while data := c.recv(65536):
                c.sendall(data)
        except ConnectionResetError:
            pass  # wedge was ended with the session open


def serve():
    while True:
        threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()


threading.Thread(target=serve, daemon=True).start()


def listeners(p):
    """How many sockets of that wedge listen on the port, as ss sees them."""
    rows = subprocess.run(["ss", "-Hltn", "sport = :%d" % p], capture_output=True, text=True, check=True).stdout
    return len(rows.splitlines())


def roundtrips(clients, data):
    """Seconds until each has had its own bytes back, all at once; None for what came back wrong."""
    began, took = time.monotonic(), []
    for k, c in enumerate(clients):
        c.sendall(b"%04d" % k + data)
    for k, c in enumerate(clients):
        got = b""
        while len(got) < 4 + len(data):
            got += c.recv(65536)
        took.append(time.monotonic() - began if got == b"%04d" % k + data else None)
    return took


def busy_threads(p):
    """The threads that have been given a processor since the last call, by their voluntary switches."""
    now, names = {}, os.listdir("/proc/%d/task" % p.p.pid)
    for name in names:
        with open("/proc/%d/task/%s/status" % (p.p.pid, name), encoding="ascii") as f:
            now[name] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read()).group(1))
    before, p.switches = getattr(p, "switches", {}), now
    return sum(now[n] > before.get(n, 0) + 2 for n in now)


def turned_away(*args):
    """Whom the seed turns away, of clients with addresses of their own, one after another."""
    with Proxy(upstream, "--impair", "refuse{mode=close,probability=50%}", "--seed", "9", *args) as p:
        away = []
        for k in range(60):
            with socket.create_connection(("127.0.0.1", p.port), 20, ("127.0.7.%d" % (1 + k % 7), 0)) as c:
                c.sendall(b"x")
                try:
                    served = c.recv(1) == b"x"
                except ConnectionResetError:
                    served = False
                if not served:
                    away.append(k)
    return away


def share_the_clients():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal")
        with Proxy(upstream, "--workers", "4", "--journal", path) as p:
            check("four listeners on one port", listeners(p.port) == 4, listeners(p.port))
            busy_threads(p)
            clients = [rig.connect(p.port) for _ in range(SESSIONS)]
            took = roundtrips(clients, os.urandom(5000))
            check("every client has its own bytes back", None not in took)
            # That none of 80 falls to one of four has a probability of 4 * 0.75^80 = 4e-10.
            check("every thread has had some", wait_for(lambda: busy_threads(p) == 4) or busy_threads(p) == 4)
            other = subprocess.run([rig.WEDGE, "proxy", "--listen", "127.0.0.1:%d" % p.port, "--upstream", upstream],
                                   capture_output=True, text=True, timeout=20, check=False)
            check("another wedge can't have the port", other.returncode == 2 and "Address already in use" in other.stderr, other.stderr)
            p.p.send_signal(signal.SIGTERM)
            check("at its end it waits for the sessions of all threads",
                  wait_for(lambda: p.logged("waits for %d open sessions to end" % SESSIONS)))
            check("they go on", None not in roundtrips(clients, b"more"))
            check("and no new one is accepted", wait_for(lambda: not rig.answers(p.port)))
            for c in clients:
                c.close()
            check("it ends with the last one", wait_for(lambda: p.p.poll() is not None) and p.p.returncode == 0)
        with open(path, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        numbers = [e["session"] for e in lines if e["event"] == "session_open"]
        check("sessions are numbered from 1 without a gap", sorted(numbers) == list(range(1, SESSIONS + 1)), len(numbers))
        times = [e["t"] for e in lines]
        check("the journal is in the order of time", times == sorted(times))


def stay_on_one():
    for what, fault in (("that counts the proxy's sessions", "stall{after=10KB,nth=3}"), ("with a schedule", "stall{schedule='on 1s off 1s'}"),
                        ("with a limit for all of them", "connection_limit{limit=50}"), ("that draws a delay", "latency{jitter=10ms}"),
                        ("with a probability", "stall{after=10KB,probability=50%}"), ("with a range", "cut{after=10KB..20KB}")):
        with Proxy(upstream, "--workers", "4", "--impair", fault) as p:
            check("an impairment %s keeps its proxy on one worker" % what, listeners(p.port) == 1, listeners(p.port))
    one = listener()
    with Config(proxies(proxy("a", one)), "--workers", "3", "-v") as c:
        check("three listeners", listeners(c.port("a")) == 3)
        check("changed", c.changed(proxies(proxy("a", one, {"connection_limit": {"limit": 50}}))) == (0, 0, 1))
        check("one is left when a change needs it", wait_for(lambda: listeners(c.port("a")) == 1), listeners(c.port("a")))
        check("changed back", c.changed(proxies(proxy("a", one))) == (0, 0, 1))
        check("and three again", wait_for(lambda: listeners(c.port("a")) == 3), listeners(c.port("a")))


def change_together():
    with Config(proxies(proxy("a", server)), "--workers", "4", "-v") as c:
        clients = [rig.connect(c.port("a")) for _ in range(SESSIONS)]
        roundtrips(clients, b"first")
        check("slower by a change", c.changed(proxies(proxy("a", server, {"latency": {"delay": "300ms"}}))) == (0, 0, 1))
        took = roundtrips(clients, b"slow")
        check("on the open sessions of all threads", min(took) >= 0.3, "%.3f" % min(took))
        check("a limit that takes the listeners of the others away", c.changed(
            proxies(proxy("a", server, {"latency": {"delay": "300ms"}}, {"connection_limit": {"limit": 500}}))) == (0, 0, 1))
        check("leaves their sessions as slow", min(roundtrips(clients, b"slow too")) >= 0.3)
        check("all gone", c.changed("proxies: []") == (0, 1, 0))
        check("sessions go on", None not in roundtrips(clients, b"last"))
        for c in clients:
            c.close()


def give_up_an_address():
    """What a proxy that is one worker's now no longer wants is another one's at once, though a handshake may be under way there."""
    alone, elsewhere = {"connection_limit": {"limit": 500}}, dict(proxy("c", server))
    with Config(proxies(proxy("a", server)), "--workers", "4") as c:
        port = c.port("a")
        at = lambda name, *faults: proxies(proxy(name, server, *faults, listen="127.0.0.1:%d" % port), elsewhere)
        moved = proxies(dict(proxy("a", server, alone)), elsewhere)
        c.changed(at("a"))
        check("a limit", c.changed(at("a", alone)) == (0, 0, 1) and listeners(port) == 4, listeners(port))
        check("its proxy goes to another port", c.changed(moved)[2] == 1 and listeners(port) == 0, listeners(port))
        check("where it was another one listens", c.changed(at("b"))[0] == 1 and listeners(port) == 4, listeners(port))
        check("it has a limit", c.changed(at("b", alone)) == (0, 0, 1))
        check("it goes", c.changed(proxies(elsewhere)) == (0, 1, 0) and listeners(port) == 0, listeners(port))
        check("and another one comes", c.changed(at("d")) == (1, 0, 0) and listeners(port) == 4, listeners(port))


def tell_once():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal")
        with Proxy(upstream, "--workers", "4", "--journal", path, "--impair", "latency{delay=1ms}", "--impair", "cut{after=1GB}") as p:
            for _ in range(20):
                with rig.connect(p.port) as c:
                    roundtrips([c], b"x")
        with open(path, encoding="utf-8") as f:
            ended = {e["impairment"]: (e["sessions"], e["acted"]) for e in map(json.loads, f) if e["event"] == "impairment"}
            f.seek(0)
            check("an impairment tells once of the sessions of all threads", f.read().count('"event":"impairment"') == 2
                  and ended == {"latency": (20, 20), "cut": (20, 0)}, ended)
        warned = [line for line in p.lines if "acted on 0 of" in line]
        check("and warns once", len(warned) == 1 and "cut acted on 0 of 20 sessions" in warned[0], warned)


share_the_clients()
if has_impairments():
    away = turned_away("--workers", "1")
    check("the seed turns some away", 10 < len(away) < 50, away)
    check("and the same ones with four workers", turned_away("--workers", "4") == away)
    stay_on_one()
    change_together()
    give_up_an_address()
    tell_once()
for value in ("65", "many"):
    r = subprocess.run([rig.WEDGE, "proxy", "--listen", ":0", "--upstream", upstream, "--workers", value],
                       capture_output=True, text=True, timeout=20, check=False)
    check("--workers %s is refused" % value, r.returncode == 2 and "--workers" in r.stderr and len(r.stderr.splitlines()) == 1, r.stderr)
rig.finish()
