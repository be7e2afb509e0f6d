"""rows_time - how exact what wedge does by the clock is: delays of bytes and of packets, a rate. An early one would be an error of
the instrument, so the least error is shown beside the median."""
import contextlib
import subprocess
import sys

HOLD_MS = 200


def paced(bench, row, number, peer, what, connections, ms, impair, rate):
    """One measurement: errors beyond ms."""
    with bench.measuring(row, f"{what}: p50", "ms", peer), bench.running(peer, *impair) as running:
        got = bench.play(running.pid, "paced", running.dial, running.serve, connections, rate, 1 if bench.quick else 3)
        for name, key in (("least", "min"), ("p50", "p50"), ("p99", "p99")):
            row.note(f"{what}: {name}", "ms", peer.name, number, got[key] / 1e6 - ms)
        if got["came"] < got["sent"]:
            row.remark(f"{what}, {peer.name}: {got['sent'] - got['came']} of {got['sent']} messages didn't come")


def delay(bench, row, number):
    for n in (10, 1000):
        for peer in bench.in_turn([p for p in bench.peers if not p.start or p.wedge], number):
            paced(bench, row, number, peer, f"{n:,} connections, no delay, time", n, 0, (), 1000)
            for ms in (10, 100) if peer.wedge else ():
                paced(bench, row, number, peer, f"{n:,} connections, {ms} ms, error", n, ms,
                      ("--impair", f"latency{{direction=upstream,delay={ms}ms}}"), 1000)


def set_kernel(corking, *timeout):
    """Two things of a kernel that senders meet where an answer is held as long as its timer waits: on a timeout they start slowly
    again, and while a packet of theirs waits in a queue of this host they put small writes together, until it has gone."""
    for route in ("127.0.0.0/8", "127.0.0.1"):
        subprocess.run(["ip", "route", "change", "table", "local", "local", route, "dev", "lo", "proto", "kernel", "scope", "host",
                        "src", "127.0.0.1", *timeout], check=True)
    with open("/proc/sys/net/ipv4/tcp_autocorking", "w", encoding="ascii") as f:
        f.write(corking)


def hold(bench, row, number):
    """Packets that are held in the kernel's queue, each message in one of its own, as between hosts; on one flow few enough for its
    window at the start."""
    set_kernel("0", "rto_min", "1s")
    try:
        hold_packets(bench, row, number)
    finally:
        set_kernel("1")


def hold_packets(bench, row, number):
    for n, rate in ((1, 20), (1000, 2000)):
        for peer in bench.in_turn([p for p in bench.peers if p.wedge], number):
            paced(bench, row, number, peer, f"{n:,} flow{'s' * (n > 1)}, {HOLD_MS} ms, error", n, HOLD_MS,
                  ("--impair", f"delay{{direction=upstream,leg=server,what=data,delay={HOLD_MS}ms}}"), rate)


def bandwidth(bench, row, number):
    import bench_bandwidth
    with bench.measuring(row, f"{bench_bandwidth.RATE // 1000} kB/s", "", bench.subject), bench.quiet(), \
            contextlib.redirect_stdout(sys.stderr):  # the rig's own claims
        *ways, late = bench_bandwidth.receive(2 if bench.quick else bench_bandwidth.SECONDS)
        for way, got in zip(bench_bandwidth.WAYS, ways):
            for (what, unit, _), value in zip(bench_bandwidth.UNITS, bench_bandwidth.judge(got)):
                row.note(f"{way}: {what}", unit, bench.subject.name, number, value)
        row.note("a sleeping process was woken late by up to", "ms", bench.subject.name, number, late)


ROWS = {"delay": (delay, "delay of bytes, from send() to the end of recv()", False),
        "bandwidth": (bandwidth, "the shape of a bandwidth", False),
        "hold": (hold, "packets held, from send() to the end of recv()", False)}
