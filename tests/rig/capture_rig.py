"""Real TCP traffic in network namespaces of one's own, captured by tcpdump: what the tests of the
analysis are fed with. Knows nothing of wedge."""

import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
PORT = 7000


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(*argv, check=True):
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"{' '.join(argv)}: {done.stderr}")
    return done


def enter_namespace():
    """Goes on in a network namespace (as an ordinary user, in a user namespace too)."""
    if os.environ.get("IN_NAMESPACE"):
        return
    flags = ["-n"] if os.geteuid() == 0 else ["-cn", "--keep-caps"]
    if run("unshare", *flags, "true", check=False).returncode:
        skip("no network namespace can be made here")
    env = dict(os.environ, IN_NAMESPACE="1")
    script = os.path.abspath(sys.argv[0])
    os.execvpe("unshare", ["unshare", *flags, sys.executable, script, *sys.argv[1:]], env)


def tune(name, value):
    with open("/proc/sys/net/" + name, "w", encoding="ascii") as f:
        f.write(value)


def set_up():
    run("ip", "link", "set", "lo", "up", "mtu", "1500")
    run("ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off", check=False)
    tune("ipv4/tcp_congestion_control", "reno")


class Router:
    """Another namespace, through a veth pair and a router in between that can lose packets before
    they reach this one."""

    def __init__(self):
        self.far = [self.namespace(), self.namespace()]
        router, server = (p.pid for p in self.far)
        run("ip", "link", "add", "near", "type", "veth", "peer", "r0", "netns", str(router))
        run("ip", "link", "add", "far", "netns", str(server), "type", "veth", "peer", "r1", "netns",
            str(router))
        self.within(router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for pid, name, address in ((0, "near", "192.0.2.1"), (router, "r0", "192.0.2.2"),
                                   (router, "r1", "198.51.100.2"), (server, "far", "198.51.100.1")):
            self.within(pid, "ip", "address", "add", address + "/24", "dev", name)
            self.within(pid, "ethtool", "-K", name, "tso", "off", "gso", "off", "gro", "off")
            self.within(pid, "ip", "link", "set", name, "up")
        self.within(0, "ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2")
        self.within(server, "ip", "route", "add", "192.0.2.0/24", "via", "198.51.100.2")
        self.within(server, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")

    @staticmethod
    def namespace():
        p = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 600"],
                             stdout=subprocess.PIPE)
        p.stdout.readline()
        return p

    @staticmethod
    def within(pid, *argv):
        run(*(("nsenter", "-t", str(pid), "-n") if pid else ()), *argv)

    def lose(self, *match):
        self.within(self.far[0].pid, "iptables", "-A", "FORWARD", *match, "-j", "DROP")

    @contextlib.contextmanager
    def there(self):
        """Sockets made within belong to the far namespace (setns is per thread)."""
        setns = ctypes.CDLL(None, use_errno=True).setns
        with open("/proc/thread-self/ns/net", "rb") as here, \
                open(f"/proc/{self.far[1].pid}/ns/net", "rb") as there:
            assert setns(there.fileno(), CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert setns(here.fileno(), CLONE_NEWNET) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for p in self.far:
            p.kill()
            p.wait()


class Capture:
    """tcpdump on one interface (or "any": Linux cooked), from the first packet to the last; within: of the namespace of that
    process."""

    def __init__(self, path, interface, within=0):
        self.path, self.interface = path, interface
        self.enter = ["nsenter", "-t", str(within), "-n"] if within else []

    def __enter__(self):
        user = ["-Z", "root"] if os.geteuid() == 0 else []  # else it becomes "tcpdump" and can't write
        self.dump = subprocess.Popen(
            [*self.enter, "tcpdump", "-i", self.interface, "--immediate-mode", "--time-stamp-precision=nano",
             *user, "-B", "16384", "-s", "2000", "-w", self.path, "-U", "tcp"],
            stderr=subprocess.PIPE, text=True)
        while "listening on" not in self.dump.stderr.readline():
            if self.dump.poll() is not None:
                skip("tcpdump doesn't run here")
        return self

    def __exit__(self, *_):
        size = -1
        while size != os.path.getsize(self.path):  # until nothing more arrives
            size = os.path.getsize(self.path)
            time.sleep(0.3)
        self.dump.send_signal(signal.SIGINT)
        tail = self.dump.communicate()[1]
        assert "0 packets dropped by kernel" in tail, tail


class Server:
    """Answers one connection after another with handler(socket)."""

    def __init__(self, handler, family=socket.AF_INET, rcvbuf=0, port=PORT, host=None):
        self.handler = handler
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if rcvbuf:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        host = host or ("::1" if family == socket.AF_INET6 else "127.0.0.1")
        self.listener.bind((host, port))
        self.listener.listen(64)
        self.address = self.listener.getsockname()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                s = self.listener.accept()[0]
            except OSError:
                return
            with s, contextlib.suppress(ConnectionError):
                self.handler(s)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def connect(self, bind_port=0):
        s = socket.socket(self.listener.family)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bind_port:
            s.bind(("127.0.0.1", bind_port))
        s.connect(self.address)
        return s


def receive(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        if not piece:
            break
        data += piece
    return data


def abort(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
