"""window_referee - the referee of packet triggers: reads both wires of forwarded connections by tshark and tells, from the
numbers and times in them alone, which packets a trigger's window holds and what became of each packet."""
import os
import re
import subprocess
import tempfile

FIELDS = ("frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len",
          "tcp.flags", "ip.len", "tcp.window_size_value", "tcp.options.wscale.shift")
FIN, SYN, RST, ACK = 1, 2, 4, 16
UP, DOWN = "upstream", "downstream"
EDGE = 0.06  # s: a packet so near to a window's edge in time may be on either side of it
SPANS = {"B": "bytes", "ms": "time", " packets": "packets"}


class Packet:
    def __init__(self, row, servers):
        self.t = float(row[0])
        source, target = (row[1], int(row[2])), (row[3], int(row[4]))
        self.dir = DOWN if row[1] in servers else UP
        self.tuple = (target, source) if self.dir == DOWN else (source, target)
        self.seq, self.ack, self.len = int(row[5]), int(row[6]), int(row[7])
        self.flags, self.size, self.window = int(row[8], 0) & 0x3f, int(row[9]), int(row[10])
        self.shift = int(row[11]) if row[11] else None
        self.went = []

    def key(self):
        return (self.dir, self.seq, self.ack, self.len, self.flags & ~FIN)

    def is_pure_ack(self):
        return self.flags & (SYN | FIN | RST | ACK) == ACK and not self.len


def read_wire(capture, servers):
    """{(client, server): packets in order}"""
    out = subprocess.run(["tshark", "-r", capture, "-Y", "tcp", "-T", "fields",
                          *(word for f in FIELDS for word in ("-e", f))], capture_output=True, text=True, check=True,
                         env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    wire = {}
    for line in out.splitlines():
        p = Packet(line.split("\t"), servers)
        wire.setdefault(p.tuple, []).append(p)
    return wire


class Connection:
    """What came to wedge on one connection, each packet with what went on of it, and what went on and never came."""

    def __init__(self, near, far, end, delayed):
        """delayed: of packets that are alike the first to come is the first to go on; else one that goes on has just come."""
        came = sorted([p for p in near if p.dir == UP and p.t < end] + [p for p in far if p.dir == DOWN and p.t < end],
                      key=lambda p: p.t)
        went = sorted([p for p in near if p.dir == DOWN] + [p for p in far if p.dir == UP], key=lambda p: p.t)
        self.came, self.made = came, []
        for w in went:
            twins = [p for p in came if p.key() == w.key() and p.t <= w.t + 0.001]
            free = [p for p in twins if not p.went]
            if twins:
                (free or twins)[0 if free and delayed else -1].went.append(w)
            else:
                self.made.append(w)
        self.begin = came[0].t if came else 0.0
        self.place()

    def place(self):
        """Where each packet is: so many new bytes, packets and seconds have come before it, in each direction."""
        at = {d: {"bytes": 0, "packets": 0} for d in (UP, DOWN)}
        end = {}
        for p in self.came:
            p.at = {d: dict(at[d], time=(p.t - self.begin) * 1000) for d in (UP, DOWN)}
            last = p.seq + p.len + bool(p.flags & SYN)
            if p.flags & RST == 0:
                first = p.seq + bool(p.flags & SYN)
                at[p.dir]["bytes"] += max(0, last - max(first, end.get(p.dir, first)))
                end[p.dir] = max(last, end.get(p.dir, last))
            at[p.dir]["packets"] += 1


def parse_window(trigger):
    """{'after': (unit, n), ...}"""
    return {name: (SPANS[unit], int(n)) for name, n, unit in
            re.findall(r"(after|for|every)=(\d+)(B|ms| packets)", trigger)}


def is_inside(trigger, place):
    """Whether a place is in the trigger's window; None: too near to its edge to tell. A pair of after, for and every has one
    unit in these triggers."""
    w = parse_window(trigger)
    if not w:
        return True
    unit = next(iter(w.values()))[0]
    after, length = w.get("after", (unit, 0))[1], w.get("for", (unit, None))[1]
    every, n = w.get("every", (unit, None))[1], place[unit]
    def at(n):
        if n < after:
            return False
        return length is None or (n - after) % (every or 1 << 60) < length
    slack = EDGE * 1000 if unit == "time" else 0
    return at(n) if at(n - slack) == at(n) == at(n + slack) or n < slack and at(n) == at(n + slack) else None
