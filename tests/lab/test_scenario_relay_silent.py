#!/usr/bin/env python3
"""F08, refereed by tshark's dissection of SIP and STUN: calls are invited, ring and are answered, then wait for the relay,
whose handshakes and acknowledgements are complete and which says not one byte, and are ended by BYE; everything else on
the same servers is well."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce  # noqa: E402
from sip_rig import ALLOCATE, calls, credentials, dissected, packets, tshark  # noqa: E402

CALLS, RELAY = 10, 3478
TIMER = 4.0  # with --quick
WHOLE = ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]


def silent(c):
    request = next(p for p in c.up if p.len)
    acked = [p for p in c.down if p.ack == request.seq + request.len & 0xffffffff]
    fin = next(p for p in c.up if p.flags & FIN)
    return (c.has_handshake() and acked and acked[0].time - request.time < 0.05 and
            not any(p.len or p.flags & (FIN | RST) for p in c.down) and fin.time - request.time < TIMER + 0.5)


def closed_window(c):
    return (c.has_handshake() and any(p.window == 0 for p in c.down) and not any(p.flags & (FIN | RST) for p in c.down))


def hung_for(call, asked):
    """Seconds from the answer to the BYE, and whether the relay was asked in between by the same host."""
    return call.at("BYE") - call.at("ACK"), any(call.at("200") <= p.time < call.at("BYE") and p.source == call.caller for p in asked)


played = reproduce("relay-silent", without=("impaired", "unread"))
dissected(played, "baseline", "impaired", "unread")
credentials(played, "baseline")
credentials(played, "impaired", silent=True)
for vantage in ("client", "server"):
    found = played.connections("impaired", vantage, RELAY)
    check(len(found) >= CALLS and all(silent(c) for c in found),
          f"impaired, at the {vantage}: {len(found)} connections to the relay, each acknowledged, unanswered and ended")
    rows = packets(played, "impaired", vantage)
    made = calls(rows)
    check(len(made) == CALLS and all(c.order == WHOLE for c in made), f"{vantage}: {len(made)} calls are answered, and end by BYE")
    waits = [hung_for(c, [p for p in rows if p.stun == ALLOCATE]) for c in made]
    check(all(asked and abs(wait - TIMER) < 0.5 for wait, asked in waits), f"{vantage}: each hangs for {TIMER} s: {waits}")
    told = played.metric("impaired", "client_app.failed_call.p50")
    check(abs(told - sorted(w for w, _ in waits)[CALLS // 2]) < 0.05, f"{vantage}: the verdict's {told:.3f} s, too")
unread = [c for c in played.connections("unread", "client", RELAY) if c.response()]
check(len(unread) >= 3 and sum(closed_window(c) for c in unread) >= 3, "unread: a zero window for each call in progress")
for phase in ("baseline", "mitigated"):
    found = played.connections(phase, "client", RELAY)
    check(len(found) >= CALLS and all(c.response() for c in found), f"{phase}: the relay answers")
    made = calls(packets(played, phase, "client"))
    check(all(c.order == WHOLE and c.at("BYE") - c.at("ACK") < 1.5 for c in made), f"{phase}: {len(made)} calls")
for method in ("MESSAGE", "PUBLISH"):
    sent = tshark(played.capture("impaired", "client"), f'sip.Method == "{method}"', "frame.number")
    answered = tshark(played.capture("impaired", "client"), f'sip.CSeq.method == "{method}" && sip.Status-Code == 200', "frame.number")
    check(len(sent) == len(answered) > 10, f"{len(sent)} {method}, all answered")
