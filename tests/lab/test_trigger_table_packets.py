#!/usr/bin/env python3
"""Every packet impairment under every trigger, between three hosts: tshark sees it on the two wires everywhere where it should
act and nowhere else, or it is refused with the reason. The second table of docs/triggers.md is what this test has seen;
--write writes it."""
import collections
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import CLIENT, PYTHON, SERVER, await_true, check, main, stop  # noqa: E402
from window_referee import (ACK, DOWN, FIN, RST, SYN, UP, Connection, is_inside, parse_window,  # noqa: E402
                            read_wire)

CLIENT_2, SERVER_2 = "192.0.2.3", "198.51.100.3"
PORT, GAP, LATE = 2000, 0.004, 0.035  # s: wedge and a busy machine are faster, what delays is slower
BEGIN, STOP = "<!-- table: tests/lab/test_trigger_table_packets.py -->\n", "<!-- end of packet table -->\n"
PARAMS = {"loss": "rate=100%", "delay": "delay=80ms", "delay of ACKs": "delay=80ms,what=acks", "reorder": "share=100%,hold=80ms",
          "duplicate": "share=100%", "freeze": "run=1ms,pause=10s", "mtu_blackhole": "mtu=500B", "delayed_ack": "timer=120ms",
          "syn_ack_delay": "delay=150ms", "zero_window": "", "rst_inject": "to=client",
          "syn_drop of SYN-ACKs": "syn_ack=yes"}
SPELT = {"delay of ACKs": "delay{what=acks}", "syn_drop of SYN-ACKs": "syn_drop{syn_ack=yes}"}
VARIANTS = {"delay": ["delay of ACKs"], "syn_drop": ["syn_drop of SYN-ACKs"]}
DELAYING = ("delay", "delay of ACKs", "reorder", "freeze", "delayed_ack", "syn_ack_delay")
HANDSHAKE = ("syn_drop", "syn_drop of SYN-ACKs", "syn_ack_delay", "accept_queue_full")
WINDOWS = ("after=2000B", "after=700ms", "after=5 packets", "for=1000B", "for=300ms", "for=2 packets", "for=1000B,every=2000B",
           "for=300ms,every=800ms", "for=2 packets,every=4 packets", "after=2000B,for=1000B", "after=1000B,direction=upstream",
           "for=4 packets,direction=upstream")
CHOICES = ("client=" + CLIENT_2, "server=" + SERVER_2, "port=%d", "nth=2", "only_first=2", "probability=50%",
           "schedule=off 700ms on 1h")
REFUSED = ("framing=line,per=message", "at=body,offset=10B", "sni=a.example.org")
TRIGGERS = WINDOWS + CHOICES + REFUSED

SERVE = """
import heapq, selectors, socket, sys, time
first, n = int(sys.argv[1]), int(sys.argv[2])
sel, plan, k = selectors.DefaultSelector(), [], 0
for port in range(first, first + n):
    s = socket.create_server(("", port), backlog=64)
    s.setblocking(False)
    sel.register(s, selectors.EVENT_READ, "listen")
print("ready", flush=True)
def later(at, c, i):
    global k
    k += 1
    heapq.heappush(plan, (at, k, c, i))
while True:
    wait = plan[0][0] - time.monotonic() if plan else None
    for key, _ in sel.select(None if wait is None else max(0, wait)):
        try:
            if key.data == "listen":
                c, _ = key.fileobj.accept()
                c.setblocking(False)
                sel.register(c, selectors.EVENT_READ, "data")
                for i in range(5):
                    later(time.monotonic() + 0.05 + 0.4 * i, c, i)
            elif not key.fileobj.recv(65536):
                sel.unregister(key.fileobj)
        except OSError:
            sel.unregister(key.fileobj)
    while plan and plan[0][0] <= time.monotonic():
        _, _, c, i = heapq.heappop(plan)
        try:
            c.shutdown(socket.SHUT_WR) if i == 4 else c.send(b"%d" % i * 1000)
        except OSError:
            pass
"""

# Connects to each port so many times, one connection after the other in time; each says 500 bytes between the server's lines.
ASK = """
import heapq, json, selectors, socket, sys, time
sel, plan, k = selectors.DefaultSelector(), [], 0
def later(at, what, *more):
    global k
    k += 1
    heapq.heappush(plan, (at, k, what, more))
begin = time.monotonic()
for at, source, server, port in json.loads(sys.argv[1]):
    later(begin + at, "open", source, server, port)
until = begin + float(sys.argv[2])
while plan and time.monotonic() < until:
    at, _, what, more = heapq.heappop(plan)
    while (wait := at - time.monotonic()) > 0:
        for key, _ in sel.select(wait):
            try:
                if key.events & selectors.EVENT_WRITE:
                    sel.modify(key.fileobj, selectors.EVENT_READ)
                    for i in range(4):
                        later(time.monotonic() + 0.25 + 0.4 * i, "say", key.fileobj)
                    wait = 0
                if not key.fileobj.recv(65536):
                    sel.unregister(key.fileobj)
                    key.fileobj.close()
            except BlockingIOError:
                pass
            except OSError:
                sel.unregister(key.fileobj)
                key.fileobj.close()
        if not wait:
            later(at, what, *more)
            what = None
            break
    try:
        if what == "open":
            s = socket.socket()
            s.setblocking(False)
            s.bind((more[0], 0))
            s.connect_ex((more[1], more[2]))
            sel.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE)
        elif what == "say":
            more[0].send(b"u" * 500)
    except OSError:
        pass
time.sleep(max(0, until - time.monotonic()))
"""


def acks_of(conn, of=DOWN):
    """[(the pure ACK, the segments that it is the first to acknowledge)] of data in that direction."""
    end, data, pairs = None, [], []
    for p in conn.came:
        if p.dir == of and p.len:
            data.append(p)
        elif p.dir != of and p.flags & ACK and not p.flags & SYN:
            covered = [d for d in data if (end is None or d.seq + d.len > end) and d.seq + d.len <= p.ack]
            if covered:
                end = p.ack
                if p.is_pure_ack():
                    pairs.append((p, covered))
    return pairs


def lateness(p):
    return p.went[0].t - p.t if p.went else 9


def unscaled(back):
    """By what the sender believes. One that was told no scale can believe 65,535 bytes at most from then on."""
    syns = [p for p in back if p.flags & SYN and p.went]
    if not syns or not syns[-1].shift:
        return []
    mine, told = syns[-1].shift, syns[-1].went[0].shift
    least = 65535 if told == 0 else 1 << 30
    return [(syns[-1], told == 0)] + [(p, p.went[0].window << told < min(p.window << mine, least)) for p in back
                                      if p.went and p.window and not p.flags & (RST | SYN)]


def fates(kind, conn, of):
    """[(the packet that says where it is, whether it was acted on)] for all packets on which the kind would act."""
    data = [p for p in conn.came if p.dir == of and p.len]
    ours = [p for p in conn.came if p.dir == of]
    back = [p for p in conn.came if p.dir != of]
    if kind == "loss":
        return [(p, not p.went) for p in data]
    if kind == "mtu_blackhole":
        return [(p, not p.went) for p in data if p.size > 500]
    if kind == "duplicate":
        return [(p, len(p.went) == 2) for p in data]
    if kind == "delay":
        return [(p, lateness(p) > LATE) for p in ours]
    if kind == "reorder":
        return [(p, lateness(p) > LATE) for p in data]
    if kind in ("delay of ACKs", "delayed_ack"):
        return [(covered[-1], lateness(p) > LATE) for p, covered in acks_of(conn, of)]
    if kind == "freeze":
        return [(p, lateness(p) > LATE) for p in conn.came]
    if kind == "vanish":
        return [(p, not p.went) for p in conn.came]
    if kind == "zero_window":
        return [(p, not p.went[0].window) for p in back if p.went and p.window and not p.flags & RST]
    if kind == "window_unscaled":
        return unscaled(back)
    if kind == "fin_swallow":
        return [(p, not any(w.flags & FIN for w in p.went)) for p in ours if p.flags & FIN]
    if kind == "syn_drop":
        return [(p, not p.went) for p in conn.came if p.dir == UP and p.flags & SYN]
    if kind == "syn_drop of SYN-ACKs":
        return [(p, not p.went) for p in conn.came if p.dir == DOWN and p.flags & SYN]
    if kind == "syn_ack_delay":
        return [(p, lateness(p) > LATE) for p in conn.came if p.flags & SYN and p.dir == DOWN][:1]
    if kind == "accept_queue_full":
        made = next((i for i, p in enumerate(conn.came) if p.dir == UP and not p.flags & SYN and p.went), len(conn.came))
        return [(p, not p.went) for p in conn.came[:made + 1] if p.dir == UP and not p.flags & (SYN | RST)]
    return None


def judge_rst(trigger, conn, of):
    """One RST that nobody has sent, at the moment at which the window opens first."""
    made = [p for p in conn.made if p.flags & RST and p.dir == DOWN]
    if not made or len(made) > 1 and "every" not in trigger:
        return f"{len(made)} forged RSTs"
    before = [p for p in conn.came if p.t < made[0].t]
    behind = [p for p in conn.came if p.t > made[0].t + 0.02]
    window = re.sub("(for|every)=[^,]*,?", "", trigger)
    if any(p.dir == of and is_inside(window, p.at[of]) is True and p.flags & SYN == 0 and p.len for p in before[:-1]):
        return "the RST comes late"
    if behind and is_inside(window, behind[0].at[of]) is False:
        return "the RST comes early"
    return ""


def judge_window(kind, trigger, conn):
    of = UP if "direction=upstream" in trigger or kind in ("syn_drop", "accept_queue_full") else DOWN
    if kind == "rst_inject":
        return judge_rst(trigger, conn, of)
    pairs = fates(kind, conn, of)
    if kind == "freeze":  # it runs for 1 ms first
        begin = min((p.t for p, _ in pairs if is_inside(trigger, p.at[of])), default=0)
        pairs = [(p, acted) for p, acted in pairs if not begin <= p.t < begin + 0.006]
    seen = [(is_inside(trigger, p.at[of]), acted, p) for p, acted in pairs]
    wrong = ["%s %.3f s, %d B, %d pkt, flags %x len %d: %s" % (p.dir, p.at[of]["time"] / 1000, p.at[of]["bytes"],
             p.at[of]["packets"], p.flags, p.len, "acted" if acted else "not")
             for inside, acted, p in seen if inside is not None and inside != acted]
    if wrong:
        return "; ".join(wrong[:3])
    return "" if any(inside and acted for inside, acted, _ in seen) else "never acts"


def spell(kind, trigger, port):
    words = [PARAMS.get(kind, ""), trigger.replace("%d", str(port)) if "port=%d" in trigger else trigger]
    if "port=" not in trigger:
        words.append("port=%d" % port)
    words = [('%s="%s"' % tuple(w.split("=", 1)) if " " in w else w) for text in words for w in re.split(r",(?=\w+=)", text) if w]
    return "%s{%s}" % (kind.split()[0], ",".join(words))


def of_ends(kind, trigger):
    """A window that has the end in it, where the kind acts on ends."""
    if kind == "fin_swallow" and trigger == "after=2000B,for=1000B":
        return "after=3500B,for=1000B"
    if kind != "fin_swallow" or not trigger.startswith("for="):
        return trigger
    if "packets" in trigger:
        return "after=6 packets,for=20 packets" + (",every=40 packets" if "every" in trigger else "")
    return "after=3000B," + trigger.replace("1000B", "2000B") if "B" in trigger else "after=1400ms," + trigger.replace("300ms", "700ms")


class Cell:
    """One impairment under one trigger: the proxies that have it, and the connections that are made to them."""

    def __init__(self, kind, trigger, port):
        self.kind, self.column, self.trigger, self.port = kind, trigger, of_ends(kind, trigger), port
        self.text = spell(kind, self.trigger, port)
        many = {"nth": 6, "onl": 4, "pro": 10}.get(trigger[:3], 1)
        self.asked = [(CLIENT, SERVER, port)] * many
        if trigger.startswith("client="):
            self.asked = [(c, SERVER, port) for c in (CLIENT, CLIENT_2)]
        if trigger.startswith("server="):
            self.asked = [(CLIENT, s, port) for s in (SERVER, SERVER_2)]
        if trigger.startswith("port="):
            self.asked = [(CLIENT, SERVER, p) for p in (port + 1, port)]
        self.later = self.asked if trigger.startswith("schedule=") else []

    def config(self, n):
        places = dict.fromkeys((s, p) for _, s, p in self.asked)
        return ["  - {name: 'c%d-%d', mode: forward, server: '%s:%d', impairments: [%s]}"
                % (n, i, *place, json.dumps(self.text)) for i, place in enumerate(places)]

    def judge(self, conns):
        """Of connections that were made; '' when all is as it should be."""
        t = self.trigger
        chosen = {"client": {1}, "server": {1}, "port": {1}, "nth": {1, 3, 5}, "only_first": {0, 1}}.get(t.split("=")[0])
        if parse_window(t):
            return judge_window(self.kind, t, conns[0])
        if t.startswith("schedule"):
            return judge_schedule(self.kind, conns)
        whole = [judge_window(self.kind, "", c) for c in conns]
        none = [judge_none(self.kind, c) for c in conns]
        if t.startswith("probability"):
            odd = [w or n for w, n in zip(whole, none) if w and n]
            return "; ".join(odd) if odd else "" if "" in whole and "" in none else "all or none"
        return "; ".join(f"connection {i}: {verdict}" for i in range(len(conns))
                         if (verdict := whole[i] if i in chosen else none[i]))


def judge_none(kind, conn):
    """Nothing has happened to it."""
    if kind == "rst_inject":
        return "an RST" if any(p.flags & RST for p in conn.made) else ""
    hit = [p for p, acted in fates(kind, conn, DOWN) if acted]
    return f"acts on {len(hit)} packets" if hit or conn.made else ""


def judge_schedule(kind, conns):
    """Off for 700 ms from the first connection's first packet on. The second one begins behind that."""
    first, second = conns
    window = "after=700ms"
    if kind in HANDSHAKE:
        return judge_none(kind, first) or judge_window(kind, "", second)
    return judge_window(kind, window, first) or judge_window(kind, "", second)


def capture(g, host):
    file = f"{host}.pcap"
    if os.path.exists(file):
        os.unlink(file)
    p = g.start(host, "dumpcap", "-q", "-i", "eth0", "-P", "-w", file, stderr=subprocess.DEVNULL)
    await_true(lambda: os.path.exists(file) and os.path.getsize(file), f"{host} captures")
    return p


def play(g, cells):
    """{cell: its connections}"""
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write("seed: 1\nproxies:\n" + "\n".join(line for n, c in enumerate(cells) for line in c.config(n)) + "\n")
    first, last = min(c.port for c in cells), max(c.port for c in cells) + 1
    server = g.start("server", PYTHON, "-c", SERVE, str(first), str(last + 1 - first), stdout=subprocess.PIPE)
    server.stdout.readline()
    wedge = g.wedge("--config", "config.yaml", mode=())
    captures = [capture(g, host) for host in ("client", "server")]
    asked = [a for i in range(10) for c in cells for a in c.asked[i:i + 1]]
    plan = [(GAP * i, *a) for i, a in enumerate(asked)]
    plan += [(max(1, GAP * len(asked)) + GAP * i, *a) for i, a in enumerate(a for c in cells for a in c.later)]
    g.run("client", PYTHON, "-c", ASK, json.dumps(plan), str(plan[-1][0] + 2.9))
    end = time.time() - 0.2  # what is on its way then may not arrive
    stop(wedge)
    for p in captures:
        stop(p)
    server.kill()
    wires = [read_wire(f"{host}.pcap", (SERVER, SERVER_2)) for host in ("client", "server")]
    conns = collections.defaultdict(list)
    delayed = {a: c.kind in DELAYING for c in cells for a in c.asked}
    for at, near in wires[0].items():
        who = at[0][0], at[1][0], at[1][1]
        if who in delayed: # else it is left from another time
            conns[who].append(Connection(near, wires[1].get(at, []), end, delayed[who]))
    for those in conns.values():
        those.sort(key=lambda c: c.begin)
    return {c: [conn for a in dict.fromkeys(c.asked) for conn in conns[a]] for c in cells}


def refusal(g, cell):
    with open(f"check-{cell.port}.yaml", "w", encoding="utf-8") as f:
        f.write("proxies:\n" + "\n".join(cell.config(0)[:1]) + "\n")
    p = g.run("gateway", *g.program(), "proxy", "--check", f"check-{cell.port}.yaml")
    return "" if p.returncode == 0 else p.stderr.strip().split(": ", 4)[-1]


def inside(g, _user, _flavour):
    listed = json.loads(g.run("gateway", *g.program(), "impairments", "--json").stdout)
    kinds = [k for i in listed if i["plane"] == "packet" for k in (i["name"], *VARIANTS.get(i["name"], ()))]
    g.sh("client", f"ip link set eth0 gso_max_segs 1; ip addr add {CLIENT_2}/24 dev eth0; ip route change default via 192.0.2.1 quickack 1 rto_min 400ms")
    g.sh("server", f"ip link set eth0 gso_max_segs 1; ip addr add {SERVER_2}/24 dev eth0; ip route change default via 198.51.100.1 quickack 1 rto_min 400ms")
    ask = [tuple(x.split(":")) for x in os.environ.get("CELLS", "").split(";") if x]
    cells = [Cell(k, t, PORT + 2 * (i * len(TRIGGERS) + j)) for i, k in enumerate(kinds) for j, t in enumerate(TRIGGERS)
             if not ask or (k, t) in ask]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        refusals = dict(zip(cells, pool.map(lambda c: refusal(g, c), cells)))
    took = [c for c in cells if not refusals[c]]
    began = time.monotonic()
    verdicts = {c: c.judge(conns) for c, conns in play(g, took).items()}
    print("%d cells took %.1f s" % (len(took), time.monotonic() - began))
    again = [c for c in took if verdicts[c]]  # a machine under load may be late: once more
    if again:
        print("once more:", *("%s: %s" % (c.text, verdicts[c]) for c in again), sep="\n  ")
        verdicts.update((c, c.judge(conns)) for c, conns in play(g, again).items())
    for c in cells:
        if verdicts.get(c):
            print("BAD  %s: %s" % (c.text, verdicts[c]))
    table = [[c.kind, c.column, refusals[c] or verdicts[c], c.text, bool(verdicts.get(c))] for c in cells]
    with open("cells.json", "w", encoding="utf-8") as f:
        json.dump(table, f)


def write_table(cells):
    """As docs/triggers.md has it."""
    cell = {(k, t): verdict for k, t, verdict in cells}
    kinds, reasons = list(dict.fromkeys(k for k, _, _ in cells)), list(dict.fromkeys(v for _, _, v in cells if v))
    rows = ["| | %s |" % " | ".join("`%s`" % t for t in TRIGGERS).replace("%d", "81"), "| --- |%s" % (" --- |" * len(TRIGGERS))]
    rows += ["| `%s` | %s |" % (SPELT.get(k, k), " | ".join("refused (%d)" % (1 + reasons.index(cell[k, t])) if cell[k, t] else "acts"
                                                           for t in TRIGGERS)) for k in kinds]
    return "\n".join(rows + [""] + ["%d. %s" % (n + 1, r) for n, r in enumerate(reasons)]) + "\n"


def compare_table(cells):
    doc = os.path.join(os.environ["SOURCE_DIR"], "docs", "triggers.md")
    with open(doc, encoding="utf-8") as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    made = before + BEGIN + write_table(cells) + STOP + rest.split(STOP)[1]
    if "--write" in sys.argv:
        with open(doc, "w", encoding="utf-8") as f:
            f.write(made)
    else:
        check("CELLS" in os.environ or made == text, "the table in docs/triggers.md is this one")


rig = main(inside, "tshark", "dumpcap", users=lambda rig: [rig.ordinary])
if rig:
    with open(glob.glob(rig.path("*/cells.json"))[0], encoding="utf-8") as file:
        seen = json.load(file)
    for _, _, verdict, text, wrong in seen:
        check(not wrong, "%s: %s" % (text, verdict or "acts")) if wrong else None
    compare_table([c[:3] for c in seen])
