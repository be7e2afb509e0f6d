#!/usr/bin/env python3
"""1 GiB each way at the same time through wedge: the hashes of what was sent and of what arrived agree.
WEDGE_BULK_BYTES changes the amount."""
import hashlib
import os
import random
import socket
import sys
import threading
import time
from multiprocessing import Pipe, Process

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

BYTES = int(os.environ.get("WEDGE_BULK_BYTES", 1 << 30))
PIECE = 1 << 18


def end_of_connection(s, seed, pipe):
    """One process per end: sends BYTES in an order of pieces that the seed decides, and reads as
    many."""
    pool = random.Random(seed).randbytes(8 * PIECE)
    order = random.Random(seed + 1)
    sent, got = hashlib.sha256(), hashlib.sha256()

    def send():
        for _ in range(BYTES // PIECE):
            at = order.randrange(7 * PIECE)
            piece = memoryview(pool)[at:at + PIECE]
            sent.update(piece)
            s.sendall(piece)
        s.shutdown(socket.SHUT_WR)

    t = threading.Thread(target=send)
    t.start()
    buf = bytearray(PIECE)
    while n := s.recv_into(buf):
        got.update(memoryview(buf)[:n])
    t.join()
    pipe.send((sent.hexdigest(), got.hexdigest()))


server = rig.listener()
with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1]) as proxy:
    began = time.monotonic()
    c = rig.connect(proxy.port)
    s = rig.accept(server)
    results, processes = [], []
    for i, sock in enumerate((c, s)):
        mine, theirs = Pipe()
        p = Process(target=end_of_connection, args=(sock, 10 * i, theirs))
        p.start()
        results.append(mine)
        processes.append(p)
    c.close()
    s.close()
    (c_sent, c_got), (s_sent, s_got) = (r.recv() for r in results)
    for p in processes:
        p.join()
    took = time.monotonic() - began
    rig.check("upstream bytes arrive unchanged", c_sent == s_got)
    rig.check("downstream bytes arrive unchanged", s_sent == c_got)
    rig.check("the two directions differ", c_sent != s_sent)
    rig.check("the session's line counts them", rig.wait_for(
        lambda: proxy.logged("%d B up, %d B down" % (BYTES, BYTES))), "%.1f s" % took)
rig.finish()
