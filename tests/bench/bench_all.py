#!/usr/bin/env python3
"""All figures of speed, memory and exactness, of wedge and beside it of a direct connection, HAProxy, nginx and socat, in rounds
that take turns, in a network namespace of its own with reno. Prints medians (least-most of the rounds) and ratios
round by round. No limit is judged: docs/measurements.md has limits, docs/performance.md is what --markdown writes."""
import argparse
import contextlib
import fcntl
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

import bench_rig
import peers
import rows_growth
import rows_idle
import rows_packets
import rows_rate
import rows_time
import table
from noise import used_by_others

ROWS = {**rows_rate.ROWS, **rows_idle.ROWS, **rows_time.ROWS, **rows_packets.ROWS, **rows_growth.ROWS}
# Sysctls of the namespace. What is measured listens below the range that the kernel chooses from.
SETTINGS = {"ipv4/tcp_congestion_control": "reno", "ipv4/ip_local_port_range": "10000 65535", "core/somaxconn": "16384",
            "ipv4/tcp_max_syn_backlog": "16384"}


class Bench:
    """What a row is given: peers, the load generator, and how a measurement is made."""

    def __init__(self, options, folder):
        self.quick, self.folder = options.quick, folder
        self.seconds = options.seconds or (0.3 if options.quick else 1.5)
        self.wedge = os.environ["WEDGE"]
        self.load = options.load
        self.lock = options.lock and open(options.lock, "a", encoding="ascii")
        theirs, self.missing = peers.others()
        ours = peers.wedges("wedge", self.wedge)
        for also in options.also:
            ours += peers.wedges(*also.split("=", 1))
        self.subject = ours[0]
        self.peers = [peers.DIRECT, *theirs, *ours]

    @staticmethod
    def in_turn(things, number):
        """Each round begins with another one."""
        at = number % len(things) if things else 0
        return things[at:] + things[:at]

    @contextlib.contextmanager
    def quiet(self):
        """One measurement on this machine at a time, where --lock says who else asks."""
        if self.lock:
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if self.lock:
                fcntl.flock(self.lock, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def measuring(self, row, figure, unit, peer):
        """What fails in the block is told as not measured; the others go on."""
        try:
            yield figure
        except (RuntimeError, OSError, subprocess.SubprocessError) as e:
            row.fail(figure, unit, getattr(peer, "name", peer), str(e))

    def running(self, peer, *more):
        return peer.running(self.folder, *more)

    def play(self, pid, *words, prefix=(), counter=None):
        """What the generator says, with rate, the processor time of pid's tree and the counter's difference while it measured."""
        with self.quiet():
            p = subprocess.Popen([*prefix, self.load, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            first = p.stdout.readline()
            counted, used = counter() if counter else 0, peers.cpu(pid) if pid else 0
            last = p.stdout.readline()
            used, counted = (peers.cpu(pid) - used) if pid else 0, (counter() - counted) if counter else 0
            said = p.communicate()[1]
        if p.returncode or not first or not last:
            raise RuntimeError(said.strip() or "the generator ended early")
        if used < 0:  # a process that had been counted ended meanwhile
            raise RuntimeError("the processor time can't be told")
        got = dict(json.loads(last), cpu=used, counted=counted)
        if "count" in got:
            if not got["count"]:
                raise RuntimeError("nothing came")
            got["rate"] = got["count"] / got["seconds"]
        return got

    @contextlib.contextmanager
    def sessions(self, running, n, kind):
        there = Sessions([self.load, "sessions", running.dial, running.serve, str(n), kind])
        try:
            yield there
        finally:
            there.end()


class Sessions:
    """Connections that stand while the block runs."""

    def __init__(self, words):
        self.p = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not self.p.stdout.readline():
            raise RuntimeError(self.p.communicate()[1].strip())

    def tell(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        self.p.stdout.readline()

    def end(self):
        self.p.communicate()


def command_line():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wedge", nargs="?", default=os.environ.get("WEDGE"), help="the program; default $WEDGE")
    parser.add_argument("--only", action="append", metavar="ROW", choices=ROWS, help="only this row; repeatable: " + ", ".join(ROWS))
    parser.add_argument("--rounds", type=int, help="how often each is measured, in turns (5)")
    parser.add_argument("--seconds", type=float, help="of each measurement of a rate (1.5)")
    parser.add_argument("--quick", action="store_true", help="one round of small ones: whether all works, no figures to keep")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=WEDGE", help="another wedge beside it; repeatable")
    parser.add_argument("--lock", metavar="FILE", help="hold this file's lock (flock) during each measurement")
    parser.add_argument("--load", metavar="PROGRAM", help="the load generator; default tests/load beside wedge")
    parser.add_argument("--markdown", nargs="?", const=os.path.join(bench_rig.SOURCE, "docs/performance.md"), metavar="FILE",
                        help="write the tables; default docs/performance.md")
    parser.add_argument("--json", metavar="FILE", help="write every round's value")
    options = parser.parse_args()
    if not options.wedge:
        parser.error("name the wedge to measure, or set WEDGE")
    options.wedge = os.path.abspath(options.wedge)
    options.load = os.path.abspath(options.load or os.path.join(os.path.dirname(options.wedge), "tests", "load"))
    options.rounds = options.rounds or (1 if options.quick else 5)
    for path in (options.wedge, options.load):
        if not os.access(path, os.X_OK):
            parser.error(f"{path} isn't a program; build it first")
    return options


def enter(options):
    bench_rig.enter()
    for name, value in SETTINGS.items():
        with open("/proc/sys/net/" + name, "w", encoding="ascii") as f:
            f.write(value)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.environ.update(WEDGE=options.wedge, SOURCE_DIR=bench_rig.SOURCE)


def machine():
    """Lines about what it was measured on."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) >> 20
    return f"{os.cpu_count()} processors ({model.group(1) if model else platform.machine()}), {memory} GiB, Linux {platform.release()}"


def source():
    """The last commit that changed wedge itself."""
    git, folders = ["git", "-C", bench_rig.SOURCE], ["--", "proxy", "impairments", "scenarios"]
    p = subprocess.run([*git, "log", "-1", "--format=%h of %cs", *folders], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain", *folders], capture_output=True, text=True, check=False).stdout
    return "no git here" if p.returncode else "as of commit " + p.stdout.strip() + (", changed" if changed else "")


def about(bench, options, began):
    versions = list(dict.fromkeys(p.version for p in bench.peers if p.version))
    lines = [f"Machine: {machine()}", f"Versions: {'; '.join(versions)}; source {source()}",
             f"Rounds: {options.rounds}, of {bench.seconds:g} s where a rate is measured, in {(time.time() - began) / 60:.0f} minutes, "
             f"as {'root' if os.environ.get('WEDGE_BENCH_USER') == '0' else 'an ordinary user'}"]
    if bench.missing:
        lines.append(f"Not installed, so not measured: {', '.join(bench.missing)}")
    return lines


HEAD = """# Performance

What `tests/bench/bench_all.py{options}` printed; nothing here was written by hand. Wherever there are several rounds a cell is the median and, in
brackets, least and most of the rounds; a ratio is the median of the rounds' own ratios, in which both had the same machine.
The load generator is `tests/bench/load*.c`, which has no code of wedge's; it runs on the same processors, so direct is what the machine can do
and not what a proxy could reach. Every proxy has one thread, unless it says otherwise. [measurements.md](measurements.md) has what wedge
promises about time and rate.

"""


def write_markdown(path, bench, options, rows, lines):
    order = [p.name for p in bench.peers]
    shown = "".join(f" --only {name}" for name in options.only or ()) + " --quick" * options.quick
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD.format(options=shown))
        f.write("".join(f"- {line}.\n" for line in lines) + "\n")
        f.write("\n".join(row.markdown(order, bench.subject.name) for row in rows))


def write_json(path, rows, lines):
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"about": lines, "rows": [{"row": r.name, "figure": g.name, "unit": g.unit, "values":
                                             {p: list(v.values()) for p, v in g.values.items()}} for r in rows for g in r.figures.values()]}, f, indent=1)


def measure(bench, options, name):
    play, title, ratios = ROWS[name]
    row = table.Row(name, title, ratios)
    for number in range(options.rounds):
        print(f"{name}, round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        before, began = used_by_others(), time.monotonic()
        play(bench, row, number)
        row.by_others.append(max(0, used_by_others() - before) / ((time.monotonic() - began) * os.cpu_count()))
    print(row.text([p.name for p in bench.peers], bench.subject.name), flush=True)
    return row


def main():
    options = command_line()
    enter(options)
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(options, folder)
        rows = [measure(bench, options, name) for name in ROWS if name in (options.only or ROWS)]
    lines = about(bench, options, began)
    print("\n".join(lines))
    if options.markdown:
        write_markdown(options.markdown, bench, options, rows, lines)
    if options.json:
        write_json(options.json, rows, lines)


main()
