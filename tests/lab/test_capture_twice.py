#!/usr/bin/env python3
"""A capture on all interfaces of a bridge shows every packet several times, one of both its ports too: the
analysis must find what it finds in a capture on one port, with loss as well (a retransmission is no
copy), and where one port has the segments that offload put together, the other what was cut of them;
the capture of one port must be what tshark counts there."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import frame_maker as fm
from capture_rig import PORT, Router, Server, enter_namespace, receive, run, skip, tune

TOOLS = ("tshark", "tcpdump", "dumpcap", "ip", "iptables", "ip6tables", "ethtool", "unshare", "nsenter")
COUNTS = ("data_segments", "data_bytes", "retransmissions", "out_of_order", "pure_acks", "duplicate_acks",
          "zero_windows", "syns", "fins", "resets")


class Bridge(Router):
    """This namespace, a bridge in one of its own, the server in a third. offload: the ends send large
    segments, which the bridge's ports cut."""

    def __init__(self, offload):  # pylint: disable=super-init-not-called
        self.far = [self.namespace(), self.namespace()]
        bridge, server = (p.pid for p in self.far)
        run("ip", "link", "add", "near", "type", "veth", "peer", "b0", "netns", str(bridge))
        run("ip", "link", "add", "far", "netns", str(server), "type", "veth", "peer", "b1", "netns", str(bridge))
        self.within(bridge, "ip", "link", "add", "br0", "type", "bridge")
        for pid, name, host in ((0, "near", 1), (server, "far", 2), (bridge, "b0", 0), (bridge, "b1", 0)):
            if host:
                self.within(pid, "ip", "address", "add", f"192.0.2.{host}/24", "dev", name)
                self.within(pid, "ip", "address", "add", f"2001:db8::{host}/64", "dev", name, "nodad")
            else:
                self.within(pid, "ip", "link", "set", name, "master", "br0")
            self.within(pid, "ethtool", "-K", name, "gro", "off", "gso", "on" if offload and host else "off",
                        "tso", "on" if offload and host else "off")
            self.within(pid, "ip", "link", "set", name, "up")
        self.within(bridge, "ip", "link", "set", "br0", "up")
        for program in ("iptables", "ip6tables"):  # behind the capture: each loss is sent again through it
            self.within(0, program, "-A", "INPUT", "-p", "tcp", "-m", "length", "--length", "1000:",
                        "-m", "statistic", "--mode", "nth", "--every", "40", "--packet", "0", "-j", "DROP")

    def __exit__(self, *_):
        super().__exit__()
        run("ip", "link", "delete", "near", check=False)
        for program in ("iptables", "ip6tables"):
            run(program, "-F", "INPUT")

    @contextlib.contextmanager
    def capture(self, path, *argv):
        inside = ["nsenter", "-t", str(self.far[0].pid), "-n"]
        with subprocess.Popen([*inside, *argv, "-w", path, "-s", "128"], stderr=subprocess.PIPE, text=True) as p:
            line = p.stderr.readline()
            while not ("listening on" in line or line.startswith("File:")):
                if not line:
                    skip(f"{argv[0]} doesn't run here")
                line = p.stderr.readline()
            yield
            p.send_signal(signal.SIGINT)
            p.communicate()


def traffic(bridge):
    def handler(s):
        while receive(s, 100):
            s.sendall(b"a" * 100_000)

    for family, host in ((socket.AF_INET, "192.0.2.2"), (socket.AF_INET6, "2001:db8::2")):
        with bridge.there():
            server = Server(handler, family, host=host)
        with server, server.connect() as s:
            for _ in range(3):
                s.sendall(b"q" * 100)
                receive(s, 100_000)


def dump(path):
    return json.loads(run(fm.DUMP, path).stdout)


def compare(name, read, expected, counts):
    assert len(read["connections"]) == len(expected["connections"]) == 2, name
    for a, b in zip(read["connections"], expected["connections"]):
        assert "unreliable" not in a, f"{name}: {a['unreliable']}"
        for key in counts:
            assert a[key] == b[key], f"{name}: {key} {a[key]}, on one port {b[key]}"


def compare_with_tshark(path, expected):
    theirs = fm.tsharks(path)
    for c in expected["connections"]:
        sums = theirs[frozenset((c["client"], c["server"]))]
        assert sorted((sums[0], sums[4])) == sorted(c["syns"]), "SYNs"
        assert sums[3] + sums[7] > sum(c["data_bytes"]), "bytes sent again are counted once"


def check(offload, captures):
    with tempfile.TemporaryDirectory() as folder, Bridge(offload) as bridge, contextlib.ExitStack() as stack:
        for name, argv in captures.items():
            stack.enter_context(bridge.capture(os.path.join(folder, name), *argv))
        traffic(bridge)
        time.sleep(1)
        stack.close()
        expected = dump(os.path.join(folder, "one"))
        resent = [sum(c["retransmissions"]) for c in expected["connections"]]
        assert all(resent), "nothing was lost"
        for name in list(captures)[1:]:
            read = dump(os.path.join(folder, name))
            if offload:  # as many segments as came together, so other numbers of them
                compare(name, read, expected, ("data_bytes", "retransmissions", "syns", "fins", "resets"))
                sent = sum(sum(c["data_segments"]) for c in read["connections"])
                assert sent < 0.5 * sum(sum(c["data_segments"]) for c in expected["connections"]), "nothing was cut"
            else:
                compare(name, read, expected, COUNTS)
                assert read["capture"]["copies"] >= expected["tcp_packets"], read["capture"]
            print(f"ok {name}{', offload' * offload}: {read['packets']} packets, {read['capture']['copies']} copies, "
                  f"the last after {read['capture']['copy_lag'] / 1000:.0f} us; retransmissions {resent}")
        compare_with_tshark(os.path.join(folder, "one"), expected)


def main():
    missing = [t for t in TOOLS if not shutil.which(t)]
    if missing or not os.path.exists(fm.DUMP):
        skip(f"needs {' '.join(missing) or fm.DUMP}")
    enter_namespace()
    tune("ipv4/tcp_timestamps", "0")  # copies and retransmissions look alike then
    as_root = ["-Z", "root"] if os.geteuid() == 0 else []
    dumps = ["tcpdump", "-U", "--immediate-mode", "--time-stamp-precision=nano", *as_root, "-B", "16384"]
    captures = {"one": [*dumps, "-i", "b0", "tcp"],
                "sll": [*dumps, "-i", "any", "-y", "LINUX_SLL", "tcp"],
                "sll2": [*dumps, "-i", "any", "-y", "LINUX_SLL2", "tcp"]}
    check(True, captures)
    captures["ports"] = ["dumpcap", "-B", "16", "-i", "b0", "-i", "b1", "-i", "br0", "-f", "tcp"]
    check(False, captures)


if __name__ == "__main__":
    main()
