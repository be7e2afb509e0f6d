#!/usr/bin/env python3
"""window_unscaled, refereed by tshark: a server that reads the client's window field as bytes never has more in flight,
and over 20 ms of round trip it is slow but not silent; a client beside it that offers no scale isn't touched."""
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import environment  # noqa: E402
from imp_lab import FROM_CLIENT, FROM_SERVER, Lab, check, number, tshark  # noqa: E402

lab = Lab()
SMALL, LARGE = 3000, 600000

# Two connections at once: one whose SYN offers a scale of 0 (TCP_WINDOW_CLAMP of 64 KiB), one as Linux opens it.
CLIENT = f"""
import threading
def play(clamp, n):
    s = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    if clamp:
        s.setsockopt(socket.IPPROTO_TCP, 10, 65535)
    s.settimeout(20)
    s.connect(address)
    begin = time.monotonic()
    ask(s, n)
    print("scaled" if not clamp else "unscaled", n / (time.monotonic() - begin), flush=True)
both = [threading.Thread(target=play, args=a) for a in ((True, {LARGE}), (False, {SMALL}))]
for t in both: t.start()
for t in both: t.join()
"""
PATH = "{delay: {delay: 10ms, direction: both}}, "
DATA = FROM_SERVER + " && tcp.len > 0"


def streams(capture):
    """{scale that the client's SYN offers: stream}"""
    rows = tshark(capture, FROM_CLIENT + " && tcp.flags.syn == 1", "tcp.stream", "tcp.options.wscale.shift")
    return {int(shift or 0): stream for stream, shift in rows}


def windows(capture, stream):
    """The client's windows behind the handshake's SYN: fields as they are, and as tshark scales them."""
    rows = tshark(capture, f"{FROM_CLIENT} && tcp.stream == {stream} && tcp.flags.syn == 0 && tcp.flags.reset == 0",
                  "tcp.window_size_value", "tcp.window_size")
    return [int(r[0]) for r in rows], [int(r[1]) for r in rows]


def rate(capture, stream):
    """Bytes a second, from the first to the last of the server's data."""
    rows = tshark(capture, f"{DATA} && tcp.stream == {stream}", "frame.time_relative", "tcp.len")
    return sum(int(r[1]) for r in rows[1:]) / (float(rows[-1][0]) - float(rows[0][0]))


def flight_within(capture, stream):
    """The share of the server's segments with no more in flight than the client's last field said in bytes."""
    field, inside, n = None, 0, 0
    for port, value, flight, syn in tshark(capture, f"tcp.stream == {stream}", "tcp.srcport", "tcp.window_size_value",
                                           "tcp.analysis.bytes_in_flight", "tcp.flags.syn"):
        if port != "80":
            field = int(value) if syn not in ("1", "True") else None
        elif flight and field is not None:
            n += 1
            inside += number(flight) <= field
    return inside / n


def lab_run(user, mode):
    client, server = lab.both(user, mode, "unscaled", "window_unscaled", "direction: downstream, port: 80", CLIENT, before=PATH)
    who = f"{user}, {mode}: "
    # In explicit mode the client leg: its captured side is the client's own, before the rewriting.
    found = streams(client)
    scale = max(found)
    check(sorted(found) == [0, scale] and scale > 0, who + f"the SYNs offer scales of {sorted(found)}")
    said, meant = windows(client, found[scale])
    check(max(meant) > 60000 > max(said), who + f"fields of {min(said)} to {max(said)} mean {max(meant)} bytes")
    share = flight_within(client, found[scale])
    check(share >= 0.95, who + f"{share:.1%} of segments with no more in flight than the field says in bytes")
    slow, fast = rate(client, found[scale]), rate(client, found[0])
    check(0 < slow <= 0.1 * fast, who + f"{slow:.0f} B/s, beside {fast:.0f} B/s without scaling")
    sent = [sum(int(r[0]) for r in tshark(client, f"{DATA} && tcp.stream == {found[s]}", "tcp.len")) for s in (scale, 0)]
    check(sent[0] >= SMALL and sent[1] >= LARGE, who + f"all of it arrives: {sent}")
    if mode == "forward":
        shifts = tshark(server, FROM_CLIENT + " && tcp.flags.syn == 1", "tcp.options.wscale.shift")
        check([s[0] for s in shifts] == ["0", "0"], who + f"the server's SYNs offer {shifts}")


PLAY = """
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
begin, got = time.monotonic(), 0
s.sendall(b"%d\\n" % int(sys.argv[2]))
while got < int(sys.argv[2]):
    got += len(s.recv(65536))
print(got / (time.monotonic() - begin))
"""


def exec_run(user):

    server = socket.create_server(("127.0.0.1", 0))

    def serve(c):
        with c:
            c.sendall(b"x" * int(c.makefile("rb").readline()))

    def accept():
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port, rates = str(server.getsockname()[1]), []
    for more in ([], ["--impair", "window_unscaled{port=%s}" % port]):
        p = subprocess.run(lab.words(user, "exec", "--impair", "delay{delay=10ms,direction=both}", *more, "--",
                                     "python3", "-c", PLAY, port, "8000"), capture_output=True, text=True, timeout=60,
                           cwd=lab.folder, env=environment(), stdin=subprocess.DEVNULL, check=False)
        if p.returncode == 125:
            print(f"exec can't work here: {p.stderr.strip()}")
            return
        check(p.returncode == 0, f"{user}, exec: {p.returncode} {p.stderr.strip()[-200:]}")
        rates.append(float(p.stdout))
    check(rates[1] <= 0.1 * rates[0], f"{user}, exec: {rates[1]:.0f} B/s instead of {rates[0]:.0f}")


for who_runs, intercept in lab.each():
    lab_run(who_runs, intercept)
lab_run(lab.ordinary, "transparent")
exec_run(lab.ordinary)
