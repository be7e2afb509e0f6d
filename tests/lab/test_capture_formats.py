#!/usr/bin/env python3
"""Formats of captures: pcap and pcapng in every byte order and resolution, several sections and
interfaces, gzip, pipes, what editcap and mergecap write; and files that are broken, which end in one
line or are read up to there. Times and counts are tshark's."""

import gzip
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import frame_maker as fm

PACKETS = fm.some_packets()
FRAMES = [(at, fm.ethernet(up, p)) for at, up, p in PACKETS]


def like_the_original(read, why):
    assert isinstance(read, dict), f"{why}: {read}"
    assert fm.ours(read) == EXPECTED, f"{why}: {fm.ours(read)}\nexpected {EXPECTED}"
    assert read["tcp_packets"] == len(PACKETS) and "cut_short" not in read, f"{why}: {read['capture']}"


def check_times(read, path, why, grain=1):
    """The first packet's time, by ours and by tshark, whose sixth digit or ninth is the last."""
    out = subprocess.run(["tshark", "-r", path, "-c", "1", "-T", "fields", "-e", "frame.time_epoch"],
                         capture_output=True, text=True, check=True).stdout.strip()
    seconds, _, fraction = out.partition(".")
    theirs = int(seconds) * 10 ** 9 + int(fraction.ljust(9, "0"))
    ours = read["connections"][0]["syn"]
    assert abs(ours - theirs) < grain and abs(ours - PACKETS[0][0]) <= grain, f"{why}: {ours}, tshark {theirs}"


def check_plain(folder):
    for order in "<>":
        for nano in (False, True):
            path = fm.write(folder, "plain.pcap", fm.pcap(FRAMES, fm.ETHERNET, order, nano))
            read = fm.dump(path)
            like_the_original(read, f"pcap {order} {nano}")
            check_times(read, path, f"pcap {order} {nano}")
        for resolution, grain, offset in ((9, 1, 0), (9, 1, -7200), (6, 1, 3600), (3, 10 ** 6, 0),
                                          (10, 1, 1_500_000_000), (0x80 | 20, 1000, 0), (0x80 | 30, 2, 3600)):
            path = fm.write(folder, "plain.pcapng", fm.pcapng(FRAMES, fm.ETHERNET, order, resolution, offset))
            read = fm.dump(path)
            like_the_original(read, f"pcapng {order} {resolution} {offset}")
            check_times(read, path, f"pcapng {order} {resolution} {offset}", grain)
    modified = bytearray(fm.pcap([], fm.ETHERNET))
    modified[:4] = struct.pack("<I", 0xa1b2cd34)
    for at, frame in FRAMES:
        modified += struct.pack("<IIIIIHBx", at // 10 ** 9, at % 10 ** 9 // 1000, len(frame), len(frame), 2, 0x800, 0)
        modified += frame
    like_the_original(fm.dump(fm.write(folder, "modified.pcap", modified)), "Kuznetzov's pcap")
    print("pcap and pcapng: byte orders, resolutions, offsets")


def check_sections(folder):
    """Three sections of both orders, with interfaces of their own link type, clock and snap length; a
    block of a kind that nobody knows, packets in all three kinds of blocks."""
    third = len(FRAMES) // 3
    out = fm.section("<") + fm.interface(fm.ETHERNET, "<") + fm.interface(fm.RAW, "<", 9, -100)
    for i, (at, up, p) in enumerate(PACKETS[:third]):
        frame = (fm.ethernet(up, p), p)[i % 2]
        out += fm.packet_block(i % 2, (fm.units(at, 6), fm.units(at, 9, -100))[i % 2], frame)
    out += fm.block("<", 0x0bad, b"whatever this is")
    out += fm.section(">") + fm.interface(fm.RAW, ">", 0x80 | 32)
    for at, _, p in PACKETS[third:2 * third]:
        out += fm.packet_block(0, fm.units(at, 0x80 | 32), p, ">")
    out += fm.section("<") + fm.interface(fm.ETHERNET, "<", 9)
    for at, frame in FRAMES[2 * third:-1]:
        ticks = fm.units(at, 9)
        out += fm.block("<", 2, struct.pack("<HHIIII", 0, 0xffff, ticks >> 32, ticks & 0xffffffff, len(frame),
                                            len(frame)) + frame)
    out += fm.block("<", 3, struct.pack("<I", len(FRAMES[-1][1])) + FRAMES[-1][1])
    path = fm.write(folder, "sections.pcapng", out)
    read = fm.dump(path)
    like_the_original(read, "sections")
    assert read["capture"]["interfaces"] == 4 and read["capture"]["timeless"] == 1, read["capture"]
    assert fm.ours(read) == fm.tsharks(path)
    print("sections and interfaces")


def check_tools(folder):
    """What Wireshark's own programs write."""
    base = fm.write(folder, "base.pcap", fm.pcap(FRAMES, fm.ETHERNET))
    for kind in ("pcap", "nsecpcap", "pcapng", "modpcap"):
        path = os.path.join(folder, "edited." + kind)
        subprocess.run(["editcap", "-F", kind, base, path], check=True)
        like_the_original(fm.dump(path), f"editcap -F {kind}")
    halves = []
    for i in (0, 1):
        halves.append(fm.write(folder, f"half{i}.pcap", fm.pcap(FRAMES[i::2], fm.ETHERNET)))
    halves.append(fm.write(folder, "raw.pcap", fm.pcap([PACKETS[0][::2]], fm.RAW)))
    path = os.path.join(folder, "merged.pcapng")
    subprocess.run(["mergecap", "-w", path, *halves], check=True)
    read = fm.dump(path)
    assert fm.ours(read) == EXPECTED, "mergecap"
    assert read["capture"]["interfaces"] == 3 and read["capture"]["copies"] == 1, read["capture"]
    path = os.path.join(folder, "cut.pcapng")
    subprocess.run(["editcap", "-s", "96", base, path], check=True)
    like_the_original(fm.dump(path), "editcap -s 96")
    print("editcap and mergecap")


def check_gzip(folder):
    for name, data in (("pcap", fm.pcap(FRAMES, fm.ETHERNET)), ("pcapng", fm.pcapng(FRAMES, fm.ETHERNET, ">"))):
        packed = gzip.compress(data)
        like_the_original(fm.dump(fm.write(folder, name + ".gz", packed)), "gzip")
        members = b"".join(gzip.compress(data[i:i + 700]) for i in range(0, len(data), 700))
        like_the_original(fm.dump(fm.write(folder, name + ".gz", members)), "gzip of many members")
        like_the_original(fm.dump(fm.write(folder, name + ".gz", packed + b"\0" * 512)), "gzip, padded")
        read = fm.dump(fm.write(folder, name + ".gz", packed[:len(packed) // 2]))
        assert "gzip data breaks off" in read["cut_short"] and read["packets"] > 5, read
        damaged = bytearray(packed)
        damaged[len(packed) - 6] ^= 0x55
        read = fm.dump(fm.write(folder, name + ".gz", damaged))
        assert "gzip data is damaged" in read["cut_short"] and read["packets"] >= len(FRAMES) - 1, read
    print("gzip: members, padding, broken off, damaged")


def check_pipes(folder):
    data = fm.pcapng(FRAMES, fm.ETHERNET)
    path = fm.write(folder, "file.pcapng", data)
    with open(path, "rb") as f:
        like_the_original(fm.dump("-", stdin=f), "a file as standard input")
    for content, what in ((data, "pipe"), (gzip.compress(data), "packed pipe")):
        read_end, write_end = os.pipe()

        def drip(content=content, write_end=write_end):
            with os.fdopen(write_end, "wb", 0) as f:
                for i in range(0, len(content), 997):
                    f.write(content[i:i + 997])
        thread = threading.Thread(target=drip)
        thread.start()
        like_the_original(fm.dump("-", stdin=read_end), what)
        os.close(read_end)
        thread.join()
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    with subprocess.Popen(["sh", "-c", 'exec cat "$0" >"$1"', path, fifo]):
        like_the_original(fm.dump(fifo), "a FIFO")
    print("standard input, pipes, a FIFO")


def refused(folder, data, *words):
    path = data if isinstance(data, str) else fm.write(folder, "bad", data)
    text = fm.dump(path)
    assert isinstance(text, str), f"{words}: it was read: {text['capture']}"
    assert text.count("\n") == 1 and path in text, text
    assert all(word in text for word in words), f"{text} lacks {words}"


def check_refused(folder):
    good = fm.pcap(FRAMES, fm.ETHERNET)
    refused(folder, b"", "empty", "pcapng")
    refused(folder, b"GET / HTTP/1.1\r\n\r\n", "no capture", "pcapng")
    refused(folder, b"\xd4\xc3", "no capture")
    refused(folder, folder, "folder")
    refused(folder, os.path.join(folder, "missing"), "No such file")
    refused(folder, good[:20], "breaks off", "offset 0")
    refused(folder, good[:30], "breaks off", "offset 24", "frame 0")
    refused(folder, fm.pcap(FRAMES, 105), "link type 105", "IEEE802_11", "Ethernet")
    refused(folder, fm.pcapng(FRAMES, 105), "link type 105", "Ethernet")
    refused(folder, b"\x28\xb5\x2f\xfd" + bytes(40), "zstd -dc")
    refused(folder, b"\xfd7zXZ\0" + bytes(40), "xz -dc")
    refused(folder, gzip.compress(b"no capture at all"), "no capture")
    refused(folder, gzip.compress(b""), "holds 0 bytes")
    refused(folder, b"\x1f\x8b\x08" + b"\xff" * 40, "gzip data is damaged")
    refused(folder, fm.section()[:-4] + b"\0\0\0\0", "two lengths")
    refused(folder, b"\x0a\x0d\x0d\x0a" + bytes(40), "byte order")
    print("what is no capture is refused in one line")


def read_so_far(folder, data, packets, *words):
    read = fm.dump(fm.write(folder, "broken", data))
    assert isinstance(read, dict), read
    assert read["packets"] == packets, f"{words}: {read['packets']} packets"
    assert all(word in read["cut_short"] for word in words), f"{read['cut_short']} lacks {words}"


def check_broken(folder):
    """Lengths that lie: what came before is read, the line says which frame and where."""
    good = fm.pcap(FRAMES[:3], fm.ETHERNET)
    record = struct.pack("<IIII", 1, 1, 0x7fffffff, 0x7fffffff)
    read_so_far(folder, good + record, 3, "after frame 3", f"offset {len(good)}", "262144")
    read_so_far(folder, good + record[:10], 3, "breaks off", f"offset {len(good)}")
    read_so_far(folder, good[:-1], 2, "breaks off", "after frame 2")
    good = fm.pcapng(FRAMES[:3], fm.ETHERNET)
    for size in (0, 8, 13, 0xffffffff, 0xfffffffc):
        read_so_far(folder, good + struct.pack("<III", 6, size, 0), 3, "after frame 3", f"offset {len(good)}")
    read_so_far(folder, good + struct.pack("<III", 77, 0xfffffffc, 0), 3, "breaks off", f"offset {len(good)}")
    read_so_far(folder, good + fm.packet_block(5, 0, b"x" * 20), 3, "unknown interface")
    lying = bytearray(fm.packet_block(0, 0, b"x" * 20))
    lying[20:24] = struct.pack("<I", 200)
    read_so_far(folder, good + lying, 3, "longer than the block")
    read_so_far(folder, good + fm.section() + fm.packet_block(0, 0, b"x" * 20), 3, "unknown interface")
    print("broken files are read up to the break")


def check_counts(folder):
    """Drops that the file tells of, a clock that goes back, frames without IP, link types that aren't
    read beside those that are."""
    out = fm.section() + fm.interface(fm.ETHERNET, resolution=9) + fm.interface(105, resolution=9)
    for at, frame in FRAMES:
        out += fm.packet_block(0, at, frame)
    out += fm.packet_block(0, FRAMES[-1][0] - 5_000_000, fm.ethernet(True, bytes(40), 0x0806))
    out += fm.packet_block(1, FRAMES[-1][0], bytes(40))
    out += fm.statistics(0, 3) + fm.statistics(0, 17) + fm.statistics(1, 2)
    path = fm.write(folder, "counts.pcapng", out)
    read = fm.dump(path)
    n = read["capture"]
    assert fm.ours(read) == EXPECTED
    assert n["dropped"] == 19 and n["drops_known"] and n["without_ip"] == 1 and n["unknown_link"] == 1, n
    assert n["back"] == 1 and n["back_step"] == 5_000_000, n
    page = subprocess.run([os.environ.get("WEDGE", "build/wedge"), "analyze", path], capture_output=True, text=True,
                          check=True).stdout
    for line in ("its interfaces dropped 19 packets, as the file tells",
                 "The clock goes back: 1 packet, by 5.00 ms at most.", "not read here: 1 packet, the first of type 105"):
        assert line in " ".join(page.split()), f"{line}\n{page}"
    drops = fm.option("<", 4, struct.pack("<Q", 4)) + fm.option("<", 0, b"")
    out = fm.section() + fm.interface(fm.ETHERNET) + fm.packet_block(0, 1, FRAMES[0][1], options=drops)
    assert fm.dump(fm.write(folder, "drops.pcapng", out))["capture"]["dropped"] == 4
    print("drops, steps back, frames that aren't IP")


def check_bomb(folder):
    """A GiB of empty records in a MiB: read in bounded memory."""
    path = os.path.join(folder, "bomb.gz")
    with open(path, "wb") as f:
        f.write(gzip.compress(fm.pcap([], fm.ETHERNET)))
        member = gzip.compress(bytes(64 << 20))
        for _ in range(4):
            f.write(member)
    argv = [fm.DUMP, path]
    done = subprocess.run(argv, capture_output=True, check=False, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_AS, (256 << 20, 256 << 20)) if b"asan" not in fm.BINARY_DIR.encode() else None)
    assert done.returncode == 0, done.stderr
    print("a gzip bomb in bounded memory")


def main():
    if not shutil.which("tshark") or not shutil.which("editcap"):
        print("skipped: tshark and editcap are missing")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        path = fm.write(folder, "original.pcap", fm.pcap(FRAMES, fm.ETHERNET))
        EXPECTED.update(fm.tsharks(path))
        assert len(EXPECTED) == 2
        for check in (check_plain, check_sections, check_tools, check_gzip, check_pipes, check_refused,
                      check_broken, check_counts, check_bomb):
            check(folder)


EXPECTED = {}
main()
