#!/usr/bin/env python3
"""wedge exec with --capture: what curl and a server showed on the wire, as tshark reads it. Held ACKs and delays at their
packets, the addresses that curl knows, TLS decrypted, refusals; the server leg where it may be captured, and a word where it
may not; the file after every end; what can't be written is refused before the command."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, environment, main, need, wait_for  # noqa: E402
from live_rig import comments, frames, leg, need_capture, to_or_from, tshark  # noqa: E402
from tls_rig import make_certificate  # noqa: E402

need("setpriv", "curl", "openssl", "tshark", "nft")
need_capture()
rig = Exec()
CURL = ["curl", "-sS", "-m", "10", "-o", "/dev/null"]
ONLY_CLIENT = "gets the client leg only"
folder_of = {}


class TwoWrites:
    """Answers in two writes, the second of which waits for an ACK (Nagle's algorithm)."""

    def __init__(self, host="127.0.0.1"):
        self.s = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.s.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.s.accept()[0],), daemon=True).start()

    def serve(self, c):
        with c:
            try:
                while c.recv(65536):
                    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
                    c.sendall(b"x" * 200)
            except OSError:
                pass


server = TwoWrites()
URL = f"http://127.0.0.1:{server.port}/"


def path_of(user, name):
    """In a folder of the user's own."""
    if user not in folder_of:
        folder_of[user] = rig.path(f"of-{user}")
        rig.run_in(user, "mkdir", "-m", "700", folder_of[user])
    return os.path.join(folder_of[user], name)


def capture(user, name, status, *command, wedge=()):
    """The command's run, the capture's path, and whether it has the server leg."""
    path = path_of(user, name)
    p = rig.expect(user, name, status, *command, wedge=["--capture", path, *wedge])
    check(f"{path}: " in p.stderr, f"{user}, {name}: a line tells of the file")
    return p, path, ONLY_CLIENT not in p.stderr


def has_one_connection(user, path, port):
    sent = frames(path, leg("client"))
    check(len({f["tcp.stream"] for f in sent}) == 1 and all(map(to_or_from(port), sent)),
          f"{user}: the client leg is one connection to the port that curl asked for")
    wrong = [f for f in sent if any(f[f"tcp.analysis.{what}"] for what in ("lost_segment", "ack_lost_segment", "retransmission"))]
    check(not wrong, f"{user}: of which tshark misses nothing")


def answers(path, name):
    """When the server's data is on that leg."""
    sent = [f for f in frames(path, leg(name)) if f["tcp.srcport"] == str(server.port) and f["tcp.len"] != "0"]
    return [float(f["frame.time_relative"]) for f in sent]


def test_held_acks(user):
    journal = path_of(user, "journal")
    _, path, whole = capture(user, "acks.pcapng", 0, *CURL, URL, URL,
                             wedge=["--journal", journal, "--impair", "delayed_ack{timer=200ms,every=2}"])
    has_one_connection(user, path, server.port)
    with open(journal, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    released = [e for e in events if e["event"] == "ack_released"]
    # The timer runs from the data, which the client's kernel acknowledges some time later: an ACK is held that much less.
    told = [(n, name) for n, name, text in comments(path) if text.startswith("ACK held ") and "by its timer" in text]
    acks = {int(f["frame.number"]) for f in frames(path, leg("client")) if f["tcp.len"] == "0" and f["tcp.dstport"] == str(server.port)}
    check(len(told) == len(released) >= 2 and {n for n, _ in told} <= acks,
          f"{user}: held ACKs have their comments: {told}")
    times = answers(path, "client")
    check(len(times) == 4 and times[1] - times[0] > 0.19 and times[3] - times[2] > 0.19,
          f"{user}: the second write of each answer is late: {times}")
    check(not whole or len(answers(path, "server")) == 4, f"{user}: the server leg has them, too")
    check(whole or not frames(path, leg("server")), f"{user}: no packet of a leg that isn't captured")
    check(user != "root" or whole, f"{user}: root has both legs")
    rig.run_in(user, "rm", journal)


def test_latency(user):
    _, path, whole = capture(user, "latency.pcapng", 0, *CURL, URL,
                             wedge=["--impair", "latency{delay=150ms,direction=downstream}"])
    has_one_connection(user, path, server.port)
    sent = {name: answers(path, name) for name in ("client", "server")}
    asked = next(float(f["frame.time_relative"]) for f in frames(path, leg("client")) if f["http.request.uri"])
    check(sent["client"][0] - asked >= 0.149, f"{user}: the answer is late on the client leg: {sent['client'][0] - asked:.3f}")
    check(not whole or sent["server"][0] - asked < 0.1, f"{user}: and wasn't on the server leg: {sent['server']}")


def test_ipv6(user):
    six = TwoWrites("::1")
    _, path, _ = capture(user, "six.pcapng", 0, *CURL, f"http://[::1]:{six.port}/")
    has_one_connection(user, path, six.port)
    check(not tshark(path, "-o", "tcp.check_checksum:TRUE", "-Y", f"tcp.checksum.status == 0 && tcp.dstport == {six.port} && "
                     'frame.interface_name == "client leg"')[0], f"{user}: with right checksums")


def test_tls(user):
    cert, key = make_certificate(rig.folder, "real.test")
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    p = subprocess.Popen(["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key", key],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ca = path_of(user, "ca")
    try:
        check(wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0), "openssl s_server listens")
        tls = ["--tls", "intercept", "--tls-ca", ca]
        rig.expect(user, "the lab CA is made", 0, "true", wedge=tls)
        _, path, whole = capture(user, "tls.pcapng", 0, *CURL, "--cacert", os.path.join(ca, "ca.pem"), "--resolve",
                                 f"real.test:{port}:127.0.0.1", f"https://real.test:{port}/page", wedge=tls)
    finally:
        p.kill()
        p.wait()
    ports = ["-d", f"tcp.port=={port},tls"]
    seen = {r[0] for r in tshark(path, *ports, "-Y", 'http.request.uri == "/page"', "-T", "fields", "-e", "frame.interface_name")[0]}
    check(seen == ({"client leg", "server leg"} if whole else {"client leg"}), f"{user}: tshark decrypts {seen}")
    check(os.stat(path).st_mode & 0o777 == 0o600, f"{user}: the file with secrets is its owner's alone")


def test_refused(user):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    _, path, whole = capture(user, "refused.pcapng", 7, *CURL, f"http://127.0.0.1:{port}/")
    flags = {name: [f["tcp.flags"] for f in frames(path, leg(name))] for name in ("client", "server")}
    check(flags["client"] == ["0x0002", "0x0014"], f"{user}: the client's SYN and its RST: {flags}")
    check(not whole or flags["server"] == ["0x0002", "0x0014"], f"{user}: and the server's: {flags}")


def test_files(user):
    foreign = path_of(user, "thesis.txt")
    rig.run_in(user, "sh", "-c", f"echo precious >{foreign}")
    for path, what in ((foreign, "isn't a capture that wedge wrote"), ("/proc/nowhere/x.pcapng", "can't write to the folder")):
        p = rig.expect(user, f"{what}: refused", 125, "echo", "begun", wedge=["--capture", path])
        check(what in p.stderr and len(p.stderr.splitlines()) == 1 and not p.stdout, f"{user}: in one line, before the command")
    with open(foreign, encoding="utf-8") as f:
        check(f.read() == "precious\n", f"{user}: the file is as it was")
    if user == "nobody":
        rig.run_in("root", "mkdir", "-m", "755", path := rig.path("roots"))
        p = rig.expect(user, "root's folder: refused", 125, "echo", "begun", wedge=["--capture", path + "/x.pcapng"])
        check("Permission denied" in p.stderr and not p.stdout, f"{user}: before the command")
    capture(user, "status.pcapng", 7, "sh", "-c", "exit 7")
    config = rig.file("capture.yaml", f"capture: {path_of(user, 'config.pcapng')}\n")
    rig.expect(user, "a file's key", 0, *CURL, URL, wedge=["--config", config])
    check(len(frames(path_of(user, "config.pcapng"), leg("client"))) >= 8, f"{user}: writes the file, too")


def test_ends(user):
    for signum in (signal.SIGTERM, signal.SIGKILL):
        path = path_of(user, f"end-{int(signum)}.pcapng")
        p = subprocess.Popen(rig.words(user, "exec", "--capture", path, "--", "sh", "-c",
                                       f"curl -sS -o /dev/null {URL}; echo done; exec sleep 30"), cwd=rig.folder, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
        p.stdout.readline()
        time.sleep(0.1)
        p.send_signal(signum)
        p.wait(10)
        p.stdout.close()
        check(wait_for(lambda: os.path.exists(path)), f"{user}: after {signum.name} there is the file")
        check(sum("http" in f["frame.protocols"].split(":") for f in frames(path, leg("client"))) == 2, f"{user}: with what was captured")
    left = [n for n in os.listdir(folder_of[user]) if n.startswith(".") or ".pcapng." in n]
    check(not left, f"{user}: nothing else is left: {left}")


if __name__ == "__main__":
    main(rig, test_held_acks, test_latency, test_ipv6, test_tls, test_refused, test_files, test_ends)
