#!/usr/bin/env python3
"""Toxiproxy's control API, step by step: routes, status codes, error texts, the order of checks, types, defaults and odd
habits, as they were measured on its server 2.12. Each answer is read from the socket by hand."""
import os
import re
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from proxy_rig import check, connect, listener
from config_rig import has_impairments
from toxi_rig import Http, Serve

PLAIN, JSON = "text/plain; charset=utf-8", "application/json"
MEMBERS = '"enabled":%s,"Logger":{},"toxics":[%s]}'


def says(what, answer, status, body=None, kind=JSON, routed=True):
    """One answer, whole: status, body to the byte, type, and the id that every route adds."""
    want = body.encode() if isinstance(body, str) else body
    ok = answer.status == status and (want is None or answer.body == want)
    ok &= answer.headers.get("content-type") == (kind if answer.body else None)
    ok &= bool(re.fullmatch("[0-9a-v]{20}", answer.headers.get("x-toxiproxy-request-id", ""))) == routed
    ok &= not any(h.startswith("access-control") for h in answer.headers)
    check(what, ok, "" if ok else repr(answer))


def refuses(what, answer, status, text):
    body = '{"error":"%s","status":%d}\n' % (text, status)
    says(what, answer, status, body, PLAIN)
    check("    it isn't to be sniffed", answer.headers.get("x-content-type-options") == "nosniff")


def transport(w):
    for method, path in (("GET", "/"), ("GET", "/nothing"), ("GET", "/proxies/"), ("POST", "/proxies/a/"), ("GET", "/proxies/a/toxics/b/c"),
                         ("GET", "/proxies/a%2Fb")):
        says("%s %s is no page" % (method, path), w.ask(method, path, b"" if method == "POST" else None), 404, "404 page not found\n", PLAIN, False)
    for method, path in (("HEAD", "/proxies"), ("OPTIONS", "/proxies"), ("PUT", "/proxies"), ("DELETE", "/proxies"), ("PATCH", "/proxies"),
                         ("GET", "/reset"), ("GET", "/populate"), ("POST", "/version"), ("PUT", "/proxies/a"), ("DELETE", "/proxies/a/toxics"),
                         ("PUT", "/proxies/a/toxics/b"), ("TRACE", "/version")):
        a = w.ask(method, path, b"" if method in ("PUT", "POST", "PATCH") else None)
        says("%s %s is no method of it" % (method, path), a, 405, "", None, False)
        check("    and says none that is", "allow" not in a.headers)
    for path, clean in (("//proxies", "/proxies"), ("/proxies/../version", "/version"), ("/./proxies//x?a=b", "/proxies/x?a=b"),
                        ("/%2E%2E/version", "/version")):
        a = w.ask("GET", path)
        says("%s is sent to its clean path" % path, a, 301, "", None, False)
        check("    which is %s" % clean, a.headers.get("location") == clean, a.headers.get("location"))
    for agent in ("Mozilla/5.0 (X11)", "Mozilla/"):
        for path in ("/proxies", "/metrics", "/version"):
            says("%s is no agent for %s" % (agent, path), w.ask("GET", path, headers=["User-Agent: " + agent]), 403,
                 "User agent not allowed\n", PLAIN)
    for agent in ("mozilla/5.0", "Mozilla", "curl/8 Mozilla/5.0", ""):
        check("%r is one" % agent, w.ask("GET", "/version", headers=["User-Agent: " + agent]).status == 200)
    a = w.ask("GET", "/version")
    says("the version", a, 200, '{"version": "2.12.0"}\n', "application/json;charset=utf-8")
    body = '{"name":"typed","upstream":"u:1","listen":"127.0.0.1:0"}'
    for kind in ("application/x-www-form-urlencoded", "text/xml", "nonsense"):
        a = w.ask("POST", "/proxies", body, headers=["Content-Type: " + kind, "Accept: image/png"])
        check("a body of type %s is JSON" % kind, a.status == 201)
        a = w.ask("DELETE", "/proxies/typed", headers=["Content-Type: " + kind])
        says("    and a DELETE with that type", a, 204, "", None)
    a = w.ask("DELETE", "/proxies/typed", b"")
    refuses("a DELETE with a body of no bytes", a, 404, "proxy not found")
    chunked = Http(w.port)
    chunked.send(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in (body[:20], body[20:]):
        chunked.send(b"%x\r\n%s\r\n" % (len(piece), piece.encode()))
    chunked.send(b"0\r\n\r\n")
    check("a body in chunks", chunked.receive().status == 201)
    check("the connection stays", chunked.ask("DELETE", "/proxies/typed").status == 204)
    chunked.close()


def create(w):
    refuses("no body", w.ask("POST", "/proxies"), 400, "bad request body: EOF")
    refuses("an empty one", w.ask("POST", "/proxies", b""), 400, "bad request body: EOF")
    refuses("spaces", w.ask("POST", "/proxies", b"  \n"), 400, "bad request body: EOF")
    refuses("half an object", w.ask("POST", "/proxies", b'{"name":"a"'), 400, "bad request body: unexpected EOF")
    refuses("no JSON", w.ask("POST", "/proxies", b"{bad"), 400,
            "bad request body: invalid character 'b' looking for beginning of object key string")
    refuses("no JSON at all", w.ask("POST", "/proxies", b"hello"), 400, "bad request body: invalid character 'h' looking for beginning of value")
    refuses("a name that is a number", w.ask("POST", "/proxies", b'{"name":5}'), 400,
            "bad request body: json: cannot unmarshal number into Go struct field Proxy.name of type string")
    refuses("an enabled that is a text", w.ask("POST", "/proxies", b'{"enabled":"yes"}'), 400,
            "bad request body: json: cannot unmarshal string into Go struct field Proxy.enabled of type bool")
    refuses("an array", w.ask("POST", "/proxies", b"[]"), 400, "bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy")
    refuses("null says nothing", w.ask("POST", "/proxies", b"null"), 400, "missing required field: name")
    refuses("no name before no upstream", w.ask("POST", "/proxies", b"{}"), 400, "missing required field: name")
    refuses("an empty name", w.ask("POST", "/proxies", b'{"name":"","upstream":"u:1"}'), 400, "missing required field: name")
    refuses("no upstream", w.ask("POST", "/proxies", b'{"name":"a"}'), 400, "missing required field: upstream")
    refuses("no upstream before a bad listen", w.ask("POST", "/proxies", b'{"name":"a","listen":"bad"}'), 400, "missing required field: upstream")
    refuses("a listen without a port", w.ask("POST", "/proxies", b'{"name":"a","upstream":"u:1","listen":"bad"}'), 500,
            "listen tcp: address bad: missing port in address")
    busy = listener()
    place = "127.0.0.1:%d" % busy.getsockname()[1]
    refuses("a listen that is taken", w.ask("POST", "/proxies", {"name": "a", "upstream": "u:1", "listen": place}), 500,
            "listen tcp %s: bind: address already in use" % place)
    refuses("an address that isn't here", w.ask("POST", "/proxies", {"name": "a", "upstream": "u:1", "listen": "192.0.2.77:0"}), 500,
            "listen tcp 192.0.2.77:0: bind: cannot assign requested address")
    check("nothing of all that stays", w.ask("GET", "/proxies").body == b"{}")
    busy.close()
    a = w.ask("POST", "/proxies", b'{"name":"a","listen":"localhost:0","upstream":"u:1","enabled":null,"toxics":[{"type":"x"}],"Logger":{},"x":{}}')
    says("one with everything that is ignored", a, 201)
    place = a.json()["listen"]
    check("the listen is the bound address", re.fullmatch(r"127\.0\.0\.1:\d+", place) and not place.endswith(":0"), place)
    check("the members in their order", a.body.decode() == '{"name":"a","listen":"%s","upstream":"u:1",' % place + MEMBERS % ("true", ""), a)
    refuses("the name again", w.ask("POST", "/proxies", b'{"name":"a","upstream":"other:1","listen":"bad"}'), 409, "proxy already exists")
    says("it is shown", w.ask("GET", "/proxies/a"), 200, a.body)
    says("all are an object by name", w.ask("GET", "/proxies"), 200, b'{"a":' + a.body + b"}")
    a = w.ask("POST", "/proxies", b'{"NAME":"c","Upstream":"u:1","ENABLED":false,"listen":"localhost:0"} and {garbage')
    says("names in any case, garbage behind", a, 201, '{"name":"c","listen":"localhost:0","upstream":"u:1",' + MEMBERS % ("false", ""))
    check("the last of two members counts",
          w.ask("POST", "/proxies", b'{"name":"x","name":"b","upstream":"u:1","listen":"1:1","listen":"[::1]:0"}').json()["name"] == "b")
    check("in the order of their names", list(w.ask("GET", "/proxies").json()) == ["a", "b", "c"])
    odd = w.ask("POST", "/proxies", {"name": "<o&d> \u2028\"\\\n\u00e9", "upstream": "u:1", "listen": "", "enabled": False})
    check("a name may be anything, and is escaped as Go does",
          odd.body.startswith(b'{"name":"\\u003co\\u0026d\\u003e \\u2028\\"\\\\\\n\xc3\xa9","listen":"",'), odd)
    says("it is found percent-coded", w.ask("GET", "/proxies/%3Co%26d%3E%20%E2%80%A8%22%5C%0A%C3%A9"), 200, odd.body)
    check("and deleted", w.ask("DELETE", "/proxies/%3Co%26d%3E%20%E2%80%A8%22%5C%0A%C3%A9").status == 204)
    for listen in ("", ":0", "0.0.0.0:0", "[::]:0"):
        a = w.ask("POST", "/proxies", {"name": "any", "upstream": "u:1", "listen": listen})
        check("listen %r is every address" % listen, re.fullmatch(r"\[::\]:\d+", a.json()["listen"]), a)
        port = int(a.json()["listen"].rsplit(":", 1)[1])
        connect(port).close()
        w.ask("DELETE", "/proxies/any")
    for name in "abc":
        says("deleted", w.ask("DELETE", "/proxies/" + name), 204, "", None)
    refuses("once", w.ask("DELETE", "/proxies/a"), 404, "proxy not found")
    refuses("not shown either", w.ask("GET", "/proxies/a"), 404, "proxy not found")


def is_down(port):
    try:
        connect(port).close()
        return False
    except OSError:
        return True


def ends(s):
    """How a socket ends: "FIN" or "RST"."""
    s.settimeout(10)
    try:
        while s.recv(65536):
            pass
        return "FIN"
    except ConnectionResetError:
        return "RST"


def session(port, server):
    """Both ends of a connection on which bytes move: wedge has dialled."""
    c = connect(port)
    s = rig.accept(server)
    c.sendall(b"x")
    s.recv(1)
    return c, s


def update(w):
    server, other = listener(), listener()
    place, second = ("127.0.0.1:%d" % s.getsockname()[1] for s in (server, other))
    port = w.proxy("u", place)
    refuses("no such proxy before its body", w.ask("POST", "/proxies/none", b"{bad"), 404, "proxy not found")
    for method in ("POST", "PATCH"):
        refuses("%s with a bad body" % method, w.ask(method, "/proxies/u", b"{bad"), 400,
                "bad request body: invalid character 'b' looking for beginning of object key string")
        says("%s of nothing" % method, w.ask(method, "/proxies/u", b"{}"), 200, w.ask("GET", "/proxies/u").body)
    check("the name is ignored", w.ask("POST", "/proxies/u", {"name": "other"}).json()["name"] == "u")
    c, s = session(port, server)
    says("the same listen by name is no change", w.ask("POST", "/proxies/u", {"listen": "localhost:%d" % port, "enabled": True}), 200)
    c.sendall(b"still")
    check("the connection notices nothing", s.recv(9) == b"still")
    a = w.ask("POST", "/proxies/u", b'{"enabled":false}')
    says("disabled", a, 200, '{"name":"u","listen":"127.0.0.1:%d","upstream":"%s",' % (port, place) + MEMBERS % ("false", ""))
    check("the client's connection is closed", ends(c) == "FIN")
    check("and the server's", ends(s) == "FIN")
    check("nobody listens", is_down(port))
    check("a toxic can be added meanwhile", w.ask("POST", "/proxies/u/toxics", {"type": "latency"}).status == 200)
    a = w.ask("PATCH", "/proxies/u", b'{"enabled":true,"listen":null}')
    check("enabled at the same port, with its toxics",
          a.json()["listen"].endswith(":%d" % port) and a.json()["enabled"] and len(a.json()["toxics"]) == 1, a)
    c, s = session(port, server)
    a = w.ask("POST", "/proxies/u", {"upstream": second})
    how = ends(c), ends(s)
    check("another upstream closes what there is", how == ("FIN", "FIN"), repr(how))
    c, s = session(port, other)
    check("and new connections go there", a.json()["upstream"] == second)
    a = w.ask("POST", "/proxies/u", {"listen": "127.0.0.1:0"})
    fresh = int(a.json()["listen"].rsplit(":", 1)[1])
    check("port 0 is always another one", a.status == 200 and fresh not in (0, port) and is_down(port), a)
    check("and closes what there is", ends(c) == "FIN" and ends(s) == "FIN")
    connect(fresh).close()
    rig.accept(other).close()
    refuses("a listen without a port", w.ask("POST", "/proxies/u", {"listen": "bad"}), 500, "address bad: missing port in address")
    check("changes nothing", w.ask("GET", "/proxies/u").body == a.body)
    refuses("a listen that is taken", w.ask("POST", "/proxies/u", {"listen": place}), 500, "listen tcp %s: bind: address already in use" % place)
    a = w.ask("GET", "/proxies/u").json()
    check("leaves it disabled, with that listen", not a["enabled"] and a["listen"] == place and is_down(fresh), a)
    check("an empty upstream is taken", w.ask("POST", "/proxies/u", {"upstream": "", "listen": "localhost:0"}).json()["upstream"] == "")
    a = w.ask("POST", "/proxies/u", {"enabled": True})
    check("and met as a server that is down", ends(connect(int(a.json()["listen"].rsplit(":", 1)[1]))) == "FIN")
    with listener() as down:
        nobody = "127.0.0.1:%d" % down.getsockname()[1]
    port = w.proxy("nobody", nobody)
    check("clients of a server that refuses are accepted, and closed", all(ends(connect(port)) == "FIN" for _ in range(20)))
    w.ask("DELETE", "/proxies/nobody")
    c, s = session(w.proxy("gone", second), other)
    check("a proxy is deleted with its connections", w.ask("DELETE", "/proxies/gone").status == 204 and ends(c) == "FIN" and ends(s) == "FIN")
    w.ask("DELETE", "/proxies/u")
    for s in (server, other):
        s.close()


def toxics(w):
    w.proxy("t", "u:1")
    says("none is an empty array", w.ask("GET", "/proxies/t/toxics"), 200, "[]")
    path = "/proxies/t/toxics"
    refuses("of no proxy", w.ask("GET", "/proxies/none/toxics"), 404, "proxy not found")
    refuses("no proxy before the body", w.ask("POST", "/proxies/none/toxics", b"{bad"), 404, "proxy not found")
    refuses("no body", w.ask("POST", path, b""), 400, "bad request body: EOF")
    refuses("the stream before the type", w.ask("POST", path, {"stream": "sideways", "type": "x"}), 400,
            "stream was invalid, can be either upstream or downstream")
    refuses("an empty stream", w.ask("POST", path, {"stream": "", "type": "latency"}), 400, "stream was invalid, can be either upstream or downstream")
    refuses("no type", w.ask("POST", path, b"{}"), 400, "invalid toxic type")
    refuses("a type in other letters", w.ask("POST", path, {"type": "Latency"}), 400, "invalid toxic type")
    says("defaults", w.ask("POST", path, {"type": "latency"}), 200,
         '{"attributes":{"latency":0,"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}')
    refuses("the name before the attributes", w.ask("POST", path, {"type": "latency", "attributes": {"latency": "x"}}), 409, "toxic already exists")
    refuses("a name across both streams", w.ask("POST", path, {"type": "noop", "name": "latency_downstream", "stream": "upstream"}), 409,
            "toxic already exists")
    for value, kind in (('"100"', "string"), ("100.0", "number 100"), ("1.5", "number 1.5"), ("true", "bool")):
        refuses("an attribute %s" % value, w.ask("POST", path, '{"type":"latency","name":"x","attributes":{"latency":%s}}' % value), 400,
                "bad request body: json: cannot unmarshal %s into Go struct field LatencyToxic.attributes.latency of type int64" % kind)
    refuses("attributes that are none", w.ask("POST", path, b'{"type":"latency","name":"x","attributes":5}'), 400,
            "bad request body: json: cannot unmarshal number into Go value of type toxics.NoopToxic")
    check("nothing was added", len(w.ask("GET", path).json()) == 1)
    says("flat attributes are ignored, a stream is echoed", w.ask("POST", path, {"type": "bandwidth", "rate": 5, "stream": "UPSTREAM"}), 200,
         '{"attributes":{"rate":0},"name":"bandwidth_UPSTREAM","type":"bandwidth","stream":"UPSTREAM","toxicity":1}')
    for type_, attributes in (("slow_close", ["delay"]), ("timeout", ["timeout"]), ("reset_peer", ["timeout"]), ("limit_data", ["bytes"]),
                              ("slicer", ["average_size", "size_variation", "delay"]), ("noop", [])):
        given = {name: 7 + i for i, name in enumerate(attributes)}
        a = w.ask("POST", path, {"type": type_, "attributes": given, "toxicity": 0.25})
        says(type_, a, 200, '{"attributes":{%s},"name":"%s_downstream","type":"%s","stream":"downstream","toxicity":0.25}' % (
            ",".join('"%s":%d' % pair for pair in given.items()), type_, type_))
    shown = w.ask("GET", path)
    check("upstream first, then downstream, each in its order", [t["name"] for t in shown.json()] == [
        "bandwidth_UPSTREAM", "latency_downstream", "slow_close_downstream", "timeout_downstream", "reset_peer_downstream",
        "limit_data_downstream", "slicer_downstream", "noop_downstream"])
    check("the proxy shows the same", w.ask("GET", "/proxies/t").body.endswith(b'"toxics":' + shown.body + b"}"))
    for toxicity, printed in (("5", b"5"), ("-1", b"-1"), ("0.1", b"0.1"), ("1e-7", b"1e-7"), ("0.123456789", b"0.12345679"), ("null", b"1")):
        a = w.ask("POST", path, '{"type":"noop","name":"f","toxicity":%s}' % toxicity)
        check("toxicity %s" % toxicity, a.status == 200 and a.body.endswith(b'"toxicity":' + printed + b"}"), a)
        w.ask("DELETE", path + "/f")
    refuses("a toxic of no proxy", w.ask("GET", "/proxies/none/toxics/x"), 404, "proxy not found")
    refuses("no such toxic", w.ask("GET", path + "/x"), 404, "toxic not found")
    refuses("nor to change", w.ask("POST", path + "/x", b"{bad"), 404, "toxic not found")
    refuses("nor to delete", w.ask("DELETE", path + "/x"), 404, "toxic not found")
    says("one is shown", w.ask("GET", path + "/latency_downstream"), 200,
         '{"attributes":{"latency":0,"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}')
    for method in ("POST", "PATCH"):
        refuses("%s of a bad body" % method, w.ask(method, path + "/latency_downstream", b"{bad"), 400,
                "bad request body: invalid character 'b' looking for beginning of object key string")
        refuses("%s of a text" % method, w.ask(method, path + "/latency_downstream", {"attributes": {"jitter": "x"}}), 400,
                "bad request body: json: cannot unmarshal string into Go struct field LatencyToxic.attributes.jitter of type int64")
    says("attributes are merged", w.ask("POST", path + "/latency_downstream", {"attributes": {"jitter": 9}, "name": "y", "type": "z", "stream": "q"}), 200,
         '{"attributes":{"latency":0,"jitter":9},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}')
    says("the toxicity alone", w.ask("PATCH", path + "/latency_downstream", {"attributes": None, "toxicity": 0.5}), 200,
         '{"attributes":{"latency":0,"jitter":9},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":0.5}')
    says("deleted", w.ask("DELETE", path + "/latency_downstream"), 204, "", None)
    check("that one", len(w.ask("GET", path).json()) == 7)
    w.ask("DELETE", "/proxies/t")


def populate(w):
    path, taken = "/populate", listener()
    busy = "127.0.0.1:%d" % taken.getsockname()[1]
    says("an empty list", w.ask("POST", path, b"[]"), 201, '{"proxies":[]}')
    says("no body", w.ask("POST", path, b""), 400, '{"error":"bad request body: EOF","status":400,"proxies":null}')
    says("no array", w.ask("POST", path, b"{}"), 400,
         '{"error":"bad request body: json: cannot unmarshal object into Go value of type []toxiproxy.Proxy","status":400,"proxies":null}')
    good = {"name": "p1", "upstream": "u:1", "listen": "127.0.0.1:0"}
    says("all are checked first", w.ask("POST", path, [good, {"upstream": "u:1"}]), 400,
         '{"error":"missing required field: name at proxy 2","status":400,"proxies":null}')
    says("the upstream, too", w.ask("POST", path, [good, good, {"name": "x"}]), 400,
         '{"error":"missing required field: upstream at proxy 3","status":400,"proxies":null}')
    check("nothing was made", w.ask("GET", "/proxies").body == b"{}")
    a = w.ask("POST", path, [good, {"name": "p2", "upstream": "u:2", "listen": "127.0.0.1:0", "enabled": False, "toxics": [{"type": "x"}]}])
    made = a.json()["proxies"]
    check("both are made, in their order", a.status == 201 and [p["name"] for p in made] == ["p1", "p2"] and not made[1]["enabled"], a)
    check("the answer is JSON without a newline", a.headers["content-type"] == JSON and a.body.endswith(b"]}"))
    w.ask("POST", "/proxies/p1/toxics", {"type": "noop"})
    same = dict(good, listen=made[0]["listen"], enabled=False)
    a = w.ask("POST", path, [same])
    check("one that is there stays, with toxics, and enabled", a.status == 201 and a.json()["proxies"] == [w.ask("GET", "/proxies/p1").json()] and
          a.json()["proxies"][0]["enabled"] and len(a.json()["proxies"][0]["toxics"]) == 1, a)
    check("others stay", list(w.ask("GET", "/proxies").json()) == ["p1", "p2"])
    a = w.ask("POST", path, [dict(same, upstream="u:9", enabled=True)])
    check("another upstream makes it anew, without toxics", a.json()["proxies"][0]["toxics"] == [] and a.json()["proxies"][0]["upstream"] == "u:9", a)
    a = w.ask("POST", path, [{"name": "p3", "upstream": "u:1", "listen": "127.0.0.1:0"}, {"name": "p4", "upstream": "u:1", "listen": busy},
                             {"name": "p5", "upstream": "u:1"}])
    check("the first failure stops, with those done so far", a.status == 500 and a.json()["error"] == "listen tcp %s: bind: address already in use" % busy and
          [p["name"] for p in a.json()["proxies"]] == ["p3"], a)
    check("and that is so", list(w.ask("GET", "/proxies").json()) == ["p1", "p2", "p3"])
    taken.close()


def reset(w):
    for name in ("p1", "p2"):
        w.ask("POST", "/proxies/%s/toxics" % name, {"type": "latency", "attributes": {"latency": 500}})
    before = w.ask("GET", "/proxies/p1").json()["listen"]
    for body in (b"garbage", None, b""):
        says("reset with %r" % body, w.ask("POST", "/reset", body), 204, "", None)
    now = w.ask("GET", "/proxies").json()
    check("all are enabled, and without toxics", all(p["enabled"] and p["toxics"] == [] for p in now.values()) and len(now) == 3, now)
    check("where they were", now["p1"]["listen"] == before)
    w.ask("POST", "/proxies/p2", {"enabled": False})
    with socket.socket() as s:
        s.bind(("127.0.0.1", int(now["p2"]["listen"].rsplit(":", 1)[1])))
        s.listen()
        refuses("reset where one can't listen", w.ask("POST", "/reset"), 500, "listen tcp %s: bind: address already in use" % now["p2"]["listen"])
    for name in now:
        w.ask("DELETE", "/proxies/" + name)


if not has_impairments():
    print("skipped: this wedge has no impairments")
    sys.exit(77)
with Serve() as w:
    transport(w)
    create(w)
    update(w)
    toxics(w)
    populate(w)
    reset(w)
    check("no descriptor is left behind", rig.wait_for(lambda: w.descriptors() < 20), w.descriptors())
    w.p.send_signal(signal.SIGHUP)
    check("SIGHUP ends it where it has no file", rig.wait_for(lambda: w.p.poll() is not None) or w.p.poll() == 0)
rig.finish()
