#!/usr/bin/env python3
"""Dropped SYNs are answered by nothing, and the client connects by its own schedule; refused ones by
the RST of a closed port, over IPv4 and IPv6; the server sees none of them."""
import errno
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import ACK, RST, SYN, Play, cases, check, rig  # noqa: E402

ONE = {"app": "rpc", "exchanges": 1, "timeout": "10s"}


def first_two_are_silent(user, mode):
    play = Play(user, mode, {"syn_drop": {"first": 2}}, client=ONE)
    syns = [p for p in play.packets("client", True) if p.is_only(SYN)]
    answers = [p for p in play.packets("client", False) if p.flags & (SYN | RST)]
    check(len(syns) == 3 and len({p.seq for p in syns}) == 1, "one SYN, sent three times")
    check(len(answers) == 1 and answers[0].is_only(SYN | ACK) and answers[0].time > syns[2].time,
          "the third is answered")
    waited = answers[0].time - syns[0].time
    check(1.9 < waited < 2.5, f"connected after {waited:.2f} s: Linux' 1 s + 1 s")
    check(play.metric("client_app.completed") == 1, "the exchange is completed")
    if mode == "forward":
        arrived = [p for p in play.packets("server", True) if p.is_only(SYN)]
        check(len(arrived) == 1, "the server has seen one SYN")


def refused_at_once(user, mode):
    play = Play(user, mode, {"syn_drop": {"action": "rst"}}, client=ONE)
    syns = [p for p in play.packets("client", True) if p.is_only(SYN)]
    answers = play.packets("client", False)
    check(len(syns) == len(answers) >= 1 and all(p.is_only(RST | ACK) for p in answers),
          f"{len(syns)} SYNs, each answered by RST, ACK")
    check(all(a.seq == 0 and a.ack == (s.seq + 1) % 2**32 and a.time - s.time < 0.1
              for s, a in zip(syns, answers)), "with the numbers of RFC 9293, at once")
    check(play.metric("client_app.completed") == 0, "no exchange is completed")
    check(not play.packets("server", True), "the server has seen nothing")


def answers_lost(user, mode):
    play = Play(user, mode, {"syn_drop": {"first": 1, "syn_ack": True}}, client=ONE)
    answers = [p for p in play.packets("client", False) if p.is_only(SYN | ACK)]
    syns = [p for p in play.packets("client", True) if p.is_only(SYN)]
    check(play.metric("client_app.completed") == 1 and answers, "connects in the end")
    waited = answers[0].time - syns[0].time
    check(0.9 < waited < 1.6, f"the SYN-ACK that arrives is {waited:.2f} s late")
    if mode == "forward":
        sent = [p for p in play.packets("server", False) if p.is_only(SYN | ACK)]
        check(len(sent) > len(answers), "the server has sent more than have arrived")


def some_ports_never_connect(user, mode):
    """F21: decided once for each pair of addresses and ports."""
    play = Play(user, mode, {"syn_drop": {"action": "rst", "probability": "30%"}},
                client={"command": ["python3", "-c", PORTS, "{host}", "{port}"]})
    first, second = play.text("client").split()
    refused = first.count("-")
    check(len(first) == 200 and 39 <= refused <= 81,
          f"{refused} of 200 ports refused: within 99.9 % of all samples at 30 %")
    again = sum(a == "-" and b == "-" for a, b in zip(first, second))
    check(again == refused, "tried again from the same ports, all of these are refused again")
    check(len(play.journal("syn_dropped")) >= 2 * refused, "the journal has each decision")


# Connects from 200 ports, twice: + connected, - refused. A reset leaves the port free at once.
PORTS = """
import socket, struct, sys
for attempt in range(2):
    for port in range(20000, 20200):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.bind(("", port))
            print("-+"[s.connect_ex((sys.argv[1], int(sys.argv[2]))) == 0], end="")
    print()
"""


def wedge_itself_is_refused_on_the_server_leg(user):
    play = Play(user, "explicit", {"syn_drop": {"action": "rst", "leg": "server"}}, client=ONE)
    check(play.metric("client_app.completed") == 0 and not play.packets("server", True),
          "leg=server: wedge's own SYN never leaves, and it is refused")
    check(play.metric("client_app.failed") == 1, "the client is told")


def refused_over_ipv6(user):
    """Loopback in a namespace of its own: wedge proxy, this program, and the packet queue."""
    namespace = ["unshare", "-n"] if user == "root" else ["unshare", "-rn"]
    done = subprocess.run(
        [*rig.words(user)[:-1], *namespace, "python3", "-c", INSIDE, rig.wedge],
        cwd=rig.folder, capture_output=True, text=True, timeout=60)
    check(done.stdout.split() == [errno.errorcode[errno.ECONNREFUSED]] * 2,
          f"{user}: loopback refuses over IPv6 and IPv4: {done.stdout} {done.stderr}")


INSIDE = """
import errno, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for family, host in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")):
    name = f"[{host}]" if ":" in host else host
    proxy = subprocess.Popen([sys.argv[1], "proxy", "-v", "--listen", name + ":7001", "--upstream",
                              name + ":7002", "--impair", "syn_drop{action=rst}"],
                             stderr=subprocess.PIPE, text=True)
    proxy.stderr.readline()
    with socket.socket(family) as s:
        s.settimeout(10)
        print(errno.errorcode.get(s.connect_ex((host, 7001))))
    proxy.terminate()
    proxy.communicate()
"""

for case in cases():
    first_two_are_silent(*case)
    refused_at_once(*case)
    answers_lost(*case)
    some_ports_never_connect(*case)
for name in {user for user, _ in cases()}:
    wedge_itself_is_refused_on_the_server_leg(name)
    refused_over_ipv6(name)
