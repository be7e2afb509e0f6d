#!/usr/bin/env python3
"""On the wire wedge adds neither Nagle's delay nor a delayed ACK of its own: two small writes leave as
two segments at once, and what it receives is acknowledged soon: by what goes back on that connection, or within
2 ms. Judged by tshark."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

ROUNDS = 20


class Capture:
    def __init__(self, path, *ports):
        self.path = path
        filter_ = " or ".join("tcp port %d" % p for p in ports)
        self.p = subprocess.Popen(["tcpdump", "-i", "lo", "-n", "-U", "-B", "16384", "-w", path, filter_],
                                  stderr=subprocess.PIPE, text=True)
        for line in self.p.stderr:
            if "listening on" in line:
                return
            if "permission" in line or "not permitted" in line:
                print("capturing on the loopback device isn't allowed here")
                sys.exit(77)

    def stop(self, fins):
        """Once so many FINs have been written."""
        rig.wait_for(lambda: len(self.fields("frame.number", where="tcp.flags.fin==1")) >= fins)
        self.p.send_signal(signal.SIGINT)
        told = self.p.stderr.read()
        self.p.wait(10)
        self.p.stderr.close()
        rig.check("the capture is complete", "\n0 packets dropped by kernel" in told, told.replace("\n", "; "))

    def fields(self, *names, where="tcp"):
        argv = ["tshark", "-n", "-r", self.path, "-o", "tcp.desegment_tcp_streams:FALSE", "-Y", where, "-T", "fields"]
        for name in names:
            argv += ["-e", name]
        out = subprocess.run(argv, capture_output=True, text=True).stdout
        return [line.split("\t") for line in out.splitlines()]


def ask_answer(c, s):
    """Both ends answer at once: there is something that carries each ACK."""
    for a, b in ((c, s), (s, c)):
        a.sendall(b"y")
        b.recv(1)


def median(values):
    return sorted(values)[len(values) // 2]


def write_write(a, b):
    """Nagle is on in both programs: the second write leaves when the first is acknowledged. It is made
    when the first has arrived, else both may wait together for wedge to read (docs/faithful.md)."""
    for size in (20, 30):
        a.sendall(b"x" * size)
        got = 0
        while got < size:
            got += len(b.recv(100))


with tempfile.TemporaryDirectory() as folder:
    server = rig.listener()
    upstream = server.getsockname()[1]
    with rig.Proxy("127.0.0.1:%d" % upstream) as p:
        capture = Capture(os.path.join(folder, "lo.pcap"), upstream, p.port)
        c = rig.connect(p.port)
        s = rig.accept(server)
        began = time.monotonic()
        for _ in range(ROUNDS):
            write_write(c, s)
            write_write(s, c)
        took = time.monotonic() - began
        c.close()
        s.close()
        capture.stop(4)
        rig.check("20 exchanges of two small writes each way take no delayed ACK", took < 0.6,
                  "%.1f ms each" % (took / ROUNDS * 1000))
        for name, where in (("to the client", "tcp.srcport==%d" % p.port),
                            ("to the server", "tcp.dstport==%d" % upstream)):
            sizes = [f[0] for f in capture.fields("tcp.len", where=where + " && tcp.len>0")]
            rig.check("two writes are two segments %s" % name, sizes == ["20", "30"] * ROUNDS,
                      "%d segments for %d writes" % (len(sizes), 2 * ROUNDS))
        for name, where in (("the client's", "tcp.srcport==%d" % p.port),
                            ("the server's", "tcp.dstport==%d" % upstream)):
            rtts = [float(f[0]) for f in capture.fields("tcp.analysis.ack_rtt", where=where) if f[0]]
            rig.check("%s data is acknowledged within 2 ms" % name,
                      len(rtts) >= 2 * ROUNDS and median(rtts) < 0.003,
                      "median %.3f ms" % (1000 * median(rtts)))
        rig.check("nothing was sent twice", not capture.fields(
            "frame.number", where="tcp.analysis.retransmission || tcp.analysis.fast_retransmission"))
        rig.check("no RST", not capture.fields("frame.number", where="tcp.flags.reset==1"))
    with rig.Proxy("127.0.0.1:%d" % upstream) as p:
        capture = Capture(os.path.join(folder, "answers.pcap"), upstream, p.port)
        c = rig.connect(p.port)
        s = rig.accept(server)
        for _ in range(5 * ROUNDS):
            ask_answer(c, s)
        c.close()
        s.close()
        capture.stop(4)
        for name, where in (("the client", "tcp.srcport==%d" % p.port), ("the server", "tcp.dstport==%d" % upstream)):
            bare = len(capture.fields("frame.number", where=where + " && tcp.len==0 && tcp.flags==0x010"))
            rig.check("a question's ACK to %s goes with the answer" % name, bare < 2.5 * ROUNDS,
                      "%d ACKs of their own for %d messages" % (bare, 5 * ROUNDS))
rig.finish()
