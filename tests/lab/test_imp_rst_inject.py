#!/usr/bin/env python3
"""rst_inject, refereed by tshark and by the kernels it is meant for: exactly one RST whose number is
the one that its target has acknowledged, taken at once; also on wedge's own sockets."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import FROM_CLIENT, FROM_SERVER, Lab, check, count, times, tshark  # noqa: E402

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
RST = " && tcp.flags.reset == 1"


def one_accepted_rst(who, capture, to, back):
    """The first RST of what travels to its target; its number is what the target last acknowledged."""
    rsts = tshark(capture, to + RST, "tcp.seq", "frame.time_relative", "tcp.flags.ack")
    check(len(rsts) == 1, who + f"one RST: {rsts}")
    acks = tshark(capture, back + " && tcp.flags.ack == 1", "tcp.ack", "frame.time_relative")
    acked = [int(r[0]) for r in acks if float(r[1]) <= float(rsts[0][1])]
    check(acked and int(rsts[0][0]) == acked[-1], who + f"with the number that it expects: {acked[-1]}")
    later = [t for t in times(capture, back + " && tcp.flags.reset == 0") if t > float(rsts[0][1]) + 0.05]
    check(not later, who + "which its target takes at once")


for user, mode in lab.each():
    who = f"{user}, {mode}, to the client: "
    client, server = lab.both(user, mode, "rst-client", "rst_inject", "to: client", CLIENT)
    one_accepted_rst(who, client, FROM_SERVER, FROM_CLIENT)
    if mode == "forward":
        check(count(server, FROM_SERVER + RST) == 0, who + "the server hasn't sent it")

    who = f"{user}, {mode}, in the middle of an idle connection, to both: "
    client, server = lab.both(user, mode, "rst-idle", "rst_inject", "to: both, after: 800ms", IDLE)
    one_accepted_rst(who, client, FROM_SERVER, FROM_CLIENT)
    sent = times(client, FROM_SERVER + RST)[0]
    check(0.8 <= sent < 0.9, who + f"{sent:.3f} s after the SYN")
    check(count(server, FROM_CLIENT + RST) == 1, who + "the server is reset, too")

    who = f"{user}, {mode}, to the server, in silence: "
    leg = ", leg: server" if mode == "explicit" else ""
    client, server = lab.both(user, mode, "rst-server", "rst_inject", "to: server, silence: true" + leg,
                              CLIENT)
    one_accepted_rst(who, server, FROM_CLIENT, FROM_SERVER)
    if mode == "forward":
        check(count(client, "tcp.flags.reset == 1") == 0, who + "the client isn't told")
    else:
        who = f"{user}, {mode}, to wedge's own socket of the server leg: "
        client, server = lab.both(user, mode, "rst-wedge", "rst_inject", "to: client, leg: server", CLIENT)
        check(count(client, FROM_SERVER + RST) == 1, who + "wedge passes it on to the client")
