#!/usr/bin/env python3
"""Flows that go over from copying to splice(2) and back lose nothing: large and small writes in turn, receivers that stop,
and impairments that are switched on and off meanwhile, by SIGHUP; hashes of both ends agree. WEDGE_SPLICE_BYTES changes
the amount."""
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import Pipe, Process

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

BYTES = int(os.environ.get("WEDGE_SPLICE_BYTES", 256 << 20))
PAIRS = 4
CONFIGS = (
    "",
    "latency: {delay: 1ms}",
    "latency: {delay: 2ms, after: 3MB, for: 1MB}",
    "latency: {delay: 3ms, direction: upstream, enabled: no}",
)


def pipes_of(pid):
    """The descriptors of a process that are pipes."""
    found = set()
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            found |= {fd} if os.readlink("/proc/%d/fd/%s" % (pid, fd)).startswith("pipe:") else set()
        except OSError:
            pass  # it has just been closed
    return found


def end_of_connection(s, seed, pipe):
    """Sends BYTES in bursts of large and of small writes, reads as many with stops between, and tells both hashes."""
    random_ = random.Random(seed)
    pool = random_.randbytes(1 << 20)
    sent, got = hashlib.blake2b(), hashlib.blake2b()
    s.settimeout(120)

    def send():
        left, choice = BYTES, random.Random(seed + 1)
        while left:
            small = choice.random() < 0.5
            for _ in range(choice.randrange(1, 40)):
                n = min(left, choice.randrange(1, 900) if small else choice.randrange(60000, 400000))
                at = choice.randrange(len(pool) - n)
                piece = memoryview(pool)[at:at + n]
                sent.update(piece)
                s.sendall(piece)
                left -= n
        s.shutdown(socket.SHUT_WR)

    t = threading.Thread(target=send)
    t.start()
    stops, buf = random.Random(seed + 2), bytearray(1 << 18)
    while n := s.recv_into(buf):
        got.update(memoryview(buf)[:n])
        if stops.random() < 0.002:
            time.sleep(0.02)  # its socket's buffer fills, and a pipe stays full
    t.join()
    pipe.send((sent.hexdigest(), got.hexdigest()))


def ends_of_pair(proxy, server, seed):
    c = rig.connect(proxy)
    s = rig.accept(server)
    pipes, processes = [], []
    for i, sock in enumerate((c, s)):
        mine, theirs = Pipe()
        p = Process(target=end_of_connection, args=(sock, seed + 10 * i, theirs))
        p.start()
        pipes.append(mine)
        processes.append(p)
    c.close()
    s.close()
    return pipes, processes


server = rig.listener()
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "wedge.yaml")
    port = rig.free_port()

    def write(impairment):
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write("proxies:\n  - name: p\n    listen: 127.0.0.1:%d\n    upstream: 127.0.0.1:%d\n" %
                    (port, server.getsockname()[1]))
            f.write("    impairments:\n      - %s\n" % impairment if impairment else "")
        os.rename(path + ".new", path)

    write("")
    wedge = subprocess.Popen([os.environ["WEDGE"], "proxy", "--config", path, "-v"], stderr=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(wedge.stderr), daemon=True)
    reader.start()
    rig.wait_for(lambda: rig.answers(port))
    rig.accept(server).close()
    at_rest = len(pipes_of(wedge.pid))
    pairs = [ends_of_pair(port, server, 100 * i) for i in range(PAIRS)]
    spliced = set()
    changes = 0
    while any(p.is_alive() for _, processes in pairs for p in processes):
        changes += 1
        write(CONFIGS[changes % len(CONFIGS)])
        wedge.send_signal(signal.SIGHUP)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            spliced |= pipes_of(wedge.pid)
            time.sleep(0.01)
    for i, (pipes, processes) in enumerate(pairs):
        (c_sent, c_got), (s_sent, s_got) = (p.recv() for p in pipes)
        rig.check("pair %d: bytes arrive unchanged both ways" % i, c_sent == s_got and s_sent == c_got)
        for p in processes:
            p.join()
    rig.check("the configuration changed meanwhile", changes >= 3, str(changes))
    rig.check("there were pipes", len(spliced) > 3, str(len(spliced)))
    rig.check("each session's line counts them", rig.wait_for(
        lambda: len([l for l in list(lines) if "%d B up, %d B down" % (BYTES, BYTES) in l]) == PAIRS),
        " ".join(l for l in list(lines) if "session" in l)[-300:])
    rig.check("no pipe is left at rest", rig.wait_for(lambda: len(pipes_of(wedge.pid)) <= at_rest))
    wedge.send_signal(signal.SIGTERM)
    rig.check("wedge reports no bug of its own", wedge.wait(20) in (0, 1) and
              not [l for l in lines if "Sanitizer" in l or "bug" in l or "runtime error" in l], str(wedge.returncode))
    reader.join()
    wedge.stderr.close()
rig.finish()
