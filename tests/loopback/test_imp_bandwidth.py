#!/usr/bin/env python3
"""bandwidth on real sockets, judged by when the receiver's bytes come: the mean rate, 10 ms bins, the largest gap; and
one rate shared by ten sessions.
QUIET: it judges rates."""
import os
import selectors
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from noise import MUCH, by_others, unspoilt
from proxy_rig import Proxy, accept, check, connect, finish, listener

RATE = 1000000
BIN = 0.010
EXACT = 0.005


def pump(sock, stop):
    block = b"\0" * 65536
    try:
        while not stop.is_set():
            sock.send(block)
    except OSError:
        pass


def arrivals(pairs, seconds):
    """[(time, bytes, connection)] of all receivers, after half a second of ramp-up."""
    stop = threading.Event()
    senders = [threading.Thread(target=pump, args=(c, stop)) for c, _ in pairs]
    ready = selectors.DefaultSelector()
    for i, (_, s) in enumerate(pairs):
        ready.register(s, selectors.EVENT_READ, i)
    for t in senders:
        t.start()
    got, begin = [], time.monotonic()
    while time.monotonic() < begin + seconds + 0.5:
        for key, _ in ready.select(0.1):
            n = len(key.fileobj.recv(1 << 20))
            at = time.monotonic() - begin - 0.5
            if at >= 0:
                got.append((at, n, key.data))
    stop.set()
    for c, s in pairs:
        s.close()
        c.close()
    for t in senders:
        t.join()
    return got


def mean_rate(got):
    return sum(n for _, n, _ in got[1:]) / (got[-1][0] - got[0][0])


def good(empty, largest, gap, error):
    return empty == 0 and largest <= 1.5 and gap <= 10 and abs(error) <= EXACT


def smooth():
    """A machine that is busy elsewhere makes gaps of its own: the best of at most eight runs is wedge's."""
    server = listener()
    runs = []
    while len(runs) < 8 and not any(good(*r) for r in runs):
        with Proxy("127.0.0.1:%d" % server.getsockname()[1], "--impair", "bandwidth{direction=upstream,rate=1000kB/s}") as p:
            c = connect(p.port)
            got, others = by_others(lambda c=c: arrivals([(c, accept(server))], 5))
        bins = [0] * int(5 / BIN - 1)
        for at, n, _ in got:
            if at / BIN < len(bins):
                bins[int(at / BIN)] += n
        error = mean_rate(got) / RATE - 1
        # Wedge that waited for a processor catches up by a quarter of the rate, so late that the window may end before.
        check("the rate is off by at most 0.5 %", abs(error) <= EXACT or others > MUCH,
              "%+.3f %%, others used %.0f %% of the machine" % (100 * error, 100 * others))
        gap = max(b[0] - a[0] for a, b in zip(got, got[1:]))
        runs.append((sum(b == 0 for b in bins), max(bins) / (RATE * BIN), gap * 1000, error))
        print("     %d empty bins, the largest is %.2f of the mean, the largest gap %.2f ms" % runs[-1][:3])
    check("no bin of 10 ms is empty, the largest is at most 1.5 of the mean, no gap is above 10 ms", any(good(*r) for r in runs),
          "run %d" % len(runs))


def ten_sessions():
    """(error of their rate, bytes of each)"""
    server = listener()
    with Proxy("127.0.0.1:%d" % server.getsockname()[1],
               "--impair", "bandwidth{direction=upstream,rate=1000kB/s,shared=true}") as p:
        pairs = []
        for _ in range(10):
            c = connect(p.port)
            pairs.append((c, accept(server)))
        got = arrivals(pairs, 4)
    server.close()
    return mean_rate(got) / RATE - 1, [sum(n for _, n, k in got if k == i) for i in range(10)]


def shared():
    error, each = unspoilt(ten_sessions, lambda seen: abs(seen[0]) <= EXACT)
    check("ten sessions have one rate together", abs(error) <= EXACT, "%+.3f %%" % (100 * error))
    check("and equal parts of it", max(each) <= 1.05 * min(each), "%d to %d bytes" % (min(each), max(each)))


def back_pressure():
    server = listener()
    with Proxy("127.0.0.1:%d" % server.getsockname()[1], "--impair", "bandwidth{direction=upstream,rate=10kB/s}") as p:
        c = connect(p.port)
        s = accept(server)
        c.settimeout(0.5)
        sent = 0
        try:
            while sent < 1 << 28:
                sent += c.send(b"\0" * 65536)
        except TimeoutError:
            pass
        check("the sender is held back", sent < 1 << 25, "after %d bytes, of the kernels' buffers" % sent)
        s.close()


smooth()
shared()
back_pressure()
finish()
