#!/usr/bin/env python3
"""A window on the packet plane lies where tshark counts it: so many new bytes or packets, not one more; and on
connections that aren't matched nothing is touched."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import SYN, Play, cases, check, pair  # noqa: E402

BULK = {"app": "rpc", "response": ["180B", "600000B"]}
ONCE = {"app": "rpc", "exchanges": 1}
AFTER, PACKETS = 100000, 20


def first_behind(packets, n):
    """The index of the first packet that comes when n new payload bytes have come."""
    begin = end = None
    for i, p in enumerate(packets):
        if begin is not None and end - begin >= n:
            return i
        seq = p.seq + (1 if p.flags & SYN else 0)
        begin = seq if begin is None else begin
        end = max(seq + p.len, seq if end is None else end)
    return None


def window_by_bytes_and_packets(user):
    play = Play(user, "forward", {"loss": {"what": "all", "rate": "100%", "after": "100KB", "for": "20 packets"}},
                server=BULK, client=ONCE)
    pairs = pair(play.packets("server", False), play.packets("client", False))
    missing = [i for i, (_, went) in enumerate(pairs) if not went]
    first = first_behind([came for came, _ in pairs], AFTER)
    check(play.metric("client_app.completed") == 1, "the exchange is completed all the same")
    check(missing == list(range(first, first + PACKETS)),
          f"of {len(pairs)} packets exactly {PACKETS} behind {AFTER} bytes are missing: {missing} {first}")
    why = [e["why"] for e in play.journal("act") + play.journal("rest")]
    check(why == ["after byte 100000", f"its window ends at packet {first + PACKETS}"], f"the journal agrees: {why}")


def others_are_left_alone(user, mode):
    play = Play(user, mode, {"loss": {"rate": "100%", "client": "203.0.113.0/24"}}, {"loss": {"rate": "100%", "port": 81}},
                server=BULK, client=ONCE)
    check(play.metric("client_app.completed") == 1 and not play.journal("segment_lost"), "nothing is lost")
    told = {e["why"] for e in play.journal("decision")}
    check("no match: the client's address" in told and "no match: the server's port" in told, f"and why: {told}")


for user, mode in cases():
    if mode == "forward":
        window_by_bytes_and_packets(user)
    others_are_left_alone(user, mode)
