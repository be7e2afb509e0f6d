#!/usr/bin/env python3
"""What --map-upstream does: it sends what wanted to go to one server to another: of a host's own connections, of
those that pass it, and of a command's; the server sees the client where it can, and where it can't the
journal says so."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (CLIENT, CLIENT6, IN, SERVER, SERVER6, await_true, check, main,  # noqa: E402
                         stop)

HOST, HOST6 = "198.51.100.1", "2001:db8:2::1"  # of the gateway, on the server's side
NOBODY = "198.51.100.99"  # no host has it
OWN = ("--redirect", "--port", "80")
PASSING = ("--transparent", "--in", IN, "--port", "80")


def maps(*rules):
    return [word for rule in rules for word in ("--map-upstream", rule)]


def ask(g, address, name, seen, server="server", at="gateway"):
    """Somebody asks that address; whose nginx answers, and the client's address that it sees."""
    p = g.curl(address, f"f?{name}", at=at)
    check(p.stdout.startswith("200"), f"curl to {address} {p.stderr.strip()}")
    peers = g.peers(f"f?{name}", 1, server)
    check([peer[0] for peer in peers] == [seen], f"{name}: {server} has seen {peers}")
    return (p.stdout.split()[1], peers[0][1])


def sessions(g):
    return [(s.get("wanted"), s["upstream"], s["port"]) for s in g.journal("session_open")]


def ended(g, wedge):
    check(stop(wedge) == 0, "SIGTERM ends it")
    told = sessions(g), [e["session"] for e in g.journal("client_address_not_kept")]
    os.remove("journal")
    return told


def of_this_host(g):
    wedge = g.wedge(*maps(f"{SERVER}:80=127.0.0.1:81", f"{NOBODY}=localhost:81", f":80={SERVER}"),
                    mode=OWN)
    check("3 destinations go elsewhere" in wedge.said(), wedge.said().strip())
    ask(g, SERVER, "to-loopback", "127.0.0.1", "gateway")
    ask(g, SERVER6, "all-others", HOST)
    ask(g, "::1", "loopback-too", HOST)
    p = g.curl(NOBODY, "f?name", at="gateway")
    check(p.stdout.startswith("200"), f"a name: {p.stderr.strip()}")
    check(g.peers("f?name", 1, "gateway")[0][0] in ("127.0.0.1", "::1"), "it is resolved here")
    told, _ = ended(g, wedge)
    check(told == [(f"{SERVER}:80", "127.0.0.1", 81), (f"[{SERVER6}]:80", SERVER, 80),
                   ("[::1]:80", SERVER, 80), (f"{NOBODY}:80", "localhost", 81)],
          f"the journal says what was wanted and what became of it: {told}")


def without_a_loop(g):
    """A rule's target that the rules would take again, and a client of the port that is taken."""
    wedge = g.wedge(*maps(f"{SERVER}:80=127.0.0.1:80"), mode=OWN)
    ask(g, SERVER, "not-again", "127.0.0.1", "gateway")
    ask(g, "127.0.0.1", "as-wanted", "127.0.0.1", "gateway")
    told, _ = ended(g, wedge)
    check(told == [(f"{SERVER}:80", "127.0.0.1", 80), (None, "127.0.0.1", 80)], f"once each: {told}")


def that_pass(g):
    for mode, seen, seen6 in ((PASSING, CLIENT, CLIENT6), ((*PASSING, "--own-address"), HOST, HOST6)):
        wedge = g.wedge(*maps(f"{SERVER}:80={SERVER}:81", f"[{SERVER6}]=[{SERVER6}]:81",
                              f"{NOBODY}:80={SERVER}"), mode=mode)
        ports = [ask(g, SERVER, f"other-port-{seen}", seen, at="client"),
                 ask(g, SERVER6, f"other-port-6-{seen}", seen6, at="client"),
                 ask(g, NOBODY, f"other-address-{seen}", seen, at="client")]
        if seen == CLIENT:
            check(all(a == b for a, b in ports), f"the client's own ports, too: {ports}")
        told, not_kept = ended(g, wedge)
        check(told == [(f"{SERVER}:80", SERVER, 81), (f"[{SERVER6}]:80", SERVER6, 81),
                       (f"{NOBODY}:80", SERVER, 80)], f"the journal: {told}")
        check(not not_kept, "the client's address is kept, or was not to be")


def that_pass_and_cant_be_the_client(g):
    wedge = g.wedge(*maps(f"{SERVER}:80=[{SERVER6}]:81", f"[{SERVER6}]:80={SERVER}:81",
                          f"{NOBODY}:80=127.0.0.1:81"), mode=PASSING)
    ask(g, SERVER, "family-6", HOST6, at="client")
    ask(g, SERVER6, "family-4", HOST, at="client")
    ask(g, NOBODY, "to-the-gateway", "127.0.0.1", "gateway", at="client")
    _, not_kept = ended(g, wedge)
    check(not_kept == [1, 2, 3], f"the journal says so of each: {not_kept}")


CONFIG = """
proxies:
  - name: own
    mode: redirect
    port: "80"
    map_upstream: {}
"""


def write_config(text):
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG.format(text))


def hang_up(wedge, expect):
    said = len(wedge.said())
    wedge.send_signal(signal.SIGHUP)
    await_true(lambda: expect in wedge.said()[said:], f"it says: {expect}")


def of_a_file(g):
    write_config(f"{{{SERVER}:80: 127.0.0.1:81, ':80': {SERVER}}}")
    wedge = g.wedge(mode=("--config", "config.yaml"))
    ask(g, SERVER, "a-mapping", "127.0.0.1", "gateway")
    ask(g, SERVER6, "a-mapping-6", HOST)
    write_config(f"['{SERVER}:80=[::1]:81', {{'[{SERVER6}]': 127.0.0.1}}]")
    hang_up(wedge, "1 changed")
    ask(g, SERVER, "a-list", "::1", "gateway")
    ask(g, SERVER6, "a-list-6", "127.0.0.1", "gateway")
    for text, says in ((f"['{SERVER}:80']", "lacks '='"), (f"{{{SERVER}:80: [a]}}", "HOST"),
                       (f"{{nowhere: {SERVER}}}", "no destination"), ("[[a]]", "FROM=TO")):
        write_config(text)
        hang_up(wedge, "the old one goes on")
        check(says in wedge.said().splitlines()[-1], wedge.said().splitlines()[-1])
    ask(g, SERVER, "the-list-still", "::1", "gateway")
    write_config("{}")
    hang_up(wedge, "1 changed")
    ask(g, SERVER, "nothing", HOST)
    ended(g, wedge)


def of_a_command(g):
    for rule, address in ((f"{NOBODY}:80=127.0.0.1:81", NOBODY), (f":80=[{SERVER6}]", "127.0.0.1")):
        p = g.run("gateway", "./wedge", "exec", "--journal", "exec.journal", *maps(rule), "--", "curl",
                  "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", f"http://{address}/f?exec")
        check(p.stdout == "200", f"wedge exec, {rule}: {p.stderr.strip()}")
    check([peer[0] for peer in g.peers("f?exec", 1, "gateway")] == ["127.0.0.1"], "this host's loopback")
    check([peer[0] for peer in g.peers("f?exec")] == [HOST6], "the server")
    p = g.run("gateway", "./wedge", "exec", *maps(":80=db.example"), "--", "true")
    check(p.returncode == 125 and "is a name" in p.stderr, p.stderr.strip())


def refused(g):
    for mode in (("--listen", ":1080", "--upstream", "192.0.2.1:80"), ("--forward", "--server", SERVER)):
        check("--map-upstream is no option of" in g.refused(*mode, *maps(f":80={SERVER}")), mode[0])
    with open("bad.yaml", "w", encoding="utf-8") as f:
        f.write("proxies: [{name: a, listen: ':1', upstream: 'a:1', map_upstream: {':1': 1.2.3.4}}]")
    check("'map_upstream' is for mode transparent and redirect" in g.refused("--check", "bad.yaml"),
          "in a file")


def inside(g, user, flavour):
    print(user, flavour)
    g.nginx()
    g.nginx(host="gateway")
    g.sh("gateway", f"ip neigh add {NOBODY} lladdr 02:00:00:00:00:99 dev eth2")
    for part in (of_this_host, without_a_loop, that_pass, that_pass_and_cant_be_the_client, of_a_file,
                 of_a_command, refused):
        part(g)


main(inside, "curl", "nginx")
