#!/usr/bin/env python3
"""F07, refereed by tshark: a dead server's silence, a sender that backs off, one RST for each connection that the
rebooted server has never heard of, keep-alive that learns and idle connections that don't."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import ACK, RST, SYN, check, reproduce  # noqa: E402

DOWN = 5.0  # with --quick
PORTS = {"busy": 25, "kept": 26, "probed": 27, "forgotten": 28, "newcomers": 29}


def silence(played, phase):
    times = sorted(p.time for port in PORTS.values()
                   for c in played.connections(phase, "client", port) for p in c.down)
    longest, begin = max((b - a, a) for a, b in zip(times, times[1:]))
    check(DOWN - 0.1 < longest < DOWN + 1.5, f"{phase}: nobody hears the server for {longest:.2f} s")
    return begin, begin + longest


def sender_backs_off(played):
    first = played.connections("impaired", "client", PORTS["busy"])[0]
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
    for c in played.connections("impaired", "client", PORTS["probed"]):
        probes = [p for p in c.up if begin < p.time < end and not p.len]
        check(len(probes) == 4 and probes[3].flags & RST and
              all(0.9 < b.time - a.time < 1.2 for a, b in zip(probes, probes[1:])),
              "probed: three probes a second apart, then the client's kernel gives up")
    for c in played.connections("impaired", "client", PORTS["forgotten"]):
        check(not [p for p in c.all if begin - 0.5 < p.time < end], "forgotten: nothing is sent, nothing is learnt")


def newcomers(played, begin, end):
    waiting = [c for c in played.connections("impaired", "client", PORTS["newcomers"])
               if begin < c.all[0].time < end]
    check(len(waiting) == 1, "one newcomer waits at a time")
    syns = [p for p in waiting[0].up if p.flags == SYN]
    answers = [p for p in waiting[0].down if p.flags == SYN | ACK]
    check(len(syns) >= 4 and len({p.seq for p in syns}) == 1, f"its SYN is sent {len(syns)} times")
    check(len(answers) == 1 and syns[-1].time > end - 1.5, "and accepted when the server is back")


def dead_to_the_last_packet(played, phase, begin):
    """What was open when it died is unknown to the rebooted server: an RST at most is what it says about it."""
    said = {}
    for port in PORTS.values():
        for c in played.connections(phase, "client", port):
            for p in c.down if c.down and c.down[0].time <= begin else []:
                if p.time > begin:
                    said[p.flags] = said.get(p.flags, 0) + 1
    check(set(said) <= {RST} and said, f"{phase}: of its old connections the server says, by flags: {said}")


played = reproduce("server-crash-reboot", without=("impaired",))
silence(played, "mitigated")
begin, end = silence(played, "impaired")
sender_backs_off(played)
stale_connection_gets_one_rst(played.connections("impaired", "client", PORTS["busy"])[0], "busy")
kept = played.connections("impaired", "client", PORTS["kept"])
check(len(kept) == 5, "five connections were kept")
for c in kept:
    stale_connection_gets_one_rst(c, "kept")
idle_ones(played, begin, end)
dead_to_the_last_packet(played, "impaired", begin)
newcomers(played, begin, end)
redundant = sorted(p.time for c in played.connections("impaired", "client", 2525) for p in c.down)
check(max(b - a for a, b in zip(redundant, redundant[1:])) < 1, "the redundant server was never away")
