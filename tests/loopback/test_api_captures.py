#!/usr/bin/env python3
"""Captures by wedge's own API: tshark reads what is fetched, with wedge's comments; sessions that were open before are in it; it
begins and ends while nothing waits; who may not have one is told why. Exit 77 without tshark or the rights to capture."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
from capture_rig import enter_namespace  # noqa: E402
from config_rig import has_impairments  # noqa: E402
from live_rig import comments, frames, leg, need_capture, to_or_from  # noqa: E402
from proxy_rig import accept, check, connect, listener  # noqa: E402
from tls_rig import client_context, make_certificate  # noqa: E402
from toxi_rig import Http, Serve  # noqa: E402

V1 = "/wedge/v1/captures"


def described(what, value):
    """docs/openapi.json says what an answer has."""
    try:
        import jsonschema
    except ImportError:
        return
    with open(os.path.join(os.environ["SOURCE_DIR"], "docs", "openapi.json")) as f:
        parts = json.load(f)["components"]
    errors = list(jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Capture", "components": parts}).iter_errors(value))
    check("%s as docs/openapi.json has it" % what, not errors, [e.message for e in errors])


def refused(what, a, status, words):
    ok = a.status == status and a.headers.get("content-type") == "application/problem+json" and words in a.json()["detail"]
    check(what, ok, a)


def begin(w):
    a = w.ask("POST", V1)
    check("it is begun", a.status == 201 and a.json()["state"] in ("starting", "running"), a)
    described("what has begun", a.json())
    number = a.json()["capture"]
    check("and runs", rig.wait_for(lambda: w.ask("GET", V1 + "/%d" % number).json()["state"] == "running"), w.lines)
    return number


def finish(w, number, into):
    a = w.ask("PUT", V1 + "/%d" % number, {"state": "written"})
    check("it is ended", a.status == 200 and a.json()["state"] in ("writing", "written"), a)
    now = rig.wait_for(lambda: (lambda c: c if c["state"] in ("written", "failed") else None)(w.ask("GET", V1 + "/%d" % number).json()), 30)
    described("what is written", now)
    check("it is written", now and now["state"] == "written" and "why" not in now, now)
    a = w.ask("GET", V1 + "/%d/file" % number)
    check("its file is fetched", a.status == 200 and a.headers["content-type"] == "application/x-pcapng" and len(a.body) == now["files"][0]["bytes"] and
          "wedge-%d.pcapng" % number in a.headers["content-disposition"], a.headers)
    with open(into, "wb") as f:
        f.write(a.body)
    return now


def life(w, folder):
    server = listener()
    upstream = "127.0.0.1:%d" % server.getsockname()[1]
    impairments = ["stall{direction=downstream,after=300B,for=100ms}"] if has_impairments() else []
    a = w.ask("PUT", "/wedge/v1/proxies/web", {"name": "web", "listen": "127.0.0.1:0", "upstream": upstream, "impairments": impairments})
    port = int(a.json()["listen"].rsplit(":", 1)[1])
    older = connect(port), accept(server)
    older[0].sendall(b"before")
    older[1].recv(6)
    number = begin(w)
    refused("a second one", w.ask("POST", V1), 409, "capture %d is running already" % number)
    refused("its file isn't there yet", w.ask("GET", V1 + "/%d/file" % number), 409, "written when")
    younger = connect(port), accept(server)
    other = listener()
    unrelated = connect(other.getsockname()[1]), accept(other)
    more = w.proxy("more", upstream)  # it comes while the capture runs
    latest = connect(more), accept(server)
    sent = {}
    for c, s in (older, younger, latest, unrelated):
        c.sendall(b"u" * 1000)
        n = 0
        while n < 1000:
            n += len(s.recv(1000))
        s.sendall(b"d" * 2000)
        n = 0
        while n < 2000:
            n += len(c.recv(2000))
        sent[c.getsockname()[1]] = (1000, 2000)
    path = os.path.join(folder, "fetched.pcapng")
    told = finish(w, number, path)
    check("it says what is in it", "packets of the client leg" in told["told"] and "/tmp" not in told["told"], told)
    for name, pair in (("older", older), ("younger", younger), ("latest", latest)):
        local = pair[0].getsockname()[1]
        found = frames(path, lambda f: leg("client")(f) and to_or_from(local)(f))
        sums = [sum(int(f["tcp.len"] or 0) for f in found if (f["tcp.srcport"] == str(local)) == up) for up in (True, False)]
        check("tshark: the %s session's bytes" % name, sums == [1000, 2000], sums)
    check("on the server leg, too", sum(int(f["tcp.len"] or 0) for f in frames(path, leg("server")) if f["tcp.dstport"] == upstream.split(":")[1]) == 3000)
    check("nothing else", not frames(path, to_or_from(other.getsockname()[1])) and not frames(path, to_or_from(w.port)))
    if has_impairments():
        stalls = [t for _, _, t in comments(path) if t.startswith("stall begun by stall")]
        check("with wedge's comments", len(stalls) == 2, comments(path))
    refused("no such leg", w.ask("GET", V1 + "/%d/file?leg=client" % number), 404, "no such file")
    refused("no such query", w.ask("GET", V1 + "/%d/file?leg=both2" % number), 400, "leg=")
    for c, s in (older, younger, latest, unrelated):
        c.close()
        s.close()
    again = begin(w)
    check("discarded while it runs", w.ask("DELETE", V1 + "/%d" % again).status == 204)
    check("removed", w.ask("DELETE", V1 + "/%d" % number).status == 204 and w.ask("GET", V1).json() == {"captures": []})
    refused("which is gone", w.ask("GET", V1 + "/%d" % number), 404, "no capture")
    refused("and can't be removed", w.ask("DELETE", V1 + "/%d" % number), 404, "no capture")
    refused("no number", w.ask("GET", V1 + "/x"), 404, "number")
    refused("no state", w.ask("PUT", V1 + "/1", {"state": "gone"}), 400, "written")
    refused("no method", w.ask("DELETE", V1), 405, "method")
    server.close()
    other.close()


def beside_its_own(folder):
    """--capture goes on while another one begins and ends."""
    own, fetched = os.path.join(folder, "own.pcapng"), os.path.join(folder, "fetched.pcapng")
    server = listener()
    with Serve("--capture", own) as w:
        port = w.proxy("a", "127.0.0.1:%d" % server.getsockname()[1])
        number = begin(w)
        with connect(port) as c:
            s = accept(server)
            c.sendall(b"both")
            s.recv(4)
            finish(w, number, fetched)
            c.sendall(b"one")
            s.recv(3)
            s.close()
    sums = [sum(int(f["tcp.len"] or 0) for f in frames(p, leg("client"))) for p in (fetched, own)]
    check("each has what it was there for", sums == [4, 7], sums)
    server.close()


def with_secrets(folder):
    """What is encrypted on the wire tshark reads in clear: by the secrets of sessions that have begun since."""
    cert, key = make_certificate(folder, "wedge.example")
    server, path = listener(), os.path.join(folder, "tls.yaml")
    with open(path, "w") as f:
        f.write("proxies: [{name: t, listen: '127.0.0.1:0', upstream: '127.0.0.1:%d', tls: {mode: terminate, cert: %s, key: %s}}]\n" % (
            server.getsockname()[1], cert, key))
    with Serve("--config", path) as w:
        port = int(w.ask("GET", "/proxies/t").json()["listen"].rsplit(":", 1)[1])
        number = begin(w)
        with client_context().wrap_socket(connect(port)) as c:
            s = accept(server)
            c.sendall(b"GET /seen-in-clear HTTP/1.1\r\nHost: a\r\n\r\n")
            s.recv(1000)
            finish(w, number, os.path.join(folder, "tls.pcapng"))
            s.close()
    seen = frames(os.path.join(folder, "tls.pcapng"), lambda f: leg("client")(f) and "/seen-in-clear" in f["http.request.uri"])
    check("tshark decrypts it", len(seen) == 1, len(seen))
    server.close()


def nothing_waits(w):
    """While captures begin and end, bytes pass as ever."""
    server = listener()
    port = w.proxy("quick", "127.0.0.1:%d" % server.getsockname()[1])
    with connect(port) as c:
        s = accept(server)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number, worst = None, 0
        for step in range(400):
            if step == 100:
                number = w.ask("POST", V1).json()["capture"]
            if step == 250:
                rig.wait_for(lambda: w.ask("GET", V1 + "/%d" % number).json()["state"] == "running")
                w.ask("PUT", V1 + "/%d" % number, {"state": "written"})
            began = time.monotonic()
            c.sendall(b"x")
            s.recv(1)
            worst = max(worst, time.monotonic() - began)
        print("the slowest byte took %.1f ms" % (worst * 1e3))
        check("no byte waits for a capture", worst < 0.5, worst)
        s.close()
    rig.wait_for(lambda: w.ask("GET", V1 + "/%d" % number).json()["state"] == "written", 30)
    w.ask("DELETE", V1 + "/%d" % number)
    server.close()


def ask_as_nobody(port):
    """status and body of three requests, made by another user"""
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        h = Http(port)
        answers = [h.ask(*words) for words in (("POST", V1, b""), ("GET", V1 + "/1/file"), ("GET", V1))]
        os.write(out, json.dumps([(a.status, a.body.decode()) for a in answers]).encode())
        os._exit(0)
    os.close(out)
    with os.fdopen(into) as f:
        got = json.loads(f.read() or "[]")
    os.waitpid(child, 0)
    return got


def others_may_not(w):
    if os.geteuid():
        return
    got = ask_as_nobody(w.port)
    check("another user gets no capture", got[0][0] == got[1][0] == 403 and "--api-token" in got[0][1], got)
    check("but hears which there are", got[2][0] == 200, got)


def without_the_right():
    if os.geteuid():
        return
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        with Serve(command=("--bounding-set=-net_raw", "--inh-caps=-net_raw", rig.WEDGE, "serve", "--api", "127.0.0.1:0"), argv0="setpriv", env={"TMPDIR": place},
                   executable="setpriv") as w:
            refused("without the right it says which", w.ask("POST", V1), 503, "CAP_NET_RAW")
            check("and leaves nothing", os.listdir(place) == [], os.listdir(place))


need_capture()
enter_namespace()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with tempfile.TemporaryDirectory() as folder_:
    place_ = os.path.join(folder_, "tmp")
    os.mkdir(place_)
    with Serve(env={"TMPDIR": place_}) as wedge:
        life(wedge, folder_)
        check("nothing is left of them", os.listdir(place_) == [], os.listdir(place_))
        nothing_waits(wedge)
        others_may_not(wedge)
        last = begin(wedge)
    check("nor of one that was running at the end", os.listdir(place_) == [], os.listdir(place_))
    beside_its_own(folder_)
    with_secrets(folder_)
    without_the_right()
rig.finish()
