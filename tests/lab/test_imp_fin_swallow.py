#!/usr/bin/env python3
"""fin_swallow, refereed by tshark: the client's FIN is acknowledged, the server's is sent again and
again and never arrives; new connections go on."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import FROM_CLIENT, FROM_SERVER, Lab, check, count, times  # noqa: E402

lab = Lab()

CLIENT = """
a = connect(5)
ask(a, 300)
a.shutdown(socket.SHUT_WR)
time.sleep(1.2)
b = connect(5)
ask(b, 200)
b.shutdown(socket.SHUT_WR)
time.sleep(0.3)
"""
FIN = " && tcp.flags.fin == 1"

for user, mode in lab.each():
    client, server = lab.both(user, mode, "fin", "fin_swallow", "direction: downstream", CLIENT)
    who = f"{user}, {mode}: "
    fins = times(client, FROM_CLIENT + FIN)
    check(len(fins) == 2, who + "the client's two FINs are on the wire")
    fin, end = fins[0], fins[1] + 0.25  # later the end of the phase lets the server's pass
    check(not [t for t in times(client, FROM_SERVER + FIN) if t < end], who + "no FIN of the server arrives")
    check(not [t for t in times(client, "tcp.flags.reset == 1") if t < end], who + "and no RST")
    acked = [t for t in times(client, FROM_SERVER + " && tcp.ack == 6 && tcp.len == 0") if t > fin]
    check(acked and acked[0] - fin <= 0.05, who + "the client's FIN is acknowledged within 50 ms")
    check(count(client, "tcp.stream == 1 && tcp.len == 200") == 1, who + "a new connection is served")
    if mode == "forward":
        sent = count(server, "tcp.stream == 0 && " + FROM_SERVER + FIN)
        check(sent >= 2, who + f"the server sent its FIN {sent} times")
    else:
        check(count(server, FROM_SERVER + FIN) == 2, who + "the server leg is untouched")
