#!/usr/bin/env python3
"""play_sessions.py KIND - plays the rows of play_rows.py on the wedge of $WEDGE, step by step with a fixed seed, and prints what
client and server saw, what wedge logged, and its journal, without what normalise.py calls noise. Two runs of one wedge print
the same; so same_output.py runs it for two.

It is started again in a network namespace of its own, where ports are free and packets can be queued. Exit 77: there is
none here."""
import hashlib
import itertools
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../rig")]
import normalise  # noqa: E402
import own_network  # noqa: E402
import play_rows  # noqa: E402
import tls_rig  # noqa: E402

HOST, AT, SERVER = "127.0.0.1", 7001, 8001
# Each row has an address of its own, so that what is still under way of another one can't meet it.
ROW = "127.0.0.%d"
SESSIONS, MESSAGES = 4, 4
SILENCE = 0.3  # seconds without anything, which is a long time on loopback and for these impairments' delays


class Wedge:
    """A running wedge proxy; its log and journal are told at the end."""

    def __init__(self, folder, words, config=False, tls=False, host=HOST):
        self.folder, self.ports, self.tls = folder, normalise.Ports(), tls
        self.journal, self.log = os.path.join(folder, "journal"), os.path.join(folder, "log")
        if os.path.exists(self.journal):
            os.unlink(self.journal)
        if not config:
            words = ["--listen", f"{host}:{AT}", "--upstream", f"{host}:{SERVER}", *words]
        with open(self.log, "w", encoding="utf-8") as log:
            self.p = subprocess.Popen(["wedge", "proxy", *words, "--seed", "7", "--journal", self.journal, "-vv"],
                                      executable=os.environ["WEDGE"], stderr=log, stdout=log, cwd=folder)
        self.wait_for("listening on", 10)

    def said(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def wait_for(self, text, seconds, times=1):
        until = time.monotonic() + seconds
        while self.said().count(text) < times and time.monotonic() < until and self.p.poll() is None:
            time.sleep(0.002)

    def end(self, hide=str):
        """SIGTERM, and a second one for sessions that don't end by themselves."""
        self.p.send_signal(signal.SIGTERM)
        try:
            status = self.p.wait(SILENCE)
        except subprocess.TimeoutExpired:
            self.p.send_signal(signal.SIGTERM)
            status = self.p.wait(20)
        print("exit status", status)
        text = normalise.log(self.said(), self.ports)
        with open(self.journal, encoding="utf-8") as f:
            text += normalise.journal(f.read(), self.ports)
        text = text.replace(self.folder, "FOLDER")
        print(hide(normalise.sizes(text) if self.tls else text))


def listener(host=HOST):
    s = socket.create_server((host, SERVER))
    s.settimeout(10)
    return s


class End:
    """One end of a session. What it has been told of the other's end, FIN or RST, it keeps: the kernel tells it once."""

    def __init__(self, sock, name, ended=None):
        self.sock, self.name, self.ended = sock, name, ended

    def say(self, data):
        try:
            self.sock.sendall(data)
        except ConnectionResetError:
            self.ended = self.ended or "RST"
        except OSError:
            pass  # what has become of it is heard next

    def hear(self, n, hashed=True):
        """Tells what comes of n bytes, and what instead of the rest; whether more can come."""
        got, silence = b"", ""
        try:
            while len(got) < n and not self.ended:
                self.sock.settimeout(SILENCE)
                piece = self.sock.recv(n - len(got))
                got += piece
                self.ended = None if piece else "FIN"
        except TimeoutError:
            silence = "silence"
        except OSError:
            self.ended = "RST"
        what = hashlib.sha1(got).hexdigest()[:8] if hashed else ""
        print(f"  {self.name}: {len(got)} B {what} {silence or self.ended or ''}".rstrip())
        return not self.ended

    def end(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def dial(host=HOST, ports=itertools.count(10000)):
    """The client's end, from a port of its own which the kernel wouldn't choose. An RST may be faster than connect()'s
    return, which is no other answer; a SYN that is refused is one."""
    sock, ended = socket.socket(), None
    sock.settimeout(10)
    sock.bind((host, next(ports)))
    try:
        sock.connect((host, AT))
    except OSError as e:
        ended = "RST" if isinstance(e, ConnectionResetError) else str(e)
    return End(sock, "client", ended)


def met(client, server):
    """The server's end, or None when the client's has come to its end before there was one, or nothing happens."""
    ready, _, _ = select.select([client, server], [], [], SILENCE)
    return server.accept()[0] if server in ready else None


def request(style, n):
    if style == "http":
        return b"POST /%d HTTP/1.1\r\nHost: one.test\r\nContent-Length: 400\r\n\r\n" % n + b"q" * 400
    return b"q%d" % n + b"." * 197 + b"\n" + b"p" * 299 + b"\n"


def answer(style, n):
    if style == "http":
        return b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"%d" % n * 200
    return b"a%d" % n + b"." * 97 + b"\n"


def exchange(c, s, style):
    for n in range(MESSAGES):
        c.say(request(style, n))
        if not s.hear(len(request(style, n)), style != "hello"):
            break
        s.say(answer(style, n))
        if not c.hear(len(answer(style, n))):
            break
    if style == "lines, later":  # what wedge does by itself comes before the ends
        select.select([c.sock, s.sock], [], [], SILENCE)
    for this, other in ((c, s), (s, c)):
        this.end()
        other.hear(1000)


def session(style, server, folder, host=HOST):
    client = dial(host)
    if style == "header":
        client.say(b"PROXY TCP4 192.0.2.9 192.0.2.1 1234 80\r\n")
    if style.startswith("tls") and not client.ended:
        tls_session(client.sock, server, folder, style == "tls")
    elif style == "refused" or client.ended:
        client.hear(1)
    elif s := met(client.sock, server):
        exchange(client, End(s, "server"), style)
        s.close()
    else:
        client.hear(1)
    client.sock.close()


def tls_end(end, asks):
    """One end's part; what it has to tell."""
    try:
        end.handshake()
        if asks:
            end.send(b"question\n")
        got = end.recv(100)
        if not asks:
            end.send(b"answer\n")
            got += end.recv(100)
            end.end()
            return f"{got}"
        end.end()
        return f"{got}, {end.read_to_end()}"
    except (OSError, ValueError) as e:
        return re.sub(r" \(_ssl.*", "", f"{type(e).__name__} {e}")


def tls_session(c, server, folder, both):
    """The ends wait for each other, so each has a thread."""
    heard = []

    def serve():
        server.settimeout(SILENCE)
        try:
            s = server.accept()[0]
        except TimeoutError:
            heard.append("no connection")
            return
        s.settimeout(6 * SILENCE)
        context = tls_rig.server_context(folder + "/one.test.pem", folder + "/one.test.key", "1.3")
        heard.append(tls_end(tls_rig.Tls(s, context, server=True) if both else tls_rig.Plain(s), asks=False))
        s.close()

    thread = threading.Thread(target=serve)
    thread.start()
    c.settimeout(2 * SILENCE)
    print("  client:", tls_end(tls_rig.Tls(c, tls_rig.client_context(version="1.3"), name="mail.example.org"), asks=True))
    c.close()
    thread.join()
    server.settimeout(10)
    print("  server:", *heard)


def play(folder, host, name, words, style):
    print(f"=== {name}: {' '.join(words)}")
    server = None if style == "refused" else listener(host)
    words = [word.replace("{folder}", folder) for word in words]
    w = Wedge(folder, words, tls=style.startswith("tls"), host=host)
    for n in range(1, SESSIONS + 1):
        print(" session", n)
        session(style, server, folder, host)
        w.wait_for("wedge: session", SILENCE, n)
    w.end()
    if server:
        server.close()


def reload(folder):
    """A file that changes while sessions are open, for the better and for the worse."""
    print("=== a file that changes")
    row = "proxies: [{name: a, listen: '127.0.0.1:7001', upstream: '127.0.0.1:8001', impairments: [%s]}]"
    first = row % "stall: {after: 300B, direction: downstream}"
    changes = (first, row % "latency: {delay: 1ms}", row % "latency: {delay: soon}",
               row.replace(":7001", ":7002") % "{cut: {after: 1KB}}", "proxies: [", row % "",
               row % "{latency: {delay: 1ms}}, {reset: {name: r, after: 10B}}", "proxies: []")
    path, server = os.path.join(folder, "wedge.yaml"), listener()

    def write(text):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    write(first)
    w = Wedge(folder, ["--config", path], config=True)
    client_end = dial()
    server_end = End(server.accept()[0], "server of session 1")
    for n, text in enumerate(changes, 1):
        write(text)
        w.p.send_signal(signal.SIGHUP)
        w.wait_for("configuration ", 10, n)
        server_end.say(answer("lines", n))
        client_end.hear(len(answer("lines", n)))
        if ":7001" in text:
            session("lines", server, folder)
    client_end.sock.close()
    server_end.sock.close()
    w.wait_for("wedge: session 1 ", SILENCE)
    w.end()
    server.close()


def main(kind):
    own_network.enter("openssl")
    with tempfile.TemporaryDirectory() as folder:
        tls_rig.make_certificate(folder, "one.test")
        for n, (name, (words, style)) in enumerate(getattr(play_rows, kind.upper()).items(), 2):
            if kind != "options":
                words = [word for fault in words for word in ("--impair", fault)]
            play(folder, ROW % n, name, words, style)
        if kind == "options":
            reload(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
