#!/usr/bin/env python3
"""A server with several addresses of which some are silent is reached as RFC 8305 says, as fast as by curl itself; waits
end with connect_timeout; a fault of the first address that is asked for isn't raced away. The journal has each attempt.
QUIET: it judges tens of milliseconds."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import silent_rig as net
import proxy_rig as rig

V4, V6 = ["127.0.0.%d" % n for n in range(1, 4)], "::1"


class Journal:
    def __init__(self, folder):
        self.path = os.path.join(folder, "journal")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.option = ("--journal", self.path)

    def tried(self):
        """[(address, result, seconds)], in the order of their ends."""
        with open(self.path) as f:
            events = [json.loads(line) for line in f if line.endswith("\n")]
        return [(e["address"].rsplit(":", 1)[0].strip("[]"), e["result"], e["after"]) for e in events
                if e["event"] == "server_tried"]


def reach(p, server):
    """Seconds from the client's connection to the server's, or None."""
    began = time.monotonic()
    with rig.connect(p.port) as c:
        c.sendall(b"hello")
        try:
            with rig.accept(server) as s:
                took = time.monotonic() - began
                return took if s.recv(5) == b"hello" else None
        except TimeoutError:
            return None


def addresses(server, port, folder):
    """The resolver's order is RFC 6724's: ::1 first, then those of IPv4 as the file has them."""
    quicker = "another address was quicker"
    for what, names, silent, low, high, tried in (
            ("IPv6 is silent", (V6, V4[0]), (V6,), 0.25, 0.45, [(V4[0], "connected"), (V6, quicker)]),
            ("IPv6 refuses", (V6, V4[0]), (), 0, 0.1, [(V6, "Connection refused"), (V4[0], "connected")]),
            ("all answer", V4[:3], (), 0, 0.1, [(V4[0], "connected")]),
            ("two are silent", V4[:3], V4[:2], 0.5, 0.7,
             [(V4[2], "connected"), (V4[0], quicker), (V4[1], quicker)])):
        net.write_hosts(*("%s many.test" % a for a in names))
        for a in silent:
            net.silence(a, port)
        journal = Journal(folder)
        with rig.Proxy("many.test:%d" % port, *journal.option) as p:
            rest = p.descriptors()
            took = reach(p, server)
            rig.check("%s: reached after %s s" % (what, took and round(took, 2)), took is not None and low <= took <= high)
            rig.check("all its descriptors are given back", rig.wait_for(lambda: p.descriptors() <= rest + 2 * rig.WORKERS),
                      "%d, %d" % (rest, p.descriptors()))
        got = [t[:2] for t in journal.tried()]
        rig.check("the journal has each attempt", got == tried, str(got))
        net.speak()


def nobody_answers(port, folder):
    net.write_hosts(*("%s many.test" % a for a in V4[:2]))
    for a in V4[:2]:
        net.silence(a, port)
    journal = Journal(folder)
    with rig.Proxy("many.test:%d" % port, "--connect-timeout", "600ms", *journal.option) as p:
        began = time.monotonic()
        got = rig.read_new(p.port)
        took = time.monotonic() - began
        rig.check("all silent: RST after %.2f s" % took, got == (b"", "RST") and 0.8 < took < 1.1)
        rig.check("the log says why", rig.wait_for(lambda: p.logged("Connection timed out")))
    got = journal.tried()
    rig.check("each had its 600 ms", [t[:2] for t in got] == [(a, "Connection timed out") for a in V4[:2]]
              and all(0.59 < t[2] < 0.75 for t in got), str(got))
    net.speak()


def a_silent_name_server(port):
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.53", 53))
    net.write_hosts()
    with rig.Proxy("slow.test:%d" % port, "--connect-timeout", "300ms") as p:
        began = time.monotonic()
        got = rig.read_new(p.port)
        took = time.monotonic() - began
        rig.check("a silent name server: RST after %.2f s" % took, got == (b"", "RST") and 0.25 < took < 0.6)
        rig.check("the log says why", rig.wait_for(lambda: p.logged("no answer within connect_timeout")))
    silent.close()


def a_fault_is_not_raced_away(server, port, folder):
    net.write_hosts(*("%s many.test" % a for a in V4[:2]))
    journal = Journal(folder)
    with rig.Proxy("many.test:%d" % port, "--impair", "syn_drop{first=1,leg=server}", *journal.option) as p:
        took = reach(p, server)
        rig.check("syn_drop: the SYN is sent again, after %s s" % (took and round(took, 2)),
                  took is not None and 0.9 < took < 1.5)
    rig.check("and no other address is tried", [t[:2] for t in journal.tried()] == [(V4[0], "connected")],
              str(journal.tried()))


with tempfile.TemporaryDirectory() as folder:
    net.own_files(folder, "nameserver 127.0.0.53\noptions timeout:5 attempts:2\n")
    server = rig.listener("0.0.0.0")
    port = server.getsockname()[1]
    addresses(server, port, folder)
    nobody_answers(port, folder)
    a_silent_name_server(port)
    a_fault_is_not_raced_away(server, port, folder)
rig.finish()
