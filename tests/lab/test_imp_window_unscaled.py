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
from imp_lab import Lab, check, from_client, from_server, packets  # noqa: E402

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


def scales(capture):
    """(stream, scale) that each SYN of the client offers, as text."""
    return [(p.stream, p.row["tcp.options.wscale.shift"]) for p in from_client(capture) if p.syn]


def streams(capture):
    """{scale that the client's SYN offers: stream}"""
    return {int(shift or 0): stream for stream, shift in scales(capture)}


def windows(capture, stream):
    """The client's windows behind the handshake's SYN: fields as they are, and as tshark scales them."""
    said = [p for p in from_client(capture) if p.stream == stream and not p.syn and not p.rst]
    return [p.field for p in said], [p.window for p in said]


def data(capture, stream):
    return [p for p in from_server(capture) if p.stream == stream and p.len]


def rate(capture, stream):
    """Bytes a second, from the first to the last of the server's data."""
    sent = data(capture, stream)
    return sum(p.len for p in sent[1:]) / (sent[-1].time - sent[0].time)


def flight_within(capture, stream):
    """The share of the server's segments with no more in flight than the client's last field said in bytes."""
    field, inside, n = None, 0, 0
    for p in packets(capture):
        flight = p.row["tcp.analysis.bytes_in_flight"]
        if p.stream != stream:
            continue
        if p.row["tcp.srcport"] != "80":
            field = p.field if not p.syn else None
        elif flight and field is not None:
            n += 1
            inside += int(flight) <= field
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
    sent = [sum(p.len for p in data(client, found[s])) for s in (scale, 0)]
    check(sent[0] >= SMALL and sent[1] >= LARGE, who + f"all of it arrives: {sent}")
    if mode == "forward":
        shifts = [shift for _, shift in scales(server)]
        check(shifts == ["0", "0"], who + f"the server's SYNs offer {shifts}")


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
