#!/usr/bin/env python3
"""F07, refereed by tshark: a dead server's silence, a sender that backs off, one RST for each connection that the
rebooted server has never heard of, SYNs that it refuses until its mail service is there, keep-alive that learns and idle
connections that don't; all of it mail."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import ACK, RST, SYN, check, reproduce  # noqa: E402

DOWN = 5.0  # with --quick
HOSTS = {"busy": "client", "kept": "gateway", "probed": "monitor", "forgotten": "scanner", "newcomers": "branches"}
PORT = 25


def connections_of(played, phase, who):
    return played.connections(phase, "client", PORT, host=HOSTS[who])


def silence(played, phase):
    times = sorted(p.time for c in played.connections(phase, "client", PORT) for p in c.down)
    longest, begin = max((b - a, a) for a, b in zip(times, times[1:]))
    check(DOWN - 0.1 < longest < DOWN + 1.5, f"{phase}: nobody hears the server for {longest:.2f} s")
    return begin, begin + longest


def sender_backs_off(played):
    first = connections_of(played, "impaired", "busy")[0]
    last = [p for p in first.up if p.len][-1]
    times = [p.time for p in first.up if p.seq == last.seq and p.len]
    gaps = [b - a for a, b in zip(times, times[1:])]
    ratios = [b / a for a, b in zip(gaps, gaps[1:])]
    check(len(ratios) >= 3 and all(1.8 <= r <= 2.2 for r in ratios),
          f"each wait twice the one before: {[round(g, 2) for g in gaps]} s")
    check(0.19 <= gaps[0] <= 0.3, f"the first one is Linux's own: {gaps[0] * 1e3:.0f} ms")


def stale_connection_gets_one_rst(c, what):
    resets = [p for p in c.down if p.flags & RST]
    check(len(resets) == 1 and resets[0].flags == RST, f"{what}: one RST, without ACK")
    before = [p for p in c.up if p.time <= resets[0].time][-1]
    check(resets[0].seq == before.ack and resets[0].time - before.time < 0.005,
          f"{what}: with the segment's acknowledgement, {(resets[0].time - before.time) * 1e3:.3f} ms after it")


def idle_ones(played, begin, end):
    for c in connections_of(played, "impaired", "probed"):
        probes = [p for p in c.up if begin < p.time < end and not p.len]
        check(len(probes) == 4 and probes[3].flags & RST and
              all(0.9 < b.time - a.time < 1.2 for a, b in zip(probes, probes[1:])),
              "probed: three probes a second apart, then the client's kernel gives up")
    for c in connections_of(played, "impaired", "forgotten"):
        check(not [p for p in c.all if begin - 0.5 < p.time < end], "forgotten: nothing is sent, nothing is learnt")


def newcomers(played, begin, end):
    """end: when the server's kernel is there again."""
    waiting = [c for c in connections_of(played, "impaired", "newcomers") if begin < c.all[0].time < end - 1]
    syns = [[p for p in c.up if p.flags == SYN] for c in waiting]
    check(len(waiting) > 10 and all(len(s) >= 2 and len({p.seq for p in s}) == 1 for s in syns),
          f"{len(waiting)} newcomers send their SYNs again, {max(map(len, syns))} times at most")
    refused = [c for c in waiting if [p.flags for p in c.down] == [RST | ACK]]
    accepted = [c for c in waiting if c.has_handshake() and b"250 2.0.0" in c.response()]
    check(len(refused) + len(accepted) == len(waiting) and refused and accepted,
          f"{len(refused)} find no mail service yet and are refused, {len(accepted)} hand their message over")
    booted = min(c.down[0].time for c in accepted)
    check(all(end - 0.1 < c.down[0].time < booted for c in refused) and booted - end < 0.6,
          f"refused in the {(booted - end) * 1e3:.0f} ms in which it boots")


def all_is_mail(played):
    for who, host in HOSTS.items():
        said = [c.response()[:4] for c in connections_of(played, "impaired", who) if c.has_handshake() and c.response()]
        check(said and set(said) == {b"220 "}, f"{who}, on {host}: {len(said)} connections are greeted by a mail server")


def dead_to_the_last_packet(played, phase, begin):
    """What was open when it died is unknown to the rebooted server: an RST at most is what it says about it."""
    said = {}
    for c in played.connections(phase, "client", PORT):
        for p in c.down if c.down and c.down[0].time <= begin else []:
            if p.time > begin:
                said[p.flags] = said.get(p.flags, 0) + 1
    check(set(said) <= {RST} and said, f"{phase}: of its old connections the server says, by flags: {said}")


played = reproduce("server-crash-reboot", without=("impaired",))
silence(played, "mitigated")
begin, end = silence(played, "impaired")
sender_backs_off(played)
stale_connection_gets_one_rst(connections_of(played, "impaired", "busy")[0], "busy")
kept = connections_of(played, "impaired", "kept")
check(len(kept) == 5, "five connections were kept")
for c in kept:
    stale_connection_gets_one_rst(c, "kept")
idle_ones(played, begin, end)
dead_to_the_last_packet(played, "impaired", begin)
newcomers(played, begin, end)
all_is_mail(played)
redundant = sorted(p.time for c in played.connections("impaired", "client", 587) for p in c.down)
check(max(b - a for a, b in zip(redundant, redundant[1:])) < 1, "the redundant server was never away")
