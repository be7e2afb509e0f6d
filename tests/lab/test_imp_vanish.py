#!/usr/bin/env python3
"""vanish, refereed by tshark: silence while it acts, for new connections too; a host that comes back
without memory answers by one RST with the right number; wedge's own kernel betrays nothing."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import FROM_CLIENT, FROM_SERVER, Lab, check, count, times, tshark  # noqa: E402

lab = Lab()
BEGIN, END = 1.0, 3.7  # of the vanishing, seconds after the first SYN

REBOOT = """
s = connect(9)
ask(s, 300)
time.sleep(1.2)
s.sendall(b"400\\n")
try:
    connect(1.5).close()
except OSError as e:
    print(e)
try:
    s.recv(1000)
except OSError as e:
    print(e)
t = connect(3)
ask(t, 77)
"""
DEAD = "after: 1s, for: 2700ms, only_first: 1, new_connections: true, then: forget"


def reboot(user, mode):
    client, server = lab.both(user, mode, "reboot", "vanish", DEAD, REBOOT)
    who = f"{user}, {mode}: "
    silence = f" && frame.time_relative > {BEGIN} && frame.time_relative < {END}"
    check(count(client, FROM_SERVER + silence) == 0, who + "nothing from the server while it is away")
    check(count(server, "tcp" + silence) == 0, who + "and nothing to it")
    sent = [t for t in times(client, "tcp.stream == 0 && tcp.len == 4 && " + FROM_CLIENT) if t > BEGIN]
    gaps = [b - a for a, b in zip(sent, sent[1:])]
    check(len(gaps) >= 3 and all(1.8 <= b / a <= 2.2 for a, b in zip(gaps, gaps[1:])),
          who + f"the client sends again, ever later: {gaps}")
    syns = count(client, "tcp.stream == 1 && tcp.flags.syn == 1")
    check(syns >= 2 and count(client, "tcp.stream == 1 && " + FROM_SERVER) == 0,
          who + f"{syns} SYNs of a new connection get no answer")
    # The client's kernel may answer what the end of the phase lets through.
    rst = tshark(client, FROM_SERVER + " && tcp.flags.reset == 1", "frame.time_relative", "tcp.seq",
                 "tcp.flags.ack", "tcp.stream")
    check(len(rst) == 1 and rst[0][2] in ("0", "False") and rst[0][3] == "0",
          who + f"one RST, without ACK: {rst}")
    last = tshark(client, f"tcp.stream == 0 && {FROM_CLIENT} && tcp.len > 0", "tcp.ack")[-1]
    check(rst[0][1] == last[0], who + f"its number is the stale segment's acknowledgement: {last[0]}")
    after = [t for t in sent if t > END][0]
    check(0 < float(rst[0][0]) - after < 0.05, who + "it answers the next segment at once")
    check(count(client, "tcp.len == 77") == 1, who + "a new connection is served")


ORPHAN = """
s = connect(5)
s.sendall(b"-20\\n")
time.sleep(1.7)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
s.close()
time.sleep(2.5)
"""


def orphan(user):
    """Wedge closes its socket of a vanished leg, and the server goes on sending."""
    client, server = lab.both(user, "explicit", "orphan", "vanish", "after: 1s, leg: server", ORPHAN)
    who = f"{user}, the socket is gone: "
    closed = times(client, "tcp.flags.reset == 1")[0]
    check(len([t for t in times(server, FROM_SERVER) if t > closed + 0.1]) >= 2,
          who + "segments come for it")
    said = [t for t in times(server, FROM_CLIENT) if t > BEGIN]
    check(not said, who + f"and no kernel answers them: {said}")


for name, intercept in lab.each():
    reboot(name, intercept)
for name in lab.users:
    orphan(name)
