#!/usr/bin/env python3
"""Held back segments go on right behind so many later ones, by what came and what went on; nothing
is lost, and tshark sees segments out of order."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import Play, cases, check  # noqa: E402

DISTANCE = 3
FAULT = {"reorder": {"share": "5%", "distance": DISTANCE, "hold": "30ms"}}
BULK = {"app": "rpc", "response": ["180B", "400000B"]}


def late_segments_are_passed_by_so_many(play):
    came = {(p.seq, p.id): i for i, p in enumerate(play.data("server", False))}
    went = [came[p.seq, p.id] for p in play.data("client", False)]
    check(sorted(went) == list(range(len(came))), f"all {len(came)} data segments went on, once")
    place = {n: i for i, n in enumerate(went)}
    late = {n for n in went if any(later > n for later in went[:place[n]])}
    held = play.journal("segment_held")
    exact = [e for e in play.journal("segment_released") if e["reason"] == "distance"]
    check(len(held) >= 20 and len(late) >= 0.8 * len(exact) > 0,
          f"{len(held)} held, {len(exact)} of them by distance, {len(late)} overtaken")
    overtook = [sum(later > n for later in went[:place[n]]) for n in late]
    check(max(overtook) == DISTANCE, f"none is overtaken by more than {DISTANCE}")
    share = overtook.count(DISTANCE) / len(overtook)
    check(share > 0.9, f"{share:.0%} of them by exactly {DISTANCE}")


for user, mode in cases():
    played = Play(user, mode, FAULT, server=BULK, client={"app": "rpc", "exchanges": 3})
    check(played.metric("client_app.completed") == 3, "all exchanges are completed")
    seen = [p for p in played.data("client", False, "tcp.analysis.out_of_order",
                                   "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission")
            if any(p.more)]
    check(len(seen) >= 20, f"tshark sees {len(seen)} segments out of order or sent again")
    if mode == "forward":
        late_segments_are_passed_by_so_many(played)
    longest = max(e["held"] for e in played.journal("segment_released"))
    check(longest < 0.05, f"the longest was held {longest * 1000:.1f} ms")
