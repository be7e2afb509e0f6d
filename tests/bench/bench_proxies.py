#!/usr/bin/env python3
"""How long calls of the API take beside 1,000 and 10,000 proxies: a proxy made and removed, a toxic put on it, changed and taken
away, what is read. Wants the median of a change beside 10,000 to be at most 10 ms."""
import os
import resource
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
from toxi_rig import Http, Serve

SIZES, ROUNDS = (1, 1000, 10000), 50


def fill(w, begin, end):
    """By /populate, many at once: a call for each would be measured elsewhere."""
    for at in range(begin, end, 1000):
        body = [{"name": "p%d" % i, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"} for i in range(at, min(at + 1000, end))]
        a = w.ask("POST", "/populate", body)
        assert a.status == 201, a


def timed(w, what, times, method, path, body=None):
    began = time.monotonic()
    a = w.ask(method, path, body)
    times.setdefault(what, []).append(1000 * (time.monotonic() - began))
    assert a.status in (200, 201, 204), a


def measure(w, n):
    times = {}
    for i in range(ROUNDS):
        name = "/proxies/x%d" % i
        timed(w, "make a proxy", times, "POST", "/proxies", {"name": "x%d" % i, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
        timed(w, "put a toxic", times, "POST", name + "/toxics", {"type": "latency", "attributes": {"latency": 5}})
        timed(w, "change it", times, "POST", name + "/toxics/latency_downstream", {"attributes": {"latency": 6}})
        timed(w, "take it away", times, "DELETE", name + "/toxics/latency_downstream")
        timed(w, "read a proxy", times, "GET", name)
        timed(w, "remove a proxy", times, "DELETE", name)
    worst = 0
    for what, ms in times.items():
        ms.sort()
        print("beside %5d proxies: %-15s median %7.2f ms, p90 %7.2f ms" % (n, what, ms[len(ms) // 2], ms[int(0.9 * len(ms))]), flush=True)
        worst = max(worst, ms[len(ms) // 2])
    return worst


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sizes = [int(n) for n in sys.argv[2:]] or SIZES
    os.environ["WEDGE"] = sys.argv[1] if len(sys.argv) > 1 else os.environ["WEDGE"]
    worst, had = 0, 0
    with Serve("--seed", "1") as w:
        for n in sizes:
            began = time.monotonic()
            fill(w, had, n)
            print("%d proxies more in %.2f s" % (n - had, time.monotonic() - began), flush=True)
            had = n
            worst = measure(w, n)
    print("median beside %d: %.2f ms: %s" % (had, worst, "as wanted" if worst <= 10 else "more than 10 ms"))
    return 0 if worst <= 10 else 1


sys.exit(main())
