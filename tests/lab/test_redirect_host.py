#!/usr/bin/env python3
"""A host's own connections go through wedge, to other hosts and to itself, IPv4 and IPv6, once each;
what wasn't selected, what stood before and what isn't this host's is left alone; when wedge is killed,
nobody waits for it."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (FLAVOURS, PYTHON, SERVER, SERVER6, await_true, check, main,  # noqa: E402
                         stop)

HOST, HOST6 = "198.51.100.1", "2001:db8:2::1"  # of the gateway, which plays a host here
MODE = ("--redirect", "--port", "80")
# (where curl goes, whose nginx answers, the address that it sees)
WAYS = ((SERVER, "server", HOST), (SERVER6, "server", HOST6), ("127.0.0.1", "gateway", "127.0.0.1"),
        ("::1", "gateway", "::1"), (HOST, "gateway", HOST), (HOST6, "gateway", HOST6))

# Asks on one connection each time a line comes, and says how it went.
KEEPS = """
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
print("connected", s.getsockname()[1], flush=True)
for line in sys.stdin:
    try:
        s.sendall(b"GET /f?kept HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n")
        got = b""
        while b"\\r\\n\\r\\n" not in got or len(got.split(b"\\r\\n\\r\\n", 1)[1]) < 4096:
            more = s.recv(65536)
            if not more:
                raise OSError("end of file")
            got += more
        print("answer", flush=True)
    except OSError as e:
        print("failed", e, flush=True)
"""

# Says when what it waits for has come: bytes, the end, or an error.
WAITS = """
import socket, sys, time
s = socket.create_connection((sys.argv[1], 80), 5)
s.settimeout(20)
print("connected", s.getsockname()[1], flush=True)
try:
    got = s.recv(1)
    print("bytes" if got else "end", flush=True)
except OSError as e:
    print("timeout" if isinstance(e, TimeoutError) else "error", flush=True)
"""


def program(g, text, *args):
    p = g.start("gateway", PYTHON, "-c", text, *args, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    words = p.stdout.readline().split()
    check(words and words[0] == "connected", f"a client of {args[0]} has connected")
    p.port = words[1]
    return p


def ask(p, what):
    p.stdin.write("\n")
    p.stdin.flush()
    said = p.stdout.readline().strip()
    check(said == "answer", f"{what}: {said}")


def fetch(g, address, what, port=80, path="f", **more):
    p = g.curl(address, path, port, at="gateway", tell="%{http_code} %{time_total}", **more)
    check(p.stdout.startswith("200"), f"{what}: curl to {address}:{port} {p.stdout} {p.stderr.strip()}")
    return float(p.stdout.split()[1])


def server_legs(g):
    return g.sh("gateway", "ss -Htne state established").count("fwmark:0x5d0000")


def listens_at(g):
    text = g.sh("gateway", "ss -Htlnp")
    ports = [line.split()[3].rsplit(":", 1)[1] for line in text.splitlines() if '"wedge"' in line]
    check(len(ports) == 1, f"wedge listens on one port: {ports}")
    return int(ports[0])


def all_ways(g, flavour):
    before = program(g, KEEPS, SERVER, "80")
    ask(before, "a connection that stands before wedge")
    wedge = g.wedge("--impair", "latency{delay=150ms}", mode=MODE)
    print(wedge.said().strip())
    check(("nftables redirect" if flavour == "nftables" else f"({flavour})") in wedge.said(),
          "it says by what")
    for i, (address, host, seen) in enumerate(WAYS):
        took = fetch(g, address, "taken", path=f"f?{i}")
        check(took >= 0.15, f"{took * 1000:.0f} ms: it was impaired")
        peers = g.peers(f"f?{i}", 1, host)
        check([p[0] for p in peers] == [seen], f"{host} has seen {peers}, once")
    check(fetch(g, SERVER, "another port", 81) < 0.15, "which isn't taken")
    ask(before, "the connection that stood before goes on")
    check(g.curl(SERVER, "f?passing").stdout.startswith("200"), "what passes this host")
    check([p[0] for p in g.peers("f?passing")] == ["192.0.2.2"], "isn't taken")
    nobody_else(g, wedge, listens_at(g))
    check(stop(wedge) == 0, "SIGTERM ends it with 0")
    sessions = g.journal("session_open")
    check([(s["upstream"], s["port"]) for s in sessions] == [(w[0], 80) for w in WAYS],
          "a session for each of them, and no other")
    check(not any("wanted" in s for s in sessions), "which go where they wanted")
    ask(before, "the connection that stood before goes on")
    before.kill()
    check(fetch(g, SERVER, "without wedge") < 0.15, "not impaired")


def nobody_else(g, wedge, port):
    p = g.curl("192.0.2.1", "f", port, "-m", "1")
    check(p.returncode in (7, 28), f"another host can't reach its port {port}: {p.stderr.strip()}")
    check("itself" not in wedge.said(), "and wedge hasn't seen it")
    for address in ("127.0.0.1", HOST6):
        p = g.curl(address, "f", port, at="gateway")
        check(p.returncode in (7, 55, 56), f"this host's client is reset: {p.stderr.strip()}")
    await_true(lambda: wedge.said().count("a connection to the listener itself is reset") == 2, "and wedge says so",
               quiet=False)


def marks(g):
    wedge = g.wedge("--impair", "stall{direction=downstream}", mode=MODE)
    waiting = program(g, KEEPS, SERVER, "80")
    waiting.stdin.write("\n")
    waiting.stdin.flush()
    await_true(lambda: server_legs(g) == 1, "the session stands")
    legs = [line for line in g.sh("gateway", f"ss -Htne state established dst {SERVER}").splitlines()]
    marked = [line for line in legs if "fwmark:0x5d000001" in line]
    check(len(legs) == 2 and len(marked) == 1, "the server leg is marked, without a packet plane")
    wedge.send_signal(signal.SIGTERM)
    await_true(lambda: "redirect to" not in g.rules(), "nothing new is taken")
    check(stop(wedge) == 1, "a second SIGTERM resets it")
    check("failed" in waiting.stdout.readline(), "and its client learns it")


def deferred_accept(g):
    """A client meets what it would meet without wedge; what isn't selected isn't looked at."""
    wedge = g.wedge("--impair", "latency{delay=150ms}", mode=("--redirect", "--port", "80-90"))
    check("clients wait for their server's answer" in wedge.said(), wedge.said().strip())
    queued = [line for line in g.rules("raw").splitlines() if "queue num" in line and "0x00000000" in line]
    check(all("dport 80-90" in line for line in queued), f"only SYNs to these ports: {queued}")
    for address in (SERVER, SERVER6, "127.0.0.1", "::1"):
        p = g.curl(address, "f", 82, at="gateway")
        check(p.returncode == 7, f"a closed port refuses: {p.stderr.strip()}")
        check(fetch(g, address, "an open one") >= 0.15, "goes through wedge")
    check(stop(wedge) == 0, "SIGTERM ends it")
    answers = [a["answer"] for a in g.journal("connect_answered")]
    check(answers == ["refused", "accepted"] * 4, f"the journal: {answers}")


def few_ports(g):
    """wedge's own connections have the ports and the destination of clients that were reset a moment
    ago, whom connection tracking still redirects."""
    ports = g.sh("gateway", "cat /proc/sys/net/ipv4/ip_local_port_range").split()
    g.sh("gateway", "echo 40000 40031 >/proc/sys/net/ipv4/ip_local_port_range")
    wedge = g.wedge("--impair", "reset{after=1B}", mode=MODE)
    got = [g.curl("127.0.0.1", at="gateway").returncode for _ in range(40)]
    g.sh("gateway", f"echo {' '.join(ports)} >/proc/sys/net/ipv4/ip_local_port_range")
    check(not {0, 7} & set(got), f"every client is reset: {sorted(set(got))}")
    check(stop(wedge) == 0, "SIGTERM ends it")
    check(len(g.journal("session_open")) == 40, "each has a session, and wedge has none with itself: "
          f"{len(g.journal('session_open'))}")


def drained(g):
    """What stands when wedge is told to end goes on through it, new connections pass by."""
    wedge = g.wedge("--impair", "latency{delay=150ms}", mode=MODE)
    kept = program(g, KEEPS, SERVER, "80")
    ask(kept, "a connection through wedge")
    wedge.send_signal(signal.SIGTERM)
    await_true(lambda: fetch(g, SERVER, "while it drains") < 0.15, "new connections pass by")
    began = time.monotonic()
    ask(kept, "the open one goes on")
    check(time.monotonic() - began >= 0.15, "through wedge")
    check(wedge.poll() is None, "which waits for it")
    kept.kill()
    check(wedge.wait(10) == 0, "and ends after it")


def killed(g):
    """The clients of a wedge that is killed learn it at once, whoever they talked to, and whoever
    uses the same port again gets the server."""
    for address in (SERVER, SERVER6, "127.0.0.1", "::1"):
        wedge = g.wedge("--impair", "stall{direction=downstream}", mode=MODE)
        waiting = [program(g, WAITS, address) for _ in range(5)]
        await_true(lambda: server_legs(g) == 5, "the sessions stand")
        began = time.monotonic()
        wedge.send_signal(signal.SIGKILL)
        wedge.wait()
        said = [p.stdout.readline().strip() for p in waiting]
        took = time.monotonic() - began
        check(took < 1 and set(said) <= {"end", "error"}, f"{address}: {said} {took * 1000:.0f} ms after")
        for p in waiting:
            p.wait(5)
        time.sleep(1)
        host = f"[{address}]" if ":" in address else address
        p = g.run("gateway", "curl", "-sS", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}",
                  "--local-port", waiting[0].port, f"http://{host}/f")
        check(p.stdout == "200" or "bind failed" in p.stderr,
              f"its port again: {p.stdout} {p.stderr.strip()}")
        check(fetch(g, address, "without wedge") < 0.15, "nothing is redirected")


CONFIG = """
proxies:
  - {name: other, listen: "127.0.0.1:8080", upstream: "127.0.0.1:81"}
  - {name: own, enabled: %s, mode: redirect, port: "80", impairments: [{stall: {direction: downstream}}]}
"""


def killed_whose_rules_are_younger_than_its_sockets(g):
    """A killed process closes its files in some order of their numbers: here the sessions' are on the
    other side of that of the rules."""
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG % "no")
    wedge = g.wedge(mode=("--config", "config.yaml"))
    others = [program(g, KEEPS, "127.0.0.1", "8080") for _ in range(10)]
    for p in others:
        ask(p, "of another proxy")
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG % "yes")
    wedge.send_signal(signal.SIGHUP)
    await_true(lambda: "1 added" in wedge.said(), "there is a redirect now")
    for p in others:
        p.kill()
    await_true(lambda: not g.sh("gateway", "ss -Htn state established dport = 81"), "they have ended")
    waiting = [program(g, WAITS, SERVER) for _ in range(5)]
    await_true(lambda: server_legs(g) == 5, "the sessions stand")
    wedge.send_signal(signal.SIGKILL)
    began = time.monotonic()
    wedge.wait()
    said = [p.stdout.readline().strip() for p in waiting]
    took = time.monotonic() - began
    check(took < 1 and set(said) <= {"end", "error"}, f"{said} {took * 1000:.0f} ms after")


def users(g, user):
    """In an ordinary user's namespace there is no other."""
    wedge = g.wedge("--impair", "latency{delay=150ms}", "--user", "nobody", mode=MODE)
    check("user 65534" in wedge.said(), wedge.said().strip())
    if user == "root":
        check(fetch(g, SERVER, "as root") < 0.15, "root's isn't taken")
        p = g.run("gateway", "setpriv", "--reuid", "65534", "--clear-groups", "curl", "-sS", "-o",
                  "/dev/null", "-w", "%{time_total}", f"http://{SERVER}/f")
        check(float(p.stdout) >= 0.15, f"{p.stdout} s: nobody's is")
    else:
        check(fetch(g, SERVER, "as nobody") >= 0.15, "nobody's is taken")
    check(stop(wedge) == 0, "SIGTERM ends it")


def packets(g):
    for leg in ("client", "server"):
        wedge = g.wedge("--impair", f"delay{{leg={leg},delay=100ms}}", mode=MODE)
        check("packets through" in wedge.said(), wedge.said().strip())
        for address, _, _ in WAYS:
            took = fetch(g, address, f"the {leg} leg's packets late")
            check(took >= 0.1, f"{took * 1000:.0f} ms")
        check(stop(wedge) == 0, "SIGTERM ends it")
        # A redirected client leg is told twice: its answers come from where the client wanted to go.
        conns = {(c["session"], c["leg"]) for c in g.journal("connection")}
        check(sorted(conns) == [(n, x) for n in range(1, len(WAYS) + 1) for x in ("client", "server")],
              "both legs of each session are known")
        new_journal()


def new_journal():
    if os.path.exists("journal"):
        os.remove("journal")


def inside(g, user, flavour):
    print(user, flavour)
    g.nginx()
    g.nginx(host="gateway")
    all_ways(g, flavour)
    for part in (marks, deferred_accept, few_ports, drained, killed, killed_whose_rules_are_younger_than_its_sockets, packets):
        new_journal()
        part(g)
    users(g, user)


main(inside, "curl", "nginx", flavours=FLAVOURS)
