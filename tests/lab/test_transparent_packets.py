#!/usr/bin/env python3
"""Packet impairments of a transparent proxy: both legs of every session are known as what they are,
also when every port is taken and sessions end with RST; stream impairments act as elsewhere; sessions
outlive SIGTERM while new connections pass by."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (CLIENT, CLIENT6, IN, PYTHON, SERVER, SERVER6, await_true, check, main,  # noqa: E402
                         stop)

# Ends with RST while the answer is on its way.
RUDE = """
import socket, struct, sys
s = socket.create_connection((sys.argv[1], 80), 5)
s.sendall(b"GET /f HTTP/1.0\\r\\n\\r\\n")
s.recv(100)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
s.close()
"""

# Asks twice on one connection, the second time when told to.
SLOW = """
import socket, sys
s = socket.create_connection((sys.argv[1], 80), 5)
for i in range(2):
    s.sendall(b"GET /f HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n")
    got = b""
    while b"\\r\\n\\r\\n" not in got or len(got.split(b"\\r\\n\\r\\n", 1)[1]) < 4096:
        got += s.recv(65536)
    print("answer", flush=True)
    sys.stdin.readline()
"""


def legs_are_known(g):
    wedge = g.wedge("--impair", "delayed_ack{timer=50ms,every=2}", "--impair",
                    "loss{direction=upstream,rate=0%,leg=client}")
    print(wedge.said().strip())
    for address in (SERVER, SERVER6):
        for _ in range(10):
            check(g.curl(address).stdout.startswith("200"), f"curl to {address}")
            g.run("client", PYTHON, "-c", RUDE, address)
    check(stop(wedge) == 0, "SIGTERM ends it")
    conns = g.journal("connection")
    numbers = [e["session"] for e in g.journal("session_open")]
    check(sorted(numbers) == list(range(1, 41)), "40 sessions, numbered 1 to 40")
    for leg in ("client", "server"):
        of_leg = sorted(e["session"] for e in conns if e["leg"] == leg)
        check(of_leg == sorted(numbers), f"one {leg} leg each: {len(of_leg)}")
    for e in conns:
        check(e["client"].rsplit(":", 1)[0] in (CLIENT, f"[{CLIENT6}]") and e["server"].endswith(":80"),
              f"session {e['session']}, {e['leg']} leg: {e['client']} to {e['server']}") \
            if e["session"] in (1, 40) else None
    held = [e for e in g.journal("ack_held")]
    check(held and {e["leg"] for e in held} == {"server"}, f"{len(held)} ACKs held, on the server leg")


def a_stalled_client_times_out(g):
    wedge = g.wedge("--port", "80", "--impair", "stall{direction=downstream,after=1KB}")
    began = time.monotonic()
    p = g.curl(SERVER, "f", 80, "-m", "2")
    took = time.monotonic() - began
    check(p.returncode == 28 and 1.9 < took < 4, f"curl gave up after {took:.1f} s: {p.stderr.strip()}")
    wedge.terminate()
    time.sleep(0.3)
    check(stop(wedge) == 1, "a second SIGTERM resets what is stalled for ever")


def sessions_outlive_sigterm(g):
    wedge = g.wedge("--port", "80")
    client = g.start("client", PYTHON, "-c", SLOW, SERVER, stdin=-1, stdout=-1)
    check(client.stdout.readline() == "answer\n", "the first answer")
    wedge.terminate()
    before = len(g.log())
    check(g.curl(SERVER).stdout.startswith("200"), "a new connection passes by")
    check(wedge.poll() is None and len(g.log()) == before + 1, "wedge waits for the open session")
    client.stdin.write("\n")
    client.stdin.flush()
    check(client.stdout.readline() == "answer\n", "which goes on through it")
    client.stdin.write("\n")
    client.stdin.close()
    check(client.wait(10) == 0 and wedge.wait(10) == 0, "and both end")


def the_listener_itself_answers_nobody(g):
    wedge = g.wedge("--port", "80")
    listens = g.sh("gateway", "ss -Htlnp").split()
    port = next(word.rsplit(":", 1)[1] for word in listens if word.startswith(("*:", "[::]:")))
    p = g.curl("192.0.2.1", "f", int(port))
    check(p.returncode != 0, f"a connection to the listener's own port {port}: {p.stderr.strip()}")
    await_true(lambda: "listener itself" in wedge.said(), "it is told", quiet=False)
    check(stop(wedge) == 0, "SIGTERM ends it")


def only_watching(g):
    """--forward: the same TCP connection on both sides."""
    wedge = g.wedge("--server", SERVER, "--server", f"[{SERVER6}]:80", "--impair",
                    "delay{delay=40ms,direction=downstream,what=data}", mode=("--forward",))
    print(wedge.said().strip())
    for address in (SERVER, SERVER6):
        began = time.monotonic()
        check(g.curl(address).stdout.startswith("200"), f"curl to {address}")
        took = time.monotonic() - began
        check(took >= 0.04, f"took {took * 1000:.0f} ms")
    check(stop(wedge) == 0, "SIGTERM ends it")
    legs = {e["leg"] for e in g.journal("connection")}
    check(legs == {"forwarded"}, f"legs {legs}")
    said = g.refused("--forward", "--server", SERVER, "--impair", "stall")
    check("stall" in said, "a stream impairment is refused")
    said = g.refused("--forward", "--server", SERVER, "--impair", "delay{leg=client}")
    check("leg" in said, "a leg is refused")


def inside(g, user, _):
    g.nginx()
    print(user)
    for part in (legs_are_known, a_stalled_client_times_out, sessions_outlive_sigterm,
                 the_listener_itself_answers_nobody, only_watching):
        if os.path.exists("journal"):
            os.unlink("journal")
        part(g)
    said = g.refused("--transparent", "--in", IN, "--forward", "--server", SERVER)
    check("one of them" in said, "both modes are refused")


main(inside, "curl", "nginx")
