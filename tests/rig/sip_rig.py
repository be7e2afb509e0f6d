"""sip_rig - what the tests of scenarios with calls share: packets of SIP and STUN as tshark dissects them, and calls made
of them."""
import os
import subprocess
import tempfile

from run_rig import check

FIELDS = ("frame.time_epoch", "tcp.stream", "ip.src", "ip.dst", "tcp.dstport", "tcp.flags.fin", "stun.type", "stun.att.port",
          "sip.Method", "sip.Status-Code", "sip.CSeq.method", "sip.Call-ID", "sdp.media.port")
ALLOCATE, ALLOCATED = "0x0003", "0x0103"


CHALLENGED = "0x0113"
# tshark computes each answer to a SIP challenge itself, and says when another one was given.
KNOWN = ["-o", "sip.validate_authorization:TRUE"]
for number in range(1, 200):
    KNOWN += ["-o", f'uat:authorization_users_sip:"user{number}","example.com","secret"']


def tshark(capture, display, *fields, options=()):
    """The rows of the packets that the filter shows."""
    words = ["tshark", "-2", *options, "-r", capture, "-Y", display, "-T", "fields"]
    for field in fields:
        words += ["-e", field]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ, HOME=tempfile.gettempdir()))
    return [line.split("\t") for line in done.stdout.splitlines()]


class Packet:
    def __init__(self, row):
        self.time, self.stream, self.source, self.to, self.dport = float(row[0]), int(row[1]), row[2], row[3], int(row[4])
        self.fin, self.stun, self.method, self.status = row[5] in ("1", "True"), row[6], row[8], row[9]
        self.relayed, self.about, self.call, self.media = row[7].split(",")[0], row[10], row[11], row[12]


def messages(row):
    """A row for each message of a segment: on a busy machine it has two answers now and then."""
    methods, statuses = ([word for word in row[n].split(",") if word] for n in (8, 9))
    about, called = ((row[n].split(",") + [""])[:len(methods + statuses)] for n in (10, 11))
    if len(methods + statuses) < 2:
        return [row]
    told = [("", status) for status in statuses] + [(method, "") for method in methods]
    return [row[:8] + [*said, about[min(n, len(about) - 1)], called[min(n, len(called) - 1)]] + row[12:] for n, said in enumerate(told)]


def packets(played, phase, leg):
    rows = tshark(played.capture(phase, leg), "sip || stun || tcp.flags.fin == 1", *FIELDS)
    return [Packet(one) for row in rows for one in messages(row)]


def credentials(played, phase, silent=False):
    """Who registers is challenged first and then answers rightly; so is who asks the relay, whose answer is signed, too."""
    capture = played.capture(phase, "client")
    asked = tshark(capture, "sip.auth.digest.response", "sip.auth.nc", options=KNOWN)
    wrong = tshark(capture, "sip.authorization.invalid", "frame.number", options=KNOWN)
    challenges = tshark(capture, "sip.Status-Code == 401 && sip.auth.nonce", "frame.number")
    check(len(asked) == len(challenges) >= 3 and not wrong, f"{phase}: {len(asked)} REGISTERs answer a challenge, {len(wrong)} wrongly")
    streams = {}
    for stream, kind, error, signed in tshark(capture, "stun.type", "tcp.stream", "stun.type", "stun.att.error", "stun.att.hmac"):
        streams.setdefault(stream, []).append((kind, error, bool(signed)))
    whole = [(ALLOCATE, "", False), (CHALLENGED, "1", False), (ALLOCATE, "", True), (ALLOCATED, "", True)]
    strange = [said for said in streams.values() if said[:4] != (whole[:1] if silent else whole)]
    check(len(streams) >= 3 and not strange, f"{phase}: {len(streams)} relay connections, {strange[:2]} without credentials")


class Call:
    """What belongs to one INVITE, in order."""

    def __init__(self, rows, call):
        self.all = [p for p in rows if p.call == call]
        self.order = [p.method or p.status for p in self.all]
        self.caller = self.all[0].source

    def at(self, what):
        return next((p.time for p in self.all if what in (p.method, p.status)), None)


def calls(rows):
    return [Call(rows, p.call) for p in rows if p.method == "INVITE"]


def told_alone(capture):
    """The addresses that SIP, SDP and STUN name and that nobody in the capture has."""
    fields = ("ip.src", "ip.dst", "sip.Via.received", "sip.Via.sent-by.address", "sip.contact.host", "sdp.connection_info.address",
              "sdp.owner.address", "stun.att.ipv4")
    rows = [[set(cell.split(",")) - {""} for cell in row] for row in tshark(capture, "tcp", *fields)]
    seen = set().union(*(row[0] | row[1] for row in rows))
    return set().union(*(cell for row in rows for cell in row[2:])) - seen


def dissected(played, *phases):
    """Whatever has payload is SIP or STUN, and tshark finds nothing wrong with it."""
    for phase in phases:
        for leg in ("client", "server"):
            # An answer that meets a client which has just given up is answered by RST; windows that are full, keep-alives
            # and the probes of a zero window are the failure.
            strange = ("(tcp.len > 0 && !sip && !stun && !tcp.reassembled_in && !tcp.analysis.flags) || _ws.malformed || "
                       "(_ws.expert.severity >= warning && tcp.flags.reset == 0 && !tcp.analysis.flags)")
            out = tshark(played.capture(phase, leg), strange, "frame.number", "_ws.col.Info")
            check(not out, f"{phase}-{leg}: all is SIP or STUN, and well formed {out[:3]}")
            check(not (told := told_alone(played.capture(phase, leg))), f"{phase}-{leg}: no address is named that is in no packet {told}")
