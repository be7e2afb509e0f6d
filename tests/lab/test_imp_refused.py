#!/usr/bin/env python3
"""refuse, connection_limit and reset{refuse_for} refuse honestly: the client's SYN is answered by an RST, and its program
has ECONNREFUSED at once; with an explicit, a transparent and a redirecting proxy and in wedge exec, IPv4 and IPv6. tshark
looks at the client's wire, curl and errno are the other referees."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

GATEWAY, GATEWAY6 = "192.0.2.1", "2001:db8:1::1"
EXPLICIT = ("--listen", ":8080", "--upstream", f"{SERVER}:80")
TRANSPARENT = ("--transparent", "--in", "eth1")
REDIRECT = ("--redirect", "--port", "80")

# errno and the milliseconds until it, of as many connections, one after another; all stay open until the end.
PROBE = """
import errno, socket, sys, time
kept = []
for i in range(int(sys.argv[3])):
    s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
    s.settimeout(5)
    began = time.monotonic()
    try:
        s.connect((sys.argv[1], int(sys.argv[2])))
        took, what = time.monotonic() - began, "connected"
        s.settimeout(0.1)
        s.recv(1)
        what += " FIN"
    except TimeoutError:
        pass
    except OSError as why:
        what = ("connected " if s in kept else "") + errno.errorcode[why.errno]
        took = time.monotonic() - began
    kept.append(s)
    print(what, "%.2f" % (1e3 * took))
"""


def probe(g, where, port, n, at="client", through=()):
    p = g.run(at, *through, PYTHON, "-c", PROBE, where, str(port), str(n))
    check(p.returncode == 0, f"{n} connections to {where}, port {port} {p.stderr.strip()[-300:]}")
    return [(what, float(took)) for what, took in (line.rsplit(" ", 1) for line in p.stdout.splitlines())]


class Wire:
    """What tcpdump sees at the client."""

    def __init__(self, g, name):
        self.g, self.path = g, os.path.join(g.folder, name)
        self.p = g.start("client", "tcpdump", "-i", "eth0", "-U", "--immediate-mode", "-w", self.path, "tcp",
                         stderr=open(self.path + ".said", "w", encoding="utf-8"))
        await_true(lambda: "listening" in open(self.path + ".said", encoding="utf-8").read(), "tcpdump listens", quiet=True)

    def rows(self, display_filter, *fields):
        words = ["tshark", "-n", "-r", self.path, "-o", "tcp.relative_sequence_numbers:FALSE", "-Y", display_filter, "-T", "fields"]
        for f in fields:
            words += ["-e", f]
        return [line.split("\t") for line in self.g.run("client", *words).stdout.splitlines()]

    def done(self):
        time.sleep(0.3)
        stop(self.p, 2)

    def refusals(self, who, refused, accepted):
        """As many streams of each kind, and nothing in between."""
        streams = {}
        fields = ("tcp.stream", "tcp.flags", "tcp.seq", "tcp.ack", "ip.ttl", "ipv6.hlim", "tcp.window_size_value", "tcp.len")
        for row in self.rows("tcp", *fields):
            streams.setdefault(row[0], []).append(row[1:])
        turned = [s for s in streams.values() if int(s[1][0], 16) & 0x04]
        served = [s for s in streams.values() if int(s[1][0], 16) & 0x12 == 0x12]
        check((len(turned), len(served)) == (refused, accepted), f"{who}: {len(turned)} streams refused, {len(served)} accepted")
        bad = [s for s in turned if len(s) != 2 or int(s[1][0], 16) != 0x14 or s[1][1] != "0" or s[1][5:] != ["0", "0"]
               or int(s[1][2]) != (int(s[0][1]) + 1) % 2**32]
        check(not bad, f"{who}: SYN, then RST with ACK set, sequence number 0, the SYN acknowledged, no window {bad[:1]}")
        ttl = {(s[1][3], s[1][4]) for s in turned}
        check(not served or ttl <= {(s[1][3], s[1][4]) for s in served}, f"{who}: TTL or hop limit {ttl} as of an accepted client")


def both_families(g, who, mode, where, port, at="client"):
    before = len(g.journal("session_refused")) if os.path.exists(os.path.join(g.folder, "journal")) else 0
    wedge = g.wedge("--seed", "7", "--impair", "refuse{probability=50%}", mode=mode)
    wire = Wire(g, "refuse.pcap") if at == "client" else None
    results = [probe(g, address, port, 20, at) for address in where]
    if wire:
        wire.done()
    flat = [r for rs in results for r in rs]
    refused = [took for what, took in flat if what == "ECONNREFUSED"]
    check(all(what in ("ECONNREFUSED", "connected") for what, _ in flat) and 10 <= len(refused) <= 30,
          f"{who}: {len(refused)} of {len(flat)} refused")
    check(max(refused) < 100, f"{who}: at once, after {sorted(refused)[len(refused) // 2]} ms, {max(refused)} at most")
    if wire:
        wire.refusals(who, len(refused), len(flat) - len(refused))
    check(stop(wedge) in (0, 1), f"{who}: SIGTERM ends it")
    told = [e["action"] for e in g.journal("session_refused")[before:]]
    check(told == ["refused"] * len(refused), f"{who}: the journal tells each")
    return [what for what, _ in flat]


def other_modes(g):
    """They accept first, as documented: dropped immediately after connecting."""
    for mode, end in (("reset", "connected ECONNRESET"), ("close", "connected FIN"), ("silent", "connected")):
        wedge = g.wedge("--impair", "refuse{mode=%s}" % mode, mode=EXPLICIT)
        wire = Wire(g, mode + ".pcap")
        got = probe(g, GATEWAY, 8080, 3)
        wire.done()
        wedge.send_signal(15)  # a silent session never ends by itself
        time.sleep(0.2)
        stop(wedge)
        if mode != "reset":
            check([w for w, _ in got] == [end] * 3, f"refuse{{mode={mode}}}: {got}")
        check(len(wire.rows("tcp.flags.syn == 1 && tcp.flags.ack == 1", "tcp.stream")) == 3, f"refuse{{mode={mode}}}: three handshakes")


def late(g):
    """Longer than the client's patience with its first SYN: the second one changes nothing."""
    wedge = g.wedge("--impair", "refuse{delay=1500ms}", mode=EXPLICIT)
    wire = Wire(g, "late.pcap")
    got = probe(g, GATEWAY, 8080, 1)
    wire.done()
    stop(wedge)
    syns, resets = wire.rows("tcp.flags.syn == 1", "tcp.seq"), wire.rows("tcp.flags.reset == 1", "tcp.ack")
    check(got[0][0] == "ECONNREFUSED" and 1490 <= got[0][1] < 1900, f"refuse{{delay=1500ms}}: {got}")
    check(len(syns) == 2 and len(resets) == 1, f"{len(syns)} SYNs, {len(resets)} RST")


def limit(g):
    wedge = g.wedge("--impair", "connection_limit{limit=3,deny=refused}", mode=EXPLICIT)
    wire = Wire(g, "limit.pcap")
    got = probe(g, GATEWAY, 8080, 6)
    again = probe(g, GATEWAY, 8080, 3)
    wire.done()
    check([w for w, _ in got] == ["connected"] * 3 + ["ECONNREFUSED"] * 3, f"connection_limit: {got}")
    check([w for w, _ in again] == ["connected"] * 3, f"connection_limit, when they have gone: {again}")
    wire.refusals("connection_limit", 3, 6)
    stop(wedge)


def restart(g):
    wedge = g.wedge("--impair", "reset{all_at_once=true,after=1s,only_first=2,refuse_for=2s}", mode=EXPLICIT)
    kept = g.start("client", PYTHON, "-c", "import socket, time\ns = socket.create_connection(('%s', 8080))\n"
                   "try: s.recv(1)\nexcept OSError: pass\n" % GATEWAY)
    kept.wait(20)
    wire = Wire(g, "restart.pcap")
    began = time.monotonic()
    down = probe(g, GATEWAY, 8080, 5)
    wire.done()
    check([w for w, _ in down] == ["ECONNREFUSED"] * 5, f"reset with refuse_for: {down}")
    wire.refusals("refuse_for", 5, 0)
    time.sleep(max(0.0, 2.1 - (time.monotonic() - began)))
    check([w for w, _ in probe(g, GATEWAY, 8080, 2)] == ["connected"] * 2, "and when its time is over it accepts")
    stop(wedge)


def in_exec(g):
    for address in (SERVER, SERVER6):
        got = probe(g, address, 80, 3, through=[*g.program(), "exec", "--impair", "refuse", "--"])
        check([w for w, _ in got] == ["ECONNREFUSED"] * 3 and max(t for _, t in got) < 100, f"exec, {address}: {got}")
    p = g.run("client", *g.program(), "exec", "--impair", "refuse", "--", "curl", "-sS", "-m", "5", f"http://{SERVER}/f")
    check(p.returncode == 7, f"exec: curl says {p.returncode}, {p.stderr.strip()}")
    p = g.run("client", *g.program(), "exec", "--early-accept", "--impair", "refuse", "--", "curl", "-sS", "-m", "5", f"http://{SERVER}/f")
    # The RST may come within connect(), as the request is sent, or behind it.
    check(p.returncode in (7, 52, 55, 56) and "accepted first" in p.stderr, f"exec, early accept: {p.returncode}, {p.stderr.strip()}")


def said_instead(g):
    """Where no SYN can be held it is said, at the start and in the journal."""
    folder, text = os.path.join(g.folder, "plain"), ""
    with open(folder, "w", encoding="utf-8") as err:
        p = g.start("gateway", *g.program(), "proxy", *EXPLICIT, "--proxy-protocol-in", "--impair", "refuse",
                    "--journal", os.path.join(g.folder, "journal"), stderr=err)
    def ready():
        nonlocal text
        with open(folder, encoding="utf-8") as f:
            text = f.read()
        return "listening" in text
    await_true(ready, "it listens", quiet=True)
    check("accepted first, and then reset" in text and "PROXY header" in text, f"the warning: {text.splitlines()[0]}")
    p2 = g.run("client", PYTHON, "-c", "import socket\ns = socket.create_connection(('%s', 8080))\n"
               "s.sendall(b'PROXY UNKNOWN\\r\\n')\ntry: print(s.recv(1))\nexcept OSError as e: print(e)\n" % GATEWAY)
    check("reset" in p2.stdout, f"it is reset: {p2.stdout.strip()}")
    stop(p)
    told = g.journal("session_refused")[-1:]
    check(told and told[0]["action"] == "reset" and "accepted first" in told[0]["note"], f"the journal: {json.dumps(told)}")


def inside(g, _user, _flavour):
    g.nginx()
    for address in (GATEWAY, GATEWAY6, SERVER, SERVER6):  # neighbours that aren't known yet take their time
        await_true(lambda a=address: probe(g, a, 9, 1)[0][1] < 50, f"{address} is known")
    where = (GATEWAY, GATEWAY6)
    first = both_families(g, "explicit", EXPLICIT, where, 8080)
    check(first == both_families(g, "explicit again", EXPLICIT, where, 8080), "one seed, the same clients refused")
    both_families(g, "transparent", TRANSPARENT, (SERVER, SERVER6), 80)
    both_families(g, "redirect", REDIRECT, (SERVER, SERVER6), 80, at="gateway")
    other_modes(g)
    late(g)
    limit(g)
    restart(g)
    in_exec(g)
    said_instead(g)


if __name__ == "__main__":
    main(inside, "curl", "tcpdump", "tshark", "nginx")
