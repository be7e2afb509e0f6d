"""rows_idle - what sessions cost that do nothing: memory, also when traffic is over, and processor time."""
import resource
import time

import peers

SETTLE = 2      # seconds until memory and processor are looked at
WATCH = 3       # seconds of which the processor time is taken
# Both ways, so that the end of a server that goes is kept, too.
STALL = ("--impair", "stall{direction=both}")


def sessions_possible(wanted):
    """A proxy needs two descriptors for each, and some of its own."""
    return min(wanted, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200) // 2)


def memory(bench, row, number):
    for peer in bench.in_turn([p for p in bench.peers if p.start], number):
        for wanted in (500,) if bench.quick else (1000, 9900):
            n = sessions_possible(wanted)
            figure = f"an idle session, of {n:,}"
            if peer.name == "socat" and n > 1000:
                row.remark(f"socat is a process a connection: not asked for {n:,}")
                continue
            with bench.measuring(row, figure, "KiB", peer), bench.running(peer) as running:
                rest = peers.resident(running.pid)
                with bench.sessions(running, n, "idle"):
                    time.sleep(SETTLE)
                    used = peers.resident(running.pid) - rest
                row.note(figure, "KiB", peer.name, number, used / n / 1024)
        heavy(bench, row, number, peer)


def heavy(bench, row, number, peer):
    """What is left of memory when many connections have moved bytes and are gone."""
    n = 100 if bench.quick or peer.name == "socat" else 1000
    ways = [("", ())]
    if peer.wedge:
        ways.append((" with latency of 100 ms", ("--impair", "latency{direction=both,delay=100ms}")))
    for what, impair in ways:
        figure = f"after bulk{what} on {n:,} connections"
        with bench.measuring(row, figure, "x rest", peer), bench.running(peer, *impair) as running:
            rest = peers.resident(running.pid)
            bench.play(running.pid, "bulk", running.dial, running.serve, n, bench.seconds)
            time.sleep(SETTLE)
            left = peers.resident(running.pid)
            row.note(figure, "x rest", peer.name, number, left / rest)
            row.note(f"{figure}: resident", "MiB", peer.name, number, left / (1 << 20))


def idle(bench, row, number):
    n = sessions_possible(500 if bench.quick else 5000)
    for peer in bench.in_turn([p for p in bench.peers if p.start and p.name != "socat"], number):
        kinds = [("idle", ())] + ([("stalled", STALL)] if peer.wedge else [])
        for kind, impair in kinds:
            with bench.measuring(row, f"{n:,} {kind} sessions", "% of a core", peer) as figure, \
                    bench.running(peer, *impair) as running, bench.sessions(running, n, kind) as there:
                watch(bench, row, number, peer, running, figure)
                if kind == "stalled":
                    there.tell("reset")
                    watch(bench, row, number, peer, running, f"{figure}, their server gone by RST")


def watch(bench, row, number, peer, running, figure):
    time.sleep(SETTLE)
    with bench.quiet():
        before, began = peers.cpu(running.pid), time.monotonic()
        time.sleep(WATCH)
        used = (peers.cpu(running.pid) - before) / (time.monotonic() - began)
    if used < 0:
        raise RuntimeError("the processor time can't be told")
    row.note(figure, "% of a core", peer.name, number, 100 * used)


ROWS = {"memory": (memory, "resident memory", True),
        "idle": (idle, "processor time of sessions that do nothing", False)}
