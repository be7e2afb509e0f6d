#!/usr/bin/env python3
"""F21, refereed by tshark's tcp.completeness: the chosen pairs of addresses and ports get no answer (or RST), each time that
they ask; the others are served, and who was in already stays in."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import RST, check, reproduce  # noqa: E402

ONLY_SYN = 1
KEPT = 4
TIMEOUT = 2.5  # of the client, with --quick
SLACK = 1.1  # a client that is stopped lets others go on for 1 s; and 2 % of its time-out


def is_refused(c):
    return len(c.down) == 1 and bool(c.down[0].flags & RST)


def is_served(c):
    return c.has_handshake() and len(c.response()) >= 400


def shares(played, phase):
    """The connections that were never answered, and all; nothing is between silence (or RST) and service."""
    found = played.connections(phase, "client", 3389)
    silent = [c for c in found if c.all[-1].completeness == ONLY_SYN]
    others = [c for c in found if c not in silent]
    check(not any(c.down for c in silent), f"{phase}: nothing comes back to {len(silent)}")
    check(all(is_served(c) or phase == "refused" and is_refused(c) for c in others), f"{phase}: {len(others)} others")
    return silent, found


played = reproduce("rdp-random-refusal", without=("impaired", "refused", "same_port", "another_port", "newer_driver"))
for phase in ("impaired", "newer_driver"):
    silent, found = shares(played, phase)
    check(0.12 <= len(silent) / len(found) <= 0.45, f"{phase}: {len(silent)} of {len(found)} unanswered")
    # With steps it is stopped at the end, some SYNs under way; without it has come to an end with each.
    end = max(c.all[-1].time for c in found) - TIMEOUT - SLACK if phase == "impaired" else float("inf")
    sent = [c.up[-1].time - c.up[0].time for c in silent if c.up[0].time < end]
    check(len(sent) >= 10 and min(sent) > 0.9, f"{phase}: each SYN is sent again, for 1 s and longer")
    failed = played.metric(phase, "client_app.failed")
    check(len(sent) <= failed <= len(silent), f"{phase}: the client gives up on each: {len(sent)}, {failed}, {len(silent)}")
_, found = shares(played, "refused")
refused = [c for c in found if is_refused(c)]
check(all(c.down[0].time - c.up[0].time < 0.2 for c in refused) and 15 <= len(refused) <= 60, f"refused: {len(refused)} by RST")
silent, found = shares(played, "same_port")
check(len(silent) == 2 * len({c.all[0].client_port for c in silent}), "same port: twice each, twice in vain")
silent, found = shares(played, "another_port")
check(len(silent) == len({c.all[0].client_port for c in silent}), "another port: each once")
for phase in ("baseline", "mitigated"):
    silent, found = shares(played, phase)
    check(len(found) == 120 + KEPT and not silent, f"{phase}: all are served")
