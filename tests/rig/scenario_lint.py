"""scenario_lint - reads every capture of a scenario's run for what no real host would do: two hop limits, a time stamp from
long ago, a checksum that is none, a word of a host that the story has dead. Judged by tshark, after the verdict."""
import glob
import os

import marks_rig
from run_rig import check

LATE = 0.15  # seconds: a packet that was stamped so long before it was on the wire was held by somebody


def by_sender(capture):
    """The packets of each host, and those of each of its connections."""
    hosts = {}
    for p in marks_rig.packets(capture):
        hosts.setdefault(p.host, {}).setdefault(p.stream, []).append(p)
    return hosts


def lint_capture(capture):
    """What gives the lab away, as texts."""
    found = []
    for host, connections in by_sender(capture).items():
        looks = {marks_rig.looks(p) for row in connections.values() for p in row}
        if len(looks) > 1:
            found.append(f"{host} has hop limits and traffic classes {sorted(looks)}")
        for stream, row in connections.items():
            stamped = [p for p in row if p.tsval is not None]
            late = max(marks_rig.lateness(stamped, marks_rig.clock_line(stamped)), default=0) if stamped else 0
            if late > LATE:
                found.append(f"{host}, connection {stream}: a time stamp from {late * 1e3:.0f} ms before")
            # Without offload Linux writes 0xffff for 0 itself (CSUM_MANGLED_0); whether wedge does is test_marks' subject.
            bad = [p for p in marks_rig.bad_checksums(row) if p.checksum != 0xffff]
            if bad:
                found.append(f"{host}, connection {stream}: {len(bad)} checksums, {hex(bad[0].checksum)} first")
    return found


def lint_folder(folder):
    captures = sorted(glob.glob(os.path.join(folder, "*-client.pcapng")) + glob.glob(os.path.join(folder, "*-server.pcapng")))
    check(len(captures) >= 4, f"{len(captures)} captures to read")
    for capture in captures:
        found = lint_capture(capture)
        check(not found, f"{os.path.basename(capture)}: nothing gives the lab away {found[:3]}")
