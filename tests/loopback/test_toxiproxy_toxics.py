#!/usr/bin/env python3
"""What Toxiproxy's toxics do to real connections, as it was measured on its server, and the three attacks that its server
doesn't survive. QUIET: it measures delays."""
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from proxy_rig import check, connect, listener
from config_rig import has_impairments
from toxi_rig import Http, Serve

GRACE = 0.25 # s that a busy machine may be late


class Way:
    """A proxy with toxics and one connection through it: c and s are its ends."""
    count = 0

    def __init__(self, w, *toxics, before=True):
        Way.count += 1
        self.w, self.name, self.server = w, "way%d" % Way.count, listener()
        self.port = w.proxy(self.name, "127.0.0.1:%d" % self.server.getsockname()[1], toxics if before else ())
        self.c = connect(self.port)
        self.s = rig.accept(self.server)
        self.c.settimeout(10)
        self.s.settimeout(10)
        for toxic in () if before else toxics:
            self.add(toxic)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for s in (self.c, self.s, self.server):
            s.close()
        check("deleted", self.w.ask("DELETE", "/proxies/" + self.name).status == 204)

    def path(self, name=""):
        return "/proxies/%s/toxics%s" % (self.name, name and "/" + name)

    def add(self, toxic):
        a = self.w.ask("POST", self.path(), toxic)
        assert a.status == 200, a

    def change(self, name, **attributes):
        a = self.w.ask("POST", self.path(name), {"attributes": attributes})
        assert a.status == 200, a

    def remove(self, name):
        began = time.monotonic()
        a = self.w.ask("DELETE", self.path(name))
        return a.status == 204 and time.monotonic() - began


def toxic(type_, stream="downstream", toxicity=1, name=None, **attributes):
    return {k: v for k, v in (("type", type_), ("stream", stream), ("toxicity", toxicity), ("name", name), ("attributes", attributes)) if v is not None}


def now():
    return time.monotonic()


def end_of(s):
    """(how it ends, bytes before)"""
    got = b""
    while True:
        try:
            data = s.recv(65536)
        except ConnectionResetError:
            return "RST", got
        except socket.timeout:
            return "silence", got
        if not data:
            return "FIN", got
        got += data


def silent(s, seconds):
    s.settimeout(seconds)
    try:
        return s.recv(1) is None
    except socket.timeout:
        return True
    except OSError:
        return False
    finally:
        s.settimeout(10)


def near(what, took, want, more=GRACE):
    check(what, want - 0.005 <= took <= want + more, "%.3f s, wanted %.3f" % (took, want))


def take(s, n):
    got = b""
    while len(got) < n:
        data = s.recv(n - len(got))
        if not data:
            break
        got += data
    return got


def latency(w):
    with Way(w, toxic("latency", latency=200), toxic("latency", name="more", latency=300)) as p:
        began = now()
        p.s.sendall(b"late")
        p.c.sendall(b"at once")
        check("the other direction", p.s.recv(9) == b"at once" and now() - began < 0.2)
        check("the bytes", p.c.recv(9) == b"late")
        near("two latencies add up", now() - began, 0.5)
        began = now()
        p.s.close()
        check("a bare close isn't delayed", end_of(p.c) == ("FIN", b"") and now() - began < 0.15, "%.3f s" % (now() - began))
    with Way(w, toxic("latency", latency=60000), before=False) as p:
        p.s.sendall(b"x" * 100000)
        p.s.close()
        check("nothing comes", silent(p.c, 0.2))
        took = p.remove("latency_downstream")
        check("what was queued comes when it is deleted, and the end behind it", took < 0.1 and end_of(p.c) == ("FIN", b"x" * 100000), took)
    with Way(w, toxic("latency", latency=4000)) as p:
        began = now()
        p.s.sendall(b"1")
        p.change("latency_downstream", latency=600)
        check("a changed one times what is under way anew", p.c.recv(1) == b"1")
        near("    from when it came", now() - began, 0.6)
    with Way(w, toxic("latency", latency=20, jitter=100)) as p:
        quick = 0
        for _ in range(40):
            began = now()
            p.s.sendall(b"j")
            p.c.recv(1)
            quick += now() - began < 0.004
        check("a jitter above the latency gives no delay often (0.4 of the time)", 4 <= quick <= 28, quick)


def bandwidth(w):
    with Way(w, toxic("bandwidth", rate=100)) as p:
        began = now()
        threading.Thread(target=lambda: (p.s.sendall(b"b" * 100000), p.s.shutdown(socket.SHUT_WR))).start()
        check("all bytes, and the end behind them", end_of(p.c) == ("FIN", b"b" * 100000))
        near("100 KB at 100 KB/s", now() - began, 0.95, 0.4)
    for rate in (0, -1):
        with Way(w, toxic("bandwidth", rate=rate), toxic("bandwidth", "upstream", rate=rate)) as p:
            p.s.sendall(b"held")
            p.c.sendall(b"too")
            check("rate %d stalls both ways" % rate, silent(p.c, 0.2) and silent(p.s, 0.1))
            p.remove("bandwidth_downstream")
            check("deleted, the bytes come", take(p.c, 4) == b"held")
            p.change("bandwidth_upstream", rate=1000)
            check("with a rate they come, too", take(p.s, 3) == b"too")
            check("the server has survived", w.ask("GET", "/proxies/" + p.name).status == 200)
    with Way(w, toxic("bandwidth", "upstream", rate=0)) as p:
        p.c.setblocking(False)
        sent = 0
        until = now() + 5
        while now() < until:
            try:
                sent += p.c.send(b"w" * 65536)
                until = now() + 0.3
            except BlockingIOError:
                time.sleep(0.01)
        check("the sender is pushed back", 0 < sent < 40 << 20, sent)


def slow_close(w):
    with Way(w, toxic("slow_close", delay=400)) as p:
        began = now()
        p.s.sendall(b"untouched")
        check("data is untouched", p.c.recv(9) == b"untouched" and now() - began < 0.2)
        began = now()
        p.s.close()
        check("the end", end_of(p.c) == ("FIN", b""))
        near("comes later", now() - began, 0.4)
    with Way(w, toxic("slow_close", delay=60000)) as p:
        p.s.close()
        check("it waits", silent(p.c, 0.1))
        p.remove("slow_close_downstream")
        check("deleted, it comes at once", end_of(p.c) == ("FIN", b""))


def timeout(w):
    with Way(w, toxic("timeout", "upstream", timeout=600)) as p:
        for _ in range(3):
            p.c.sendall(b"x")
            time.sleep(0.2)
        last = now() - 0.2
        p.s.sendall(b"the other way works")
        check("the other direction works", take(p.c, 19) == b"the other way works")
        check("both are closed", end_of(p.c)[0] == "FIN" and end_of(p.s) == ("FIN", b""))
        near("so long after the last byte", now() - last, 0.6)
    with Way(w, toxic("timeout", timeout=0)) as p:
        p.s.sendall(b"lost")
        check("0 never closes", silent(p.c, 0.3))
        p.change("timeout_downstream", timeout=300)
        began = now()
        check("until it is another", end_of(p.c) == ("FIN", b""))
        near("counted from the change", now() - began, 0.3)
    with Way(w, toxic("timeout", timeout=0)) as p:
        p.s.sendall(b"lost")
        check("nothing", silent(p.c, 0.05))
        p.remove("timeout_downstream")
        check("deleted, both are closed", end_of(p.c) == ("FIN", b"") and end_of(p.s)[0] in ("FIN", "RST"))
    with Way(w, toxic("timeout", timeout=0)) as p:
        w.ask("POST", "/reset")
        check("so does /reset", end_of(p.c) == ("FIN", b""))


def reset_peer(w):
    for before in (True, False):
        with Way(w, toxic("reset_peer", "upstream", timeout=300), before=before) as p:
            check("an idle connection isn't reset", silent(p.c, 0.1))
            began = now()
            p.c.sendall(b"request")
            check("the client", end_of(p.c) == ("RST", b""))
            near("so long after the first byte", now() - began, 0.3)
            check("and the server are reset, and it had nothing", end_of(p.s) == ("RST", b""))
    with Way(w, toxic("reset_peer", timeout=0)) as p:
        p.s.shutdown(socket.SHUT_WR)
        check("the end counts as the first chunk", end_of(p.c) == ("RST", b""))
    with Way(w, toxic("reset_peer", timeout=60000)) as p:
        p.s.sendall(b"kept")
        check("nothing yet", silent(p.c, 0.1))
        took = p.remove("reset_peer_downstream")
        check("deleted in time, it hasn't been", took < 0.1 and take(p.c, 4) == b"kept", took)
        p.s.close()
        check("and isn't armed any more", end_of(p.c) == ("FIN", b""))
    with Way(w, toxic("reset_peer", toxicity=0, timeout=0)) as p:
        p.s.sendall(b"passes")
        p.s.close()
        check("with toxicity 0 nothing is reset", end_of(p.c) == ("FIN", b"passes"))


def slicer(w):
    with Way(w, toxic("slicer", average_size=10, size_variation=0, delay=30000)) as p:
        p.c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began, pieces = now(), []
        p.s.sendall(b"s" * 45)
        while sum(pieces) < 45:
            pieces.append(len(p.c.recv(65536)))
        check("45 bytes are halved until none has more than 10 (a busy machine joins some)", len(pieces) >= 5 and max(pieces) <= 18 and
              set(pieces) & {5, 6} or pieces == [5, 6, 5, 6, 5, 6, 6, 6], repr(pieces))
        near("each 30 ms apart", now() - began, 0.21, 0.2)
    for given in ({}, {"average_size": 2, "size_variation": 50, "delay": 1}, {"average_size": -5, "size_variation": -1, "delay": -1}):
        with Way(w, toxic("slicer", **given)) as p:
            p.s.sendall(b"alive" * 10)
            check("a slicer with %r harms nobody" % given, take(p.c, 50) == b"alive" * 10)
            check("and the server lives", w.ask("GET", "/version").status == 200)


def limit_data(w):
    with Way(w, toxic("limit_data", bytes=100)) as p:
        p.s.sendall(b"l" * 60)
        check("below it", take(p.c, 60) == b"l" * 60)
        p.s.sendall(b"m" * 60)
        check("exactly so many, then FIN", end_of(p.c) == ("FIN", b"m" * 40))
        check("the server, too", end_of(p.s)[0] in ("FIN", "RST"))
    with Way(w, toxic("limit_data", bytes=10)) as p:
        p.s.sendall(b"0123456789")
        check("also right behind the last one", end_of(p.c) == ("FIN", b"0123456789"))
    with Way(w, toxic("limit_data", bytes=0)) as p:
        check("0: an idle connection stays", silent(p.c, 0.2))
        p.s.sendall(b"x")
        check("0: the first byte closes, and isn't passed", end_of(p.c) == ("FIN", b""))
    with Way(w, toxic("limit_data", bytes=100)) as p:
        p.s.sendall(b"n" * 50)
        check("the count", take(p.c, 50) == b"n" * 50)
        p.change("limit_data_downstream", bytes=60)
        p.s.sendall(b"o" * 50)
        check("survives a change", end_of(p.c) == ("FIN", b"o" * 10))
    with Way(w, toxic("limit_data", bytes=100)) as p:
        p.s.sendall(b"n" * 50)
        take(p.c, 50)
        p.remove("limit_data_downstream")
        p.s.sendall(b"o" * 200)
        check("deleted, bytes pass", take(p.c, 200) == b"o" * 200)


def toxicity(w):
    server = listener()
    port = w.proxy("odds", "127.0.0.1:%d" % server.getsockname()[1], [toxic("timeout", toxicity=0.5, timeout=1)])
    hit = 0
    for _ in range(60):
        with connect(port) as c:
            s = rig.accept(server)
            s.sendall(b"?")
            hit += end_of(c)[1] == b"" if not wait_one(c) else False
            s.close()
    check("half of the connections are hit", 15 <= hit <= 45, hit)
    for value, want in ((0, False), (-1, False), (1, True), (5, True)):
        w.ask("POST", "/proxies/odds/toxics/timeout_downstream", {"toxicity": value})
        with connect(port) as c:
            s = rig.accept(server)
            s.sendall(b"?")
            check("toxicity %d" % value, (not wait_one(c)) == want)
            s.close()
    w.ask("DELETE", "/proxies/odds")
    server.close()


def wait_one(c):
    """Whether the byte comes; else the end has."""
    c.settimeout(10)
    return c.recv(1) == b"?"


def half_close(w):
    with Way(w, toxic("noop")) as p:
        p.c.sendall(b"question")
        p.c.shutdown(socket.SHUT_WR)
        check("the end goes on", end_of(p.s) == ("FIN", b"question"))
        p.s.sendall(b"answer")
        p.s.close()
        check("and the answer comes back", end_of(p.c) == ("FIN", b"answer"))


def removal_is_never_stuck(w):
    """A client that doesn't read: the API hangs for good in the server whose contract this is."""
    with Way(w, toxic("latency", latency=100)) as p:
        p.s.setblocking(False)
        until = now() + 5
        while now() < until:
            try:
                p.s.send(b"z" * 65536)
                until = now() + 0.3
            except BlockingIOError:
                time.sleep(0.01)
        took = p.remove("latency_downstream")
        check("the toxic is removed at once", took and took < 0.1, took)
        for path in ("/proxies", "/proxies/" + p.name):
            began = now()
            check("%s answers" % path, w.ask("GET", path).status == 200 and now() - began < 0.1)
        began = now()
        check("so does /reset", w.ask("POST", "/reset").status == 204 and now() - began < 0.2, "%.3f s" % (now() - began))
        began = now()
        check("and disabling", w.ask("POST", "/proxies/" + p.name, {"enabled": False}).status == 200 and now() - began < 0.1)


def upstream_that_hangs(w):
    """Dials are beside each other, and the API beside them."""
    port = w.proxy("hangs", "192.0.2.1:9")
    clients = [connect(port) for _ in range(5)]
    began = now()
    check("the API answers while dials hang", w.ask("POST", "/proxies/hangs", {"upstream": "127.0.0.1:9"}).status == 200 and now() - began < 0.1)
    check("its clients are closed", all(end_of(c)[0] in ("FIN", "RST") for c in clients))
    check("deleted", w.ask("DELETE", "/proxies/hangs").status == 204)


if not has_impairments():
    print("skipped: this wedge has no impairments")
    sys.exit(77)
with Serve("--seed", "1") as w:
    for test in (latency, bandwidth, slow_close, timeout, reset_peer, slicer, limit_data, toxicity, half_close, removal_is_never_stuck,
                 upstream_that_hangs):
        print(test.__name__)
        test(w)
rig.finish()
