#!/usr/bin/env python3
"""A reader that doesn't read stops the writer through wedge, in bounded memory; when it reads again
nothing is missing. An RST behind bytes that nobody reads still comes.
QUIET: it judges processor time."""
import hashlib
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

MIB = 1 << 20
BLOCK = random.Random(7).randbytes(MIB)
# What a session may cost: two flows of 256 KiB held, evbuffer chains up to twice as large, libc.
MEMORY_PER_SESSION = 2 * MIB


def fill(s):
    """Writes until nothing has been taken for 0.3 s; how many bytes were taken."""
    s.setblocking(False)
    sent, moved = 0, time.monotonic()
    while time.monotonic() - moved < 0.3:
        try:
            sent += s.send(memoryview(BLOCK)[sent % MIB:])
            moved = time.monotonic()
        except BlockingIOError:
            time.sleep(0.001)
    s.setblocking(True)
    s.settimeout(20)
    return sent


def expected(n):
    h = hashlib.sha256()
    for _ in range(n // MIB):
        h.update(BLOCK)
    h.update(BLOCK[:n % MIB])
    return h.hexdigest()


def slow_reader(proxy, server, reader_is_client):
    small = 65536 # the sockets at the ends are small, so that what is taken is what wedge takes
    c = rig.connect(proxy.port, rcvbuf=small if reader_is_client else None)
    s = rig.accept(server)
    reader, writer = (c, s) if reader_is_client else (s, c)
    who = "client" if reader_is_client else "server"
    before = proxy.rss()
    sent = fill(writer)
    grown = proxy.rss() - before
    rig.check("a writer is stopped while the %s doesn't read" % who, sent < 64 * MIB, "%d bytes" % sent)
    rig.check("wedge holds little of it", grown < MEMORY_PER_SESSION, "%d KiB more" % (grown // 1024))
    cpu = proxy.cpu()
    time.sleep(0.5) # the interval that the processor time is taken over
    rig.check("a stalled session costs no processor time", proxy.cpu() - cpu <= 0.02)
    rest = 8 * MIB

    def send_rest():
        at, end = sent, sent + rest
        while at < end:
            piece = memoryview(BLOCK)[at % MIB:]
            writer.sendall(piece[:end - at])
            at += len(piece[:end - at])
        writer.shutdown(socket.SHUT_WR)

    t = threading.Thread(target=send_rest)
    t.start()
    got, end = rig.read_to_end(reader)
    t.join()
    rig.check("nothing is missing when the %s reads again" % who,
              end == "FIN" and len(got) == sent + rest and
              hashlib.sha256(got).hexdigest() == expected(sent + rest), "%d bytes" % len(got))
    c.close()
    s.close()


def many_stalled_sessions(proxy, server):
    before = proxy.rss()
    pairs = []
    for _ in range(20):
        c = rig.connect(proxy.port)
        s = rig.accept(server)
        c.setblocking(False)
        pairs.append((c, s))
    for c, s in pairs:
        fill_quick(c)
    grown = proxy.rss() - before
    rig.check("20 stalled sessions stay within 20 bounds", grown < 20 * MEMORY_PER_SESSION,
              "%d KiB more" % (grown // 1024))
    for c, s in pairs:
        rig.reset(c)
        rig.reset(s)


def fill_quick(c):
    refused = 0
    while refused < 50:
        try:
            c.send(BLOCK)
            refused = 0
        except BlockingIOError:
            refused += 1
            time.sleep(0.0005)


def rst_behind_unread_bytes(proxy, server):
    """Direct: the RST comes at once and what the reader's kernel had acknowledged can be read. Through
    wedge it waits for the bytes before it, as long as they go on, and 5 s when they don't."""
    c = rig.connect(proxy.port)
    s = rig.accept(server)
    fill(c)
    began, before = time.monotonic(), len(proxy.sessions())
    rig.reset(c)
    ended = rig.wait_for(lambda: len(proxy.sessions()) > before, 15)
    took = time.monotonic() - began
    rig.check("an RST waits 5 s behind bytes that nobody reads", bool(ended) and 4.5 < took < 8,
              "%.1f s" % took)
    got, end = rig.read_to_end(s)
    rig.check("what the reader's kernel had acknowledged can still be read, then RST",
              end == "RST" and len(got) > 0, "%d bytes" % len(got))


def rst_behind_slowly_read_bytes(proxy, server):
    c = rig.connect(proxy.port)
    s = rig.accept(server)
    sent = fill(c)
    rig.wait_for(lambda: False, 0.1)
    acked = sent - rig.unacked(c)
    rig.reset(c)
    got, end = rig.read_to_end(s)
    rig.check("all that was acknowledged before the RST arrives when it is read", end == "RST" and
              len(got) >= acked, "%d of %d bytes, %s" % (len(got), acked, end))


server = rig.listener(rcvbuf=65536)
with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1]) as p:
    slow_reader(p, server, True)
    slow_reader(p, server, False)
    many_stalled_sessions(p, server)
    rst_behind_slowly_read_bytes(p, server)
    rst_behind_unread_bytes(p, server)
rig.finish()
