"""rows_packets - what goes through the packet plane on a gateway, and how fast a capture is read."""
import json
import os
import subprocess
import time

import bench_rig
import peers

CAPTURE_BYTES, QUICK_BYTES = 1 << 30, 64 << 20


def packets(bench, row, number):
    """64 connections through a gateway: forwarded by the kernel alone, handed to wedge without and with a stage."""
    import gateway_rig as gateway
    ways = [("forwarded, no wedge", None), ("wedge, no stage", ()), ("wedge, one stage", ("--impair", "loss{rate=0%,what=all}"))]
    g = gateway.Gateway(bench.folder)
    server = subprocess.Popen(g.words("server", [bench.load, "echo", f"{gateway.SERVER}:7"]))
    try:
        gateway.await_true(lambda: ":0007 00000000:0000 0A" in g.run("server", "cat", "/proc/net/tcp").stdout, "the server listens")
        for name, impair in bench.in_turn(ways, number):
            with bench.measuring(row, "packets", "k/s", name) as figure:
                forwarded(bench, row, number, g, figure, name, impair)
    finally:
        server.kill()
        server.wait()
        g.close()


def forwarded(bench, row, number, g, figure, name, impair):
    import gateway_rig as gateway
    wedge = None
    if impair is not None:
        words = [bench.wedge, "proxy", "--forward", "--server", f"{gateway.SERVER}:7", "--seed", "1", *impair]
        wedge = subprocess.Popen(g.words("gateway", words), stderr=subprocess.PIPE, text=True)
        if "forward" not in wedge.stderr.readline():
            raise RuntimeError("wedge --forward didn't start")
    try:
        def count():
            text = g.run("gateway", "cat", "/proc/net/dev").stdout.splitlines()
            return sum(int(line.split(":")[1].split()[1]) for line in text if line.strip().startswith("eth"))

        got = bench.play(wedge and wedge.pid, "ping", f"{gateway.SERVER}:7", "-", 64, bench.seconds, 64,
                         prefix=g.words("client", []), counter=count)
        row.note(figure, "k/s", name, number, got["counted"] / got["seconds"] / 1e3)
        if wedge:
            row.note("CPU a packet", "us", name, number, got["cpu"] / got["counted"] * 1e6)
    finally:
        if wedge:
            wedge.terminate()
            wedge.wait(20)
            wedge.stderr.close()


def make_capture(bench):
    """Real traffic on loopback until the file is large enough: many exchanges on 64 connections, then many connections."""
    path = os.path.join(bench.folder, "large.pcap")
    if os.path.exists(path):
        return path
    wanted = QUICK_BYTES if bench.quick else CAPTURE_BYTES
    tap = bench_rig.tcpdump(path, "tcp", "-B", "262144", "-s", "0")
    for words in (("connect", 16, 0.5), ("ping", 64, 600, 1400)):
        at = f"127.0.0.1:{peers.PORTS.take()}"
        load = subprocess.Popen([bench.load, words[0], at, at, *map(str, words[1:])], stdout=subprocess.DEVNULL)
        while load.poll() is None and os.path.getsize(path) < wanted:
            time.sleep(0.02)
        load.kill()
        load.wait()
    tap.terminate()
    tap.communicate()
    return path


def used_by(words):
    """(seconds, processor seconds, MiB at most, standard output)"""
    began = time.monotonic()
    p = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = p.stdout.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = status
    if status:
        raise RuntimeError(f"{words[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said


def analyze(bench, row, number):
    for tool in ("tcpdump", "tshark"):
        if not peers.program(tool):
            row.remark(f"{tool} isn't installed")
            return
    path = make_capture(bench)
    size = os.path.getsize(path)
    programs = [("wedge analyze", [bench.wedge, "analyze", "--json", path]),
                ("tshark -z conv,tcp", [peers.program("tshark"), "-n", "-q", "-z", "conv,tcp", "-r", path])]
    for name, words in bench.in_turn(programs, number):
        with bench.measuring(row, f"capture of {size >> 20} MiB, time", "s", name) as figure, bench.quiet():
            took, cpu, most, said = used_by(words)
            row.note(figure, "s", name, number, took)
            row.note("rate", "MB/s", name, number, size / took / 1e6)
            row.note("CPU", "s", name, number, cpu)
            row.note("resident at most", "MiB", name, number, most)
            if name == "wedge analyze":
                row.remark("the capture has {packets:,} packets of {connections:,} connections".format(**json.loads(said)["capture"]))


ROWS = {"packets": (packets, "packets through a gateway's packet plane", False),
        "analyze": (analyze, "reading a capture", False)}
