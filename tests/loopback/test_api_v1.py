#!/usr/bin/env python3
"""wedge's own API: proxies with every impairment, sessions, the journal as it is written, problems with their place; and one
impairment that comes by the command line, a file, SIGHUP, Toxiproxy's API or wedge's own is the same on the wire."""
import json
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from proxy_rig import check, connect, listener
from config_rig import has_impairments
from toxi_rig import Http, Serve

V1 = "/wedge/v1"
DELAY = 0.15


def as_described(what, schema, value):
    """docs/openapi.json says what an answer has."""
    try:
        import jsonschema
    except ImportError:
        return
    with open(os.path.join(os.environ["SOURCE_DIR"], "docs", "openapi.json")) as f:
        described = json.load(f)
    errors = list(jsonschema.Draft202012Validator(dict(schema, components=described["components"])).iter_errors(value))
    check("%s as docs/openapi.json has it" % what, not errors, "; ".join(e.message for e in errors))


def ref(name):
    return {"$ref": "#/components/schemas/" + name}


def place(server):
    return "127.0.0.1:%d" % server.getsockname()[1]


def problem(what, a, status, words, **members):
    body = a.json() if a.body else {}
    ok = a.status == status and a.headers.get("content-type") == "application/problem+json" and body.get("status") == status
    ok &= words in body.get("detail", "") and body.get("type") == "about:blank" and bool(body.get("title"))
    as_described("    a problem", ref("Problem"), body)
    check(what, ok and all(body.get(k) == v for k, v in members.items()), a)


def delay_of(port, server):
    """How much later bytes come down, and up."""
    with connect(port) as c:
        s = rig.accept(server)
        took = []
        for a, b in ((s, c), (c, s)):
            began = time.monotonic()
            a.sendall(b"x")
            b.recv(1)
            took.append(time.monotonic() - began)
        s.close()
    return took


def same_by_every_way(folder):
    server = listener()
    text = "latency{delay=150ms,direction=downstream,clamps=yes,delays_end=no}"
    seen = {}
    with rig.Proxy(place(server), "--impair", text) as p:
        seen["the command line"] = delay_of(p.port, server)
    path = os.path.join(folder, "wedge.yaml")
    entry = "{name: a, listen: '127.0.0.1:0', upstream: '%s', impairments: [%s]}"

    def write(impairment):
        with open(path, "w") as f:
            f.write("proxies: [%s]\n" % (entry % (place(server), impairment)))

    write("'%s'" % text)
    with Serve("--config", path) as w:
        port = lambda name: int(w.ask("GET", "/proxies").json()[name]["listen"].rsplit(":", 1)[1])
        seen["a file"] = delay_of(port("a"), server)
        write("")
        w.p.send_signal(signal.SIGHUP)
        rig.wait_for(lambda: any("configuration changed" in l for l in w.lines))
        check("without it nothing is late", max(delay_of(port("a"), server)) < 0.1)
        write("'%s'" % text)
        w.p.send_signal(signal.SIGHUP)
        rig.wait_for(lambda: sum("configuration changed" in l for l in w.lines) == 2)
        seen["SIGHUP"] = delay_of(port("a"), server)
        toxic = w.proxy("b", place(server), [{"type": "latency", "attributes": {"latency": 150}}])
        seen["Toxiproxy's API"] = delay_of(toxic, server)
        a = w.ask("PUT", V1 + "/proxies/c", {"name": "c", "listen": "127.0.0.1:0", "upstream": place(server), "impairments": [text]})
        seen["wedge's own"] = delay_of(int(a.json()["listen"].rsplit(":", 1)[1]), server)
        all_ = {p["name"]: p for p in w.ask("GET", V1 + "/proxies").json()["proxies"]}
        texts = [i["text"] for n in "abc" for i in all_[n]["impairments"]]
        check("it is the same in words", len(texts) == 3 and len({t.replace(",name=latency_downstream", "").replace(",probability=100%", "") for t in texts}) == 1, texts)
    for way, (down, up) in seen.items():
        check("%s: down late, up not" % way, DELAY - 0.005 <= down < DELAY + 0.15 and up < 0.1, "%.3f %.3f" % (down, up))
    server.close()


def proxies(w):
    server = listener()
    path = V1 + "/proxies/web"
    body = {"name": "web", "listen": "127.0.0.1:0", "upstream": place(server),
            "impairments": [{"stall": {"name": "hiccup", "after": "64KiB", "for": "2s"}}, "cut{after=1MB}"]}
    check("none", w.ask("GET", V1 + "/proxies").json() == {"proxies": []})
    a = w.ask("PUT", path, body)
    check("made", a.status == 201 and [i["name"] for i in a.json()["impairments"]] == ["hiccup", "cut"] and a.json()["enabled"], a)
    listen = a.json()["listen"]
    check("shown", w.ask("GET", path).json() == a.json())
    as_described("a proxy", ref("Proxy"), a.json())
    as_described("its definition", ref("ProxyDefinition"), body)
    check("listed", [p["name"] for p in w.ask("GET", V1 + "/proxies").json()["proxies"]] == ["web"])
    t = w.ask("GET", "/proxies/web").json()
    check("Toxiproxy's clients see it without what they can't read", t["listen"] == listen and t["toxics"] == [], t)
    c = connect(int(listen.rsplit(":", 1)[1]))
    s = rig.accept(server)
    w.ask("POST", "/proxies/web/toxics", {"type": "noop"})
    w.ask("POST", "/proxies/web/toxics", {"type": "latency", "name": "cut"})
    a = w.ask("PUT", path, dict(body, listen=listen, impairments=[]))
    check("changed", a.status == 200 and [i["name"] for i in a.json()["impairments"]] == ["toxic.cut"] and a.json()["listen"] == listen, a)
    check("its toxics stay", len(w.ask("GET", "/proxies/web/toxics").json()) == 2)
    c.sendall(b"on")
    check("its session goes on", s.recv(9) == b"on")
    problem("another name in the body", w.ask("PUT", V1 + "/proxies/other", body), 400, "name")
    problem("no proxy", w.ask("GET", V1 + "/proxies/none"), 404, "no proxy")
    problem("nor to delete", w.ask("DELETE", V1 + "/proxies/none"), 404, "no proxy")
    problem("nothing there", w.ask("GET", V1 + "/nothing"), 404, "docs/api.md")
    problem("no such method", w.ask("POST", V1 + "/proxies/web", b""), 405, "method")
    text = json.dumps(dict(body, impairments=[{"stal": {}}]), indent=1)
    line = next(i for i, l in enumerate(text.splitlines(), 1) if "stal" in l)
    problem("an impairment that isn't one, at its place", w.ask("PUT", path, text), 400, "stall", line=line)
    problem("a key that isn't one", w.ask("PUT", path, dict(body, lissten="x")), 400, "listen")
    problem("no JSON", w.ask("PUT", path, b"{bad"), 400, "")
    problem("nothing", w.ask("PUT", path, b""), 400, "")
    problem("a mode that takes others' connections", w.ask("PUT", V1 + "/proxies/x", {"name": "x", "mode": "redirect", "port": "80"}), 403, "--api-token")
    problem("TLS with files", w.ask("PUT", V1 + "/proxies/x", dict(body, name="x", tls="intercept")), 403, "--api-token")
    secret = os.path.join(os.path.dirname(__file__), "test_api_v1.py")
    a = w.ask("PUT", V1 + "/proxies/x", dict(body, name="x", impairments=["latency{distribution=recorded,file=%s}" % secret]))
    problem("a file's content isn't told", a, 400, "can't be used")
    check("    no line of it", b"usr/bin/env" not in a.body, a)
    taken = listener()
    problem("an address that is taken", w.ask("PUT", V1 + "/proxies/x", dict(body, name="x", listen=place(taken))), 409, "already in use")
    taken.close()
    w.proxy("toxi", place(server))
    problem("a name of Toxiproxy's", w.ask("PUT", V1 + "/proxies/toxi", dict(body, name="toxi")), 409, "Toxiproxy")
    check("is listed and deleted, though", w.ask("DELETE", V1 + "/proxies/toxi").status == 204 and w.ask("GET", "/proxies/toxi").status == 404)
    check("whole or nothing: all is as it was", [p["name"] for p in w.ask("GET", V1 + "/proxies").json()["proxies"]] == ["web"])
    check("deleted", w.ask("DELETE", path).status == 204 and w.ask("GET", "/proxies").body == b"{}")
    s.sendall(b"still")
    check("its session goes on to its end", c.recv(9) == b"still")
    for x in (c, s, server):
        x.close()
    health = w.ask("GET", V1 + "/health").json()
    as_described("health", ref("Health"), health)
    check("health", health["status"] == "ok" and health["proxies"] == 0 and health["sessions_accepted"] >= 1, health)


def sessions(w):
    server = listener()
    port = w.proxy("s", place(server), [{"type": "bandwidth", "attributes": {"rate": 0}}, {"type": "latency", "stream": "upstream"}])
    pairs = []
    for _ in range(3):
        c = connect(port)
        pairs.append((c, rig.accept(server)))
        c.sendall(b"request")
        pairs[-1][1].recv(7)
    found = [s for s in w.ask("GET", V1 + "/sessions").json()["sessions"] if s["proxy"] == "s"]
    mine = {s["client"]: s["session"] for s in found}
    number = [mine["127.0.0.1:%d" % c.getsockname()[1]] for c, _ in pairs]
    check("three are open, with what they have moved", len(found) == 3 and all(
        s["state"] == "open" and s["upstream"]["sent"] == 7 and s["server"] == place(server) for s in found), found)
    one = w.ask("GET", V1 + "/sessions/%d" % number[0]).json()
    as_described("a session", {"allOf": [ref("Session"), {"properties": {"impairments": {"items": ref("Stage")}}}]}, one)
    check("one alone, with its impairments", {(i["name"], i["direction"], i["pausing"]) for i in one["impairments"]} == {
        ("bandwidth_downstream", "downstream", True), ("latency_upstream", "upstream", False)}, one)
    for i, (how, end) in enumerate((("?how=reset", "RST"), ("?how=close", "FIN"), ("", "FIN"))):
        c, s = pairs[i]
        a = w.ask("DELETE", V1 + "/sessions/%d%s" % (number[i], how))
        check("DELETE%s" % how, a.status == 204 and rig.read_to_end(c)[1] == end and rig.read_to_end(s)[1] == end, a)
    problem("gone", w.ask("DELETE", V1 + "/sessions/%d" % number[0]), 404, "no session")
    problem("gone, too", w.ask("GET", V1 + "/sessions/%d" % number[0]), 404, "no session")
    problem("no number", w.ask("GET", V1 + "/sessions/x"), 404, "number")
    problem("no such way", w.ask("DELETE", V1 + "/sessions/1?how=softly"), 400, "how=")
    w.ask("DELETE", "/proxies/s")
    server.close()


def of_one_session(w):
    """Impairments of one session alone, on the wire; another session of the proxy is as it was."""
    server = listener()
    a = w.ask("PUT", V1 + "/proxies/one", {"name": "one", "listen": "127.0.0.1:0", "upstream": place(server), "impairments": ["cut{after=1MB}"]})
    port = int(a.json()["listen"].rsplit(":", 1)[1])
    pairs = []
    for _ in range(2):
        c = connect(port)
        pairs.append((c, rig.accept(server)))
    numbers = {s["client"]: s["session"] for s in w.ask("GET", V1 + "/sessions").json()["sessions"]}
    mine, other = [numbers["127.0.0.1:%d" % c.getsockname()[1]] for c, _ in pairs]

    def took(pair):
        c, s = pair
        began = time.monotonic()
        s.sendall(b"x")
        c.recv(1)
        return time.monotonic() - began

    path = V1 + "/sessions/%d/impairments" % mine
    check("none at first", w.ask("GET", path).json() == {"impairments": []})
    a = w.ask("PUT", path, {"impairments": ["latency{delay=150ms}", {"stall": {"name": "mine", "after": "1MB"}}]})
    as_described("    its impairments", {"properties": {"impairments": {"items": ref("Impairment")}}}, a.json())
    check("the answer says what is now true", a.status == 200 and [(i["kind"], i["name"], i["origin"], i["parameters"]["session"]) for i in a.json()["impairments"]] == [
        ("latency", "session.%d.latency" % mine, "addition", str(mine)), ("stall", "session.%d.mine" % mine, "addition", str(mine))], a)
    check("it is late", 0.149 <= took(pairs[0]) < 0.4)
    check("the other one isn't", took(pairs[1]) < 0.1)
    late = connect(port), rig.accept(server)
    check("nor one that comes", took(late) < 0.1)
    stages = [i["name"] for i in w.ask("GET", V1 + "/sessions/%d" % other).json()["impairments"]]
    check("nothing of it is in the other one's way", stages == ["cut"], stages)
    problem("whole or nothing", w.ask("PUT", path, {"impairments": ["latency{delay=1ms}", "stal"]}), 400, "stall")
    problem("what decides about clients", w.ask("PUT", path, {"impairments": ["refuse{mode=silent}"]}), 400, "past that")
    problem("what chooses among sessions", w.ask("PUT", path, {"impairments": ["stall{nth=2}"]}), 400, "nth")
    problem("no list", w.ask("PUT", path, {"impairment": []}), 400, "impairments")
    problem("no session", w.ask("PUT", V1 + "/sessions/999999/impairments", {"impairments": []}), 404, "no session")
    problem("no such part", w.ask("GET", V1 + "/sessions/%d/other" % mine), 404, "nothing here")
    check("    all is as it was", [i["kind"] for i in w.ask("GET", path).json()["impairments"]] == ["latency", "stall"])
    a = w.ask("PUT", V1 + "/proxies/one/impairments", {"impairments": ["cut{after=2MB}"]})
    check("a change of the proxy's leaves it", a.status == 200 and [(i["kind"], i["origin"]) for i in a.json()["impairments"]] == [
        ("cut", "proxy"), ("latency", "addition"), ("stall", "addition")] and took(pairs[0]) > 0.149, a)
    a = w.ask("PUT", path, {"impairments": []})
    check("removed", a.json() == {"impairments": []} and took(pairs[0]) < 0.1, a)
    w.ask("PUT", path, {"impairments": ["latency{delay=1ms}"]})
    pairs[0][0].close()
    pairs[0][1].close()
    rig.wait_for(lambda: w.ask("GET", path).status == 404)
    w.ask("PUT", V1 + "/sessions/%d/impairments" % other, {"impairments": []})
    left = [i["name"] for i in w.ask("GET", V1 + "/proxies/one").json()["impairments"]]
    check("what was an ended session's goes with the next change", left == ["cut"], left)
    for x in (*pairs[1], *late):
        x.close()
    w.ask("DELETE", V1 + "/proxies/one")
    server.close()


def of_a_proxy(w):
    """The list of a proxy alone, whoever has made it; its toxics and all else stay."""
    server = listener()
    body = {"name": "own", "listen": "127.0.0.1:0", "upstream": place(server), "connect_timeout": "7s", "impairments": ["cut{after=1MB}"]}
    listen = w.ask("PUT", V1 + "/proxies/own", body).json()["listen"]
    a = w.ask("PUT", V1 + "/proxies/own/impairments", {"impairments": ["stall{after=1KB}"]})
    check("its list is another one", a.status == 200 and [i["kind"] for i in a.json()["impairments"]] == ["stall"] and a.json()["listen"] == listen, a)
    as_described("a proxy", ref("Proxy"), a.json())
    w.proxy("toxi", place(server), [{"type": "latency", "attributes": {"latency": 1}}])
    a = w.ask("PUT", V1 + "/proxies/toxi/impairments", {"impairments": ["cut{after=1MB}"]})
    check("also behind toxics", [(i["kind"], i["origin"]) for i in a.json()["impairments"]] == [("latency", "toxic"), ("cut", "addition")], a)
    check("which see nothing of it", len(w.ask("GET", "/proxies/toxi/toxics").json()) == 1)
    w.ask("DELETE", "/proxies/toxi")
    w.proxy("toxi", place(server))
    check("it goes with the proxy", w.ask("GET", V1 + "/proxies/toxi").json()["impairments"] == [])
    problem("no proxy", w.ask("PUT", V1 + "/proxies/none/impairments", {"impairments": []}), 404, "no proxy")
    problem("a fault at its place", w.ask("PUT", V1 + "/proxies/own/impairments", '{"impairments":\n ["cut{after=1MBB}"]}'), 400, "1MBB", line=2)
    problem("no such method", w.ask("GET", V1 + "/proxies/own/impairments"), 405, "method")
    kinds = w.ask("GET", V1 + "/impairments").json()
    as_described("the kinds", {"properties": {"kinds": {"items": ref("Kind")}, "common": {"items": ref("Parameter")}}}, kinds)
    latency = next(k for k in kinds["kinds"] if k["name"] == "latency")
    check("the kinds say what they have", any(p["name"] == "delay" and p["type"] == "duration" for p in latency["parameters"]) and
          any(p["name"] == "enabled" and p["default"] == "true" for p in kinds["common"]), latency)
    for name in ("own", "toxi"):
        w.ask("DELETE", V1 + "/proxies/" + name)
    server.close()


def sums(w):
    """How long bytes are inside, as the client sees it."""
    server = listener()
    port = w.proxy("sum", place(server), [{"type": "latency", "attributes": {"latency": 200}}])
    mine = lambda: next(p for p in w.ask("GET", V1 + "/stats").json()["proxies"] if p["name"] == "sum")
    with connect(port) as c:
        s = rig.accept(server)
        for n in (1, 20000):
            before, began = mine(), time.monotonic()
            s.sendall(b"d" * n)
            got = 0
            while got < n:
                got += len(c.recv(n))
            took, after = time.monotonic() - began, mine()
            d = {k: after["downstream"][k] - before["downstream"][k] for k in ("received", "sent", "waited")}
            mean = d["waited"] / n
            check("%d bytes were inside for as long as their client waited" % n, d["sent"] == d["received"] == n and 0.199 <= mean <= took + 0.001, "%s %s" % (d, took))
        s.sendall(b"held")
        number = next(x["session"] for x in w.ask("GET", V1 + "/sessions").json()["sessions"] if x["proxy"] == "sum")
        held = rig.wait_for(lambda: (lambda f: f if f["held"] == 4 else None)(w.ask("GET", V1 + "/sessions/%d" % number).json()["downstream"]), 2)
        check("and what is inside says since when", held and 0 <= held["waiting"] <= 0.3, held)
        c.recv(4)
        s.close()
    as_described("the sums", ref("Stats"), w.ask("GET", V1 + "/stats").json())
    as_described("a session", {"properties": {"sessions": {"items": ref("Session")}}}, w.ask("GET", V1 + "/sessions?most=1").json())
    problem("no such query", w.ask("GET", V1 + "/sessions?most=0"), 400, "most=N")
    w.ask("DELETE", "/proxies/sum")
    server.close()


class Events(Http):
    """The journal as it comes."""

    def follow(self):
        self.send(b"GET " + V1.encode() + b"/journal HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b": the journal\n\n" not in self.rest:
            self.fill()
        return self.rest.split(b"\r\n\r\n")[0].decode()

    def lines(self, until):
        self.s.settimeout(10)
        while until.encode() not in self.rest:
            self.fill()
        return [json.loads(l[6:]) for l in self.rest.decode().splitlines() if l.startswith("data: {")]


def journal(w):
    server = listener()
    follower = Events(w.port)
    head = follower.follow()
    check("events", "200 OK" in head and "text/event-stream" in head.lower(), head)
    port = w.proxy("j", place(server), [{"type": "timeout"}])
    with connect(port):
        s = rig.accept(server)
        s.sendall(b"eaten")
        seen = [e["event"] for e in follower.lines('"bytes":5')]
        check("what is done comes as it is done", "config_changed" in seen and "session_open" in seen and "eat" in seen, seen)
        s.close()
    crowd = [Events(w.port) for _ in range(15)]
    for e in crowd:
        e.follow()
    problem("more than are served", w.ask("GET", V1 + "/journal"), 503, "journal")
    lazy = crowd[0]
    before, began = w.rss(), time.monotonic()
    for i in range(3000):
        w.ask("POST", "/proxies/j/toxics", {"type": "noop"})
        w.ask("DELETE", "/proxies/j/toxics/noop_downstream")
    check("followers that don't read cost little", w.rss() - before < 24 << 20, w.rss() - before)
    for e in [*crowd, follower]:
        e.close()
    check("and go", rig.wait_for(lambda: w.descriptors() < 24), w.descriptors())
    w.ask("DELETE", "/proxies/j")
    server.close()


def addresses_of_a_file(folder):
    """The port that the kernel chose for a file's proxy stays over clients' changes; one that a client gave it, too."""
    path, server = os.path.join(folder, "any.yaml"), listener()
    with open(path, "w") as f:
        f.write("proxies: [{name: a, listen: '0.0.0.0:0', upstream: '%s'}, {name: b, listen: 'localhost:0', upstream: '%s'}]\n" % (place(server), place(server)))
    with Serve("--config", path) as w:
        listen = lambda: {k: v["listen"] for k, v in w.ask("GET", "/proxies").json().items()}
        before = listen()
        check("0.0.0.0 of a file is IPv4's", before["a"].startswith("0.0.0.0:"), before)
        for name in "ab":
            check("a toxic", w.ask("POST", "/proxies/%s/toxics" % name, {"type": "noop"}).status == 200)
        w.proxy("c", place(server))
        check("moves nothing", {k: v for k, v in listen().items() if k != "c"} == before, listen())
        moved = w.ask("POST", "/proxies/a", {"listen": "127.0.0.1:0"}).json()["listen"]
        w.proxy("d", place(server))
        check("one that a client has moved stays there", listen()["a"] == moved and moved != before["a"], listen())
    server.close()


def beside_a_file(folder):
    server, path = listener(), os.path.join(folder, "beside.yaml")

    def write(*names, more=""):
        with open(path, "w") as f:
            f.write("proxies: [%s]\n" % ", ".join("{name: %s, listen: '127.0.0.1:0', upstream: '%s'%s}" % (n, place(server), more) for n in names))

    def reload(w):
        seen = len(w.lines)
        w.p.send_signal(signal.SIGHUP)
        rig.wait_for(lambda: any("configuration " in l for l in w.lines[seen:]))
        return next((l for l in w.lines[seen:] if "configuration " in l), "nothing")

    write("file", "more")
    with Serve("--config", path) as w:
        before = w.ask("GET", "/proxies/file").json()
        check("the file's proxies are shown", list(w.ask("GET", "/proxies").json()) == ["file", "more"])
        w.ask("POST", "/proxies/file/toxics", {"type": "latency", "attributes": {"latency": 1}})
        w.proxy("toxi", place(server))
        w.ask("PUT", V1 + "/proxies/own", {"name": "own", "listen": "127.0.0.1:0", "upstream": place(server), "impairments": ["drop{after=1MB}"]})
        w.ask("DELETE", "/proxies/more")
        check("four ways, three proxies", list(w.ask("GET", "/proxies").json()) == ["file", "own", "toxi"])
        w.ask("PUT", V1 + "/proxies/own", {"name": "own", "listen": "127.0.0.1:0", "upstream": place(server), "impairments": ["cut{after=1MB}"]})
        check("a change of one brings none back", list(w.ask("GET", "/proxies").json()) == ["file", "own", "toxi"])
        check("read again", "changed" in reload(w))
        now = w.ask("GET", "/proxies").json()
        check("the file counts, toxics and clients' proxies stay", list(now) == ["file", "more", "own", "toxi"] and len(now["file"]["toxics"]) == 1 and
              now["file"]["listen"] == before["listen"], now)
        write("file", "toxi")
        said = reload(w)
        check("a name that a client has is refused", "refused" in said and "'toxi'" in said, said)
        write("own")
        check("by either API", "refused" in reload(w))
        check("and nothing has changed", w.ask("GET", "/proxies").json() == now)
        write()
        reload(w)
        check("what the file hasn't any more is gone", list(w.ask("GET", "/proxies").json()) == ["own", "toxi"])
    server.close()


if not has_impairments():
    print("skipped: this wedge has no impairments")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    same_by_every_way(folder)
    beside_a_file(folder)
    addresses_of_a_file(folder)
    with Serve() as w:
        for test in (proxies, sessions, of_one_session, of_a_proxy, sums, journal):
            print(test.__name__, flush=True)
            test(w)
rig.finish()
