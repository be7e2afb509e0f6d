"""The same traffic as worse captures show it: short snap length, the second half, one direction alone, all interfaces at once
(-i any), and segments that the card has put together (GRO)."""
import struct

from pcapng_rig import packets

ETHERNET, SLL2 = 1, 276
IPV4, TCP = b"\x08\x00", 6
SECOND = 10**9
WITHIN = SECOND // 1000  # what GRO puts together
LARGEST = 65000
SYN_FIN_RST, PSH = 0x07, 0x08
PORT = 80  # of the server


class Frame:
    """A frame of Ethernet and IPv4 with TCP, and its time."""

    def __init__(self, at, data):
        self.at, self.data = at, data
        self.tcp = 14 + 4 * (data[14] & 15)
        self.payload = self.tcp + 4 * (data[self.tcp + 12] >> 4)
        self.source, self.target, self.seq, self.ack = struct.unpack_from("!HHII", data, self.tcp)
        self.flags = data[self.tcp + 13]
        self.end = 14 + struct.unpack_from("!H", data, 16)[0]
        self.len = self.end - self.payload


def read(capture):
    """Its frames of TCP over IPv4; a lab's captures are of Ethernet, with times in nanoseconds."""
    return [Frame(p.time, p.data) for p in packets(capture) if p.data[12:14] == IPV4 and p.data[23] == TCP]


def write(path, frames, link=ETHERNET, snap=0):
    """frames: (time, bytes)."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, snap or 262144, link))
        for at, data in frames:
            cut = data[:snap] if snap else data
            f.write(struct.pack("<IIII", at // SECOND, at % SECOND, len(cut), len(data)) + cut)


def at_all_interfaces(frames):
    """Each packet at two interfaces, the second a little later."""
    both = []
    for f in frames:
        for interface, later in ((2, 0), (3, 15000)):
            head = struct.pack("!HHIHBB8s", 0x0800, 0, interface, 1, 0, 6, f.data[6:12] + b"\0\0")
            both.append((f.at + later, head + f.data[14:f.end]))
    return sorted(both, key=lambda x: x[0])


def put_together(frames):
    """Segments that follow each other at once, as the receiving card hands them up."""
    out, last = [], {}
    for f in frames:
        key = (f.source, f.target)
        before = last.get(key)
        if (before and f.len and before.len and f.seq == (before.seq + before.len) & 0xffffffff and f.ack == before.ack and
                not (f.flags | before.flags) & SYN_FIN_RST and not before.flags & PSH and f.at - before.at < WITHIN and
                before.len + f.len < LARGEST):
            out.remove(before)
            head = bytearray(before.data[:before.payload])
            head[before.tcp + 13] = f.flags
            data = bytes(head) + before.data[before.payload:before.end] + f.data[f.payload:f.end]
            f = Frame(f.at, data[:16] + struct.pack("!H", len(data) - 14) + data[18:])
        out.append(f)
        last[key] = f
    return [(f.at, f.data) for f in out]


def write_all(capture):
    """Returns their paths by what they are."""
    path = capture.replace(".pcapng", "-{}.pcap").format
    frames = read(capture)
    whole = [(f.at, f.data) for f in frames]
    write(path("short"), whole, snap=64)
    write(path("half"), whole[len(whole) // 2:])
    write(path("up"), [(f.at, f.data) for f in frames if f.target == PORT])
    write(path("down"), [(f.at, f.data) for f in frames if f.source == PORT])
    write(path("any"), at_all_interfaces(frames), SLL2)
    write(path("gro"), put_together(frames))
    return {part: path(part) for part in ("short", "half", "up", "down", "any", "gro")}
