#!/usr/bin/env python3
"""F18, refereed by tshark and hashlib: at both ends the body isn't what its digest announces, in one
block, in each another one; TCP finds nothing to say about either."""
import base64
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import check, reproduce  # noqa: E402
from tshark_rows import ask_also, read_rows  # noqa: E402

HEAD, BODY = 200, 16384
DAMAGED = range(1000, 15501)  # of the response: where the damage begins, of a repeated block 500 bytes later
SHAPES = {"impaired": 512, "unnoticed": 512, "zeroed": 512, "repeated": 1000}


def digest_holds(response):
    announced = re.search(rb"Content-Digest: sha-256=:([^:]+):", response[:HEAD])[1]
    return base64.b64decode(announced) == hashlib.sha256(response[HEAD:]).digest()


def responses(played, phase, leg):
    found = [c.response() for c in played.connections(phase, leg, 80)]
    check(len(found) == 40 and all(len(r) == HEAD + BODY for r in found), f"{phase}, {leg} leg: 40 whole responses")
    rows = read_rows(played.capture(phase, leg))
    place = {row["frame.interface_description"] for row in rows}
    check(place == {f"{leg} leg, mirror of its switch port"}, f"{phase}, {leg} leg: the capture says where it was taken: {place}")
    flagged = [row["_ws.col.Info"] for row in rows if row["tcp.analysis.flags"] and not row["tcp.analysis.window_update"] and
               "80" in (row["tcp.srcport"], row["tcp.dstport"])]
    check(not flagged, f"{phase}, {leg} leg: TCP is in order {flagged[:2]}")
    bad = [row for row in rows if row["tcp.checksum.status"] == "0" and row["ip.src"] == "192.0.2.1" and
           row["tcp.checksum"] != "0xffff"]  # Linux's 0 (see tshark_counts)
    check(not bad, f"{phase}, {leg} leg: checksums are right")
    return found


ask_also("frame.interface_description", "tcp.analysis.flags", "tcp.analysis.window_update", "_ws.col.Info")
played = reproduce("driver-bad-data", without=("impaired", "unnoticed", "zeroed", "repeated"))
whole = responses(played, "baseline", "server")
check(all(digest_holds(r) for r in whole), "baseline: right when it left")
for phase, size in SHAPES.items():
    left, came = (responses(played, phase, leg) for leg in ("server", "client"))
    check(left == came, f"{phase}: what the server's switch port has is what comes")
    check(not any(digest_holds(r) for r in came), f"{phase}: wrong already when it left the server's host")
    first = []
    for a, b in zip(whole, came):
        changed = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
        check(changed and changed[0] in DAMAGED and changed[-1] - changed[0] < size, f"{phase}: {len(changed)} bytes changed")
        first.append(changed[0])
        if phase == "zeroed":
            check(all(b[i] == 0 for i in changed), "zeroed: to zeros")
        if phase == "repeated":
            # A letter is that in its place by chance one time of ten or so: twenty in a row are not.
            begins = range(changed[0] - 520, changed[0] + 1)
            check(any(b[at:at + 500] == b[at + 500:at + 1000] for at in begins), "repeated: twice the same")
    check(len(set(first)) > 30 and max(first) - min(first) > 8000,
          f"{phase}: at {len(set(first))} places, from {min(first)} to {max(first)}")
for phase in ("baseline", "mitigated"):
    check(all(digest_holds(r) for r in responses(played, phase, "client")), f"{phase}: right")
check(played.metric("impaired", "client_app.completed") == 0, "a client that looks takes none")
check(played.metric("unnoticed", "client_app.completed") == 40, "a client that doesn't takes all")
