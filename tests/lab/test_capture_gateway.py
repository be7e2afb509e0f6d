#!/usr/bin/env python3
"""The captures of 'wedge proxy' on a gateway: each leg has exactly the packets that tcpdump sees on its interface, though both
have the same addresses; on a bridge each packet once; forwarded connections, with comments where segments were dropped."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (CLIENT, IN, OUT, PYTHON, SERVER, SERVER6, await_true, check, main, stop,  # noqa: E402
                         strip)
from live_rig import RST, SYN, Tcpdump, comments, flags, frames, is_tcp, leg, packets, to_or_from  # noqa: E402


def finish(g, wedge, *files):
    """SIGTERM, and what is there then."""
    time.sleep(0.2)
    check(stop(wedge) == 0, "SIGTERM ends it")
    print("    " + wedge.said().strip().splitlines()[-1])
    found = sorted(n for n in os.listdir(g.folder) if n.endswith(".pcapng"))
    check(found == sorted(files), f"files: {found}")
    hidden = [n for n in os.listdir(g.folder) if n.startswith(".") or ".pcapng." in n]
    check(not hidden, f"nothing is left behind {hidden}")
    os.unlink("journal")


def referees(g):
    return {name: Tcpdump(f"{name}.tcpdump", name, g.words("gateway", [])) for name in (IN, OUT)}


def same_as(referee, path, what, chosen=is_tcp):
    theirs, ours = packets(referee.path, to_or_from(80)), packets(path, chosen)
    lost, more = len(set(theirs) - set(ours)), len(set(ours) - set(theirs))
    check(theirs == ours and len(ours) > 10,
          f"{what}: the {len(ours)} packets of tcpdump's {len(theirs)} ({lost} missing, {more} others)")


def at_rest(dumps):
    """A FIN may have been lost, and is sent again after curl has gone: nothing more has come for longer than that takes."""
    seen, since = None, time.monotonic()
    while time.monotonic() < since + 0.7:
        now = [os.path.getsize(d.path) for d in dumps.values()]
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.05)


def is_trouble(f):
    return f["tcp.analysis.flags"] and not f["tcp.analysis.window_update"] and not f["tcp.analysis.keep_alive"]


def sound(path):
    wrong = [(f["frame.number"], f["frame.time_relative"], f["_ws.expert.message"]) for f in frames(path, is_trouble)]
    check(not wrong, f"{path}: tshark sees nothing wrong {wrong[:3]}")


def unlink(*names):
    for name in names:
        os.unlink(name)


def transparent(g, user):
    for address in (SERVER, SERVER6):  # the neighbours are known: no SYN is sent again
        g.curl(address)
    dumps = referees(g)
    wedge = g.wedge("--port", "80", "--capture", "t.pcapng")
    for address in (SERVER, SERVER6):
        for _ in range(3):
            check(g.curl(address).stdout.startswith("200"), f"curl to {address}")
    check(g.curl(SERVER, "f", 81).stdout.startswith("200"), "a connection that wedge isn't told to take")
    finish(g, wedge, "t.pcapng", "t-client.pcapng", "t-server.pcapng")
    for d in dumps.values():
        d.stop()
    for name, interface in (("client", IN), ("server", OUT)):
        one = f"t-{name}.pcapng"
        same_as(dumps[interface], one, f"{user}: {one}")
        same_as(dumps[interface], "t.pcapng", f"{user}: t.pcapng, {name} leg", leg(name))
        sound(one)
        described = {(f["frame.interface_name"], f["frame.interface_description"]) for f in frames(one)}
        check(described == {(f"{name} leg", f"{name} leg on {interface}")}, f"it says where: {described}")
    unlink("t.pcapng", "t-client.pcapng", "t-server.pcapng")


def forwarded(g, user):
    dumps = referees(g)
    wedge = g.wedge("--server", f"{SERVER}:80", "--capture", "f.pcapng", "--impair",
                    "loss{direction=downstream,mode=nth,n=5}", mode=("--forward",))
    check(g.curl(SERVER).stdout.startswith("200"), "curl")
    at_rest(dumps)
    await_true(lambda: g.journal("segment_lost") if wedge.poll() is None and stop(wedge) == 0 else True, "a segment is lost")
    lost = [e["seq"] for e in g.journal("segment_lost")]
    for d in dumps.values():
        d.stop()
    for name, interface in (("client", IN), ("server", OUT)):
        same_as(dumps[interface], f"f-{name}.pcapng", f"{user}: forwarded, {name} leg")
    told = [n for n, _, text in comments("f-server.pcapng") if text.startswith("dropped by loss")]
    seqs = [int(frames("f-server.pcapng")[n - 1]["tcp.seq_raw"]) for n in told]
    check(sorted(seqs) == sorted(lost) and lost, f"{user}: the comments are at the {len(lost)} dropped segments")
    check(not [c for c in comments("f-client.pcapng") if "dropped" in c[2]], "and not where they never came")
    unlink("journal", "f.pcapng", "f-client.pcapng", "f-server.pcapng")


def answered(g, user):
    """Whose server can't be had: the packet that says so to the client tells why."""
    g.curl(SERVER)
    wedge = g.wedge("--port", "9,80", "--capture", "a.pcapng")
    check(g.curl(SERVER).stdout.startswith("200"), "curl")
    for address, port in ((SERVER, 9), (SERVER6, 9), ("203.0.113.1", 80)):
        check(g.curl(address, "f", port).returncode == 7, f"{address} port {port} can't be had")
    finish(g, wedge, "a.pcapng", "a-client.pcapng", "a-server.pcapng")

    def is_refusal(f):
        return f["tcp.srcport"] == "9" and flags(f) & RST

    def is_answered_by_icmp(f):
        return "icmp" not in f["frame.protocols"].split(":") and f["ip.dst"] == "203.0.113.1" and flags(f) == SYN

    for what, chosen, at in (("RST made by wedge", is_refusal, 2), ("SYN answered with ICMP by wedge", is_answered_by_icmp, 1)):
        told = [n for n, _, text in comments("a-client.pcapng") if text.startswith(what)]
        wanted = [int(f["frame.number"]) for f in frames("a-client.pcapng", chosen)]
        check(told == wanted and len(told) == at, f"{user}: '{what}' at {told}, which are {wanted}")
    check(len(comments("a.pcapng")) == 3, f"{user}: and nothing about the server that accepts")
    unlink("a.pcapng", "a-client.pcapng", "a-server.pcapng")


HTTPS = """
import http.server, ssl
s = http.server.ThreadingHTTPServer(("", 443), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("s.pem", "s.key")
s.socket = c.wrap_socket(s.socket, server_side=True)
s.serve_forever()
"""


def intercepted(g, user):
    """kill -9, while the guard takes the rules away and the capture is written."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    "s.key", "-out", "s.pem", "-subj", "/CN=s", "-days", "2"], check=True, capture_output=True)
    g.start("server", PYTHON, "-c", HTTPS, stderr=subprocess.DEVNULL)
    await_true(lambda: "443" in g.sh("server", "ss -Htln 'sport = 443'"), "the server listens")
    before = strip(g.rules())
    wedge = g.wedge("--port", "443", "--tls", "intercept", "--tls-ca", "ca", "--capture", "i.pcapng")
    p = g.run("client", "curl", "-sSk", "-o", "/dev/null", "-w", "%{http_code}", f"https://{SERVER}/s.pem")
    check(p.stdout == "200", f"curl: {p.stdout} {p.stderr.strip()}")
    wedge.kill()
    await_true(lambda: os.path.exists("i-server.pcapng"), "the capture is written", quiet=False)
    await_true(lambda: strip(g.rules()) == before, "the rules are gone", quiet=False)
    for name in ("client", "server"):
        asked, got = ([f[field] for f in frames(f"i-{name}.pcapng") if f[field]] for field in ("http.request.uri", "http.response.code"))
        check((asked, got) == (["/s.pem"], ["200"]), f"{user}: the {name} leg is decrypted: {asked} {got}")
    unlink("journal", "i.pcapng", "i-client.pcapng", "i-server.pcapng")


def masqueraded(g, user):
    g.sh("gateway", f"iptables -t nat -A POSTROUTING -o {OUT} -j MASQUERADE")
    wedge = g.wedge("--port", "80", "--capture", "m.pcapng")
    check(g.curl(SERVER).stdout.startswith("200"), "curl")
    finish(g, wedge, "m.pcapng", "m-client.pcapng", "m-server.pcapng")
    check(packets("m-client.pcapng") and not packets("m-server.pcapng"),
          f"{user}: behind NAT only the client leg is known")
    g.sh("gateway", "iptables -t nat -F POSTROUTING")
    unlink("m.pcapng", "m-client.pcapng", "m-server.pcapng")


def one_armed(g, user):
    """Both legs on one bridge, whose ports see every packet too."""
    g.sh("client", f"ip route flush dev eth0 root 0/0; ip addr add 198.51.100.50/24 dev eth0; "
                   f"ip addr del {CLIENT}/24 dev eth0")
    g.sh("gateway", "ip addr flush dev eth1; ip addr flush dev eth2; ip link add br0 type bridge; "
                    "ip link set eth1 master br0; ip link set eth2 master br0; ip link set br0 up; "
                    "ip addr add 198.51.100.250/24 dev br0; ip route flush table main; "
                    "ip route add 198.51.100.0/24 dev br0; "
                    "sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true; "
                    "sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0")
    g.sh("server", "ip route del default; ip addr add 203.0.113.1/32 dev lo; ip route add 198.51.100.50/32 via 198.51.100.250")
    g.sh("client", "ip route add 203.0.113.0/24 via 198.51.100.250")
    g.sh("gateway", f"ip route add 203.0.113.0/24 via {SERVER}")
    for host in ("client", "gateway", "server"):
        g.sh(host, "ip neigh flush all")
    for what, options, legs in (("two-tuples", ["--own-address"], []), ("one-tuple", [], ["client", "server"])):
        dump = Tcpdump("br0.tcpdump", "br0", g.words("gateway", []))
        wedge = g.wedge("--port", "80", "--capture", "o.pcapng", *options, mode=("--transparent", "--in", "br0"))
        p = g.curl("203.0.113.1", "f", 80, "-m", "3")
        check(p.stdout.startswith("200"), f"{what}: {p.stdout} {p.stderr.strip()}")
        files = ["o.pcapng"] + [f"o-{name}.pcapng" for name in legs]
        finish(g, wedge, *files)
        dump.stop()
        same_as(dump, "o.pcapng", f"{user}, {what}: both legs")
        for name in ("client", "server"):
            ends = [flags(f) for f in frames("o.pcapng", leg(name)) if flags(f) & SYN]
            check(len(set(ends)) == 2 == len(ends),
                  f"{user}, {what}: one handshake on the {name} leg")
        for one in files if not legs else files[1:]:
            sound(one)
        unlink(*files)


def inside(g, user, _):
    g.nginx(size=60000)
    for part in (transparent, answered, forwarded, intercepted, masqueraded, one_armed):
        part(g, user)


main(inside, "curl", "nginx", "openssl", "tshark", "tcpdump")
