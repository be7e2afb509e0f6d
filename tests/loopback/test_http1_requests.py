#!/usr/bin/env python3
"""Responses that can't be framed without their request: HEAD, 204, 304, CONNECT and 101, one by one and pipelined. A fault of
framing=http1 acts on the message that it counts to, with curl's own words where curl can ask for it."""
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

BODY = b"x" * 500
HEADERS = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n"
ANSWERS = {
    b"GET": HEADERS % (b"200 OK", len(BODY)) + BODY,
    b"HEAD": HEADERS % (b"200 OK", len(BODY)),
    b"DELETE": b"HTTP/1.1 204 No Content\r\n\r\n",
    b"OPTIONS": HEADERS % (b"304 Not Modified", len(BODY)), # as a cache is told
    b"POST": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEADERS % (b"200 OK", len(BODY)) + BODY,
    b"CONNECT": b"HTTP/1.1 200 Connected\r\nContent-Length: 77\r\n\r\n",
    b"UPGRADE": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
}


def serve(sock):
    """Answers each request by its method, as they come; behind CONNECT and 101 it is an echo."""
    got = b""
    while data := sock.recv(65536):
        got += data
        while b"\r\n\r\n" in got:
            request, got = got.split(b"\r\n\r\n", 1)
            method = request.split(b" ")[0]
            sock.sendall(ANSWERS[method])
            while method in (b"CONNECT", b"UPGRADE") and (data := sock.recv(65536)):
                sock.sendall(data)


class Server:
    def __init__(self):
        self.sock = rig.listener()
        self.sock.settimeout(None)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            threading.Thread(target=self._serve, args=(self.sock.accept()[0],), daemon=True).start()

    def _serve(self, sock):
        try:
            serve(sock)
        except OSError:
            pass
        sock.close()


def request(method):
    return method + b" /x HTTP/1.1\r\nHost: x\r\n\r\n"


def ask(port, methods, pipelined):
    """What came until the end, or until all answers were there."""
    want = sum(len(ANSWERS[m]) for m in methods)
    sock, got = rig.connect(port), b""
    sock.settimeout(3)
    try:
        if pipelined:
            sock.sendall(b"".join(request(m) for m in methods))
        for m in methods:
            if not pipelined:
                sock.sendall(request(m))
            until = len(got) + len(ANSWERS[m]) if not pipelined else want
            while len(got) < until:
                data = sock.recv(65536)
                if not data:
                    return got
                got += data
    except OSError:
        pass
    finally:
        sock.close()
    return got


def cut_in_order(server):
    """cut behind N messages delivers exactly N answers, whatever they are."""
    mixed = [b"HEAD", b"GET", b"DELETE", b"OPTIONS", b"POST", b"HEAD", b"HEAD", b"GET"]
    for n in (1, 2, 4, 6, 7):
        for pipelined in (False, True):
            with rig.Proxy("127.0.0.1:%d" % server.port, "--impair",
                           "cut{framing=http1,direction=downstream,after=%d messages}" % n) as w:
                got = ask(w.port, mixed, pipelined)
            rig.check("cut after %d messages%s" % (n, ", pipelined" if pipelined else ""),
                      got == b"".join(ANSWERS[m] for m in mixed[:n]), "%d bytes" % len(got))
    for n in (1, 2):
        with rig.Proxy("127.0.0.1:%d" % server.port, "--impair",
                       "drop{framing=http1,direction=upstream,for=%d messages}" % n, "--impair",
                       "cut{framing=http1,direction=downstream,after=1 message}") as w:
            got = ask(w.port, [b"HEAD"] * n + [b"GET"], True)
            rig.check("%d requests that were eaten have no answer" % n, got == ANSWERS[b"GET"], repr(got[:80]))


def switched(server, folder):
    """A response that switches is a message; behind it nothing is counted, and the journal says so."""
    for method in (b"CONNECT", b"UPGRADE"):
        journal = "%s/%s" % (folder, method.decode())
        with rig.Proxy("127.0.0.1:%d" % server.port, "--journal", journal, "--impair",
                       "cut{framing=http1,direction=downstream,after=3 messages}") as w:
            sock = rig.connect(w.port)
            sock.settimeout(5)
            got = b""
            for say, answer in ((request(b"HEAD"), ANSWERS[b"HEAD"]), (request(method), ANSWERS[method]),
                                (ANSWERS[b"GET"], ANSWERS[b"GET"])):
                sock.sendall(say)
                want = len(got) + len(answer)
                while len(got) < want and (data := sock.recv(65536)):
                    got += data
            sock.close()
        with open(journal) as f:
            lost = [line for line in f if "messages_lost" in line]
        rig.check(method.decode() + ": what follows passes, and isn't counted", got.endswith(BODY) and len(lost) == 1 and
                  "switched" in lost[0], repr((got[-40:], lost)))
        with rig.Proxy("127.0.0.1:%d" % server.port, "--impair",
                       "cut{framing=http1,direction=downstream,after=2 messages}") as w:
            got = ask(w.port, [b"HEAD", method, b"GET"], False)
            rig.check(method.decode() + " is a message itself", got == ANSWERS[b"HEAD"] + ANSWERS[method], repr(got))


def curl(server):
    with rig.Proxy("127.0.0.1:%d" % server.port, "--impair",
                   "latency{delay=600ms,framing=http1,direction=downstream,after=1 message}") as w:
        url = "http://127.0.0.1:%d/x" % w.port
        r = subprocess.run(["curl", "-sS", "-I", url, "-o", "/dev/null", "-w", "%{time_total}\n", "--next", "-sS", url, "-o",
                            "/dev/null", "-w", "%{time_total} %{num_connects}\n"], capture_output=True, text=True, timeout=30)
        words = r.stdout.split()
        rig.check("curl: HEAD is at once, GET on the same connection is late", len(words) == 3 and float(words[0]) < 0.4 and
                  float(words[1]) >= 0.6 and words[2] == "0", r.stdout + r.stderr)


if __name__ == "__main__":
    import tempfile
    server = Server()
    with tempfile.TemporaryDirectory() as folder:
        cut_in_order(server)
        switched(server, folder)
        curl(server)
    rig.finish()
