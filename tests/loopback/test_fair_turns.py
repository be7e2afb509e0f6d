#!/usr/bin/env python3
"""One client can't keep the others waiting: while one session is cut into a million messages or pieces, another one's
echoes come back promptly, and SIGTERM twice ends wedge at once.
ALONE: it judges milliseconds."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import has_impairments

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)

BYTES = 1 << 20
WORST = 0.25 # s, on a busy machine too: it was 5 to 16 s
ONE = "direction=upstream,nth=2"


def serve(listener):
    """Echoes what begins with E, and takes the rest."""
    def one(s):
        with s:
            try:
                while data := s.recv(65536):
                    if data[:1] == b"E":
                        s.sendall(data)
            except OSError:
                pass
    while True:
        try:
            s, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=one, args=(s,), daemon=True).start()


def flood(port, byte):
    try:
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.sendall(byte * (BYTES // len(byte)))
            s.shutdown(socket.SHUT_WR)
            s.recv(1)
    except OSError: # wedge has ended
        pass


def worst_echo(victim, seconds):
    """The longest of the echoes, in seconds."""
    worst, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        victim.sendall(b"E")
        if victim.recv(1) != b"E":
            raise OSError("no echo")
        worst = max(worst, time.monotonic() - began)
        time.sleep(0.001)
    return worst


def try_flood(listener, args, byte=b"\n"):
    proxy = rig.Proxy("127.0.0.1:%d" % listener.getsockname()[1], *args)
    port = proxy.port
    with socket.create_connection(("127.0.0.1", port), 10) as victim:
        worst_echo(victim, 0.01)
        thread = threading.Thread(target=flood, args=(port, byte), daemon=True)
        thread.start()
        worst = worst_echo(victim, 0.8)
        rig.check("another client's echoes are prompt: %s" % " ".join(args), worst < WORST, "%.3f s" % worst)
        began = time.monotonic()
        proxy.p.send_signal(signal.SIGTERM)
        time.sleep(0.05)
        proxy.p.send_signal(signal.SIGTERM)
        try:
            proxy.p.wait(10)
        except subprocess.TimeoutExpired:
            proxy.p.kill()
        rig.check("two SIGTERMs end wedge at once", time.monotonic() - began < 2, "%.3f s" % (time.monotonic() - began))
        thread.join(5)


def main():
    listener = rig.listener()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    line = "framing=line,per=message," + ONE
    try_flood(listener, ["--impair", "latency{delay=1ms,%s}" % line])
    try_flood(listener, ["--impair", "drop{%s}" % line])
    try_flood(listener, ["--impair", "drop{%s}" % line, "--journal", os.devnull])
    try_flood(listener, ["--impair", "drop{after=1B,for=1B,every=2B,%s}" % ONE])
    # What was held comes at once.
    try_flood(listener, ["--impair", "stall{for=200ms,%s}" % ONE, "--impair", "drop{%s}" % line])
    try_flood(listener, ["--impair", "latency{delay=200ms,%s}" % ONE, "--impair", "drop{%s}" % line])
    try_flood(listener, ["--impair", "drop{per=message,framing=http1,%s}" % ONE], b"GET / HTTP/1.1\r\n\r\n")
    try_flood(listener, ["--impair", "slicer{size=1,gap=1us,%s}" % ONE])
    rig.finish()


main()
