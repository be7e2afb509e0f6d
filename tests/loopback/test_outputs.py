#!/usr/bin/env python3
"""Nothing that wedge writes to holds it up or ends it: pipes that nobody reads, readers that go away, a full disk,
a writer that is killed. Sessions go on, what is lost is counted and told, SIGTERM ends wedge within 5 s, and the
journal is whole to its last line after kill -9."""
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

END_S = 5   # what wedge promises, with a loaded machine's patience
folder = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(folder.name, name)


def serve_echo(server):
    while True:
        try:
            s, _ = server.accept()
        except OSError:
            return
        with s, contextlib.suppress(ConnectionError):
            while data := s.recv(4096):
                s.sendall(data)


server = rig.listener()
server.settimeout(None)
threading.Thread(target=serve_echo, args=(server,), daemon=True).start()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Wedge:
    """A wedge proxy whose port is known without its standard error."""

    def __init__(self, *args, stderr=None, prefix=()):
        self.port = free_port()
        upstream = "127.0.0.1:%d" % server.getsockname()[1]
        listen = "127.0.0.1:%d" % self.port
        self.p = subprocess.Popen([*prefix, rig.WEDGE, "proxy", "--listen", listen, "--upstream", upstream, "--seed", "1",
                                   *args], stdin=subprocess.PIPE, stderr=stderr if stderr is not None else subprocess.PIPE)
        rig.check("it listens", rig.wait_for(self.listens))

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except (ConnectionRefusedError, ConnectionResetError): # the latter while it is being closed
            return False

    def echoes(self, n=1):
        """How many of n sessions get their bytes back, each within 5 s."""
        good = 0
        for _ in range(n):
            with socket.create_connection(("127.0.0.1", self.port), 5) as c:
                c.sendall(b"x")
                good += c.recv(1) == b"x"
        return good

    def end(self, signum=signal.SIGTERM):
        """(status, seconds, standard error)"""
        began = time.monotonic()
        self.p.send_signal(signum)
        said = self.p.communicate(timeout=30)[1]
        return self.p.returncode, time.monotonic() - began, (said or b"").decode()


def processes(name, of):
    """The processes of that name below the process of."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as f:
                text = f.read()
        except OSError:
            continue
        comm, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        found.append((int(pid), comm, int(rest[1])))
    below = {of}
    for _ in range(4):
        below |= {pid for pid, _, parent in found if parent in below}
    return [pid for pid, comm, _ in found if pid in below and comm == name]


def expected(name, of, n):
    """The processes once there are n; they name themselves a moment after they have begun."""
    found = processes(name, of)
    return found if len(found) == n else []


def events(name):
    with open(path(name)) as f:
        text = f.read()
    return text, [json.loads(line) for line in text.splitlines()]


def closes(list_of_events):
    return sum(e["event"] == "session_close" for e in list_of_events)


def journal_and_log_to_a_pipe_that_nobody_reads():
    r, w = os.pipe()
    p = Wedge("--journal", "/dev/fd/%d" % w, "-vv", stderr=w, prefix=("sh", "-c", "exec \"$@\" %d>&2" % w, "sh"))
    rig.check("sessions go on", p.echoes(600) == 600)
    status, seconds, _ = p.end()
    rig.check("SIGTERM ends it", seconds < END_S, "%.1f s" % seconds)
    rig.check("with a status that isn't 0", status == 2, str(status))
    os.close(r)
    os.close(w)


def journal_to_a_fifo_whose_reader_comes_later_and_goes():
    os.mkfifo(path("fifo"))
    p = Wedge("--journal", path("fifo"))
    rig.check("sessions go on without a reader", p.echoes(20) == 20)
    with open(path("fifo")) as f:
        first = [json.loads(f.readline()) for _ in range(30)]
    rig.check("the reader gets all from the first line on", first[0]["event"] == "journal")
    rig.check("sessions go on when it has gone", p.echoes(20) == 20)
    got = []
    second = threading.Thread(target=lambda: got.extend(open(path("fifo")).readlines()))
    second.start()
    rig.check("and with the next one", p.echoes(20) == 20)
    status, seconds, _ = p.end()
    second.join(5)
    # The first reader has read ahead into a line; all others are whole.
    rig.check("which gets the rest, to the last line", all(map(json.loads, got[1:])) and "session_close" in got[-1],
              "%d lines" % len(got))
    rig.check("in time", seconds < END_S, "%.1f s, status %d" % (seconds, status))


def journal_to_a_fifo_that_is_never_read():
    os.mkfifo(path("unread"))
    p = Wedge("--journal", path("unread"))
    rig.check("sessions go on", p.echoes(5) == 5)
    status, seconds, said = p.end()
    rig.check("what is lost is told", status == 2 and "lacks" in said and "lines" in said, " / ".join(said.splitlines()[-2:]))
    rig.check("in time", seconds < END_S, "%.1f s" % seconds)


def log_whose_reader_goes_away():
    r, w = os.pipe()
    p = Wedge("--journal", path("log.jsonl"), "-v", stderr=w)
    os.close(w)
    os.read(r, 10)
    os.close(r)
    rig.check("sessions go on", p.echoes(10) == 10)
    status, _, _ = p.end()
    _, lines = events("log.jsonl")
    lost = [e for e in lines if e["event"] == "log_lost"]
    rig.check("the journal tells how many lines were lost", lost and lost[0]["lines"] >= 10, str(lost))
    rig.check("and wedge ends as usual", status == 0, str(status))


def journal_on_a_full_device():
    p = Wedge("--journal", "/dev/full")
    rig.check("sessions go on", p.echoes(10) == 10)
    status, _, said = p.end()
    rig.check("it is told at once, and how much at the end", status == 2 and said.count("No space left") == 2, " / ".join(said.splitlines()[-2:]))


def journal_on_a_disk_that_fills_and_empties():
    os.mkdir(path("disk"))
    if subprocess.run(["unshare", "-rm", "true"], stderr=subprocess.DEVNULL).returncode:
        print("skip a full disk: no mount namespace")
        return
    script = ("mount -t tmpfs -o size=32k none {0} || exit 1; exec 3<&0; (read x <&3; mount -o remount,size=1m none {0}) & "
              "exec \"$@\" 3<&-").format(path("disk"))
    p = Wedge("--journal", path("disk/j"), prefix=("unshare", "-rm", "sh", "-c", script, "sh"))
    there = "/proc/%d/root" % p.p.pid + path("disk/j")

    def content():
        with open(there, "rb") as f:
            return f.read()

    rig.check("sessions go on", p.echoes(200) == 200)
    rig.check("a full disk is told at once", [b"incomplete: No space left" in p.p.stderr.readline() for _ in "ab"][1])
    rig.check("no half line stays in the file", rig.wait_for(lambda: content().endswith(b"\n")) and
              all(map(json.loads, content().splitlines())))
    p.p.stdin.write(b"more room\n")
    p.p.stdin.flush()
    rig.check("a larger disk takes lines again",
              rig.wait_for(lambda: p.echoes() and len(content()) > 40000 and content().endswith(b"\n")))
    n = p.echoes(20) # until the last lines that found no room are told, too
    lines = rig.wait_for(lambda: [json.loads(l) for l in content().splitlines()
                                  if content().count(b"session_close") >= 20 and content().endswith(b"\n")])
    told = sum(e["lines"] for e in lines if e["event"] == "journal_lost")
    status, _, said = p.end()
    rig.check("lines tell the gaps where they are, %d missing" % told, n == 20 and told > 50)
    rig.check("and the end their sum", status == 2 and "lacks %d lines" % told in said, said.splitlines()[-1])


def a_killed_writer():
    p = Wedge("--journal", path("killed.jsonl"))
    writers = rig.wait_for(lambda: expected("wedge-writer", p.p.pid, 2)) # the journal's, the log's
    for pid in writers:
        os.kill(pid, signal.SIGKILL)
    rig.check("sessions go on", p.echoes(50) == 50 and len(writers) == 2, "%d writers" % len(writers))
    status, seconds, said = p.end()
    rig.check("what is lost is told", status == 2 and "lacks" in said, " / ".join(said.splitlines()[-2:]))
    rig.check("in time", seconds < END_S, "%.1f s" % seconds)
    p = Wedge("-v")
    for pid in rig.wait_for(lambda: expected("wedge-log", p.p.pid, 1)):
        os.kill(pid, signal.SIGKILL)
    rig.check("sessions go on without the log", p.echoes(50) == 50)
    status, _, said = p.end()
    rig.check("which is told", status == 2 and "was killed" in said, " / ".join(said.splitlines()[-2:]))


def stopped_writers():
    p = Wedge("--journal", path("stopped.jsonl"), "-vv")
    stopped = [pid for name, n in (("wedge-log", 1), ("wedge-writer", 2))
               for pid in rig.wait_for(lambda: expected(name, p.p.pid, n))]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    rig.check("sessions go on", p.echoes(600) == 600, "%d processes stopped" % len(stopped))
    p.p.send_signal(signal.SIGTERM)
    began = time.monotonic()
    p.p.wait(30)
    rig.check("SIGTERM ends it", time.monotonic() - began < END_S, "%.1f s" % (time.monotonic() - began))
    for pid in stopped:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    p.p.stderr.close()


def evidence_after_kill_9():
    p = Wedge("--journal", path("live.jsonl"), "-v")
    p.echoes(30)
    rig.check("the journal is on disk within a second, while wedge runs",
              rig.wait_for(lambda: closes(events("live.jsonl")[1]) >= 30, 1))
    n = p.echoes(200)
    logged = 0
    while logged < 200: # wedge has heard of each end
        logged += b"FIN both ways" in p.p.stderr.readline() or 0
    writers = processes("wedge-writer", p.p.pid) + processes("wedge-log", p.p.pid)
    status, _, _ = p.end(signal.SIGKILL)
    rig.check("killed", status == -signal.SIGKILL and n == 200)
    rig.check("its writers end", len(writers) == 3 and rig.wait_for(
        lambda: not any(os.path.exists("/proc/%d" % pid) for pid in writers), END_S))
    text, lines = events("live.jsonl")
    rig.check("the journal is whole to the last line", text.endswith("\n") and closes(lines) >= 200, "%d" % closes(lines))


def key_log_after_kill_9():
    p = Wedge("--tls", "terminate", "--tls-ca", path("ca"), "--tls-keylog", path("keys"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(20):
        with context.wrap_socket(socket.create_connection(("127.0.0.1", p.port), 5)) as c:
            c.sendall(b"x")
            c.recv(1)
    p.end(signal.SIGKILL)

    def text():
        with open(path("keys")) as f:
            return f.read()

    rig.check("a killed wedge's key log has each session's secrets, in whole lines",
              rig.wait_for(lambda: text().count("CLIENT_TRAFFIC_SECRET_0 ") == 20 and text().endswith("\n"), 3))


def a_closed_terminal():
    p = Wedge("-v")
    with socket.create_connection(("127.0.0.1", p.port), 5) as c:
        c.sendall(b"a")
        c.recv(1)
        p.p.send_signal(signal.SIGHUP)
        rig.check("SIGHUP drains", rig.wait_for(lambda: not p.listens()))
        p.p.send_signal(signal.SIGHUP)
        c.sendall(b"b")
        rig.check("a second one resets nothing", c.recv(1) == b"b" and p.p.poll() is None)
    rig.check("then it ends", p.p.wait(10) == 0)
    p.p.communicate()
    p = Wedge("-v", prefix=("nohup",))
    p.p.send_signal(signal.SIGHUP)
    rig.check("under nohup it goes on", p.echoes(3) == 3)
    with socket.create_connection(("127.0.0.1", p.port), 5) as c:
        c.sendall(b"a")
        c.recv(1)
        p.p.send_signal(signal.SIGTERM)
        rig.check("SIGTERM drains", rig.wait_for(lambda: not p.listens()))
        p.p.send_signal(signal.SIGHUP)
        status, _, _ = p.end()
        rig.check("a second one resets", status == 1, str(status))


for test in (journal_and_log_to_a_pipe_that_nobody_reads, journal_to_a_fifo_whose_reader_comes_later_and_goes,
             journal_to_a_fifo_that_is_never_read, log_whose_reader_goes_away, journal_on_a_full_device,
             journal_on_a_disk_that_fills_and_empties, a_killed_writer, stopped_writers, evidence_after_kill_9,
             key_log_after_kill_9, a_closed_terminal):
    print("%s" % test.__name__.replace("_", " "), flush=True)
    test()
rig.finish()
