#!/usr/bin/env python3
"""Triggers on real sockets: at the exact byte, message, name and instant; and two runs with one seed decide alike."""
import http.client
import http.server
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Proxy, accept, check, connect, finish, listener, read_to_end

server = listener()
UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]
scratch = tempfile.TemporaryDirectory()


class Proxied(Proxy):
    def __init__(self, *impairments, upstream=UPSTREAM, args=()):
        super().__init__(upstream, *args, *(x for i in impairments for x in ("--impair", i)))

    def pair(self):
        c = connect(self.port)
        return c, accept(server)


def send_in_pieces(s, data, seed):
    rng = random.Random(seed)
    while data:
        n = rng.randint(1, 3000)
        try:
            s.sendall(data[:n])
        except OSError:
            return
        data = data[n:]


data = random.Random(1).randbytes(30000)
with Proxied("cut{after=10KB}", "drop{direction=upstream,after=10KB,for=5KB}") as proxy:
    for seed in range(5):
        c, s = proxy.pair()
        send_in_pieces(s, data, seed)
        check("cut after 10 KB: exactly these arrive (%d)" % seed, read_to_end(c) == (data[:10000], "FIN"))
        c, s = proxy.pair()
        send_in_pieces(c, data, seed)
        c.shutdown(socket.SHUT_WR)
        check("drop of 5 KB after 10 KB: exactly these are missing (%d)" % seed,
              read_to_end(s) == (data[:10000] + data[15000:], "FIN"))

with Proxied("stall{side=write,after=10KB,for=500ms}") as proxy:
    c, s = proxy.pair()
    s.sendall(data)
    got, arrived = b"", []
    while len(got) < len(data):
        got += c.recv(65536)
        arrived.append((time.monotonic(), len(got)))
    gaps = [(b[0] - a[0], a[1]) for a, b in zip(arrived, arrived[1:])]
    check("stall for 500 ms behind byte 10,000", got == data and max(gaps)[1] == 10000 and 0.5 <= max(gaps)[0] < 0.6,
          str(max(gaps)))


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for _ in range(3):
                self.wfile.write(b"64\r\n" + b"c" * 100 + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", "300")
            self.end_headers()
            self.wfile.write(b"p" * 300)

    def log_message(self, *args):
        pass


web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
web.handle_error = lambda *args: None # the cut answer to a client is none
threading.Thread(target=web.serve_forever, daemon=True).start()
with Proxied("cut{framing=http1,after=2 messages,at=body,offset=100B}",
             upstream="127.0.0.1:%d" % web.server_address[1]) as proxy:
    client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    bodies = []
    try:
        for path in ("/chunked", "/plain", "/plain", "/plain"):
            client.request("GET", path)
            bodies.append(len(client.getresponse().read()))
    except http.client.IncompleteRead as e:
        bodies.append(len(e.partial))
    check("cut 100 bytes into the body of the third HTTP response", bodies == [300, 300, 100], str(bodies))
web.shutdown()

key, cert = (os.path.join(scratch.name, name) for name in ("key.pem", "cert.pem"))
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-keyout", key,
                "-out", cert], check=True, capture_output=True)


def tls_server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    while True:
        try:
            s = context.wrap_socket(server.accept()[0], server_side=True)
            s.sendall(b"hello over TLS")
            s.close()
        except ssl.SSLError:
            pass
        except OSError:
            if server.fileno() == -1:
                return


def tls_client(port, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    raw = connect(port)
    try:
        with context.wrap_socket(raw, server_hostname=name) as s:
            return s.recv(100)
    except ConnectionResetError:
        return "RST"


threading.Thread(target=tls_server, daemon=True).start()
with Proxied("reset{direction=upstream,side=client,sni=*.bad.test}") as proxy:
    for name, expected in (("good.test", b"hello over TLS"), ("a.bad.test", "RST"), ("bad.test", b"hello over TLS"),
                           (None, b"hello over TLS")):
        got = tls_client(proxy.port, name)
        check("the session that names %s gets %s" % (name, expected), got == expected, str(got))


class Lines(threading.Thread):
    """A server that answers every line with itself."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = listener()
        self.start()

    def run(self):
        while True:
            s = self.socket.accept()[0]
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        with s, s.makefile("rwb") as f:
            try:
                for line in f:
                    f.write(line)
                    f.flush()
            except OSError:
                pass


lines = Lines()


def decisions(seed):
    """What the journal says of each session, of 20 at the same time with 50 lines each; and what came back."""
    path = os.path.join(scratch.name, "journal-%s-%d.jsonl" % (seed, time.monotonic_ns()))
    answers = {}
    with Proxied("drop{per=message,framing=line,probability=20%}", "latency{delay=1ms,probability=50%}",
                 "stall{name=hole,side=write,after=5 messages,framing=line,for=20ms,probability=30%}",
                 upstream="127.0.0.1:%d" % lines.socket.getsockname()[1],
                 args=("--seed", str(seed), "--journal", path)) as proxy:
        clients = [connect(proxy.port) for _ in range(20)]
        order = list(range(20))
        random.shuffle(order)
        for i in order:
            clients[i].sendall(b"".join(b"line %02d\n" % k for k in range(50)))
            clients[i].shutdown(socket.SHUT_WR)
        for i, c in enumerate(clients):
            answers[i + 1] = read_to_end(c)
    told = {}
    for line in open(path):
        event = json.loads(line)
        if event["event"] in ("decision", "eat", "act"):
            told.setdefault((event["session"], event["stage"]), []).append(
                {k: v for k, v in event.items() if k != "t"})
    return told, answers


first, again, other = decisions(7), decisions(7), decisions(8)
check("two runs with one seed decide alike in every session", first == again)
check("another seed decides otherwise", first[0] != other[0])
share = sum(len(a[0]) for a in first[1].values()) / (20 * 50 * 8)
check("about a fifth of the lines is lost", 0.74 < share < 0.86, str(share))
finish()
