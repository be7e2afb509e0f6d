#!/usr/bin/env python3
"""F10, refereed by tshark: calls to the relay go unanswered from a random moment until a reset, all of them, and none
besides; one seed makes the same gaps again."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import ACK, RST, Played, check, linted, rig, side_by_side  # noqa: E402

EPISODES = 8
LEAST = 1.0  # seconds, as the steps wait
TIMER = 0.1


def runs(played):
    """Runs of unanswered calls, each as its first and last SYN; the time of its reset follows from the steps."""
    found, before = [], True
    for c in played.connections("impaired", "client", 443):
        answered, at = bool(c.response()), c.all[0].time
        if not answered and before:
            found.append([at, at])
        elif not answered:
            found[-1][1] = at
        before = answered
    return found


def gaps(played):
    steps = next(p for p in played.result["phases"] if p["name"] == "impaired")["steps"]
    healthy = [s["at"] for s in steps if s["step"] == "section healthy"]
    episode = [s["at"] for s in steps if s["step"] == "section episode"]
    return [b - a for a, b in zip(healthy, episode)]


def impaired(seed, *args, user=rig.ordinary):
    return lambda: Played(user, "relay-episodes", "--quick", "--phase", "impaired", "--seed", seed, *args)


def told_by_rst(played):
    """Connections of messages that end by the RST of a host that doesn't know them."""
    return sum(any(p.flags & (RST | ACK) == RST for p in c.down) for c in played.connections("impaired", "client", 5062))


# Five plays would take five minutes one after another; they wait most of the time.
played, again, other, *_ = side_by_side(
    lambda: linted(Played(rig.ordinary, "relay-episodes", "--quick", "--seed", "7")), impaired("7"),
    impaired("8", "--set", "im.server.service=15ms"),  # of the reboots every second one meets a message under way
    lambda: Played(rig.ordinary, "relay-episodes", "--quick", "--phase", "impaired", "--set", "impaired=none",
                   status=1),  # not reproduced
    *[impaired("7", user=user) for user in rig.users if user != rig.ordinary])
episodes = runs(played)
# Two may become one where the next begins before a call has gone through.
check(EPISODES - 2 <= len(episodes) <= EPISODES, f"{len(episodes)} runs of unanswered calls")
check(all(b - a >= LEAST for a, b in episodes), "each lasts until it is reset")
# A reboot leaves its trace: messages that had a connection before it hear an RST, and go on on another one.
messages = played.connections("impaired", "client", 5062)
check(len(messages) >= EPISODES, f"{len(messages)} connections of messages")
for p in (played, other):
    check(told_by_rst(p) == EPISODES, f"{told_by_rst(p)} of them hear of the reboot, one each time")
refused = [c for port in (443, 5062) for c in played.connections("impaired", "client", port)
           if any(p.flags == RST | ACK and p.ack == c.up[0].seq + 1 & 0xffffffff for p in c.down) and len(c.down) == 1]
check(len(refused) >= EPISODES, f"{len(refused)} SYNs are refused while the server isn't up again")
lengths = [round(b - a, 2) for a, b in episodes]
check(len(set(lengths)) > 2, f"no two episodes are alike: {lengths}")
pairs = list(zip(gaps(played), gaps(again)))
check(len(pairs) == EPISODES and all(abs(a - b) < 3 * TIMER for a, b in pairs), f"one seed, the same gaps: {pairs}")
check(any(abs(a - b) > 3 * TIMER for a, b in zip(gaps(played), gaps(other))), "another seed, others")
