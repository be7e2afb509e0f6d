#!/usr/bin/env python3
"""fin_swallow, refereed by tshark: the client's FIN is acknowledged, the server's is sent again and
again and never arrives; new connections go on."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import Lab, check, from_client, from_server, packets  # noqa: E402

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

for user, mode in lab.each():
    client, server = lab.both(user, mode, "fin", "fin_swallow", "direction: downstream", CLIENT)
    who = f"{user}, {mode}: "
    fins = [p.time for p in from_client(client) if p.fin]
    check(len(fins) == 2, who + "the client's two FINs are on the wire")
    fin, end = fins[0], fins[1] + 0.25  # later the end of the phase lets the server's pass
    check(not [p for p in from_server(client) if p.fin and p.time < end], who + "no FIN of the server arrives")
    check(not [p for p in packets(client) if p.rst and p.time < end], who + "and no RST")
    acked = [p.time for p in from_server(client) if p.ack == 6 and p.len == 0 and p.time > fin]
    check(acked and acked[0] - fin <= 0.05, who + "the client's FIN is acknowledged within 50 ms")
    check(sum(p.stream == 1 and p.len == 200 for p in packets(client)) == 1, who + "a new connection is served")
    if mode == "forward":
        sent = sum(p.fin and p.stream == 0 for p in from_server(server))
        check(sent >= 2, who + f"the server sent its FIN {sent} times")
    else:
        check(sum(p.fin for p in from_server(server)) == 2, who + "the server leg is untouched")
