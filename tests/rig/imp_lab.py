"""imp_lab - what the lab tests of packet impairments share: one python client and one python server in
a scenario of two phases, healthy and impaired, and the packets of its captures as tshark reads them."""
import os
import sys
import time

import tshark_counts
from run_rig import Rig, check, need
from tshark_rows import read_rows

SCENARIO = """
name: {label}
title: {label}
source: this test
story: Two small programs speak to each other.
lab: {{intercept: {mode}, quickack: on, rto_min: 400ms, tail_loss_probe: off}}
server: {{command: ["python3", "{folder}/server.py", "{{port}}"]}}
client: {{command: ["python3", "{folder}/client-{label}.py", "{{host}}", "{{port}}"]}}
siblings: {{}}
phases:
  baseline: []
  impaired: [{impairments}]
expect:
  - baseline.client_app.completed == 1
"""

# Answers "N\n" with N bytes, "hN\n" with as many behind an HTTP header that says so, "-N\n" with a byte each 0.2 s N times, and an end with an end.
SERVER = """
import socket, sys, threading, time
def serve(c):
    try:
        lines = c.makefile("rb")
        for line in lines:
            if line.startswith(b"h"):
                line = line[1:]
                c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % int(line))
            c.sendall(b"x" * int(line))
            for i in range(-int(line)):
                c.sendall(b"y")
                time.sleep(0.2)
    except OSError:
        pass
    c.close()
s = socket.create_server(("", int(sys.argv[1])), backlog=16)
while True:
    c, _ = s.accept()
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(c,), daemon=True).start()
"""

CLIENT = """
import socket, sys, time
address = (sys.argv[1], int(sys.argv[2]))
def ask(s, n):
    s.sendall(b"%d\\n" % n)
    got = 0
    while got < n:
        piece = s.recv(65536)
        if not piece:
            raise EOFError
        got += len(piece)
def get(s, n):
    s.sendall(b"h%d\\n" % n)
    answer = b""
    while len(answer.partition(b"\\r\\n\\r\\n")[2]) < n:
        piece = s.recv(65536)
        if not piece:
            raise EOFError
        answer += piece
def connect(seconds):
    s = socket.create_connection(address, seconds)
    s.settimeout(seconds)
    return s
try:
{body}
except (OSError, EOFError) as e:
    print("client:", type(e).__name__, e, flush=True)
"""


class Lab(Rig):
    """A Rig whose runs are of such scenarios."""

    def __init__(self):
        need("tshark", "python3", "setpriv")
        super().__init__()
        self._write("server.py", SERVER)

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def both(self, user, mode, label, kind, parameters, body, before=""):
        """Runs the scenario with one impairment, and those before it ("{...}, "); returns the impaired phase's capture
        on each leg."""
        lines = body.strip("\n").splitlines()
        self._write(f"client-{label}.py", CLIENT.replace("{body}", "\n".join("    " + l for l in lines)))
        self._write(f"{label}.yaml", SCENARIO.format(label=label, mode=mode, folder=self.folder,
                                                     impairments=f"{before}{{{kind}: {{{parameters}}}}}"))
        began = time.monotonic()
        result, status, folder = self.scenario(user, self.path(f"{label}.yaml"),
                                               out=f"{label}-{user}-{mode}")
        check(status == 0, f"{label}, {user}, {mode}: {result['verdict']}; {result['why']} "
                           f"after {time.monotonic() - began:.1f} s")
        captures = [os.path.join(folder, f"impaired-{leg}.pcapng") for leg in ("client", "server")]
        bad = [row for c in captures for row in tshark_counts.find_bad_checksums(c)]
        check(not bad, f"{label}, {user}, {mode}: right checksums {bad[:2] or ''}")
        others = [line for c in captures for line in tshark_counts.differences(self.wedge, c)]
        check(not others, f"{label}, {user}, {mode}: analyze counts as tshark {others or ''}")
        return captures

    def each(self):
        """Both modes, as root and as an ordinary user."""
        yield self.ordinary, "explicit"
        yield self.ordinary, "forward"
        if "root" in self.users:
            yield "root", "explicit"
            yield "root", "forward"


class Packet:
    """One of TCP, as tshark says it: seconds since the capture's first packet, relative numbers, the window in bytes and the
    header's field, the size with all headers of IP; row: all that tshark_rows asks for, as text."""

    def __init__(self, row):
        self.row, self.time, self.stream = row, float(row["frame.time_relative"]), int(row["tcp.stream"])
        flags = int(row["tcp.flags"], 0)
        self.fin, self.syn, self.rst, self.has_ack = bool(flags & 1), bool(flags & 2), bool(flags & 4), bool(flags & 16)
        self.seq, self.ack, self.len, self.size = (int(row[field] or 0) for field in ("tcp.seq", "tcp.ack", "tcp.len", "ip.len"))
        self.window, self.field = int(row["tcp.window_size"]), int(row["tcp.window_size_value"])

    def __repr__(self):
        return f"{self.time:.4f} s: {self.row['tcp.flags']}, seq {self.seq}, ack {self.ack}, {self.len} bytes"


def packets(capture):
    return [Packet(row) for row in read_rows(capture)]


def from_server(capture):
    return [p for p in packets(capture) if p.row["tcp.srcport"] == "80"]


def from_client(capture):
    return [p for p in packets(capture) if p.row["tcp.dstport"] == "80"]


def times(chosen):
    return [p.time for p in chosen]


__all__ = ["Lab", "check", "from_client", "from_server", "packets", "times", "sys"]
