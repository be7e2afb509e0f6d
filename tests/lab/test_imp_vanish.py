#!/usr/bin/env python3
"""vanish, refereed by tshark: silence while it acts, for new connections too; a host that comes back
without memory answers by one RST with the right number; wedge's own kernel betrays nothing."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import Lab, check, from_client, from_server, packets, times  # noqa: E402

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
    check(not [p for p in from_server(client) if BEGIN < p.time < END], who + "nothing from the server while it is away")
    check(not [p for p in packets(server) if BEGIN < p.time < END], who + "and nothing to it")
    sent = [p.time for p in from_client(client) if p.stream == 0 and p.len == 4 and p.time > BEGIN]
    gaps = [b - a for a, b in zip(sent, sent[1:])]
    check(len(gaps) >= 3 and all(1.8 <= b / a <= 2.2 for a, b in zip(gaps, gaps[1:])),
          who + f"the client sends again, ever later: {gaps}")
    syns = sum(p.stream == 1 and p.syn for p in packets(client))
    check(syns >= 2 and not [p for p in from_server(client) if p.stream == 1],
          who + f"{syns} SYNs of a new connection get no answer")
    # The client's kernel may answer what the end of the phase lets through.
    rst = [p for p in from_server(client) if p.rst]
    check(len(rst) == 1 and not rst[0].has_ack and rst[0].stream == 0, who + f"one RST, without ACK: {rst}")
    last = [p.ack for p in from_client(client) if p.stream == 0 and p.len][-1]
    check(rst[0].seq == last, who + f"its number is the stale segment's acknowledgement: {last}")
    after = [t for t in sent if t > END][0]
    check(0 < rst[0].time - after < 0.05, who + "it answers the next segment at once")
    check(sum(p.len == 77 for p in packets(client)) == 1, who + "a new connection is served")


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
    closed = [p.time for p in packets(client) if p.rst][0]
    check(len([t for t in times(from_server(server)) if t > closed + 0.1]) >= 2,
          who + "segments come for it")
    said = [t for t in times(from_client(server)) if t > BEGIN]
    check(not said, who + f"and no kernel answers them: {said}")


AGAIN = """
port = 45678
s = socket.create_connection(address, 3, ("", port))
ask(s, 300)
time.sleep(1.2)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
s.close()
time.sleep(2)
t = socket.create_connection(address, 3, ("", port))
ask(t, 77)
"""


def again(user):
    """Nothing comes for a forgotten session but a SYN from the same port: no socket of it answers."""
    client, _ = lab.both(user, "explicit", "again", "vanish", "after: 1s, for: 1500ms, only_first: 1, then: forget", AGAIN)
    syn = [p.time for p in from_client(client) if p.syn][-1]
    answer = [p for p in from_server(client) if p.time > syn][0]
    check(answer.syn and answer.time - syn < 0.05, f"{user}, the same port again: the SYN is answered by {answer}")


for name, intercept in lab.each():
    reboot(name, intercept)
for name in lab.users:
    orphan(name)
    again(name)
