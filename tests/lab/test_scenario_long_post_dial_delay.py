#!/usr/bin/env python3
"""F09, refereed by tshark's own dissection of SIP and STUN: each call's INVITE leaves when the relay has answered, or has
been given up; from then on nothing is late, and every call is made."""
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import check, reproduce  # noqa: E402

NAME = "long-post-dial-delay"
CALLS, BEEP, TIMER = 24, 0.3, 1.65  # with --quick; seconds
AT_ONCE = 0.15  # seconds: a busy machine's idea of it
FIELDS = ("frame.time_epoch", "tcp.stream", "ip.src", "tcp.dstport", "tcp.flags.fin", "stun.type", "stun.att.port", "sip.Method",
          "sip.Status-Code", "sip.CSeq.method", "sip.Call-ID", "sdp.media.port")


class Packet:
    def __init__(self, line):
        row = line.split("\t")
        self.time, self.stream, self.source, self.dport = float(row[0]), int(row[1]), row[2], int(row[3])
        self.fin, self.stun, self.method, self.status = row[4] in ("1", "True"), row[5], row[7], row[8]
        self.relayed, self.about, self.call, self.media = row[6].split(",")[0], row[9], row[10], row[11]


def packets(played, phase, leg):
    words = ["tshark", "-2", "-r", played.capture(phase, leg), "-Y", "sip || stun || tcp.flags.fin == 1", "-T", "fields"]
    for field in FIELDS:
        words += ["-e", field]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ, HOME=tempfile.gettempdir()))
    return [Packet(line) for line in done.stdout.splitlines()]


def dissected(played):
    """Whatever has payload is SIP or STUN, and tshark finds nothing wrong with it."""
    for phase in ("baseline", "impaired"):
        for leg in ("client", "server"):
            words = ["tshark", "-2", "-r", played.capture(phase, leg), "-Y"]
            # An answer that meets a client which has just given up is answered by RST.
            strange = ("(tcp.len > 0 && !sip && !stun) || _ws.malformed || "
                       "(_ws.expert.severity >= warning && tcp.flags.reset == 0)")
            out = subprocess.run([*words, strange], capture_output=True, text=True, check=True).stdout
            check(not out, f"{phase}-{leg}: all is SIP or STUN, and well formed {out[:300]}")


class Call:
    """From its first packet to the ringing."""

    def __init__(self, rows, call):
        own = [p for p in rows if p.call == call]
        self.invite = next(p for p in own if p.method == "INVITE")
        self.ringing = next(p for p in own if p.status == "180")
        self.order = [p.method or p.status for p in own]
        lent = [p for p in rows if p.relayed and p.relayed == self.invite.media]
        given_up = [p for p in rows if p.dport == 3478 and p.fin and p.source == self.invite.source and
                    0 <= self.invite.time - p.time < AT_ONCE]
        self.lent = bool(lent)
        if lent:
            self.last = lent[0]
        else:  # the relay connection that was ended just before
            silent = {p.stream for p in given_up} - {p.stream for p in rows if p.relayed}
            self.last = max((p for p in given_up if p.stream in silent), key=lambda p: p.time)
        self.asked = next(p for p in rows if p.stream == self.last.stream and p.stun)

    @property
    def waited(self):
        return self.last.time - self.asked.time

    @property
    def post_dial_delay(self):
        return self.ringing.time - self.asked.time


def calls(played, phase, leg="client"):
    rows = packets(played, phase, leg)
    found = [Call(rows, p.call) for p in rows if p.method == "INVITE"]
    whole = ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]
    check(len(found) == CALLS and all(c.order == whole for c in found), f"{phase}-{leg}: {len(found)} whole calls")
    check(all(0 <= c.invite.time - c.last.time < AT_ONCE for c in found), f"{phase}-{leg}: an INVITE leaves when the relay is settled")
    check(all(0.6 <= c.ringing.time - c.invite.time < 0.84 + AT_ONCE for c in found), f"{phase}-{leg}: from then on it rings as ever")
    return found


def agree(played, phase, found):
    """tshark's post-dial delays are those of the verdict."""
    delays = sorted(c.post_dial_delay for c in found)
    for statistic, value in (("max", delays[-1]), ("p50", statistics.median(delays))):
        told = played.metric(phase, f"client_app.post_dial_delay.{statistic}")
        check(abs(told - value) < 0.02, f"{phase}: post-dial delay, {statistic}: {told:.3f} s, by tshark {value:.3f} s")


played = reproduce(NAME, without=("impaired",))
dissected(played)
for leg in ("client", "server"):
    slow = calls(played, "impaired", leg)
    late = [c for c in slow if c.lent]
    check(late and all(0.28 < c.waited < TIMER + AT_ONCE for c in late), f"{leg}: {len(late)} relays answer late")
    check(all(abs(c.waited - TIMER) < AT_ONCE for c in slow if not c.lent), f"{leg}: {len(slow) - len(late)} are given up")
    check(max(c.post_dial_delay for c in slow) >= 7 * BEEP, f"{leg}: seven beeps or more")
    if leg == "client":
        agree(played, "impaired", slow)
for phase in ("baseline", "mitigated"):
    quick = calls(played, phase)
    check(all(c.lent and c.waited < AT_ONCE and c.post_dial_delay <= 3 * BEEP for c in quick), f"{phase}: three beeps at most")
    agree(played, phase, quick)
said = [p for p in packets(played, "impaired", "client") if p.about == "MESSAGE" and p.status == "200"]
check(len(said) >= 50, f"{len(said)} messages are answered meanwhile")
