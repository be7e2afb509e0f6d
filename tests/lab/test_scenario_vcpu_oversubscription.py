#!/usr/bin/env python3
"""F04, refereed by tshark: in each pause no packet of the guest is on the wire, on none of its connections and of
neither kind; they begin together on all of them and end in one burst; another host talks all the time. The heartbeat's
beats keep their timer in a pause, and come back together after it."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import check, reproduce  # noqa: E402

# QUIET: it judges milliseconds.
RUN, PAUSE, SLACK = 0.030, 0.030, 0.005
EVERY, BEAT, BURST = 0.007, 128, 0.010
PORTS = {80: "users", 7: "heartbeat", 8081: "files", 8080: "beside"}


def packets(played, phase, leg):
    """[(time, port, stream)] of what servers sent, in order."""
    rows = tshark(played.capture(phase, leg), " || ".join(f"tcp.srcport == {p}" for p in PORTS),
                  "frame.time_epoch", "tcp.srcport", "tcp.stream")
    return [(float(at), int(port), stream) for at, port, stream in rows]


def pauses(sent, least):
    """Silences of the guest as a whole: (last packet before, first one after)."""
    guest = [at for at, port, _ in sent if PORTS[port] != "beside"]
    return [(a, b) for a, b in zip(guest, guest[1:]) if b - a >= least]


def spread(sent, pause):
    """From the first to the last of the guest's busy connections to fall silent, each in its last packet before."""
    last = {}
    for at, port, stream in sent:
        if pause[0] - RUN <= at <= pause[0] and port == 80:
            last[stream] = at
    return max(last.values()) - min(last.values()) if len(last) >= 4 else None


def beats(played, side):
    """[(time, bytes)] of one side of the heartbeat on the client leg."""
    rows = tshark(played.capture("impaired", "client"), f"tcp.{side} == 7 && tcp.len > 0 && echo", "frame.time_epoch", "tcp.len")
    return [(float(at), int(size)) for at, size in rows]


def judge_beats(played, found):
    """Of the pauses on the client leg: which beats came in them, and what came back right after."""
    sent, back = beats(played, "dstport"), beats(played, "srcport")
    gaps = sorted(b - a for (a, _), (b, _) in zip(sent, sent[1:]))
    within = [[at for at, _ in sent if a < at < b] for a, b in found]
    inner = sorted(t - s for times in within for s, t in zip(times, times[1:]))
    check(sum(len(times) >= 3 for times in within) >= 0.8 * len(found),
          f"in {sum(len(times) >= 3 for times in within)} of {len(found)} pauses 3 beats or more are sent")
    for what, of in (("all", gaps), ("in pauses", inner)):
        middle = of[len(of) // 2]
        check(0.85 * EVERY <= middle <= 1.15 * EVERY, f"{what}: median time between beats {middle * 1e3:.1f} ms")
    bursts = sum(sum(size for at, size in back if b <= at <= b + BURST) >= BEAT * len(times)
                 for (_, b), times in zip(found, within) if times)
    check(bursts >= 0.8 * len(found), f"after {bursts} of {len(found)} pauses all of their beats come back within 10 ms")


played = reproduce("vcpu-oversubscription", without=("impaired", "tuned", "more_vcpus"), in_turn=True)
for leg in ("client", "server"):
    sent = packets(played, "impaired", leg)
    found = pauses(sent, PAUSE - SLACK)
    spreads = [s for s in (spread(sent, p) for p in found) if s is not None]
    span = sent[-1][0] - sent[0][0]
    check(0.8 <= len(found) / (span / (RUN + PAUSE)) <= 1.1, f"{leg} leg: {len(found)} pauses in {span:.1f} s")
    check(len(spreads) > 20 and sum(s <= 0.005 for s in spreads) >= 0.9 * len(spreads),
          f"{leg} leg: {sum(s <= 0.005 for s in spreads)} of {len(spreads)} begin within 5 ms on all busy connections")
    lengths = sorted(b - a for a, b in found)
    check(lengths[len(lengths) // 2] <= PAUSE + SLACK, f"{leg} leg: median pause {lengths[len(lengths) // 2] * 1e3:.1f} ms")
    bursts = sum(sum(b <= at <= b + 0.001 and port != 8080 for at, port, _ in sent) >= 3 for _, b in found)
    check(bursts >= 0.8 * len(found), f"{leg} leg: {bursts} of {len(found)} end in a burst of 3 packets in a millisecond")
    if leg == "client":
        judge_beats(played, found)
    beside = [at for at, port, _ in sent if PORTS[port] == "beside"]
    spoke = sum(any(a < at < b for at in beside) for a, b in found)
    check(spoke >= 0.9 * len(found), f"{leg} leg: the host beside speaks in {spoke} of {len(found)} pauses")
    check(not pauses(packets(played, "baseline", leg), PAUSE - SLACK), f"{leg} leg: no pause in the baseline")
