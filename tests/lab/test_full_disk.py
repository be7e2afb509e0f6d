#!/usr/bin/env python3
"""A disk that is full, or may only be read, under what wedge writes: it says so in one line with the file's name and ends with 2, or, where
it has sessions, tells it and goes on with them. Nothing half-written is taken for whole: a report is there as a whole or not at all, an
earlier one stays, and a capture that breaks off says so to whoever reads it. The disks are file systems in memory, in a namespace."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import own_network  # noqa: E402

own_network.enter("mount")
import live_rig  # noqa: E402
import proxy_rig as rig  # noqa: E402
from pcapng_rig import capinfos  # noqa: E402

live_rig.need_capture()
SCENARIO = """name: short
title: t
source: s
story: s
server: {app: rpc}
client: {app: rpc, exchanges: 1}
phases:
  baseline: []
expect:
  - baseline.client_app.failed == 0
"""
base = tempfile.TemporaryDirectory()
disk = os.path.join(base.name, "disk")
scenario = os.path.join(base.name, "short.yaml")
os.mkdir(disk)
with open(scenario, "w", encoding="utf-8") as f:
    f.write(SCENARIO)


class Disk:
    """One of so many KiB, at that place."""

    def __init__(self, kib, how="rw"):
        self.kib, self.how = kib, how

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % self.kib, "none", disk], check=True)
        if self.how == "ro":
            self.remount("ro")
        return self

    def __exit__(self, *exc):
        subprocess.run(["umount", "-l", disk], check=True)

    def remount(self, how):
        subprocess.run(["mount", "-o", "remount," + how, "none", disk], check=True)

    def leave(self, kib):
        """Fills it but for so much."""
        with open(os.path.join(disk, "filler"), "ab", buffering=0) as f:
            while (free := (s := os.statvfs(disk)).f_bavail * s.f_bsize) > kib * 1024:
                f.write(bytes(min(1 << 16, free - kib * 1024)))

    def used(self):
        s = os.statvfs(disk)
        return (s.f_blocks - s.f_bfree) * s.f_bsize // 1024


def path(name):
    return os.path.join(disk, name)


def report(out="report", seed="1"):
    p = subprocess.run([rig.WEDGE, "run", "--out", path(out), "--seed", seed, scenario], cwd=base.name, text=True, capture_output=True, timeout=100,
                       check=False)
    if p.returncode == 2 and "wedge proxy works" in p.stderr:
        print("skipped:", p.stderr.strip())
        sys.exit(77)
    return p.returncode, p.stdout, p.stderr


def contents(folder):
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            found[name] = f.read()
    return found


def refused(what, status, said, words):
    rig.check(what + ": one line with the path, status 2", status == 2 and said.count("\n") == 1 and disk in said and words in said,
              "status %s: %s" % (status, said.strip()))


def run_without_room():
    with Disk(20000) as room:
        before = room.used()
        rig.check("a report", report()[0] == 0)
        whole, earlier = room.used() - before, contents(path("report"))
    # Where it ends: before the first packet is captured, within captures, journal, comments, report.
    for share in (0, 0.15, 0.4, 0.7, 0.9):
        with Disk(20000) as room:
            os.mkdir(path("report"))
            for name, data in earlier.items():
                with open(path("report/" + name), "wb") as f:
                    f.write(data)
            room.leave(int(whole * share))
            status, _, said = report(seed="2")
            refused("a report with room for %d%% of it" % (100 * share), status, said.splitlines()[-1] + "\n" if said else "", "No space left")
            rig.check("    the earlier one is as it was, and nothing else is there",
                      sorted(os.listdir(disk)) == ["filler", "report"] and contents(path("report")) == earlier, str(os.listdir(disk)))
    with Disk(1000, "ro"):
        status, _, said = report()
        refused("a report on a disk that is read only", status, said, "Read-only")


def proxy(*words):
    return subprocess.run([rig.WEDGE, "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", *words], capture_output=True, text=True,
                          timeout=20, check=False)


def read_only():
    with Disk(1000) as room:
        with rig.Proxy("127.0.0.1:9", "--journal", path("old")):
            pass
        room.remount("ro")
        for what, words in (("a capture", ("--capture", path("x.pcapng"))), ("a journal", ("--journal", path("j"))), ("a journal that is there",
                                                                                                                      ("--journal", path("old")))):
            p = proxy(*words)
            refused(what + " on a disk that is read only", p.returncode, p.stderr, "Read-only")


def analysis_without_room(capture):
    with Disk(64) as room:
        room.leave(8)
        for option in ("--annotate",):
            p = subprocess.run([rig.WEDGE, "analyze", option, path("out"), capture], capture_output=True, text=True, check=False)
            refused("analyze %s on a full disk" % option, p.returncode, p.stderr, "No space left")
            rig.check("    nothing is left", os.listdir(disk) == ["filler"], str(os.listdir(disk)))


def move(port, server, n):
    """Whether n bytes arrive."""
    c, got = rig.connect(port), 0
    s = rig.accept(server)
    with c, s:
        threading.Thread(target=c.sendall, args=(b"x" * n,), daemon=True).start()
        while got < n and (data := s.recv(65536)):
            got += len(data)
    return got == n


def capture_without_room():
    """While it is captured, and when it is written: it needs as much again then."""
    server = rig.listener()
    for what, kib in (("while packets come", 300), ("when it is written", 6000)):
        with Disk(kib) as room:
            p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path("out.pcapng"), "--journal", path("j"))
            good = move(p.port, server, 2000000)
            if kib > 1000:
                rig.wait_for(lambda r=room: r.used() > 1900)
                room.leave(100)
            rig.check("full %s: traffic goes on" % what, good and move(p.port, server, 1000), str(p.lines[-2:]))
            if kib < 1000:
                rig.check("    it is told at once", bool(rig.wait_for(lambda p=p: p.logged("No space left"))), str(p.lines[-2:]))
            p.p.send_signal(signal.SIGTERM)
            status = p.p.wait(20)
            p.reader.join()
            last = [line for line in p.lines if line.startswith("wedge: proxy:")]
            rig.check("    status 2, one line with the path", status == 2 and len(last) == 1 and disk in last[0] and "No space left" in last[0], str(p.lines[-3:]))
            names = set(os.listdir(disk)) - {"filler", "j"}
            whole = path("out.pcapng")
            rig.check("    no file, or one that says that it broke off", not names or
                      (names == {"out.pcapng"} and "broke off" in capinfos(whole).get("Capture comment", "")), str(names))
            with open(path("j"), "rb") as f:
                rig.check("    the journal has whole lines", all(map(json.loads, f.read().splitlines())))


def cut_capture(capture):
    """As a disk leaves it that other programs' captures filled."""
    with open(capture, "rb") as f:
        data = f.read()
    for kept in (len(data) - 3, len(data) // 2 + 1, len(data) // 7):
        with open(os.path.join(base.name, "cut.pcapng"), "wb") as f:
            f.write(data[:kept])
        p = subprocess.run([rig.WEDGE, "analyze", f.name], capture_output=True, text=True, check=False)
        rig.check("analyze of a capture's first %d of %d bytes says that it breaks off" % (kept, len(data)),
                  p.returncode == 2 and "breaks off" in p.stderr and "as far as it goes" in p.stderr, p.stderr.strip())


def make_capture():
    server, where = rig.listener(), os.path.join(base.name, "whole.pcapng")
    p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", where)
    move(p.port, server, 300000)
    p.p.send_signal(signal.SIGTERM)
    rig.check("a capture", p.p.wait(20) == 0)
    return where


run_without_room()
read_only()
capture_without_room()
made = make_capture()
analysis_without_room(made)
cut_capture(made)
rig.finish()
