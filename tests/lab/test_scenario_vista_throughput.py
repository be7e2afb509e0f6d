#!/usr/bin/env python3
"""F24, refereed by tshark: to the host that offers a window scale the server never has more under way than the window's
field says in bytes, and crawls; to the one that offers none it is quick, on the same port at the same time."""
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import RST, SYN, check, reproduce  # noqa: E402
from tshark_rows import read_rows  # noqa: E402

VISTA, XP, FILE = "192.0.2.3", "192.0.2.4", 200 + 4 * 1024
SLOW = ("impaired", "older_driver", "chimney_disabled")


def of_files(played, phase, host):
    """What the host and the server of files say to each other."""
    return [row for row in read_rows(played.capture(phase, "client"))
            if host in (row["ip.src"], row["ip.dst"]) and "80" in (row["tcp.srcport"], row["tcp.dstport"])]


def has(row, bits):
    return bool(int(row["tcp.flags"], 0) & bits)


def scales(played, phase, host):
    rows = [row for row in of_files(played, phase, host) if row["ip.src"] == host and has(row, SYN)]
    return {int(row["tcp.options.wscale.shift"] or 0) for row in rows}


def flights(played, phase, host):
    """[(bytes under way, the window's field, the window with its scale)] at each segment to the host."""
    found, last = [], {}
    for row in of_files(played, phase, host):
        source, stream, flight = row["ip.src"], row["tcp.stream"], row["tcp.analysis.bytes_in_flight"]
        if source == host and not has(row, SYN):
            last[stream] = (int(row["tcp.window_size_value"]), int(row["tcp.window_size"]))
        elif source != host and int(row["tcp.len"]) and flight and stream in last:
            found.append((int(flight), *last[stream]))
    return found


def rates(played, phase, host):
    """Bytes a second of each file: from its request to its last byte."""
    found, asked, came, at = [], {}, {}, {}
    for row in of_files(played, phase, host):
        stream, length = row["tcp.stream"], int(row["tcp.len"])
        if not length:
            continue
        if row["ip.src"] == host:
            asked[stream], came[stream] = float(row["frame.time_epoch"]), 0
        elif stream in asked:
            came[stream] += length
            at[stream] = float(row["frame.time_epoch"])
            if came[stream] == FILE:
                found.append(FILE / (at[stream] - asked[stream]))
    return found


played = reproduce("vista-throughput", without=SLOW)
for phase in SLOW:
    check(min(scales(played, phase, VISTA)) > 0 and scales(played, phase, XP) == {0}, f"{phase}: one host offers a scale")
    under_way = flights(played, phase, VISTA)
    inside = sum(flight <= field for flight, field, _ in under_way) / len(under_way)
    check(inside >= 0.95, f"{phase}: {inside:.1%} of {len(under_way)} segments are within the window as it stands")
    check(all(window > 40000 for _, _, window in under_way), f"{phase}: and there was room for 40,000 bytes")
    slow, fast = rates(played, phase, VISTA), rates(played, phase, XP)
    check(len(slow) == 2 and len(fast) > 10, f"{phase}: {len(slow)} and {len(fast)} files")
    check(max(slow) <= 0.1 * statistics.median(fast),
          f"{phase}: at most {max(slow):.0f} B/s beside a median of {statistics.median(fast):.0f}")
    flagged = [row for row in of_files(played, phase, VISTA) if row["tcp.analysis.retransmission"] or has(row, RST)]
    check(not flagged, f"{phase}: nothing is lost or reset")
check(scales(played, "scaling_off", VISTA) == {0}, "scaling_off: Vista offers no scale")
for phase in ("baseline", "scaling_off", "mitigated"):
    found = rates(played, phase, VISTA)
    quick = sum(rate > 20 * max(slow) for rate in found)
    # A file is done in some milliseconds, in which a busy machine may not let it go on.
    check(len(found) >= 80 and quick >= 0.95 * len(found),
          f"{phase}: {quick} of {len(found)} files are quick, the slowest has {min(found):.0f} B/s")
