#!/usr/bin/env python3
"""An impairment of the packet plane acts on the proxy's own sockets: the ACKs that wedge sends on its
server leg are held 200 ms, IPv4 and IPv6, and both planes give a session one number. In a network
namespace of its own, as an ordinary user."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    if subprocess.run(["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("network namespaces can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

HOSTS = ("127.0.0.1", "::1")


def exchange(c, s):
    """The server answers in two small writes with Nagle on: the second waits for an ACK."""
    began = time.monotonic()
    c.sendall(b"request")
    s.recv(100)
    s.sendall(b"h" * 20)
    s.sendall(b"b" * 30)
    got = b""
    while len(got) < 50:
        got += c.recv(100)
    return 1000 * (time.monotonic() - began)


def median_ms(p, server, host):
    c = rig.connect(p.port, host)
    s = rig.accept(server)
    times = sorted(exchange(c, s) for _ in range(5))
    c.close()
    s.close()
    return times[2]


refused = subprocess.run([rig.WEDGE, "proxy", "--listen", ":0", "--upstream", "a:1", "--impair", "none such"],
                         capture_output=True, text=True).stderr
if "built without impairments" in refused:
    print("this wedge was built without impairments")
    sys.exit(77)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for upstream, shown in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")):
    server = rig.listener(upstream)
    target = "%s:%d" % (shown, server.getsockname()[1])
    with rig.Proxy(target, listen=":0") as p:
        for host in HOSTS:
            ms = median_ms(p, server, host)
            rig.check("%s to %s without impairment: nothing waits" % (host, upstream), ms < 20, "%.2f ms" % ms)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal.jsonl")
        with rig.Proxy(target, "--journal", path, "--impair", "delayed_ack{direction=downstream,timer=200ms}",
                       listen=":0") as p:
            for host in HOSTS:
                ms = median_ms(p, server, host)
                rig.check("%s to %s: every answer waits 200 ms" % (host, upstream), 199 < ms < 215,
                          "%.2f ms" % ms)
            rig.check("the sessions have ended", rig.wait_for(lambda: len(p.sessions()) == len(HOSTS)))
        events = [json.loads(line) for line in open(path)]
        opened = [e["session"] for e in events if e["event"] == "session_open"]
        held = sorted({e["session"] for e in events if e["event"] == "ack_held"})
        rig.check("both planes number the sessions alike", opened == held and len(opened) == len(HOSTS),
                  "%s and %s" % (opened, held))

# The RSTs of the very end pass the queue before it is closed, also those that a stage holds.
for what in ("delayed_ack", "delay{delay=1s}"):
    server = rig.listener()
    p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--impair", what)
    c, s = rig.connect(p.port), rig.accept(server)
    p.p.send_signal(signal.SIGTERM)
    rig.wait_for(lambda: p.logged("accepts no more"))
    p.p.send_signal(signal.SIGTERM)
    rig.check("%s: a second signal ends it" % what, p.p.wait(10) == 1)
    rig.check("%s: and resets both ends" % what, rig.read_to_end(c) == rig.read_to_end(s) == (b"", "RST"))
    p.__exit__()
rig.finish()
