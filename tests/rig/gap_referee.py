"""The times between packets, computed a second time: from what tshark prints about each packet, by
the definitions of docs/rules.md, written down here without a look at the analysis. judge() compares
a capture's metrics, value by value, to the nanosecond."""

import collections
import subprocess

FIELDS = """frame.number frame.time_epoch tcp.stream tcp.srcport tcp.dstport ip.src ipv6.src ip.dst
ipv6.dst tcp.seq tcp.ack tcp.len tcp.flags tcp.window_size_value tcp.options.wscale.shift tcp.analysis.retransmission
tcp.analysis.fast_retransmission tcp.analysis.spurious_retransmission tcp.analysis.out_of_order
tcp.analysis.keep_alive tcp.analysis.zero_window_probe tcp.payload""".split()
REPEATS = ("tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
           "tcp.analysis.spurious_retransmission")
UP, DOWN = 0, 1
FIN, SYN, RST, ACK = 1, 2, 4, 16
MS, SECOND = 10**6, 10**9

Packet = collections.namedtuple("Packet", "at side seq ack length flags window scale late repeat "
                                          "probe payload")


def nanoseconds(epoch):
    whole, _, part = epoch.partition(".")
    return int(whole) * SECOND + int(part.ljust(9, "0")[:9])


def read_streams(path):
    """The packets of each connection, its two ends, and the time of the last packet of all."""
    argv = ["tshark", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f",
            "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.relative_sequence_numbers:TRUE"]
    for f in FIELDS:
        argv += ["-e", f]
    streams, client, ends, last = collections.defaultdict(list), {}, {}, 0
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        r = dict(zip(FIELDS, line.split("|")))
        at = nanoseconds(r["frame.time_epoch"])
        last = max(last, at)
        if not r["tcp.stream"]:
            continue
        stream, sender = int(r["tcp.stream"]), (r["ip.src"] or r["ipv6.src"], r["tcp.srcport"])
        client.setdefault(stream, sender)
        target = (r["ip.dst"] or r["ipv6.dst"], r["tcp.dstport"])
        ends.setdefault(stream, frozenset([sender, target]))
        repeat = any(r[k] for k in REPEATS)
        streams[stream].append(Packet(
            at, UP if client[stream] == sender else DOWN, int(r["tcp.seq"]), int(r["tcp.ack"] or 0),
            int(r["tcp.len"]), int(r["tcp.flags"], 16), int(r["tcp.window_size_value"]),
            int(r["tcp.options.wscale.shift"] or -1), repeat or bool(r["tcp.analysis.out_of_order"]),
            repeat, bool(r["tcp.analysis.keep_alive"] or r["tcp.analysis.zero_window_probe"]),
            bytes.fromhex(r["tcp.payload"].replace(":", ""))))
    return streams, ends, last


def taken(p):
    return p.length + bool(p.flags & SYN) + bool(p.flags & FIN)


class Exchange:
    def __init__(self, at):
        self.request_start = self.request_end = at
        self.responses = []         # times of segments with new bytes
        self.bytes = 0
        self.acked = None
        self.announced = None
        self.head = 0
        self.silences = []
        self.longest_ack = 0
        self.gap = 0


def head_bytes(payload):
    head, end, _ = payload.partition(b"\r\n\r\n")
    return len(head) + 4 if end else 0


def announced(payload):
    head, end, _ = payload.partition(b"\r\n\r\n")
    if not end or not head.startswith(b"HTTP/1."):
        return None
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(head) + 4 + int(value)
    return None


class Connection:
    """What one connection adds to each metric."""

    def __init__(self, packets, end):
        self.packets, self.end = packets, end
        self.m = collections.defaultdict(list)
        self.exchanges = []
        self.walk()
        self.finish()

    def walk(self):
        seen = [set(), set()]       # sequence numbers of each side
        top = [-1, -1]              # the highest of them
        sent = [{}, {}]             # number: when it was last sent, and the gap before
        resent = [set(), set()]
        una, waiting = [0, 0], [[], []]
        request_end = 0
        self.ends, self.fin_acked, fin_end = {}, {}, {}
        self.last_client = None
        window, scale = [None, None], [-1, -1]
        self.half_open = None
        for p in self.packets:
            me, other = p.side, 1 - p.side
            if p.side == DOWN and p.length:
                self.look_for_silence(p.at, una, seen, window, scale)
            if p.flags & (FIN | RST) and p.flags & RST:
                self.take_end(p, una, seen, window, scale)
            if p.side == UP:
                self.last_client = p
            if p.flags & RST:
                continue
            if p.flags & ACK and p.ack > una[other]:
                x = self.exchanges[-1] if self.exchanges else None
                if other == UP and x and x.acked is None and p.ack >= request_end:
                    x.acked = p.at
                if other in fin_end and p.ack >= fin_end[other]:
                    self.fin_acked.setdefault(other, p.at)
                covered = [s for s in waiting[other] if s[1] <= p.ack]
                fresh = any(n in resent[other] for n in range(una[other], p.ack))
                pure = not taken(p) and not p.probe
                if covered and pure and not fresh:
                    gap = p.at - covered[0][2]
                    self.m["ack_delay" if other == DOWN else "upstream_ack_delay"].append(gap)
                    if other == DOWN and covered[0][3]:
                        covered[0][3].longest_ack = max(covered[0][3].longest_ack, gap)
                waiting[other] = waiting[other][len(covered):]
                una[other] = p.ack
            if taken(p) and not p.probe:
                numbers = range(p.seq, p.seq + taken(p))
                # Wireshark calls a repetition within the round trip out of order.
                repeat = p.repeat or (p.late and any(n in sent[me] for n in numbers))
                if repeat and p.seq in sent[me]:
                    before, ratio = sent[me][p.seq]
                    self.m["resend_gap"].append(p.at - before)
                    if ratio:
                        self.m["resend_ratio"].append((p.at - before) / ratio)
                    gap = p.at - before
                else:
                    gap = 0
                first = p.seq + bool(p.flags & SYN)
                new = sum(n not in seen[me] for n in range(first, first + p.length))
                in_order = p.seq > top[me]
                top[me] = max(top[me], p.seq + taken(p) - 1)
                for n in numbers:
                    seen[me].add(n)
                    sent[me][n] = (p.at, gap)
                    if p.late:
                        resent[me].add(n)
                if p.flags & FIN:
                    fin_end[me] = p.seq + taken(p)
                if new:
                    if me == UP and first + p.length > request_end:
                        request_end = first + p.length
                        if self.exchanges and not self.exchanges[-1].bytes:
                            self.exchanges[-1].acked = None
                    self.take_bytes(p, new)
                    if in_order:
                        x = self.exchanges[-1] if self.exchanges else None
                        waiting[me].append((first, first + p.length, p.at, x))
                    if in_order and me == DOWN:
                        self.take_flight(p, first + p.length - una[DOWN], window[UP], scale)
            if p.flags & SYN:
                scale[me] = p.scale
            if p.flags & FIN:
                self.take_end(p, una, seen, window, scale)
            window[me] = (p.window, bool(p.flags & SYN))
        self.state = (una, seen, window, scale)
        self.offer = scale[UP]

    def take_bytes(self, p, new):
        x = self.exchanges[-1] if self.exchanges else None
        if p.side == UP:
            if not x or x.bytes:
                x = Exchange(p.at)
                self.exchanges.append(x)
            x.request_end = p.at
        elif x:
            if not x.bytes:
                x.announced = announced(p.payload)
                x.head = head_bytes(p.payload)
            if x.responses:
                x.gap = max(x.gap, p.at - x.responses[-1])
            x.responses.append(p.at)
            x.bytes += new

    def take_flight(self, p, flight, window, scale):
        if window is None:
            return
        field, of_syn = window
        self.m["flight"].append(flight)
        shift = scale[UP] if not of_syn and min(scale) >= 0 else 0
        if field:
            self.m["flight_window"].append(flight / (field << shift))
            if scale[UP] > 0:
                self.m["flight_unscaled"].append(flight / field)

    def look_for_silence(self, at, una, seen, window, scale):
        """R9, for an end of the pause at that time."""
        x = self.exchanges[-1] if self.exchanges else None
        if self.ends or not x or not x.bytes or not x.announced or x.bytes >= x.announced:
            return
        pause = at - x.responses[-1]
        room = window[UP][0] << (scale[UP] if min(scale) >= 0 else 0)
        if (pause >= max(5 * SECOND, 10 * x.gap) and room >= 1460 and
                una[DOWN] > max(seen[DOWN])):
            x.silences.append(pause)

    def take_end(self, p, una, seen, window, scale):
        if p.side == DOWN and not p.flags & ACK and self.last_client and \
                self.last_client.flags & ACK and p.seq == self.last_client.ack and \
                not self.m["reset_answer"]:
            self.m["reset_answer"].append(p.at - self.last_client.at)
        if not self.ends:
            self.end_waits(p.at, una, seen, window, scale)
            syns = [q.at for q in self.packets if q.side == UP and q.flags & SYN]
            if p.side == DOWN and self.is_open(p.at) and not self.server_spoke(p) and syns and \
                    p.at - syns[0] <= SECOND:
                self.m["dropped_after"].append(p.at - syns[0])
        kind = "rst" if p.flags & RST else "fin"
        self.ends.setdefault((p.side, kind), p.at)

    def server_spoke(self, before):
        upto = self.packets[:self.packets.index(before) + 1]
        return any(q.side == DOWN and q.length for q in upto)

    def is_open(self, at):
        """The handshake was complete by then."""
        answered = False
        for q in self.packets:
            if q.at > at:
                return False
            answered = answered or (q.side == DOWN and q.flags & SYN)
            if answered and q.side == UP and q.flags & ACK and not q.flags & (SYN | RST):
                return True
        return False

    def end_waits(self, at, una, seen, window, scale):
        x = self.exchanges[-1] if self.exchanges else None
        self.look_for_silence(at, una, seen, window, scale)
        if len(self.exchanges) == 1 and x.acked and not x.bytes and self.is_open(at) and \
                at > x.acked:
            self.m["unanswered"].append(at - x.acked)
        if x and x.acked and at > x.acked and (
                not x.bytes or (x.announced and x.bytes <= x.head < x.announced)):
            self.m["bodiless"].append(at - x.acked)

    def finish(self):
        m, packets = self.m, self.packets
        if not self.ends:
            self.end_waits(self.end, *self.state)
        for x in self.exchanges:
            if x.acked is not None:
                m["request_ack"].append(x.acked - x.request_end)
            if x.silences:
                m["silence"].append(max(x.silences))
            if not x.bytes:
                continue
            m["response"].append(x.responses[0] - x.request_end)
            m["response_total"].append(x.responses[-1] - x.request_start)
            m["ack_delay_max_per_exchange"].append(x.longest_ack)
            if len(x.responses) > 1:
                m["data_gap"].append(x.gap)
        for a, b in zip(self.exchanges, self.exchanges[1:]):
            m["think"].append(b.request_start - a.responses[-1])
        self.finish_ends()
        m["duration"].append(max(p.at for p in packets) - packets[0].at)
        self.finish_silences()
        answered = [x for x in self.exchanges if x.bytes]
        busy = sum(x.responses[-1] - x.request_start for x in answered)
        syn = [p for p in packets if p.side == UP and p.flags & SYN]
        if busy:
            rate = sum(x.bytes for x in answered) * SECOND / busy
            m["throughput"].append(rate)
            if syn:
                m["throughput_scaled" if self.offer > 0 else "throughput_unscaled"].append(rate)
        m["syn_retries"].append(max(0, len(syn) - 1))

    def finish_ends(self):
        m, packets = self.m, self.packets
        syn = next((p.at for p in packets if p.side == UP and p.flags & SYN), None)
        answer = next((p.at for p in packets if p.side == DOWN and p.flags & SYN), None)
        if syn is not None and answer is not None:
            for p in packets:
                if p.side == UP and p.at >= answer and p.flags & ACK and \
                        not p.flags & (SYN | RST) and p.ack > 0:
                    m["handshake"].append(p.at - syn)
                    break
        fin = self.ends.get((UP, "fin"))
        if fin is None:
            return
        if UP in self.fin_acked:
            m["fin_ack"].append(self.fin_acked[UP] - fin)
        server = [t for (side, _), t in self.ends.items() if side == DOWN]
        if server and min(server) < fin:
            return
        client = self.ends.get((UP, "rst"))
        waits = server + ([client] if client is not None and client >= fin else []) + [self.end]
        m["fin_wait"].append(min(waits) - fin)

    def finish_silences(self):
        """R14: (last packet, first one unanswered, next packet) of the server."""
        self.silences, last, asked = [], None, None
        for p in self.packets:
            if p.side == UP:
                asked = p.at if asked is None and taken(p) else asked
                continue
            since = asked if asked is not None else last
            if last is not None and p.at - since >= 20 * MS:
                self.silences.append((last, since, p.at))
            last, asked = p.at, None
        self.m["host_silence"] = [c - b for _, b, c in self.silences]


def together(connections):
    """R14 over connections: the common silences, and how many have a witness."""
    common, judged, spread = [], 0, 5 * MS
    for c in connections:
        for last, since, to in c.silences:
            yes = no = 0
            for w in connections:
                if w is c:
                    continue
                if any(l <= since + spread and last <= s + spread and t > since and to > s
                       for l, s, t in w.silences):
                    yes += 1
                elif any(p.side == DOWN and since + spread <= p.at <= to - spread
                         for p in w.packets):
                    no += 1
            judged += yes + no > 0
            if yes and yes >= 0.8 * (yes + no):
                common.append(to - since)
    return common, judged


def measure(path):
    """All metrics of a capture: lists of nanoseconds, bytes, bytes a second, or ratios."""
    streams, ends, last = read_streams(path)
    order = sorted(streams)
    # A later connection between the same ends is the end of an earlier one.
    connections = [Connection(streams[n], min([streams[k][0].at for k in order
                                               if k > n and ends[k] == ends[n]] + [last]))
                   for n in order]
    m = collections.defaultdict(list)
    for c in connections:
        for name, values in c.m.items():
            m[name] += values
    if connections:
        times = [p.at for c in connections for p in c.packets]
        m["span"] = [max(times) - min(times)]
        heard = sorted([p.at for c in connections for p in c.packets if p.side == DOWN] +
                       [max(times), min(times)])
        if m["span"][0]:
            m["server_silence"] = [max(b - a for a, b in zip(heard, heard[1:]))]
    m["syn_retries"] = [sum(m["syn_retries"])]
    m["tuple_reused"] = [sum(any(ends[k] == ends[n] for k in order if k < n) for n in order)]
    m["silence_together"], judged = together(connections)
    if judged:
        m["silence_together_share"] = [len(m["silence_together"]) / judged]
    if m["flight_unscaled"]:
        m["flight_unscaled_share"] = [sum(f <= 1 for f in m["flight_unscaled"]) /
                                      len(m["flight_unscaled"])]
    return m


TIMES = """handshake duration span response response_total data_gap think ack_delay
ack_delay_max_per_exchange upstream_ack_delay request_ack unanswered bodiless dropped_after silence
reset_answer fin_ack fin_wait resend_gap server_silence host_silence silence_together""".split()
OTHERS = """resend_ratio throughput throughput_scaled throughput_unscaled flight flight_window
flight_unscaled flight_unscaled_share silence_together_share syn_retries tuple_reused""".split()


def judge(path, metrics):
    """Compares every metric with a time between packets in it. Returns how many values agreed; an
    AssertionError names those that don't."""
    theirs, agreed, wrong = measure(path), 0, []
    for name in TIMES + OTHERS:
        scale = SECOND if name in TIMES else 1
        ours = sorted(v * scale for v in metrics[name])
        want = sorted(theirs[name])
        same = len(ours) == len(want) and all(
            abs(a - b) <= max(1e-9 * abs(b), 0.6 if scale == SECOND else 0)
            for a, b in zip(ours, want))
        if not same:
            wrong.append(f"{name}: {ours[:4]} ({len(ours)}), tshark {want[:4]} ({len(want)})")
        agreed += len(want)
    assert not wrong, "; ".join(wrong)
    return agreed
