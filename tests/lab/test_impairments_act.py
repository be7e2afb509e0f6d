#!/usr/bin/env python3
"""No impairment is accepted that can't act: each of the list, in each mode, is refused in one line when wedge starts, or acts,
or is warned of at the end; and the journal's count agrees. Each has a port of its own, so that all of them are played at once:
a proxy each in wedge proxy's four modes, one set in wedge exec. Which are refused, and that all others act on this traffic, is
said here."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from act_rig import PARAMETERS  # noqa: E402
from gateway_rig import IN, PYTHON, SERVER, await_true, check, fail, main  # noqa: E402

SPOKEN = {"tls_truncate"}  # needs a wedge that speaks TLS
BYTES_PASS_BY = "acts on the bytes inside wedge"
FIRST_PORT = 8001
TRAFFIC = """
import socket, ssl, sys, threading, time
what, host, tls = sys.argv[1], sys.argv[2], set(map(int, sys.argv[4].split(","))) if sys.argv[4] else set()
ports = list(map(int, sys.argv[3].split(",")))

def answer(c):
    with c:
        if c.getsockname()[1] in tls:
            c = server_side.wrap_socket(c, server_side=True)
        while (data := c.recv(65536)) and not data.endswith(b"."):
            pass
        time.sleep(0.05)
        c.send(b"h" * 300)
        c.send(b"b" * 6000)
        time.sleep(0.08)
        c.send(b"e" * 3000)

def ask(port):
    c = socket.create_connection((host, port), timeout=4)
    c.settimeout(1)
    with c:
        if port in tls:
            c = client_side.wrap_socket(c)
        c.sendall(b"q" * 3000 + b".")
        while c.recv(65536):
            pass

def quietly(call, *args):
    def go():
        try:
            call(*args)
        except OSError:
            pass
    t = threading.Thread(target=go, daemon=True)
    t.start()
    return t

def serve(port):
    s = socket.create_server((host, port), backlog=50)
    while True:
        quietly(answer, s.accept()[0])

if what == "serve":
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain("cert.pem", "key.pem")
    threads = [threading.Thread(target=serve, args=(p,)) for p in ports]
    for t in threads:
        t.start()
else:
    client_side = ssl.create_default_context()
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    threads = []
    for p in ports:
        for _ in range(2):
            threads.append(quietly(ask, p))
            time.sleep(0.02)
    for t in threads:
        t.join(8)
"""


def kinds(g):
    return json.loads(g.run("gateway", *g.program(), "impairments", "--json").stdout)


def text(kind, **more):
    given = [PARAMETERS[kind]] if kind in PARAMETERS else []
    return kind + "{" + ",".join(given + [f"{k}={v}" for k, v in more.items()]) + "}"


def one_refused(g, kind, part, *words, status=2):
    p = g.run("gateway", *g.program(), *words)
    check(p.returncode == status and p.stderr.count("\n") == 1 and kind in p.stderr and part in p.stderr and not p.stdout,
          f"{kind} is refused in one line: {p.stderr.strip()}")


def judge(g, mode, ports, proxies, said):
    """Of each impairment one line of the journal, and one of stderr when it has done nothing."""
    lines = {e["impairment" if not proxies else "proxy"].replace("_PROXY", ""): e for e in g.journal("impairment")}
    check(set(lines) == set(ports), f"{mode}: the journal tells of each: {sorted(set(lines) ^ set(ports))}")
    warned = re.findall(r"^wedge: warning: (?:\S+: )?(\w+) acted on 0 of \d+ sessions?: (.*)$", said, re.M)
    idle = {kind for kind, e in lines.items() if not e["acted"]}
    check(idle == {kind for kind, _ in warned}, f"{mode}: exactly those that did nothing are warned of: {warned}")
    check(not idle, f"{mode}: each of {len(ports)} acts: {[(k, lines[k]['sessions'], lines[k]['why']) for k in idle]}")
    check(all(0 < e["acted"] <= e["sessions"] for e in lines.values()),
          f"{mode}: on some of their sessions: {sorted((k, e['acted'], e['sessions']) for k, e in lines.items())}")


def ask_all(g, ports, tls, host, at, wedge=()):
    return g.run(at, *wedge, PYTHON, "traffic.py", "ask", host, ",".join(map(str, ports)), ",".join(map(str, tls)), timeout=60)


def play_proxies(g, mode, ports, tls, keys, host, at):
    with open(f"{mode}.yaml", "w", encoding="utf-8") as f:
        f.write("seed: 1\nproxies:\n")
        for kind, port in ports.items():
            f.write("  - " + json.dumps({"name": kind, "mode": mode, "impairments": [text(kind)], **keys(port)}) + "\n")
    wedge = g.wedge("--config", f"{mode}.yaml", mode=())
    ask_all(g, ports.values(), tls, host, at)
    wedge.terminate()
    await_true(lambda: "waits for" in wedge.said() or wedge.poll() is not None, "wedge stops")
    if wedge.poll() is None:
        wedge.terminate()
    check(wedge.wait(20) in (0, 1), f"{mode}: it ends: {wedge.returncode}")
    judge(g, mode, ports, True, wedge.said())
    os.remove("journal")


def play_exec(g, ports, tls):
    words = []
    for kind, port in ports.items():
        words += ["--impair", text(kind, port=port)]
    p = ask_all(g, ports.values(), tls, SERVER, "gateway",
                [*g.program(), "exec", "--seed", "1", "--journal", "journal", *words, "--"])
    check(p.returncode == 0 and not p.stdout, f"exec: it ends: {p.returncode} {p.stderr.strip()}")
    judge(g, "exec", ports, False, p.stderr)
    os.remove("journal")


def inside(g, user, _flavour):
    g.sh("gateway", "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem "
                    "-subj /CN=server -days 2 2>/dev/null")
    with open("traffic.py", "w", encoding="utf-8") as f:
        f.write(TRAFFIC)
    listed = kinds(g)
    names = [k["name"] for k in listed]
    packets = {k["name"] for k in listed if k["plane"] == "packet"}
    if not PARAMETERS.keys() <= set(names):
        fail(f"no impairment: {PARAMETERS.keys() - set(names)}")
    for kind in names:
        if kind in SPOKEN:
            one_refused(g, kind, "speak", "proxy", "--listen", ":0", "--upstream", "a:1", "--impair", text(kind))
            one_refused(g, kind, "speak", "exec", "--impair", text(kind), "--", "true", status=125)
        if kind not in packets:
            one_refused(g, kind, BYTES_PASS_BY, "proxy", "--forward", "--server", SERVER, "--impair", text(kind))
    ports = {kind: FIRST_PORT + i for i, kind in enumerate(names) if kind not in SPOKEN}
    tls = [port for kind, port in ports.items() if kind.startswith("tls_")]
    every = ",".join(map(str, ports.values()))
    g.start("server", PYTHON, "traffic.py", "serve", SERVER, every, ",".join(map(str, tls)))
    await_true(lambda: g.sh("server", "ss -Htln").count(":80") >= len(ports), "the servers listen")
    play_exec(g, ports, tls)
    play_proxies(g, "explicit", ports, tls,
                 lambda port: {"listen": f"192.0.2.1:{port}", "upstream": f"{SERVER}:{port}"}, "192.0.2.1", "client")
    play_proxies(g, "transparent", ports, tls, lambda port: {"in": IN, "port": str(port)}, SERVER, "client")
    play_proxies(g, "redirect", ports, tls, lambda port: {"port": str(port), "to": SERVER}, SERVER, "gateway")
    play_proxies(g, "forward", {k: p for k, p in ports.items() if k in packets}, tls,
                 lambda port: {"server": f"{SERVER}:{port}"}, SERVER, "client")


main(inside, "openssl")
