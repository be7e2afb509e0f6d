"""A capture told as a story: connections whose ACKs are held, whose answers are lost, whose windows close, made by the
milliseconds at which each segment is on the wire."""
import socket
import struct

import frame_maker as make

CLIENT, SERVER, OTHER = "192.0.2.2", "198.51.100.7", "198.51.100.8"
MS = 1_000_000


def tcp(source, target, ports, seq, ack, flags, payload, window):
    head = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, flags, window, 0, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!HH", 6, len(head) + len(payload))
    return head[:16] + struct.pack("!H", make.checksum(pseudo + head + payload)) + head[18:] + payload


class Story:
    """Segments of several connections, with their times in ms."""

    def __init__(self):
        self.records = []

    def segment(self, ms, source, target, ports, seq, ack, flags, payload=b"", window=4000):
        ip = make.ipv4(source, target, 6, tcp(source, target, ports, seq, ack, flags, payload, window),
                       ident=len(self.records) + 1)
        self.records.append((make.START + int(ms * MS), ip))

    def connection(self, at, port, server=SERVER, think=5.0, held=200.0, lost=False, closed=False, rounds=3):
        """Exchanges in which the client's ACK of the first half is held; one may be lost and sent again."""
        here, there, up, down = (CLIENT, server), (server, CLIENT), (port, 80), (80, port)
        self.segment(at, *here, up, 99, 0, make.SYN)
        self.segment(at + 1, *there, down, 499, 100, make.SYN | make.ACK)
        self.segment(at + 2, *here, up, 100, 500, make.ACK)
        at, seq, ack = at + 2, 100, 500
        for n in range(rounds):
            self.segment(at, *here, up, seq, ack, make.PSH | make.ACK, b"q" * 60)
            seq, at = seq + 60, at + think
            self.segment(at, *there, down, ack, seq, make.PSH | make.ACK, b"a" * 100)
            at += held
            self.segment(at, *here, up, seq, ack + 100, make.ACK)
            at += 0.3
            self.segment(at, *there, down, ack + 100, seq, make.PSH | make.ACK, b"b" * 50)
            if lost and n == 1:
                at += 250
                self.segment(at, *there, down, ack + 100, seq, make.PSH | make.ACK, b"b" * 50)
            ack, at = ack + 150, at + 0.4
            if closed and n == 1:
                self.segment(at, *here, up, seq, ack, make.ACK, window=0)
                at += 500
                self.segment(at, *here, up, seq, ack, make.ACK)
                at += 0.2
        self.segment(at, *here, up, seq, ack, make.FIN | make.ACK)
        self.segment(at + 1, *there, down, ack, seq + 1, make.FIN | make.ACK)
        self.segment(at + 2, *here, up, seq + 1, ack + 1, make.ACK)

    def refused(self, at, port):
        self.segment(at, CLIENT, SERVER, (port, 81), 99, 0, make.SYN)
        self.segment(at + 1, SERVER, CLIENT, (81, port), 0, 100, make.RST | make.ACK)

    def frames(self):
        return sorted(self.records)


def make_story():
    s = Story()
    for n in range(12):
        s.connection(7 * n, 40000 + n, lost=n == 3, closed=n == 4)
    s.connection(100, 41000, server=OTHER, held=44.0)
    s.refused(50, 42000)
    return s.frames()
