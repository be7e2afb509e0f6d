#!/usr/bin/env python3
"""What wedge does to a connection in its middle or at its end, its analysis names, on both legs: silence, closed and tiny windows,
death, cuts, resets and closes that are late or never come. Where the capture can't show it, nothing is claimed; nor by worse
captures of the same traffic."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from diagnosis_rig import check, near, play_both  # noqa: E402

IDLE = {"client-think", "idle-or-stalled"}  # nobody's time is lost
RESENT = {"rto", "rto-tail", "rto-double"}
PAGE = """
s = connect(15)
get(s, 300000)
"""
ROUNDS = """
s = connect(9)
for i in range(8):
    ask(s, 20000)
    time.sleep(0.05)
"""
ONE = """
s = connect(9)
ask(s, 300)
"""
THEN_LARGE = """
s = connect(3)
ask(s, 300)
ask(s, 20000)
"""
BULK = """
s = connect(9)
for i in range(2):
    ask(s, 60000)
"""
# The client ends, and waits for the server's end.
LEAVE = """
s = connect(9)
ask(s, 300)
s.shutdown(socket.SHUT_WR)
s.settimeout(12)
s.recv(1)
"""


def has(d, cause, seconds=None, label=""):
    """The cause is named, with that time (median) and a label that has these words."""
    x = d.causes.get(cause)
    return bool(x and (seconds is None or near(x[1], seconds, 0.05)) and label in x[3])


def expect(label, played, client, server, mode="explicit"):
    """client, server: what is to be found on that leg: cause, (seconds, words of the label); None: nothing is lost there. A
    set holds causes that are named beside."""
    def fits(want, d):
        if want is None:
            return not d.lost
        cause, seconds, words, beside = want
        return has(d, cause, seconds, words) and set(d.lost) <= {cause} | beside

    both = play_both(label, *played, mode=mode, good=lambda c, s: fits(client, c) and fits(server, s))
    for leg, want, d in zip(("client", "server"), (client, server), both):
        check(fits(want, d), f"{label}, {mode}, {leg}: {want}: {d}")
    return both


expect("stall", ("stall", "after: 100KB, for: 6s", PAGE), ("midstream-silence", 6.0, "", set()), ("zero-window", 6.0, "", set()))
expect("closed", ("zero_window", "after: 200ms, for: 1500ms", ROUNDS), ("server-think", 1.5, "probes a window", set()),
       ("zero-window", 1.5, "", set()), "forward")
expect("unscaled", ("window_unscaled", "direction: downstream", "s = connect(9)\nask(s, 4000)\n"),
       ("server-pause", None, "without its scale", set()), ("window-limited", None, "smaller than a segment", set()), "forward")
expect("vanish", ("vanish", "after: 150ms", ROUNDS.replace("9", "4")), ("path-dead", None, "", RESENT), None)
expect("mtu", ("mtu_blackhole", "mtu: 1200B", THEN_LARGE), ("server-think", None, "", set()), ("rto-double", None, "", RESENT |
       {"server-think", "path-dead"}), "forward")
expect("queue", ("accept_queue_full", "after_retries: 1", ONE), ("rto-double", None, "accept queue", RESENT), None)
expect("hold", ("hold_close", "", LEAVE), ("close-stuck", None, "", set()), None)
expect("swallow", ("fin_swallow", "", LEAVE), ("close-stuck", None, "", set()), None)
expect("late", ("slow_close", "delay: 2s", LEAVE), ("server-think", 2.0, "until it closed", set()), None)
# An even rate makes nobody wait for long: what isn't known isn't told.
expect("rate", ("bandwidth", "rate: 100kB/s", BULK), None, None)
for name, impairment, end in (("cut", ("cut", "after: 100KB, sides: both"), "by FIN"),
                              ("reset", ("reset", "after: 100KB, side: client"), "by RST")):
    d, other = expect(name, (*impairment, PAGE), None, None)
    check(d.findings.get("truncated", (0, 0, ""))[2] == end and len(d.findings) == 1, f"{name}: truncated {end}: {d}")
    check(not other.findings, f"{name}, server: it was read to its end there: {other}")
