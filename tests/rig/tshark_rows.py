"""tshark_rows - every TCP packet of a capture with all that the rigs ask tshark about it, in one go: to start tshark costs more
than to read a capture of the lab. Of headers in one another, the inner one's."""
import functools
import os
import subprocess
import tempfile
import threading

FIELDS = ("frame.time_epoch", "frame.time_relative", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.len", "ip.ttl",
          "ipv6.hlim", "ip.dsfield", "ipv6.tclass", "ipv6.flow", "ip.flags.df", "ip.id", "ip.checksum.status", "tcp.stream", "tcp.srcport",
          "tcp.dstport", "tcp.seq", "tcp.seq_raw", "tcp.ack", "tcp.ack_raw", "tcp.len", "tcp.flags", "tcp.window_size_value",
          "tcp.window_size", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.checksum",
          "tcp.checksum.status", "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
          "tcp.analysis.spurious_retransmission", "tcp.analysis.out_of_order", "tcp.analysis.lost_segment",
          "tcp.analysis.zero_window", "tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe", "tcp.analysis.ack_rtt",
          "tcp.analysis.bytes_in_flight", "tcp.completeness")


KEPT = 100_000_000  # characters of what tshark has said
also = []  # fields of this process's captures, beside FIELDS
said = {}  # {file as it is: (fields, tshark's text)}, the oldest first
changes = threading.Lock()


def ask_also(*fields):
    """Asks for these, too, whenever a capture is read, so that one tshark serves all who read it."""
    also.extend(f for f in fields if f not in FIELDS and f not in also)


def read_rows(path, *more):
    """One {field: text} for each packet, in their order; more: fields beside FIELDS, for which tshark may be started anew."""
    s = os.stat(path)
    return _read_rows((path, s.st_mtime_ns, s.st_size), *more)


@functools.lru_cache(maxsize=2)  # of the captures that were read last, as they are
def _read_rows(file, *more):
    fields, text = _ask(file, [f for f in more if f not in FIELDS])
    return [dict(zip(fields, line.split("|"))) for line in text.splitlines()]


def _ask(file, more):
    with changes:
        fields, text = said.get(file, ((), None))
    if text is not None and set(more) <= set(fields):
        return fields, text
    fields = [*FIELDS, *also, *(f for f in more if f not in also)]
    # Twice, since tcp.completeness is the whole connection's only then.
    words = ["tshark", "-2", "-n", "-r", file[0], "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp", "-T", "fields",
             "-E", "separator=|", "-E", "occurrence=l"]
    for field in fields:
        words += ["-e", field]
    text = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    with changes:
        said.pop(file, None)
        said[file] = fields, text
        while sum(len(t) for _, t in said.values()) > KEPT:
            said.pop(next(iter(said)))
    return fields, text
