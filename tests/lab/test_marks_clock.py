#!/usr/bin/env python3
"""Hosts that are no Linux of today, behind delayed_ack and freeze: whatever the rate of their timestamps, no packet leaves
wedge with a TSval that its host's clock hadn't reached, none goes back, and once the clock is measured what was held is
in line. Of a host whose SYN is held nothing is known by then: it may be ahead until its clock is measured. IP IDs that a host doesn't count stay as they are. Judged by tshark; the clock is the capture's."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import IN, OUT, SERVER, await_true, main, stop  # noqa: E402
from live_rig import Tcpdump  # noqa: E402
from marks_rig import RST, bad_checksums, id_steps, packets  # noqa: E402
from noise import unspoilt  # noqa: E402
from run_rig import check  # noqa: E402

# Ticks a second, hop limit, IDs: old Windows, today's, Linux of old, one that draws its IDs, Linux' tcp_usec_ts.
HOSTS = ((10, 128, "count"), (100, 128, "count"), (1000, 128, "count"), (250, 64, "count"), (100, 64, "random"),
         (1000000, 64, "zero"))
SECONDS = 4
MEASURED = 1.0  # s after the SYN
GUESS = {64: 1000, 128: 10}  # Hz by hop limit, of a host of which nothing was seen (docs/impairments.md)
PASSED = 0.001  # s, in which wedge passes on what it doesn't hold: one tick
ANSWERS = """
import socket, sys, threading, time
def serve(c):
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for line in c.makefile("rb"):
        for i in range(3):
            c.sendall(b"a" * 100)
            time.sleep(0.008)
s = socket.create_server(("", int(sys.argv[1])))
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
"""


def address(i):
    return f"192.0.2.{50 + i}"


def mac_of(g, host, device):
    return g.sh(host, f"ip -o link show {device}").split("link/ether ")[1].split()[0]


def play(g, port):
    wire = Tcpdump(os.path.join(g.folder, "out.pcap"), OUT, prefix=g.words("gateway", []))
    came = Tcpdump(os.path.join(g.folder, "in.pcap"), IN, prefix=g.words("gateway", []))
    mac = mac_of(g, "gateway", IN)
    hosts = [g.start("client", "/usr/bin/python3", "fake_host.py", "eth0", address(i), mac, SERVER, port, str(hz), str(ttl),
                     ids, str(SECONDS)) for i, (hz, ttl, ids) in enumerate(HOSTS)]
    for h in hosts:
        check(h.wait(30) == 0, "a host has spoken to its end")
    return packets(wire.stop()), packets(came.stop())


def judge(i, out, came):
    """What is wrong of one host's packets, as texts."""
    hz, ttl, ids = HOSTS[i]
    row = [p for p in out if p.host == address(i) and not p.flags & RST]
    before = {(p.seq, p.ack, p.len, p.flags): p.id for p in came if p.host == address(i)}
    bad = []
    ahead = [p.tsval - int(p.time * hz) % 2**32 for p in row]
    ahead = [(a + 2**31) % 2**32 - 2**31 for a in ahead]
    late = sorted(-a / hz for p, a in zip(row, ahead) if p.time > row[0].time + MEASURED)
    if len(row) < 15 or len(late) < 10:
        bad.append(f"only {len(row)} packets")
        return bad, 0
    held = row[0].time - [p.time for p in came if p.host == address(i)][0]
    sure = row[0].time + max(MEASURED, held * GUESS[ttl] / hz) if held > PASSED else 0
    ahead = [a for p, a in zip(row, ahead) if p.time >= sure]
    if max(ahead) > 0:
        bad.append(f"a TSval is {max(ahead)} ticks ahead of its host")
    p90 = late[len(late) * 9 // 10]
    if p90 > 0.010 + 2 / hz:
        bad.append(f"time stamps are {p90 * 1e3:.1f} ms old at p90")
    stamps = [p.tsval for p in row]
    if any((b - a) % 2**32 >= 2**31 for a, b in zip(stamps, stamps[1:])):
        bad.append("a TSval goes back")
    if ids == "count" and set(id_steps(row)) != {1}:
        bad.append(f"IDs have steps of {dict(id_steps(row))}")
    if ids != "count" and any(p.id != before.get((p.seq, p.ack, p.len, p.flags), p.id) for p in row):
        bad.append("an ID was changed")
    if bad_checksums(row):
        bad.append(f"{len(bad_checksums(row))} bad checksums")
    return bad, p90


def behind(g, impairment, port):
    g.start("server", "/usr/bin/python3", "answers.py", port)
    await_true(lambda: port in g.sh("server", "ss -Hltn"), "the server listens")

    def play_and_judge():  # by a wedge that knows nothing of these hosts yet
        wedge = g.wedge("--server", f"{SERVER}:{port}", "--impair", impairment, mode=("--forward",))
        out, came = play(g, port)
        stop(wedge)
        return [judge(i, out, came) for i in range(len(HOSTS))]
    judged = unspoilt(play_and_judge, lambda value: not any(bad for bad, _ in value))
    for (bad, p90), (hz, ttl, ids) in zip(judged, HOSTS):
        check(not bad, f"{impairment}, {hz} Hz, hop limit {ttl}, IDs {ids}: {bad or f'p90 {p90 * 1e3:.1f} ms old'}")


def inside(g, _user, _flavour):
    with open(os.path.join(g.folder, "answers.py"), "w", encoding="utf-8") as f:
        f.write(ANSWERS)
    shutil.copy(os.path.join(os.environ["SOURCE_DIR"], "tests", "rig", "fake_host.py"), g.folder)
    mac = mac_of(g, "client", "eth0")
    for i in range(len(HOSTS)):
        g.sh("gateway", f"ip neigh replace {address(i)} lladdr {mac} dev {IN}")
    behind(g, "delayed_ack{timer=200ms}", "6001")
    behind(g, "freeze{run=70ms,pause=120ms,side=client}", "6002")


main(inside, "tshark", "tcpdump")
