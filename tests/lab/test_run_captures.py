#!/usr/bin/env python3
"""The captures of a run have comments at the packets that wedge did something to, and at no other ones;
nothing else in them is changed, as a parser that isn't ours compares block by block."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import Play  # noqa: E402
from pcapng_rig import INTERFACE, blocks, capinfos, packets  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark", "capinfos", "setpriv")
rig = Rig()

FIN, SYN = 1, 2
SAYS_HELD = re.compile(r"ACK held ([0-9.]+) ms by delayed_ack \(session \d+\): released by its timer")


def told_and_held(capture):
    """[(frame, comment)], and the ACKs that tshark sees held as [(frame, seconds)]. Without a longest time: on a busy machine an
    ACK is let go late, and its comment says so."""
    rows = tshark(capture, "frame.comment || tcp.analysis.ack_rtt >= 0.190", "frame.number", "frame.comment", "tcp.analysis.ack_rtt",
                  "tcp.len", "tcp.flags")
    late = [row for row in rows if float(row[2] or 0) >= 0.190]
    return ([(number, comment) for number, comment, *_ in rows if comment],
            [(number, float(rtt)) for number, _, rtt, size, flags in late if size == "0" and not int(flags, 0) & (FIN | SYN)])


def annotate(folder, *phases):
    return subprocess.run([os.path.join(os.environ["BINARY_DIR"], "tests/annotate_folder"), folder, *phases],
                          capture_output=True, text=True, check=False)


def same_but_comments(raw, commented):
    """Every block, in its order, with its packet, time stamp and options; only comments were added."""
    before, after = blocks(raw), blocks(commented)
    check(len(before) == len(after), f"{os.path.basename(raw)}: {len(before)} blocks before and after")
    changed = [i for i, (a, b) in enumerate(zip(before, after))
               if (a.kind, a.fixed, a.rest()) != (b.kind, b.fixed, b.rest())]
    check(not changed, f"{os.path.basename(raw)}: packets, time stamps and options are the same {changed[:3]}")


def both_legs_in_order(folder, phase):
    both = packets(os.path.join(folder, f"{phase}.pcapng"))
    times = [p.time for p in both]
    check(times == sorted(times), f"{phase}.pcapng is in the order of time")
    for number, leg in enumerate(("client", "server")):
        one = sorted(packets(os.path.join(folder, f"{phase}-{leg}.pcapng")), key=lambda p: p.time)
        part = [p for p in both if p.interface == number]
        check([(p.time, p.data, p.comments()) for p in one] == [(p.time, p.data, p.comments()) for p in part],
              f"{phase}.pcapng has the {leg} leg as interface {number}, comments too")
    names = [dict(b.options)[2] for b in blocks(os.path.join(folder, f"{phase}.pcapng")) if b.kind == INTERFACE]
    check(names == [b"client0", b"server0"], f"its interfaces are named: {names}")


def held_acks_have_their_comment():
    # On the path, where each capture is of a leg of its own.
    result, status, folder = rig.scenario(rig.ordinary, "exchange-delayed-ack", "--raw-captures", "--set", "lab.place=path",
                                          out="f01")
    phases = [p["name"] for p in result["phases"]]
    # On a busy machine an ACK may be so late that an expectation fails: the verdict is others' subject.
    check(result["verdict"] != "invalid" and "impaired" in phases, f"{result['verdict']} ({status}): {phases}")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".pcapng"))
    check(len(names) == 2 * len(phases) and not any(p["captures"]["both"] for p in result["phases"]),
          "--raw-captures leaves only what was taken")
    raw = os.path.join(rig.folder, "raw")
    shutil.copytree(folder, raw)
    for name in names:
        check(not tshark(os.path.join(folder, name), "frame.comment"), f"{name} has no comment")
    if os.getuid() == 0:  # a capture is replaced by its owner only
        for name in names:
            os.chown(os.path.join(folder, name), 0, 0)
    done = annotate(folder, *phases)
    check(done.returncode == 0 and not done.stdout, f"the last pass: {done.stdout}{done.stderr}")
    for name in names:
        same_but_comments(os.path.join(raw, name), os.path.join(folder, name))
        told, held = told_and_held(os.path.join(folder, name))
        if name != "impaired-server.pcapng":
            check(not told, f"{name} has no comment")
            continue
        check([row[0] for row in told] == [row[0] for row in held] and len(told) >= 60,
              f"{name}: {len(told)} comments, at exactly the {len(held)} ACKs that tshark sees held")
        says = [SAYS_HELD.fullmatch(row[1]) for row in told]
        check(all(says), f"they say so: {told[0][1]}")
        more = sorted(1000 * row[1] - float(m[1]) for row, m in zip(held, says))
        check(-0.5 <= more[0] and more[len(more) // 2] < 5,
              f"for no longer than tshark sees, which sees {more[len(more) // 2]:.1f} ms more (median)")
    for phase in phases:
        both_legs_in_order(folder, phase)
        told = capinfos(os.path.join(folder, f"{phase}.pcapng"))
        check("0 matched no packet" in told["Capture comment"], f"{phase}: {told['Capture comment'].strip()}")


def in_a_host_both_captures_tell_it():
    """wedge stands in the client: both captures are outside of it."""
    _, _, folder = rig.scenario(rig.ordinary, "exchange-delayed-ack", "--quick", out="in-client")
    check(not os.path.exists(os.path.join(folder, "impaired.pcapng")), "no packet twice in one file")
    for leg in ("client", "server"):
        path = os.path.join(folder, f"impaired-{leg}.pcapng")
        told, held = ([number for number, _ in found] for found in told_and_held(path))
        check(told == held and len(told) >= 50, f"{path}: {len(told)} comments, at exactly the {len(held)} held ACKs")
        check("0 matched no packet" in capinfos(path)["Capture comment"], "    and every event has its packet")


def a_broken_capture_is_left_as_it_is():
    folder = os.path.join(rig.folder, "broken")
    shutil.copytree(os.path.join(rig.folder, "raw"), folder)
    path = os.path.join(folder, "impaired-server.pcapng")
    with open(path, "rb") as f:
        whole = f.read()
    for cut in (0, 10, 3001, len(whole) - 1):
        with open(path, "wb") as f:
            f.write(whole[:cut])
        before = {n: os.stat(os.path.join(folder, n)).st_ino for n in os.listdir(folder)}
        done = annotate(folder, "impaired")
        after = {n: os.stat(os.path.join(folder, n)).st_ino for n in os.listdir(folder)}
        check(done.returncode == 1 and done.stderr.count("\n") == 1 and before == after and
              os.path.getsize(path) == cut, f"cut at {cut}: {done.stderr.strip()}")


def a_dropped_segment_is_told_where_it_came(user, mode):
    play = Play(user, mode, {"loss": {"mode": "nth", "n": 10, **({"leg": "server"} if mode == "explicit" else {})}},
                server={"app": "rpc", "response": ["180B", "200000B"]}, client={"app": "rpc", "exchanges": 1})
    lost = sorted(e["seq"] for e in play.journal("segment_lost"))
    path = os.path.join(play.folder, "impaired-server.pcapng")
    rows = tshark(path, "frame.comment || tcp.len > 0", "tcp.seq_raw", "frame.comment", "frame.number", "tcp.len")
    told = [row[:3] for row in rows if row[1]]
    check(sorted(int(row[0]) for row in told) == lost and len(lost) > 10,
          f"{user}, {mode}: {len(told)} comments at the {len(lost)} segments: {told[0][1]}")
    frames = {}
    for seq, _, number, size in rows:
        if size not in ("", "0"):
            frames.setdefault(seq, []).append(number)
    check(all(frames[seq][-1] != number for seq, _, number in told), "each was sent again later")
    check(all(frames[seq][0] == number for seq, _, number in told if lost.count(int(seq)) == 1),
          "what was lost once is the first copy")
    check(os.path.exists(os.path.join(play.folder, "impaired.pcapng")) == (mode == "explicit"),
          "both legs in one file unless they are one connection")


def a_segment_that_never_left_is_told_beside(user):
    play = Play(user, "explicit", {"loss": {"mode": "nth", "n": 10, "leg": "client"}},
                server={"app": "rpc", "response": ["180B", "200000B"]}, client={"app": "rpc", "exchanges": 1})
    lost = play.journal("segment_lost")
    told = [line for row in tshark(os.path.join(play.folder, "impaired-client.pcapng"), "frame.comment",
                                   "frame.comment") for line in row[0].split("\\n")]
    check(len(told) == len(lost) > 10 and all("not in this capture" in line for line in told),
          f"{len(told)} of {len(lost)} are told as not there: {told[0]}")


held_acks_have_their_comment()
in_a_host_both_captures_tell_it()
a_broken_capture_is_left_as_it_is()
for each in ("explicit", "forward"):
    a_dropped_segment_is_told_where_it_came(rig.ordinary, each)
a_segment_that_never_left_is_told_beside(rig.ordinary)
