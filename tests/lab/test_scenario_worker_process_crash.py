#!/usr/bin/env python3
"""F17, refereed by tshark: a process that hangs, dies and comes back. All its connections are reset at one moment, each behind
a request that was acknowledged; then every SYN is answered by RST; then all is well."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import ACK, FIN, RST, SYN, check, reproduce  # noqa: E402

CRASHES, AWAY, MACS, OLDER = 2, 1.0, 12, 6  # with --quick
TOGETHER = 0.1


def is_refused(c):
    return len(c.up) == 1 and len(c.down) == 1 and c.down[0].flags == RST | ACK


def end_of(c):
    """The first FIN or RST."""
    return next((p for p in c.all if p.flags & (FIN | RST)), None)


def crashes(found):
    """When the process died: the first RST of each burst on connections that it had accepted."""
    times = sorted(end_of(c).time for c in found if c.has_handshake() and end_of(c) and end_of(c).flags & RST)
    return [t for i, t in enumerate(times) if not i or t - times[i - 1] > TOGETHER]


def one_crash(found, at):
    had = [c for c in found if c.has_handshake() and c.up[0].time < at and (not end_of(c) or end_of(c).time >= at)]
    reset = [c for c in had if end_of(c) and end_of(c).flags & RST and not end_of(c).upstream and end_of(c).time - at <= TOGETHER]
    check(len(had) >= MACS and len(reset) >= 0.95 * len(had), f"{len(reset)} of {len(had)} reset within 100 ms")
    asked = [[p for p in c.up if p.len][-1] for c in reset]
    check(all(any(p.ack >= a.seq + a.len for p in c.down if p.time >= a.time) for c, a in zip(reset, asked)),
          "each had asked, and been acknowledged")
    said = [p.time for c in had for p in c.down if p.len and p.time < at]
    check(0.35 < at - max(said) < 1.2, f"the process had said nothing for {at - max(said):.2f} s")
    back = min(p.time for c in found for p in c.down if p.flags == SYN | ACK and p.time > at + TOGETHER)
    tried = [c for c in found if at + TOGETHER < c.up[0].time < back - 0.01]
    check(len(tried) > 10 and all(is_refused(c) for c in tried), f"{len(tried)} tries are refused")
    check(AWAY < back - at < AWAY + 2, f"for {back - at:.2f} s")


played = reproduce("worker-process-crash", without=("impaired",))
for leg in ("client", "server"):
    found = played.connections("impaired", leg, 80)
    at = crashes(found)
    check(len(at) == CRASHES, f"{leg}: the process dies {len(at)} times")
    for when in at:
        one_crash(found, when)
    refused = sum(is_refused(c) for c in found)
    knows = played.metric("impaired", "client_app.failed_connect") + played.metric("impaired", "client_app.older.failed_connect")
    check(refused == knows, f"{leg}: {refused} refused, as the clients know")
for phase in ("baseline", "mitigated"):
    found = played.connections(phase, "client", 80)
    check(len(found) == MACS + OLDER and not any(p.flags & RST for c in found for p in c.all), f"{phase}: none is reset")
