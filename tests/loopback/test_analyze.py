#!/usr/bin/env python3
"""wedge analyze: what its page and its JSON count is what tshark counts, the filters that it prints show the frames that it
names, a choice of connections or times is what tshark's filter chooses, and bad input is one line and status 2."""
import glob
import gzip
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import frame_maker as make
from analyze_rig import WEDGE, analyze, check, finish, folder, path, refused, tshark, write_frames
from tcp_story import CLIENT, MS, OTHER, SERVER, Story, make_story


def referee(file, shown="tcp"):
    lines = tshark(file, shown, "tcp.stream", "tcp.flags", "tcp.len", "tcp.analysis.zero_window", "tcp.analysis.retransmission",
                   "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission")
    counts = dict.fromkeys(("syns", "fins", "resets", "retransmissions", "zero_windows", "data_bytes"), 0)
    streams = set()
    for stream, flags, size, zero, *again in (line.split("\t") for line in lines):
        streams.add(stream)
        for name, bit in (("syns", make.SYN), ("fins", make.FIN), ("resets", make.RST)):
            counts[name] += bool(int(flags, 16) & bit)
        counts["retransmissions"] += any(again)
        counts["zero_windows"] += bool(zero)
        counts["data_bytes"] += 0 if any(again) else int(size)
    return {**counts, "connections": len(streams)}


def compare(file, args=(), shown="tcp"):
    p = analyze("--json", "--top", "1000", *args, file)
    check(f"{file} {args} status", p.returncode == 0, p.stderr)
    j = json.loads(p.stdout)
    want = referee(file, shown)
    mine = {k: sum(v.values()) if isinstance(v, dict) else v for k, v in j["counts"].items()}
    for name, n in want.items():
        check(f"{os.path.basename(file)} {args} {name}", mine[name] == n, f"{mine[name]}, tshark {n}")
    time_ = j["time"]
    check("active and stalled are the total", abs(time_["active"] + time_["stalled"] - time_["total"]) < 1e-6, time_)
    total = sum(c["total"] for c in j["causes"])
    check("the causes are what stood still", abs(total - time_["stalled"]) < 1e-6, (total, time_))
    page = analyze(*args, file).stdout.decode()
    words = " ".join(page.split())
    words_of = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in ((want['syns'], 'SYN'), (want['fins'], 'FIN'), (want['resets'], 'RST'))]
    check("the page says the same", ", ".join(words_of) in words, page)
    check("no line is longer than a screen", all(len(line) <= 110 for line in page.splitlines() if "/" not in line), page)
    for shown_filter in re.findall(r"tcp\.stream eq \d+ && frame\.number in \{[\d, ]+\}", page):
        frames = re.findall(r"\d+", shown_filter.split("{")[1])
        check(f"filter {shown_filter}", tshark(file, shown_filter, "frame.number") == sorted(frames, key=int))
    return j


def check_causes(file):
    j = compare(file)
    causes = {c["cause"]: c for c in j["causes"]}
    windows = causes["delayed-ack-windows"]
    check("12 connections of 3 held ACKs", windows["count"] == 36, windows)
    check("held for 200 ms", abs(windows["value"]["median"] - 0.2) < 0.002, windows["value"])
    check("it is up to the client", windows["up_to"] == "client", windows)
    check("the second server's are Linux's", causes["delayed-ack-linux"]["count"] == 3, causes.keys())
    check("one timeout", any(c.startswith("rto") or c == "tail-loss-probe" for c in causes), causes.keys())
    check("servers", {s["server"] for s in j["servers"]} == {f"{SERVER}:80", f"{OTHER}:80", f"{SERVER}:81"}, j["servers"])
    lost = [c["lost"] for c in j["connections"]]
    check("ranked", lost == sorted(lost, reverse=True) and len(lost) == 14, lost)
    check("--top", len(json.loads(analyze("--json", "--top", "2", file).stdout)["connections"]) == 2)


def check_choice(file):
    compare(file, ("--port", "81"), "tcp.port == 81")
    compare(file, ("--address", OTHER), f"ip.addr == {OTHER}")
    j = compare(file, ("--address", "198.51.100.8/31", "--port", "41000"), f"ip.addr == {OTHER}")
    check("the stream's number stays", [c["stream"] for c in j["connections"]]
          == [int(tshark(file, f"ip.addr == {OTHER}", "tcp.stream")[0])], j["connections"])
    first = make.START // 10 ** 9
    from_, to = first + 0.1, first + 0.3
    want = referee(file, f"frame.time_epoch >= {from_:.9f} && frame.time_epoch <= {to:.9f}")
    for since, until in (("100ms", "300ms"), (f"@{first}.1", f"@{first}.3"),
                         (time.strftime("%Y-%m-%dT%H:%M:%S.1Z", time.gmtime(first)),
                          time.strftime("%Y-%m-%d %H:%M:%S.3", time.gmtime(first)))):
        p = analyze("--json", "--since", since, "--until", until, file)
        check(f"{since} {until}", p.returncode == 0, p.stderr)
        counts = json.loads(p.stdout)["counts"]
        for name in ("syns", "fins", "resets", "retransmissions", "zero_windows", "data_bytes"):
            check(f"{since} {until} {name}", sum(counts[name].values()) == want[name], (counts[name], want[name]))
    whole = json.loads(analyze("--json", file).stdout)["time"]
    parts = [json.loads(analyze("--json", *a, file).stdout)["time"]
             for a in (("--until", "300ms"), ("--since", "300ms", "--until", "600ms"), ("--since", "600ms"))]
    for name in ("total", "stalled", "lost"):
        check(f"{name} of three parts is that of the whole", abs(sum(p[name] for p in parts) - whole[name]) < 1e-6,
              (parts, whole))


def check_documented(file):
    with open(os.path.join(os.environ["SOURCE_DIR"], "docs", "analyze-format.md"), encoding="utf-8") as f:
        named = set(re.findall(r"`([a-z0-9_]+)`", f.read())) | {"upstream", "downstream", "why", "at"}

    def walk(j, where):
        if isinstance(j, dict):
            for name, value in j.items():
                check("documented member", name in named, f"{where}.{name}")
                if name != "matches":
                    walk(value, f"{where}.{name}")
        for value in j if isinstance(j, list) else ():
            walk(value, where + "[]")

    walk(json.loads(analyze("--json", file).stdout), "")


def check_ways(file):
    with open(file, "rb") as f:
        data = f.read()
    with gzip.open(path("story.gz"), "wb") as f:
        f.write(data)
    want = json.loads(analyze("--json", file).stdout)
    for name, p in (("-", analyze("--json", "-", data=data)), ("gzip", analyze("--json", path("story.gz"))),
                    ("-, gzip", analyze("--json", "-", data=gzip.compress(data)))):
        j = json.loads(p.stdout)
        j["capture"]["file"] = want["capture"]["file"]
        check(f"by {name} the same", p.returncode == 0 and j == want, p.stderr)
    said = json.loads(analyze("--json", "--from", "server", file).stdout)["vantage"]
    check("--from", said == {"at": "server", "why": "--from"}, said)


def check_bad(file):
    with open(file, "rb") as f:
        data = f.read()
    for name, content in (("cut.pcap", data[:-30]), ("none.pcap", b"no capture at all"), ("empty.pcap", b""),
                          ("head.pcap", data[:24]), ("link.pcap", make.pcap([(make.START, b"x" * 64)], 147)),
                          ("udp.pcap", make.pcap([(make.START, make.ipv4(CLIENT, SERVER, 17, make.udp(1, 2, b"x")))],
                                                 make.RAW))):
        with open(path(name), "wb") as f:
            f.write(content)
    refused([path("cut.pcap")], "as far as it goes", out=b"delayed-ack-windows")
    refused(["-"], "as far as it goes", data=data[:-30], out=b"delayed-ack-windows")
    refused([path("none.pcap")], "no capture")
    refused([path("empty.pcap")], "empty")
    refused([path("head.pcap")], "no TCP")
    refused([path("udp.pcap")], "no TCP")
    refused([path("link.pcap")], "147")
    refused([path("missing.pcap")], "No such file")
    refused([folder.name], "folder")
    refused([], "missing")
    refused([file, file, file], "not expected")
    refused(["--port", "0", file], "--port")
    refused(["--port", "70000", file], "--port")
    refused(["--address", "example", file], "--address")
    refused(["--since", "yesterday", file], "--since")
    refused(["--until", "@1e9", file], "--until")
    refused(["--since", "5s", "--until", "2s", file], "no time is left")
    refused([file, file], "one file")
    refused(["-", file], "standard input", data=data)
    refused(["--top", "0", file], "--top")
    refused(["--from", "gateway", file], "client or server")
    refused(["--jsn", file], "--json")
    refused(["--json", file, file], "one file")
    refused(["--fit", path("x.yaml"), "--port", "80", file], "--port")
    refused(["--fit", path("x.yaml"), file, file], "one capture")
    refused(["--fit", path("x.yaml"), "--connection", "0", file], "--connection")
    refused(["--connection", "14", file], "0 to 13")
    refused(["--connection", "x", file], "--connection")
    refused(["--fit", path("no/x.yaml"), file], "No such file")
    check("no scenario is left of what was refused", not glob.glob(path("x.yaml*")), os.listdir(folder.name))


def check_interrupt(file):
    """Ctrl-C at "tcpdump -w - | wedge analyze -" reaches both: what tcpdump still writes belongs to it, and a pipe that
    somebody keeps open ends all the same."""
    with open(file, "rb") as f:
        data = f.read()
    for what, later in (("the writer ends", True), ("the writer stays", False)):
        p = subprocess.Popen([WEDGE, "analyze", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdin.write(data[:-40] if later else data)
        p.stdin.flush()
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        time.sleep(0.3)
        check(f"{what}: SIGINT isn't the end", p.poll() is None, p.returncode)
        if later:
            p.stdin.write(data[-40:])
            p.stdin.close()
        out = p.stdout.read()
        check(f"{what}: all is told", p.wait(10) == 0 and b"239 packets" in out and b"delayed-ack-windows" in out, out)
        p.stderr.close()
    p = subprocess.Popen([WEDGE, "analyze", "-"], stdin=subprocess.PIPE)
    p.stdin.write(data)
    p.stdin.flush()
    time.sleep(0.3)
    for _ in range(2):
        p.send_signal(signal.SIGINT)
        time.sleep(0.1)
    check("a second SIGINT is", p.wait(1) == -signal.SIGINT, p.returncode)


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def check_shown(file):
    """--top N is N on the page; what a capture lacks is said there, and how long it went on."""
    found = json.loads(analyze("--json", "--top", "1000", file).stdout)
    lossy = sum(c["lost"] > 0 for c in found["connections"])
    for n in (1, 2, 3, 1000):
        page = analyze("--top", str(n), file).stdout.decode()
        causes = re.findall(r"^ +\d+ +[\d.]+ m?u?s +[\d.]+ m?u?s .*\(R\d+\w?\)$", page, re.M)
        check(f"--top {n}: causes", len(causes) == min(n, len(found["causes"])), page)
        check(f"--top {n}: connections", len(re.findall(r"^ *[\d.]+ m?s +[\d.]+ m?s +\d+   \S+ -> ", page, re.M)) == min(n, lossy), page)
    frames = make_story()
    cut = path("cut.pcap")
    with open(cut, "wb") as f:
        f.write(make.pcap(frames, make.RAW, cut=64))
    page, cut_ones = " ".join(analyze(cut).stdout.decode().split()), sum(len(frame) > 64 for _, frame in frames)
    check("the snap length", f"Cut by the snap length: {cut_ones} packets, behind 64 bytes" in page, page)
    check("a whole one", "snap length" not in analyze(file).stdout.decode(), "")
    late, last = path("late.pcapng"), frames[-1][0]
    for tail, told in ((3_200_000_000, "went on for 3.20 s behind its last packet"), (1_000_000, None)):
        end = make.units(last + tail, 9)
        with open(late, "wb") as f:
            f.write(make.pcapng(frames, make.RAW) + make.block("<", 5, struct.pack("<III", 0, end >> 32, end & 0xffffffff)))
        page = " ".join(analyze(late).stdout.decode().split())
        check("behind the last packet", told in page if told else "behind its last" not in page, page)
    check("without statistics", json.loads(analyze("--json", file).stdout)["capture"]["until"] is None, "")


def check_fit_rest(file, fitted, left, lost):
    """Whatever was lost is made, or a comment has it with its frames, and the rest is what these have together."""
    found, text = json.loads(analyze("--json", file).stdout), read(fitted)
    check("of what was lost", abs(lost - found["time"]["lost"]) < 0.01 * lost, lost)
    rest = text[text.index("# Found, and not made"):]
    mine = text[text.index("port: "):].split("port: ")[1].split(",")[0]
    sums = 0
    for server in found["servers"]:
        if not server["lost"]:
            continue
        if not server["server"].endswith(":" + mine):
            check(f"of {server['server']}", server["server"] in rest, rest)
            sums += server["lost"]
            continue
        for cause in server["causes"]:
            frames = ", ".join(map(str, cause["first"]["frames"]))
            told = f"frames {frames}" in rest
            check(f"{cause['words']}: made or told", not cause["lost"] or told or f"frames {frames}" in text, text)
            sums += cause["total"] if cause["lost"] and told else 0
    check("the rest is their sum", abs(sums - left) < 0.01 * left, f"{sums}, told {left}")


def check_fit_edited(file, fitted):
    """What its user has changed is his, wherever he changed it; what wedge alone wrote is replaced."""
    whole = read(fitted)
    for label, text in (("a parameter", whole.replace("timeout: ", "timeout: 1", 1)), ("a line at its end", whole + "# mine\n"),
                        ("the first line", whole.replace("--fit", "--fit, and by me", 1)), ("a line less", whole.replace("siblings: {}\n", "")),
                        ("the check sum gone", whole[:whole.rindex("#")]), ("line ends", whole.replace("\n", "\r\n")), ("cut", whole[:300])):
        check(f"{label}: it differs", text != whole, "")
        with open(fitted, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        refused(["--fit", fitted, file], "somebody has changed it")
        with open(fitted, encoding="utf-8", newline="") as f:
            check(f"{label}: it stays", f.read() == text, "")
    os.unlink(fitted)
    check("a new one", analyze("--fit", fitted, file).returncode == 0, "")
    check("the same text, the same file", read(fitted) == whole, "")


def check_fit_killed(file, fitted):
    """kill -9 at any moment leaves the old file or the new one, and nothing beside it."""
    folder, whole = path("killed"), read(fitted)
    name = os.path.join(folder, "fitted.yaml")
    os.mkdir(folder)
    begin = time.monotonic()
    analyze("--fit", name, file)
    lasts = time.monotonic() - begin
    for i in range(24):
        if i % 2:
            os.unlink(name)
        p = subprocess.Popen([WEDGE, "analyze", "--fit", name, file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(lasts * i / 18)
        p.kill()
        p.wait()
        check(f"killed after {i}/18 of its time", set(os.listdir(folder)) <= {"fitted.yaml"}, os.listdir(folder))
        check("the file is whole", not os.path.exists(name) or read(name) == whole, "")
        analyze("--fit", name, file)


def check_fit(file):
    """A scenario that loads; a stranger's file stays as it is, wedge's own is replaced."""
    fitted, stranger = path("fitted.yaml"), path("thesis.yaml")
    with open(file, "rb") as f:
        data = f.read()
    p = analyze("--fit", fitted, "-", data=data)
    check("--fit of a pipe", p.returncode == 0, p.stderr)
    for _ in range(2):
        p = analyze("--fit", fitted, file)
        told = re.search(r"doesn't repeat ([\d.]+) ms of the ([\d.]+) s that were lost", p.stderr.decode())
        check("--fit says what it leaves out", p.returncode == 0 and told, p.stderr)
    shown = subprocess.run([os.environ["WEDGE"], "show", fitted], capture_output=True, text=True)
    check("wedge show takes it", shown.returncode == 0 and "delayed_ack" in shown.stdout, shown.stderr)
    mask = os.umask(0o022)
    os.umask(mask)
    check("others may read it as the umask says", os.stat(fitted).st_mode & 0o777 == 0o666 & ~mask, oct(os.stat(fitted).st_mode))
    check("its capture is named", file in open(fitted, encoding="utf-8").read(), "")
    with open(stranger, "w", encoding="utf-8") as f:
        f.write("my thesis")
    refused(["--fit", stranger, file], "thesis.yaml")
    check("a stranger's file stays", open(stranger, encoding="utf-8").read() == "my thesis", "")
    check_fit_rest(file, fitted, float(told[1]) / 1000, float(told[2]))
    check_fit_edited(file, fitted)
    check_fit_killed(file, fitted)


def with_drops(file, dropped):
    """The file as pcapng, its statistics at the end: so many packets were dropped."""
    told = file.replace(".pcap", f"-{dropped}.pcapng")
    subprocess.run(["editcap", "-F", "pcapng", file, told], check=True)
    option = struct.pack("<HHQI", 5, 8, dropped, 0)  # isb_ifdrop, and the end of options
    with open(told, "ab") as f:
        f.write(struct.pack("<IIIQ", 5, 24 + len(option), 0, 0) + option + struct.pack("<I", 24 + len(option)))
    shown = subprocess.run(["capinfos", told], capture_output=True, text=True).stdout
    check("Wireshark reads the drops", f"Number of packets dropped = {dropped}" in shown or "dropped" not in shown, shown)
    return told


def judge_losses(file):
    """Status, why it is unreliable, causes and findings that are losses, how the best match fits; the page."""
    p, page = analyze("--json", file), analyze(file)
    j = json.loads(p.stdout)
    losses = [c["cause"] for c in j["causes"] if c["rule"] in ("R1", "R5", "R6")] + [
        f["finding"] for f in j["findings"] if f["finding"] in ("rate-loss", "blackhole")]
    best = j["matches"][0] if j["matches"] else {"kind": None, "lacks": None}
    check(f"{file}: status", p.returncode == 0 and page.returncode == 0, p.stderr + page.stderr)
    return j["capture"]["unreliable"], losses, best, " ".join(page.stdout.decode().split())


def check_unreliable(file):
    """What the file says that it lacks, and what its acknowledgements show: no loss is told, but that, and why."""
    blind = Story()
    for n in range(4):
        blind.segment(1000 * n, CLIENT, OTHER, (43000, 81), 99, 0, make.SYN)
    for n in range(12):
        blind.connection(7 * n, 40000 + n, lost=n == 3)
    blind = write_frames("blind.pcap", blind.frames())
    for source, told in ((file, 1), (blind, 3)):
        why, losses, best, _ = judge_losses(with_drops(source, 0))
        check("nothing was dropped", why is None and len(losses) >= told / 3 and best["kind"] == "fits", (why, losses, best))
        why, losses, best, page = judge_losses(with_drops(source, 5))
        check("dropped: no losses", not losses and "dropped 5 packets" in why, (why, losses))
        check("dropped: may be", best["kind"] == "hint" and "retransmissions" in best["lacks"], best)
        check("dropped: the page says so", "The capture is unreliable" in page and "This may be" in page, page)
    # One whole segment of stream 3, acknowledged like the others, is taken out.
    stream = tshark(file, "tcp.stream eq 3 && tcp.len == 100", "frame.number")
    holes = path("holes.pcap")
    subprocess.run(["editcap", file, holes, stream[0]], check=True)
    seen = tshark(holes, "tcp.analysis.ack_lost_segment", "tcp.stream")
    why, losses, best, page = judge_losses(holes)
    check("a hole: tshark sees it, too", set(seen) == {"3"}, seen)
    check("a hole: no losses", not losses and "in 1 connection" in why and "never showed" in why, (why, losses))
    check("a hole: the page says so", "The capture is unreliable" in page, page)
    check("a hole: the other connections tell", best["kind"] == "fits", best)


def check_clock(file):
    """One stamp that is broken, and a clock that is set on the way: no sum has the years in it."""
    usual = json.loads(analyze("--json", file).stdout)
    years = 40 * 365 * 86400
    for what, first, last, jumps in (("a stamp", 50, 50, 2), ("a clock", 50, 10**6, 1)):
        with open(file, "rb") as f:
            data = bytearray(f.read())
        at, frame = 24, 1
        while at < len(data):
            seconds, _, length, _ = struct.unpack_from("<IIII", data, at)
            if first <= frame <= last:
                struct.pack_into("<I", data, at, seconds + years)
            at, frame = at + 16 + length, frame + 1
        with open(path("clock.pcap"), "wb") as f:
            f.write(data)
        j = json.loads(analyze("--json", path("clock.pcap")).stdout)
        page = " ".join(analyze(path("clock.pcap")).stdout.decode().split())
        check(f"{what}: jumps", j["capture"]["time_jumps"] == jumps, j["capture"])
        check(f"{what}: no years", abs(j["time"]["total"] - usual["time"]["total"]) < 0.5, (j["time"], usual["time"]))
        check(f"{what}: told", "jumps by more than a year" in page and "first at frame 50" in page, page)


def pcapng_of_two(name, frames, late):
    """Each direction on an interface of its own, as dumpcap writes it: what the second has gathered comes late."""
    def block(kind, body):
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    def packet(interface, ns, data):
        ms = ns // 1000
        return block(6, struct.pack("<IIIII", interface, ms >> 32, ms & 0xFFFFFFFF, len(data), len(data)) +
                     data + b"\0" * (-len(data) % 4))

    blocks, held, since = [], [], frames[0][0]
    for ns, data in frames:
        if data[12:16] == socket.inet_aton(CLIENT):
            blocks.append(packet(0, ns, data))
        else:
            held.append(packet(1, ns, data))
        if ns - since >= late * MS:
            blocks, held, since = blocks + held, [], ns
    with open(path(name), "wb") as f:
        f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) +
                block(1, struct.pack("<HHI", make.RAW, 0, 0)) * 2 + b"".join(blocks + held))
    return path(name)


def check_two_interfaces():
    """The same as of one, whose order Wireshark's reordercap makes."""
    file, ordered = pcapng_of_two("two.pcapng", make_story(), 60), path("ordered.pcapng")
    subprocess.run(["reordercap", file, ordered], check=True, capture_output=True)
    subprocess.run(["editcap", "-F", "pcap", ordered, path("ordered.pcap")], check=True)
    mine, sorted_ = [json.loads(analyze("--json", f).stdout) for f in (file, path("ordered.pcap"))]
    for what in ("counts", "time", "connecting", "answering"):
        check(f"two interfaces: {what}", mine[what] == sorted_[what], (mine[what], sorted_[what]))
    check("two interfaces: causes", [(c["cause"], c["count"], c["value"]) for c in mine["causes"]] ==
          [(c["cause"], c["count"], c["value"]) for c in sorted_["causes"]], mine["causes"])
    check("two interfaces: reliable", mine["capture"]["unreliable"] is None, mine["capture"])
    check("two interfaces: told", mine["capture"]["written_late"] > 20 and mine["capture"]["time_steps_back"] == 0, mine["capture"])
    page = analyze(file).stdout.decode()
    check("two interfaces: the page", "Written too late by one of several interfaces" in page, page)


def check_explained():
    """Waits that ended by a drop are told by the drop; those of other connections aren't."""
    for dropped, others, begins in ((6, 2, "6 of 8 connections of 198.51.100.7:80 ended by the server right after connecting"),
                                    (2, 6, "Most time was lost to: server think time")):
        s = Story()
        for n in range(dropped + others):
            at, ports = 400 * n, (44000 + n, 80)
            s.segment(at, CLIENT, SERVER, ports, 99, 0, make.SYN)
            s.segment(at + 1, SERVER, CLIENT, ports[::-1], 499, 100, make.SYN | make.ACK)
            s.segment(at + 2, CLIENT, SERVER, ports, 100, 500, make.ACK)
            s.segment(at + 3, CLIENT, SERVER, ports, 100, 500, make.PSH | make.ACK, b"q" * 60)
            s.segment(at + 4, SERVER, CLIENT, ports[::-1], 500, 160, make.ACK)
            if n < dropped:
                s.segment(at + 300, SERVER, CLIENT, ports[::-1], 500, 160, make.RST | make.ACK)
                continue
            s.segment(at + 300, SERVER, CLIENT, ports[::-1], 500, 160, make.PSH | make.ACK, b"a" * 60)
            s.segment(at + 301, CLIENT, SERVER, ports, 160, 560, make.FIN | make.ACK)
            s.segment(at + 302, SERVER, CLIENT, ports[::-1], 560, 161, make.FIN | make.ACK)
        page = " ".join(analyze(write_frames("explained.pcap", s.frames())).stdout.decode().split())
        lead, _, cause = page.partition("ost time was lost")
        check("the finding that explains the waits comes first", begins in f"{lead}ost time was lost{cause[:30]}", page)
        check("and then its cause", "to: server think time. 8 waits" in cause[:80], page)


story = write_frames("story.pcap", make_story())
check_two_interfaces()
check_explained()
check_clock(story)
check_unreliable(story)
check_shown(story)
check_fit(story)
check_causes(story)
check_choice(story)
check_documented(story)
check_ways(story)
check_bad(story)
check_interrupt(story)
finish()
