#!/usr/bin/env python3
"""stall, gather, slicer, filler, drop, cut and half_close on real sockets: what each end sees.
QUIET: it judges tens of milliseconds."""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Pair, accept, check, finish, read_to_end, silent, unacked, wait_for


def window(s):
    """(the peer's advertised window as the kernel knows it: snd_wnd, in probing state)"""
    text = subprocess.run(["ss", "-tnioH", "sport", "= :%d" % s.getsockname()[1]], capture_output=True, text=True).stdout
    fields = dict(f.split(":", 1) for f in text.replace("timer:(", "timer:").split() if ":" in f)
    return int(fields.get("snd_wnd", -1)), "persist" in text


def fill(s):
    """Sends until the kernel takes no more for half a second; how many bytes the peer has acknowledged."""
    s.setblocking(False)
    sent, last = 0, time.monotonic()
    while time.monotonic() < last + 0.5:
        try:
            sent += s.send(b"\0" * 16384)
            last = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    s.settimeout(20)
    return sent - unacked(s)


def stall_read():
    for direction in "upstream", "downstream":
        for size in 4096, 16384, 65536:
            with Pair("stall{direction=%s,side=read,window=%dB}" % (direction, size)) as p:
                sender, receiver = (p.c, p.s) if direction == "upstream" else (p.s, p.c)
                taken = fill(sender)
                snd_wnd, probing = window(sender)
                check("%s, a stalled reader takes at most its window of %d" % (direction, size), 0 < taken <= size, "%d" % taken)
                check("%s, then the sender meets a zero window and probes" % direction, snd_wnd == 0 or probing,
                      "snd_wnd %d, probing %s" % (snd_wnd, probing))
                check("%s, the receiver hears nothing" % direction, silent(receiver))
                receiver.send(b"other way")
                check("%s, the other direction goes on" % direction, sender.recv(100) == b"other way")


def zero_window():
    """The same as tshark sees it; capturing needs root."""
    if os.geteuid():
        return
    with Pair("stall{direction=upstream,window=16KiB}") as p, tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace.pcap")
        tap = subprocess.Popen(["tcpdump", "-i", "lo", "-w", trace, "-U", "--immediate-mode", "-Z", "root",
                                "tcp port %d" % p.proxy.port], stderr=subprocess.PIPE, text=True)
        wait_for(lambda: os.path.exists(trace))
        fill(p.c)
        tap.terminate()
        tap.communicate()
        found = subprocess.run(["tshark", "-r", trace, "-Y", "tcp.analysis.zero_window && tcp.srcport == %d" % p.proxy.port],
                               capture_output=True, text=True).stdout
        check("tshark sees the zero window", "ZeroWindow" in found, found.split("\n")[0])


def stall_write():
    with Pair("stall{direction=upstream,side=write}") as p:
        p.c.send(b"kept")
        p.c.shutdown(socket.SHUT_WR)
        check("a write stall takes bytes and FIN and passes neither", wait_for(lambda: unacked(p.c) == 0) and silent(p.s))
        p.s.send(b"answer")
        check("while the answer passes", p.c.recv(100) == b"answer")


def gather():
    with Pair("gather{direction=upstream,bytes=1000}") as p:
        p.c.send(b"a" * 999)
        check("too few bytes don't pass", silent(p.s))
        p.c.send(b"b")
        check("enough do, together", p.s.recv(5000) == b"a" * 999 + b"b")
    with Pair("gather{direction=upstream,bytes=1000}") as p:
        p.c.send(b"short")
        p.c.shutdown(socket.SHUT_WR)
        check("a short stream passes with its FIN", read_to_end(p.s) == (b"short", "FIN"))


def slicer():
    with Pair("slicer{direction=upstream,size=10,gap=20ms}") as p:
        begin = time.monotonic()
        p.c.send(bytes(range(100)))
        p.c.shutdown(socket.SHUT_WR)
        pieces, got = [], b""
        while piece := p.s.recv(1000):
            pieces.append(len(piece))
            got += piece
        took = time.monotonic() - begin
        check("100 bytes come in pieces of 10", got == bytes(range(100)) and max(pieces) == 10, str(pieces))
        check("with 20 ms between two", 0.18 <= took < 0.25, "%.4f s" % took)


def filler():
    with Pair("filler{direction=downstream,interval=50ms,kind=text,text=...}") as p:
        begin = time.monotonic()
        got = b""
        while len(got) < 12:
            got += p.c.recv(100)
        took = time.monotonic() - begin
        check("text comes every 50 ms", got == b"." * 12 and 0.14 <= took < 0.3, "%.4f s" % took)
    with Pair("filler{direction=downstream,interval=50ms,kind=http_chunk}") as p:
        argv = ["curl", "-sS", "--max-time", "10", "-o", "-", "--http1.1", "http://127.0.0.1:%d/" % p.proxy.port]
        curl = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        p.c.close()
        s = accept(p.server)
        s.recv(4096)
        s.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)
        s.send(b"5\r\nhello\r\n")
        time.sleep(0.2)
        s.send(b"0\r\n\r\n")
        s.close()
        out = curl.communicate()[0]
        check("curl reads a filled chunked body as if nothing was added", (out, curl.returncode) == (b"hello", 0), repr(out))


def drop():
    with Pair("drop{direction=upstream}") as p:
        p.c.send(b"eaten")
        p.c.shutdown(socket.SHUT_WR)
        check("dropped bytes are acknowledged, and the FIN arrives", read_to_end(p.s) == (b"", "FIN") and wait_for(lambda: unacked(p.c) == 0))


def is_reset(s):
    """Also of a socket that has read a FIN, whose recv() has nothing to tell any more."""
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7 # TCP_CLOSE


def cut():
    with Pair("cut{direction=upstream}") as p:
        check("a cut is a FIN to the receiver", read_to_end(p.s) == (b"", "FIN"))
        p.c.sendall(b"\0" * 1000000)
        p.s.send(b"answer")
        check("the sender can send, and the other direction goes on", p.c.recv(100) == b"answer")
    with Pair("cut{direction=upstream,sides=both}") as p:
        check("both sides: the receiver gets one", read_to_end(p.s) == (b"", "FIN"))
        check("both sides: the sender gets one", read_to_end(p.c) == (b"", "FIN"))
        p.c.send(b"late")
        p.s.send(b"late")
        check("both sides: what either sends later is answered by RST", wait_for(lambda: is_reset(p.c) and is_reset(p.s)))
        check("and the session has ended", wait_for(lambda: p.proxy.logged("in both directions")), p.proxy.lines)


def half_close():
    with Pair("half_close{direction=downstream}") as p:
        check("half-close: the receiver sees the end", read_to_end(p.c) == (b"", "FIN"))
        p.s.sendall(b"\0" * 1000000)
        p.c.send(b"request")
        check("half-close: the other direction goes on", p.s.recv(100) == b"request")
    with Pair("half_close{direction=downstream,later=reset}") as p:
        read_to_end(p.c)
        p.s.send(b"late")
        check("half-close: later bytes are answered by RST", read_to_end(p.s) == (b"", "RST"))
    with Pair("half_close{direction=downstream,later=hold}") as p:
        read_to_end(p.c)
        p.s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        fill(p.s)
        check("half-close: or they aren't read", window(p.s)[0] == 0 or window(p.s)[1])


for part in stall_read, zero_window, stall_write, gather, slicer, filler, drop, cut, half_close:
    part()
finish()
