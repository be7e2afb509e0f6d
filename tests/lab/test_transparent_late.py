#!/usr/bin/env python3
"""However a session ends, no segment of one leg is routed on to the other: what comes for a leg that is closed is
answered by an RST. Judged by tshark on both wires: a router has taken one off the hop limit of what it forwards, and
wedge's own segments have a whole one."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import FLAVOURS, IN, OUT, PYTHON, SERVER, SERVER6, await_true, check, main, stop  # noqa: E402

PORT = 7000
EACH = 3  # connections to either address of the server

# Sends as fast as it can and reads what comes, on every connection, until that ends.
SERVER_SIDE = f"""
import socket, threading
def send(s):
    try:
        while True:
            s.sendall(b"x" * 65536)
    except OSError:
        pass
def read(s):
    try:
        while s.recv(65536):
            pass
    except OSError:
        pass
    s.close()
l = socket.create_server(("", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
print("ready", flush=True)
while True:
    s = l.accept()[0]
    for f in (send, read):
        threading.Thread(target=f, args=[s], daemon=True).start()
"""

# The same at the other end, n connections; each is reset, or closed, after a while if nobody else ends it.
CLIENT_SIDE = f"""
import socket, struct, sys, threading, time
how, seconds = sys.argv[1], float(sys.argv[2])
def talk(host):
    end = time.monotonic() + seconds
    try:
        s = socket.create_connection((host, {PORT}), 5)
    except OSError:
        return
    s.settimeout(0.3)
    def send():
        try:
            while time.monotonic() < end:
                s.send(b"y" * 20000)
        except OSError:
            pass
    t = threading.Thread(target=send)
    t.start()
    try:
        while time.monotonic() < end and s.recv(65536):
            pass
    except OSError:
        pass
    t.join()
    if how == "reset":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
ts = [threading.Thread(target=talk, args=[h]) for h in sys.argv[3:] * {EACH}]
[t.start() for t in ts]
[t.join() for t in ts]
"""

# Asks for connections all the time, and waits for none.
ASKERS = f"""
import socket, sys, time
end, asked = time.monotonic() + float(sys.argv[1]), []
while time.monotonic() < end:
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((sys.argv[2], {PORT}))
    asked.append(s)
    if len(asked) > 200:
        asked.pop(0).close()
    time.sleep(0.001)
"""


def tap(g, dev):
    file = os.path.join(g.folder, dev + ".pcap")
    p = g.start("gateway", "tcpdump", "-i", dev, "--immediate-mode", "-U", "-s", "96", "-B", "32768",
                *(["-Z", "root"] if os.getuid() == 0 else []), "-w", file,
                f"tcp port {PORT}", stderr=subprocess.PIPE)
    p.stderr.readline()
    p.file = file
    return p


def packets(file):
    p = subprocess.run(["tshark", "-n", "-r", file, "-T", "fields", "-e", "tcp.srcport", "-e", "ip.ttl", "-e", "ipv6.hlim"],
                       capture_output=True, text=True, check=False)
    return [line.split() for line in p.stdout.splitlines()]


def lint(taps, what):
    """Neither the server's segments on the clients' wire nor the clients' on the server's."""
    total, foreign = 0, []
    for p, from_server in zip(taps, (True, False)):
        p.send_signal(signal.SIGINT)
        p.wait()
        seen = packets(p.file)
        total += len(seen)
        foreign.append(sum(hops == "63" and (port == str(PORT)) == from_server for port, hops in seen))
    check(total > 100 and foreign == [0, 0], f"{what}: of {total} packets {foreign} are the other leg's")


def client(g, how, seconds):
    return g.start("client", PYTHON, "-c", CLIENT_SIDE, how, str(seconds), SERVER, SERVER6)


def play(g, what, *options, how="close", seconds=0.4, ends=None):
    taps = [tap(g, IN), tap(g, OUT)]
    wedge = g.wedge("--port", str(PORT), *options)
    p = client(g, how, 5 if ends else seconds)
    if ends:
        await_true(lambda: g.sh("gateway", f"ss -Htn state established sport = :{PORT}").count("\n") >= 2 * EACH, "all are through")
        for number in ends:
            wedge.send_signal(number)
            time.sleep(0.05)
    wedge_ended = wedge.wait(10) if ends else None
    p.wait(20)
    if not ends:
        wedge_ended = stop(wedge)
    check(wedge_ended in ((-signal.SIGKILL,) if signal.SIGKILL in (ends or ()) else (0, 1)), f"{what}: wedge ended with {wedge_ended}")
    lint(taps, what)


def end_while_asked(g):
    """SYNs wait in the queue when wedge lets go of it."""
    for _ in range(2):
        wedge = g.wedge("--port", str(PORT))
        p = g.start("client", PYTHON, "-c", ASKERS, "10", SERVER)
        await_true(lambda: g.sh("gateway", f"ss -Htn sport = :{PORT}").count("\n") > 20, "clients ask")
        for number in (signal.SIGTERM, signal.SIGTERM):
            wedge.send_signal(number)
            time.sleep(0.01)
        ended = wedge.wait(10)
        p.kill()
        p.wait(20)
        check(ended in (0, 1), f"it ends beside clients that ask: {ended}")


RESET = "reset{{side={},when={},after=100KB}}"


def inside(g, user, flavour):
    p = g.start("server", PYTHON, "-c", SERVER_SIDE, stdout=subprocess.PIPE)
    check(p.stdout.readline(), "the server is ready")
    cases = [("client", "delivered")]
    if flavour == "nftables" and user == "root":
        cases += [("client", "now"), ("server", "now"), ("server", "delivered"), ("both", "now")]
        play(g, "the client closes")
        play(g, "the client resets", how="reset")
        play(g, "a packet impairment sees all", "--impair", RESET.format("client", "delivered"),
             "--impair", "delay{delay=2ms}")
    for side, when in cases:
        play(g, f"reset of {side}, {when}", "--impair", RESET.format(side, when))
    play(g, "wedge resets all", ends=(signal.SIGTERM, signal.SIGTERM))
    play(g, "kill -9", ends=(signal.SIGKILL,))
    end_while_asked(g)


main(inside, "tcpdump", "tshark", flavours=FLAVOURS)
