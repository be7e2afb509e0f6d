#!/usr/bin/env python3
"""F13, refereed by tshark: the more an inspecting filter gathers, the later is the first byte, and with it come as many
as it gathers; a shorter answer doesn't come while its connection stays, and comes with its end. The other profiles look as
the failures that they are variants of."""
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce, rig  # noqa: E402
from signature_rig import named  # noqa: E402

NAME, TIMER, RATE, ITEM = "network-filters", 2.0, 100e3, b"</D:response>\n"  # with --quick
GATHERED = {"less_gathered": 8 << 10, "server": 16 << 10, "more_gathered": 32 << 10}
ITEMS = {b"Inbox": 40, b"Contacts": 2, b"Calendar": 1}


def request(c):
    return next(p for p in c.up if p.len)


def asked(c):
    """How many items the folder has that is asked for."""
    method, path, _ = request(c).payload.split(b" ", 2)
    check(method == b"PROPFIND" and path.startswith(b"/exchange/"), "asks for a folder of a mailbox")
    return ITEMS[path.split(b"/")[3]]


def items(c):
    """Behind the folder's own entry."""
    return c.response().count(ITEM) - 1


def data(c):
    return [p for p in c.down if p.len]


def first_byte(c):
    return data(c)[0].time - request(c).time


def first_burst(c):
    """Bytes until the first gap: the server has a record every 10 ms."""
    found = data(c)
    ends = next((i for i, (p, q) in enumerate(zip(found, found[1:]), 1) if q.time - p.time > 0.008), len(found))
    return sum(p.len for p in found[:ends])


def is_acked(c):
    """At once, whatever becomes of it."""
    r = request(c)
    return any(p.ack == r.seq + r.len & 0xffffffff and p.time - r.time < 0.05 for p in c.down)


def gives_up(c):
    """The client's own timer ends it, without a byte before."""
    end = next(p for p in c.up if p.flags & (FIN | RST))
    return is_acked(c) and abs(end.time - request(c).time - TIMER) < 0.3 and all(p.time > end.time for p in data(c))


def close_hangs(c):
    fin = next(p for p in c.up if p.flags & FIN)
    return (any(p.ack == fin.seq + fin.len + 1 & 0xffffffff and p.time - fin.time < 0.05 for p in c.down) and
            not any(p.flags & (FIN | RST) for p in c.down))


def ack_waits(c):
    """How long the first segment of each answer waits for its pure ACK."""
    for i, p in enumerate(c.all):
        if p.upstream and p.len:
            first = next(q for q in c.all[i:] if not q.upstream and q.len)
            yield next(q.time for q in c.all[i + 1:] if q.upstream and q.ack == first.seq + first.len & 0xffffffff) - first.time


played = reproduce(NAME, without=("impaired",))

for host, size in GATHERED.items():
    long = [c for c in played.connections("impaired", "client", 80, host) if asked(c) == 40]
    times = [first_byte(c) for c in long]
    check(len(long) >= 6 and all(first_burst(c) >= size for c in long) and
          -0.2 * size / RATE < statistics.median(times) - size / RATE < 0.2 * size / RATE + 0.03,
          f"{host}: {size} bytes at one moment, after {statistics.median(times):.3f} s")
    server = [c for c in played.connections("impaired", "server", 80, host) if asked(c) == 40]
    check(statistics.median([first_byte(c) for c in server]) < 0.01, f"{host}: the server has answered at once")
short = [c for c in played.connections("impaired", "client", 80, "server") if asked(c) == 2]
check(len(short) == 6 and all(gives_up(c) for c in short), "6 short answers don't come before their clients give up")
closing = played.connections("impaired", "client", 80, "each_ended")
check(len(closing) == 8 and all(items(c) == 2 and first_byte(c) < 0.2 and any(p.flags & FIN for p in c.down)
                                for c in closing), "8 short ones come with the end of their connections")
slow = [first_byte(c) for c in played.connections("slow_source", "client", 80, "server")]
check(statistics.median(slow) < 0.04, f"from a source as slow, unfiltered: {statistics.median(slow):.3f} s")

found = played.connections("vshield", "client", 80, "server")
check(len(found) == 12 and all(gives_up(c) and not c.response() and not any(p.flags & (FIN | RST) for p in c.down)
                               for c in found), "vshield: acknowledged, and silent for ever")
found = played.connections("firetdi", "client", 80, "server")
check(len(found) == 12 and all(items(c) == 2 and close_hangs(c) for c in found), "firetdi: no FIN comes")
waits = [w for c in played.connections("introspection", "server", 80, "server") for w in ack_waits(c)]
check(len(waits) == 12 and sum(0.19 < w < 0.215 for w in waits) >= 10, f"introspection: ACKs after {waits}")
found = played.connections("accelerator", "client", 80, "server")
lost = [c for c in found if not c.response()]
check(len(found) == 12 and 0 < len(lost) < 12 and all(is_acked(c) for c in found) and all(gives_up(c) for c in lost) and
      all(first_byte(c) >= 0.08 for c in found if c not in lost), f"accelerator: 12 acknowledged at once, {len(lost)} unanswered")
sent = [c for c in played.connections("accelerator", "server", 80, "server") if any(p.len for p in c.up)]
check(len(sent) == 12 - len(lost), f"accelerator: {len(sent)} have got to the server")
for phase, leg, want in (("vshield", "client", "relay-silent"), ("introspection", "server", "exchange-delayed-ack")):
    check(named(rig.wedge, played.capture(phase, leg))[0] == ("fits", want), f"{phase} is named {want}")
