#!/usr/bin/env python3
"""While sessions come, talk and go, hundreds of changes are made to proxies, addresses and impairments, valid and
invalid ones: no byte is lost or changed, and nothing is left behind."""
import collections
import hashlib
import os
import random
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy

CHANGES, TALKERS, SEED = 300, 12, 7
FAULTS = [ # none loses bytes
    {"latency": {"delay": "3ms"}}, {"latency": {"delay": "20ms", "direction": "both"}}, {"bandwidth": {"rate": "40MB/s"}},
    {"slicer": {"size": "4KiB", "gap": "50us"}}, {"stall": {"after": "20KB", "for": "10ms"}}, "stall", "hold_close",
    {"stall": {"side": "write", "direction": "upstream"}}, {"gather": {"bytes": "30KB"}}, "chaos", "process_freeze",
    {"latency": {"delay": "1ms", "name": "x"}}, {"slow_close": {"delay": "30ms"}},
]

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)


def echo(server):
    def serve(s):
        with s:
            try:
                while True:
                    got = s.recv(65536)
                    if not got:
                        return
                    s.sendall(got)
            except OSError:
                return
    while True:
        try:
            s, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(s,), daemon=True).start()


class Talker(threading.Thread):
    """Sessions one after the other, each with bytes of its own, there and back."""

    def __init__(self, number, ports):
        super().__init__(daemon=True)
        self.rng, self.ports, self.over = random.Random(number), ports, False
        self.refused = 0
        self.used = [] # the client's port of each session
        self.wrong = [] # (the client's port, what)

    def run(self):
        while not self.over:
            try:
                c = socket.create_connection((HOST, self.rng.choice(self.ports)), 5)
            except OSError: # its proxy isn't there now
                self.refused += 1
                continue
            with c:
                self.talk(c)

    def send(self, c, data):
        try:
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)
        except OSError:
            pass # read_to_end has less than data

    def talk(self, c):
        c.settimeout(60)
        data = self.rng.randbytes(self.rng.choice((1, 1000, 100_000, 400_000)))
        sender = threading.Thread(target=self.send, args=(c, data))
        sender.start()
        got, end = rig.read_to_end(c)
        sender.join()
        port = c.getsockname()[1]
        self.used.append(port)
        if end != "FIN" or hashlib.sha256(got).digest() != hashlib.sha256(data).digest():
            self.wrong.append((port, "%d of %d bytes, %s" % (len(got), len(data), end)))


check = rig.check
rng = random.Random(SEED)
server = rig.listener()
threading.Thread(target=echo, args=(server,), daemon=True).start()

# An address and ports that nobody else is given while none of ours listens there.
HOST, ports = "127.%d.%d.1" % (os.getpid() // 250 % 250 + 1, os.getpid() % 250), (20001, 20002, 20003, 20004)


def some():
    """Some proxies, at some of the ports, with some faults; now and then what can't be."""
    rows = [proxy(name, server, *rng.sample(FAULTS, rng.randint(0, 3)), listen="%s:%d" % (HOST, port))
            for name, port in zip(rng.sample("abcdef", 4), rng.sample(ports, 4)) if rng.random() < 0.8]
    if rng.random() < 0.1:
        rows.append(proxy("wrong", server, {"slicer": {"size": 0}}))
    if rng.random() < 0.1:
        rows.append(proxy("taken", server, listen="127.0.0.1:%d" % server.getsockname()[1]))
    return proxies(*rows)


plain = proxies(*[proxy(name, server, listen="%s:%d" % (HOST, port)) for name, port in zip("abcd", ports)])
with Config(plain, "-v") as w:
    talkers = [Talker(i, ports) for i in range(TALKERS)]
    for t in talkers:
        t.start()
    said = [w.change(some())[0] for _ in range(CHANGES)]
    check("the last change is accepted", "configuration changed" in w.change(plain)[0]) # what stalls for ever does so no more
    for t in talkers:
        t.over = True
    for t in talkers:
        t.join(60)
    accepted, refused = (sum("configuration " + word in l for l in said) for word in ("changed", "refused"))
    used = collections.Counter(port for t in talkers for port in t.used)
    sessions = used.total()
    # In the instant in which a listener is closed the kernel resets what it accepts: wedge never had it, so it has a line
    # fewer than sessions came from that port. (The RST is a FIN to whom it interrupts while sending.)
    wrong = ["%d: %s" % (port, what) for t in talkers for port, what in t.wrong
             if not what.startswith("0 of") or len(w.logged(":%d to " % port)) >= used[port]]
    check("every change is answered", accepted + refused == CHANGES and accepted and refused,
          "%d accepted, %d refused" % (accepted, refused))
    check("sessions came and went meanwhile", sessions > 100, "%d, and %d refused connections" %
          (sessions, sum(t.refused for t in talkers)))
    check("all of them had every byte, in order, and the FIN", not wrong and not any(t.is_alive() for t in talkers),
          " ".join(wrong[:3]))
    most = 20 + rig.OTHERS + 3 * 2 * (rig.WORKERS - 1) # three more listeners than one, each with a spare one
    check("no descriptor is left behind", rig.wait_for(lambda: w.descriptors() <= most), str(w.descriptors()))
rig.finish()
