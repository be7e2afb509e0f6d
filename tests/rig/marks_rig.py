"""marks_rig - tells by tshark whether a packet was sent by whom its header names, when it was sent: hop limit, traffic
class, flow label, TSval against the capture's time, IP ID, checksum. Knows no wedge."""
import collections

from tshark_rows import read_rows

FIELDS = {
    "time": "frame.time_epoch", "stream": "tcp.stream", "src": "ip.src", "src6": "ipv6.src",
    "sport": "tcp.srcport", "dport": "tcp.dstport", "ttl": "ip.ttl", "hlim": "ipv6.hlim",
    "ds": "ip.dsfield", "tclass": "ipv6.tclass", "flow": "ipv6.flow", "df": "ip.flags.df", "id": "ip.id",
    "seq": "tcp.seq_raw", "ack": "tcp.ack_raw", "len": "tcp.len", "flags": "tcp.flags", "window": "tcp.window_size_value",
    "tsval": "tcp.options.timestamp.tsval", "tsecr": "tcp.options.timestamp.tsecr",
    "checksum": "tcp.checksum", "tcp_status": "tcp.checksum.status", "ip_status": "ip.checksum.status",
    "protocols": "frame.protocols",
}
FIN, SYN, RST = 1, 2, 4
HZ = 1000  # of Linux's clock in the timestamps
Packet = collections.namedtuple("Packet", [*FIELDS, "host", "is_v6"])


def number(text):
    return int(text, 0) if text else None


def packets(capture):
    """All TCP packets of a capture, in its order."""
    return [make_packet({name: row[field] for name, field in FIELDS.items()}) for row in read_rows(capture)]


def make_packet(raw):
    host, is_v6 = raw["src"] or raw["src6"], bool(raw["src6"])
    values = {k: number(v) for k, v in raw.items() if k not in ("time", "src", "src6", "df", "protocols")}
    return Packet(**values, time=float(raw["time"]), src=raw["src"], src6=raw["src6"], protocols=raw["protocols"],
                  df=raw["df"] in ("1", "True"), host=host, is_v6=is_v6)


def looks(p):
    """What all packets of one host have alike, whatever they carry."""
    return (p.hlim, p.tclass) if p.is_v6 else (p.ttl, p.ds)


def lateness(row, line):
    """By how many seconds each stamped packet is later than its time stamp says, on the line of that sender's clock."""
    return [p.time - line - p.tsval / HZ for p in row if p.tsval is not None]


def clock_line(*rows):
    """The capture's time at which the sender's clock stood at 0: that of its promptest packet."""
    return min(p.time - p.tsval / HZ for row in rows for p in row if p.tsval is not None)


def id_step(a, b):
    """An ID of 0 is none, and may be a counter's that comes round."""
    return 1 if (a.id, b.id) == (65535, 1) else (b.id - a.id) % 65536


def id_steps(row):
    """How the sender's IDs go on."""
    own = [p for p in row if p.id]
    return collections.Counter(id_step(a, b) for a, b in zip(own, own[1:]))


def id_breaks(row):
    """(time since the row's beginning, ID, flags, sequence number) around each step that isn't 1."""
    own = [p for p in row if p.id]
    at = [i for i in range(1, len(own)) if id_step(own[i - 1], own[i]) != 1]
    return [[(round(p.time - row[0].time, 4), p.id, p.flags, p.seq, p.len) for p in own[max(0, i - 3):i + 3]] for i in at]


def bad_checksums(row):
    """0xffff is Linux's form of 0 in software (CSUM_MANGLED_0), and bad to Wireshark."""
    return [p for p in row if p.tcp_status != 1 or (not p.is_v6 and p.ip_status != 1)]
