#!/usr/bin/env python3
"""How long calls of the API take, 1,000 a second, while 1,000 sessions stand still and each holds bytes: what it reads, and what
changes toxics of all these sessions. Wants p99 of at most 10 ms."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import proxy_rig as rig
from toxi_rig import Http, Serve

SESSIONS, CALLS, SECONDS, CONNECTIONS = 1000, 1000, 5, 4


def stand_still(w, server):
    port = w.proxy("held", "127.0.0.1:%d" % server.getsockname()[1], [{"type": "bandwidth", "stream": "downstream"}])
    ends = []
    for _ in range(SESSIONS):
        c = rig.connect(port)
        s = rig.accept(server)
        s.sendall(b"h" * 4096)
        ends.append((c, s))
    return ends


def caller(port, k, calls, times):
    """Every so often the next call, at its time, however long the ones before took."""
    http, step, begin = Http(port), CONNECTIONS / CALLS, time.monotonic() + k / CALLS
    for i, (method, path, body) in enumerate(calls):
        due = begin + i * step
        time.sleep(max(0, due - time.monotonic()))
        began = time.monotonic()
        a = http.ask(method, path, body)
        times.append((time.monotonic() - began, method + " " + path.split("/")[-1]))
        assert a.status in (200, 204), a


def measure(w, what, mix):
    times, n = [], CALLS * SECONDS // CONNECTIONS
    threads = [threading.Thread(target=caller, args=(w.port, k, [mix(k, i) for i in range(n)], times)) for k in range(CONNECTIONS)]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.monotonic() - began
    ms = sorted(1000 * t for t, _ in times)
    at = lambda share: ms[min(len(ms) - 1, int(share * len(ms)))]
    print("%-40s %5d calls in %.2f s (%d/s): p50 %.2f ms, p99 %.2f ms, max %.2f ms" % (what, len(ms), took, len(ms) / took, at(0.5), at(0.99), ms[-1]), flush=True)
    return at(0.99)


def main():
    server = rig.listener()
    with Serve("--seed", "1") as w:
        ends = stand_still(w, server)
        worst = measure(w, "reading", lambda k, i: ("GET", ("/proxies", "/version", "/proxies/held", "/proxies/held/toxics")[i % 4], None))
        worst = max(worst, measure(w, "updates of their toxic that change nothing", lambda k, i: (("POST", "/proxies/held/toxics/bandwidth_downstream", {"attributes": {"rate": 0}}))))
        w.proxy("idle", "127.0.0.1:9")
        idle = lambda k, i: ("POST", "/proxies/idle/toxics", {"type": "latency", "name": "own%d" % k}) if i % 2 == 0 else ("DELETE", "/proxies/idle/toxics/own%d" % k, None)
        worst = max(worst, measure(w, "toxics come and go beside them", idle))
        for c, s in ends:
            c.close()
            s.close()
    print("p99 %.2f ms: %s" % (worst, "as wanted" if worst <= 10 else "more than 10 ms"))
    return 0 if worst <= 10 else 1


sys.exit(main())
