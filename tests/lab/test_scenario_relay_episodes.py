#!/usr/bin/env python3
"""F10, refereed by tshark: calls are answered, and their relay isn't, from a random moment until a reboot, all of them, and
none besides; one seed makes the same gaps again; who dials again does so when they please."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import ACK, RST, SYN, Played, check, reproduce, rig, side_by_side  # noqa: E402
from sip_rig import calls, dissected, packets, tshark  # noqa: E402

EPISODES = 8
LEAST = 3.0  # seconds, as the steps wait
TIMER = 0.3
MOMENT = 0.05
RELAY = 3478


def refused(c):
    return len(c.down) == 1 and c.down[0].flags == RST | ACK and c.down[0].ack == c.up[0].seq + 1 & 0xffffffff


def runs(played):
    """Runs of requests to the relay that are heard and not answered, each as its first and last SYN, up to the reset: the first SYN
    that nothing hears, or that an RST answers. Of two that ask when a run begins, the later one may be heard first."""
    found, run = [], None
    for c in played.connections("impaired", "client", RELAY):
        at = c.all[0].time
        if not c.down or refused(c):
            found += [run] if run else []
            run = None
        elif not c.response():
            run = [run[0] if run else at, at]
        elif run:
            check(at - run[0] < MOMENT, f"nobody is answered {at - run[0]:.3f} s after a run of unanswered calls has begun")
            run = None
    return found


def gaps(played):
    steps = next(p for p in played.result["phases"] if p["name"] == "impaired")["steps"]
    healthy = [s["at"] for s in steps if s["step"] == "section healthy"]
    episode = [s["at"] for s in steps if s["step"] == "section episode"]
    return [b - a for a, b in zip(healthy, episode)]


played, other = side_by_side(lambda: reproduce("relay-episodes", "--seed", "7", without=("impaired",)),
                             lambda: Played(rig.ordinary, "relay-episodes", "--quick", "--phase", "impaired", "--seed", "9"))
episodes = runs(played)
check(len(episodes) == EPISODES, f"{len(episodes)} runs of unanswered calls")
check(all(b - a >= LEAST for a, b in episodes), f"each lasts until it is reset: {episodes}")
dissected(played, "baseline", "impaired", "mitigated")
# A reboot leaves its trace: SYNs without an answer, then RSTs to SYNs, from both servers.
found = played.connections("impaired", "client", RELAY)
unheard = [c for c in found if not c.down and c.up[0].flags == SYN]
turned_away = [c for c in found if refused(c)]
check(len(turned_away) >= EPISODES and len(unheard) >= EPISODES, f"{len(unheard)} SYNs are not heard, {len(turned_away)} refused")
made = calls(packets(played, "impaired", "client"))
strange = [c.order for c in made if c.order[:5] != ["INVITE", "100", "180", "200", "ACK"]]
check(len(strange) <= 3, f"{len(made)} calls ring and are answered, but {strange} at the end")
hung = [c.at("BYE") - c.at("ACK") for c in made if c.at("BYE") and c.at("BYE") - c.at("ACK") > 0.9 * TIMER]
check(len(hung) > 8 * EPISODES and max(hung) < 2 * TIMER, f"{len(hung)} hang for the caller's {TIMER} s, {max(hung):.3f} s at most")
sent = tshark(played.capture("impaired", "client"), 'sip.Method == "MESSAGE"', "frame.number")
answered = tshark(played.capture("impaired", "client"), 'sip.CSeq.method == "MESSAGE" && sip.Status-Code == 200', "frame.number")
check(len(answered) >= len(sent) - 3 > 100, f"{len(sent)} messages, {len(answered)} answered: reboots don't touch the front end")
# Who has failed dials again after a time of their own, not by a beat.
pauses = sorted(b.at("INVITE") - a.at("BYE") for stream in {c.all[0].stream for c in made}
                for a, b in zip([c for c in made if c.all[0].stream == stream], [c for c in made if c.all[0].stream == stream][1:])
                if a.at("BYE"))
spread = pauses[len(pauses) * 9 // 10] / pauses[len(pauses) // 10]
check(len(pauses) > 50 and spread > 2, f"the pauses before {len(pauses)} redials spread by {spread:.1f}: {pauses[0]:.3f} to {pauses[-1]:.3f} s")
lengths = [round(b - a, 2) for a, b in episodes]
check(len(set(lengths)) > 2, f"no two episodes are alike: {lengths}")
pairs = list(zip(gaps(played), gaps(played.twin)))
check(len(pairs) == EPISODES and all(abs(a - b) < 3 * TIMER for a, b in pairs), f"one seed, the same gaps: {pairs}")
check(any(abs(a - b) > 3 * TIMER for a, b in zip(gaps(played), gaps(other))), "another seed, others")
