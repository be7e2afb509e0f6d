#!/usr/bin/env python3
"""What latency of 100 ms leaves of the rate of a bulk transfer: on paths of 1 and 10 Gbit/s, and of all
that loopback can."""
import bench_rig

figures = bench_rig.begin(__doc__)

import socket
import threading
import time

from proxy_rig import Proxy, accept, connect, listener

GIGABIT = 117500000  # bytes of payload a second on gigabit Ethernet
RAMP, SECONDS = 2, 3


def rate(pace, *impair):
    """Bytes per second that arrive after the ramp-up; the sender is paced by its kernel when pace is given."""
    server = listener()
    stop = threading.Event()
    with Proxy(f"127.0.0.1:{server.getsockname()[1]}", *impair) as p:
        c, s = connect(p.port), accept(server)
        if pace:
            c.setsockopt(socket.SOL_SOCKET, 47, pace)  # SO_MAX_PACING_RATE

        def send():
            try:
                while not stop.is_set():
                    c.send(bytes(262144))
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        buf, total = bytearray(1 << 20), 0
        until = time.monotonic() + RAMP
        while time.monotonic() < until:
            s.recv_into(buf)
        start = time.monotonic()
        while time.monotonic() < start + SECONDS:
            total += s.recv_into(buf)
        took = time.monotonic() - start
        stop.set()
        s.close()
        c.close()
        sender.join()
    server.close()
    return total / took


def compare(what, pace, buffer, at_least):
    delayed = ("--impair", f"latency{{direction=upstream,delay=100ms{buffer}}}")
    # Taken in turns, and the best of each: a machine that is busy elsewhere takes from either.
    plain, slow = [], []
    for _ in range(figures.options.runs):
        plain.append(rate(pace))
        slow.append(rate(pace, *delayed))
    figures.show(f"{what}: without latency", max(plain) / 1e6, "MB/s")
    figures.show(f"{what}: with 100 ms", max(slow) / 1e6, "MB/s")
    figures.show(f"{what}: what is left", max(slow) / max(plain), "", at_least=at_least)


print("bulk after ramp-up")
compare("1 Gbit/s, buffer by default", GIGABIT, "", 0.9)
compare("10 Gbit/s, buffer=1GiB", 10 * GIGABIT, ",buffer=1GiB", 0.9)
# What two processors can copy, at some 16 Gbit/s: docs/measurements.md says why it has no limit.
compare("loopback, buffer=1GiB", None, ",buffer=1GiB", None)
compare("loopback, buffer by default", None, "", None)
figures.finish()
