#!/usr/bin/env python3
"""Urgent data (RFC 9293, 3.8.5) through wedge is what it is on a direct connection: the same bytes are urgent, in the same places,
and the reader is told at once; also behind impairments that hold, cut and pass on bytes."""
import fcntl
import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

SIOCATMARK = 0x8905


def at_mark(s):
    return struct.unpack("i", fcntl.ioctl(s, SIOCATMARK, b"\0" * 4))[0] == 1


def read_with_marks(s, length=None):
    """So many bytes, or what comes until FIN; with '<' before each byte that is urgent."""
    got, n = b"", 0
    while length is None or n < length:
        select.select([s], [], [])  # else it might come between the two
        mark = at_mark(s)
        more = s.recv(1 if mark else 65536)
        if not more:
            break
        got += b"<" * mark + more
        n += len(more)
    return got


def in_line(a, b):
    """The last byte of a call with MSG_OOB is urgent; later ones and a FIN come behind it."""
    b.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    poll = select.poll()
    poll.register(b, select.POLLPRI)
    a.send(b"ab")
    a.send(b"cd!", socket.MSG_OOB)
    a.send(b"ef")
    told = poll.poll(5000) != []
    first = read_with_marks(b, 7)
    a.send(b"?", socket.MSG_OOB)
    time.sleep(0.05)
    a.send(b"x" * 100000)
    a.shutdown(socket.SHUT_WR)
    rest = read_with_marks(b)
    return told, first, rest[:3], len(rest)


def beside(a, b):
    """A reader without SO_OOBINLINE takes it beside the stream."""
    a.send(b"ab!", socket.MSG_OOB)
    poll = select.poll()
    poll.register(b, select.POLLPRI)
    poll.poll(5000)
    for _ in range(100):
        try:
            urgent = b.recv(1, socket.MSG_OOB)
            break
        except BlockingIOError:  # it is announced and hasn't come yet
            time.sleep(0.02)
    a.send(b"cd")
    a.shutdown(socket.SHUT_WR)
    return urgent, rig.read_to_end(b)


def behind_much(a, b):
    """Behind more than the buffers hold: announced before it comes, and in its place."""
    b.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    a.sendall(b"y" * 200000)
    a.send(b"!", socket.MSG_OOB)
    a.shutdown(socket.SHUT_WR)
    got = read_with_marks(b)
    return got.find(b"<"), got[-2:], len(got)


def play(port, server, exchange, up):
    c = rig.connect(port)
    s = rig.accept(server)
    a, b = (c, s) if up else (s, c)
    try:
        return exchange(a, b)
    finally:
        a.close()
        b.close()


server = rig.listener()
place = server.getsockname()
direct = {(e, up): play(place[1], server, e, up) for e in (in_line, beside, behind_much) for up in (True, False)}
assert direct[in_line, True] == (True, b"abcd<!ef", b"<?x", 100002), direct
for impairments in ([], ["latency{delay=30ms,direction=both}"], ["slicer{size=3KiB,variation=3071B,gap=1ms,direction=both}"],
                    ["bandwidth{rate=8Mbit/s,direction=both}"], ["gather{bytes=3B,direction=both}", "chaos{direction=both}"]):
    args = [word for text in impairments for word in ("--impair", text)]
    with rig.Proxy("127.0.0.1:%d" % place[1], *args) as p:
        for (exchange, up), want in direct.items():
            got = play(p.port, server, exchange, up)
            rig.check("%s, %s, behind %s" % (exchange.__name__, "up" if up else "down", " ".join(impairments) or "nothing"),
                      got == want, "" if got == want else "%r instead of %r" % (got, want))
        rig.check("clear text waits for no TLS", not [line for line in p.lines if "no TLS" in line], "".join(p.lines))
rig.finish()
