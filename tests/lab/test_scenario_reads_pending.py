#!/usr/bin/env python3
"""F15, refereed by tshark: of a large folder's answer the header comes, or not even that, or zeros that poll, and never a
byte of its body, until the client's own timer ends it; small folders of the same service come whole all the while. Stopped,
the driver lets all who wait go on at once."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import FIN, RST, check, reproduce, rig  # noqa: E402
from signature_rig import named  # noqa: E402

NAME = "reads-pending"
IDLE, WHOLE = 3.0, 5.5  # with --quick
HEADER = re.compile(rb"HTTP/1.1 207 [^\r\n]+\r\n(?:[^\r\n]+\r\n)+\r\n")
ITEM = b"</D:response>\n"
CHUNK_SIZE = re.compile(rb"\r\n[0-9a-f]+\r\n")


ITEMS = {b"Inbox": 160, b"Contacts": 20}


def asked(c):
    """None of webmail's, which asks the same service for something else."""
    found = re.search(rb"^PROPFIND /exchange/\w+/(\w+)/ HTTP/1.1\r\n", next(p for p in c.up if p.len).payload)
    return found and ITEMS[found[1]]


def items(c):
    """Those of all lists of the connection, without the folders' own entries; a chunk may end inside of one."""
    lists = CHUNK_SIZE.sub(b"", c.response())
    return lists.count(ITEM) - lists.count(b"<D:collection/>")


def ends_alone(c, patience):
    """Acknowledged at once, no end of the server's, and the client's own after so long."""
    request = next(p for p in c.up if p.len)
    acked = [p for p in c.down if p.ack == request.seq + request.len & 0xffffffff]
    end = next(p for p in c.up if p.flags & (FIN | RST))
    return (c.has_handshake() and acked and acked[0].time - request.time < 0.05 and
            not any(p.flags & (FIN | RST) for p in c.down) and abs(end.time - request.time - patience) < 0.5)


def header_alone(c):
    return HEADER.fullmatch(c.response()) and b"\r\nTransfer-Encoding: chunked\r\n" in c.response()


def zeros_only(c):
    """One a segment, none of them a body's, and never a silence as long as the idle timer."""
    head, _, rest = c.response().partition(b"\r\n\r\n")
    times = [p.time for p in c.down if p.len]
    return (HEADER.fullmatch(head + b"\r\n\r\n") and 5 <= len(rest) <= 8 and not rest.strip(b"0") and
            [p.len for p in c.down if p.len][1:] == [1] * len(rest) and
            all(b - a < IDLE - 1 for a, b in zip(times, times[1:])))


def parted(played, phase):
    """Connections that ask for large folders, those that ask for small ones."""
    found = played.connections(phase, "client", 80)
    return [c for c in found if asked(c) == 160], [c for c in found if asked(c) == 20]


played = reproduce(NAME, without=("impaired",))
for phase, patience, looks in (("impaired", IDLE, header_alone), ("no_header", IDLE, lambda c: not c.response()),
                               ("polls", WHOLE, zeros_only)):
    large, small = parted(played, phase)
    check(len(large) == 12 and all(ends_alone(c, patience) and looks(c) for c in large),
          f"{phase}: {len(large)} large folders end after {patience} s without a byte of a body")
    counts = [items(c) for c in small]
    check(counts and all(n >= 20 and n % 20 == 0 for n in counts), f"{phase}: small folders have come, {counts} items")
large, _ = parted(played, "driver_stopped")
last = [[p for p in c.down if p.len][-1].time for c in large if c.all[0].time < large[0].all[0].time + 1]
check(all(items(c) == 160 for c in large) and len(last) >= 4 and max(last) - min(last) < 1,
      f"driver_stopped: {len(last)} folders that waited came within {max(last) - min(last):.3f} s, on their connections")
for phase in ("baseline", "mitigated"):
    check(all(items(c) == 160 for c in parted(played, phase)[0]), f"{phase}: they come whole")
server = [c for c in played.connections("impaired", "server", 80) if asked(c) == 160]
check(len(server) == 12 and all(header_alone(c) and ends_alone(c, IDLE) for c in server), "the server's own wire has no more")
found = named(rig.wedge, played.capture("polls", "client"))
check(found[0] == ("fits", NAME), f"polls are named {found}")
found = [x for x in named(rig.wedge, played.capture("no_header", "client")) if x[0] != "near"]
check(not found, f"without a header, beside folders that come, nothing is sure: {found}")
