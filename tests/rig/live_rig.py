"""live_rig - what the tests of 'wedge proxy --capture' share: what is in a file as tshark reads it, and
tcpdump on one interface as the referee of which packets there were."""
import atexit
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile

FIELDS = ("ip.src", "ipv6.src", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags",
          "tcp.options.timestamp.tsval")
MORE = ("frame.number", "frame.time_epoch", "frame.time_relative", "frame.protocols", "frame.interface_name",
        "frame.interface_description", "frame.comment", "ip.dst", "tcp.stream", "tcp.analysis.flags", "tcp.analysis.window_update",
        "tcp.analysis.keep_alive", "tcp.analysis.retransmission", "tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment",
        "tcp.analysis.ack_rtt", "_ws.expert.message", "http.request.uri", "http.response.code")
FIN, SYN, RST = 1, 2, 4


def need_capture():
    """Skips where a tool is missing, or wedge was built without the capture."""
    for tool in ("tshark", "tcpdump", "capinfos"):
        if not shutil.which(tool):
            print(f"skipped: no {tool} here")
            sys.exit(77)
    p = subprocess.run([os.environ["WEDGE"], "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--capture",
                        os.devnull + "/x"], capture_output=True, text=True, check=False)
    if "built without" in p.stderr:
        print("skipped:", p.stderr.strip())
        sys.exit(77)


def tshark(path, *words):
    """(rows of fields, what it complains about)"""
    # No preferences of anybody's. The place is this test's: any other one may be made by others, and be theirs alone.
    nowhere = os.path.join(tempfile.gettempdir(), "no-preferences")
    p = subprocess.run(["tshark", "-n", "-r", path, *words], capture_output=True, text=True, check=False,
                       env=dict(os.environ, HOME=nowhere, XDG_CONFIG_HOME=nowhere))
    said = [l for l in p.stderr.splitlines() if l and "Running as user" not in l]
    return [line.split("\t") for line in p.stdout.splitlines()], said + ([] if p.returncode == 0 else ["failed"])


def frames(path, chosen=lambda f: True):
    """{field: text} of each frame that is chosen, in their order. To start tshark costs more than to read such a file, so it is
    asked for all that any test wants, once for a file as it is."""
    s = os.stat(path)
    return [f for f in _read(path, s.st_mtime_ns, s.st_size) if chosen(f)]


@functools.lru_cache(maxsize=8)
def _read(path, _when, _size):
    fields = FIELDS + MORE
    found, said = tshark(path, "-T", "fields", *(word for field in fields for word in ("-e", field)))
    if said:
        raise SystemExit(f"tshark on {path}: {said}")
    return [dict(zip(fields, row)) for row in found]


def is_tcp(f):
    return f["tcp.stream"] != ""


def flags(f):
    return int(f["tcp.flags"] or "0", 16)


def to_or_from(port):
    return lambda f: str(port) in (f["tcp.srcport"], f["tcp.dstport"])


def leg(name):
    return lambda f: f["frame.interface_name"] == f"{name} leg"


def packets(path, chosen=is_tcp):
    """Every packet as something to compare with, in no order."""
    return sorted(tuple(f[field] for field in FIELDS) for f in frames(path, chosen))


def comments(path):
    """(frame number, interface, one line) of every line of every comment."""
    return [(int(f["frame.number"]), f["frame.interface_name"], line)
            for f in frames(path) if f["frame.comment"] for line in f["frame.comment"].split("\\n")]


class Tcpdump:
    """On one interface, until stop()."""

    def __init__(self, path, interface, prefix=(), what="tcp"):
        self.path = path
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        self.p = subprocess.Popen([*prefix, "tcpdump", "-i", interface, "-n", "-U", "-B", "16384", *user, "-w", path,
                                   "--immediate-mode", what], stderr=subprocess.PIPE, text=True)
        atexit.register(self.p.kill)
        self.ready = any("listening on" in line for line in self.p.stderr)

    def stop(self):
        self.p.send_signal(signal.SIGINT)
        self.p.wait(10)
        self.p.stderr.close()
        return self.path
