#!/usr/bin/env python3
"""Every stream impairment under every trigger, on real sockets: its client sees it everywhere where it should act and nowhere
else, or it is refused with the reason. The table of docs/triggers.md is what this test has seen; --write writes it."""
import concurrent.futures
import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import tempfile
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
          "chaos": "hold=400ms,share=100%", "connection_limit": "limit=1,leak=true",
          "worker_pool": "hung=30ms,service=100ms", "tls_delay": "delay=200ms",
          "tls_half_record": "part=1%"}
OF_ENDS = ("slow_close", "hold_close", "tls_truncate")
OF_TLS = ("tls_stall", "tls_delay", "tls_half_record", "tls_alert") # their lines are handshake messages in records
AT_ACCEPT = ("refuse", "connection_limit")
LASTING = ("cut", "blackhole", "reset", "reset_on_data", "half_close", "tls_alert") # what they have done can't be taken back
# Trigger: the places (lines 0 to 3, the end 4) where it lets the impairment act.
TRIGGERS = {"after=2000B": {2, 3, 4}, "after=600ms": {1, 2, 3, 4}, "after=2 messages,framing=line": {2, 3, 4},
            "for=1000B": {0}, "for=300ms": {0}, "for=1000B,every=2000B": {0, 2, 4}, "for=300ms,every=800ms": {0, 2, 4},
            "framing=line,per=message": {0, 1, 2, 3}, "framing=line,per=message,every=2 messages": {0, 2},
            "framing=line,per=message,for=250ms": {0, 1, 2, 3, 4}, "sni=a.example.org": {0, 1, 2, 3, 4},
            "schedule=off 700ms on 1h": {1, 2, 3, 4}, "only_first=1": {0, 1, 2, 3, 4}, "nth=2": {0, 1, 2, 3, 4},
            "probability=50%": {0, 1, 2, 3, 4}}
# Those at which each impairment has to be seen; at the others the trigger begins or ends within the line, or nothing is to be seen.
MUST = {t: places & set(range(LINES)) for t, places in TRIGGERS.items()}
MUST.update({"after=600ms": {2, 3}, "schedule=off 700ms on 1h": {2, 3}})
MANY = {"only_first=1": lambda acted: acted[0] and not any(acted[1:]), "nth=2": lambda acted: acted == [False, True] * 3,
        "probability=50%": lambda acted: 0 < sum(acted) < len(acted)}


NAME = "a.example.org"
HELLO = client_hello(NAME)
CA = tempfile.TemporaryDirectory()
MESSAGE = bytes([22, 3, 3]) + (LINE - 5).to_bytes(2, "big") + bytes([11]) + (LINE - 9).to_bytes(3, "big") # and its header's record
HUNG = 6 # sessions


class Watched:
    """What a client saw: when the first byte, the last of the first half and the last of each line came, other bytes, the end."""

    def __init__(self, records):
        self.letters, self.known = (LINE - len(MESSAGE), MESSAGE) if records else (LINE - 1, b"\n")
        self.half = LINE // 2 - (len(MESSAGE) if records else 0)
        self.count, self.first, self.middle, self.last = [0] * LINES, {}, {}, {}
        self.odd, self.end, self.line = set(), None, 0

    def feed(self, data, now):
        for byte in data:
            i = byte - ord("a")
            if 0 <= i < LINES:
                self.line = i
                self.count[i] += 1
                self.first.setdefault(i, now)
                self.last[i] = now
                if self.count[i] == self.half:
                    self.middle[i] = now
            elif byte not in self.known:
                self.odd.add(self.line + (self.count[self.line] >= self.letters))

    def places(self, sent):
        got = set(self.odd)
        for i in range(LINES):
            late = self.count[i] and max(self.first[i] - sent[i][0], self.middle.get(i, 0) - sent[i][0], self.last[i] - sent[i][1]) > LATE
            if self.count[i] != self.letters or late:
                got.add(i)
        if not self.end or self.end[0] != "FIN" or END not in sent or self.end[1] - sent[END] > LATE:
            got.add(END)
        return got


def begin_session(kind, proxy, server):
    try:
        c = connect(proxy.port)
        server.settimeout(1)
        if kind == "tls_truncate":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0x80) # some builds of Python set it
            c = context.wrap_socket(c, server_hostname=NAME, suppress_ragged_eofs=False)
            c.setblocking(False)
        else:
            c.sendall(HELLO)
        return c, accept(server)
    except OSError:
        return None


def halves(kind, i):
    letters = bytes([ord("a") + min(i, LINES - 1)]) * LINE
    line = MESSAGE + letters[len(MESSAGE):] if kind in OF_TLS else letters[1:] + b"\n"
    return line[:LINE // 2], line[LINE // 2:]


def play_requests(pair, hung):
    """The requests that come to their server late."""
    c, s = pair
    late = set()
    begin = time.monotonic()
    s.recv(len(HELLO), socket.MSG_WAITALL)
    s.sendall(b"!")
    c.recv(1)
    for i in range(LINES):
        began = time.monotonic()
        if began - begin > 2 * PERIOD: # counted from its next byte on, where its first came too early
            for h in hung:
                h[0].sendall(b"?")
            hung = []
            time.sleep(0.1)
            began = time.monotonic()
        c.sendall(b"?")
        s.recv(1)
        if time.monotonic() - began > LATE:
            late.add(i)
        s.sendall(b"!")
        c.recv(1)
        time.sleep(max(0, began + PERIOD - time.monotonic()))
    return late


def play(kind, pair, hung=()):
    """The places at which a session differs from a plain one."""
    if kind == "worker_pool":
        return play_requests(pair, hung)
    seen, sent = Watched(kind in OF_TLS), {}
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
            try:
                if i == END:
                    sent[END] = now
                    s.shutdown(socket.SHUT_WR)
                else:
                    sent[i] = (sent.get(i, (now,))[0], now)
                    s.sendall(halves(kind, i)[h])
            except OSError:
                pass
            continue
        if select.select([] if seen.end else [c], [], [], max(0, min(plan[0][0] if plan else until, until) - now))[0]:
            try:
                data = c.recv(65536)
            except ssl.SSLWantReadError:
                continue
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
    if kind in OF_TLS:
        trigger = trigger.replace("framing=line", "framing=tls-handshake")
    words = [w for w in (PARAMS.get(kind), *re.split(r",(?=\w+=)", trigger)) if w]
    return "%s{%s}" % (kind, ",".join(words))


def try_cell(kind, trigger):
    """'acts', or why it doesn't; or the refusal."""
    impairment, want, must = spell(kind, trigger), set(TRIGGERS[trigger]), set(MUST[trigger])
    if kind in OF_ENDS and trigger.startswith("for="): # a window that has the end in it
        impairment = spell(kind, trigger.replace("for=", "after=3000B,for=").replace("1000B", "2000B").replace("300ms", "800ms"))
        want = {END}
    elif kind in OF_ENDS and trigger.endswith("for=250ms"):
        impairment, want = spell(kind, trigger.replace("250ms", "forever")), {END}
    if kind in OF_ENDS:
        must = {END}
    server = listener()
    tls = ("--tls", "terminate", "--tls-ca", CA.name + "/ca") if kind == "tls_truncate" else ()
    try:
        with Proxy("127.0.0.1:%d" % server.getsockname()[1], *tls, "--impair", impairment) as proxy:
            hung = [begin_session(kind, proxy, server) for _ in range(HUNG if kind == "worker_pool" else 0)]
            if hung:
                time.sleep(0.1)
            pairs = [begin_session(kind, proxy, server) for _ in range(6 if trigger in MANY else 1)]
            with concurrent.futures.ThreadPoolExecutor(6) as players:
                got = list(players.map(play, [kind] * 6, pairs, [hung] * 6))
            if kind in AT_ACCEPT and trigger.startswith("schedule"): # the first came while it was off
                got = [play(kind, begin_session(kind, proxy, server))] if got == [set()] else [set()]
    except SystemExit as refusal:
        return "refused: " + str(refusal).split(kind + ": ", 1)[-1].strip()
    server.close()
    if trigger in MANY:
        return "acts" if MANY[trigger]([bool(g) for g in got]) else "wrong: %s" % got
    if kind == "filler" and "300ms" in trigger: # its bytes may come in the pause behind a line
        want |= {i + 1 for i in want}
    if got[0] == {0, END} and (kind in AT_ACCEPT or kind in LASTING and 0 in must): # there was no session
        return "acts"
    if kind in LASTING:
        want |= set(range(min(want), END + 1))
        must |= set(range(min(must), LINES))
    return "acts" if must <= got[0] <= want else "wrong: at %s, not %s" % (sorted(got[0]), sorted(want))


def main():
    listed = json.loads(subprocess.run([WEDGE, "impairments", "--json"], capture_output=True, text=True, check=True).stdout)
    kinds = [i["name"] for i in listed if i["plane"] == "stream"]
    try_cell("tls_truncate", "sni=a.example.org") # makes the CA
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
