#!/usr/bin/env python3
"""A lint of captures: every packet impairment that there is, in explicit and forward mode, IPv4 and IPv6, all at once
behind one wedge. tshark's fields must not tell a packet that wedge held, dropped or made in a host's name from that
host's others; and what the network does must leave them as they were sent. QUIET: it judges milliseconds."""
import collections
import json
import os
import signal
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import IN, OUT, SERVER, SERVER6, await_true, main, stop  # noqa: E402
from marks_rig import FIN, RST, SYN, bad_checksums, clock_line, id_breaks, id_steps, lateness, looks, packets  # noqa: E402
from noise import unspoilt  # noqa: E402
from run_rig import fail  # noqa: E402

# What makes a kind act within the conversation's three seconds; of a kind that isn't here, its example.
PLAY = {
    "loss": "mode=nth,n=5", "delay": "delay=120ms", "reorder": "share=40%,distance=2,hold=60ms",
    "duplicate": "share=40%", "freeze": "run=150ms,pause=100ms", "syn_drop": "action=rst,nth=2",
    "syn_ack_delay": "delay=400ms", "accept_queue_full": "after_retries=1",
    "vanish": "then=forget,after=600ms,for=900ms", "mtu_blackhole": "mtu=700B",
    "zero_window": "after=500ms,for=400ms", "window_unscaled": "after=500ms,for=400ms",
    "rst_inject": "to=both,after=700ms",
}
# Whose packets are lost or late on their way to the host in whose name these act.
PEER = {"accept_queue_full": "client", "freeze": "client"}
# What comes late or changed, and not lost: every conversation comes to its end.
CONVERSES = ("delayed_ack", "delay", "reorder", "duplicate", "freeze", "syn_ack_delay", "accept_queue_full",
             "zero_window", "window_unscaled", "fin_swallow")
FORGES_RST = ("vanish", "rst_inject", "syn_drop")
LATE_P90, LATE_MAX = 0.010, 0.040  # s; what was held and not stamped anew is later by 100 ms at least
CLOSED = 9  # a port of the server where nobody listens
TOS = 0x48

CONVERSATION = """
import socket, sys, threading, time
def dress(s):
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_TCLASS) if s.family == socket.AF_INET6
                   else (socket.IPPROTO_IP, socket.IP_TOS)), %d)
""" % TOS

# Answers "q" with three small segments, "end" with a large one and its FIN; takes what comes then.
SERVER_PROGRAM = CONVERSATION + """
def serve(c):
    dress(c)
    try:
        for line in c.makefile("rb"):
            if line[:1] == b"q":
                for i in range(3):
                    c.sendall(b"a" * 100)
                    time.sleep(0.008)
            elif line == b"end\\n":
                c.sendall(b"b" * 1000)
                c.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    c.close()
def listen(family, address, port):
    s = socket.create_server((address, port), family=family, backlog=64)
    dress(s)
    while True:
        c, _ = s.accept()
        threading.Thread(target=serve, args=(c,), daemon=True).start()
for port in map(int, sys.argv[3:]):
    for family, address in ((socket.AF_INET, sys.argv[1]), (socket.AF_INET6, sys.argv[2])):
        threading.Thread(target=listen, args=(family, address, port), daemon=True).start()
time.sleep(3600)
"""

# address,port ...: to each two conversations, one begun a little after the other.
CLIENT_PROGRAM = CONVERSATION + """
def talk(address, port, wait):
    time.sleep(wait)
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    dress(s)
    s.settimeout(5)
    try:
        s.connect((address, port))
        s.settimeout(0.8)
        for i in range(10):
            s.sendall(b"q" * 19 + b"\\n")
            got = 0
            try:
                while got < 300:
                    got += len(s.recv(4096)) or 300
            except socket.timeout:
                pass
            time.sleep(0.26 if i % 2 else 0.03)
        s.sendall(b"end\\n")
        try:
            while s.recv(4096):
                pass
        except socket.timeout:
            pass
        for i in range(2):
            s.sendall(b"x\\n")
            time.sleep(0.05)
    except OSError:
        pass
    s.close()
threads = []
for word in sys.argv[1:]:
    address, port = word.rsplit(",", 1)
    for wait in (0, 0.15):
        threads.append(threading.Thread(target=talk, args=(address, int(port), wait)))
for t in threads: t.start()
for t in threads: t.join()
"""

Case = collections.namedtuple("Case", "kind host_like mode v6 port")


class Judge:
    """Says what is wrong, all of it, before it fails."""

    def __init__(self):
        self.bad = []

    def __call__(self, ok, what):
        if not ok:
            self.bad.append(what)


def cases(g):
    kinds = json.loads(g.run("gateway", *g.program(), "impairments", "--json").stdout)
    made, port = [], 5000
    for kind in kinds:
        if kind["plane"] != "packet":
            continue
        for mode in ("explicit", "forward"):
            for v6 in (False, True):
                made.append((Case(kind["name"], kind["restamps"], mode, v6, port), kind["example"]))
                port += 1
    return made


def configuration(made):
    proxies = []
    for c, example in made:
        text = f"{c.kind}{{{PLAY[c.kind]}}}" if c.kind in PLAY else example
        address = f"[{SERVER6}]:{c.port}" if c.v6 else f"{SERVER}:{c.port}"
        own = f"[2001:db8:1::1]:{c.port}" if c.v6 else f"192.0.2.1:{c.port}"
        where = {"server": address} if c.mode == "forward" else {"listen": own, "upstream": address}
        proxies.append({"name": f"p{c.port}", "mode": c.mode, **where, "impairments": [text]})
    return json.dumps({"seed": 7, "proxies": proxies})  # JSON is YAML


def dress_network(g):
    """Hop limits that are nobody's default, checksums on the wire, ACKs at once."""
    for host, devices in (("client", ["eth0"]), ("gateway", [IN, OUT]), ("server", ["eth0"])):
        for dev in devices:
            g.sh(host, f"ethtool -K {dev} tx off tso off gso off gro off >/dev/null 2>&1 || true")
    for host, hops in (("client", 63), ("server", 60)):
        g.sh(host, f"echo {hops} >/proc/sys/net/ipv4/ip_default_ttl; "
                   f"echo {hops} >/proc/sys/net/ipv6/conf/all/hop_limit; "
                   f"echo {hops} >/proc/sys/net/ipv6/conf/eth0/hop_limit")
    g.sh("client", f"ip route add {SERVER}/32 via 192.0.2.1 quickack 1; "
                   f"ip -6 route add {SERVER6}/128 via 2001:db8:1::1 quickack 1")
    g.sh("gateway", f"ip route add {SERVER}/32 dev {OUT} quickack 1; "
                    f"ip -6 route add {SERVER6}/128 dev {OUT} quickack 1")


def capture(g, device):
    path = os.path.join(g.folder, device + ".pcap")
    p = g.start("gateway", "tcpdump", "--immediate-mode", "-i", device, "-U", "-B", "16384", "-s", "0", "-w", path, "tcp",
                stderr=open(os.devnull, "w"))
    await_true(lambda: os.path.exists(path) and os.path.getsize(path) >= 24, f"tcpdump writes {device}")
    return p, path


def set_up(g, made):
    for name, text in (("server.py", SERVER_PROGRAM), ("client.py", CLIENT_PROGRAM), ("wedge.yaml", configuration(made))):
        with open(os.path.join(g.folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    ports = [str(c.port) for c, _ in made]
    dress_network(g)
    g.start("server", "/usr/bin/python3", "server.py", SERVER, SERVER6, *ports)
    await_true(lambda: g.sh("server", "ss -Hltn").count("\n") >= 2 * len(ports), "the server listens")


def play(g, made):
    """All packets on each leg, by interface."""
    taken = [capture(g, device) for device in (IN, OUT)]
    wedge = g.wedge("--config", "wedge.yaml", mode=())
    # How a host answers that has no socket for it.
    for address in (SERVER, SERVER6):
        g.run("client", "/usr/bin/python3", "client.py", f"{address},{CLOSED}")
    words = []
    for c, _ in made:
        to = (SERVER6 if c.v6 else SERVER) if c.mode == "forward" else ("2001:db8:1::1" if c.v6 else "192.0.2.1")
        words.append(f"{to},{c.port}")
    g.run("client", "/usr/bin/python3", "client.py", *words, timeout=60)
    time.sleep(0.3)
    end = time.time()  # what comes later is on one capture and not on the other
    for p, _ in taken:
        stop(p, signal.SIGINT)
    wedge.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    stop(wedge)  # at once: some sessions can't end
    return {device: [p for p in packets(path) if p.time < end] for device, (_, path) in zip((IN, OUT), taken)}


def rows_of(capture_, port):
    """{(client's port, "client" or "server"): its packets, in the order of the wire}"""
    rows = collections.defaultdict(list)
    for p in capture_:
        if p.dport == port:
            rows[p.sport, "client"].append(p)
        elif p.sport == port:
            rows[p.dport, "server"].append(p)
    return rows


def judge_looks(judge, c, who, rows):
    seen = collections.defaultdict(set)
    for (_, side), row in rows.items():
        for p in row:  # a kernel without a socket repeats the class of what it answers
            seen[side, "hop limit"].add(looks(p)[0])
            if not p.flags & RST and c.mode == "forward":
                seen[side, "traffic class"].add(looks(p)[1])
    for (side, what), found in seen.items():
        judge(len(found) == 1, f"{who} the {side}'s packets have one {what}: {found}")


def judge_line(judge, who, row, lines):
    late = sorted(lateness(row, clock_line(*lines)))
    if len(late) < 3:
        return
    p90 = late[len(late) * 9 // 10]
    judge(p90 <= LATE_P90 and late[-1] <= LATE_MAX,
          f"{who} time stamps are older than the packets: p90 {p90 * 1e3:.1f} ms, most {late[-1] * 1e3:.1f} ms")
    stamps = [p.tsval for p in row if p.tsval is not None]
    judge(all(0 <= (b - a) % 2**32 < 2**31 for a, b in zip(stamps, stamps[1:])), f"{who} time stamps go back")


def judge_host(judge, c, who, rows, others):
    """rows: as the packets leave wedge, on one side; others: the same connections before wedge."""
    for (port, side), row in rows.items():
        if PEER.get(c.kind) == side:
            continue
        name = f"{who} {side} {port}:"
        before = others.get((port, side), []) if c.mode == "forward" else []
        judge_line(judge, name, row, [r for r in (row, before) if any(p.tsval is not None for p in r)])
        steps = id_steps([p for p in row if not p.flags & RST])
        judge(c.v6 or set(steps) <= {1}, f"{name} IP IDs have steps of {dict(steps)}: {id_breaks(row)}")


def judge_network(judge, c, who, rows, before):
    """What comes out is what went in, whenever that was."""
    def fields(p):
        return p.seq, p.ack, p.len, p.flags, p.window, p.id, p.tsval, p.tsecr
    for key, row in rows.items():
        sent = {fields(p) for p in before.get(key, [])}
        changed = [p for p in row if fields(p) not in sent and not p.flags & RST]
        judge(not changed, f"{who} {key}: {len(changed)} packets of {len(row)} were changed: "
                           f"{changed[:2]}")


def judge_delay(judge, who, rows, before):
    for key, row in rows.items():
        if key[1] == "server" and key in before:
            late = statistics.median(lateness(row, clock_line(before[key])))
            judge(0.115 <= late <= 0.2, f"{who} {key}: time stamps are {late * 1e3:.1f} ms old, as on a longer path")


def judge_accepted(judge, who, rows):
    """The server takes the client's ACK, whatever time stamp it echoes, so that data follows."""
    for key, row in rows.items():
        syn_ack = next((p.time for p in row if p.flags & SYN), None)
        data = next((p.time for p in row if p.len), None)
        if key[1] == "server":
            judge(syn_ack and data and data - syn_ack < 0.3, f"{who} {key}: data {(data or 0) - (syn_ack or 0):.3f} s "
                                                             "behind the SYN-ACK")


def judge_rst(judge, who, row, real):
    """Forged for a host without a socket; real is what a kernel without one has sent."""
    def form(p):
        return looks(p) + ((p.id, p.df) if not p.is_v6 else ()) + (p.window, p.tsval)
    for p in row:
        judge(form(p) == form(real), f"{who} RST of {form(p)}, a kernel's is {form(real)}")


def judge_case(judge, c, sides, real):
    who = f"{c.kind}, {c.mode}, IPv{6 if c.v6 else 4},"
    legs = {device: rows_of(sides[device], c.port) for device in (IN, OUT)}
    judge(legs[IN] and legs[OUT], f"{who} there are packets on both legs")
    for device, out in ((IN, "server"), (OUT, "client")):
        here, there = legs[device], legs[OUT if device == IN else IN]
        on = f"{who} {'client' if device == IN else 'server'} leg:"
        judge_looks(judge, c, on, here)
        bad = bad_checksums([p for (_, side), row in here.items() if side == out for p in row])
        judge(not bad or c.kind == "loss", f"{on} {len(bad)} bad checksums, {[hex(p.checksum) for p in bad[:3]]}")
        leaving = {k: row for k, row in here.items() if k[1] == out}
        if c.host_like:
            judge_host(judge, c, on, here if c.mode == "explicit" else leaving, there)
        elif c.mode == "forward":
            judge_network(judge, c, on, leaving, there)
        if c.kind == "delay" and c.mode == "forward" and device == IN:
            judge_delay(judge, on, leaving, there)
    ends = [key for key, row in legs[IN].items() if key[1] == "server" and any(p.len >= 700 for p in row)]
    judge(c.kind not in CONVERSES or len(ends) == 2, f"{who} {len(ends)} of 2 conversations came to their end")
    if c.kind == "syn_ack_delay":
        judge_accepted(judge, who, legs[IN])
    if c.kind in FORGES_RST and c.mode == "forward":
        rsts = [p for (_, side), row in legs[IN].items() if side == "server" for p in row
                if p.flags & RST and not p.flags & (FIN | SYN)]
        judge(rsts, f"{who} the client gets an RST")
        judge_rst(judge, who, rsts, real[c.v6])


def judge_all(g, made, sides):
    real = {v6: next(p for p in sides[IN] if p.sport == CLOSED and p.is_v6 == v6) for v6 in (False, True)}
    acted = {e["stage"] for e in map(json.loads, open(os.path.join(g.folder, "journal"), encoding="utf-8"))
             if "stage" in e}
    judge = Judge()
    for c, _ in made:
        judge_case(judge, c, sides, real)
        judge(c.kind in acted or c.kind == "delay", f"{c.kind} has acted")
    return judge.bad


def inside(g, _user, _flavour):
    made = cases(g)
    set_up(g, made)

    def play_and_judge():
        sides = play(g, made)
        return judge_all(g, made, sides), sum(map(len, sides.values()))
    bad, n = unspoilt(play_and_judge, lambda value: not value[0])
    for what in bad:
        print("BAD ", what)
    if bad:
        fail(f"{len(bad)} things give wedge away")
    print(f"ok   {n} packets of {len(made)} proxies, {len({c.kind for c, _ in made})} packet impairments: nothing gives "
          "wedge away")


main(inside, "tshark", "tcpdump", "ethtool")
