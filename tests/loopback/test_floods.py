#!/usr/bin/env python3
"""Clients by the thousand that mean no session: SYNs whose handshake nobody ends, from addresses without a host; connections that say
nothing; clients that read or write a byte now and then. What they cost is bounded, whoever comes meanwhile is served, and when they have
gone wedge has what it had before. The SYNs are injected by a card of the test's own network."""
import fcntl
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import own_network  # noqa: E402

own_network.enter()
import proxy_rig as rig  # noqa: E402
from config_rig import has_impairments  # noqa: E402

MIB = 1 << 20
SYNS, SILENT, SLOW = 12000, 1500, 1000
ADDRESS, GATEWAY, NOBODY = "198.18.0.1", "198.18.0.2", "198.19.0.0"
# A sanitizer's allocator has red zones and keeps back what is freed.
SANITIZER = b"__asan_init" in open(rig.WEDGE, "rb").read()
server = rig.listener(backlog=4096)
server.settimeout(None)
rig.closed_limit(8 * SILENT)


def echo():
    while True:
        try:
            s, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=give_back, args=(s,), daemon=True).start()


def give_back(s):
    """A line that asks for bytes gets so many; anything else is given back."""
    try:
        with s:
            while data := s.recv(65536):
                s.sendall(bytes(int(data[5:])) if data.startswith(b"send ") else data)
    except OSError:
        pass


def served(port, host="127.0.0.1", before=b""):
    """Seconds until a client got its bytes back; None: it didn't."""
    began = time.monotonic()
    try:
        with socket.create_connection((host, port), 10) as c:
            c.sendall(before + b"hello")
            return time.monotonic() - began if c.recv(5) == b"hello" else None
    except OSError:
        return None


def open_card():
    """Frames written to it come in at the card "wide", behind which are all of 198.18.0.0/15."""
    for words in (["link", "add", "wide", "type", "veth", "peer", "name", "inject"], ["addr", "add", ADDRESS + "/15", "dev", "wide"],
                  ["link", "set", "wide", "up"], ["link", "set", "inject", "up"]):
        subprocess.run(["ip", *words], check=True)
    for name in ("all", "wide"):
        with open("/proc/sys/net/ipv4/conf/%s/rp_filter" % name, "w", encoding="ascii") as f:
            f.write("0")
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind(("inject", 0))
    macs = []
    for name in (b"wide", b"inject"):
        macs.append(fcntl.ioctl(s, 0x8927, struct.pack("256s", name))[18:24])  # SIOCGIFHWADDR
    return s, macs[0] + macs[1] + b"\x08\x00"


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def syn(source, port):
    """A SYN as a client's kernel makes it, with the option of a segment's size."""
    ends = source + socket.inet_aton(ADDRESS)
    tcp = bytearray(struct.pack("!HHIIBBHHHBBH", random.randrange(1024, 65536), port, random.randrange(1 << 32), 0, 0x60, 2, 64240, 0, 0, 2, 4, 1460))
    tcp[16:18] = struct.pack("!H", checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp))
    ip = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), random.randrange(1 << 16), 0x4000, 64, 6, 0) + ends)
    ip[10:12] = struct.pack("!H", checksum(ip))
    return bytes(ip + tcp)


def flood(card, head, port):
    first = struct.unpack("!I", socket.inet_aton(NOBODY))[0]
    for i in range(SYNS):
        try:
            card.send(head + syn(struct.pack("!I", first + 1 + i % 65000), port))
        except OSError:  # its queue is full
            time.sleep(0.001)
        if i % 100 == 0:  # a flood, but not of what its own machine has to do at once
            time.sleep(0.001)


def is_back(p, before, most):
    return p.rss() - before <= most * (4 if SANITIZER else 1)


def half_open(card, head, what, most, *args):
    with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], *args, listen=":0", seed="1") as p:
        rig.wait_for(lambda: served(p.port, ADDRESS))
        before, slowest, peak, done = p.rss(), 0, 0, []
        thread = threading.Thread(target=lambda: (flood(card, head, p.port), done.append(1)))
        thread.start()
        while not done:
            took = served(p.port)
            slowest = max(slowest, 99 if took is None else took)
            peak = max(peak, p.rss() - before)
        thread.join()
        rig.check("%d SYNs%s: others are served" % (SYNS, what), slowest < 5, "%.2f s" % slowest)
        rig.check("    memory is bounded", is_back(p, p.rss() - peak, most), "%.1f MiB more" % (peak / MIB))
        rig.check("    few descriptors", p.descriptors() < 60, str(p.descriptors()))
    print("    ", p.lines[:2])


def connect_many(n, port):
    found = []
    for _ in range(n):
        c = socket.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.connect(("127.0.0.1", port))
        found.append(c)
    return found


def crowd(what, n, each, *args, begin=None, step=None, header=b""):
    """So many clients of a kind; each: bytes of memory that one may cost. header: what an ordinary one begins with."""
    with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], *args) as p:
        served(p.port, before=header)
        before, rest = p.rss(), p.descriptors()  # of the worker that has served it a spare socket, too; the others have none yet
        clients = connect_many(n, p.port)
        for c in clients:
            if begin:
                c.sendall(begin)
        slowest, until = 0, time.monotonic() + 1
        while time.monotonic() < until:
            for c in clients[::10] if step else ():
                step(c)
            took = served(p.port, before=header)
            slowest = max(slowest, 99 if took is None else took)
        more = p.rss() - before
        rig.check("%d clients that %s: others are served" % (n, what), slowest < 5, "%.2f s" % slowest)
        rig.check("    memory is bounded", more <= n * each * (4 if SANITIZER else 1), "%.1f KiB each" % (more / n / 1024))
        for c in clients:
            rig.reset(c)
        rig.check("    when they have gone it has the descriptors of before", rig.wait_for(lambda: p.descriptors() < rest + rig.WORKERS, 20),
                  "%d, %d before" % (p.descriptors(), rest))


threading.Thread(target=echo, daemon=True).start()
injector, frame = open_card()
half_open(injector, frame, "", 4 * MIB)
if has_impairments():
    # 65,536 connections are known at most, and one that says nothing is forgotten.
    half_open(injector, frame, ", packets queued", SYNS * 4096, "--impair", "delay{delay=1ms}")
    half_open(injector, frame, ", whose refusal is decided before", SYNS * 6144, "--impair", "refuse{probability=0.0001%}")
crowd("say nothing", SILENT, 8 << 10)
crowd("say no PROXY header", SILENT, 8 << 10, "--proxy-protocol-in", header=b"PROXY UNKNOWN\r\n")
crowd("don't read", SLOW, 16 << 10, begin=b"send 300000")
if has_impairments():
    # What a flow may hold always (HOLD_SHARE_MIN), which is more than its share; beyond it one read, and the session itself, as above.
    crowd("don't read what a stage has", SLOW, (32 << 10) + (16 << 10) + (8 << 10), "--impair", "slicer{size=16KiB}", "--hold-limit", "16MiB", begin=b"send 300000")
crowd("write a byte now and then", SLOW, 8 << 10, begin=b"x", step=lambda c: c.sendall(b"y"))
rig.finish()
