#!/usr/bin/env python3
"""rst_inject, refereed by tshark and by the kernels it is meant for: exactly one RST whose number is
the one that its target has acknowledged, taken at once; also on wedge's own sockets."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import Lab, check, from_client, from_server, packets  # noqa: E402

lab = Lab()

CLIENT = """
s = connect(2)
ask(s, 300)
ask(s, 300)
time.sleep(0.5)
"""
IDLE = """
s = connect(2)
ask(s, 300)
ask(s, 500)
s.recv(1)
"""


def resets(sent):
    return [p for p in sent if p.rst]


def one_accepted_rst(who, to, back):
    """The first RST of what travels to its target; its number is what the target last acknowledged."""
    rsts = resets(to)
    check(len(rsts) == 1, who + f"one RST: {rsts}")
    acked = [p.ack for p in back if p.has_ack and p.time <= rsts[0].time]
    check(acked and rsts[0].seq == acked[-1], who + f"with the number that it expects: {acked[-1]}")
    later = [p for p in back if not p.rst and p.time > rsts[0].time + 0.05]
    check(not later, who + "which its target takes at once")


for user, mode in lab.each():
    who = f"{user}, {mode}, to the client: "
    client, server = lab.both(user, mode, "rst-client", "rst_inject", "to: client", CLIENT)
    one_accepted_rst(who, from_server(client), from_client(client))
    if mode == "forward":
        check(not resets(from_server(server)), who + "the server hasn't sent it")

    who = f"{user}, {mode}, in the middle of an idle connection, to both: "
    client, server = lab.both(user, mode, "rst-idle", "rst_inject", "to: both, after: 800ms", IDLE)
    one_accepted_rst(who, from_server(client), from_client(client))
    sent = resets(from_server(client))[0].time
    check(0.8 <= sent < 0.9, who + f"{sent:.3f} s after the SYN")
    check(len(resets(from_client(server))) == 1, who + "the server is reset, too")

    who = f"{user}, {mode}, to the server, in silence: "
    leg = ", leg: server" if mode == "explicit" else ""
    client, server = lab.both(user, mode, "rst-server", "rst_inject", "to: server, silence: true" + leg,
                              CLIENT)
    one_accepted_rst(who, from_client(server), from_server(server))
    if mode == "forward":
        check(not resets(packets(client)), who + "the client isn't told")
    else:
        who = f"{user}, {mode}, to wedge's own socket of the server leg: "
        client, server = lab.both(user, mode, "rst-wedge", "rst_inject", "to: client, leg: server", CLIENT)
        check(len(resets(from_server(client))) == 1, who + "wedge passes it on to the client")
