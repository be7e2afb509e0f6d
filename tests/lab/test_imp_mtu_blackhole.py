#!/usr/bin/env python3
"""mtu_blackhole, refereed by tshark: packets of the size pass, larger ones are sent again and again and
never arrive, and there is no ICMP."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import FROM_SERVER, Lab, check, count, tshark  # noqa: E402

lab = Lab()

# With timestamps 52 bytes of headers: 1,148 bytes make 1,200.
CLIENT = """
s = connect(1.5)
ask(s, 100)
ask(s, 1148)
ask(s, 1149)
"""

for user, mode in lab.each():
    client, server = lab.both(user, mode, "mtu", "mtu_blackhole", "direction: downstream, mtu: 1200B",
                              CLIENT)
    who = f"{user}, {mode}: "
    check(count(client, FROM_SERVER + " && ip.len == 1200") == 1, who + "1,200 bytes arrive")
    check(count(client, FROM_SERVER + " && ip.len > 1200") == 0, who + "1,201 bytes don't")
    check(count(client, "icmp") == 0 and count(server, "icmp") == 0, who + "no ICMP")
    if mode == "forward":
        sent = tshark(server, FROM_SERVER + " && ip.len == 1201", "tcp.seq")
        check(len(sent) >= 2 and len({row[0] for row in sent}) == 1,
              who + f"the server sent the same one {len(sent)} times")
    else:
        check(count(server, FROM_SERVER + " && ip.len == 1201") == 1, who + "the server leg is untouched")
