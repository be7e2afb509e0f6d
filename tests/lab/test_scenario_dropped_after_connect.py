#!/usr/bin/env python3
"""F22, refereed by tshark's tcp.completeness: the chosen half of the connections ends by the server's RST or FIN within a
second, without a byte or behind the first message; the others live."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce  # noqa: E402

CONFIRM, OPENED = 19, 1000  # bytes of the server: its X.224 Connection Confirm; at least, with TLS and MCS behind it
SYN_SYNACK_ACK_DATA, BY_FIN, BY_RST = 15, 16, 32


def ends(played, phase, flag, payload):
    """Connections that the server has ended first, by flag, having said so many bytes."""
    found = played.connections(phase, "client", 3389)
    check(len(found) == 100 and all(c.has_handshake() for c in found), f"{phase}: 100 handshakes")
    dropped = []
    for c in found:
        first = next((p for p in c.all if p.flags & (FIN | RST)), None)
        if first and not first.upstream and first.flags & flag and len(c.response()) == payload:
            dropped.append(c)
            check(first.time - c.all[0].time <= 1, f"{phase}: dropped after {first.time - c.all[0].time:.3f} s")
        else:
            check(len(c.response()) > OPENED, f"{phase}: or a session of its own")
    check(33 <= len(dropped) <= 67, f"{phase}: {len(dropped)} of 100 dropped")
    check(len(dropped) == played.metric(phase, "client_app.failed"), f"{phase}: the client has noticed each")
    return dropped


played = reproduce("dropped-after-connect", without=("impaired", "closed", "answered_once", "newer_driver"))
for phase in ("impaired", "newer_driver"):
    dropped = ends(played, phase, RST, 0)
    seen = sum(c.all[-1].completeness == SYN_SYNACK_ACK_DATA + BY_RST
               for c in played.connections(phase, "client", 3389))
    check(seen == len(dropped), f"{phase}: tshark's completeness 47 for {seen}")
closed = ends(played, "closed", FIN, 0)
check(all(c.all[-1].completeness & BY_FIN for c in closed), "closed: by FIN")
check(not any(p.flags & RST for c in closed for p in c.down), "closed: the server sends no RST")
confirmed = ends(played, "answered_once", RST, CONFIRM)
check(all(c.response()[5] == 0xd0 for c in confirmed), "answered once: by the X.224 Connection Confirm")
times = sorted(c.all[-1].time - c.all[0].time for c in dropped)
check(times[-1] - times[0] > 0.05, f"dropped after {times[0]:.3f} to {times[-1]:.3f} s, no machine's time")
for phase in ("baseline", "mitigated"):
    found = played.connections(phase, "client", 3389)
    check(len(found) == 100 and all(len(c.response()) > OPENED for c in found), f"{phase}: all live")
