"""tshark_counts - what 'wedge analyze --json' counts in a capture against what tshark counts in it: SYNs, FINs, RSTs, bytes of
payload, segments that were sent again or late, window 0. Definitional differences are those of docs/analyze-format.md."""
import collections
import json
import subprocess

from tshark_rows import read_rows

RETRANSMISSION = ("tcp.analysis.retransmission", "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission")
PROBE = ("tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe")
FIN, SYN, RST, ACK = 1, 2, 4, 16


def covered(spans):
    """The bytes that spans of (begin, end) have together."""
    total, reached = 0, None
    for begin, end in sorted(spans):
        begin = begin if reached is None else max(begin, reached)
        if end > begin:
            total += end - begin
            reached = end
    return total


def sender(row):
    return row["ip.src"] or row["ipv6.src"], row["tcp.srcport"]


class Theirs:
    """tshark's counts of one connection: [upstream, downstream]."""

    def __init__(self, client):
        self.client = client
        self.counts = collections.defaultdict(lambda: [0, 0])
        self.spans = [], []

    def take(self, row):
        flags, length = int(row["tcp.flags"], 0), int(row["tcp.len"])
        side = int(sender(row) != self.client)
        late = any(row[name] for name in RETRANSMISSION) or row["tcp.analysis.out_of_order"]
        for name, seen in (("packets", True), ("syns", flags & SYN), ("fins", flags & FIN), ("resets", flags & RST),
                           ("late", late), ("zero_windows", row["tcp.analysis.zero_window"])):
            self.counts[name][side] += bool(seen)
        if length and not any(row[name] for name in PROBE):
            self.spans[side].append((int(row["tcp.seq"]), int(row["tcp.seq"]) + length))

    def get(self, name):
        return [covered(s) for s in self.spans] if name == "data_bytes" else self.counts[name]


def count(path):
    streams = {}
    for row in read_rows(path):
        stream = int(row["tcp.stream"])
        if stream not in streams:
            streams[stream] = Theirs(sender(row))
        streams[stream].take(row)
    return streams


def find_bad_checksums(path):
    """The packets that have a wrong checksum, of IPv4 or TCP; offloads are off in the lab. 0xffff is 0 in one's complement
    (RFC 1624), and what Linux writes for it (CSUM_MANGLED_0); tshark doesn't take it."""
    return [row for row in read_rows(path) if row["tcp.checksum.status"] != "1" and row["tcp.checksum"] != "0xffff" or
            row["ip.src"] and row["ip.checksum.status"] != "1"]


def ours(wedge, path):
    words = [wedge, "analyze", "--json", "--top", "1000000", path]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode == 2 and "no TCP connection" in done.stderr:  # where wedge lets nothing through
        return None
    done.check_returncode()
    return json.loads(done.stdout)


def differences(wedge, path):
    """One line for each count that isn't tshark's."""
    page, streams = ours(wedge, path), count(path)
    wrong = []
    if not page:
        return ["analyze finds no TCP in it, tshark does"] * bool(streams)
    if page["capture"]["connections"] != len(streams):
        return [f"{page['capture']['connections']} connections, tshark {len(streams)}"]
    sums = collections.defaultdict(lambda: [0, 0])
    for c in page["connections"]:
        t = streams[c["stream"]]
        swap = -1 if c["client"] != "%s:%s" % (f"[{t.client[0]}]" if ":" in t.client[0] else t.client[0], t.client[1]) else 1
        for name in ("syns", "fins", "resets", "late", "data_bytes", "zero_windows"):
            theirs = t.get(name)[::swap]
            sums[name] = [a + b for a, b in zip(sums[name], theirs)]
            if name in c and list(c[name].values()) != theirs:
                wrong.append(f"stream {c['stream']}: {name} {list(c[name].values())}, tshark {theirs}")
    counts = page["counts"]
    counts["late"] = {d: counts["retransmissions"][d] + counts["out_of_order"][d] for d in counts["retransmissions"]}
    for name, theirs in sums.items():
        if list(counts[name].values()) != theirs:
            wrong.append(f"{name} {list(counts[name].values())}, tshark {theirs}")
    return wrong
