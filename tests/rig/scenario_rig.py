"""scenario_rig - what the tests of catalogue scenarios share: a scenario run by 'wedge run --quick', and its captures
as tshark reads them, connection by connection."""
import concurrent.futures
import functools
import itertools
import json
import os
import random
import subprocess
import tempfile

import same_seed_rig
from run_rig import Rig, check, need
from scenario_lint import lint_folder
from screen_rig import judge_screen, read_screen
from signature_rig import misnamed
from tshark_counts import differences

SERVERS = "198.51.100."
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
FIELDS = ("tcp.stream", "frame.time_epoch", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw",
          "tcp.ack_raw", "tcp.len", "tcp.window_size", "tcp.completeness", "tcp.payload", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst")

ERROR = 2  # exit status of "wedge run"

need("tshark", "setpriv")
rig = Rig()
folders = itertools.count()


@functools.lru_cache(maxsize=2)  # a test asks about one port after another, and to start tshark costs more
def read(capture):
    """A row of FIELDS for each packet of TCP; a capture of a run that has ended stays as it is."""
    words = ["tshark", "-2", "-r", capture, "-Y", "tcp", "-T", "fields"]
    for field in FIELDS:
        words += ["-e", field]
    out = subprocess.run(words, capture_output=True, text=True, check=True,
                         env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    return [line.split("\t") for line in out.splitlines()]


class Packet:
    def __init__(self, row, port):
        self.time, self.upstream = float(row[1]), int(row[3]) == port
        self.client_port = int(row[2] if self.upstream else row[3])
        self.flags = int(row[4], 0) & 0x3f
        self.seq, self.ack, self.len = int(row[5]), int(row[6] or 0), int(row[7])
        self.window, self.completeness = int(row[8]), int(row[9], 0)
        self.payload = bytes.fromhex(row[10].replace(":", ""))
        self.client, self.server = (row[11] or row[12], row[13] or row[14])[::1 if self.upstream else -1]


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
        for row in read(self.capture(phase, leg)):
            if str(port) in row[2:4]:
                found.setdefault(int(row[0]), Connection()).all.append(Packet(row, port))
        return [found[stream] for stream in sorted(found)
                if not host or {found[stream].all[0].client, found[stream].all[0].server} & addresses]


def side_by_side(*plays):
    """What the plays return, which are of scenarios that mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(len(plays)) as pool:
        return [p.result() for p in [pool.submit(play) for play in plays]]


def reproduce(name, *args, without=(), in_turn=False):
    """As both users at once, with one seed, and once more with the phases of without healthy, which must fail; in turn where the
    machine's speed is the subject, and of the twin only what differs most. What the ordinary one's run has left is for the referee,
    who first reads all of it for what gives the lab away, and what analyze counts otherwise than tshark; the other run is its twin."""
    seed = () if "--seed" in args else ("--seed", str(random.getrandbits(31)))
    short = ("--phase", "baseline", "--phase", "impaired") if in_turn else ()
    plays = [lambda: Played(rig.users[0], name, "--quick", *short, *args, *seed), lambda: Played(rig.ordinary, name, "--quick", *args, *seed)]
    if without:
        plays.append(lambda: fails_without(name, *without))
    twin, played, *_ = [play() for play in plays] if in_turn else side_by_side(*plays)
    lint_folder(played.folder, more=lambda capture: differences(rig.wedge, capture))
    n, others = same_seed_rig.differences(name, played.folder, twin.folder, partly=in_turn)
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
