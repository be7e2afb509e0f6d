"""Makes captures byte by byte: a TCP conversation as IP packets, any link layer or tunnel around
them, pcap and pcapng in both byte orders. And the two that read them: analysis_dump and tshark."""

import collections
import json
import os
import socket
import struct
import subprocess

BINARY_DIR = os.environ.get("BINARY_DIR", "build")
DUMP = os.environ.get("ANALYSIS_DUMP", os.path.join(BINARY_DIR, "tests", "analysis_dump"))
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
START = 1_700_000_000_000_000_000  # nanoseconds
ETHERNET, NULL, PPP, RAW, LOOP, PPP_ETHER, SLL, SLL2 = 1, 0, 9, 101, 108, 51, 113, 276


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(src, dst, protocol, payload, ident=0, fragment=0x4000, length=None):
    length = 20 + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, ident, fragment, 64, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(src, dst, protocol, payload, length=None):
    return struct.pack("!IHBB16s16s", 0x60000000, len(payload) if length is None else length,
                       protocol, 64, socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def udp(sport, dport, payload):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


class Conversation:
    """Both sides of a TCP connection; packets is a list of (ns, from the client?, IP packet)."""

    def __init__(self, version=4, port=40000, isn=0xfffffc00, wrap=None):
        self.client, self.server = ("10.1.0.1", "10.1.0.2") if version == 4 else ("fd00::1", "fd00::2")
        self.version, self.port, self.wrap = version, port, wrap
        self.seq = {True: isn, False: isn + 5000 & 0xffffffff}
        self.ident = {True: 1000, False: 9000}
        self.at, self.packets = START, []

    def segment(self, up, flags, payload=b"", wait=1_000_000, **ip_args):
        self.at += wait
        ports = (self.port, 80) if up else (80, self.port)
        ends = (self.client, self.server) if up else (self.server, self.client)
        options = b"\x02\x04\x05\xb4" if flags & SYN else b""
        ack = self.seq[not up] if flags & ACK else 0
        tcp = struct.pack("!HHIIBBHHH", *ports, self.seq[up], ack, (20 + len(options)) // 4 << 4,
                          flags, 8000, 0, 0) + options + payload
        pseudo = b"".join(socket.inet_pton(socket.AF_INET if self.version == 4 else socket.AF_INET6, x)
                          for x in ends) + struct.pack("!IxxxB", len(tcp), 6)
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        self.seq[up] = self.seq[up] + len(payload) + bool(flags & (SYN | FIN)) & 0xffffffff
        self.ident[up] += 1
        if self.version == 4:
            packet = ipv4(*ends, 6, tcp, ident=self.ident[up], **ip_args)
        elif self.wrap:
            packet = ipv6(*ends, *self.wrap(tcp))
        else:
            packet = ipv6(*ends, 6, tcp, **ip_args)
        self.packets.append((self.at, up, packet))

    def all_of_it(self, exchanges=5, reset=False):
        """A handshake, exchanges across the wrap of the sequence numbers, an end."""
        self.segment(True, SYN)
        self.segment(False, SYN | ACK)
        self.segment(True, ACK)
        for i in range(exchanges):
            self.segment(True, PSH | ACK, b"q" * (100 + i))
            self.segment(False, ACK, b"a" * 1000)
            self.segment(False, PSH | ACK, b"b" * (300 + i))
            self.segment(True, ACK)
        self.segment(False, FIN | ACK)
        self.segment(True, RST | ACK if reset else FIN | ACK)
        if not reset:
            self.segment(False, ACK)
        return self


def some_packets():
    """Two connections, IPv4 and IPv6, in the order of time."""
    both = Conversation().all_of_it().packets + Conversation(6, 40001).all_of_it(3, reset=True).packets
    return sorted(both, key=lambda p: p[0])


def ethertype_of(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86dd


def ethernet(up, packet, ethertype=None, tags=b""):
    ends = b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1"
    ends = ends if up else ends[6:] + ends[:6]
    kind = struct.pack("!H", ethertype_of(packet) if ethertype is None else ethertype)
    return ends + tags + kind + packet


# Files. order: "<" or ">".

def pcap(frames, link, order="<", nano=True, snaplen=262144, cut=None):
    out = struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2, 4, 0, 0, snaplen, link)
    for at, frame in frames:
        part = frame[:cut]
        fraction = at % 1_000_000_000 // (1 if nano else 1000)
        out += struct.pack(order + "IIII", at // 1_000_000_000, fraction, len(part), len(frame)) + part
    return out


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order="<"):
    return block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(link, order="<", resolution=None, offset=None, snaplen=0):
    options = b""
    if resolution is not None:
        options += option(order, 9, bytes([resolution]))
    if offset is not None:
        options += option(order, 14, struct.pack(order + "q", offset))
    if options:
        options += option(order, 0, b"")
    return block(order, 1, struct.pack(order + "HHI", link, 0, snaplen) + options)


def units(ns, resolution, offset=0):
    ns -= offset * 1_000_000_000
    if resolution & 0x80:
        return (ns << (resolution & 0x7f)) // 1_000_000_000
    return ns * 10 ** resolution // 1_000_000_000


def packet_block(number, ticks, frame, order="<", options=b"", size=None):
    body = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xffffffff, len(frame),
                       len(frame) if size is None else size)
    return block(order, 6, body + frame + b"\0" * (-len(frame) % 4) + options)


def statistics(number, dropped, order="<"):
    options = option(order, 5, struct.pack(order + "Q", dropped)) + option(order, 0, b"")
    return block(order, 5, struct.pack(order + "III", number, 0, 0) + options)


def pcapng(frames, link, order="<", resolution=9, offset=0):
    out = section(order) + interface(link, order, resolution, offset or None)
    return out + b"".join(packet_block(0, units(at, resolution, offset), frame, order)
                          for at, frame in frames)


# The readers.

def dump(path, stdin=None):
    """What the analysis reads; a text instead when it refuses."""
    done = subprocess.run([DUMP, path], stdin=stdin, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode == 2:
        return done.stderr
    if done.returncode:
        raise AssertionError(f"analysis_dump: {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def ours(analysis):
    """{both ends: (SYN, FIN, RST, bytes of payload) of each direction}"""
    found = collections.defaultdict(lambda: [0] * 8)
    for c in analysis["connections"]:
        sums = found[frozenset((c["client"], c["server"]))]
        ends = (c["client"], c["server"])
        for way in (0, 1):
            place = 0 if ends[way] == min(ends) else 4
            for i, key in enumerate(("syns", "fins", "resets", "data_bytes")):
                sums[place + i] += c[key][way]
    return dict(found)


def tsharks(path, *options):
    """The same by tshark, whose packets are the innermost."""
    fields = "ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport tcp.flags tcp.len".split()
    argv = ["tshark", "-r", path, "-T", "fields", "-E", "occurrence=l", "-E", "separator=|", "-Y", "tcp",
            "-o", "tcp.desegment_tcp_streams:false", "--disable-protocol", "http", *options]
    for field in fields:
        argv += ["-e", field]
    out = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    found = collections.defaultdict(lambda: [0] * 8)
    for line in out.splitlines():
        v4src, v4dst, v6src, v6dst, sport, dport, flags, size = line.split("|")
        # A 6in4 packet has both; the conversations' addresses tell which is theirs.
        inner6 = v6src.startswith("fd00::") or not v4src
        src, dst = (f"[{v6src}]:{sport}", f"[{v6dst}]:{dport}") if inner6 else \
            (f"{v4src}:{sport}", f"{v4dst}:{dport}")
        sums = found[frozenset((src, dst))]
        place = 0 if src == min(src, dst) else 4
        for i, flag in enumerate((SYN, FIN, RST)):
            sums[place + i] += bool(int(flags, 16) & flag)
        sums[place + 3] += int(size or 0)
    return dict(found)


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    return path
