#!/usr/bin/env python3
"""How exact and how smooth bandwidth{rate=1000kB/s} is, for a receiving socket and on the wire."""
import bench_rig

if __name__ == "__main__":
    figures = bench_rig.begin(__doc__)  # before proxy_rig, which asks for the wedge

import threading
import time

from proxy_rig import Proxy, accept, connect, listener

RATE, BIN, RAMP, SECONDS = 1000000, 0.010, 0.5, 10


def receive(seconds):
    """[(time, bytes)] of a receiver, what tshark says of wedge's segments to it, and how late a sleeper was woken."""
    server = listener()
    port, stop, got = server.getsockname()[1], threading.Event(), []
    with Proxy(f"127.0.0.1:{port}", "--impair", f"bandwidth{{direction=upstream,rate={RATE // 1000}kB/s}}") as p, \
            bench_rig.Tap(f"tcp dst port {port}") as tap, bench_rig.Machine() as machine:
        c, s = connect(p.port), accept(server)

        def send():
            try:
                while not stop.is_set():
                    c.send(bytes(65536))
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        until = time.monotonic() + RAMP + seconds
        while time.monotonic() < until:
            n = len(s.recv(1 << 20))
            got.append((time.monotonic(), n))
        stop.set()
        s.close()
        c.close()
        sender.join()
    return got, [(float(at), int(n)) for at, n in tap.rows("frame.time_epoch", "tcp.len")], machine.latest_ms


def judge(got):
    """(rate error in %, empty bins, largest bin over the mean, largest gap in ms) after the ramp-up."""
    begin = got[0][0] + RAMP
    got = [(at - begin, n) for at, n in got if at >= begin]
    bins = [0] * int(got[-1][0] / BIN)
    for at, n in got:
        if int(at / BIN) < len(bins):
            bins[int(at / BIN)] += n
    rate = sum(n for _, n in got[1:]) / (got[-1][0] - got[0][0])
    gap = max(b[0] - a[0] for a, b in zip(got, got[1:]))
    return 100 * abs(rate / RATE - 1), sum(b == 0 for b in bins), max(bins) / (RATE * BIN), gap * 1e3


WAYS = "receiving socket", "wire, by tshark"
UNITS = ("rate error", "%", 0.5), ("empty bins of 10 ms", "", 0), ("largest bin over the mean", "", 1.5), ("largest gap", "ms", 10)


def main():
    runs = []
    for run in range(figures.options.runs):
        print(f"bandwidth {RATE // 1000} kB/s for {SECONDS} s, run {run + 1}")
        *ways, late = receive(SECONDS)
        runs.append([judge(got) for got in ways])
        for way, values in zip(WAYS, runs[-1]):
            for (what, unit, limit), value in zip(UNITS, values):
                # A rate must hold in every run; a gap of the machine's own is no property of wedge.
                figures.show(f"{way}: {what}", value, unit, at_most=limit if what == "rate error" else None)
        figures.show("a sleeping process was woken late by up to", late, "ms")
    print("bandwidth, the best of the runs")
    for i, way in enumerate(WAYS):
        for k, (what, unit, limit) in enumerate(UNITS):
            figures.show(f"{way}: {what}", min(r[i][k] for r in runs), unit, at_most=limit)
    figures.finish()


if __name__ == "__main__":
    main()
