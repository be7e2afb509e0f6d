"""tshark_counts - what 'wedge analyze --json' counts in a capture against what tshark counts in it: SYNs, FINs, RSTs, bytes of
payload, segments that were sent again or late, window 0. Definitional differences are those of docs/analyze-format.md."""
import collections
import json
import os
import subprocess
import tempfile

FIELDS = ("tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "tcp.flags", "tcp.seq", "tcp.len", "tcp.analysis.retransmission",
          "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission", "tcp.analysis.out_of_order",
          "tcp.analysis.zero_window", "tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe")
RETRANSMISSION, OUT_OF_ORDER, ZERO_WINDOW, PROBE = slice(7, 10), 10, 11, slice(12, 14)
FIN, SYN, RST, ACK = 1, 2, 4, 16


def rows(path):
    words = ["tshark", "-n", "-r", path, "-Y", "tcp", "-T", "fields", "-E", "separator=|", "-E", "occurrence=l"]
    for field in FIELDS:
        words += ["-e", field]
    out = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    return [line.split("|") for line in out.splitlines()]


def covered(spans):
    """The bytes that spans of (begin, end) have together."""
    total, reached = 0, None
    for begin, end in sorted(spans):
        begin = begin if reached is None else max(begin, reached)
        if end > begin:
            total += end - begin
            reached = end
    return total


class Theirs:
    """tshark's counts of one connection: [upstream, downstream]."""

    def __init__(self, client):
        self.client = client
        self.counts = collections.defaultdict(lambda: [0, 0])
        self.spans = [], []

    def take(self, row):
        flags, length = int(row[4], 0), int(row[6])
        side = int((row[1] or row[2], row[3]) != self.client)
        probe = any(row[PROBE])
        for name, seen in (("packets", True), ("syns", flags & SYN), ("fins", flags & FIN), ("resets", flags & RST),
                           ("late", any(row[RETRANSMISSION]) or row[OUT_OF_ORDER]), ("zero_windows", row[ZERO_WINDOW])):
            self.counts[name][side] += bool(seen)
        if length and not probe:
            self.spans[side].append((int(row[5]), int(row[5]) + length))

    def get(self, name):
        return [covered(s) for s in self.spans] if name == "data_bytes" else self.counts[name]


def count(path):
    streams = {}
    for row in rows(path):
        flags, sender = int(row[4], 0), (row[1] or row[2], row[3])
        stream = int(row[0])
        if stream not in streams:
            streams[stream] = Theirs(sender)
        streams[stream].take(row)
    return streams


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
