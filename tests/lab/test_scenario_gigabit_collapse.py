#!/usr/bin/env python3
"""F19, refereed by tshark: what the server sends faster than 100 Mbit/s over 1 ms and doesn't arrive is what is sent
again; copies crawl, on a port of 100 Mbit/s they have all of it, and calls beside them lose nothing.
ALONE: a copy beyond 188 Mbit/s through the packet queue takes a processor."""
import collections
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import check, reproduce  # noqa: E402

FILE = 512 * 1024
MEGABIT = 125000  # bytes a second


def data(played, phase, leg, port=445):
    """[(time, client's port, sequence number, IP length, IP ID)] of the server's segments, in order."""
    rows = tshark(played.capture(phase, leg), f"tcp.srcport == {port} && tcp.len > 0", "frame.time_epoch", "tcp.dstport",
                  "tcp.seq_raw", "ip.len", "ip.id")
    return [(float(at), int(to), int(seq), int(size), ip_id) for at, to, seq, size, ip_id in rows]


def rates(played, phase):
    """Bytes a second of each copy, from its CREATE to its last byte, on the client's leg."""
    asked = {}
    for at, port in tshark(played.capture(phase, "client"), "smb2.cmd == 5 && smb2.flags.response == 0", "frame.time_epoch", "tcp.srcport"):
        asked.setdefault(int(port), float(at))
    last, size = {}, collections.Counter()
    for at, port, seq, length, _ in data(played, phase, "client"):
        last[port] = max(at, last.get(port, at))
        size[port] = max(size[port], length)
    return [FILE / (last[port] - asked[port]) for port in asked]


def lost(sent, came):
    """Of what was sent, with the bytes of its connection that were sent within the millisecond before: what didn't come."""
    arrived, found = {(port, seq, ip_id) for _, port, seq, _, ip_id in came}, []
    for i, (at, port, seq, _, ip_id) in enumerate(sent):
        if (port, seq, ip_id) not in arrived:
            before = [size for t, p, _, size, _ in sent[max(0, i - 400):i] if p == port and at - t <= 0.0011]
            found.append(sum(before))
    return found


played = reproduce("gigabit-collapse", without=("impaired",), in_turn=True)
for phase, copies in (("impaired", 3), ("tuned", 1)):
    slow = rates(played, phase)
    check(len(slow) == copies and max(slow) < 10 * MEGABIT, f"{phase}: copies have {[round(x / MEGABIT, 2) for x in slow]} Mbit/s")
    sent, came = data(played, phase, "server"), data(played, phase, "client")
    gone = lost(sent, came)
    check(len(sent) - len(came) == len(gone) >= 20, f"{phase}: {len(gone)} of {len(sent)} segments never arrive")
    fast = sum(x * 1000 > 100 * MEGABIT for x in gone)
    check(fast >= 0.95 * len(gone), f"{phase}: {fast} of them came faster than 100 Mbit/s over 1 ms")
    again = len(sent) - len({(port, seq) for _, port, seq, _, _ in sent})
    check(again >= 0.01 * len(sent), f"{phase}: {again} of {len(sent)} segments are sent again")
    calls = [data(played, phase, leg, 135) for leg in ("server", "client")]
    check(len(calls[0]) == len(calls[1]) > 50, f"{phase}: calls lose none of {len(calls[0])} segments")
port_100 = rates(played, "port_100")
check(90 * MEGABIT <= max(port_100) <= 100 * MEGABIT, f"port_100: the best of {len(port_100)} copies has {max(port_100) / MEGABIT:.1f} Mbit/s")
for phase in ("baseline", "mitigated"):
    best = max(rates(played, phase))
    sent = data(played, phase, "server")
    check(best >= 188 * MEGABIT, f"{phase}: the best copy has {best / MEGABIT:.0f} Mbit/s")
    check(len(sent) == len({(port, seq) for _, port, seq, _, _ in sent}), f"{phase}: none of {len(sent)} segments is sent again")
better = statistics.median(rates(played, "flow_control"))
check(better > 1.5 * statistics.median(rates(played, "impaired")), f"flow_control: {better / MEGABIT:.1f} Mbit/s, better")
