#!/usr/bin/env python3
"""slow_close, hold_close, corrupt, chaos, process_freeze and worker_pool on real sockets: what each end sees.
ALONE: it judges milliseconds."""
import hashlib
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Pair, Proxy, accept, check, connect, finish, listener, read_to_end, silent, wait_for

server = listener()
UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]
TCP_FIN_WAIT2 = 5


def state(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def through(impairment, data):
    """What arrives of data that the server sends, and how it ends."""
    with Pair(impairment) as p:
        def send():
            p.s.sendall(data)
            p.s.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        got = read_to_end(p.c)
        sender.join()
    return got


with Pair("slow_close{delay=400ms}") as p:
    p.s.sendall(b"bytes")
    p.s.shutdown(socket.SHUT_WR)
    began = time.monotonic()
    got = read_to_end(p.c)
    took = time.monotonic() - began
    check("slow_close: the bytes at once, the FIN late", got == (b"bytes", "FIN") and 0.399 <= took < 0.6, "%.4f s" % took)

with Pair("slow_close{delay=10s}") as p:
    p.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    p.s.close()
    check("slow_close: an RST isn't late", read_to_end(p.c)[1] == "RST")

with Pair("hold_close{direction=upstream}") as p:
    p.c.sendall(b"bye")
    p.c.shutdown(socket.SHUT_WR)
    check("hold_close: the client's FIN is acknowledged", wait_for(lambda: state(p.c) == TCP_FIN_WAIT2, 1), state(p.c))
    check("hold_close: its bytes arrive and its FIN doesn't", p.s.recv(9) == b"bye" and silent(p.s, 1))
    p.s.sendall(b"still here")
    check("hold_close: the other direction goes on", p.c.recv(99) == b"still here")
    c, s = connect(p.proxy.port), accept(p.server)
    check("hold_close: new connections still succeed", True)

with Pair("hold_close{direction=both,swallow_rst=true}") as p:
    p.c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    p.c.close()
    check("hold_close: a swallowed RST reaches nobody", silent(p.s, 0.5))
    p.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    p.s.close()
    check("hold_close: with both ends gone the session ends", wait_for(lambda: p.proxy.sessions()), p.proxy.lines)

DATA = os.urandom(3 << 20)
for text in ("mode=flip,block=1B,share=0.1%", "mode=zero", "mode=repeat", "mode=truncate_pad,keep=10B", "mode=set,value=7"):
    got, how = through("corrupt{%s}" % text, DATA)
    check("corrupt %s: another content, the same length" % text,
          how == "FIN" and len(got) == len(DATA) and hashlib.sha256(got).digest() != hashlib.sha256(DATA).digest())
got = [through("corrupt{mode=flip,block=100B,share=1%}", DATA)[0] for _ in range(2)]
bad = sum(a != b for a, b in zip(got[0], DATA)) / len(DATA)
check("corrupt: one seed, one result, whatever TCP cut", got[0] == got[1])
check("corrupt: the share is kept", 0.008 < bad < 0.012, "%.4f" % bad)

for text in ("direction=both", "piece=1B,hold=0", "piece=20B,hold=20ms,share=100%"):
    data = DATA[:1 << 18]
    check("chaos %s is invisible" % text, through("chaos{%s}" % text, data) == (data, "FIN"))

# A heartbeat of 1 ms on four sessions: the pauses must be the same for all of them.
with Proxy(UPSTREAM, "--impair", "process_freeze{run=100ms,pause=60ms}") as proxy:
    pairs = [(connect(proxy.port), accept(server)) for _ in range(4)]
    arrivals = [[] for _ in pairs]
    stop = time.monotonic() + 2.45  # between two pauses: the 16th begins at 2.5 s

    def beat(s):
        while time.monotonic() < stop:
            s.sendall(b".")
            time.sleep(0.001)
        s.shutdown(socket.SHUT_WR)

    def listen(c, times):
        while c.recv(4096):
            times.append(time.monotonic())

    threads = [threading.Thread(target=beat, args=(s,)) for _, s in pairs]
    threads += [threading.Thread(target=listen, args=(c, t)) for (c, _), t in zip(pairs, arrivals)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    gaps = [[(a, b - a) for a, b in zip(t, t[1:]) if b - a > 0.045] for t in arrivals]
    counts = [len(g) for g in gaps]
    check("process_freeze: as many pauses in each session as there were", min(counts) == max(counts) and 13 <= counts[0] <= 16, counts)
    lengths = sorted(length for g in gaps for _, length in g)
    check("process_freeze: a pause is as long as it should be", 0.058 <= lengths[len(lengths) // 2] <= 0.065, lengths[len(lengths) // 2])
    ends = [max(x[i][0] + x[i][1] for x in gaps) - min(x[i][0] + x[i][1] for x in gaps) for i in range(min(counts))]
    close = sum(e <= 0.005 for e in ends) / max(1, len(ends))
    check("process_freeze: it ends for all within 5 ms", close >= 0.9, ["%.1f ms" % (1e3 * e) for e in ends])

# Four requests that the server never answers, then one that it does.
with Proxy(UPSTREAM, "--impair", "worker_pool{workers=5,hung=200ms,service=50ms}") as proxy:
    healthy = connect(proxy.port), accept(server)

    def exchange():
        began = time.monotonic()
        healthy[0].sendall(b"get")
        healthy[1].recv(99)
        healthy[1].sendall(b"answer")
        healthy[0].recv(99)
        return time.monotonic() - began

    times, hung = [exchange()], []
    for _ in range(4):
        hung.append((connect(proxy.port), accept(server)))
        hung[-1][0].sendall(b"hang")
        hung[-1][1].recv(99)
        time.sleep(0.21)
        times.append(exchange())
    expected = [0.05 * n for n in range(5)]
    check("worker_pool: each hung exchange adds its share",
          all(-0.001 <= t - e <= 0.02 for t, e in zip(times, expected)), ["%.3f" % t for t in times])
    hung.append((connect(proxy.port), accept(server)))
    hung[-1][0].sendall(b"hang")
    hung[-1][1].recv(99)
    time.sleep(0.21)
    healthy[0].sendall(b"get")
    check("worker_pool: without workers a request waits", silent(healthy[1], 0.5))
    for pair in hung:
        pair[1].sendall(b"at last")
    check("worker_pool: and goes on when there is one", healthy[1].recv(99) == b"get")
    healthy[1].sendall(b"answer")
    healthy[0].recv(99)
    check("worker_pool: afterwards all is as before", exchange() < 0.02)

finish()
