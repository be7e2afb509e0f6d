"""scenario_lint - reads every capture of a scenario's run for what no real host would do: two hop limits, a time stamp from
long ago, a checksum that is none, a word of a host that the story has dead. Judged by tshark, after the verdict."""
import glob
import os

import marks_rig
from run_rig import check

LATE = 0.15  # seconds: a packet that was stamped so long before it was on the wire was held by somebody
RARE = 0.1  # of a connection's packets may be late: a busy machine holds one now and then, a fault every other


def by_sender(capture):
    """The packets of each host, and those of each of its connections."""
    hosts = {}
    for p in marks_rig.packets(capture):
        hosts.setdefault(p.host, {}).setdefault(p.stream, []).append(p)
    return hosts


def lateness(row):
    stamped = [p for p in row if p.tsval is not None]
    return marks_rig.lateness(stamped, marks_rig.clock_line(stamped)) if stamped else []


def sees_all_of(capture, host):
    """Whether nothing that the host has sent can have been lost before the capture: on its own leg."""
    return host.startswith("192.0.2." if capture.endswith("-client.pcapng") else "198.51.100.")


def id_holes(row):
    """Neighbours among the IDs that aren't one apart. Two processors may give a tap two packets the wrong way round, so
    it is the IDs that are put in order."""
    ids = [0]
    own = [p for p in row if p.id]
    for a, b in zip(own, own[1:]):
        step = marks_rig.id_step(a, b)
        ids.append(ids[-1] + (step if step < 32768 else step - 65536))
    ids.sort()
    return [(a, b) for a, b in zip(ids, ids[1:]) if b - a > 1]


def lint_capture(capture):
    """What gives the lab away, as texts."""
    found = []
    for host, connections in by_sender(capture).items():
        looks = {marks_rig.looks(p) for row in connections.values() for p in row}
        if len(looks) > 1:
            found.append(f"{host} has hop limits and traffic classes {sorted(looks)}")
        for stream, row in connections.items():
            late = lateness(row)
            old = [x for x in late if x > LATE]
            if len(old) > max(2, RARE * len(late)):
                found.append(f"{host}, connection {stream}: {len(old)} of {len(late)} time stamps are from up to "
                             f"{max(old) * 1e3:.0f} ms before")
            holes = id_holes(row) if sees_all_of(capture, host) else []
            if holes:
                found.append(f"{host}, connection {stream}: {len(holes)} holes in its IP IDs, {holes[:3]}")
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
