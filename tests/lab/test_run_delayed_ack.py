#!/usr/bin/env python3
"""The flagship, refereed by tshark: the delayed ACK of 200 ms is on both ends' wires in the impaired phase
and nowhere else, in both modes, as root and as an ordinary user."""
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need  # noqa: E402
from tshark_rows import read_rows  # noqa: E402

need("tshark", "setpriv")
rig = Rig()

FIN, SYN = 1, 2


def is_held(row):
    """Whether it is a pure ACK that tshark sees so late."""
    late = 0.190 <= float(row["tcp.analysis.ack_rtt"] or 0) <= 0.215
    return late and row["tcp.len"] == "0" and not int(row["tcp.flags"], 0) & (FIN | SYN)


def metric(result, phase, name):
    return next(p for p in result["phases"] if p["name"] == phase)["metrics"][name]


def referee(user, mode):
    result, status, folder = rig.scenario(user, "exchange-delayed-ack", "--intercept", mode,
                                          out=f"{user}-{mode}")
    check(status == 0 and result["verdict"] == "reproduced", f"{user}, {mode}: reproduced")
    for phase in [p["name"] for p in result["phases"]]:
        for leg in ("client", "server"):
            capture = os.path.join(folder, f"{phase}-{leg}.pcapng")
            rows = read_rows(capture, "frame.number", "http.request.method")
            bad = [row["frame.number"] for row in rows if row["tcp.analysis.retransmission"] or row["tcp.analysis.lost_segment"]]
            check(not bad, f"{user}, {mode}: no retransmission in {phase}-{leg}: {bad}")
            held = [float(row["tcp.analysis.ack_rtt"]) for row in rows if is_held(row)]
            exchanges = sum(row["tcp.dstport"] == "80" and row["http.request.method"] != "" for row in rows)
            check(exchanges == 60, f"{user}, {mode}: 60 exchanges in {phase}-{leg}")
            if phase in ("impaired", "client_quickack"):
                check(len(held) >= 0.8 * exchanges,
                      f"{user}, {mode}: {len(held)} held ACKs in {exchanges} exchanges of {phase}")
                ours = metric(result, phase, f"{leg}_wire.ack_delay_max_per_exchange.p50")
                theirs = statistics.median(held)
                check(abs(ours - theirs) < 0.001,
                      f"{user}, {mode}: ours {ours * 1000:.3f} ms, tshark's {theirs * 1000:.3f} ms")
            else:
                check(len(held) < 0.01 * exchanges, f"{user}, {mode}: none held in {phase}-{leg}")
    impaired = next(p for p in result["phases"] if p["name"] == "impaired")
    check(impaired["duration"] >= 60 * 0.190, "the impaired phase lasts 60 x 190 ms at least")


referee(rig.ordinary, "explicit")
if "root" in rig.users:
    referee("root", "forward")
