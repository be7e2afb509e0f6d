#!/usr/bin/env python3
"""Chosen segments are on the wire so many times, byte for byte the same, over IPv4 and IPv6, also on
their way to wedge's own socket; and the queue never sees a copy again."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import Play, cases, check, fail  # noqa: E402

# At 20 % fewer than 4 of 120 segments are chosen once in 10^8 plays.
CLIENT = {"app": "rpc", "exchanges": 120, "request": "512B"}


def every_tenth_or_so_is_there_three_times(user, mode, upstream):
    fault = {"share": "20%", "copies": 3, "direction": "upstream" if upstream else "downstream"}
    play = Play(user, mode, {"duplicate": fault}, client=CLIENT)
    check(play.metric("client_app.completed") == CLIENT["exchanges"], "all exchanges are completed")
    chosen = {}
    for e in play.journal("segment_duplicated"):
        chosen[e["seq"]] = chosen.get(e["seq"], 0) + 1
    check(len(chosen) >= 4, f"{len(chosen)} segments duplicated")
    leg = "server" if upstream else "client"
    if upstream and mode != "forward":  # the copies go to wedge's own socket, which answers them
        acks = [p.ack for p in play.packets("client", False) if not p.len]
        check(all(acks.count(p.seq + p.len) >= 2 for p in play.data("client", True)
                  if p.seq in chosen), "wedge's TCP answers each of the superfluous copies")
        return
    copies = {}
    for p in play.data(leg, upstream, "tcp.payload", "tcp.checksum.status"):
        copies.setdefault((p.seq, p.id, p.more[0]), []).append(p)
        if p.more[1] != "1":
            fail(f"a wrong checksum: {p.seq}")
    many = {seq for (seq, _, _), packets in copies.items() if len(packets) == 3}
    check(all(len(packets) in (1, 3) for packets in copies.values()) and many == set(chosen),
          f"{leg} leg: exactly these are there three times, the others once")


for case in cases(("explicit", "transparent", "forward")):
    every_tenth_or_so_is_there_three_times(*case, upstream=False)
    every_tenth_or_so_is_there_three_times(*case, upstream=True)
