#!/usr/bin/env python3
"""SIGHUP: what differs in the file is applied, on open sessions too, and what doesn't differ notices nothing; a
file that is wrong, or that asks for an address which is taken, changes nothing at all."""
import json
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import accept, check, connect, listener

web, other = listener(), listener()
DATA = bytes(range(256)) * 512


def pair(c, port, server):
    a = connect(port)
    return a, accept(server)


def passes(a, b, data=DATA):
    """Both ways, in order."""
    a.sendall(data)
    got = b""
    while len(got) < len(data):
        got += b.recv(65536)
    b.sendall(got)
    back = b""
    while len(back) < len(data):
        back += a.recv(65536)
    return back == data


def ends(a, b):
    a.close()
    done = rig.read_to_end(b) == (b"", "FIN")
    b.close()
    return done


def closed(port, host="127.0.0.1"):
    try:
        connect(port, host).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError): # the latter while it is being closed
        return True


def free_port():
    s = listener()
    port = s.getsockname()[1]
    s.close()
    return port


def proxies_come_and_go():
    with Config(proxies(proxy("a", web)), "-v") as c:
        old = pair(c, c.port("a"), web)
        check("nothing differs", c.changed() == (0, 0, 0))
        check("added", c.changed(proxies(proxy("a", web), proxy("b", other))) == (1, 0, 0))
        new = pair(c, c.port("b"), other)
        check("the added one forwards to its own server", passes(*new))
        check("removed", c.changed(proxies(proxy("b", other))) == (0, 1, 0))
        check("the removed one accepts no more", closed(c.ports["a"]))
        check("its session goes on", passes(*old))
        check("and ends by itself", ends(*old))
        check("all removed", c.changed("proxies: []") == (0, 1, 0) and closed(c.ports["b"]))
        check("that session too goes on", passes(*new) and ends(*new))
        check("one line a session, with the proxy's name", rig.wait_for(
            lambda: c.logged("session 1 (a): 127.0.0.1:") and c.logged("session 2 (b): 127.0.0.1:")))
        for _ in range(20):
            c.changed(proxies(proxy("a", web)))
            c.changed("proxies: []")
        check("no descriptor is left behind", rig.wait_for(lambda: c.descriptors() <= 13 + rig.OTHERS), str(c.descriptors()))
        check("back again, disabled", c.changed(proxies(proxy("a", web, enabled=False))) == (0, 0, 0))
        del c.ports["a"]
        check("enabled", c.changed(proxies(proxy("a", web, enabled=True))) == (1, 0, 0))
        check("it works", ends(*pair(c, c.port("a"), web)))


def addresses_move():
    p, q = free_port(), free_port()
    at = lambda port: "127.0.0.1:%d" % port
    with Config(proxies(proxy("a", web, listen=at(p)), proxy("b", other, listen=at(q)))) as c:
        old = pair(c, p, web)
        check("upstream", c.changed(proxies(proxy("a", other, listen=at(p)), proxy("b", other, listen=at(q)))) == (0, 0, 1))
        new = pair(c, p, other)
        check("the old session stays with its server, the new one goes to the new", passes(*old) and passes(*new))
        check("two proxies exchange addresses",
              c.changed(proxies(proxy("a", web, listen=at(q)), proxy("b", other, listen=at(p)))) == (0, 0, 2))
        check("each serves at the other's", ends(*pair(c, q, web)) and ends(*pair(c, p, other)))
        check("a name changes, the address doesn't",
              c.changed(proxies(proxy("z", web, listen=at(q)), proxy("b", other, listen=at(p)))) == (1, 1, 0))
        check("it is served", ends(*pair(c, q, web)))
        r = free_port()
        check("an address changes", c.changed(proxies(proxy("z", web, listen=at(r)))) == (0, 1, 1))
        check("only the new one is listened on", closed(q) and closed(p) and ends(*pair(c, r, web)))
        check("sessions have noticed nothing", passes(*old) and passes(*new) and ends(*old) and ends(*new))
        # Connections that the kernel has accepted and wedge hasn't are not lost: more than it takes in a turn.
        c.p.send_signal(signal.SIGSTOP)
        waiting = [connect(r) for _ in range(300)]
        c.write("proxies: []")
        c.p.send_signal(signal.SIGHUP)
        c.p.send_signal(signal.SIGCONT)
        served = {s.getpeername(): s for s in (accept(web) for _ in waiting)}
        check("connections in the kernel's queue are served", len(served) == len(waiting))
        for x in [*waiting, *served.values()]:
            x.close()


def refused_whole():
    taken = listener()
    port = taken.getsockname()[1]
    begin = proxies(proxy("a", web), proxy("b", other))
    with Config("seed: 1\n" + begin, "-v") as c:
        a, b = c.port("a"), c.port("b")
        for what, text, said in (
                ("a wrong key", begin.replace("upstream", "upstrem"), "upstrem"),
                ("no YAML", "proxies: [", "wedge.yaml:"),
                ("an address that is taken", proxies(proxy("n", web), proxy("a", other, listen=":0"),
                                                    proxy("x", web, listen="127.0.0.1:%d" % port)),
                 "proxy 'x': can't listen on 127.0.0.1:%d: Address already in use" % port),
                ("an address that isn't here", proxies(proxy("x", web, listen="192.0.2.1:80")), "192.0.2.1:80"),
                ("another seed", "seed: 2\n" + begin, "seed: 1 can't become 2"),
                ("another bound of what is held", "hold_limit: 2MiB\n" + begin, "hold_limit: it can't change while wedge runs; start it again"),
                ("another journal", "journal: /nowhere/x\n" + begin, "journal: it can't become")):
            line, _ = c.change(text)
            check("refused: " + what, "configuration refused, the old one goes on: " in line and said in line, line)
            check("and nothing has changed", ends(*pair(c, a, web)) and ends(*pair(c, b, other)) and len(c.ports) == 2)
        os.unlink(c.path)
        check("refused: the file is gone", "No such file" in c.change()[0])
        os.mkfifo(c.path)
        check("refused: a pipe, without waiting for it", "isn't a regular file" in c.change()[0])
        check("after all that a valid one is accepted", c.changed(begin) == (0, 0, 0))
        check("no descriptor is left behind", rig.wait_for(lambda: c.descriptors() <= 16 + rig.OTHERS), str(c.descriptors()))
        fixed = proxies(proxy("a", web, listen="127.0.0.1:%d" % a), proxy("b", other))
        check("the port that the kernel chose may be named", c.changed(fixed) == (0, 0, 1) and ends(*pair(c, a, web)))
        held = pair(c, a, web)
        c.p.send_signal(signal.SIGTERM)
        rig.wait_for(lambda: c.logged("accepts no more"))
        check("refused while it stops", "is stopping" in c.change(fixed)[0])
        ends(*held)
        check("and then it ends", c.p.wait(10) == 0)


def overrides():
    with Config(proxies(proxy("a", web), top="seed: 5\nlog: error\n"), "--seed", "9", "-v") as c:
        check("-v and --seed go before the file", c.changed(proxies(proxy("a", web), top="seed: 6\n")) == (0, 0, 0))
        ends(*pair(c, c.port("a"), web))
        check("-v has its line", rig.wait_for(lambda: len(c.sessions()) == 1))
    with Config(proxies(proxy("a", web))) as c:
        ends(*pair(c, c.port("a"), web))
        c.changed(proxies(proxy("a", web), top="log: info\n"))
        ends(*pair(c, c.port("a"), web))
        check("log changes at once", rig.wait_for(lambda: len(c.sessions()) == 1) and len(c.sessions()) == 1)


def impairments_change():
    stall = {"stall": {"direction": "upstream"}}
    path = os.path.join(os.environ["BINARY_DIR"], "test_config_reload.%d.jsonl" % os.getpid())
    with Config(proxies(proxy("a", web, stall), proxy("b", web)), "--journal", path, "-v") as c:
        a, b = pair(c, c.port("a"), web), pair(c, c.port("b"), web)
        a[0].sendall(DATA)
        a[1].settimeout(0.2)
        try:
            got = a[1].recv(1)
        except socket.timeout:
            got = None
        a[1].settimeout(20)
        check("stalled", got is None)
        check("its proxy's only", passes(*b))
        check("a fault goes", c.changed(proxies(proxy("a", web), proxy("b", web, stall))) == (0, 0, 2))
        got = b""
        while len(got) < len(DATA):
            got += a[1].recv(65536)
        check("what was held arrives, in order", got == DATA and passes(*a))
        b[0].sendall(DATA)
        check("a fault came to the other, and goes with its proxy", c.changed(proxies(proxy("a", web))) == (0, 1, 0))
        got = b""
        while len(got) < len(DATA):
            got += b[1].recv(65536)
        check("the removed proxy's session lives on unimpaired", got == DATA and passes(*b))
        check("both end", ends(*a) and ends(*b))
        one = {"process_freeze": {"name": "ice", "enabled": "no"}}
        check("one state for all sessions", c.changed(proxies(proxy("f", web, one))) == (1, 1, 0))
        check("is told", bool(rig.wait_for(lambda: c.logged("on one worker: ice has one state for all sessions"))))
    with open(path, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    os.unlink(path)
    check("the journal has the changes", [(e["added"], e["removed"], e["changed"]) for e in events
                                          if e["event"] == "config_changed"] == [(0, 0, 2), (0, 1, 0), (1, 1, 0)])
    check("and whose the sessions are", [e["proxy"] for e in events if e["event"] == "session_open"] == ["a", "b"])


proxies_come_and_go()
addresses_move()
refused_whole()
overrides()
if has_impairments():
    impairments_change()
rig.finish()
