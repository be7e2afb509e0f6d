#!/usr/bin/env python3
"""refuse, connection_limit, and reset at accept and at connect, on real sockets: what a client sees, and
that its server sees nothing."""
import json
import os
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import (Proxy, accept, check, connect, finish, listener, read_to_end, served_since, silent, unacked,
                       wait_for)

server = listener()
UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]
TCP_INFO_STATE = {1: "ESTABLISHED", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 7: "CLOSE", 8: "CLOSE_WAIT"}


def nobody_came(seconds=0.2):
    server.settimeout(seconds)
    try:
        server.accept()
        return False
    except TimeoutError:
        return True
    finally:
        server.settimeout(20)


def state(s):
    number = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return TCP_INFO_STATE.get(number, number)


def ended(s, began=None):
    """("FIN" or "RST", bytes, seconds until then); began: when it wasn't there yet, since a client may be told late that it is."""
    began = began or time.monotonic()
    got, how = read_to_end(s)
    return how, got, time.monotonic() - began


def tried(port):
    """The same of a new connection; an RST may be faster than connect() returns."""
    try:
        began = time.monotonic()
        return ended(connect(port), began)
    except ConnectionResetError:
        return "RST", b"", 0


with Proxy(UPSTREAM, "--impair", "refuse{mode=reset}") as proxy:
    how, got, _ = tried(proxy.port)
    check("refuse reset: the handshake, then RST", how == "RST" and not got, how)
    check("refuse reset: the server is never dialled", nobody_came())
    check("the log says why", wait_for(lambda: proxy.logged("refuse: reset")), proxy.lines)

with Proxy(UPSTREAM, "--impair", "refuse{mode=reset,delay=300ms}") as proxy:
    begun = time.monotonic()
    c = connect(proxy.port)
    c.send(b"hello")
    how, got, took = ended(c, begun)
    check("refuse reset: not before its delay", how == "RST" and 0.299 <= took < 0.6, "%s after %.4f s" % (how, took))

with Proxy(UPSTREAM, "--impair", "refuse{mode=close,delay=200ms}") as proxy:
    begun = time.monotonic()
    c = connect(proxy.port)
    c.send(b"request" * 1000)
    how, got, took = ended(c, begun)
    check("refuse close: FIN after its delay", how == "FIN" and not got and 0.199 <= took < 0.5,
          "%s after %.4f s" % (how, took))
    check("refuse close: the session ends with it", wait_for(lambda: proxy.logged("refuse: close; closed")), proxy.lines)
    c.send(b"more")
    check("refuse close: what comes later is answered by RST", wait_for(lambda: state(c) == "CLOSE"), state(c))
    check("refuse close: the server is never dialled", nobody_came())

for mode in "close", "reset":
    with Proxy(UPSTREAM, "--impair", "refuse{mode=%s,await_request=5s}" % mode) as proxy:
        c = connect(proxy.port)
        check("refuse %s: nothing before the client's first bytes" % mode, silent(c))
        c.send(b"request")
        how, got, took = ended(c)
        check("refuse %s: the end comes behind them" % mode, how == {"close": "FIN", "reset": "RST"}[mode] and not got and
              took < 1, "%s after %.4f s" % (how, took))
    with Proxy(UPSTREAM, "--impair", "refuse{mode=%s,await_request=300ms,delay=100ms}" % mode) as proxy:
        how, got, took = ended(connect(proxy.port))
        check("refuse %s: or when they have been awaited long enough" % mode, 0.399 <= took < 0.8, "%s after %.4f s" % (how, took))

with Proxy(UPSTREAM, "--impair", "refuse{mode=silent}", "--workers", "1") as proxy:
    c = connect(proxy.port)
    for _ in range(64):
        c.sendall(b"x" * 65536)
    check("refuse silent: 4 MiB are acknowledged", wait_for(lambda: not unacked(c)))
    check("refuse silent: no byte, FIN or RST", silent(c))
    check("refuse silent: the server is never dialled", nobody_came())
    c.shutdown(socket.SHUT_WR)
    check("refuse silent: the client's FIN is acknowledged, and that is all",
          wait_for(lambda: state(c) == "FIN_WAIT2") and silent(c), state(c))
    check("refuse silent: the session stands", not proxy.sessions())
    before = proxy.descriptors()
    d = connect(proxy.port)
    check("refuse silent: costs one descriptor", wait_for(lambda: proxy.descriptors() == before + 1),
          "%d and %d" % (before, proxy.descriptors()))
    d.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    d.close()
    check("refuse silent: a client's RST ends it", wait_for(lambda: proxy.logged("the client has gone")))
    c.close()

with Proxy(UPSTREAM, "--impair", "refuse{mode=silent,read=false}") as proxy:
    c = connect(proxy.port)
    c.setblocking(False)
    sent, last = 0, time.monotonic()
    while time.monotonic() < last + 0.5:
        try:
            sent += c.send(b"\0" * 65536)
            last = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    check("refuse silent without reading: the window fills", unacked(c) > 0 and sent > 0, "%d bytes" % sent)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
    check("refuse silent without reading: RST ends it", wait_for(lambda: proxy.logged("the client has gone")))

with Proxy(UPSTREAM, "--impair", "reset{when=accept}") as proxy:
    how, got, _ = tried(proxy.port)
    check("reset at accept", how == "RST" and not got and nobody_came(), how)

with Proxy(UPSTREAM, "--impair", "reset{when=connect}") as proxy:
    sides = tried(proxy.port)[0], ended(accept(server))
    check("reset at connect: both ends, and no byte has moved", sides[0] == "RST" and sides[1][:2] == ("RST", b""), str(sides))

with Proxy(UPSTREAM, "--impair", "reset{when=connect,side=client}") as proxy:
    how = tried(proxy.port)[0]
    s = accept(server)
    check("reset at connect: the client alone", how == "RST" and silent(s), how)
    s.send(b"who is there?")
    check("reset at connect: the server learns it when it speaks", ended(s)[0] == "RST")

with tempfile.TemporaryDirectory() as folder:
    journal = os.path.join(folder, "journal")
    with Proxy(UPSTREAM, "--impair", "connection_limit{limit=32}", "--journal", journal) as proxy:
        pairs = []
        for _ in range(32):
            c = connect(proxy.port)
            pairs.append((c, accept(server)))
        denied = [connect(proxy.port) for _ in range(8)]
        ends = [ended(c) for c in denied]
        check("connection_limit: 33 to 40 get FIN and nothing else", all(e[:2] == ("FIN", b"") for e in ends), ends)
        check("connection_limit: they reach no server", nobody_came())
        for c, s in pairs:
            c.send(b"ping")
            s.send(b"pong")
        check("connection_limit: the 32 aren't touched", all(c.recv(9) == b"pong" and s.recv(9) == b"ping" for c, s in pairs))
        other = socket.create_connection(("127.0.0.1", proxy.port), source_address=("127.0.0.2", 0))
        other_server = accept(server)
        check("connection_limit: another client has slots of its own", True)
        for s in pairs[0]:
            s.close()
        wait_for(lambda: proxy.logged("FIN both ways"))
        began = time.monotonic()
        c = connect(proxy.port)
        check("connection_limit: a slot is free at once when its session has ended",
              bool(accept(server)) and time.monotonic() - began < 1)
    with open(journal, encoding="utf-8") as f:
        refused = [e for e in map(json.loads, f) if e["event"] == "session_refused"]
    check("connection_limit: the journal has each denial with its cause",
          len(refused) == 8 and all(e["why"] == "connection_limit: 32 of 32 sessions are open" for e in refused), refused[:1])

REPLY = "HTTP/1.1 503 Busy\\r\\nContent-Length: 0\\r\\n\\r\\n"
with Proxy(UPSTREAM, "--impair", "connection_limit{limit=1,key=proxy,deny=reply,reply=%s}" % REPLY) as proxy:
    c, s = connect(proxy.port), accept(server)
    d = connect(proxy.port)
    d.send(b"GET / HTTP/1.1\r\n\r\n")
    how, got, _ = ended(d)
    check("connection_limit: the reply comes whole, then FIN",
          how == "FIN" and got == b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", got)
    d.send(b"more")
    check("connection_limit: a client that is still sending doesn't lose it", wait_for(lambda: not unacked(d)) and state(d) == "CLOSE_WAIT", state(d))
    check("connection_limit: not for ever", wait_for(lambda: proxy.logged("1 of 1 session is open; closed"), 4), proxy.lines)
    d.send(b"more")
    check("connection_limit: then the server has closed", wait_for(lambda: state(d) == "CLOSE"), state(d))

with Proxy(UPSTREAM, "--impair", "connection_limit{limit=2,leak=true,expire=1s,deny=reset}") as proxy:
    for _ in range(2):
        c, s = connect(proxy.port), accept(server)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
        read_to_end(s)
        s.close()
    wait_for(lambda: len(proxy.sessions()) == 2)
    leaked = time.monotonic()
    check("connection_limit: slots of clients that have gone stay used", tried(proxy.port)[0] == "RST")

    took = (wait_for(lambda: served_since(proxy.port)) or 0) - leaked
    check("connection_limit: until they expire, within 5 %", 0.9 <= took <= 1.1, "%.3f s" % took)

finish()
