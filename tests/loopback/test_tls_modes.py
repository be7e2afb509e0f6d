#!/usr/bin/env python3
"""TLS with the client, with the server, or with both, in versions 1.2 and 1.3: bytes, names, and every kind of end go
over, with Python's TLS at both ends."""
import hashlib
import os
import random
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls

BYTES = 32 << 20


class Pair:
    """A client and a server whose connection goes through wedge; both handshakes are done."""

    def __init__(self, bench, client_version, server_version, alpn=(), server_alpn=()):
        self.server_sock = None
        client = rig.connect(bench.proxy.port)
        server = rig.accept(bench.listener)
        if bench.server_tls:
            context = tls.server_context(*bench.cert, version=server_version, alpn=server_alpn)
            context.sni_callback = lambda o, name, c: setattr(self, "sni", name)
            self.server = tls.Tls(server, context, server=True)
        else:
            self.server = tls.Plain(server)
        if bench.client_tls:
            context = tls.client_context(os.path.join(bench.ca, "ca.pem"), client_version, alpn)
            self.client = tls.Tls(client, context, name="www.example.org")
        else:
            self.client = tls.Plain(client)
        t = threading.Thread(target=self.server.handshake)
        t.start()
        self.client.handshake()
        t.join()

    def close(self):
        self.client.close()
        self.server.close()


class Bench:
    """A wedge in a mode, and a listening server behind it."""

    def __init__(self, mode, folder, *args):
        self.mode, self.ca = mode, os.path.join(folder, "ca")
        self.client_tls, self.server_tls = mode in ("terminate", "intercept"), mode in ("originate", "intercept")
        self.cert = tls.make_certificate(folder, "upstream.test")
        self.listener = rig.listener()
        ca = ("--tls-ca", self.ca) if self.client_tls else ()
        self.proxy = rig.Proxy("127.0.0.1:%d" % self.listener.getsockname()[1], "--tls", mode, *ca, *args)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.proxy.__exit__(*exc)
        self.listener.close()

    def last_line(self, n):
        rig.wait_for(lambda: len(self.proxy.sessions()) >= n)
        return self.proxy.sessions()[-1]


def exchange_both_ways(what, pair):
    up, down = random.Random(1).randbytes(BYTES), random.Random(2).randbytes(BYTES)
    got = {}
    t = threading.Thread(target=lambda: got.update(server=pair.server.exchange(down)))
    t.start()
    got["client"] = pair.client.exchange(up)
    t.join()
    same = [hashlib.sha256(a).digest() == hashlib.sha256(b).digest()
            for a, b in ((got["server"], up), (got["client"], down))]
    rig.check("%s: %d MiB each way at once arrive as they were sent" % (what, BYTES >> 20), all(same),
              "%d up, %d down" % (len(got["server"]), len(got["client"])))


def slow_reader(what, bench, pair):
    """A client that doesn't read stops the server; nothing is lost when it goes on."""
    data = random.Random(3).randbytes(BYTES)
    before, done = bench.proxy.rss(), []
    t = threading.Thread(target=lambda: (pair.server.send(data), pair.server.end(), done.append(True)))
    t.start()
    rig.wait_for(lambda: rig.unacked(pair.server.sock) > 0)
    t.join(1)
    rig.check(what + ": a client that doesn't read stops the server, in bounded memory", not done and
              bench.proxy.rss() - before < 4 << 20, "%s, %d KiB" % (done, (bench.proxy.rss() - before) >> 10))
    got, how = pair.client.read_to_end()
    t.join()
    rig.check(what + ": and when it goes on, nothing is lost", got == data and
              how == ("close_notify" if bench.client_tls else "FIN"), "%d %s" % (len(got), how))


def orderly_end(what, bench, pair, n):
    """Half-closes each way: the other direction goes on. close_notify where there is TLS."""
    pair.client.send(b"question")
    pair.client.end()
    got, how = pair.server.read_to_end()
    rig.check(what + ": the client's end arrives as an orderly end",
              got == b"question" and how == ("close_notify" if bench.server_tls else "FIN"), "%r %s" % (got, how))
    pair.server.send(b"answer after it")
    pair.server.end()
    got, how = pair.client.read_to_end()
    rig.check(what + ": the other direction goes on, and so does its end",
              got == b"answer after it" and how == ("close_notify" if bench.client_tls else "FIN"), "%r %s" % (got, how))
    pair.close()
    line = bench.last_line(n)
    rig.check(what + ": the session's line says FIN both ways", line.endswith("FIN both ways"), line)


def truncated_end(what, bench, pair, n):
    """FIN without close_notify: never made better than it was."""
    if bench.server_tls:
        pair.server.send(b"half an ans")
        pair.server.send_fin()
        got, how = pair.client.read_to_end()
        rig.check(what + ": the server's FIN without close_notify", got == b"half an ans" and how == "FIN", how)
        pair.client.end()
        rest, how = pair.server.read_to_end()
        rig.check(what + ": the client's orderly end still arrives", how == "close_notify" if bench.client_tls else how,
                  how)
        who = "server"
    else:
        pair.client.send(b"half a quest")
        pair.client.send_fin()
        got, how = pair.server.read_to_end()
        rig.check(what + ": the client's FIN without close_notify is FIN to a clear server", how == "FIN", how)
        pair.server.end()
        got, how = pair.client.read_to_end()
        who = "client"
    pair.close()
    line = bench.last_line(n)
    rig.check(what + ": the session's line tells of it", line.endswith(who + ": no close_notify"), line)


def reset_end(what, bench, pair, n):
    pair.server.send(b"some bytes")
    rig.check(what + ": bytes before an RST", pair.client.recv(100) == b"some bytes")
    rig.reset(pair.server.sock)
    got, how = pair.client.read_to_end()
    rig.check(what + ": RST is RST", how == "RST", how)
    pair.close()
    line = bench.last_line(n)
    rig.check(what + ": and the line says whose", line.endswith("server: RST"), line)


with tempfile.TemporaryDirectory() as folder:
    for mode in ("terminate", "originate", "intercept"):
        with Bench(mode, folder) as bench:
            n = 0
            for client_version, server_version in (("1.2", "1.2"), ("1.3", "1.3")):
                what = "%s, client %s, server %s" % (mode, client_version, server_version)
                pair = Pair(bench, client_version, server_version)
                for end, version in ((pair.client, client_version), (pair.server, server_version)):
                    if isinstance(end, tls.Tls):
                        rig.check(what + ": it is that version", end.ssl.version() == "TLSv" + version,
                                  end.ssl.version())
                exchange_both_ways(what, pair)
                n += 1
                orderly_end(what, bench, pair, n)
                pair = Pair(bench, client_version, server_version)
                slow_reader(what, bench, pair)
                pair.client.end()
                pair.close()
                n += 1
                bench.last_line(n)
                n += 1
                truncated_end(what, bench, Pair(bench, client_version, server_version), n)
                n += 1
                reset_end(what, bench, Pair(bench, client_version, server_version), n)

    with Bench("intercept", folder) as bench:
        pair = Pair(bench, "1.3", "1.3", alpn=("h2", "http/1.1"), server_alpn=("http/1.1",))
        rig.check("the client's SNI arrives at the server", pair.sni == "www.example.org", pair.sni)
        rig.check("the server's choice of ALPN is the client's", pair.client.ssl.selected_alpn_protocol() == "http/1.1"
                  and pair.server.ssl.selected_alpn_protocol() == "http/1.1", pair.client.ssl.selected_alpn_protocol())
        pair.close()
        pair = Pair(bench, "1.3", "1.3", alpn=("h2", "http/1.1"))
        rig.check("no choice is no choice", pair.client.ssl.selected_alpn_protocol() is None)
        pair.close()

    if config_rig.has_impairments():
        with Bench("intercept", folder, "--impair", "chaos{direction=both}") as bench:
            pair = Pair(bench, "1.3", "1.3")
            exchange_both_ways("intercept with chaos between the legs", pair)
            orderly_end("intercept with chaos between the legs", bench, pair, 1)
rig.finish()
