#!/usr/bin/env python3
"""Every stream impairment under every trigger, on real sockets: it acts, and only where it should, or is refused with the
reason. The table of docs/triggers.md is what this test has seen; --write writes it."""
import concurrent.futures
import json
import os
import re
import select
import socket
import subprocess
import sys
import time

SOURCE = os.environ["SOURCE_DIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/rig"))
from proxy_rig import WEDGE, Proxy, accept, check, connect, finish, listener
from tls_rig import client_hello

LINES, LINE, PERIOD, HALF, LATE = 4, 1000, 0.4, 0.15, 0.09
END = LINES # the place behind the lines
DOC = os.path.join(SOURCE, "docs/triggers.md")
BEGIN, STOP = "<!-- table: tests/loopback/test_trigger_table.py -->\n", "<!-- end of table -->\n"
PARAMS = {"latency": "delay=200ms", "bandwidth": "rate=4KB/s", "slicer": "size=250,gap=120ms", "stall": "side=write",
          "gather": "bytes=1MB", "filler": "interval=40ms", "slow_close": "delay=300ms", "process_freeze": "run=1ms,pause=10s",
          "chaos": "hold=400ms,share=100%", "connection_limit": "limit=1,leak=true"}
OF_ENDS = ("slow_close", "hold_close")
AT_ACCEPT = ("refuse", "connection_limit")
LASTING = ("cut", "reset", "half_close") # what they have done can't be taken back
ELSEWHERE = ("worker_pool", "tls_stall", "tls_delay", "tls_half_record", "tls_alert", "tls_truncate")
# Trigger: the places (lines 0 to 3, the end 4) where it lets the impairment act.
TRIGGERS = {"after=2000B": {2, 3, 4}, "after=600ms": {1, 2, 3, 4}, "after=2 messages,framing=line": {2, 3, 4},
            "for=1000B": {0}, "for=300ms": {0}, "for=1000B,every=2000B": {0, 2, 4}, "for=300ms,every=800ms": {0, 2, 4},
            "framing=line,per=message": {0, 1, 2, 3}, "framing=line,per=message,every=2 messages": {0, 2},
            "framing=line,per=message,for=250ms": {0, 1, 2, 3, 4}, "sni=a.example.org": {0, 1, 2, 3, 4},
            "schedule=off 700ms on 1h": {1, 2, 3, 4}, "only_first=1": {0, 1, 2, 3, 4}, "nth=2": {0, 1, 2, 3, 4},
            "probability=50%": {0, 1, 2, 3, 4}}
MANY = {"only_first=1": lambda acted: acted[0] and not any(acted[1:]), "nth=2": lambda acted: acted == [False, True] * 3,
        "probability=50%": lambda acted: 0 < sum(acted) < len(acted)}


HELLO = client_hello("a.example.org")


class Watched:
    """What a client saw: when the first and the last byte of each line came, other bytes, the end."""

    def __init__(self):
        self.count, self.first, self.last, self.odd, self.end, self.line = [0] * LINES, {}, {}, set(), None, 0

    def feed(self, data, now):
        for byte in data:
            i = byte - ord("a")
            if 0 <= i < LINES:
                self.line = i
                self.count[i] += 1
                self.first.setdefault(i, now)
                self.last[i] = now
            elif byte != ord("\n"):
                self.odd.add(self.line + (self.count[self.line] >= LINE - 1))

    def places(self, sent):
        got = set(self.odd)
        for i in range(LINES):
            late = self.count[i] and max(self.first[i] - sent[i][0], self.last[i] - sent[i][1]) > LATE
            if self.count[i] != LINE - 1 or late:
                got.add(i)
        if not self.end or self.end[0] != "FIN" or END not in sent or self.end[1] - sent[END] > LATE:
            got.add(END)
        return got


def begin_session(proxy, server):
    try:
        c = connect(proxy.port)
        c.sendall(HELLO)
        server.settimeout(1)
        return c, accept(server)
    except OSError:
        return None


def play(pair):
    """The places at which a session differs from a plain one."""
    seen, sent = Watched(), {}
    if not pair:
        return {0, END}
    c, s = pair
    begin = time.monotonic()
    plan = [(begin + 0.1 + i * PERIOD + h * HALF, i, h) for i in range(LINES) for h in range(2)]
    plan.append((begin + 0.1 + LINES * PERIOD, END, 0))
    until = begin + 0.1 + LINES * PERIOD + 0.7
    while (now := time.monotonic()) < until and not (seen.end and not plan):
        if plan and plan[0][0] <= now:
            _, i, h = plan.pop(0)
            half = bytes([ord("a") + min(i, LINES - 1)]) * (LINE // 2)
            try:
                if i == END:
                    sent[END] = now
                    s.shutdown(socket.SHUT_WR)
                else:
                    sent[i] = (sent.get(i, (now,))[0], now)
                    s.sendall(half[1:] + b"\n" if h else half)
            except OSError:
                pass
            continue
        if select.select([] if seen.end else [c], [], [], max(0, min(plan[0][0] if plan else until, until) - now))[0]:
            try:
                data = c.recv(65536)
            except OSError:
                data = None
            if data:
                seen.feed(data, time.monotonic())
            else:
                seen.end = ("RST" if data is None else "FIN", time.monotonic())
    c.close()
    s.close()
    return seen.places(sent)


def spell(kind, trigger):
    words = [w for w in (PARAMS.get(kind), *re.split(r",(?=\w+=)", trigger)) if w]
    return "%s{%s}" % (kind, ",".join(words))


def try_cell(kind, trigger):
    """'acts', or why it doesn't; or the refusal."""
    impairment, want = spell(kind, trigger), set(TRIGGERS[trigger])
    if kind in OF_ENDS and trigger.startswith("for="): # a window that has the end in it
        impairment = spell(kind, trigger.replace("for=", "after=3000B,for=").replace("1000B", "2000B").replace("300ms", "800ms"))
        want = {END}
    elif kind in OF_ENDS and trigger.endswith("for=250ms"):
        impairment, want = spell(kind, trigger.replace("250ms", "forever")), {END}
    server = listener()
    try:
        with Proxy("127.0.0.1:%d" % server.getsockname()[1], "--impair", impairment) as proxy:
            pairs = [begin_session(proxy, server) for _ in range(6 if trigger in MANY else 1)]
            with concurrent.futures.ThreadPoolExecutor(6) as players:
                got = list(players.map(play, pairs))
            if kind in AT_ACCEPT and trigger.startswith("schedule"): # the first came while it was off
                got = [play(begin_session(proxy, server))] if got == [set()] else [set()]
    except SystemExit as refusal:
        return "refused: " + str(refusal).split(kind + ": ", 1)[-1].strip()
    server.close()
    if kind == "connection_limit" and trigger == "only_first=1": # one is within the limit
        return "wrong: %s" % got if any(got) else "nothing to limit"
    if trigger in MANY:
        return "acts" if MANY[trigger]([bool(g) for g in got]) else "wrong: %s" % got
    if kind == "filler" and "300ms" in trigger: # its bytes may come in the pause behind a line
        want |= {i + 1 for i in want}
    if kind in AT_ACCEPT and got[0]:
        want = got[0]
    if kind in LASTING and want:
        want |= set(range(min(want), END + 1))
    return "acts" if got[0] and got[0] <= want else "wrong: at %s, not %s" % (sorted(got[0]), sorted(want))


def main():
    listed = json.loads(subprocess.run([WEDGE, "impairments", "--json"], capture_output=True, text=True, check=True).stdout)
    kinds = [i["name"] for i in listed if i["plane"] == "stream" and i["name"] not in ELSEWHERE]
    with concurrent.futures.ThreadPoolExecutor(48) as pool:
        cells = {(k, t): pool.submit(try_cell, k, t) for k in kinds for t in TRIGGERS}
        cells = {at: f.result() for at, f in cells.items()}
    for (kind, trigger), cell in cells.items():
        if cell.startswith("wrong"): # a machine under load may be late: once more, alone
            cells[kind, trigger] = cell = try_cell(kind, trigger)
        check("%s, %s" % (kind, trigger), not cell.startswith("wrong"), cell)
    reasons = list(dict.fromkeys(c for c in cells.values() if c.startswith("refused")))
    rows = ["| | %s |" % " | ".join("`%s`" % t for t in TRIGGERS), "| --- |%s" % (" --- |" * len(TRIGGERS))]
    rows += ["| `%s` | %s |" % (k, " | ".join("refused (%d)" % (1 + reasons.index(cells[k, t])) if cells[k, t] in reasons else cells[k, t]
                                            for t in TRIGGERS)) for k in kinds]
    rows += [""] + ["%d. %s" % (n + 1, r.removeprefix("refused: ")) for n, r in enumerate(reasons)]
    with open(DOC) as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    made = before + BEGIN + "\n".join(rows) + "\n" + STOP + rest.split(STOP)[1]
    if "--write" in sys.argv:
        with open(DOC, "w") as f:
            f.write(made)
    else:
        check("the table in docs/triggers.md is this one", made == text)


main()
finish()
