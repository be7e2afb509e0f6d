#!/usr/bin/env python3
"""wedge analyze --connection draws the packets that tshark reads, with those that prove each wait; --annotate writes the same
packets with a comment at exactly these, from any format, and never over what isn't its own."""
import gzip
import json
import os
import re
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import frame_maker as make
from analyze_rig import WEDGE, analyze, check, finish, folder, packets, path, refused, tshark, write, write_frames
from tcp_story import SERVER, make_story

ROW = re.compile(r"^(.) *(\d+) +([\d.]+)  \|(--|<-) (.*?) -*(->|--)\|$")
WORDS = re.compile(r"^(?:\[(?P<note>[^\]]*)\] )?\[(?P<flags>[A-Z, ]+)\] Seq=(\d+)(?: Ack=(\d+))? Win=(\d+) Len=(\d+)$")
FLAGS = (("FIN", 1), ("SYN", 2), ("RST", 4), ("PSH", 8), ("ACK", 16), ("URG", 32))


def waits(file, connection):
    return json.loads(analyze("--json", "--connection", str(connection), file).stdout)["waits"]


def check_ladder(file, connection):
    """Each row is tshark's packet, those with a star prove, and those between are counted."""
    page = analyze("--connection", str(connection), file).stdout.decode()
    theirs = {f["frame.number"]: f for f in packets(file) if f["tcp.stream"] == str(connection)}
    drawn = [ROW.match(line) for line in page.splitlines()]
    drawn = [m for m in drawn if m]
    begin = float(next(iter(theirs.values()))["frame.time_relative"])
    for m in drawn:
        words = WORDS.match(m[5])
        check(f"stream {connection}: a row", words and m[2] in theirs, m[0])
        if not words:
            continue
        mine = theirs[m[2]]
        flags = sum(bit for name, bit in FLAGS if name in words["flags"].split(", "))
        told = int(mine["tcp.flags"], 16), mine["tcp.seq"], mine["tcp.ack"], mine["tcp.window_size"], mine["tcp.len"]
        check(f"stream {connection}, frame {m[2]}: fields",
              (flags, words[3], words[4] or "0", words[5], words[6]) == told, (m[5], told))
        check(f"frame {m[2]}: its way", (m[4] == "<-") == (int(mine["tcp.srcport"]) < 1024), m[0])
        check(f"frame {m[2]}: its time", abs(float(m[3]) - (float(mine["frame.time_relative"]) - begin)) < 2e-6, m[0])
    hidden = sum(int(n) for n in re.findall(r"~  (\d+) packets", page))
    check(f"stream {connection}: all packets", len(drawn) + hidden == len(theirs), (len(drawn), hidden, len(theirs)))
    proving = {str(n) for w in waits(file, connection) for n in w["frames"]}
    stars = {m[2] for m in drawn if m[1] == "*"}
    check(f"stream {connection}: stars", proving == stars if proving else "wait" not in page or stars, (proving, stars))
    return page


def has_port_81(f):
    return "81" in (f["tcp.srcport"], f["tcp.dstport"])


def check_ladders(file):
    def ladder_of(chosen):
        return check_ladder(file, next(int(f["tcp.stream"]) for f in packets(file) if chosen(f)))

    for connection in (0, 12, 13):
        check_ladder(file, connection)
    page = ladder_of(has_port_81)
    check("refused is drawn", "*" in page and "[RST, ACK]" in page, page)
    page = ladder_of(lambda f: f["tcp.analysis.retransmission"])
    check("a retransmission is named", "[TCP Retransmission]" in page and "rto" in page, page)
    page = ladder_of(lambda f: f["tcp.analysis.zero_window"])
    check("a closed window is named", "[TCP ZeroWindow]" in page, page)
    one = analyze("--connection", "0", "--top", "1", file).stdout.decode()
    check("--top", "1 of 3 waits" in one and one.count("delayed-ack-windows (R4), ") == 1, one)
    for w in waits(file, 0):
        check("a wait's filter", tshark(file, w["filter"], "frame.number") == [str(n) for n in w["frames"]], w)


def packets_of(file):
    same = "frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "ip.id", "tcp.seq_raw", "tcp.payload"
    return [[f[name] for name in same] for f in packets(file)]


def comments_of(file):
    return {int(f["frame.number"]): f["frame.comment"] for f in packets(file) if f["frame.comment"]}


def formats(frames):
    """Name, bytes, and whether the time stamps are whole nanoseconds."""
    yield "nano.pcap", make.pcap(frames, make.RAW)
    yield "micro-big.pcap", make.pcap(frames, make.RAW, order=">", nano=False)
    yield "little.pcapng", make.pcapng(frames, make.RAW)
    yield "big.pcapng", make.pcapng(frames, make.RAW, order=">")
    yield "micro.pcapng", make.pcapng(frames, make.RAW, resolution=6)
    half = len(frames) // 2
    yield "sections.pcapng", make.pcapng(frames[:half], make.RAW) + make.pcapng(frames[half:], make.RAW, order=">")
    options = make.option("<", 1, b"mine") + make.option("<", 2, b"\1\0\0\0") + make.option("<", 0, b"")
    yield "commented.pcapng", make.section() + make.interface(make.RAW, resolution=9) + b"".join(
        make.packet_block(0, at, f, options=options) for at, f in frames) + make.statistics(0, 0)


def check_formats(frames):
    seen = None
    for name, data in formats(frames):
        file, out = write(name, data), path("out-" + name)
        p = analyze("--annotate", out, file)
        check(f"{name}: annotated", p.returncode == 0 and not p.stderr, p.stderr)
        check(f"{name}: the same packets", packets_of(file) == packets_of(out))
        info = subprocess.run(["capinfos", out], capture_output=True, text=True, check=False)
        check(f"{name}: capinfos takes it", info.returncode == 0 and "Capture application: wedge" in
              " ".join(info.stdout.split()), info.stdout + info.stderr)
        mine = comments_of(out)
        if name == "commented.pcapng":
            check("comments that were there stay", all("mine" in text for text in mine.values()) and
                  len(mine) == len(frames), len(mine))
            mine = {n: text for n, text in mine.items() if "wedge:" in text}
        seen = seen or {n for c in range(14) for w in waits(file, c) if w["lost"] for n in w["frames"]}
        refused = {int(f["frame.number"]) for f in packets(file) if has_port_81(f)}
        check(f"{name}: comments where the proof is", seen <= set(mine) <= seen | refused,
              (sorted(seen - set(mine)), sorted(set(mine) - seen)))
        check(f"{name}: what they say", any("delayed-ack-windows (R4)" in text for text in mine.values()) and
              any("rto" in text for text in mine.values()), list(mine.values())[:4])


def check_pipes(file):
    with open(file, "rb") as f:
        data = f.read()
    analyze("--annotate", path("plain.pcapng"), file)
    want = comments_of(path("plain.pcapng"))
    for name, packed in (("pipe", data), ("packed pipe", gzip.compress(data))):
        out = path(name + ".pcapng")
        p = analyze("--annotate", out, "--connection", "0", "-", data=packed)
        check(f"{name}: annotated", p.returncode == 0, p.stderr)
        check(f"{name}: the ladder", b"Seconds" in p.stdout, p.stdout)
        check(f"{name}: the same packets", packets_of(file) == packets_of(out))
        check(f"{name}: the chosen connection's comments", set(comments_of(out)) ==
              {n for w in waits(file, 0) for n in w["frames"]}, comments_of(out))
    with open(file, "rb") as f:
        p = subprocess.run([WEDGE, "analyze", "--annotate", path("stdin.pcapng"), "-"], stdin=f, capture_output=True, check=False)
    check("standard input that is a file", p.returncode == 0 and comments_of(path("stdin.pcapng")) == want, p.stderr)
    p = subprocess.run(["bash", "-c", f"'{WEDGE}' analyze --annotate '{path('fifo.pcapng')}' <(cat '{file}')"],
                       capture_output=True, check=False)
    check("a named pipe", p.returncode == 0 and comments_of(path("fifo.pcapng")) == want, p.stderr)


def check_files(file, frames):
    """What it may write over, modes, and what is left behind."""
    thesis, out = path("thesis.pcapng"), path("own.pcapng")
    with open(thesis, "w", encoding="utf-8") as f:
        f.write("my thesis")
    refused(["--annotate", thesis, file], "thesis.pcapng")
    refused(["--annotate", file, file], "the capture itself")
    os.symlink(file, path("link.pcap"))
    refused(["--annotate", path("link.pcap"), file], "the capture itself")
    refused(["--annotate", path("no/out.pcapng"), file], "no")
    refused(["--annotate", "", file], "--annotate")
    refused(["--annotate", path("two.pcapng"), file, file], "one capture")
    with open(thesis, encoding="utf-8") as f:
        check("a stranger's file stays", f.read() == "my thesis")
    with open(path("run.pcapng"), "wb") as f:  # a capture of a run, by wedge: no copy
        f.write(make.block("<", 0x0a0d0d0a, (0x1a2b3c4d).to_bytes(4, "little") + b"\1\0\0\0" + b"\xff" * 8 +
                           make.option("<", 4, b"wedge") + make.option("<", 0, b"")))
    refused(["--annotate", path("run.pcapng"), file], "isn't an annotated copy")
    for _ in range(2):
        check("its own is replaced", analyze("--annotate", out, file).returncode == 0)
    umask = os.umask(0)
    os.umask(umask)
    check("the umask's mode", os.stat(out).st_mode & 0o777 == 0o666 & ~umask, oct(os.stat(out).st_mode))
    secret = make.pcapng(frames, make.RAW)
    head = len(make.section() + make.interface(make.RAW, resolution=9))
    keys = make.block("<", 10, b"KSLT" + (4).to_bytes(4, "little") + b"# x\n")
    with open(path("secret.pcapng"), "wb") as f:
        f.write(secret[:head] + keys + secret[head:])
    check("secrets", analyze("--annotate", path("keep.pcapng"), path("secret.pcapng")).returncode == 0)
    with open(path("keep.pcapng"), "rb") as f:
        check("secrets are copied, for the owner alone", keys in f.read() and
              os.stat(path("keep.pcapng")).st_mode & 0o777 == 0o600, oct(os.stat(path("keep.pcapng")).st_mode))
    p = subprocess.run(["bash", "-c", f"ulimit -f 4; '{WEDGE}' analyze --annotate '{path('full.pcapng')}' '{file}'"],
                       capture_output=True, text=True, check=False)
    check("a full disk", p.returncode == 2 and p.stderr.count("\n") == 1 and "full.pcapng" in p.stderr, p.stderr)
    left = [n for n in os.listdir(folder.name) if re.search(r"pcapng\.|full|wedge-", n)]
    check("nothing is left behind", not left, left)


def check_odd(frames):
    """A file that breaks off, and packets that have no place for a comment."""
    with open(path("cut.pcapng"), "wb") as f:
        f.write(make.pcapng(frames, make.RAW)[:-30])
    p = analyze("--annotate", path("cut-out.pcapng"), path("cut.pcapng"))
    check("what can be read of a file that breaks off", p.returncode == 2 and b"as far as it goes" in p.stderr, p.stderr)
    check("is annotated", len(packets_of(path("cut-out.pcapng"))) == len(frames) - 1)
    simple = b"".join(make.block("<", 3, len(f).to_bytes(4, "little") + f) for _, f in frames)
    with open(path("simple.pcapng"), "wb") as f:
        f.write(make.section() + make.interface(make.RAW, resolution=9) + simple)
    p = analyze("--annotate", path("simple-out.pcapng"), path("simple.pcapng"))
    check("Simple Packet Blocks", p.returncode == 0 and len(packets_of(path("simple-out.pcapng"))) == len(frames), p.stderr)


def check_reordered(frames):
    """Two interfaces, written by turns of 100 ms: frames aren't in order of time, and each that proves has its star."""
    blocks, turn = b"", 100_000_000
    begin = frames[0][0]
    for n in range((frames[-1][0] - begin) // turn + 1):
        for number in (1, 0):
            for at, frame in frames:
                from_server = socket.inet_ntoa(frame[12:16]) == SERVER
                if (at - begin) // turn == n and from_server == number:
                    blocks += make.packet_block(number, at, frame)
    faces = make.interface(make.RAW, resolution=9) * 2
    file = write("faces.pcapng", make.section() + faces + blocks)
    for connection in range(13):
        page = analyze("--connection", str(connection), file).stdout.decode()
        stars = {m[2] for m in map(ROW.match, page.splitlines()) if m and m[1] == "*"}
        proving = {str(n) for w in waits(file, connection) for n in w["frames"]}
        alone = "proves a wait or a finding" in page and not proving  # the refused one: a finding, and no wait
        check(f"reordered, stream {connection}: stars", stars and (alone or stars == proving), (stars, proving))


def main():
    frames = make_story()
    story = write_frames("story.pcap", frames)
    check_ladders(story)
    check_formats(frames)
    check_pipes(story)
    check_files(story, frames)
    check_odd(frames)
    check_reordered(frames)


main()
finish()
