#!/usr/bin/env python3
"""F08, refereed by tshark: on the relay's port handshakes and acknowledgements are complete and not one byte comes;
everything else on the same server is well."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, fails_without, reproduce  # noqa: E402

TIMER = 4.0  # with --quick


def silent(c):
    request = next(p for p in c.up if p.len)
    acked = [p for p in c.down if p.ack == request.seq + request.len & 0xffffffff]
    fin = next(p for p in c.up if p.flags & FIN)
    return (c.has_handshake() and request.len == 700 and acked and acked[0].time - request.time < 0.05 and
            not any(p.len or p.flags & (FIN | RST) for p in c.down) and
            abs(fin.time - request.time - TIMER) < 0.5)


def closed_window(c):
    return (c.has_handshake() and any(p.window == 0 for p in c.down) and
            not any(p.len or p.flags & (FIN | RST) for p in c.down))


played = reproduce("relay-silent")
for vantage in ("client", "server"):
    calls = played.connections("impaired", vantage, 443)
    check(len(calls) == 10 and all(silent(c) for c in calls),
          f"impaired, at the {vantage}: {len(calls)} calls, each acknowledged, unanswered and dropped after {TIMER} s")
unread = played.connections("unread", "client", 443)
check(len(unread) == 10 and all(closed_window(c) for c in unread), "unread: a zero window each")
for phase in ("baseline", "mitigated"):
    check(all(len(c.response()) == 800 for c in played.connections(phase, "client", 443)), f"{phase}: calls succeed")
for port, size in ((5061, 700), (5062, 500)):
    answers = [len(c.response()) / size for c in played.connections("impaired", "client", port)]
    check(all(n == int(n) and n >= 20 for n in answers), f"port {port} answers all along: {answers}")
fails_without("relay-silent", "impaired", "unread")
