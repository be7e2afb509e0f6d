#!/usr/bin/env python3
"""Faults that other programs make (the kernel's packet filter, servers that stop, sleep or don't read), captured by tcpdump
beside the client and beside the server: wedge analyze names each for what it is from both sides, or says that it can't be told."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
from capture_rig import PORT, Capture, Router, Server, abort, enter_namespace, receive, run, set_up, skip

WEDGE = os.environ.get("WEDGE", "build/wedge")
TOOLS = ("tcpdump", "ip", "iptables", "ethtool", "unshare", "nsenter")
HERE = "198.51.100.1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def until_head(s):
    asked = b""
    while not asked.endswith(b"\r\n\r\n"):
        piece = s.recv(4096)
        if not piece:
            return False
        asked += piece
    return True


def answers(n, before=lambda i: None, split=0):
    """A handler that answers each request by n bytes."""
    def handler(s):
        i = 0
        while until_head(s):
            before(i)
            whole = HEAD % n + b"x" * n
            if split:
                s.sendall(whole[:split])
            s.sendall(whole[split:])
            i += 1
    return handler


def ask(s, count=1, pause=0.0, patience=30):
    s.settimeout(patience)
    for _ in range(count):
        s.sendall(ASK)
        got = b""
        while b"\r\n\r\n" not in got:
            piece = s.recv(65536)
            if not piece:
                return
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        rest = int(head.rsplit(b": ", 1)[1]) - len(body)
        receive(s, rest)
        time.sleep(pause)


def serve(router, handler, **more):
    with router.there():
        return Server(handler, host=HERE, **more)


def think(router):
    """An application that takes its time, in one exchange of three."""
    with serve(router, answers(500, lambda i: time.sleep(0.7 if i % 3 == 1 else 0))) as server, server.connect() as s:
        ask(s, 9)


def nagle(router):
    """Two small writes for one request: the second waits for Linux's delayed ACK."""
    with serve(router, answers(300, split=200)) as server, server.connect() as s:
        ask(s, 40)


def unread(router):
    """A server that stops reading for 2 s, with a small buffer."""
    def handler(s):
        time.sleep(2)
        receive(s, 400_000)
        s.sendall(HEAD % 0)
    with serve(router, handler, rcvbuf=8192) as server, server.connect() as s:
        s.sendall(b"POST / HTTP/1.1\r\nContent-Length: 399900\r\n\r\n".ljust(400_000, b"z"))
        receive(s, len(HEAD % 0))


def dropped(router):
    """A filter that lets nothing more of a connection pass after 40 packets."""
    router.lose("-p", "tcp", "--sport", str(PORT), "-m", "connbytes", "--connbytes", "40:", "--connbytes-mode", "packets",
                "--connbytes-dir", "both")
    router.lose("-p", "tcp", "--dport", str(PORT), "-m", "connbytes", "--connbytes", "40:", "--connbytes-mode", "packets",
                "--connbytes-dir", "both")
    with serve(router, answers(700)) as server, server.connect() as s:
        try:
            ask(s, 100, patience=3)
        except TimeoutError:
            pass
        router.within(router.far[0].pid, "iptables", "-F", "FORWARD")
        abort(s)


def lossy(router):
    """A filter that loses each 40th large packet of the server."""
    router.lose("-p", "tcp", "--sport", str(PORT), "-m", "length", "--length", "1000:", "-m", "statistic", "--mode", "nth",
                "--every", "40", "--packet", "20")
    with serve(router, answers(20_000)) as server, server.connect() as s:
        ask(s, 60, pause=0.005)


def stopped(router):
    """kill -STOP of a server's process for 2 s; its kernel lives."""
    with router.there():
        pid = os.fork()
        if not pid:
            server = Server(answers(400), host=HERE)
            server.serve()
            os._exit(0)
    time.sleep(0.3)
    try:
        with socket.create_connection((HERE, PORT)) as s:
            ask(s, 5)
            os.kill(pid, signal.SIGSTOP)
            threading.Timer(2, os.kill, (pid, signal.SIGCONT)).start()
            ask(s, 5)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def backlog(router):
    """A listener that nobody accepts from: its queue is full, and the kernel drops SYNs."""
    with router.there():
        listener = socket.create_server((HERE, PORT), backlog=0)
    held = []
    for _ in range(4):
        s = socket.socket()
        s.settimeout(3.4)
        try:
            s.connect((HERE, PORT))
        except TimeoutError:
            pass
        held.append(s)
    for s in (*held, listener):
        s.close()


def rejected(router):
    """A filter that answers by RST in the middle of a response."""
    router.within(router.far[0].pid, "iptables", "-A", "FORWARD", "-p", "tcp", "--dport", str(PORT), "-m", "connbytes",
                  "--connbytes", "30:", "--connbytes-mode", "packets", "--connbytes-dir", "both", "-j", "REJECT",
                  "--reject-with", "tcp-reset")
    with serve(router, answers(300_000)) as server, server.connect() as s:
        try:
            ask(s, patience=3)
        except (ConnectionError, TimeoutError):
            pass


def closed_door(router):
    """A filter that refuses connections."""
    router.within(router.far[0].pid, "iptables", "-A", "FORWARD", "-p", "tcp", "--dport", str(PORT), "--syn", "-j", "REJECT",
                  "--reject-with", "tcp-reset")
    for _ in range(3):
        with socket.socket() as s:
            s.connect_ex((HERE, PORT))


def unplugged(router):
    """The way is down for 2 s."""
    def down_and_up(i):
        if i == 3:
            router.within(router.far[0].pid, "ip", "link", "set", "r1", "down")
            threading.Timer(2, lambda: (router.within(router.far[0].pid, "ip", "link", "set", "r1", "up"))).start()
    with serve(router, answers(5000, down_and_up)) as server, server.connect() as s:
        ask(s, 8, pause=0.01)


def mtu(router):
    """A way for small packets only, and nobody says so."""
    router.lose("-p", "tcp", "--sport", str(PORT), "-m", "length", "--length", "1400:")
    with serve(router, answers(9000)) as server, server.connect() as s:
        try:
            ask(s, patience=4)
        except TimeoutError:
            pass


def cut(router):
    """A server whose process ends in the middle of a response."""
    def handler(s):
        until_head(s)
        s.sendall(HEAD % 100_000 + b"x" * 30_000)
    with serve(router, handler) as server, server.connect() as s:
        ask(s)


def idle(router):
    """Nothing is wrong: a client that asks now and then."""
    with serve(router, answers(2000)) as server, server.connect() as s:
        ask(s, 5, pause=0.6)


def silent(router):
    """A server that accepts, reads, and never says anything."""
    with serve(router, lambda s: s.recv(1 << 20) and time.sleep(6.5)) as server, server.connect() as s:
        s.sendall(ASK)
        s.settimeout(6)
        try:
            s.recv(1)
        except TimeoutError:
            pass


NGINX = """daemon off; pid {folder}/pid; error_log /dev/null; worker_processes 1; user root;
events {{}}
http {{ access_log off; limit_conn_zone $server_port zone=all:1m;
  server {{ listen {port}; limit_conn all 2; location / {{ root {folder}; limit_rate 200k; }} }} }}
"""
HAPROXY = """defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 1200ms
frontend f
  bind {here}:{port}
  default_backend b
backend b
  server s {here}:{behind}
"""


@contextlib.contextmanager
def program(router, conf, *words):
    """A server that runs there, with such a configuration, while it lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(conf.format(folder=folder, here=HERE, port=PORT, behind=PORT + 1))
        with open(os.path.join(folder, "file"), "wb") as f:
            f.write(b"f" * 150_000)
        p = subprocess.Popen(["nsenter", "-t", str(router.far[1].pid), "-n", *words, path], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            yield
        finally:
            p.terminate()
            p.wait()


def get(path, s):
    s.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
    receive(s, 1 << 30)


def crowded(router):
    """nginx with limit_conn: a third connection at once has the answer 503, which is one."""
    with program(router, NGINX, "nginx", "-c"):
        open_ones = [socket.create_connection((HERE, PORT)) for _ in range(4)]
        threads = [threading.Thread(target=get, args=(b"/file", s)) for s in open_ones]
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def patient(router):
    """haproxy in front of a server that says nothing: 504 after its timeout of 1.2 s."""
    with program(router, HAPROXY, "haproxy", "-db", "-f"), serve(router, lambda s: time.sleep(2), port=PORT + 1):
        with socket.create_connection((HERE, PORT)) as s:
            get(b"/", s)


PROGRAMS = {crowded: "nginx", patient: "haproxy"}
LOSSES = {"rto", "rto-tail", "rto-double", "rto-spurious", "tail-loss-probe", "fast-recovery", "path-dead"}
LATE = {"server-think", "server-pause", "client-pause"}  # programs that others keep from the processor are, too
# Beside the client, beside the server: what must be named first, a finding or the cause with the most lost time (None: nothing was
# lost); and what may be named, too. A trailing ? takes what says itself that it may be something else.
CASES = {
    think: (("server-think",), ("server-think",)),
    nagle: (("delayed-ack-linux",), ("delayed-ack-linux",)),
    # A buffer that is nearly full may drop a segment, which is sent again.
    unread: (({"zero-window"}, "window-limited", *LOSSES), ({"zero-window"}, "window-limited", *LOSSES)),
    dropped: (("rto-double", *LOSSES, "unknown"), ("rto-double", *LOSSES)),
    lossy: (({*LOSSES, "server-pause?"}, *LOSSES, "server-pause?", None), (LOSSES, *LOSSES, None)),
    stopped: (("server-think",), ("server-think",)),
    backlog: (("blackhole", "connect-blackhole", "syn-resent"), ("blackhole", "connect-blackhole", "syn-resent")),
    rejected: (("truncated", *LOSSES), (LOSSES, *LOSSES)),
    closed_door: (("refused",), None),
    unplugged: (({*LOSSES, "unknown"}, "server-think", "delayed-ack-linux"), ({*LOSSES, "unknown"}, "delayed-ack-linux")),
    mtu: (("path-dead",), ("rto-double", *LOSSES, "server-think")),
    cut: (("truncated",), ("truncated",)),
    silent: (("accepted-silent", "server-think"), ("accepted-silent", "server-think")),
    idle: ((None,), (None,)),
    crowded: (("server-pause",), ("server-pause",)),  # of its limit_rate; a 503 is an answer
    patient: (("server-think",), ("server-think",)),
}


def named(path):
    """Findings, then causes whose time was lost, the most first; a ? behind those with a doubt. And the documented failures."""
    page = json.loads(subprocess.run([WEDGE, "analyze", "--json", path], capture_output=True, text=True, check=True).stdout)
    causes = [c["cause"] + "?" * any(w in (c["label"] or "") for w in (" or a", " or as ", "looks the same"))
              for c in page["causes"] if c["lost"] and not (c["cause"] in LATE and c["longest"]["length"] < 0.1)]
    return [f["finding"] for f in page["findings"]] + causes, [m["scenario"] for m in page["matches"] if m["kind"] == "fits"]


def judge(traffic, side, path, wanted):
    """What is wrong with the names that a capture gets."""
    names, fits = named(path)
    first, *others = wanted
    first = first if isinstance(first, set) else {first}
    allowed = {*first, *others}
    allowed |= {x + "?" for x in allowed if x}
    print(f"{traffic.__name__}, beside the {side}: {names or 'nothing'} {fits or ''}")
    if not (set(names[:1] or [None]) <= first | {x + "?" for x in first if x} | ({None} & allowed)):
        return f"{traffic.__name__}, beside the {side}: {names} begins with none of {first}"
    if set(names) - allowed or fits:
        return f"{traffic.__name__}, beside the {side}: {sorted(set(names) - allowed)} {fits}"
    return None


def play(traffic, folder):
    set_up()
    paths = [os.path.join(folder, f"{traffic.__name__}-{side}.pcap") for side in ("client", "server")]
    with Router() as router, Capture(paths[0], "near"), Capture(paths[1], "far", router.far[1].pid):
        traffic(router)
        time.sleep(0.1)


def play_and_judge(traffic, folder):
    """Plays it in a namespace of its own: each with its own packet filter, all at once."""
    words = [sys.executable, os.path.abspath(__file__), traffic.__name__, folder]
    env = {k: v for k, v in os.environ.items() if k != "IN_NAMESPACE"}
    done = subprocess.run(words, capture_output=True, text=True, env=env, timeout=100)
    if done.returncode == 77:
        skip(done.stdout.strip())
    if done.returncode:
        return [f"{traffic.__name__}: {done.stdout}{done.stderr[-500:]}"]
    return [judge(traffic, side, os.path.join(folder, f"{traffic.__name__}-{side}.pcap"), wanted)
            for side, wanted in zip(("client", "server"), CASES[traffic]) if wanted]


def main():
    missing = [t for t in TOOLS if not shutil.which(t)]
    if missing or os.geteuid():
        skip(f"needs {' '.join(missing) or 'root'}")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(5) as pool:
        cases = [t for t in CASES if shutil.which(PROGRAMS.get(t, "true"))]
        wrong = [w for found in pool.map(lambda t: play_and_judge(t, folder), cases) for w in found if w]
    print("not played, for want of a program:", *(t.__name__ for t in CASES if t not in cases))
    print("\n".join(f"FAILED {w}" for w in wrong) or "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        enter_namespace()
        play(globals()[sys.argv[1]], sys.argv[2])
        sys.exit(0)
    sys.exit(main())
