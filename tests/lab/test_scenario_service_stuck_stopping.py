#!/usr/bin/env python3
"""F11, refereed by tshark: a FIN is acknowledged at once and never answered, while new connections are accepted."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, fails_without, reproduce  # noqa: E402

WAIT = 5.5  # with --quick


def fin_and_answer(c):
    """Seconds from the client's FIN to its ACK, and to the server's FIN or RST (None: never)."""
    fin = next(p for p in c.up if p.flags & FIN)
    acked = next(p for p in c.down if p.ack == fin.seq + fin.len + 1 & 0xffffffff)
    ends = [p for p in c.down if p.flags & (FIN | RST)]
    return acked.time - fin.time, ends[0].time - fin.time if ends else None


played = reproduce("service-stuck-stopping")
for phase in ("impaired", "swallowed"):
    found = played.connections(phase, "client", 443)
    check(len(found) == 20 and all(c.has_handshake() and len(c.response()) == 800 for c in found),
          f"{phase}: 20 connections, accepted and answered")
    waits = [fin_and_answer(c) for c in found]
    check(max(ack for ack, _ in waits) < 0.05, f"{phase}: each FIN is acknowledged at once")
    check(all(end is None or end >= WAIT for _, end in waits), f"{phase}: and not answered: {waits}")
    first_given_up = next(p for p in found[0].up if p.flags & FIN).time + WAIT
    check(sum(c.all[0].time < first_given_up for c in found) == 20, f"{phase}: all were open at once")
    check(not any(p.flags & (FIN | RST) for c in found for p in c.down), f"{phase}: neither FIN nor RST, to the end")
for phase in ("baseline", "mitigated"):
    waits = [fin_and_answer(c) for c in played.connections(phase, "client", 443)]
    check(len(waits) == 20 and all(end is not None and end < 0.2 for _, end in waits), f"{phase}: answered")
# Neither leaves the server's host: the stuck process has no FIN to send, the driver takes each one that is sent.
for phase in ("impaired", "swallowed"):
    ends = [c for c in played.connections(phase, "server", 443) if any(p.flags & (FIN | RST) for p in c.down)]
    check(not ends, f"{phase}: none at the server's own interface, to the end")
fails_without("service-stuck-stopping", "impaired", "swallowed")
