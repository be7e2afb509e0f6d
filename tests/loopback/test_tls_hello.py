#!/usr/bin/env python3
"""What a ClientHello can look like where TLS passes through: in single bytes, in many records, larger than a record, with
lying lengths, or none at all. Every byte arrives as it was sent and at once, the name is found where there is one, and
memory stays bounded. The good ones are made by Python's TLS, openssl s_client and curl."""
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls

NAME = "www.example.org"
LATE = 0.25    # s that the answer to a hello with that name comes later
PROMPT = 0.2   # s within which what was sent has arrived
FAULTS = ("latency{direction=downstream,delay=250ms,sni=%s}" % NAME,
          "stall{direction=upstream,framing=tls-record,after=1000000 messages}",
          "stall{direction=upstream,framing=tls-handshake,after=1000000 messages}")


def record(content, kind=22, version=b"\3\1"):
    return bytes([kind]) + version + len(content).to_bytes(2, "big") + content


def vector(content, width):
    return len(content).to_bytes(width, "big") + content


def extension(kind, content):
    return kind.to_bytes(2, "big") + vector(content, 2)


def handshake(before=b"", after=b"", name=NAME):
    """A ClientHello as a handshake message, with extensions around its name."""
    sni = extension(0, vector(b"\0" + vector(name.encode(), 2), 2)) if name else b""
    body = b"\3\3" + bytes(32) + vector(bytes(32), 1) + vector(b"\x13\1\x13\2", 2) + b"\1\0" + vector(before + sni + after, 2)
    return b"\1" + vector(body, 3)


def split(message, size, **more):
    return b"".join(record(message[i:i + size], **more) for i in range(0, len(message), size))


class Bench:
    def __init__(self, *faults):
        self.listener = rig.listener()
        args = [a for f in faults for a in ("--impair", f)]
        self.w = rig.Proxy("127.0.0.1:%d" % self.listener.getsockname()[1], *args)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.w.__exit__(*exc)
        self.listener.close()

    def open(self):
        client = rig.connect(self.w.port)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client, rig.accept(self.listener)


def read_exactly(sock, n):
    got = bytearray()
    while len(got) < n:
        piece = sock.recv(n - len(got))
        if not piece:
            break
        got += piece
    return bytes(got)


def through(b, pieces):
    """(every byte arrived as sent, s of the slowest piece, s of the answer)"""
    client, server = b.open()
    slowest, same = 0, True
    for piece in pieces:
        sender = threading.Thread(target=client.sendall, args=(piece,))
        began = time.monotonic()
        sender.start()
        same = same and read_exactly(server, len(piece)) == piece
        slowest = max(slowest, time.monotonic() - began)
        sender.join()
    began = time.monotonic()
    server.sendall(b"answer")
    same = same and read_exactly(client, 6) == b"answer"
    took = time.monotonic() - began
    client.close()
    server.close()
    return same, slowest, took


def passes(b, what, pieces, named):
    same, slowest, took = through(b, pieces)
    rig.check("%s: untouched, at once, %s" % (what, "and the name is found" if named else "and no name in it"),
              same and slowest < PROMPT and (took >= LATE if named else took < LATE / 2),
              "%s, %.3f s, answer after %.3f s" % ("same" if same else "differs", slowest, took))


def good(b):
    hello = tls.client_hello(NAME)
    message = hello[5:]
    passes(b, "a hello in one piece", [hello], True)
    passes(b, "byte by byte", [bytes([c]) for c in hello], True)
    passes(b, "in records of one byte, byte by byte", [bytes([c]) for c in split(message, 1)], True)
    for size in (1, 7, 100):
        passes(b, "in records of %d bytes" % size, [split(message, size)], True)
    cut = split(message, 60)
    passes(b, "in records and segments that don't agree", [cut[i:i + 41] for i in range(0, len(cut), 41)], True)
    passes(b, "another name", [tls.client_hello("other.example.org")], False)
    passes(b, "no name", [record(handshake(name=None))], False)
    share = extension(51, vector(b"\x11\xec" + vector(bytes(1216), 2), 2)) # X25519MLKEM768
    big = record(handshake(before=share))
    passes(b, "a key share of 1,216 bytes before the name, in segments", [big[i:i + 536] for i in range(0, len(big), 536)],
           True)
    passes(b, "16 KiB of extensions behind the name, in two records", [split(handshake(after=extension(21, bytes(16384))),
                                                                           16384)], True)
    passes(b, "60 KB of extensions behind the name", [split(handshake(after=extension(21, bytes(30000)) * 2), 16384)], True)
    passes(b, "60 KB before the name: it isn't looked for so far", [split(handshake(before=extension(21, bytes(30000)) * 2),
                                                                       16384)], False)


def hostile(b):
    message = handshake()
    passes(b, "a type that changes between two parts", [record(message[:50]) + record(message[50:], kind=23)], False)
    passes(b, "a record that is longer than any", [b"\x16\3\1\xff\xff" + message + bytes(20000)], True)
    passes(b, "50,000 records of no bytes", [record(b"") * 50000 + record(message)], False)
    passes(b, "a record of no bytes between two parts", [record(message[:50]) + record(b"") + record(message[50:])], False)
    passes(b, "a hello that says 16 MB", [record(b"\1\xff\xff\xff" + message[4:]) + record(bytes(16000)) * 3], True)
    passes(b, "SSLv2's hello", [bytes.fromhex("802e0100020015000000100100800300800700c0060040020080040080") + bytes(20)], False)
    passes(b, "another handshake message", [record(b"\2" + message[1:])], False)
    passes(b, "an alert", [record(b"\2\x28", kind=21)], False)
    passes(b, "HTTP", [b"GET / HTTP/1.1\r\n", b"Host: a\r\n\r\n"], False)
    passes(b, "SSH", [b"SSH-2.0-OpenSSH_9.2\r\n"], False)
    passes(b, "one byte that could be TLS", [b"\x16"], False)
    passes(b, "half a hello and nothing more", [record(message)[:100]], False)
    r = random.Random(4)
    passes(b, "noise", [r.randbytes(3000)], False)
    passes(b, "noise in a handshake record", [record(r.randbytes(3000))], False)


def lying_lengths(b):
    """Each byte of a hello and its record's header set to all ones, to nothing, and one more."""
    hello = record(handshake(after=extension(16, vector(b"\2h2", 2))))
    wrong, slowest = [], 0
    for at in range(len(hello)):
        if 11 <= at < 43: # the random number
            continue
        for value in (0, 255, (hello[at] + 1) & 255):
            data = hello[:at] + bytes([value]) + hello[at + 1:]
            client, server = b.open()
            began = time.monotonic()
            client.sendall(data)
            if read_exactly(server, len(data)) != data:
                wrong.append((at, value))
            slowest = max(slowest, time.monotonic() - began)
            client.close()
            server.close()
    rig.check("a hello with any one byte wrong arrives as it was sent", not wrong and slowest < PROMPT,
              "%s, the slowest after %.3f s" % (wrong, slowest))


def speaks_first(b):
    client, server = b.open()
    server.sendall(b"220 hello\r\n")
    began = time.monotonic()
    rig.check("a server that speaks first isn't kept waiting for a hello", read_exactly(client, 11) == b"220 hello\r\n" and
              time.monotonic() - began < PROMPT)
    client.close()
    server.close()


def memory(b):
    """Many hellos that never end hold 16 KiB each while they are open, and nothing afterwards."""
    rig.closed_limit(4000)
    n, data = 400, split(handshake(after=extension(21, bytes(60000))), 16384)[:16000]
    pairs = [b.open() for _ in range(n)]
    before = b.w.rss()
    for client, server in pairs:
        client.sendall(data)
        read_exactly(server, len(data))
    grown = b.w.rss() - before
    rig.check("%d hellos that never end are kept in bounded memory" % n, grown < n * (32 << 10), "%d KiB each" %
              (grown / n / 1024))
    for client, server in pairs:
        client.close()
        server.close()
    ended = len(b.w.sessions())
    rig.check("and their sessions end", rig.wait_for(lambda: len(b.w.sessions()) >= n, 20), ended)


def exact_records(folder):
    """The trigger counts the records, however they are cut: exactly three of them arrive."""
    message = handshake()
    data = split(message, 20)
    for how, pieces in (("at once", [data]), ("byte by byte", [bytes([c]) for c in data])):
        with Bench("stall{direction=upstream,side=write,framing=tls-record,after=3 messages}") as b:
            client, server = b.open()
            for piece in pieces:
                client.sendall(piece)
            server.settimeout(0.4)
            got = b""
            try:
                while piece := server.recv(65536):
                    got += piece
            except socket.timeout:
                pass
            rig.check("three records of a hello that comes %s" % how, got == data[:3 * 25], len(got))
            client.close()
            server.close()


def others(folder, b):
    """openssl s_client and curl as clients: what they send is what arrives, and they are named."""
    for what, argv in (("openssl s_client", ["openssl", "s_client", "-connect", "127.0.0.1:%d" % b.w.port, "-servername", NAME]),
                       ("curl", ["curl", "-sS", "-m", "5", "--connect-to", "::127.0.0.1:%d" % b.w.port,
                                 "https://%s/" % NAME])):
        p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = rig.accept(b.listener)
        head = read_exactly(server, 5)
        read_exactly(server, int.from_bytes(head[3:5], "big"))
        began = time.monotonic()
        server.sendall(b"\x15\3\3\0\2\2\x28")
        p.wait(20)
        took = time.monotonic() - began
        rig.check(what + ": the name in its hello is found", head[0] == 22 and LATE <= took < LATE + 1, "%.3f s" % took)
        p.stdin.close()
        server.close()


if not config_rig.has_impairments():
    print("built without impairments")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    with Bench(*FAULTS) as b:
        good(b)
        hostile(b)
        lying_lengths(b)
        speaks_first(b)
        others(folder, b)
    with Bench(*FAULTS) as b:
        memory(b)
    exact_records(folder)
rig.finish()
