#!/usr/bin/env python3
"""F14, refereed by tshark: lists above one number of items stop inside an item, acknowledged, with an open window and
without FIN or RST; each folder's own limit lies in [140, 150] and is the seed's alone."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, Played, check, fails_without, reproduce, rig  # noqa: E402

SILENCE = 5.5  # with --quick
ITEM = b"</D:response>\n"


def asked(c):
    request = next(p for p in c.up if p.len).payload
    return int(re.search(rb"\?records=(\d+) ", request)[1])


def items(c):
    return c.response().count(ITEM)


def is_whole(c):
    head, _, body = c.response().partition(b"\r\n\r\n")
    return len(body) == int(re.search(rb"Content-Length: (\d+)", head)[1])


def dies_in_silence(c):
    last = [p for p in c.down if p.len][-1]
    quiet = [p for p in c.all if p.time > last.time]
    acked = [p for p in quiet if p.upstream and p.ack == last.seq + last.len & 0xffffffff]
    end = next(p for p in quiet if p.flags & (FIN | RST))
    return (not is_whole(c) and acked and acked[0].window > 1460 and end.upstream and
            end.time - last.time >= SILENCE and not c.response().endswith(ITEM))


def folders(played):
    """The limits of the folders: what the seed decides on. Which of the simultaneous clients has which is chance."""
    found = played.connections("impaired", "client", 8080)
    check(len(found) == 24 and all(dies_in_silence(c) for c in found), "24 folders die in silence")
    limits = [items(c) for c in found]
    check(min(limits) >= 140 and max(limits) <= 150 and len(set(limits)) >= 3, f"limits {sorted(limits)}")
    return sorted(limits)


played = reproduce("sync-dies-mid-stream", "--seed", "7")
limits = set()
for c in played.connections("impaired", "client", 80):
    if asked(c) <= 140 or (asked(c) <= 150 and is_whole(c)):
        check(is_whole(c) and items(c) == asked(c), f"a folder of {asked(c)} items comes whole")
    else:
        check(dies_in_silence(c) and 140 <= items(c) <= 150, f"one of {asked(c)} dies inside the item behind {items(c)}")
        limits.add(items(c))
check(len(limits) >= 3, f"and not all at one number of items: {sorted(limits)}")
for phase in ("baseline", "mitigated", "driver_stopped"):
    found = played.connections(phase, "client", 80)
    check(len(found) == 14 and all(is_whole(c) and items(c) == asked(c) for c in found), f"{phase}: all come whole")
for phase, flag in (("cut_short", FIN), ("reset_there", RST)):
    ends = [[p for p in c.down if p.flags & flag] for c in played.connections(phase, "client", 80) if asked(c) > 145]
    check(len(ends) == 6 and all(ends), f"{phase}: ended by the server")
first = folders(played)
again = Played(rig.ordinary, "sync-dies-mid-stream", "--quick", "--seed", "7")
check(folders(again) == first, "the same seed gives the same limits")
other = Played(rig.ordinary, "sync-dies-mid-stream", "--quick", "--seed", "8")
check(folders(other) != first, "another seed gives others")
fails_without("sync-dies-mid-stream", "impaired")
