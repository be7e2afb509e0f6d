#!/usr/bin/env python3
"""F12, refereed by tshark: to either node health checks connect and end in good order while no request is answered;
with one node hung every second request still goes to it, unless the check is itself a request. Calls come one by one and
end one by one; a node that is rebooted is silent, then refuses, then serves."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import ACK, RST, SYN, Played, check, fails_without, linted, rig, side_by_side  # noqa: E402

NODES = {"192.0.2.101": "edge1", "192.0.2.102": "edge2"}
FIELDS = ("tcp.stream", "ip.src", "ip.dst", "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin", "tcp.len",
          "frame.time_relative")


class Talk:
    def __init__(self, node):
        self.node, self.asked, self.answered, self.accepted, self.ended, self.at = node, 0, 0, False, False, 0.0

    def is_check(self):
        return self.accepted and self.ended and not self.asked and not self.answered


def talks(played, phase):
    """The connections of the relay's port."""
    found = {}
    for stream, src, dst, syn, ack, fin, length, at in tshark(played.capture(phase, "client"), "tcp.port == 443", *FIELDS):
        upstream = dst in NODES
        talk = found.setdefault(stream, Talk(NODES[dst if upstream else src]))
        if not talk.asked and upstream and int(length):
            talk.at = float(at)
        talk.asked += int(length) if upstream else 0
        talk.answered += 0 if upstream else int(length)
        talk.accepted |= not upstream and syn in ("1", "True") and ack in ("1", "True")
        talk.ended |= upstream and fin in ("1", "True")
    return list(found.values())


def share(calls, node):
    return sum(c.node == node for c in calls) / len(calls)


def flags_of(played, phase, display_filter):
    """[(when, node, flags)]"""
    rows = tshark(played.capture(phase, "client"), display_filter, "frame.time_relative", "ip.src", "tcp.flags")
    return [(float(at), NODES.get(src), int(flags, 0) & 0x3f) for at, src, flags in rows]


def together(times):
    """The most of them within a millisecond."""
    return max(sum(t <= x <= t + 0.001 for x in times) for t in times)


def one_by_one(played, phase):
    """Callers don't dial in the same millisecond, nor do they hang up in it."""
    for what, words in (("begin", "tcp.flags.syn == 1 && tcp.dstport == 443"),
                        ("end", "tcp.flags.fin == 1 && tcp.dstport == 443 && tcp.seq == 701")):
        times = [at for at, *_ in flags_of(played, phase, words)]
        check(len(times) >= 20 and together(times) < 4, f"{phase}: {together(times)} of {len(times)} calls {what} together")


def rebooted(played, phase, nodes):
    """Silence, RSTs to SYNs and to what was open, and only then a byte of an answer on the relay's port."""
    said = flags_of(played, phase, "tcp.srcport == 443 || tcp.srcport == 5062")
    for node in nodes:
        own = [(at, flags) for at, who, flags in said if who == node]
        refused = [at for at, flags in own if flags == RST | ACK]
        silence = refused[0] - max(at for at, flags in own if at < refused[0] and not flags & RST)
        served = min(at for at, flags in own if at > refused[0] and flags == SYN | ACK)
        check(len(refused) >= 3 and silence > 0.3, f"{phase}: {node} is silent for {silence:.2f} s")
        check(refused[-1] < served < refused[0] + 2, f"{phase}: then refuses {len(refused)} SYNs, then accepts")


played, _ = side_by_side(lambda: linted(Played(rig.ordinary, "edge-pool-gray-failure", "--quick")),
                         lambda: fails_without("edge-pool-gray-failure", "impaired", "one_node", "faster_checks"))
one_by_one(played, "impaired")
rebooted(played, "one_rebooted", ["edge1"])
rebooted(played, "both_rebooted", ["edge1", "edge2"])
for phase, dead in (("baseline", ()), ("impaired", ("edge1", "edge2")), ("one_node", ("edge1",)),
                    ("faster_checks", ("edge1",))):
    all_talks = talks(played, phase)
    calls, checks = [t for t in all_talks if t.asked], [t for t in all_talks if not t.asked]
    check(all(t.is_check() for t in checks), f"{phase}: {len(checks)} checks, all connect and end in good order")
    check({t.node for t in checks} == {"edge1", "edge2"}, f"{phase}: both nodes are checked")
    check(0.4 <= share(calls, "edge1") <= 0.6, f"{phase}: {share(calls, 'edge1'):.0%} of {len(calls)} calls go to edge1")
    check(all(bool(c.answered) == (c.node not in dead) for c in calls), f"{phase}: nothing from {dead or 'no node'} only")
calls = talks(played, "mitigated")
late = [c for c in calls if c.at > 4 and c.asked == 700]  # behind the detection window; checks ask in fewer bytes
check(len(late) > 20 and share(late, "edge1") == 0, f"mitigated: {len(late)} late calls, none to edge1")
check(any(c.node == "edge1" and c.asked < 700 and not c.answered for c in calls), "mitigated: edge1 is still checked")
