#!/usr/bin/env python3
"""mtu_blackhole, refereed by tshark: packets of the size pass, larger ones are sent again and again and
never arrive, and there is no ICMP."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import Lab, check, from_server  # noqa: E402
from run_rig import tshark  # noqa: E402

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
    sizes = [p.size for p in from_server(client)]
    check(sizes.count(1200) == 1, who + "1,200 bytes arrive")
    check(max(sizes) <= 1200, who + "1,201 bytes don't")
    check(not tshark(client, "icmp") and not tshark(server, "icmp"), who + "no ICMP")
    sent = [p.seq for p in from_server(server) if p.size == 1201]
    if mode == "forward":
        check(len(sent) >= 2 and len(set(sent)) == 1, who + f"the server sent the same one {len(sent)} times")
    else:
        check(len(sent) == 1, who + "the server leg is untouched")
