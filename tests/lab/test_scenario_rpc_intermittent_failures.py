#!/usr/bin/env python3
"""F23, refereed by tshark: one call of fifty comes to nothing, on connections that have been answered on; by RST, by FIN or by
silence, and the client's next connection is answered."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce  # noqa: E402

CONNECTIONS, REQUEST, RESPONSE = 8, 512, 180 + 900
AT_ONCE = 0.5  # seconds: a busy machine's idea of it


def calls(c):
    """How many there were on the connection, and how many were answered; nothing is cut in its middle."""
    asked = sum(p.len for p in c.up)
    check(asked % REQUEST == 0 and len(c.response()) % RESPONSE == 0, f"whole requests and answers on port {c.all[0].client_port}")
    return asked // REQUEST, len(c.response()) // RESPONSE


def failures(played, phase):
    """The connections with a call that wasn't answered."""
    found = played.connections(phase, "client", 80, "server")
    check(all(c.has_handshake() for c in found), f"{phase}: {len(found)} handshakes")
    counts = [calls(c) for c in found]
    failed = [c for c, (asked, answered) in zip(found, counts) if asked > answered]
    check(all(asked == answered + (c in failed) for c, (asked, answered) in zip(found, counts)), f"{phase}: one call each")
    check(all(len(c.response()) >= RESPONSE for c in found), f"{phase}: none is a connection's first")
    check(len(found) == CONNECTIONS + len(failed), f"{phase}: each of {len(failed)} costs a connection")
    check(len(failed) == played.metric(phase, "client_app.failed"), f"{phase}: the client knows of each")
    total = sum(asked for asked, _ in counts)
    check(total == 1000 + len(failed) and 5 <= len(failed) <= 45, f"{phase}: {len(failed)} of {total} calls")
    return failed


def end_behind_request(c, flag):
    """What ends the connection, and the seconds since its last request."""
    last = [p for p in c.up if p.len][-1]
    end = next(p for p in c.all if p.time >= last.time and not p.upstream and p.flags & flag)
    return end.time - last.time


played = reproduce("rpc-intermittent-failures", without=("impaired", "silent", "closed", "newer_driver"))
for phase in ("impaired", "newer_driver"):
    for c in failures(played, phase):
        check(end_behind_request(c, RST) < AT_ONCE and not any(p.flags & FIN for p in c.down), f"{phase}: RST behind the request")
closed = failures(played, "closed")
check(all(end_behind_request(c, FIN) < AT_ONCE for c in closed), "closed: FIN behind the request")
check(not any(p.flags & RST for c in closed for p in c.down), "closed: no RST of the server")
for c in failures(played, "silent"):
    last = [p for p in c.up if p.len][-1]
    after = [p for p in c.down if p.time >= last.time]
    check(after and not any(p.flags & (FIN | RST) or p.len for p in after), "silent: acknowledged, and nothing more")
for phase in ("baseline", "latest_driver", "mitigated"):
    found = played.connections(phase, "client", 80, "server")
    check(len(found) == CONNECTIONS and sum(calls(c)[1] for c in found) == 1000, f"{phase}: 1000 calls are answered")
