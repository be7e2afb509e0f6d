"""tshark_rows - every TCP packet of a capture with all that the rigs ask tshark about it, in one go: to start tshark costs more
than to read a capture of the lab. Of headers in one another, the inner one's."""
import functools
import os
import subprocess
import tempfile

FIELDS = ("frame.time_epoch", "frame.time_relative", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ip.len", "ip.ttl",
          "ipv6.hlim", "ip.dsfield", "ipv6.tclass", "ipv6.flow", "ip.flags.df", "ip.id", "ip.checksum.status", "tcp.stream", "tcp.srcport",
          "tcp.dstport", "tcp.seq", "tcp.seq_raw", "tcp.ack", "tcp.ack_raw", "tcp.len", "tcp.flags", "tcp.window_size_value",
          "tcp.window_size", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.checksum",
          "tcp.checksum.status", "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
          "tcp.analysis.spurious_retransmission", "tcp.analysis.out_of_order", "tcp.analysis.lost_segment",
          "tcp.analysis.zero_window", "tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe", "tcp.analysis.ack_rtt",
          "tcp.analysis.bytes_in_flight")


def read_rows(path, *more):
    """One {field: text} for each packet, in their order; more: fields beside FIELDS, for which tshark is started anew."""
    s = os.stat(path)
    return _read_rows(path, s.st_mtime_ns, s.st_size, *(field for field in more if field not in FIELDS))


@functools.lru_cache(maxsize=2)  # of the captures that were read last, as they are
def _read_rows(path, _when, _size, *more):
    fields = FIELDS + more
    words = ["tshark", "-n", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp", "-T", "fields",
             "-E", "separator=|", "-E", "occurrence=l"]
    for field in fields:
        words += ["-e", field]
    out = subprocess.run(words, capture_output=True, text=True, check=True,
                         env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    return [dict(zip(fields, line.split("|"))) for line in out.splitlines()]
