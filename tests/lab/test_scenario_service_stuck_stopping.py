#!/usr/bin/env python3
"""F11, refereed by tshark: calls that were in progress end, and their relay's connections don't: each FIN is acknowledged
at once and never answered; who connects later is accepted, and what it asks never answered; messages go on."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce  # noqa: E402
from sip_rig import calls, dissected, packets, tshark  # noqa: E402

CALLS, RELAY = 12, 3478
WAIT = 5.5  # with --quick


def fin_and_answer(c):
    """Seconds from the client's FIN to its ACK, and to the server's FIN or RST (None: never)."""
    fin = next(p for p in c.up if p.flags & FIN)
    acked = next(p for p in c.down if p.ack == fin.seq + fin.len + 1 & 0xffffffff)
    ends = [p for p in c.down if p.flags & (FIN | RST)]
    return acked.time - fin.time, ends[0].time - fin.time if ends else None


def stopped_at(played, phase):
    """When the service was told to stop, by the steps; the capture's own time."""
    steps = next(p for p in played.result["phases"] if p["name"] == phase)["steps"]
    return next(s["at"] for s in steps if s["step"] == "section stopping")


played = reproduce("service-stuck-stopping", without=("impaired", "swallowed"))
dissected(played, "baseline", "impaired", "swallowed", "mitigated")
for phase in ("impaired", "swallowed"):
    found = played.connections(phase, "client", RELAY)
    began = found[0].all[0].time
    stopped = began + stopped_at(played, phase)  # the first connection came a little later than the phase
    before = [c for c in found if c.all[0].time < stopped - 0.1 and c.response()]
    after = [c for c in found if c.all[0].time > stopped + 0.3]
    check(len(before) >= CALLS + 6 and all(c.has_handshake() for c in before), f"{phase}: {len(before)} connections were in use")
    waits = [fin_and_answer(c) for c in before]
    check(max(ack for ack, _ in waits) < 0.05, f"{phase}: each FIN is acknowledged at once")
    check(all(end is None for _, end in waits), f"{phase}: and not answered: {waits}")
    check(found[-1].all[-1].time - max(p.time for c in before[:CALLS] for p in c.up if p.flags & FIN and not p.len) > WAIT or
          phase == "swallowed", f"{phase}: for {WAIT} s or more")
    check(len(after) >= 8 and all(c.has_handshake() and not c.response() for c in after),
          f"{phase}: {len(after)} later ones are accepted, and told nothing")
    asked = [next((p for p in c.up if p.len), None) for c in after]
    check(all(any(p.ack == a.seq + a.len & 0xffffffff and p.time - a.time < 0.05 for p in c.down)
              for c, a in zip(after, asked) if a), f"{phase}: their requests are acknowledged")
    # Neither leaves the server's host: the stuck process has no FIN to send, the driver takes each one that is sent.
    for leg in ("client", "server"):
        ends = [c for c in played.connections(phase, leg, RELAY) if any(p.flags & (FIN | RST) for p in c.down)]
        check(not ends, f"{phase}, at the {leg}: neither FIN nor RST of the relay, to the end")
    made = calls(packets(played, phase, "client"))
    check(sum(c.order[:5] == ["INVITE", "100", "180", "200", "ACK"] for c in made) >= CALLS + 8, f"{phase}: {len(made)} calls, all answered")
for phase in ("baseline", "mitigated"):
    waits = [fin_and_answer(c) for c in played.connections(phase, "client", RELAY)]
    check(len(waits) >= CALLS and all(end is not None and end < 0.2 for _, end in waits), f"{phase}: answered")
sent = tshark(played.capture("impaired", "client"), 'sip.Method == "MESSAGE"', "frame.number")
answered = tshark(played.capture("impaired", "client"), 'sip.CSeq.method == "MESSAGE" && sip.Status-Code == 200', "frame.number")
check(len(sent) == len(answered) > 50, f"{len(sent)} messages, all answered")
