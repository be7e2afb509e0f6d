#!/usr/bin/env python3
"""A client behind a gateway with wedge meets what it meets without: a closed port refuses, an address without a route is
unreachable, a dead host is silent, a slow one answers late; and curl falls back from a dead IPv6 address to IPv4. Each is
tried without wedge first; errno, the time to it, and the ICMP that tshark sees at the client are compared."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (PYTHON, SERVER, SERVER6, await_true, check, main, stop)  # noqa: E402

PROBE = """
import errno, socket, sys, threading, time
def connect(where, patience):
    host, port = where.rsplit("/", 1)
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.settimeout(patience)
    began = time.monotonic()
    try:
        s.connect((host, int(port)))
        what = "connected"
    except OSError as why:
        what = errno.errorcode.get(why.errno, "timeout")
    print(f"{where} {what} {time.monotonic() - began:.3f}\\n", end="")
    s.close()
all = [threading.Thread(target=connect, args=(w, float(sys.argv[1]))) for w in sys.argv[2:]]
for t in all:
    t.start()
for t in all:
    t.join()
"""

# Who answers how; each has a second or so, the neighbours that don't exist take their time.
REFUSED = [f"{SERVER}/9", f"{SERVER6}/9"]
NO_ROUTE = ["203.0.113.1/80", "2001:db8:9::1/80"]
BEYOND = ["203.0.113.65/80", "2001:db8:a::1/80", "203.0.113.129/80", "2001:db8:b::1/80"]
NO_NEIGHBOUR = ["198.51.100.77/80", "2001:db8:2::77/80"]
SILENT = ["203.0.113.193/80", "2001:db8:c::1/80"]
SLOW = [f"{SERVER}/8080", f"{SERVER6}/8080"]
OPEN = [f"{SERVER}/80", f"{SERVER6}/80"]


def routes(g):
    """Behind the server lie networks that it says can't be reached, that it forbids, and that it is silent about."""
    for name, v4, v6, kind in (("unreachable", "203.0.113.64/26", "2001:db8:a::/48", "unreachable"),
                               ("prohibited", "203.0.113.128/26", "2001:db8:b::/48", "prohibit"),
                               ("silent", "203.0.113.192/26", "2001:db8:c::/48", "blackhole")):
        g.sh("server", f"ip route add {kind} {v4}; ip -6 route add {kind} {v6} dev lo")
        g.sh("gateway", f"ip route add {v4} via {SERVER}; ip -6 route add {v6} via {SERVER6}")
    # IPv6 answers a blackhole by ICMP; what is thrown away is silent.
    g.sh("server", "nft 'add table ip6 silent; add chain ip6 silent in { type filter hook prerouting priority 0; }; "
                   "add rule ip6 silent in ip6 daddr 2001:db8:c::/48 drop'")
    g.sh("server", "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; "
                   "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0")
    g.sh("gateway", "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0")


def probe(g, patience, where, through=()):
    p = g.run("client", *through, PYTHON, "-c", PROBE, str(patience), *where)
    if p.returncode != 0:
        check(False, f"the probe: {p.stderr}")
    return {w: (what, float(t)) for w, what, t in (line.split() for line in p.stdout.splitlines())}


def everything(g, through=()):
    return probe(g, 6, REFUSED + NO_ROUTE + BEYOND + NO_NEIGHBOUR + SILENT + SLOW + OPEN, through)


class Capture:
    def __init__(self, g, name):
        self.path = os.path.join(g.folder, name)
        self.g = g
        self.p = g.start("client", "tcpdump", "-i", "eth0", "-U", "-w", self.path, "icmp or icmp6 or tcp",
                         stderr=open(self.path + ".said", "w", encoding="utf-8"))
        await_true(lambda: "listening" in open(self.path + ".said", encoding="utf-8").read(), "tcpdump listens")

    def stop(self):
        time.sleep(0.3)
        stop(self.p, signal.SIGINT)

    def rows(self, display, *fields):
        words = [w for f in fields for w in ("-e", f)]
        p = self.g.run("client", "tshark", "-n", "-r", self.path, "-Y", display, "-T", "fields", *words)
        return [line.split("\t") for line in p.stdout.splitlines()]

    def icmp(self):
        """Who says what about which connection; set of (from, type, code, about port)."""
        v4 = self.rows("icmp.type == 3", "ip.src", "icmp.type", "icmp.code", "ip.dst")
        v6 = self.rows("icmpv6.type == 1", "ipv6.src", "icmpv6.type", "icmpv6.code", "ipv6.dst")
        return {(row[0].split(",")[0], row[1], row[2], row[3]) for row in v4 + v6}

    def resets(self):
        """How many RSTs come for each port, with the acknowledgement number of the SYN."""
        return sorted(row[0] for row in self.rows("tcp.flags.reset == 1 && tcp.srcport == 9 && tcp.ack == 1",
                                                  "tcp.srcport"))


def same(without, with_wedge):
    """Without wedge an ICMP can come within microseconds, while connect() is still at work: then Linux takes no notice of
    it, and the client learns when it has sent its SYN again, 1 s later."""
    for w, a in without.items():
        b = with_wedge[w]
        check(a[0] == b[0], f"{w}: {b[0]} as without wedge ({a[0]})")
        near = min(abs(t - b[1]) for t in (a[1], a[1] - 1.0 if "UNREACH" in a[0] or a[0] == "EACCES" else a[1]))
        check(near < 0.25 * a[1] + 0.25, f"{w}: after {b[1]} s, without {a[1]} s")


def as_without(g):
    capture = Capture(g, "without.pcap")
    without = everything(g)
    capture.stop()
    plain_icmp, plain_resets = capture.icmp(), capture.resets()
    p = g.wedge()
    check("wait for their server's answer" in p.said(), f"said: {p.said().strip()}")
    capture = Capture(g, "with.pcap")
    with_wedge = everything(g)
    capture.stop()
    same(without, with_wedge)
    icmp, resets = capture.icmp(), capture.resets()
    check(icmp == plain_icmp and len(icmp) >= 8, f"the same ICMP, from the same hosts: {sorted(icmp)}"
          + ("" if icmp == plain_icmp else f"; without: {sorted(plain_icmp)}"))
    check(resets == plain_resets == ["9", "9"], f"an RST for each closed port, and no other: {resets}")
    silent = capture.rows("(ip.src == 203.0.113.193 || ipv6.src == 2001:db8:c::1)", "frame.number")
    check(not silent, f"nothing comes from the silent ones: {len(silent)} packets")
    check(with_wedge[SLOW[0]][1] >= 0.3, f"a server that answers after 0.3 s: connected after {with_wedge[SLOW[0]][1]} s")
    check(stop(p) == 0, "SIGTERM ends it")
    answers = sorted(e["answer"] for e in g.journal("connect_answered"))
    check(answers.count("accepted") == 4 and answers.count("refused") == 2, f"the journal has {answers}")
    return without


def in_exec(g, without):
    """The same from a program inside wedge exec on the client itself."""
    with_wedge = everything(g, [*g.program(), "exec", "-v", "--journal", os.path.join(g.folder, "exec"), "--"])
    same(without, with_wedge)


def fall_back(g, what):
    """curl with a name that has a dead IPv6 address and a living IPv4 one: which it takes, and when."""
    got = {}
    for kind, v6 in (("refused", f"[{SERVER6}]"), ("unreachable", "[2001:db8:a::1]"), ("silent", "[2001:db8:c::1]")):
        port = 81 if kind == "refused" else 80
        p = g.run("client", "curl", "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code} %{remote_ip} %{time_connect}",
                  "--resolve", f"both.test:{port}:{v6},{SERVER}", f"http://both.test:{port}/f")
        code, ip, seconds = p.stdout.split()
        check((code, ip) == ("200", SERVER), f"curl {what}, IPv6 {kind}: {code} from {ip} after {seconds} s {p.stderr}")
        got[kind] = float(seconds)
    return got


def no_ipv6_on_81(g, on):
    """The server's port 81 refuses IPv6 connections, or doesn't."""
    g.sh("server", "nft 'add table ip6 refuse; add chain ip6 refuse in { type filter hook input priority 0; }; "
                   "add rule ip6 refuse in tcp dport 81 reject with tcp reset'" if on else "nft delete table ip6 refuse")


def a_client_that_gives_up(g):
    """Its server isn't tried any longer than the client asks; nothing is left of it."""
    def tried():
        return g.sh("gateway", "ss -Htn state syn-sent").strip()
    p = g.wedge()
    probe(g, 0.2, SILENT[:1])
    check(tried(), f"the server is still tried: {tried()}")
    await_true(lambda: not tried(), "it is tried no more", 12)
    check(stop(p) == 0, "SIGTERM ends it")
    last = g.journal("connect_answered")[-1]
    check(last["answer"] == "over" and 3 < last["after"] < 9, f"given up after {last['after']} s: {last['answer']}")


def early_accept(g):
    p = g.wedge("--early-accept")
    got = probe(g, 2, REFUSED)
    # The RST may come while connect() is still at work.
    check({what for what, t in got.values()} <= {"connected", "ECONNRESET"}, f"--early-accept: {got}")
    stop(p)


def inside(g, _user, flavour):
    routes(g)
    g.nginx()
    slow = g.start("server", *g.program(), "proxy", "--listen", ":8080", "--upstream", "127.0.0.1:80", "--impair",
                   "syn_ack_delay{delay=300ms}")
    await_true(lambda: "8080" in g.sh("server", "ss -Htln 'sport = 8080'"), "the slow server listens")
    no_ipv6_on_81(g, True)
    # Neighbours that aren't known yet take their time, and that would be compared.
    await_true(lambda: probe(g, 2, OPEN)[OPEN[1]] < ("connected", 0.1), "the neighbours know each other")
    direct = fall_back(g, "without wedge")
    in_exec(g, as_without(g))
    capture = os.path.join(g.folder, "fall.pcapng")
    p = g.wedge("--capture", capture)
    through = fall_back(g, "through wedge")
    check(stop(p) == 0, "SIGTERM ends it")
    legs = g.run("gateway", "tshark", "-n", "-r", capture, "-Y", "icmpv6.type == 1", "-T", "fields", "-e",
                 "frame.interface_name").stdout.split("\n")
    check({"client leg", "server leg"} >= set(filter(None, legs)) and "client leg" in legs,
          f"the capture has what was said of the unreachable server: {legs}")
    for kind, seconds in direct.items():
        check(abs(seconds - through[kind]) < 0.3, f"IPv6 {kind}: as fast as without, {through[kind]} s and {seconds} s")
    a_client_that_gives_up(g)
    if flavour == "nftables":
        early_accept(g)
    stop(slow)


if __name__ == "__main__":
    main(inside, "curl", "tcpdump", "tshark", flavours=os.environ.get("FLAVOURS", "nftables").split())
