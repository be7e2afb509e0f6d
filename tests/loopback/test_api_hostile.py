#!/usr/bin/env python3
"""The API holds out: slow, silent and hostile clients, bodies where none belong, pages of other sites, wrong tokens, thousands of
proxies, garbage; and /metrics counts while a connection lives."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from proxy_rig import check, connect, listener
from config_rig import has_impairments
from toxi_rig import Http, Serve

TOKEN = "a-token-of-24-characters"


def one_line(what, args, text, argv0=None):
    r = subprocess.run([argv0 or rig.WEDGE, *args], executable=rig.WEDGE, capture_output=True, text=True, timeout=60)
    last = r.stderr.strip().splitlines()[-1:]
    check(what, r.returncode == 2 and last and text in last[0] and (argv0 or len(r.stderr.strip().splitlines()) == 1), "%d %r" % (r.returncode, r.stderr))


def refused_at_the_start(folder):
    busy = listener()
    port = str(busy.getsockname()[1])
    one_line("a port in use", ["serve", "--api", port], "can't listen on 127.0.0.1:%s: Address already in use" % port)
    one_line("every address without a token", ["serve", "--api", "0.0.0.0:0"], "--api-token FILE")
    one_line("any address, too", ["serve", "--api", ":0"], "--api-token FILE")
    one_line("a token that isn't there", ["serve", "--api", "0", "--api-token", os.path.join(folder, "none")], "No such file")
    one_line("a token that is a device", ["serve", "--api", "0", "--api-token", "/dev/zero"], "no regular file")
    short = os.path.join(folder, "short")
    with open(short, "w") as f:
        f.write("short\n")
    one_line("a token that is short", ["serve", "--api", "0", "--api-token", short], "at least 16 characters")
    one_line("a token without an API", ["proxy", "--listen", "127.0.0.1:0", "--upstream", "u:1", "--api-token", short], "--api-token has no effect")
    one_line("no address", ["serve", "--api", "nowhere:1"], "--api")
    one_line("Toxiproxy's server on every address", ["-host", "0.0.0.0", "-port", "0"], "--api-token", "wedge-toxiproxy")
    one_line("a flag that it hasn't", ["--nonsense"], "flag provided but not defined: -nonsense", "wedge-toxiproxy")
    one_line("a flag without its value", ["-port"], "flag needs an argument: -port", "wedge-toxiproxy")
    busy.close()


def asks_for_the_token(folder):
    path = os.path.join(folder, "token")
    with open(path, "w") as f:
        f.write(TOKEN + "\n")
    with Serve("--api-token", path, command=("serve", "--api", "0.0.0.0:0")) as w:
        for headers, status in (((), 401), (("Authorization: Bearer wrong",), 401), (("Authorization: Basic " + TOKEN,), 401),
                                (("Authorization: Bearer " + TOKEN,), 200), (("Authorization: Bearer " + TOKEN, "Host: lab.example"), 200),
                                (("Authorization: Bearer " + TOKEN, "Origin: http://evil.example"), 403)):
            for path in ("/version", "/proxies", "/metrics"):
                a = w.ask("GET", path, headers=headers)
                check("%s with %s" % (path, ", ".join(headers) or "nothing"), a.status == status, a)
                if status != 200:  # Go's and Java's clients read nothing else
                    check("    says so in Toxiproxy's JSON", json.loads(a.body)["status"] == status and json.loads(a.body)["error"], a)
        a = w.ask("GET", "/wedge/v1/sessions")
        check("wedge's own API says so as a problem", a.status == 401 and json.loads(a.body)["status"] == 401 and json.loads(a.body)["detail"], a)


def keeps_pages_out(w):
    body = '{"name":"csrf","upstream":"u:1","listen":"127.0.0.1:0"}'
    for headers in (["Origin: http://evil.example"], ["Origin: null"], ["Sec-Fetch-Site: cross-site"], ["Origin: http://localhost:1"]):
        a = w.ask("POST", "/proxies", body, headers=[*headers, "Content-Type: text/plain"])
        check("%s is refused" % headers[0], a.status == 403 and not any("access-control" in h for h in a.headers), a)
        check("    and no preflight helps", w.ask("OPTIONS", "/proxies", headers=[*headers, "Access-Control-Request-Method: POST"]).status == 403)
    http = Http(w.port)
    http.send(b"GET /proxies HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
    check("a rebound name is refused", http.receive().status == 403)
    http.close()
    check("nothing was made", w.ask("GET", "/proxies").body == b"{}")


def sends_nothing_twice(w):
    """A body of a method that has none isn't the next request."""
    inner = b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 44\r\n\r\n" + b'{"name":"smuggled","upstream":"u:1"}        '
    for method in (b"GET", b"DELETE"):
        http = Http(w.port)
        http.send(method + b" /proxies/none HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner)
        check("%s is answered" % method.decode(), http.receive().status == 404)
        try:
            http.receive()
            check("and nothing else", False)
        except (EOFError, ConnectionResetError):
            check("and nothing else", w.ask("GET", "/proxies").body == b"{}")
        http.close()
    http = Http(w.port)
    http.send(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
    check("a hundred in a row are answered in a row", all(http.receive().status == 200 for _ in range(100)))
    http.close()


def bounds(w):
    def ends(data, more=b"", seconds=25):
        with socket.create_connection(("127.0.0.1", w.port), timeout=seconds) as s:
            try:
                s.sendall(data)
                while more:
                    s.sendall(more)
            except OSError:
                pass
            got, began = b"", time.monotonic()
            try:
                while True:
                    data = s.recv(65536)
                    if not data:
                        break
                    got += data
            except OSError as e:
                if isinstance(e, socket.timeout):
                    return "open", got
            return "closed", got

    before = w.rss()
    how, got = ends(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 100)
    check("a body that is announced too long", how == "closed" and b" 413 " in got, got[:80])
    how, got = ends(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"y" * 65536 + b"\r\n")
    check("one that comes too long", how == "closed", got[:80])
    how, got = ends(b"GET /version HTTP/1.1\r\n", b"X: " + b"h" * 8000 + b"\r\n")
    check("headers without an end", how == "closed", got[:80])
    for bad in (b"\x16\x03\x01\x02\x00\x01\x00", b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET /version HTTP/9.9\r\n\r\n", b"\0" * 100,
                b"POST /proxies HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"POST /proxies HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                b"GET /" + b"%41" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", w.port), timeout=2) as s:
            s.sendall(bad)
            s.shutdown(socket.SHUT_WR)
            try:
                while s.recv(65536):
                    pass
            except OSError:
                pass
        check("%r does nothing" % bad[:40], w.ask("GET", "/version").status == 200)
    check("the memory is what it was", w.rss() - before < 16 << 20, w.rss() - before)


def slow_ones(w):
    """Each a byte now and then, or nothing at all: they end, and meanwhile others are served."""
    slow = [socket.create_connection(("127.0.0.1", w.port)) for _ in range(6)]
    began, quickest = time.monotonic(), None
    for s in slow[:4]:
        s.sendall(b"GET /version HT")
    alive, worst = set(slow), 0
    while alive and time.monotonic() - began < 25:
        for s in list(alive):
            try:
                if s in slow[:2]:
                    s.send(b"x")
                s.settimeout(0.01)
                if not s.recv(10):
                    alive.discard(s)
            except socket.timeout:
                pass
            except OSError:
                alive.discard(s)
        asked = time.monotonic()
        check("others are served", True) if w.ask("GET", "/version").status == 200 else check("others are served", False)
        worst = max(worst, time.monotonic() - asked)
        time.sleep(0.5)
    took = time.monotonic() - began
    check("the slow ones are gone after 15 s", not alive and 14 < took < 22, "%.1f s" % took)
    check("nobody else waited", worst < 0.5, "%.3f s" % worst)
    crowd = [socket.create_connection(("127.0.0.1", w.port)) for _ in range(400)]
    check("four hundred silent ones leave room", rig.wait_for(lambda: w.descriptors() < 260) and w.http.ask("GET", "/version").status == 200
          if not gone(w.http) else reconnect(w), w.descriptors())
    for s in crowd:
        s.close()


def gone(http):
    try:
        return http.ask("GET", "/version").status != 200
    except (EOFError, OSError):
        return True


def reconnect(w):
    w.http.close()
    w.http = Http(w.port)
    return w.ask("GET", "/version").status == 200


def many_proxies(w):
    before = w.descriptors()
    for i in range(1000):
        a = w.ask("POST", "/proxies", {"name": "m%d" % i, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
        if a.status != 201 or (i >= 100 and w.ask("DELETE", "/proxies/m%d" % (i - 100)).status != 204):
            check("proxy %d" % i, False, a)
    check("a hundred of a thousand are left", len(w.ask("GET", "/proxies").json()) == 100)
    for i in range(900, 1000):
        w.ask("DELETE", "/proxies/m%d" % i)
    check("and none", w.ask("GET", "/proxies").body == b"{}" and rig.wait_for(lambda: w.descriptors() <= before), w.descriptors())


def garbage(w, seconds=3):
    """Requests that are nearly right, from a seed."""
    rng = random.Random(7)
    w.ask("POST", "/proxies", {"name": "g", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
    seeds = [b'{"name":"g%d","listen":"127.0.0.1:0","upstream":"127.0.0.1:9","enabled":true}',
             b'{"type":"latency","name":"t%d","stream":"upstream","toxicity":0.5,"attributes":{"latency":100,"jitter":3}}',
             b'[{"name":"g","listen":"127.0.0.1:0","upstream":"u:1"}]', b'{"attributes":{"rate":1}}']
    paths = ["/proxies", "/proxies/g", "/proxies/g/toxics", "/proxies/g/toxics/t1", "/populate", "/reset", "/version", "/metrics", "/%00", "/proxies/%ff"]
    until, n = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        body = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(4)):
            body[rng.randrange(len(body))] = rng.choice(b'{}[]",:0x\xff\x00-1e')
        try:
            a = w.ask(rng.choice(["GET", "POST", "PATCH", "DELETE", "PUT"]), rng.choice(paths), bytes(body[:rng.randrange(len(body) + 1)]))
            if a.status not in (200, 201, 204, 400, 404, 405, 409, 500):
                check("an answer", False, a)
        except (EOFError, OSError):
            reconnect(w)
        n += 1
    check("%d requests that were nearly right" % n, reconnect(w))
    for name in w.ask("GET", "/proxies").json():
        w.ask("DELETE", "/proxies/" + name)


def metrics(w):
    def value(text, start):
        return float([l for l in text.splitlines() if l.startswith(start)][0].rsplit(" ", 1)[1])

    server = listener()
    upstream = "127.0.0.1:%d" % server.getsockname()[1]
    port = w.proxy("count", upstream, [{"type": "latency", "attributes": {"latency": 1}}])
    with connect(port) as c:
        s = rig.accept(server)
        c.sendall(b"u" * 1000)
        s.recv(1000, socket.MSG_WAITALL)
        s.sendall(b"d" * 300)
        c.recv(300, socket.MSG_WAITALL)
        a = w.ask("GET", "/metrics")
        check("its type", a.status == 200 and a.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        check("it has an id", "x-toxiproxy-request-id" in a.headers)
        text = a.body.decode()
        labels = '{direction="%s",listener="127.0.0.1:%d",proxy="count",upstream="' + upstream + '"}'
        for way, n in (("upstream", 1000), ("downstream", 300)):
            for what in ("received", "sent"):
                name = "toxiproxy_proxy_%s_bytes_total" % what + labels % (way, port)
                check("%s counts while the connection lives" % name, value(text, name) == n)
        check("one session is open", value(text, 'wedge_sessions{state="open"}') == 1 and value(text, 'wedge_proxy_sessions_open{proxy="count"}') == 1)
        check("on which its toxic acted", value(text, 'wedge_impairment_sessions_acted_total{proxy="count",impairment="latency_downstream",kind="latency"}') == 1)
        s.close()
    check("the end leaves the sums", rig.wait_for(lambda: value(w.ask("GET", "/metrics").body.decode(), 'wedge_sessions{state="open"}') == 0))
    text = w.ask("GET", "/metrics").body.decode()
    check("as they were", value(text, "toxiproxy_proxy_sent_bytes_total" + labels % ("upstream", port)) == 1000)
    tool = shutil.which("promtool")
    if tool:
        r = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True)
        check("promtool", r.returncode == 0 and not r.stderr, r.stderr)
    check("POST reads them too", w.ask("POST", "/metrics", b"").status == 200)
    w.ask("DELETE", "/proxies/count")
    server.close()


def as_toxiproxy(folder):
    path, server = os.path.join(folder, "toxiproxy.json"), listener()
    with open(path, "w") as f:
        json.dump([{"name": "a", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:%d" % server.getsockname()[1],
                    "toxics": [{"type": "latency", "attributes": {"latency": 50}}, {"type": "timeout", "stream": "upstream"}]},
                   {"name": "b", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9", "enabled": False}], f)
    with Serve("-config", path, "--seed=5", command=("-port", "0"), argv0="wedge-toxiproxy") as w:
        now = w.ask("GET", "/proxies").json()
        check("the file's proxies, with toxics", list(now) == ["a", "b"] and [t["type"] for t in now["a"]["toxics"]] == ["timeout", "latency"] and
              not now["b"]["enabled"], now)
        check("no metrics that weren't asked for", w.ask("GET", "/metrics").status == 404)
        held = connect(int(now["a"]["listen"].rsplit(":", 1)[1]))
        w.p.send_signal(signal.SIGTERM)
        check("one signal ends it", rig.wait_for(lambda: w.p.poll() is not None) or w.p.poll() == 0, w.p.poll())
        held.close()
    with Serve("-config", os.path.join(folder, "none.json"), "-proxy-metrics", command=("-port", "0"), argv0="wedge-toxiproxy") as w:
        check("without its file it starts all the same, and says so", w.ask("GET", "/proxies").body == b"{}" and
              rig.wait_for(lambda: any("none.json" in l for l in w.lines)), w.lines)
        check("and with metrics", w.ask("GET", "/metrics").status == 200)
    r = subprocess.run(["wedge-toxiproxy", "-version"], executable=rig.WEDGE, capture_output=True, text=True)
    check("its version", (r.returncode, r.stdout) == (0, "toxiproxy-server version 2.12.0\n"), r)


if not has_impairments():
    print("skipped: this wedge has no impairments")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    refused_at_the_start(folder)
    asks_for_the_token(folder)
    as_toxiproxy(folder)
    with Serve() as w:
        for test in (keeps_pages_out, sends_nothing_twice, bounds, metrics, many_proxies, garbage, slow_ones):
            print(test.__name__, flush=True)
            test(w)
rig.finish()
