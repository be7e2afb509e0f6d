#!/usr/bin/env python3
"""A change that takes a proxy to one worker resets no client whose handshake is under way, nor one that another worker has
accepted: all of them are served, by the worker that is left. The clients are on a TUN device, where no kernel hurries: each
answers the SYN-ACK when the change has been made. In a network namespace of its own."""
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import own_network

own_network.enter()
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import check, listener

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)
if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
    print("no TUN device here")
    sys.exit(77)
HOST, CLIENT, CLIENTS = "192.0.2.1", "192.0.2.2", 40
SYN, RST, PSH, ACK = 2, 4, 8, 16
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH", b"slow0", 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
subprocess.run("ip addr add %s/24 dev slow0; ip link set slow0 up" % HOST, shell=True, check=True)


def checksum(data):
    total = sum(struct.unpack("!%dH" % ((len(data) + 1) // 2), data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Slow:
    """A client that is no kernel."""

    def __init__(self, own, port):
        self.own, self.port, self.seq, self.ack, self.got, self.flags = own, port, 1000, 0, b"", 0

    def send(self, flags, payload=b""):
        tcp = struct.pack("!HHIIBBHHH", self.own, self.port, self.seq, self.ack, 0x50, flags, 60000, 0, 0) + payload
        ends = socket.inet_aton(CLIENT) + socket.inet_aton(HOST)
        tcp = tcp[:16] + struct.pack("!H", checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + ends
        os.write(tun, ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp)
        self.seq += len(payload) + bool(flags & SYN)

    def take(self, tcp, payload):
        seq, self.flags = struct.unpack("!I", tcp[4:8])[0], self.flags | tcp[13]
        if payload and seq == self.ack:
            self.got += payload
        self.ack = max(self.ack, (seq + len(payload) + bool(tcp[13] & SYN)) % 2**32)


def listen(clients, until, seconds=10):
    by_port = {c.own: c for c in clients}
    end = time.monotonic() + seconds
    while not all(map(until, clients)) and time.monotonic() < end:
        if not select.select([tun], [], [], 0.05)[0]:
            continue
        data = os.read(tun, 65536)
        if data[0] >> 4 != 4 or data[9] != 6:
            continue
        length = struct.unpack("!H", data[2:4])[0]
        tcp = data[(data[0] & 15) * 4:length]
        client = by_port.get(struct.unpack("!H", tcp[2:4])[0])
        if client:
            client.take(tcp, tcp[(tcp[12] >> 4) * 4:])
    return [c for c in clients if not until(c)]


def listeners(port):
    rows = subprocess.run(["ss", "-Hltn", "sport = :%d" % port], capture_output=True, text=True, check=True).stdout
    return len(rows.splitlines())


server = listener()
LIMIT = {"connection_limit": {"limit": 1000}}
row = lambda *faults: proxies(dict(proxy("a", server, *faults), listen="%s:0" % HOST))
with tempfile.TemporaryDirectory() as folder:
    journal = os.path.join(folder, "journal")
    with Config(row(), "--workers", "4", "-v", "--journal", journal) as w:
        port = w.port("a")
        check("four listeners", listeners(port) == 4, listeners(port))
        slow = [Slow(20000 + i, port) for i in range(CLIENTS)]
        for c in slow:
            c.send(SYN)
        check("every client has its SYN-ACK", not listen(slow, lambda c: c.flags & SYN))
        check("a limit comes", w.changed(row(LIMIT)) == (0, 0, 1))
        later = [Slow(30000 + i, port) for i in range(CLIENTS)]
        for c in later:
            c.send(SYN)
        listen(later, lambda c: c.flags & SYN)
        for c in slow + later:
            c.send(ACK)
            c.send(PSH | ACK, b"%05d" % c.own)
        served = []
        try:
            while len(served) < 2 * CLIENTS:
                served.append(server.accept()[0])
                served[-1].sendall(served[-1].recv(5))
        except OSError:
            pass  # fewer come
        left = listen(slow + later, lambda c: len(c.got) == 5 or c.flags & RST)
        check("all are served", not left and all(c.got == b"%05d" % c.own for c in slow + later),
              "%d of %d" % (sum(len(c.got) == 5 for c in slow + later), 2 * CLIENTS))
        check("none is reset", not any(c.flags & RST for c in slow + later))
        check("one listener is left", rig.wait_for(lambda: listeners(port) == 1), listeners(port))
        check("changed back", w.changed(row()) == (0, 0, 1) and listeners(port) == 4, listeners(port))
        for c in slow + later:
            c.send(RST | ACK)
        for s in served:
            s.close()
    with open(journal, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    met = {e["impairment"]: e["sessions"] for e in events if e["event"] == "impairment"}
    check("the limit has met every one of them", met == {"connection_limit": 2 * CLIENTS}, met)
rig.finish()
