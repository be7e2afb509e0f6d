#!/usr/bin/env python3
"""drop, cut, half_close and stall begin and cease exactly at the byte or the time that their window says."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Proxy, accept, check, connect, finish, listener, read_to_end

DATA = bytes(i * 7 % 251 for i in range(40000))
server = listener()
UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]


def sent_through(impairment, fin=True):
    """(what arrived, how it ended, seconds) of DATA."""
    with Proxy(UPSTREAM, "--impair", impairment) as p:
        c = connect(p.port)
        s = accept(server)
        begin = time.monotonic()
        c.sendall(DATA)
        if fin:
            c.shutdown(socket.SHUT_WR)
        got, end = read_to_end(s)
        took = time.monotonic() - begin
        c.close()
        s.close()
    return got, end, took


got, end, _ = sent_through("drop{direction=upstream,after=10KB,for=5KB}")
check("drop eats 5,000 bytes behind 10,000", (got, end) == (DATA[:10000] + DATA[15000:], "FIN"), "%d arrived" % len(got))
got, end, _ = sent_through("cut{direction=upstream,after=10KB}", fin=False)
check("cut: FIN behind 10,000 bytes", (got, end) == (DATA[:10000], "FIN"), "%d, %s" % (len(got), end))
got, end, _ = sent_through("half_close{direction=upstream,after=10KB}", fin=False)
check("half_close: the same", (got, end) == (DATA[:10000], "FIN"), "%d, %s" % (len(got), end))
got, end, took = sent_through("stall{direction=upstream,after=10KB,for=500ms}")
check("stall keeps everything behind 10,000 bytes for 0.5 s", (got, end) == (DATA, "FIN") and 0.5 <= took < 0.8, "%.4f s" % took)
finish()
