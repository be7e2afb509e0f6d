#!/usr/bin/env python3
"""Without impairments each end observes through wedge what it observes without wedge: the same bytes,
the same order, the same half-closes, the same kind of end. Every exchange runs on a direct connection
and through the proxy with the same code; what both ends saw is compared."""
import hashlib
import os
import random
import select
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

SEED = 20261


def digest(data):
    return len(data), hashlib.sha256(data).hexdigest()[:16]


def together(*functions):
    """Runs them at the same time; their results in order."""
    results = [None] * len(functions)

    def run(i):
        results[i] = functions[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def talk(s, rng, pieces):
    """Sends pieces of random sizes, then FIN, while reading to the end."""
    def send():
        for size in pieces:
            s.sendall(rng.randbytes(size))
        s.shutdown(socket.SHUT_WR)
    return digest(together(send, lambda: rig.read_to_end(s))[1][0])


def random_sizes(c, s):
    sizes = random.Random(SEED)
    up = [sizes.choice((1, 2, 100, 1447, 1448, 1449, 65536, 300000)) for _ in range(60)]
    down = [sizes.randint(1, 100000) for _ in range(60)]
    return together(lambda: talk(c, random.Random(1), up), lambda: talk(s, random.Random(2), down))


def client_half_closes(c, s):
    c.sendall(b"request")
    c.shutdown(socket.SHUT_WR)
    saw = rig.read_to_end(s)
    s.sendall(b"a late answer" * 1000)
    s.close()
    return saw, rig.read_to_end(c)


def server_half_closes(c, s):
    s.sendall(b"banner")
    s.shutdown(socket.SHUT_WR)
    saw = rig.read_to_end(c)
    c.sendall(b"a late request" * 1000)
    c.close()
    return saw, rig.read_to_end(s)


def both_close_at_once(c, s):
    c.sendall(b"up")
    s.sendall(b"down")
    c.shutdown(socket.SHUT_WR)
    s.shutdown(socket.SHUT_WR)
    return rig.read_to_end(s), rig.read_to_end(c)


def empty_connection(c, s):
    c.close()
    saw = rig.read_to_end(s)
    s.close()
    return saw


def rst_from(a, b):
    """Everything that was acknowledged before the RST must arrive, then RST."""
    a.sendall(b"x" * 50000)
    rig.wait_for(lambda: rig.unacked(a) == 0)
    rig.reset(a)
    return rig.read_to_end(b)


def rst_from_client(c, s):
    return rst_from(c, s)


def rst_from_server(c, s):
    return rst_from(s, c)


def rst_on_an_idle_connection(c, s):
    c.sendall(b"ping")
    s.recv(4)
    s.sendall(b"pong")
    c.recv(4)
    rig.reset(s)
    return rig.read_to_end(c)


def rst_after_fin(c, s):
    """The client has ended its direction, reads for a while, then gives up."""
    c.sendall(b"request")
    c.shutdown(socket.SHUT_WR)
    request = rig.read_to_end(s)
    s.sendall(b"first part")
    first = c.recv(100)
    rig.reset(c)

    def write_fails():
        try:
            s.send(b"second part")
        except (BrokenPipeError, ConnectionResetError):
            return True
        return False
    return request, first, bool(rig.wait_for(write_fails))


def rst_after_fin_to_an_idle_server(c, s):
    """The server has read FIN and is at rest: only poll() tells it of the RST."""
    c.sendall(b"request")
    c.shutdown(socket.SHUT_WR)
    request = rig.read_to_end(s)
    poll = select.poll()
    poll.register(s, 0)
    before = poll.poll(0)
    rig.reset(c)
    return request, before, bool(poll.poll(5000)), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def close_with_unread_data(c, s):
    """A kernel that is told to close while data is unread sends RST (RFC 2525 2.17)."""
    c.sendall(b"nobody reads this")
    rig.wait_for(lambda: rig.unacked(c) == 0)
    rig.wait_for(lambda: len(s.recv(100, socket.MSG_PEEK)) == 17)
    s.close()
    return rig.read_to_end(c)


def writing_into_a_closed_connection(c, s):
    """The peer has closed: the first write is answered with RST."""
    s.close()
    saw = rig.read_to_end(c)

    def write_fails():
        try:
            c.send(b"x")
        except (BrokenPipeError, ConnectionResetError):
            return True
        return False
    return saw, bool(rig.wait_for(write_fails))


EXCHANGES = [random_sizes, client_half_closes, server_half_closes, both_close_at_once, empty_connection,
             rst_from_client, rst_from_server, rst_on_an_idle_connection, rst_after_fin,
             rst_after_fin_to_an_idle_server, close_with_unread_data, writing_into_a_closed_connection]


def pair(server, port, host):
    c = rig.connect(port, host)
    return c, rig.accept(server)


def observe(exchange, server, port, host):
    c, s = pair(server, port, host)
    try:
        return exchange(c, s)
    finally:
        c.close()
        s.close()


for host, shown in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")):
    server = rig.listener(host)
    port = server.getsockname()[1]
    with rig.Proxy("%s:%d" % (shown, port), listen=shown + ":0") as proxy:
        for exchange in EXCHANGES:
            direct = observe(exchange, server, port, host)
            proxied = observe(exchange, server, proxy.port, host)
            rig.check("%s on %s" % (exchange.__name__.replace("_", " "), shown), direct == proxied,
                      "" if direct == proxied else "direct %.300r, proxied %.300r" % (direct, proxied))
        n = len(EXCHANGES)
        rig.check("every session has ended, with a line each",
                  rig.wait_for(lambda: len(proxy.sessions()) == n), str(len(proxy.sessions())))
        rig.check("no descriptor is left behind",
                  rig.wait_for(lambda: proxy.descriptors() <= 14 + rig.OTHERS), str(proxy.descriptors()))
rig.finish()
