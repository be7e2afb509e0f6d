"""imp_rig - what the lab tests of single impairments share: one impaired phase played by 'wedge run', its two
captures as tshark reads them and its journal. The captures are taken on wedge's interfaces: of
forwarded connections one shows what came and the other what went on."""
import json
import os

from run_rig import Rig, check, fail, need
from tshark_rows import read_rows

need("tshark", "setpriv")
rig = Rig()

PACKET = ("frame.time_epoch", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags", "ip.id")
SYN, ACK, RST, FIN = 0x02, 0x10, 0x04, 0x01


def cases(modes=("explicit", "forward")):
    """Who runs it, and in which mode."""
    return [(user, mode) for user in rig.users for mode in modes]


class Packet:
    """more: the texts of further fields."""

    def __init__(self, row, fields):
        time, seq, ack, length, flags, self.id = (row[field] for field in PACKET)
        self.time, self.seq, self.ack, self.len = float(time), int(seq), int(ack), int(length)
        self.flags, self.more = int(flags, 0) & 0x3f, [row[field] for field in fields]

    def is_only(self, flags):
        return self.flags & (SYN | ACK | RST | FIN) == flags


class Play:
    """A phase with these impairments ({"loss": {...}}, in order), played and read. What they decide by chance is the
    same every time: bounds on how often it happens hold for a sample, and every thousandth sample would be outside."""

    def __init__(self, user, mode, *faults, client=None, server=None, port=80):
        self.mode, self.port = mode, port
        name = f"play{len(os.listdir(rig.folder))}"
        spec = {"name": name, "title": name, "source": "test", "story": "test",
                "lab": {"intercept": mode, "quickack": "on", "rto_min": "400ms", "tail_loss_probe": "off"},
                "server": server or {"app": "rpc"}, "client": client or {"app": "rpc"},
                "phases": {"baseline": [], "impaired": list(faults)},
                "expect": ["baseline.client_app.failed == 0"]}
        path = rig.path(name + ".yaml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(spec, f)  # which is YAML
        self.result, status, self.folder = rig.scenario(user, path, "--seed", "1", out=name)
        check(status == 0, f"{user}, {mode}: {faults} ran: {self.result['verdict']}; {self.result['why']}")
        with open(os.path.join(self.folder, "journal.jsonl"), encoding="utf-8") as f:
            events = [json.loads(line) for line in f]
        begins = [i for i, e in enumerate(events) if e.get("phase") == "impaired"]
        check(len(begins) == 1, f"the journal has the phase: {events[:9] if not begins else ''}")
        self.events = events[begins[0]:]

    def journal(self, event):
        return [e for e in self.events if e["event"] == event]

    def metric(self, name):
        return self.result["phases"][1]["metrics"][name]

    def text(self, end):
        """What a command has printed."""
        with open(os.path.join(self.folder, f"impaired-main-{end}.log"), encoding="utf-8") as f:
            return f.read()

    def packets(self, leg, upstream, *fields):
        """Those of the main traffic in one direction, in order."""
        rows = read_rows(os.path.join(self.folder, f"impaired-{leg}.pcapng"), *fields)
        to = "tcp.dstport" if upstream else "tcp.srcport"
        return [Packet(row, fields) for row in rows if row[to] == str(self.port)]

    def data(self, leg, upstream, *fields):
        return [p for p in self.packets(leg, upstream, *fields) if p.len]


def pair(came, went):
    """Each packet that came with those that went on of it, by its IP identification, which a segment
    that is sent again has anew."""
    left = {}
    for p in went:
        left.setdefault((p.id, p.seq, p.len, p.flags), []).append(p)
    return [(p, left.get((p.id, p.seq, p.len, p.flags), [])) for p in came]


def middle(values):
    values = sorted(values)
    if not values:
        fail("nothing was measured")
    return values[len(values) // 2]
