"""A capture written packet by packet: a test says who sends what when, in any order, and gets a
pcap file with nanoseconds. Knows no metric and no analysis."""

import struct

FIN, SYN, RST, ACK = 1, 2, 4, 16
MS = 10**6
SECOND = 10**9
START = 1_700_000_000 * SECOND


class Trace:
    """Packets by their time, of any number of connections."""

    def __init__(self, start=START):
        self.start = start
        self.packets = []
        self.ip_id = 0

    def add(self, at, source, target, seq, ack, flags, window, payload, options):
        self.ip_id = self.ip_id % 65535 + 1
        options += b"\1" * (-len(options) % 4)
        tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq % 2**32, ack % 2**32,
                          (20 + len(options)) // 4 << 4, flags, window, 0, 0) + options + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), self.ip_id, 0x4000, 64, 6, 0,
                         bytes(source[0]), bytes(target[0]))
        self.packets.append((self.start + at, len(self.packets), b"\2" * 12 + b"\x08\0" + ip + tcp))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
            for at, _, frame in sorted(self.packets):
                f.write(struct.pack("<IIII", at // SECOND, at % SECOND, len(frame), len(frame)))
                f.write(frame)


class Talk:
    """One connection. Sides are "up" (the client sends) and "down"; times are nanoseconds from the
    trace's start, and a side's acknowledgement is of all that the other has sent by then, unless
    the call says something else. Calls come in the order of time."""

    def __init__(self, trace, port=50000, server=80, isn=(1000, 70000), scale=7):
        self.trace, self.scale = trace, scale
        self.address = {"up": ((192, 0, 2, 1), port), "down": ((198, 51, 100, 1), server)}
        self.next = {"up": isn[0], "down": isn[1]}
        self.window = {"up": 500, "down": 500}

    def segment(self, at, side, length=0, flags=ACK, seq=None, ack=None, text=b"", options=b""):
        other = "down" if side == "up" else "up"
        start = self.next[side] if seq is None else seq
        payload = (text + b"x" * length)[:max(length, len(text))]
        number = 0 if not flags & ACK else self.next[other] if ack is None else ack
        self.trace.add(at, self.address[side], self.address[other], start, number, flags,
                       self.window[side], payload, options)
        taken = len(payload) + bool(flags & SYN) + bool(flags & FIN)
        self.next[side] = max(self.next[side], start + taken)

    def options(self):
        scale = b"" if self.scale is None else struct.pack("!BBB", 3, 3, self.scale)
        return struct.pack("!BBH", 2, 4, 1460) + scale

    def syn(self, at):
        self.segment(at, "up", flags=SYN, options=self.options())

    def syn_ack(self, at):
        self.segment(at, "down", flags=SYN | ACK, options=self.options())

    def open(self, at, rtt=2 * MS):
        self.syn(at)
        self.syn_ack(at + rtt // 2)
        self.ack(at + rtt, "up")
        return at + rtt

    def ack(self, at, side, **more):
        self.segment(at, side, **more)

    def data(self, at, side, length, **more):
        self.segment(at, side, length, **more)

    def again(self, at, side, back, length, **more):
        """Sends bytes again that begin back before the next sequence number."""
        self.segment(at, side, length, seq=self.next[side] - back, **more)

    def keep_alive(self, at, side):
        self.segment(at, side, seq=self.next[side] - 1)

    def fin(self, at, side):
        self.segment(at, side, flags=FIN | ACK)

    def reset(self, at, side, answer=False):
        """answer: as a host does that doesn't know the connection (RFC 9293 3.10.7.1)."""
        if answer:
            self.segment(at, side, flags=RST, seq=self.next[side])
        else:
            self.segment(at, side, flags=RST | ACK)
