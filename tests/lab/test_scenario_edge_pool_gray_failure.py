#!/usr/bin/env python3
"""F12, refereed by tshark: to either node health checks connect and end in good order while no request is answered,
of a call or of a check that asks; with one node hung every second call still asks it, unless the balancer's check is itself
a request. Calls come one by one and end one by one; a node that is rebooted is silent, then refuses, then serves."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import ACK, RST, SYN, check, reproduce  # noqa: E402
from sip_rig import calls as sip_calls, dissected, packets  # noqa: E402

CALLER, MONITOR, TESTER = "192.0.2.2", "192.0.2.4", "192.0.2.5"
NODES = {"198.51.100.3": "edge1", "198.51.100.4": "edge2"}
FIELDS = ("tcp.stream", "ip.src", "ip.dst", "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.fin", "tcp.len",
          "frame.time_relative", "stun.type")


class Talk:
    def __init__(self, node, who):
        self.node, self.who, self.asked, self.answered, self.accepted, self.ended, self.at = node, who, 0, 0, False, False, 0.0
        self.says = set()

    def is_check(self):
        return self.accepted and self.ended and not self.asked and not self.answered


def talks(played, phase):
    """The connections of the relay's port."""
    found = {}
    for stream, src, dst, syn, ack, fin, length, at, says in tshark(played.capture(phase, "client"), "tcp.port == 3478", *FIELDS):
        upstream = dst in NODES
        talk = found.setdefault(stream, Talk(NODES[dst if upstream else src], src if upstream else dst))
        if not talk.asked and upstream and int(length):
            talk.at = float(at)
        talk.asked += int(length) if upstream else 0
        talk.answered += 0 if upstream else int(length)
        talk.accepted |= not upstream and syn in ("1", "True") and ack in ("1", "True")
        talk.ended |= upstream and fin in ("1", "True")
        talk.says |= {says} - {""}
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
    made = sip_calls(packets(played, phase, "client"))
    for what, method in (("begin", "INVITE"), ("end", "BYE")):
        times = [c.at(method) for c in made]
        check(len(times) >= 20 and together(times) < 4, f"{phase}: {together(times)} of {len(times)} calls {what} together")


def rebooted(played, phase, nodes):
    """Silence, RSTs to SYNs and to what was open, and only then a byte of an answer on the relay's port."""
    said = flags_of(played, phase, "tcp.srcport == 3478")
    for node in nodes:
        own = [(at, flags) for at, who, flags in said if who == node]
        refused = [at for at, flags in own if flags == RST | ACK]
        silence = refused[0] - max(at for at, flags in own if at < refused[0] and not flags & RST)
        served = min(at for at, flags in own if at > refused[0] and flags == SYN | ACK)
        check(refused and silence > 0.3, f"{phase}: {node} is silent for {silence:.2f} s")
        check(refused[-1] < served < refused[0] + 2, f"{phase}: then refuses {len(refused)} SYNs, then accepts")


played = reproduce("edge-pool-gray-failure", without=("impaired", "one_node", "faster_checks"))
dissected(played, "baseline", "impaired", "one_node", "mitigated")
one_by_one(played, "impaired")
rebooted(played, "one_rebooted", ["edge1"])
rebooted(played, "both_rebooted", ["edge1", "edge2"])
for phase, dead in (("baseline", ()), ("impaired", ("edge1", "edge2")), ("one_node", ("edge1",)),
                    ("faster_checks", ("edge1",))):
    all_talks = talks(played, phase)
    asked, checks = [t for t in all_talks if t.asked], [t for t in all_talks if not t.asked]
    calls = [t for t in asked if t.who == CALLER]
    deep = [t for t in asked if t.who == TESTER]
    check(all(t.is_check() for t in checks), f"{phase}: {len(checks)} checks, all connect and end in good order")
    for who in (CALLER, MONITOR):
        check({t.node for t in checks if t.who == who} == {"edge1", "edge2"}, f"{phase}: {who} checks both nodes")
    check(all(t.says <= {"0x0003", "0x0103", "0x0113"} and "0x0003" in t.says for t in asked), f"{phase}: what is asked is Allocate")
    check(all(t.says >= {"0x0103", "0x0113"} for t in asked if t.answered), f"{phase}: which takes credentials")
    check(len(calls) == 20 and share(calls, "edge1") == 0.5, f"{phase}: {share(calls, 'edge1'):.0%} of {len(calls)} calls ask edge1")
    check(all(bool(c.answered) == (c.node not in dead) for c in asked), f"{phase}: nothing from {dead or 'no node'} only")
    check(len(deep) >= 4 and {t.node for t in deep} == {"edge1", "edge2"}, f"{phase}: {len(deep)} checks that ask see it")
    made = sip_calls(packets(played, phase, "client"))
    lost = sum(c.at("BYE") - c.at("ACK") > 1.9 for c in made)
    check(lost == sum(not c.answered for c in calls), f"{phase}: {lost} of {len(made)} calls hang, as many as get no relay")
calls = [c for c in talks(played, "mitigated") if c.who == CALLER and c.asked]
late = [c for c in calls if c.at > 4]  # behind the detection window
check(len(late) > 20 and share([c for c in late if c.answered], "edge1") == 0, f"mitigated: {len(late)} late calls, none has edge1")
# Those that were under way when the phase ended aside.
silent = [c for c in late if not c.answered and c.at < max(c.at for c in late) - 1]
check(silent and {c.node for c in silent} == {"edge1"} and len(silent) <= 5, f"mitigated: {len(silent)} checks ask edge1, and no call")
