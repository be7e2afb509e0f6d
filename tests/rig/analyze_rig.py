"""analyze_rig - what the tests of wedge analyze on made captures share: a folder of their own, the program, tshark, and one
line for what fails."""
import functools
import os
import shutil
import subprocess
import sys
import tempfile

import frame_maker as make

WEDGE = os.environ["WEDGE"]
FIELDS = ("frame.number", "frame.time_epoch", "frame.time_relative", "frame.len", "frame.cap_len", "frame.comment", "ip.id",
          "tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq", "tcp.seq_raw", "tcp.ack", "tcp.window_size", "tcp.len",
          "tcp.payload", "tcp.analysis.retransmission", "tcp.analysis.zero_window")
if not shutil.which("tshark"):
    print("skipped: no tshark")
    sys.exit(77)
folder = tempfile.TemporaryDirectory()
failures = []


def check(what, ok, told=""):
    if not ok:
        failures.append(what)
        print(f"FAIL {what}: {told}")


def finish():
    sys.exit(1 if failures else 0)


def path(name):
    return os.path.join(folder.name, name)


def write(name, data):
    with open(path(name), "wb") as f:
        f.write(data)
    return path(name)


def write_frames(name, frames):
    return write(name, make.pcap(frames, make.RAW))


def analyze(*args, data=None):
    return subprocess.run([WEDGE, "analyze", *args], capture_output=True, input=data, check=False, timeout=60,
                          env={**os.environ, "TZ": "UTC"})


def tshark(file, shown, *fields):
    """A line a packet, its fields with tabs between."""
    out = subprocess.run(["tshark", "-r", file, "-Y", shown, "-T", "fields", *[w for f in fields for w in ("-e", f)]],
                         capture_output=True, text=True, check=True).stdout
    return out.splitlines()


def packets(file):
    """{field: text} of every packet, in their order; one tshark for a file, as it is."""
    s = os.stat(file)
    return _read(file, s.st_mtime_ns, s.st_size)


@functools.lru_cache
def _read(file, _when, _size):
    return [dict(zip(FIELDS, line.split("\t"))) for line in tshark(file, "frame", *FIELDS)]


def refused(args, words, data=None, out=b""):
    p = analyze(*args, data=data)
    line = p.stderr.decode()
    check(f"{args}: status 2", p.returncode == 2, p.returncode)
    check(f"{args}: one line", line.startswith("wedge: ") and line.count("\n") == 1, line)
    check(f"{args}: {words}", words in line, line)
    check(f"{args}: output", out in p.stdout if out else not p.stdout, p.stdout)
