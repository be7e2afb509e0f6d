#!/usr/bin/env python3
"""freeze, refereed by tshark: in a pause the frozen host sends nothing on any connection, of any traffic, and what was asked
meanwhile is acknowledged and answered in one burst behind it; nothing is lost. And process_freeze, whose kernel lives."""
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import environment  # noqa: E402
from imp_lab import Lab, check, from_client, from_server, packets  # noqa: E402
from noise import unspoilt  # noqa: E402
from tshark_counts import find_bad_checksums  # noqa: E402

RUN, PAUSE, SLACK, SPREAD = 0.03, 0.03, 0.010, 0.005
SCENARIO = """
name: freeze
title: freeze
source: this test
story: Four connections exchange all the time, and their host is frozen half of it.
lab: {{intercept: {mode}, quickack: on, rto_min: 400ms, tail_loss_probe: off}}
server: {{app: rpc}}
client: {{app: rpc, connections: 4, exchanges: 1200, think: 2ms}}
siblings: {{}}
phases:
  baseline: []
  impaired: [{impairment}]
expect:
  - baseline.client_app.completed == 1200
  - impaired.client_app.completed == 1200
"""
lab = Lab()


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(p * len(values)))]


def gaps(times):
    """(begin, end) of each silence that is as long as a pause, nearly."""
    return [(a, b) for a, b in zip(times, times[1:]) if b - a >= 0.9 * PAUSE]


def flows(sent):
    """{stream: times of its packets}, and all times, of what was sent after the handshakes."""
    streams, everything = {}, []
    for p in sent:
        if not p.syn:
            streams.setdefault(p.stream, []).append(p.time)
            everything.append(p.time)
    return streams, everything


def judge_pauses(host, peer, who):
    """Yields (is it so?, what). host and peer: what the frozen host and its peers send."""
    streams, everything = flows(host)
    pauses = gaps(everything)[:-1]  # behind the last one nothing may be left to say
    seconds = everything[-1] - everything[0]
    yield (len(pauses) >= 0.8 * seconds / (RUN + PAUSE), who + f"{len(pauses)} pauses in {seconds:.2f} s")
    lengths = [b - a for a, b in pauses]
    yield (percentile(lengths, 0.9) < PAUSE + SLACK, who + f"nothing for {min(lengths):.4f} to {max(lengths):.4f} s")
    last = {s: [max((t for t in times if t <= a), default=None) for a, _ in pauses] for s, times in streams.items()}
    onsets = [[t[i] for t in last.values() if t[i] is not None] for i in range(len(pauses))]
    spread = [max(o) - min(o) for o in onsets if len(o) == 4]
    yield (len(streams) == 4 and len(spread) >= 0.9 * len(pauses) and percentile(spread, 0.9) <= SPREAD,
          who + f"all four stop within {1e3 * percentile(spread, 0.9):.1f} ms")
    asked = [p.time for p in peer if p.len]
    waiting = sum(any(a < t < b for t in asked) for a, b in pauses)
    yield (waiting >= 0.5 * len(pauses), who + f"in {waiting} of the pauses somebody asks and isn't answered")
    burst = [sum(b <= t < b + 0.005 for t in everything) for _, b in pauses]
    yield (percentile(burst, 0.1) >= 4, who + f"at least {percentile(burst, 0.1)} packets in the 5 ms behind a pause")


def ack_rtt(host):
    """Of what the frozen host acknowledges: its peers' requests."""
    return [float(p.row["tcp.analysis.ack_rtt"]) for p in host if p.row["tcp.analysis.ack_rtt"]]


def is_trouble(p):
    return p.rst or any(p.row[f"tcp.analysis.{what}"] for what in ("retransmission", "lost_segment"))


def played(user, mode, impairment, name, judge):
    """Runs the scenario; checks what judge yields of its two captures. Others' work on this machine spoils milliseconds:
    then it is run again."""
    with open(lab.path("freeze.yaml"), "w", encoding="utf-8") as f:
        f.write(SCENARIO.format(mode=mode, impairment=impairment))

    def play():
        result, status, folder = lab.scenario(user, lab.path("freeze.yaml"), out=f"{name}-{user}-{mode}")
        said = [(status == 0, f"{name}, {user}, {mode}: {result['verdict']}; {result['why']}")]
        return said + list(judge(*[os.path.join(folder, f"impaired-{leg}.pcapng") for leg in ("client", "server")]))

    for ok, what in unspoilt(play, lambda said: all(ok for ok, _ in said)):
        check(ok, what)


def frozen_server(user, mode):
    who = f"{user}, {mode}: "

    def judge(client, _):
        yield from judge_pauses(from_server(client), from_client(client), who)
        rtt = ack_rtt(from_server(client))
        half, most = percentile(rtt, 0.5), percentile(rtt, 0.99)
        yield (PAUSE <= most <= PAUSE + SLACK, who + f"requests are acknowledged after {1e3 * half:.2f} ms, p99 {1e3 * most:.2f} ms")
        again = sum(map(is_trouble, packets(client)))
        yield (again == 0 and not find_bad_checksums(client), who + f"{again} packets sent again, lost or reset")

    played(user, mode, "{freeze: {run: 30ms, pause: 30ms}}", "freeze", judge)


def frozen_client(user, mode):
    def judge(_, server):
        streams, everything = flows(from_client(server))
        n = len(gaps(everything))
        yield (len(streams) == 4 and n >= 10, f"{user}, {mode}, the client: {n} pauses of four connections")

    played(user, mode, "{freeze: {run: 30ms, pause: 30ms, side: client}}", "client", judge)


def live_kernel(user):
    def judge(client, _):
        rtt = percentile(ack_rtt(from_server(client)), 0.99)
        yield (rtt < PAUSE / 2, f"{user}: process_freeze acknowledges, p99 {1e3 * rtt:.2f} ms")

    played(user, "explicit", "{process_freeze: {run: 30ms, pause: 30ms}}", "process", judge)


# Eight connections of a wrapped program: when each of them got an answer.
PLAY = """
import os, socket, sys, threading, time
def play(i):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        s.sendall(b"x" * 100)
        got = 0
        while got < 100:
            got += len(s.recv(100 - got))
        os.write(1, b"%d %.6f\\n" % (i, time.monotonic()))
        time.sleep(0.001)
all = [threading.Thread(target=play, args=(i,)) for i in range(8)]
for t in all: t.start()
for t in all: t.join()
"""


def echo_server():
    server = socket.create_server(("127.0.0.1", 0))

    def serve(c):
        with c:
            while data := c.recv(65536):
                c.sendall(data)

    def accept():
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def wrapped(user):
    port = echo_server()

    def play():
        p = subprocess.run(lab.words(user, "exec", "--impair", "freeze{run=60ms,pause=60ms}", "--", "python3", "-c", PLAY,
                                     str(port)), capture_output=True, text=True, timeout=60, cwd=lab.folder,
                           env=environment(), stdin=subprocess.DEVNULL, check=False)
        times = {}
        for line in p.stdout.splitlines():
            times.setdefault(line.split()[0], []).append(float(line.split()[1]))
        silences = [sum(b - a >= 0.055 for a, b in zip(t, t[1:])) for t in times.values()]
        return p, len(times), silences

    p, n, silences = unspoilt(play, lambda played: min(played[2], default=0) >= 9)
    if p.returncode == 125:
        print(f"exec can't work here: {p.stderr.strip()}")
        return
    check(p.returncode == 0 and n == 8 and min(silences) >= 9 and max(silences) <= 13,
          f"{user}, exec: pauses of each of {n} connections: {silences} {p.stderr.strip()}")


for who_runs, intercept in lab.each():
    frozen_server(who_runs, intercept)
frozen_server(lab.ordinary, "transparent")
frozen_client(lab.ordinary, "explicit")
live_kernel(lab.ordinary)
wrapped(lab.ordinary)
