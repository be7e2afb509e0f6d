#!/usr/bin/env python3
"""The flagship felt by unchanged programs: in 'wedge exec' a delayed ACK of what the command is sent stops a server that
writes its answer in two pieces (Nagle's algorithm), 200 ms an exchange, and only such a server. python3, curl and nginx are
unchanged; tcpdump sees what passes the queue and on loopback, tshark judges it."""
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, need, wait_for  # noqa: E402
from noise import unspoilt  # noqa: E402

need("setpriv", "curl", "nsenter", "tcpdump", "tshark", "nft")
rig = Exec()
EXCHANGES = 20
HELD = "delayed_ack{timer=200ms,every=2}"
CURED = "delayed_ack{timer=200ms,every=1}"
CLIENT = rig.file("client.py", """
import http.client, sys, time
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
for _ in range(int(sys.argv[2])):
    begin = time.monotonic()
    c.request("GET", "/")
    c.getresponse().read()
    print((time.monotonic() - begin) * 1000)
""")


class Server:
    """Answers on this host's loopback, by these writes each time."""

    def __init__(self, *writes, nodelay=False):
        self.writes, self.nodelay = writes, nodelay
        self.s = socket.create_server(("127.0.0.1", 0))
        self.port = self.s.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.s.accept()[0],), daemon=True).start()

    def serve(self, c):
        if self.nodelay:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting = b""
        with c:
            while data := c.recv(65536):
                waiting += data
                while b"\r\n\r\n" in waiting:
                    waiting = waiting.split(b"\r\n\r\n", 1)[1]
                    for write in self.writes:
                        c.sendall(write)


def response(size, pieces):
    head, body = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, bytes(size)
    return (head, body) if pieces == 2 else (head + body,)


two = Server(*response(100, 2))
hasty = Server(*response(100, 2), nodelay=True)
one, large = Server(*response(100, 1)), Server(*response(3_000_000, 1))


def times(user, server, impair, exchanges=EXCHANGES, good=lambda ms: True):
    wedge = ["--impair", impair] if impair else []

    def play():
        p = rig.expect(user, f"{exchanges} exchanges with {impair}", 0, "python3", CLIENT, str(server.port), str(exchanges),
                       wedge=wedge)
        return [float(line) for line in p.stdout.split()]

    return unspoilt(play, good)


def held(ms, least, most):
    """None is early; a busy machine may make one or two later."""
    return min(ms) >= least and sum(t <= most for t in ms) >= 0.75 * len(ms)


def late(least, most, plain):
    return lambda ms: held([t - plain for t in ms], least, most) if len(ms) > 3 else \
        all(least <= t - plain <= most for t in ms)


def shown(ms):
    return " ".join("%.1f" % t for t in ms)


def every_exchange_is_late(user):
    plain = min(times(user, two, None))  # a busy moment makes it no longer
    for what, impair, n, good in (
            ("each exchange is 200 ms late", HELD, EXCHANGES, late(195, 215, plain)),
            ("leg=client says the same", HELD.replace("}", ",leg=client}"), 3, late(195, 215, plain)),
            ("the timer decides, not the kernel's 40 ms", HELD.replace("200ms", "70ms"), 5, late(68, 85, plain)),
            ("also a long one", HELD.replace("200ms", "1s"), 3, late(995, 1020, plain))):
        ms = times(user, two, impair, n, good)
        check(len(ms) == n and good(ms), f"{user}: {what}: {shown(ms)}")


def nobody_else_is(user):
    def good(ms):
        return statistics.median(ms) < 50 and max(ms) < 150

    for what, server, impair in (("every=1 cures it", two, CURED), ("one write an answer isn't slowed", one, HELD),
                                 ("a server without Nagle's algorithm isn't slowed", hasty, HELD),
                                 ("a long answer isn't slowed", large, HELD)):
        ms = times(user, server, impair, good=good)
        check(good(ms), f"{user}: {what}: {shown(ms)}")


def wire(user):
    def good(ms):
        """The timer runs from the data's arrival in wedge; a busy machine may let the data wait there some ms more."""
        return len(ms) == 8 and min(ms) > 185 and sum(199.5 <= t <= 210 for t in ms) >= 6

    late_by = unspoilt(lambda: ack_delays(user), good)
    check(good(late_by), f"{user}: the pure ACKs of the first pieces are held 200 ms: {shown(late_by)}")


def ack_delays(user):
    """Of the first pieces, ms. Loopback's tap is before the queue, the input hook behind it: there is what wedge's own
    socket gets."""
    folder = tempfile.mkdtemp(prefix="exec-", dir=rig.folder)
    words = rig.words(user, "exec", "--impair", HELD, "--", "sh", "-c", f"sleep 2; exec python3 {CLIENT} {two.port} 8")
    command = subprocess.Popen(words, cwd=rig.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    inside = wait_for(lambda: find_inside(command.pid))
    check(bool(inside), f"{user}: the process inside is found")
    enter = ["nsenter", "-t", str(inside), "-n"]
    subprocess.run([*enter, "nft", "-f", "-"], check=True, text=True, input="table inet look {\n chain in {\n"
                   "  type filter hook input priority 100; meta l4proto tcp log group 9 queue-threshold 1\n }\n}\n")
    taps = [subprocess.Popen([*enter, "tcpdump", "-Z", "root", "-U", "-q", "-i", interface, "-w", os.path.join(folder, name)],
                             stderr=subprocess.PIPE, text=True) for interface, name in (("lo", "lo"), ("nflog:9", "in"))]
    for tap in taps:
        wait_for(lambda tap=tap: "listening on" in tap.stderr.readline())
    out, _ = command.communicate(timeout=60)
    check(command.returncode == 0 and len(out.split()) == 8, f"{user}: eight exchanges under the taps")
    time.sleep(0.2)
    for tap in taps:
        tap.terminate()
        tap.wait()
        tap.stderr.close()

    def tshark(name, *words):
        return subprocess.run(["tshark", "-r", os.path.join(folder, name), *words], capture_output=True, text=True,
                              check=True, env=dict(os.environ, HOME=folder)).stdout.split("\n")[:-1]

    again = tshark("lo", "-Y", "tcp.analysis.retransmission || tcp.analysis.fast_retransmission")
    check(not again, f"{user}: nothing is sent again: {again[:2]}")
    # Which segment an ACK covers, by numbers; sequence numbers are the wire's, and ports differ by translation.
    sent, data, delays = {}, {}, []
    # The kernel stamps what it gives loopback's tap; what nflog hands over is stamped when tcpdump reads it, late if at all.
    columns = ["-Y", "tcp", "-T", "fields", "-e", "frame.time_epoch", "-e", "tcp.seq_raw", "-e", "tcp.ack_raw", "-e", "tcp.len",
               "-e", "tcp.flags", "-e", "tcp.srcport"]
    for row in tshark("lo", *columns):
        when, seq, _, size, _, _ = row.split("\t")
        if int(size):
            sent[(int(seq) + int(size)) & 0xffffffff] = float(when)
    for row in tshark("in", *columns):
        when, seq, ack, size, flags, port = row.split("\t")
        end = (int(seq) + int(size)) & 0xffffffff
        if int(port) == two.port and int(size):
            data[end] = (min(float(when), sent.get(end, float(when))), int(size))
        elif int(flags, 0) == 0x10 and not int(size) and int(ack) in data:
            came, covered = data[int(ack)]
            delays += [(float(when) - came) * 1000] if covered < 100 else []
    shutil.rmtree(folder)
    return delays


def find_inside(parent):
    """The process of a running 'wedge exec' that is in the command's network."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                name, fields = re.match(r"\d+ \((.*)\) (.*)", f.read(), re.S).groups()
        except OSError:
            continue
        if name == "wedge-inside" and int(fields.split()[1]) == parent:
            return int(pid)
    return None


def curl_and_nginx(user):
    """nginx sends head and file by two calls; without keep-alive it leaves Nagle's algorithm on."""
    if not shutil.which("nginx"):
        return
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        with open(os.path.join(root, "page"), "w", encoding="utf-8") as f:
            f.write("x" * 100)
        conf = os.path.join(root, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f"daemon off; pid {root}/pid; error_log {root}/log; events {{}}\n"
                    f"http {{ access_log off; sendfile on; tcp_nodelay off; tcp_nopush off; client_body_temp_path {root}/a;"
                    f" proxy_temp_path {root}/b; fastcgi_temp_path {root}/c; uwsgi_temp_path {root}/d; scgi_temp_path {root}/e;"
                    f" server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n")
        nginx = subprocess.Popen(["nginx", "-c", conf, "-p", root], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: not subprocess.run(["curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{port}/page"],
                                                check=False).returncode)
            ms = {}
            for name, impair in (("held", HELD), ("cured", CURED)):
                p = rig.expect(user, f"curl, {impair}", 0, "curl", "-s", "-o", "/dev/null", "-w", "%{time_total} ",
                               *[f"http://127.0.0.1:{port}/page"] * 5, "-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null",
                               "-o", "/dev/null", wedge=["--impair", impair])
                ms[name] = [float(t) * 1000 for t in p.stdout.split()]
            check(len(ms["held"]) == 5 and held(ms["held"], 195, 230),
                  f"{user}: curl waits 200 ms for each page of nginx: {shown(ms['held'])}")
            check(max(ms["cured"]) < 100, f"{user}: and not with every=1: {shown(ms['cured'])}")
        finally:
            nginx.terminate()
            nginx.wait()


def said_beside_what_keeps_bytes(user):
    for other in "latency{delay=1ms}", "bandwidth{rate=1MB/s}", "gather{bytes=1KB}", "drop{after=1GB}":
        p = rig.expect(user, f"delayed_ack beside {other}", 0, "true", wedge=["--impair", HELD, "--impair", other])
        said = "no server waits for an ACK that is held: " + other.split("{")[0] in p.stderr
        check(said == (not other.startswith("drop")), f"{user}: warned of where it is in vain: {p.stderr.strip()}")


for who in rig.users:
    said_beside_what_keeps_bytes(who)
    every_exchange_is_late(who)
    nobody_else_is(who)
    curl_and_nginx(who)
    if os.getuid() == 0:
        wire(who)
