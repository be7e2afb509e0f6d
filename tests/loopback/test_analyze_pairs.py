#!/usr/bin/env python3
"""wedge analyze with two captures of one traffic: the time of each wait goes to client, path or server. The captures are
made here, packet by packet, from a story whose shares are known: with another clock that drifts, behind NAT, behind a proxy;
wedge has to find the shares within the error that it states."""
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import check  # noqa: E402

WEDGE = os.environ["WEDGE"]
MS = 1e-3
SYN, ACK, FIN = 2, 16, 1


class Capture:
    """Packets as (time, client sends, flags, seq, ack, payload) of connections, written in order of time."""

    def __init__(self, server, clock=lambda t: t, isn=0, client="10.0.0.5", port=0):
        self.packets, self.server, self.clock = [], server, clock
        self.isn, self.client, self.port = isn, client, port

    def put(self, t, conn, up, flags, seq, ack, payload=b""):
        src, dst = self.client, self.server
        sport, dport = 40000 + conn + self.port, 80
        if not up:
            src, dst, sport, dport = dst, src, dport, sport
        base = 1000 * conn + self.isn
        s = (seq + base + (0 if up else 777777)) & 0xffffffff
        a = (ack + base + (777777 if up else 0)) & 0xffffffff if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", sport, dport, s, a, 0x50, flags, 60000, 0, 0) + payload
        address = [bytes(map(int, x.split("."))) for x in (src, dst)]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + address[0] + address[1]
        self.packets.append((self.clock(t), ip + tcp))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
            for t, data in sorted(self.packets, key=lambda p: p[0]):
                ns = round(t * 1e9)
                f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), len(data)) + data)
        return path


def story(near, far, rnd, connections=6, exchanges=25, up=lambda r: 2 * MS, server=lambda r: 5 * MS, down=lambda r: 3 * MS):
    """Each exchange: a request, its way, the server's time, the answer's way. Returns the sums of the waits that are felt."""
    sums = [0.0, 0.0, 0.0, 0]
    for conn in range(connections):
        t = 1700000000 + conn * 0.37
        seq = ack = 1
        for one, back in ((near, 5 * MS), (far, 0.0)):
            at = t + (0 if one is near else 2 * MS)
            one.put(at, conn, True, SYN, 0, 0)
            one.put(at + back + 0.2 * MS, conn, False, SYN | ACK, 0, 1)
            one.put(t + 5.3 * MS + (0 if one is near else 2 * MS), conn, True, ACK, 1, 1)
        t += 10 * MS
        for i in range(exchanges):
            request, answer = b"GET /%d-%d" % (conn, i) + bytes(60), b"HTTP %d-%d" % (conn, i) + bytes(200)
            a, b, c = up(rnd), server(rnd), down(rnd)
            near.put(t, conn, True, ACK, seq, ack, request)
            far.put(t + a, conn, True, ACK, seq, ack, request)
            seq += len(request)
            far.put(t + a + b, conn, False, ACK, ack, seq, answer)
            near.put(t + a + b + c, conn, False, ACK, ack, seq, answer)
            ack += len(answer)
            if a + b + c > 20 * MS:
                for k, x in enumerate((a, b, c, 1)):
                    sums[k] += x
            t += a + b + c
            near.put(t + 0.01 * MS, conn, True, ACK, seq, ack)
            far.put(t + 0.01 * MS + 2 * MS, conn, True, ACK, seq, ack)
            t += 30 * MS + rnd.random() * MS
    return sums


def seconds(text):
    value, unit = re.match(r"([\d.]+) (ms|s)", text).groups()
    return float(value) * (MS if unit == "ms" else 1)


def shares(paths):
    p = subprocess.run([WEDGE, "analyze", *paths], text=True, capture_output=True)
    check(p.returncode == 0, f"wedge analyze {p.stderr.strip()}")
    error = seconds(re.search(r"right to ([\d.]+ m?s) either way", p.stdout).group(1))
    line = next(x for x in p.stdout.splitlines() if "server think time" in x)
    found = [seconds(x) for x in re.findall(r"[\d.]+ m?s", line)]
    return int(line.split()[0]), found, error, p.stdout


def judge(label, paths, sums, kind, limit):
    n, found, error, page = shares(paths)
    check(n == sums[3], f"{label}: {n} of {sums[3]} waits")
    check(error < limit, f"{label}: the clocks are right to {1e3 * error:.3f} ms")
    for name, is_, want in zip(("to the server", "at the server", "to the client"), found[2:5], sums):
        check(abs(is_ - want) <= n * error + 0.005 * want, f"{label}: {name} {is_:.3f} s, of {want:.3f}")
    check(abs(found[0] - sum(sums[:3])) < 0.005 * found[0] and found[1] == 0, f"{label}: nothing beside the client")
    check(re.search(kind, page), f"{label}: {kind}")
    return page


SLOW_PATH = {"up": lambda r: 2 * MS + (150 * MS if r.random() < 0.3 else 0)}
SLOW_SERVER = {"server": lambda r: 5 * MS + (80 * MS if r.random() < 0.5 else 0)}
SLOW_WAY_BACK = {"down": lambda r: 3 * MS + 40 * MS * r.random()}


def main():
    with tempfile.TemporaryDirectory() as folder:
        near_path, far_path = os.path.join(folder, "near.pcap"), os.path.join(folder, "far.pcap")
        for label, far, slow, kind in (
                ("same", Capture("10.0.0.9"), SLOW_PATH, "6 as they are"),
                ("clock", Capture("10.0.0.9", clock=lambda t: t - 3723.5), SLOW_SERVER, "6 as they are"),
                ("drift", Capture("10.0.0.9", clock=lambda t: t + 42 + 80e-6 * (t - 1700000000)), SLOW_PATH, "6 as they are"),
                ("nat", Capture("10.0.0.9", client="192.0.2.77", port=9000), SLOW_WAY_BACK, "6 through NAT"),
                ("proxy", Capture("192.0.2.1", isn=55555, client="192.0.2.77", port=9000, clock=lambda t: t + 0.25),
                 SLOW_SERVER, "6 through a proxy")):
            near = Capture("10.0.0.9")
            sums = story(near, far, random.Random(7), exchanges=25 if label != "drift" else 160, **slow)
            paths = [near.write(near_path), far.write(far_path)]
            page = judge(label, paths, sums, kind, 3.2 * MS)
            if label == "drift":
                ppm = float(re.search(r"drifts by (-?[\d.]+) ppm", page).group(1))
                check(abs(ppm - 80) < 20, f"drift: {ppm} ppm, of 80")
            judge(label + ", given the other way round", paths[::-1], sums, kind, 3.2 * MS)
        # The same bytes at other times, as of another run of the same program: no clock makes that of the first.
        near, far = Capture("10.0.0.9"), Capture("10.0.0.9", clock=lambda t: t + t * 1000 % 7 / 10)
        story(near, far, random.Random(7), exchanges=25, **SLOW_PATH)
        p = subprocess.run([WEDGE, "analyze", near.write(near_path), far.write(far_path)], text=True, capture_output=True)
        check(p.returncode == 2 and not p.stdout and "no two clocks" in p.stderr, f"two times: {p.stdout[:300]} {p.stderr.strip()}")
        near, far = Capture("10.0.0.9"), Capture("10.0.0.9", isn=99, client="10.9.9.9")
        story(near, Capture("10.0.0.9"), random.Random(1))
        story(Capture("10.0.0.9"), far, random.Random(1), connections=1, exchanges=1)
        far.packets = [(t, p.replace(b"GET", b"PUT").replace(b"HTTP", b"SMTP")) for t, p in far.packets]
        p = subprocess.run([WEDGE, "analyze", near.write(near_path), far.write(far_path)], text=True, capture_output=True)
        check(p.returncode == 2 and "no connection in common" in p.stderr, f"two strangers: {p.stderr.strip()}")


main()
