#!/usr/bin/env python3
"""Prints the packet filter's rules, the routes and the sysctls as the wedge of $WEDGE sets them, for takings of every kind, and
what is left of them when it has ended; and how it refuses where other rules take the same connections. For nftables, and
for iptables in its two kinds where nftables can't be used. Names and ports that wedge or the kernel chooses are told by the order
in which they are met.

It is started again in namespaces of its own. Exit 77: there are none here."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../rig")]
import own_network  # noqa: E402

LIST = ("80,8000-8100", "198.51.100.0/24,2001:db8:2::/64")
SETUPS = (("--transparent", "--in", "lo"), ("--transparent", "--in", "lo", "--port", LIST[0], "--to", LIST[1]),
          ("--transparent", "--in", "lo", "--port", "80", "--early-accept", "--own-address"),
          ("--transparent", "--in", "lo", "--port", "80", "--impair", "delayed_ack"),
          ("--redirect", "--port", "80"), ("--redirect", "--port", LIST[0], "--to", LIST[1], "--user", "0"),
          ("--redirect", "--to", "192.0.2.7", "--early-accept"), ("--redirect", "--port", "80", "--impair",
           "loss{leg=client}"),
          ("--listen", "127.0.0.1:7001", "--upstream", "127.0.0.1:8001", "--impair", "delayed_ack"),
          ("--listen", "[::1]:7001", "--upstream", "[::1]:8001", "--impair", "delay{leg=client}", "--impair", "loss"),
          ("--forward", "--server", "192.0.2.1:80", "--server", "2001:db8::1", "--impair", "loss"),
          ("--forward", "--server", ":80"))
# Rules of somebody else: how they are set, and what wedge is then asked for.
OTHERS = (("iptables -t mangle -A PREROUTING -p tcp --dport 80 -j TPROXY --on-port 9", SETUPS[0]),
          ("ip6tables -t mangle -A PREROUTING -i lo -p tcp -j TPROXY --on-port 9", SETUPS[1]),
          ("iptables -t mangle -A PREROUTING -p tcp --dport 81 -j TPROXY --on-port 9", SETUPS[3]),
          ("iptables -t nat -A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 9", SETUPS[4]),
          ("ip6tables -t nat -A OUTPUT -p tcp -j DNAT --to-destination [::1]:9", SETUPS[5]),
          ("iptables -t nat -N elsewhere; iptables -t nat -A elsewhere -j DNAT --to 127.0.0.1; "
           "iptables -t nat -A OUTPUT -p tcp --dport 80 -d 203.0.113.0/24 -j elsewhere", SETUPS[4]),
          ("nft add table inet t; nft add chain inet t c '{ type nat hook output priority -100; }'; "
           "nft add rule inet t c tcp dport 80 redirect to :9", SETUPS[5]),
          ("nft add table inet t; nft add chain inet t c '{ type filter hook prerouting priority mangle; }'; "
           "nft add rule inet t c tcp dport 80 tproxy to :9", SETUPS[1]))
EMPTY = ("nft flush ruleset; for t in raw mangle nat; do for i in iptables ip6tables; do "
         "$i -t $t -F; $i -t $t -X; done; done")
SHOW = ("nft list ruleset; for t in raw mangle nat filter; do iptables-save -t $t; ip6tables-save -t $t; done; "
        "ip -4 rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all; "
        "grep . /proc/sys/net/ipv[46]/conf/*/*forwarding /proc/sys/net/ipv4/conf/*/[rs]*_*direct* "
        "/proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/tcp_tw* /proc/sys/net/ipv4/*early_demux")


def sh(text):
    p = subprocess.run(["sh", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return p.stdout


class Names:
    def __init__(self):
        self.seen = {}

    def hide(self, text):
        """Without counters, remarks on time and program, and chosen names, ports and queues."""
        text = re.sub(r"^#.*$|\[\d+:\d+\]| # (handle|progname).*$|packets \d+ bytes \d+", "", text, flags=re.M)
        for kind, pattern in (("NAME", r"wedge-[0-9a-z]+"), ("PORT", r"(?<![\d.])(?:3[2-9]|4\d|5\d|60)\d{3}\b")):
            text = re.sub(pattern, lambda m, k=kind: self.seen.setdefault(m[0], f"{k}{len(self.seen) + 1}"), text)
        return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def start(words, log, flavour):
    env = dict(os.environ, XTABLES_LOCKFILE=log + ".lock", ASAN_OPTIONS="verify_asan_link_order=0")
    if flavour != "nftables":
        env["LD_PRELOAD"] = os.environ["NO_NFTABLES"]
    with open(log, "w", encoding="utf-8") as f:
        return subprocess.Popen(["wedge", "proxy", *words, "-v"], executable=os.environ["WEDGE"], stdout=f, stderr=f, env=env)


def said(log):
    with open(log, encoding="utf-8") as f:
        return f.read()


def set_up(words, log, flavour):
    """Rules while it runs, and behind it."""
    names, before = Names(), Names().hide(sh(SHOW)).splitlines()
    p = start(words, log, flavour)
    until = time.monotonic() + 20
    while p.poll() is None and time.monotonic() < until and not re.search("taking|listening|watching", said(log)):
        time.sleep(0.005)
    print(names.hide(sh(SHOW)))
    if p.poll() is None:
        p.send_signal(signal.SIGTERM)
    print("exit status", p.wait(20))
    until = time.monotonic() + 2  # the guard's chain goes 0.2 s later
    while (left := [x for x in Names().hide(sh(SHOW)).splitlines() if x not in before]) and time.monotonic() < until:
        time.sleep(0.02)
    print(names.hide(said(log)))
    print("left:", *left, sep="\n")


def refused(rule, words, log, flavour):
    print(sh(rule), end="")
    p = start(words, log, flavour)
    try:
        p.wait(1)
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGTERM)
    print("exit status", p.wait(20))
    print(Names().hide(said(log)))
    sh(EMPTY)


def play(folder, flavour):
    if flavour == "legacy":
        if sh("mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi"):
            print("no iptables-legacy here")
            return
    # Once, so that the empty tables and chains that iptables makes are there.
    sh("for i in iptables ip6tables; do for t in raw mangle nat; do for c in PREROUTING FORWARD OUTPUT; do "
       "$i -t $t -A $c -j ACCEPT; $i -t $t -F; done; done; done")
    log = os.path.join(folder, "log")
    for words in SETUPS:
        print(f"\n=== {flavour}:", *words)
        set_up(words, log, flavour)
    for rule, words in OTHERS:
        print(f"\n=== {flavour}, beside {rule}:", *words)
        refused(rule, words, log, flavour)


def main():
    own_network.enter("nft", "iptables-save", "cc")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NO_NFTABLES"] = folder + "/no_nftables.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", os.environ["NO_NFTABLES"], HERE + "/../rig/no_nftables.c"], check=True)
        for flavour in ("nftables", "nf_tables", "legacy"):
            play(folder, flavour)
    return 0


sys.exit(main())
