#!/usr/bin/env python3
"""What wedge sets on a gateway is gone after its end and within 1 s of kill -9; the next start
sweeps what a killed guard left; other rules aren't touched and, where they meet, wedge refuses."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import FLAVOURS, IN, OUT, SERVER, SERVER6, check, main, stop, strip  # noqa: E402
from proc_tree import named  # noqa: E402

BACKEND = {"nftables": "nftables tproxy", "nf_tables": "iptables TPROXY (nf_tables)",
           "legacy": "iptables TPROXY (legacy)"}


def listed(g):
    return strip(g.rules())


def lines(g):
    return [line for line in listed(g).splitlines() if line]


def same(g, before, what):
    after = lines(g)
    check(sorted(before) == sorted(after), f"{what}: rules, routes and sysctls as before: "
          f"{[x for x in after if x not in before]} {[x for x in before if x not in after]}")


def fetch(g, what):
    for address in (SERVER, SERVER6):
        p = g.curl(address)
        check(p.stdout.startswith("200"), f"{what}: curl to {address} {p.stderr.strip()}")


def ends(g, before, flavour):
    wedge = g.wedge("--port", "80")
    check(BACKEND[flavour] in wedge.said(), wedge.said().strip())
    check(len(lines(g)) > len(before), f"{len(lines(g)) - len(before)} more lines while it runs")
    fetch(g, "through wedge")
    check(stop(wedge) == 0, "SIGTERM ends it with 0")
    same(g, before, "after SIGTERM")
    wedge = g.wedge("--port", "80")
    wedge.send_signal(signal.SIGKILL)
    wedge.wait()
    time.sleep(1)
    same(g, before, "1 s after kill -9")
    fetch(g, "without wedge")


def guard_killed(g, before):
    wedge = g.wedge("--port", "80")
    guards = named(wedge.pid, "wedge-guard")
    check(guards, "it has a guard")
    wedge.send_signal(signal.SIGKILL)
    for pid in guards:
        os.kill(pid, signal.SIGKILL)
    wedge.wait()
    time.sleep(0.2)
    check(lines(g) != before, "the guard was killed, too: something is left")
    check(stop(g.wedge("--port", "80")) == 0, "the next one starts, and ends")
    same(g, before, "after the next one")


def two_wedges(g, before):
    first, second = g.wedge("--port", "80"), g.wedge("--port", "81")
    fetch(g, "two wedges")
    check(g.curl(SERVER, port=81).stdout.startswith("200"), "the second's port")
    said = g.refused("--transparent", "--in", IN, "--port", "70-90")
    check("another rule already takes connections on " + IN in said, "a third that meets them")
    said = g.refused("--transparent", "--in", IN)
    check("another rule" in said, "a third for every port")
    other = g.wedge("--port", "80", mode=("--transparent", "--in", OUT))
    for wedge in (first, other, second):
        check(stop(wedge) == 0, "one ends")
    same(g, before, "after three")


def other_rules(g, before):
    for rule in ("iptables -t mangle -{} PREROUTING -p tcp --dport 80 -j TPROXY --on-port 9",
                 "ip6tables -t mangle -{} PREROUTING -i eth1 -p tcp -j TPROXY --on-port 9"):
        g.sh("gateway", rule.format("A"))
        check("-j TPROXY" in g.refused("--transparent", "--in", IN, "--port", "80"), "it is named")
        g.sh("gateway", rule.format("D"))
    g.sh("gateway", "iptables -t mangle -A PREROUTING -i eth2 -p tcp --dport 80 -j TPROXY --on-port 9; "
                    "iptables -t mangle -A PREROUTING -p udp --dport 80 -j TPROXY --on-port 9; "
                    "iptables -t mangle -A PREROUTING -p tcp --dport 81 -j TPROXY --on-port 9")
    check(stop(g.wedge("--port", "80")) == 0, "rules that don't meet ours are no reason")
    g.sh("gateway", "iptables -t mangle -F PREROUTING")
    g.sh("gateway", "nft add table inet t; nft add chain inet t c '{ type filter hook prerouting "
                    "priority mangle; }'; nft add rule inet t c tcp dport 80 tproxy to :9")
    if os.environ.get("LD_PRELOAD_WEDGE") is None:
        g.refused("--transparent", "--in", IN, "--port", "1-100")
        check(stop(g.wedge("--port", "1-79")) == 0, "nft's rule doesn't meet ours")
    g.sh("gateway", "nft delete table inet t")
    check(len(lines(g)) >= len(before), "and nothing else is gone")


def printed(g):
    before = lines(g)
    p = g.run("gateway", "./wedge", "proxy", "--transparent", "--in", IN, "--port", "80,8000-8100",
              "--to", "198.51.100.0/24,2001:db8:2::/64", "--print-rules")
    check(p.stdout.count("queue num") == 8, "--print-rules tells what is queued")
    p = g.run("gateway", "./wedge", "proxy", "--transparent", "--in", IN, "--port", "80,8000-8100",
              "--to", "198.51.100.0/24,2001:db8:2::/64", "--print-rules", "--early-accept")
    check(p.returncode == 0 and p.stdout.count("tproxy") == 2 and "ip rule add" in p.stdout,
          "--print-rules prints them")
    same(g, before, "after --print-rules")
    table, commands = p.stdout.split("# ip -4")
    with open("printed.nft", "w", encoding="utf-8") as f:
        f.write(table.replace("flags owner;", ""))
    with open("printed.sh", "w", encoding="utf-8") as f:
        f.write("#" + commands)
    p = g.run("gateway", "sh", "-c", "nft -c -f printed.nft && sh -e printed.sh && "
                                     "ip rule del priority 500 && ip route flush table 23800")
    check(p.returncode == 0, f"nft and ip accept them: {p.stderr.strip()}")


def inside(g, user, flavour):
    g.nginx()
    # Once, so that the empty tables and chains that iptables makes are there.
    g.sh("gateway", "for i in iptables ip6tables; do for c in 'mangle PREROUTING' 'mangle OUTPUT' 'raw PREROUTING' "
                    "'raw OUTPUT' 'filter FORWARD'; do set -- $c; $i -t $1 -A $2 -j ACCEPT; $i -t $1 -F $2; done; done")
    before = lines(g)
    print(user, flavour, len(before), "lines")
    ends(g, before, flavour)
    guard_killed(g, before)
    two_wedges(g, before)
    other_rules(g, before)
    if flavour == "nftables":
        printed(g)
        check("no interface nope" in g.refused("--transparent", "--in", "nope"), "it is named")


main(inside, "curl", "nginx", flavours=FLAVOURS)
