#!/usr/bin/env python3
"""wedge analyze with two captures of one traffic: the time of each wait goes to client, path or server. The captures are
made here, packet by packet, from a story whose shares are known: with another clock that drifts, behind NAT, behind a proxy;
wedge has to find the shares within the error that it states. Both legs of one capture are such a pair, with one clock."""
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import frame_maker as make  # noqa: E402
from run_rig import check  # noqa: E402

WEDGE = os.environ["WEDGE"]
MS = 1e-3
SYN, ACK, FIN, RST = 2, 16, 1, 4


class Capture:
    """Packets as (time, client sends, flags, seq, ack, payload) of connections, written in order of time."""

    def __init__(self, server, clock=lambda t: t, isn=0, client="10.0.0.5", port=0):
        self.packets, self.server, self.clock = [], server, clock
        self.isn, self.client, self.port = isn, client, port

    def put(self, t, conn, up, flags, seq, ack, payload=b""):
        src, dst = self.client, self.server
        sport, dport = 40000 + conn + self.port, 80
        if not up:
            src, dst, sport, dport = dst, src, dport, sport
        base = 1000 * conn + self.isn
        s = (seq + base + (0 if up else 777777)) & 0xffffffff
        a = (ack + base + (777777 if up else 0)) & 0xffffffff if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", sport, dport, s, a, 0x50, flags, 60000, 0, 0) + payload
        address = [bytes(map(int, x.split("."))) for x in (src, dst)]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + address[0] + address[1]
        self.packets.append((self.clock(t), ip + tcp))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
            for t, data in sorted(self.packets, key=lambda p: p[0]):
                ns = round(t * 1e9)
                f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), len(data)) + data)
        return path


def story(near, far, rnd, connections=6, exchanges=25, up=lambda r: 2 * MS, server=lambda r: 5 * MS, down=lambda r: 3 * MS):
    """Each exchange: a request, its way, the server's time, the answer's way. Returns the sums of the waits that are felt."""
    sums = [0.0, 0.0, 0.0, 0]
    for conn in range(connections):
        t = 1700000000 + conn * 0.37
        seq = ack = 1
        for one, back in ((near, 5 * MS), (far, 0.0)):
            at = t + (0 if one is near else 2 * MS)
            one.put(at, conn, True, SYN, 0, 0)
            one.put(at + back + 0.2 * MS, conn, False, SYN | ACK, 0, 1)
            one.put(t + 5.3 * MS + (0 if one is near else 2 * MS), conn, True, ACK, 1, 1)
        t += 10 * MS
        for i in range(exchanges):
            request, answer = b"GET /%d-%d" % (conn, i) + bytes(60), b"HTTP %d-%d" % (conn, i) + bytes(200)
            a, b, c = up(rnd), server(rnd), down(rnd)
            near.put(t, conn, True, ACK, seq, ack, request)
            far.put(t + a, conn, True, ACK, seq, ack, request)
            seq += len(request)
            far.put(t + a + b, conn, False, ACK, ack, seq, answer)
            near.put(t + a + b + c, conn, False, ACK, ack, seq, answer)
            ack += len(answer)
            if a + b + c > 20 * MS:
                for k, x in enumerate((a, b, c, 1)):
                    sums[k] += x
            t += a + b + c
            near.put(t + 0.01 * MS, conn, True, ACK, seq, ack)
            far.put(t + 0.01 * MS + 2 * MS, conn, True, ACK, seq, ack)
            t += 30 * MS + rnd.random() * MS
    return sums


def unanswered(one, conns, text=b"HEAD /%d"):
    """Connections whose request nobody answers; the client gives up after a second."""
    for conn in conns:
        t = 1700000000.5 + conn * 0.01
        one.put(t, conn, True, SYN, 0, 0)
        one.put(t + 0.2 * MS, conn, False, SYN | ACK, 0, 1)
        one.put(t + 0.3 * MS, conn, True, ACK, 1, 1)
        request = text % conn if b"%" in text else text
        if request:
            one.put(t + 0.4 * MS, conn, True, ACK, 1, 1, request)
        one.put(t + 1.4, conn, True, RST | ACK, 1 + len(request), 1)


def write_legs(path, client, server):
    """Both captures in one, as wedge proxy --capture writes them."""
    def interface(name):
        options = make.option("<", 2, name) + make.option("<", 9, b"\x09") + make.option("<", 0, b"")
        return make.block("<", 1, struct.pack("<HHI", make.RAW, 0, 0) + options)

    packets = sorted([(t, 0, p) for t, p in client.packets] + [(t, 1, p) for t, p in server.packets])
    with open(path, "wb") as f:
        f.write(make.section() + interface(b"client leg") + interface(b"server leg"))
        for t, leg, packet in packets:
            f.write(make.packet_block(leg, round(t * 1e9), packet))
    return path


def analyze(*args, status=0):
    p = subprocess.run([WEDGE, "analyze", *args], text=True, capture_output=True)
    check(p.returncode == status, f"wedge analyze {' '.join(args)}: {p.returncode} {p.stderr.strip()}")
    return p.stdout if status == 0 else p.stderr


def as_json(*args):
    return json.loads(analyze("--json", *args))


def seconds(text):
    value, unit = re.match(r"([\d.]+) (ms|s)", text).groups()
    return float(value) * (MS if unit == "ms" else 1)


def shares(paths):
    p = subprocess.run([WEDGE, "analyze", *paths], text=True, capture_output=True)
    check(p.returncode == 0, f"wedge analyze {p.stderr.strip()}")
    error = seconds(re.search(r"right to ([\d.]+ m?s) either way", p.stdout).group(1))
    line = next(x for x in p.stdout.splitlines() if "server think time" in x)
    found = [seconds(x) for x in re.findall(r"[\d.]+ m?s", line)]
    return int(line.split()[0]), found, error, p.stdout


def judge(label, paths, sums, kind, limit):
    n, found, error, page = shares(paths)
    check(n == sums[3], f"{label}: {n} of {sums[3]} waits")
    check(error < limit, f"{label}: the clocks are right to {1e3 * error:.3f} ms")
    for name, is_, want in zip(("to the server", "at the server", "to the client"), found[2:5], sums):
        check(abs(is_ - want) <= n * error + 0.005 * want, f"{label}: {name} {is_:.3f} s, of {want:.3f}")
    check(abs(found[0] - sum(sums[:3])) < 0.005 * found[0] and found[1] == 0, f"{label}: nothing beside the client")
    check(re.search(kind, page), f"{label}: {kind}")
    return page


SLOW_PATH = {"up": lambda r: 2 * MS + (150 * MS if r.random() < 0.3 else 0)}
SLOW_SERVER = {"server": lambda r: 5 * MS + (80 * MS if r.random() < 0.5 else 0)}
SLOW_WAY_BACK = {"down": lambda r: 3 * MS + 40 * MS * r.random()}


def check_filters(label, path, found):
    """What is printed to be pasted into Wireshark shows those frames there."""
    for cause in found["causes"]:
        first = cause["first"]
        p = subprocess.run(["tshark", "-r", path, "-Y", first["filter"], "-T", "fields", "-e", "frame.number"],
                           text=True, capture_output=True, check=True)
        check([int(x) for x in p.stdout.split()] == first["frames"], f"{label}: {first['filter']} shows {p.stdout.split()}")


def check_legs(folder):
    """One capture with both legs of wedge's connections: no connection counts twice, and no clock has to be guessed."""
    path = os.path.join(folder, "legs.pcapng")
    for label, far in (("explicit", Capture("192.0.2.1", isn=55555, client="192.0.2.77", port=9000)),
                       ("forward", Capture("10.0.0.9")), ("transparent", Capture("10.0.0.9", isn=4444))):
        near = Capture("10.0.0.9")
        sums = story(near, far, random.Random(5), **SLOW_PATH)
        write_legs(path, near, far)
        page, found = analyze(path), as_json(path)
        check("holds both legs" in page and "6 connections on the client leg, 6 on the" in " ".join(page.split()), f"{label}: {page}")
        wait = next(x for x in found["pair"]["waits"] if x["cause"] == "server-think")
        check(wait["count"] == sums[3], f"{label}: {wait['count']} of {sums[3]} waits")
        for name, want in zip(("to_server", "server", "to_client"), sums):
            check(abs(wait[name]["total"] - want) < 1e-6 * sums[3], f"{label}: {name} {wait[name]['total']}, of {want}")
        check(found["pair"]["clocks"] == {"offset": 0, "drift": 0, "error": 0}, f"{label}: {found['pair']['clocks']}")
        for i, (leg, capture) in enumerate((("client", near), ("server", far))):
            one = as_json("--from", leg, path)
            check(one["capture"]["connections"] == 6 and one["capture"]["tcp_packets"] == len(capture.packets)
                  and one["capture"]["leg"] == leg, f"{label}, {leg}: {one['capture']}")
            check(one["causes"] == found["captures"][i]["causes"], f"{label}, {leg}: alone and of two")
            check_filters(f"{label}, {leg}", path, one)
            single = as_json(capture.write(os.path.join(folder, "one.pcap")))
            sums_of = [[(c["cause"], c["count"], round(c["total"], 4)) for c in x["causes"] if c["lost"]] for x in (single, one)]
            check(sums_of[0] == sums_of[1], f"{label}, {leg}: alone {sums_of[0]}, as a leg {sums_of[1]}")
        with open(path, "rb") as f:
            p = subprocess.run([WEDGE, "analyze", "--json", "/dev/stdin"], stdin=f, text=True, capture_output=True)
        check(p.returncode == 0, f"{label}: {p.stderr}")
    p = subprocess.run(f"cat '{path}' | '{WEDGE}' analyze -", shell=True, text=True, capture_output=True)
    check("this is about the server leg" in " ".join(p.stdout.split()), f"a pipe: {p.stdout}")
    check("--from client" in analyze("--fit", os.path.join(folder, "x.yaml"), path, status=2), "--fit asks which leg")
    check("--from client" in analyze("--connection", "0", path, status=2), "--connection asks which leg")
    copy = os.path.join(folder, "copy.pcapng")
    analyze("--annotate", copy, path)
    p = subprocess.run(["tshark", "-r", copy, "-Y", "frame.comment", "-T", "fields", "-e", "frame.interface_name"],
                       text=True, capture_output=True, check=True)
    check({"client leg"} <= set(p.stdout.splitlines()), f"comments on {set(p.stdout.splitlines())}")


def check_only_large(folder):
    """Beside the sender: what is lost again is larger than all that got there, or it isn't; only then a smaller MTU is named."""
    for label, sizes, named in (("large", (1400, 300), True), ("small", (300, 1400), False)):
        one, t = Capture("10.0.0.9"), 1700000000
        one.put(t, 1, True, SYN, 0, 0)
        one.put(t + 1 * MS, 1, False, SYN | ACK, 0, 1)
        one.put(t + 1.1 * MS, 1, True, ACK, 1, 1)
        one.put(t + 2 * MS, 1, True, ACK, 1, 1, bytes(100))
        one.put(t + 5 * MS, 1, False, ACK, 1, 101, bytes(sizes[0]))
        one.put(t + 5.1 * MS, 1, False, ACK, 1 + sizes[0], 101, bytes(sizes[1]))
        one.put(t + 6 * MS, 1, True, ACK, 101, 1)
        for wait in (0.3, 0.7, 1.5):
            one.put(t + wait, 1, False, ACK, 1, 101, bytes(sizes[0]))
        page = " ".join(analyze(one.write(os.path.join(folder, "mtu.pcap"))).split())
        check(("smaller MTU on the way looks so" in page) == named, f"{label} ones are lost: {page}")


def check_absent(folder):
    """Connections that never got to the server's capture are told; what only looks so isn't."""
    paths = [os.path.join(folder, x) for x in ("near.pcap", "far.pcap")]
    for label, far, kind in (("same", Capture("10.0.0.9"), "same"),
                             ("proxy", Capture("192.0.2.1", isn=55555, client="192.0.2.77", port=9000), "proxy")):
        near = Capture("10.0.0.9")
        story(near, far, random.Random(3))
        unanswered(near, range(20, 64))
        near.write(paths[0]), far.write(paths[1])
        for order in (paths, paths[::-1]):
            found, page = as_json(*order)["pair"]["connections"], " ".join(analyze(*order).split())
            check(found["near"] == 50 and found["absent"] == 44 and found[kind] == 6, f"{label}: {found}")
            check("44 of 50 connections of the client's capture aren't in the server's capture" in page
                  and "lost no time" not in page, f"{label}: {page}")
    # Behind a proxy: a request in two pieces, one whose answer never came back, and connections that carry nothing.
    near, far = Capture("10.0.0.9"), Capture("192.0.2.1", isn=55555, client="192.0.2.77", port=9000)
    story(near, far, random.Random(3))
    for one in (near, far):
        unanswered(one, range(20, 25))
        unanswered(one, range(30, 33), b"")
    for conn in range(20, 22):
        far.put(1700000000.55 + conn * 0.01, conn, False, ACK, 1, 8, b"eaten")
    near.write(paths[0]), far.write(paths[1])
    found = as_json(*paths)["pair"]["connections"]
    check(found["absent"] == 0 and found["missing"] == 0 and found["proxy"] == 11 and found["wordless"] == 3, f"held: {found}")
    check("aren't in the server's capture" not in analyze(*paths), "held: nothing is absent")
    # A capture that was ended sooner says nothing of what came later.
    near, far = Capture("10.0.0.9"), Capture("10.0.0.9")
    story(near, far, random.Random(3))
    unanswered(near, range(900, 910))
    near.write(paths[0]), far.write(paths[1])
    found = as_json(*paths)["pair"]["connections"]
    check(found["absent"] == 0 and found["outside"] == 10, f"later: {found}")


def check_options(folder):
    """What can be asked of one capture can be asked of two, or is refused with the reason."""
    near, far = Capture("10.0.0.9"), Capture("10.0.0.9", client="192.0.2.77", port=9000, clock=lambda t: t - 100)
    sums = story(near, far, random.Random(7), **SLOW_PATH)
    other = story(near, far, random.Random(8), connections=0)
    paths = [near.write(os.path.join(folder, "near.pcap")), far.write(os.path.join(folder, "far.pcap"))]
    whole = as_json(*paths)
    one = as_json("--port", "40000", *paths)
    check(one["pair"]["connections"]["near"] == 1 and one["captures"][1]["counts"]["connections"] == 1
          and whole["captures"][1]["counts"]["connections"] == 6, f"--port: {one['pair']['connections']}, the twin's port is another")
    each = sum(as_json("--port", str(40000 + i), *paths)["pair"]["waits"][0]["count"] for i in range(6))
    check(each == whole["pair"]["waits"][0]["count"], f"--port: {each} waits of all")
    halves = [as_json(x, "2s", *paths) for x in ("--until", "--since")]
    for i in range(2):
        got = sum(x["captures"][i]["counts"]["data_bytes"]["upstream"] for x in halves)
        check(got == whole["captures"][i]["counts"]["data_bytes"]["upstream"], f"--since, --until: {got} bytes in capture {i}")
    check(sums[3] > other[3] == 0, "a story without connections has no waits")
    for option, reason in ((["--fit", "x.yaml"], "one capture"), (["--annotate", "x.pcapng"], "one capture"),
                           (["--connection", "0"], "one capture"), (["--from", "client"], "handshakes")):
        check(reason in analyze(*option, *paths, status=2), f"{option}: {reason}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_legs(folder)
        check_absent(folder)
        check_only_large(folder)
        check_options(folder)
        near_path, far_path = os.path.join(folder, "near.pcap"), os.path.join(folder, "far.pcap")
        for label, far, slow, kind in (
                ("same", Capture("10.0.0.9"), SLOW_PATH, "6 as they are"),
                ("clock", Capture("10.0.0.9", clock=lambda t: t - 3723.5), SLOW_SERVER, "6 as they are"),
                ("drift", Capture("10.0.0.9", clock=lambda t: t + 42 + 80e-6 * (t - 1700000000)), SLOW_PATH, "6 as they are"),
                ("nat", Capture("10.0.0.9", client="192.0.2.77", port=9000), SLOW_WAY_BACK, "6 through NAT"),
                ("proxy", Capture("192.0.2.1", isn=55555, client="192.0.2.77", port=9000, clock=lambda t: t + 0.25),
                 SLOW_SERVER, "6 through a proxy")):
            near = Capture("10.0.0.9")
            sums = story(near, far, random.Random(7), exchanges=25 if label != "drift" else 160, **slow)
            paths = [near.write(near_path), far.write(far_path)]
            page = judge(label, paths, sums, kind, 3.2 * MS)
            if label == "drift":
                ppm = float(re.search(r"drifts by (-?[\d.]+) ppm", page).group(1))
                check(abs(ppm - 80) < 20, f"drift: {ppm} ppm, of 80")
            judge(label + ", given the other way round", paths[::-1], sums, kind, 3.2 * MS)
        # The same bytes at other times, as of another run of the same program: no clock makes that of the first.
        near, far = Capture("10.0.0.9"), Capture("10.0.0.9", clock=lambda t: t + t * 1000 % 7 / 10)
        story(near, far, random.Random(7), exchanges=25, **SLOW_PATH)
        p = subprocess.run([WEDGE, "analyze", near.write(near_path), far.write(far_path)], text=True, capture_output=True)
        check(p.returncode == 2 and not p.stdout and "no two clocks" in p.stderr, f"two times: {p.stdout[:300]} {p.stderr.strip()}")
        near, far = Capture("10.0.0.9"), Capture("10.0.0.9", isn=99, client="10.9.9.9")
        story(near, Capture("10.0.0.9"), random.Random(1))
        story(Capture("10.0.0.9"), far, random.Random(1), connections=1, exchanges=1)
        far.packets = [(t, p.replace(b"GET", b"PUT").replace(b"HTTP", b"SMTP")) for t, p in far.packets]
        p = subprocess.run([WEDGE, "analyze", near.write(near_path), far.write(far_path)], text=True, capture_output=True)
        check(p.returncode == 2 and "no connection in common" in p.stderr, f"two strangers: {p.stderr.strip()}")


main()
