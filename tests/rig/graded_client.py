#!/usr/bin/env python3
"""A client of HTTP/1.1 whose handling of faults is known: graded_client.py MODE URL [--post] [--length N] [--out FILE] [--end].
It asks for the URL, by GET or POST, and prints the body, or puts it in FILE.
right     has a limit for every wait and for the whole, knows each way in which an answer can be short, asks two times on
          a connection, then PUTs with Expect: 100-continue, and tries again at growing distances; writes only what is whole
careless  takes whatever it has for the answer
storm     tries again at once, storm-slow every 0.3 s, backoff at growing distances
again     sends the request again after a failure, whatever it is
idle      has a limit for each wait, none for the whole
partial   writes into FILE as it comes
stubborn  waits for ever and ignores SIGTERM; daemon does so in a process of its own, as well as fetching
--end     tells on standard error when it ends: seconds of the wall clock"""
import argparse
import os
import select
import signal
import socket
import ssl
import sys
import time
from urllib.parse import urlsplit

CONNECT, TOTAL = 2.0, 4.0
ANSWER = 1.5  # For the next bytes of an answer, TLS's included.
RATE = 1000  # Bytes a second that an answer has at least, over its own time and a second more.
TRIES, PAUSE = 3, 0.1
HEADER_MAX = 65536
PAYLOAD = b"x" * 2000


class Broken(Exception):
    """The answer isn't what it should be."""


class Connection:
    def __init__(self, url, deadline, connect=CONNECT, wait=ANSWER, rate=RATE):
        self.url, self.deadline, self.wait, self.rate = url, deadline, wait, rate
        self.buffer, self.ended, self.begun = b"", False, time.monotonic()
        port = url.port or (443 if url.scheme == "https" else 80)
        self.sock = socket.create_connection((url.hostname, port), self._left(connect))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=url.hostname,
                                                                 suppress_ragged_eofs=False, do_handshake_on_connect=False)
            self._shake()

    def _left(self, most):
        left = min(most, self.deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("the whole took too long")
        return left

    def _shake(self):
        """The limit counts for the handshake, not for each of its reads."""
        end = time.monotonic() + self._left(self.wait)
        self.sock.setblocking(False)
        while True:
            try:
                self.sock.do_handshake()
                return
            except ssl.SSLWantReadError:
                wanted = [[self.sock], [], []]
            except ssl.SSLWantWriteError:
                wanted = [[], [self.sock], []]
            left = end - time.monotonic()
            if left <= 0 or not any(select.select(*wanted, left)):
                raise TimeoutError("no TLS handshake")

    def send(self, data):
        self.sock.settimeout(self._left(self.wait))
        self.sock.sendall(data)

    def has_ended(self):
        """Whether the server has closed an idle connection: its FIN, or a close_notify, makes it readable."""
        return bool(select.select([self.sock], [], [], 0)[0])

    def answers_within(self, seconds):
        return bool(self.buffer or select.select([self.sock], [], [], self._left(seconds))[0])

    def more(self, got):
        """Takes what comes next; False at the end. got: bytes of the answer so far."""
        spent = time.monotonic() - self.begun
        if spent > 1 and got < self.rate * (spent - 1):
            raise TimeoutError("the answer is too slow")
        self.sock.settimeout(self._left(self.wait))
        data = self.sock.recv(65536)
        self.buffer += data
        return bool(data)

    def take(self, n, got=0):
        while len(self.buffer) < n:
            if not self.more(got + len(self.buffer)):
                raise Broken(f"the connection ends {n - len(self.buffer)} bytes early")
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def take_line(self, got=0):
        while b"\n" not in self.buffer:
            if len(self.buffer) > HEADER_MAX or not self.more(got + len(self.buffer)):
                raise Broken("a line doesn't end")
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def take_header(self):
        """(status, fields); 100 (Continue) is passed over."""
        status = int(self.take_line().split()[1])
        fields = {}
        while line := self.take_line():
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        return self.take_header() if status == 100 else (status, fields)

    def take_chunks(self):
        body = b""
        while size := int(self.take_line(len(body)).split(b";")[0], 16):
            body += self.take(size, len(body))
            if self.take(2) != b"\r\n":
                raise Broken("a chunk doesn't end")
        while self.take_line():
            pass
        return body

    def take_rest(self, length):
        while self.more(len(self.buffer)):
            pass
        body, self.buffer = self.buffer, b""
        if length is not None and len(body) != length:
            raise Broken(f"{len(body)} bytes instead of {length}")
        return body

    def take_answer(self, length):
        status, fields = self.take_header()
        if status != 200:
            raise Broken(f"status {status}")
        if "chunked" in fields.get("transfer-encoding", ""):
            body = self.take_chunks()
        elif "content-length" in fields:
            body = self.take(int(fields["content-length"]))
        else:
            body = self.take_rest(length)
            self.ended = True
        self.ended |= "close" in fields.get("connection", "")
        return body

    def close(self):
        """Bounded: who sends a close_notify doesn't wait for the other one (RFC 8446 6.1)."""
        if isinstance(self.sock, ssl.SSLSocket):
            try:
                self.sock.setblocking(False)
                self.sock.unwrap()
            except OSError:
                pass
        self.sock.close()


def head(method, url, *fields):
    return "\r\n".join([f"{method} {url.path or '/'} HTTP/1.1", f"Host: {url.hostname}", *fields, "", ""]).encode()


class Right:
    """Three requests, all idempotent."""

    def __init__(self, url, length):
        self.url, self.length = url, length
        self.deadline, self.open = time.monotonic() + TOTAL, None

    def fetch(self, method):
        """One attempt, on the connection that is open if the server hasn't closed it."""
        if self.open and (self.open.ended or self.open.has_ended()):
            self.drop()
        if not self.open:
            self.open = Connection(self.url, self.deadline)
        c = self.open
        c.begun = time.monotonic()
        if method == "PUT":
            c.send(head(method, self.url, f"Content-Length: {len(PAYLOAD)}", "Expect: 100-continue"))
            c.answers_within(1)
            c.begun = time.monotonic()
            c.send(PAYLOAD)
        else:
            c.send(head(method, self.url))
        return c.take_answer(self.length)

    def drop(self):
        if self.open:
            self.open.close()
        self.open = None

    def persist(self, method):
        for i in range(TRIES):
            try:
                return self.fetch(method)
            except (OSError, Broken, ValueError, IndexError):
                self.drop()
                pause = PAUSE * 2**i
                if i == TRIES - 1 or time.monotonic() + pause > self.deadline:
                    raise
                time.sleep(pause)

    def run(self):
        body = b"".join(self.persist(method) for method in ("GET", "GET", "PUT"))
        self.drop()
        return body


def request(a, url):
    if a.post:
        return head("POST", url, f"Content-Length: {len(PAYLOAD)}", "Connection: close") + PAYLOAD
    return head("GET", url, "Connection: close")


def fetch_once(a, url):
    """Has a limit for each wait alone."""
    c = Connection(url, time.monotonic() + 3600, rate=0)
    try:
        c.send(request(a, url))
        return c.take_answer(a.length)
    finally:
        c.close()


def fetch_careless(a, url):
    got = b""
    try:
        c = Connection(url, time.monotonic() + 3600, rate=0)
        c.send(request(a, url))
        while c.more(0):
            got = c.buffer
    except (OSError, Broken):
        pass
    return got.partition(b"\r\n\r\n")[2]


def fetch_again(a, url, pauses):
    for pause in [*pauses, None]:
        try:
            return fetch_once(a, url)
        except (OSError, Broken, ValueError, IndexError):
            if pause is None:
                raise
            time.sleep(pause)


def fetch_partial(a, url):
    c = Connection(url, time.monotonic() + 3600, rate=0)
    c.send(request(a, url))
    length = int(c.take_header()[1]["content-length"])
    with open(a.out, "wb") as f:
        while length:
            part = c.take(min(length, 1000))
            f.write(part)
            f.flush()
            length -= len(part)


def fetch_stubborn(a, url):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    c = Connection(url, time.monotonic() + 3600, wait=3600, rate=0)
    c.send(request(a, url))
    return c.take_answer(None)


def fetch_beside_daemon(a, url):
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        time.sleep(3600)
    return fetch_once(a, url)


PAUSES = {"storm": [0] * 20, "storm-slow": [0.3] * 6, "backoff": [0.1, 0.2, 0.4, 0.8], "again": [0.2]}
FETCHES = {"careless": fetch_careless, "idle": fetch_once, "partial": fetch_partial, "stubborn": fetch_stubborn,
           "daemon": fetch_beside_daemon}


def fetch(a, url):
    if a.mode == "right":
        return Right(url, a.length).run()
    if a.mode in PAUSES:
        return fetch_again(a, url, PAUSES[a.mode])
    return FETCHES[a.mode](a, url)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["right", *PAUSES, *FETCHES])
    parser.add_argument("url")
    parser.add_argument("--post", action="store_true")
    parser.add_argument("--end", action="store_true")
    parser.add_argument("--length", type=int)
    parser.add_argument("--out")
    a = parser.parse_args()
    status = 0
    try:
        body = fetch(a, urlsplit(a.url))
    except (OSError, Broken, ValueError, IndexError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    if status == 0 and body is not None and a.out:
        with open(a.out + ".part", "wb") as f:
            f.write(body)
        os.rename(a.out + ".part", a.out)
    elif status == 0 and body is not None:
        sys.stdout.buffer.write(body)
        sys.stdout.flush()
    if a.end:
        print(f"end {time.time():.6f}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
