"""scenario_rig - what the tests of catalogue scenarios share: a scenario run by 'wedge run --quick', and its captures
as tshark reads them, connection by connection."""
import concurrent.futures
import itertools
import json
import os
import random

import same_seed_rig
from run_rig import Rig, check, need
from scenario_lint import lint_folder
from screen_rig import judge_screen, read_screen
from signature_rig import misnamed
from tshark_counts import differences
from tshark_rows import ask_also, read_rows

SERVERS = "198.51.100."
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
ERROR = 2  # exit status of "wedge run"

need("tshark", "setpriv")
rig = Rig()
ask_also("tcp.payload")
folders = itertools.count()


class Packet:
    def __init__(self, row, port):
        self.time, self.upstream = float(row["frame.time_epoch"]), row["tcp.dstport"] == str(port)
        self.client_port = int(row["tcp.srcport" if self.upstream else "tcp.dstport"])
        self.flags = int(row["tcp.flags"], 0) & 0x3f
        self.seq, self.ack, self.len = int(row["tcp.seq_raw"]), int(row["tcp.ack_raw"] or 0), int(row["tcp.len"])
        self.window, self.completeness = int(row["tcp.window_size"]), int(row["tcp.completeness"], 0)
        self.payload = bytes.fromhex(row["tcp.payload"].replace(":", ""))
        self.client, self.server = (row["ip.src"] or row["ipv6.src"], row["ip.dst"] or row["ipv6.dst"])[::1 if self.upstream else -1]


class Connection:
    """The packets of one connection, in order; the client's and the server's."""

    def __init__(self):
        self.all = []

    @property
    def up(self):
        return [p for p in self.all if p.upstream]

    @property
    def down(self):
        return [p for p in self.all if not p.upstream]

    def has_handshake(self):
        return (self.up[0].flags == SYN and self.down and self.down[0].flags == SYN | ACK and
                any(p.ack == self.down[0].seq + 1 & 0xffffffff for p in self.up[1:]))

    def response(self):
        """The server's payload, put together by sequence number."""
        at = {p.seq - self.down[0].seq - 1 & 0xffffffff: p.payload for p in self.down if p.len}
        out = b""
        for offset in sorted(at):
            out += at[offset][len(out) - offset:]
        return out


class Played:
    """A scenario that has been run."""

    def __init__(self, user, name, *args, status=0):
        self.name = f"{name} as {user}"
        self.result, got, self.folder = rig.scenario(user, name, *args, out=f"out{next(folders)}",
                                                     good=lambda _, got: got in (status, ERROR))
        wrong = [f"{x['text']}: {x['measured']}" for x in self.result["expectations"] if not x["ok"]]
        check(got == status, f"{self.name}: {self.result['verdict']}; {self.result['why']} {wrong}")

    def metric(self, phase, name):
        return next(p for p in self.result["phases"] if p["name"] == phase)["metrics"].get(name)

    def capture(self, phase, leg):
        return os.path.join(self.folder, f"{phase}-{leg}.pcapng")

    def sessions(self, phase):
        """The number of each session of the phase, by its client's port."""
        found, now = {}, None
        with open(os.path.join(self.folder, "journal.jsonl"), encoding="utf-8") as f:
            for event in map(json.loads, f):
                now = event["phase"] if event["event"] == "phase" else now
                if now == phase and event["event"] == "session_open":
                    found[int(event["client"].rsplit(":", 1)[1])] = event["session"]
        return found

    def addresses(self, leg, host):
        """Those of a host; on the client's leg also that at which an explicit wedge listens for it (lab_address.c)."""
        found = set(self.result["environment"]["hosts"][host])
        places = [int(a[len(SERVERS):]) - 2 for a in found if a.startswith(SERVERS)]  # the first server is 2
        return found | {f"192.0.2.{100 + place if place else 1}" for place in places if leg == "client"}

    def connections(self, phase, leg, port, host=None):
        """Those to that port of the server, in order; those of one of the scenario's hosts, a client or a server."""
        addresses = host and self.addresses(leg, host)
        found = {}
        for row in read_rows(self.capture(phase, leg)):
            if str(port) in (row["tcp.srcport"], row["tcp.dstport"]):
                found.setdefault(int(row["tcp.stream"]), Connection()).all.append(Packet(row, port))
        return [found[stream] for stream in sorted(found)
                if not host or {found[stream].all[0].client, found[stream].all[0].server} & addresses]


def side_by_side(*plays):
    """What the plays return, which are of scenarios that mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(len(plays)) as pool:
        return [p.result() for p in [pool.submit(play) for play in plays]]


def judged_phases(played):
    """The three that every scenario has, and one of the others, another one in each run: tshark takes long for all of them."""
    always = {"baseline", "impaired", "mitigated"}
    more = sorted({p["name"].split("@")[0] for p in played.result["phases"]} - always)
    return always | set(random.sample(more, min(1, len(more))))


def reproduce(name, *args, without=(), in_turn=False):
    """As both users at once, with one seed, the other one only what differs most, and once more with the phases of without
    healthy, which must fail; in turn where the machine's speed is the subject. What the ordinary one's run has left is for the referee,
    who first reads of it (judged_phases) what gives the lab away, and what analyze counts otherwise than tshark; the other run is its
    twin."""
    seed = () if "--seed" in args else ("--seed", str(random.getrandbits(31)))
    plays = [lambda: Played(rig.users[0], name, "--quick", "--phase", "baseline", "--phase", "impaired", *args, *seed),
             lambda: Played(rig.ordinary, name, "--quick", *args, *seed)]
    if without:
        plays.append(lambda: fails_without(name, *without))
    twin, played, *_ = [play() for play in plays] if in_turn else side_by_side(*plays)
    lint_folder(played.folder, more=lambda capture: differences(rig.wedge, capture), phases=judged_phases(played))
    n, others = same_seed_rig.differences(name, played.folder, twin.folder, partly=True)
    check(n and not others, f"{played.name}: {n} connections have the same journal as {rig.users[0]}'s {others[:3]}")
    same_seed_rig.check_words(played.folder, name)
    wrong = misnamed(rig.wedge, name, played.folder)
    check(not wrong, f"{played.name}: analyze names its captures {wrong or ''}")
    wrong, looks = judge_screen(rig, name, played.folder, read_screen(played.folder))
    check(not wrong, f"{played.name}: its screen says what to open {looks} {wrong or ''}")
    played.twin = twin
    return played


def fails_without(name, *phases):
    """The healthy lab must not pass: with its impairments taken away the scenario isn't reproduced."""
    words = [w for phase in phases for w in ("--set", f"{phase}=none", "--phase", phase)] + ["--phase", "baseline"]
    played = Played(rig.ordinary, name, "--quick", *words, status=1)
    check(played.result["verdict"] == "not-reproduced", f"{played.name}: not reproduced without its impairments")
