#!/usr/bin/env python3
"""A transparent proxy is as fast as an explicit one on the same topology: both at work at once, round
by round in turn; the rates and their ratio are printed.

ALONE: who else is at work takes the processor from one of the two rounds."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import IN, SERVER, check, main, stop  # noqa: E402

SIZE, ROUNDS = 100 << 20, 7
WANTED, TRIES = 0.9, 3  # within 10 %; another machine's load on this one may spoil a try


def fetch(g, address, port):
    began = time.monotonic()
    p = g.curl(address, "f", port)
    took = time.monotonic() - began
    check(p.stdout.startswith("200"), f"{address}:{port}: {SIZE / took / 1e6:.0f} MB/s")
    return SIZE / took / 1e6


def middle(values):
    return sorted(values)[len(values) // 2]


def compare(g, user):
    """The middle of the rounds' ratios, transparent to explicit."""
    rates = {8080: [], 80: []}
    for _ in range(ROUNDS):
        rates[8080].append(fetch(g, "192.0.2.1", 8080))
        rates[80].append(fetch(g, SERVER, 80))
    ratios = [t / e for t, e in zip(rates[80], rates[8080])]
    print(f"{user}: explicit {middle(rates[8080]):.0f} MB/s, transparent {middle(rates[80]):.0f} MB/s; "
          f"ratio {middle(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) in {ROUNDS} rounds")
    return middle(ratios)


def inside(g, user, _):
    g.nginx(SIZE)
    explicit = g.wedge("--upstream", f"{SERVER}:80", mode=("--listen", "192.0.2.1:8080"))
    transparent = g.wedge("--port", "80", mode=("--transparent", "--in", IN))
    ratios = []
    while len(ratios) < TRIES and (not ratios or ratios[-1] < WANTED):
        ratios.append(compare(g, user))
    check(ratios[-1] >= WANTED, f"transparent is as fast: {ratios[-1]:.2f}, try {len(ratios)}")
    for wedge in (explicit, transparent):
        check(stop(wedge) == 0, "SIGTERM ends it")


main(inside, "curl", "nginx")
