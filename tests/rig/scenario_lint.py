"""scenario_lint - reads every capture of a scenario's run for what no real host would do: two hop limits, a time stamp from
long ago, a checksum that is none, a word of a host that the story has dead. Judged by tshark, after the verdict."""
import concurrent.futures
import glob
import os

import marks_rig
import port_lint
from run_rig import check

ACK = 0x10
LATE = 0.15  # seconds: a packet that was stamped so long before it was on the wire was held by somebody
RARE = 0.1  # of a connection's packets may be late: a busy machine holds one now and then, a fault every other
CLIENTS, LEAST_CLIENT_PORT = "192.0.2.", 32768
MANY = 4  # connections that do the same within a MOMENT; a stall of the machine makes such moments, too, but few
CROWDED = 0.25  # of what a client does to a port may fall in them
MOMENT = 0.001  # seconds
SILENCE = 0.02  # seconds; what comes sooner may be due to the answer before it


def by_sender(packets):
    """The packets of each host, and those of each of its connections."""
    hosts = {}
    for p in packets:
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
    it is the IDs that are put in order. An RST without ACK may be of a host that was rebooted, and counts anew."""
    ids = [0]
    own = [p for p in row if p.id and p.flags & (marks_rig.RST | ACK) != marks_rig.RST]
    for a, b in zip(own, own[1:]):
        step = marks_rig.id_step(a, b)
        ids.append(ids[-1] + (step if step < 32768 else step - 65536))
    ids.sort()
    return [(a, b) for a, b in zip(ids, ids[1:]) if b - a > 1]


def lint_capture(capture, steps=True):
    """What gives the lab away, as texts; steps: clients that march, too, which those do that share a busy processor."""
    packets = marks_rig.packets(capture)
    found = port_lint.lint_ports(packets)
    if steps and capture.endswith("-client.pcapng"):
        found += lint_steps(packets)
    for host, connections in by_sender(packets).items():
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


def moments_in_step(times):
    """How many connections there are in each moment that many share; times: [(when, connection)]"""
    found, row = [], []
    for when, stream in sorted(times):
        if row and when - row[0][0] > MOMENT:
            found.append(len({s for _, s in row}))
            row = []
        row.append((when, stream))
    found.append(len({s for _, s in row}))
    return [n for n in found if n >= MANY]


def lint_steps(packets):
    """Whether many connections of one client begin, or speak after a silence, at one moment, again and again: people
    and their programs don't march. Who answers an answer at once isn't meant, nor what is sent again."""
    begins, speaks, before, said = {}, {}, {}, set()
    for p in packets:
        whose, what = (p.host, p.dport), (p.stream, p.sport, p.seq)
        if p.host.startswith(CLIENTS) and p.dport < LEAST_CLIENT_PORT and what not in said:
            if p.flags & marks_rig.SYN:
                begins.setdefault(whose, []).append((p.time, p.stream))
            elif p.len and p.time - before.get(p.stream, p.time) > SILENCE:
                speaks.setdefault(whose, []).append((p.time, p.stream))
        if p.len or p.flags & marks_rig.SYN:
            said.add(what)
        before[p.stream] = p.time
    found = []
    for what, side in (("begin", begins), ("speak", speaks)):
        for (host, port), times in side.items():
            moments = moments_in_step(times)
            often = len(moments) > 2 or max(moments, default=0) >= 2 * MANY
            if often and sum(moments) > CROWDED * len(times):
                found.append(f"{host}: connections to port {port} {what} in step, {moments[:5]} in one millisecond")
    return found


def phase_of(capture):
    return os.path.basename(capture).rsplit("-", 1)[0].split("@")[0]


def lint_folder(folder, steps=True, more=lambda capture: [], phases=None):
    """Checks each capture of a run, or of these phases of it, by more, too, which returns texts. Two at once, as tshark reads for
    long."""
    captures = sorted(glob.glob(os.path.join(folder, "*-client.pcapng")) + glob.glob(os.path.join(folder, "*-server.pcapng")))
    captures = [c for c in captures if not phases or phase_of(c) in phases]
    check(len(captures) >= 4, f"{len(captures)} captures to read")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for capture, found in zip(captures, pool.map(lambda c: lint_capture(c, steps) + more(c), captures)):
            check(not found, f"{os.path.basename(capture)}: nothing gives the lab away {found[:3]}")
