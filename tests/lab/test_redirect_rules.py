#!/usr/bin/env python3
"""What wedge sets for a host's own connections is what it prints, and is gone after its end and within
1 s of kill -9; the next start sweeps what a killed guard left; other rules aren't touched and, where
they take the same connections, wedge refuses; a changed file changes the rules; without the privilege
one line says so."""
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import FLAVOURS, SERVER, SERVER6, await_true, check, main, stop, strip  # noqa: E402
from proc_tree import named  # noqa: E402

BACKEND = {"nftables": "nftables redirect", "nf_tables": "iptables REDIRECT (nf_tables)",
           "legacy": "iptables REDIRECT (legacy)"}
MODE = ("--redirect",)


def lines(g):
    return [line for line in strip(g.rules("nat filter raw")).splitlines() if line]


def same(g, before, what):
    after = lines(g)
    check(sorted(before) == sorted(after), f"{what}: rules, routes and sysctls as before: "
          f"{[x for x in after if x not in before]} {[x for x in before if x not in after]}")


def takes(g, address, port=80):
    """The answer comes late: wedge has taken it."""
    p = g.curl(address, "f", port, at="gateway", tell="%{http_code} %{time_total}")
    check(p.stdout.startswith("200"), f"curl to {address}:{port} {p.stderr.strip()}")
    return float(p.stdout.split()[1]) >= 0.1


def wedge_on(g, *options, mode=MODE):
    return g.wedge("--impair", "latency{delay=100ms}", *options, mode=mode)


def ends(g, before, flavour):
    wedge = wedge_on(g, "--port", "80")
    check(BACKEND[flavour] in wedge.said(), wedge.said().strip())
    check(len(lines(g)) > len(before), f"{len(lines(g)) - len(before)} more lines while it runs")
    check(takes(g, SERVER) and takes(g, SERVER6), "taken")
    check(stop(wedge) == 0, "SIGTERM ends it with 0")
    same(g, before, "after SIGTERM")
    wedge = wedge_on(g, "--port", "80")
    wedge.send_signal(signal.SIGKILL)
    wedge.wait()
    time.sleep(1)
    same(g, before, "1 s after kill -9")
    check(not takes(g, SERVER), "without wedge")


def guard_killed(g, before, flavour):
    # Without the packet plane, which has a guard and rules of its own.
    wedge = wedge_on(g, "--port", "80", "--early-accept")
    pids = named(wedge.pid, "wedge-guard")
    check(len(pids) == 1, "it has a guard")
    wedge.send_signal(signal.SIGKILL)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wedge.wait()
    time.sleep(0.2)
    if flavour == "nftables":
        same(g, before, "the guard was killed, too: the kernel has taken all")
        return
    check(lines(g) != before, "the guard was killed, too: something is left")
    check(g.curl(SERVER, at="gateway").returncode == 7, "which leads nowhere")
    check(stop(wedge_on(g, "--port", "81")) == 0, "the next one starts, and ends")
    same(g, before, "after the next one")


def two_wedges(g, before):
    first, second = wedge_on(g, "--port", "80"), wedge_on(g, "--port", "81", "--to", "198.51.100.0/24")
    check(takes(g, SERVER) and takes(g, SERVER6) and takes(g, SERVER, 81), "two wedges")
    check(not takes(g, SERVER6, 81), "the second takes one network only")
    for options in (("--port", "70-90"), ("--to", "198.51.100.0/24"), ("--user", "nobody")):
        said = g.refused(*MODE, *options)
        check("another rule already sends connections" in said and "edirect" in said.lower(),
              f"a third, {options}, that meets them")
    for wedge in (first, second):
        check(stop(wedge) == 0, "one ends")
    same(g, before, "after two")


def other_rules(g, before, user):
    for rule in ("iptables -t nat -{} OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 9",
                 "ip6tables -t nat -{} OUTPUT -p tcp -j DNAT --to-destination [::1]:9"):
        g.sh("gateway", rule.format("A"))
        check(re.search("REDIRECT|DNAT|redirect|dnat", g.refused(*MODE, "--port", "80")), "it is named")
        g.sh("gateway", rule.format("D"))
    g.sh("gateway", "iptables -t nat -N elsewhere; iptables -t nat -A elsewhere -j DNAT --to 127.0.0.1; "
                    "iptables -t nat -A OUTPUT -p tcp --dport 80 -d 203.0.113.0/24 -j elsewhere")
    check("dnat" in g.refused(*MODE, "--port", "80").lower(), "a chain that leads there")
    check(stop(wedge_on(g, "--port", "80", "--to", SERVER)) == 0, "not for that address")
    g.sh("gateway", "iptables -t nat -F OUTPUT; iptables -t nat -F elsewhere; "
                    "iptables -t nat -X elsewhere")
    for rule in ("PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 9",
                 "OUTPUT -p udp --dport 80 -j REDIRECT --to-ports 9",
                 "OUTPUT -p tcp --dport 81 -j REDIRECT --to-ports 9"):
        g.sh("gateway", f"iptables -t nat -A {rule}")
    wedge = wedge_on(g, "--port", "80")
    check(takes(g, SERVER) and stop(wedge) == 0, "rules that don't meet ours are no reason")
    check("dport 81" in g.sh("gateway", "iptables-save -t nat"), "and stay")
    g.sh("gateway", "iptables -t nat -F PREROUTING; iptables -t nat -F OUTPUT")
    if os.environ.get("LD_PRELOAD_WEDGE") is None:
        g.sh("gateway", "nft add table inet t; nft add chain inet t c '{ type nat hook output "
                        "priority -100; }'; nft add rule inet t c tcp dport 80 redirect to :9")
        g.refused(*MODE, "--port", "1-100")
        check(stop(wedge_on(g, "--port", "81")) == 0, "nft's rule doesn't meet ours")
        g.sh("gateway", "nft delete table inet t")
    same(g, before, f"after others' rules, as {user}")


def bare(text):
    """nft's own way to write them, without names and ports that differ from run to run."""
    text = re.sub(r"wedge-\w+(-end)?", r"wedge-N\1", re.sub(r"redirect to :\d+", "redirect to :0", text))
    return re.sub(r" *# (progname|handle).*|^#.*$|\s+$|flags owner;?|^\s*persist\s*$", "", text,
                  flags=re.M).split()


def printed(g, before):
    options = ("--port", "80,8000-8100", "--to", "198.51.100.0/24,2001:db8:2::/64", "--user", "nobody")
    p = g.run("gateway", "./wedge", "proxy", *MODE, *options, "--print-rules")
    check(p.stdout.count("queue num") == 4, "--print-rules tells what is queued")
    p = g.run("gateway", "./wedge", "proxy", *MODE, *options, "--print-rules", "--early-accept")
    check(p.returncode == 0 and p.stdout.count("redirect to") == 2, "--print-rules prints them")
    same(g, before, "after --print-rules")
    with open("printed.nft", "w", encoding="utf-8") as f:
        f.write(p.stdout.replace("flags owner;", ""))
    g.sh("gateway", "nft -f printed.nft")
    theirs = {name: bare(g.sh("gateway", f"nft list table inet {name}"))
              for name in ("wedge-N", "wedge-N-end")}
    g.sh("gateway", "nft delete table inet wedge-N; nft delete table inet wedge-N-end")
    wedge = wedge_on(g, *options, "--early-accept")
    names = re.findall(r"table inet (wedge-\S+)", g.sh("gateway", "nft list tables"))
    check(len(names) == 2, f"the tables that are set: {names}")
    for name in names:
        ours = bare(g.sh("gateway", f"nft list table inet {name}"))
        check(ours == theirs["wedge-N-end" if name.endswith("-end") else "wedge-N"],
              f"{name} is set as printed: {' '.join(ours)}")
    check(stop(wedge) == 0, "SIGTERM ends it")
    same(g, before, "after it")


CONFIG = """
proxies:
  - {{name: own, mode: redirect, port: "{}", impairments: [latency: {{delay: 100ms}}]}}
  - {{name: other, mode: redirect, port: "{}", to: 198.51.100.0/24}}
"""


def write_config(*ports):
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG.format(*ports))


def hang_up(wedge, expect):
    said = len(wedge.said())
    wedge.send_signal(signal.SIGHUP)
    await_true(lambda: expect in wedge.said()[said:], f"it says: {expect}")


def reloaded(g, before):
    write_config("80", "9999")
    wedge = g.wedge(mode=("--config", "config.yaml"))
    check(takes(g, SERVER) and not takes(g, SERVER, 81), "port 80 is taken")
    write_config("81", "9999")
    hang_up(wedge, "0 added, 0 removed, 1 changed")
    check(not takes(g, SERVER) and takes(g, SERVER, 81), "after SIGHUP port 81 is, instead")
    write_config("81", "70-90")
    hang_up(wedge, "the old one goes on")
    check("meets that of proxy" in wedge.said(), "one that meets the other is refused")
    check(not takes(g, SERVER) and takes(g, SERVER, 81), "and nothing has changed")
    rule = "iptables -t nat -{} OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 9"
    g.sh("gateway", rule.format("A"))
    write_config("80-81", "9999")
    hang_up(wedge, "another rule already sends")
    check(takes(g, SERVER, 81), "and nothing has changed")
    g.sh("gateway", rule.format("D"))
    hang_up(wedge, "1 changed")
    check(takes(g, SERVER) and takes(g, SERVER, 81), "once that rule is gone both are taken")
    check(stop(wedge) == 0, "SIGTERM ends it")
    same(g, before, "after a changed file")


def bad_input(g):
    for options, says in (((), "without port, to or user"), (("--port", "0"), "no port"),
                          (("--user", "nobody at all"), "no user"), (("--in", "eth1", "--port", "1"), "--in"),
                          (("--port", "80", "--transparent"), "one of them"),
                          (("--port", "80", "--listen", ":1"), "--listen is no option"),
                          (("--port", "80", "--map-upstream", "1=2"), "--map-upstream")):
        check(says in g.refused(*MODE, *options), f"{options}")
    p = subprocess.run(["setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all",
                        "./wedge", "proxy", *MODE, "--port", "80"], text=True, capture_output=True,
                       check=False)
    check(p.returncode == 2 and p.stderr.count("\n") == 1 and "CAP_NET_ADMIN" in p.stderr and
          "--listen" in p.stderr, f"without the privilege: {p.stderr.strip()}")


def inside(g, user, flavour):
    g.nginx()
    # Once, so that the empty tables and chains that iptables makes are there.
    g.sh("gateway", "for i in iptables ip6tables; do for c in 'nat OUTPUT' 'nat PREROUTING' "
                    "'filter INPUT' 'raw PREROUTING' 'raw OUTPUT'; do set -- $c; $i -t $1 -A $2 -j ACCEPT; $i -t $1 -F $2; done; done")
    before = lines(g)
    print(user, flavour, len(before), "lines")
    ends(g, before, flavour)
    guard_killed(g, before, flavour)
    two_wedges(g, before)
    other_rules(g, before, user)
    reloaded(g, before)
    if flavour == "nftables":
        printed(g, before)
        bad_input(g)


main(inside, "curl", "nginx", flavours=FLAVOURS)
