"""What the loopback tests of "wedge proxy" share: a running wedge, pairs of sockets that are connected
directly or through it, and one line per check. No sleeps: wait_for() waits for a condition."""
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

WEDGE = os.environ["WEDGE"]
SIOCOUTQ = 0x5411
failures = []


def check(what, ok, detail=""):
    print("%-4s %s%s" % ("ok" if ok else "FAIL", what, " (%s)" % detail if detail else ""), flush=True)
    if not ok:
        failures.append(what)


def finish():
    sys.exit(1 if failures else 0)


WORKERS = len(os.sched_getaffinity(0))  # that a wedge has whose proxies can be shared
OTHERS = 14 * (WORKERS - 1)  # descriptors of those beside the first, at most: loop, mailbox, resolver, pipes, a listener and its spare one


def wait_for(condition, seconds=10):
    """The condition's value as soon as it is true, else its last value after so many seconds."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.002)


def listener(host="127.0.0.1", backlog=1024, rcvbuf=None):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.bind((host, 0))
    s.listen(backlog)
    s.settimeout(20)
    return s


def free_port():
    """A port that nobody listens on now."""
    with listener() as s:
        return s.getsockname()[1]


def answers(port):
    """Whether somebody listens there."""
    try:
        connect(port).close()
        return True
    except OSError:
        return False


class Proxy:
    """A running "wedge proxy"; its log lines are kept in self.lines. Its decisions are the same every time, unless a test
    gives a seed itself, or None: bounds on how often something happens by chance hold for this sample."""

    def __init__(self, upstream, *args, listen="127.0.0.1:0", prefix=(), seed="1"):
        argv = [*prefix, WEDGE, "proxy", "--listen", listen, "--upstream", upstream, "-v", *args]
        if seed and "--seed" not in args:
            argv += ["--seed", seed]
        # Freed memory that AddressSanitizer keeps back would look like memory in use.
        env = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:malloc_context_size=3")
        self.p = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, bufsize=1, env=env)
        self.lines = []
        m = None
        while not m:
            line = self.p.stderr.readline()
            if not line:
                raise SystemExit("wedge proxy didn't start: " + "\n".join(self.lines))
            m = re.match(r"wedge: listening on (.*):(\d+), forwarding to ", line)
            if not m:
                self.lines.append(line.rstrip())  # a warning, where this user may do less than others
        self.port = int(m.group(2))
        self.reader = threading.Thread(target=self._read_log, daemon=True) # else a full pipe would stop wedge
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for patience in (0.1, 2, 10): # the first asks for the end of accepting, the second for the end
            if self.p.poll() is not None:
                break
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        self.reader.join()
        bad = [l for l in self.lines if "Sanitizer" in l or "bug" in l or "runtime error" in l]
        check("wedge reports no bug of its own", not bad and self.p.returncode in (0, 1),
              "status %d %s" % (self.p.returncode, " ".join(bad[:3])))
        self.p.stderr.close()

    def _read_log(self):
        for line in self.p.stderr:
            self.lines.append(line.rstrip())

    def sessions(self):
        return self.logged("wedge: session ")

    def logged(self, text):
        return [l for l in list(self.lines) if text in l]

    def _status(self, key):
        with open("/proc/%d/status" % self.p.pid) as f:
            return int(re.search(key + r":\s+(\d+) kB", f.read()).group(1)) * 1024

    def rss(self):
        return self._status("VmRSS")

    def cpu(self):
        """Seconds of processor time used so far."""
        with open("/proc/%d/stat" % self.p.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.p.pid))


class Pair:
    """A session through a wedge with these impairments to a server of its own: c and s are its ends."""

    def __init__(self, *impairments):
        self.server = listener()
        self.proxy = Proxy("127.0.0.1:%d" % self.server.getsockname()[1],
                           *(word for i in impairments for word in ("--impair", i)))

    def __enter__(self):
        self.c = connect(self.proxy.port)
        self.s = accept(self.server)
        return self

    def __exit__(self, *exc):
        self.c.close()
        self.s.close()
        self.proxy.__exit__(*exc)
        self.server.close()


def connect(port, host="127.0.0.1", rcvbuf=None):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(20)
    s.connect((host, port))
    return s


def accept(server):
    s, _ = server.accept()
    s.settimeout(20)
    return s


def reset(s):
    """Closes with RST."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def unacked(s):
    import fcntl
    return struct.unpack("i", fcntl.ioctl(s, SIOCOUTQ, b"\0\0\0\0"))[0]


def read_to_end(s):
    """(bytes, "FIN" or "RST")"""
    got = bytearray()
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return bytes(got), "FIN"
            got += piece
    except ConnectionResetError:
        return bytes(got), "RST"
    except socket.timeout:
        return bytes(got), "nothing"


def read_new(port):
    """What a new client that sends nothing reads to the end. The kernel has completed the handshake before wedge accepts, so
    an RST may be there before connect() looks, and is its error then."""
    try:
        return read_to_end(connect(port))
    except ConnectionResetError:
        return b"", "RST"


def silent(s, seconds=0.3):
    """Neither bytes nor an end within that time."""
    s.settimeout(seconds)
    try:
        s.recv(1)
        return False
    except TimeoutError:
        return True
    finally:
        s.settimeout(20)


def served_since(port):
    """When a new client was neither refused nor reset, by time.monotonic(); None: it was."""
    try:
        c = connect(port)
        c.settimeout(0.02)
        c.recv(1)
    except TimeoutError:
        return time.monotonic()
    except (ConnectionResetError, ConnectionRefusedError):
        pass
    return None


def closed_limit(n):
    """Raises this process's own limit of descriptors, for tests with many sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(n, soft), hard), hard))
