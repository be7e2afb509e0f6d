"""What the tests of the API share: a running "wedge serve", and HTTP by hand on a socket, so that every byte of an answer
can be looked at."""
import json
import os
import re
import signal
import socket
import subprocess
import threading

import proxy_rig as rig


class Answer:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def __repr__(self):
        return "%d %r %r" % (self.status, self.headers, self.body[:300])

    def json(self):
        return json.loads(self.body)


class Http:
    """A connection that is kept."""

    def __init__(self, port, host="127.0.0.1"):
        self.s = socket.create_connection((host, port), timeout=20)
        self.rest = b""

    def close(self):
        self.s.close()

    def send(self, data):
        self.s.sendall(data)

    def fill(self):
        data = self.s.recv(65536)
        if not data:
            raise EOFError(self.rest)
        self.rest += data

    def receive(self, head=False):
        while b"\r\n\r\n" not in self.rest:
            self.fill()
        top, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *lines = top.decode().split("\r\n")
        _, status, reason = first.split(" ", 2)
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
        want = 0 if head or int(status) == 204 else int(headers.get("content-length", 0))
        while len(self.rest) < want:
            self.fill()
        body, self.rest = self.rest[:want], self.rest[want:]
        return Answer(int(status), reason, headers, body)

    def ask(self, method, path, body=None, headers=()):
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: localhost", *headers]
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return self.receive(method == "HEAD")


class Serve:
    """A running "wedge serve", or another command with an API; self.port is the API's."""

    def __init__(self, *args, command=("serve", "--api", "127.0.0.1:0"), argv0=None, env=None, executable=None):
        words = [argv0 or rig.WEDGE, *command, *args]
        self.p = subprocess.Popen(words, executable=executable or rig.WEDGE, stderr=subprocess.PIPE, text=True, bufsize=1,
                                  env=dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:malloc_context_size=6", **(env or {})))
        self.lines, self.port = [], None
        while self.port is None:
            line = self.p.stderr.readline()
            if not line:
                raise SystemExit("it didn't start: " + "\n".join(self.lines))
            self.lines.append(line.rstrip())
            m = re.search(r"Toxiproxy's API on http://\S*:(\d+)", line)
            self.port = m and int(m.group(1))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.http = Http(self.port)

    def _read(self):
        for line in self.p.stderr:
            self.lines.append(line.rstrip())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.http.close()
        for patience in (0.2, 2, 10):
            if self.p.poll() is not None:
                break
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        self.reader.join()
        bad = [l for l in self.lines if "Sanitizer" in l or "bug" in l or "runtime error" in l]
        rig.check("wedge reports no bug of its own", not bad and self.p.returncode in (0, 1),
                  "status %s %s" % (self.p.returncode, " ".join(bad[:3])))
        self.p.stderr.close()

    def ask(self, *args, **more):
        return self.http.ask(*args, **more)

    def proxy(self, name, upstream, toxics=(), **members):
        """Makes a proxy with toxics, and returns its port."""
        a = self.ask("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": upstream, **members})
        assert a.status == 201, a
        for toxic in toxics:
            t = self.ask("POST", "/proxies/%s/toxics" % name, toxic)
            assert t.status == 200, t
        return int(a.json()["listen"].rsplit(":", 1)[1])

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.p.pid))

    def rss(self):
        with open("/proc/%d/status" % self.p.pid) as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * 1024
