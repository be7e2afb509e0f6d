"""What the benchmarks share: a network namespace of their own with a pinned congestion control, a capture that
tshark reads, the machine's own lateness, and figures that --check compares with their limits."""
import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("SOURCE_DIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSIDE, USER = "WEDGE_BENCH_INSIDE", "WEDGE_BENCH_USER"
sys.path.insert(0, os.path.join(SOURCE, "tests/rig"))


def enter():
    """Starts the program again inside namespaces of its own, with loopback up and reno; no process is left when it ends."""
    if INSIDE not in os.environ:
        os.environ.update({INSIDE: "1", USER: str(os.getuid())})
        user = [] if os.getuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
        os.execvp("unshare", ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with open("/proc/sys/net/ipv4/tcp_congestion_control", "w", encoding="ascii") as f:
        f.write("reno")


def begin(purpose, isolated=True):
    """Reads the options, then goes on inside a namespace of its own, as root there, with reno."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--check", action="store_true", help="exit 1 when a figure is outside its limit")
    parser.add_argument("--runs", type=int, default=3, help="how often to measure (3)")
    parser.add_argument("wedge", nargs="?", default=os.environ.get("WEDGE"), help="the program; default $WEDGE")
    options = parser.parse_args()
    if not options.wedge:
        parser.error("name the wedge to measure, or set WEDGE")
    os.environ["WEDGE"] = os.path.abspath(options.wedge)
    os.environ["SOURCE_DIR"] = SOURCE
    if isolated:
        enter()
    return Figures(options)


class Figures:
    """One line a figure; those with a limit count."""

    def __init__(self, options):
        self.options, self.bad = options, 0

    def show(self, name, value, unit, at_most=None, at_least=None):
        ok = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        limit = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}" if at_least is not None else ""
        print(f"  {name:<52} {value:>10.3f} {unit:<6} {limit}{'' if ok else '   OUTSIDE'}", flush=True)
        self.bad += not ok

    def finish(self):
        import proxy_rig
        if self.bad:
            print(f"{self.bad} figures outside their limits")
        sys.exit(1 if proxy_rig.failures or self.bad and self.options.check else 0)


def tcpdump(path, expression, *options):
    """A capture on loopback that has begun. Root's would go on as somebody else, who may not write there."""
    user = ["-Z", "root"] if os.getuid() == 0 else []
    p = subprocess.Popen(["tcpdump", "-i", "lo", *user, *options, "-w", path, expression], stderr=subprocess.PIPE, text=True)
    line = p.stderr.readline()
    if "listening on" not in line:
        raise RuntimeError(line.strip())
    return p


class Tap:
    """A capture on loopback while the block runs; rows() is what tshark reads in it."""

    def __init__(self, expression):
        self.expression, self.folder = expression, tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tap.pcap")

    def __enter__(self):
        self.p = tcpdump(self.path, self.expression, "-B", "65536", "-s", "120", "--time-stamp-precision=nano")
        return self

    def __exit__(self, *exc):
        time.sleep(0.2)
        self.p.terminate()
        said = self.p.communicate()[1]
        if "\n0 packets dropped by kernel" not in said:
            raise SystemExit("the capture is incomplete: " + said)

    def rows(self, *fields):
        words = ["tshark", "-n", "-r", self.path, "-Y", "tcp.len > 0", "-T", "fields"]
        for field in fields:
            words += ["-e", field]
        out = subprocess.run(words, capture_output=True, text=True, check=True,
                             env=dict(os.environ, HOME=self.folder.name)).stdout
        return [line.split("\t") for line in out.splitlines()]


def _sleep_and_look(stop, worst):
    while not stop.is_set():
        due = time.monotonic() + 0.002
        time.sleep(0.002)
        worst.value = max(worst.value, time.monotonic() - due)


class Machine:
    """How late a process that only sleeps is woken meanwhile: no program can do better."""

    def __enter__(self):
        self.stop, self.worst = multiprocessing.Event(), multiprocessing.Value("d", 0)
        self.p = multiprocessing.Process(target=_sleep_and_look, args=(self.stop, self.worst))
        self.p.start()
        return self

    def __exit__(self, *exc):
        self.stop.set()
        self.p.join()
        self.latest_ms = self.worst.value * 1e3


def quantile(values, q):
    values = sorted(values)
    return values[min(int(q * len(values)), len(values) - 1)]
