#!/usr/bin/env python3
"""F18, refereed by tshark and hashlib: at both ends the body isn't what its digest announces, in one
block; TCP finds nothing to say about either."""
import base64
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import check, fails_without, reproduce  # noqa: E402

HEAD, BODY = 200, 16384
BLOCK = range(5000, 5512)  # of the response
SHAPES = {"impaired": BLOCK, "unnoticed": BLOCK, "zeroed": BLOCK, "repeated": range(5000, 6000)}


def digest_holds(response):
    announced = re.search(rb"Content-Digest: sha-256=:([^:]+):", response[:HEAD])[1]
    return base64.b64decode(announced) == hashlib.sha256(response[HEAD:]).digest()


def responses(played, phase, leg):
    found = [c.response() for c in played.connections(phase, leg, 80)]
    check(len(found) == 40 and all(len(r) == HEAD + BODY for r in found), f"{phase}, {leg} leg: 40 whole responses")
    flagged = tshark(played.capture(phase, leg), "tcp.analysis.flags && !tcp.analysis.window_update && tcp.port == 80",
                     "_ws.col.Info")
    check(not flagged, f"{phase}, {leg} leg: TCP is in order {flagged[:2]}")
    bad = tshark(played.capture(phase, leg), "tcp.checksum.status == 0 && ip.src == 192.0.2.1")
    check(not bad, f"{phase}, {leg} leg: checksums are right")
    return found


played = reproduce("driver-bad-data")
whole = responses(played, "baseline", "server")
check(all(digest_holds(r) for r in whole), "baseline: right when it left")
for phase, where in SHAPES.items():
    left, came = (responses(played, phase, leg) for leg in ("server", "client"))
    check(left == came, f"{phase}: what the server's own interface has is what comes")
    check(not any(digest_holds(r) for r in came), f"{phase}: wrong already when it left the server's host")
    for a, b in zip(whole, came):
        changed = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
        check(changed and changed[0] in where and changed[-1] in where, f"{phase}: {len(changed)} bytes changed")
        if phase == "zeroed":
            check(all(b[i] == 0 for i in BLOCK), "zeroed: to zeros")
        if phase == "repeated":
            check(b[5000:5500] == b[5500:6000], "repeated: twice the same")
for phase in ("baseline", "mitigated"):
    check(all(digest_holds(r) for r in responses(played, phase, "client")), f"{phase}: right")
check(played.metric("impaired", "client_app.completed") == 0, "a client that looks takes none")
check(played.metric("unnoticed", "client_app.completed") == 40, "a client that doesn't takes all")
fails_without("driver-bad-data", "impaired", "unnoticed", "zeroed", "repeated")
