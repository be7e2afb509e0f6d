#!/usr/bin/env python3
"""window_unscaled, refereed by tshark: the server never has more in flight than the client's window
field says in bytes, and is slow; a client that offers no scaling is not touched."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import FROM_CLIENT, FROM_SERVER, Lab, check, count, number, tshark  # noqa: E402

lab = Lab()

CLIENT = """
s = connect(20)
ask(s, 100000)
"""
DATA = FROM_SERVER + " && tcp.len > 0"


def windows(capture):
    """The client's windows after its SYN: fields as they are, and scaled by tshark."""
    rows = tshark(capture, FROM_CLIENT + " && tcp.flags.syn == 0 && tcp.flags.reset == 0",
                  "tcp.window_size_value", "tcp.window_size")
    return [int(r[0]) for r in rows], [int(r[1]) for r in rows]


for user, mode in lab.each():
    client, server = lab.both(user, mode, "unscaled", "window_unscaled", "direction: downstream", CLIENT)
    who = f"{user}, {mode}: "
    # In explicit mode the client leg: its captured side is the client's own, before the rewriting.
    said, meant = windows(client)
    check(max(meant) > 60000 and max(said) < 65536, who + f"the client means {max(meant)} bytes")
    flight = [number(r[0]) for r in tshark(client, DATA, "tcp.analysis.bytes_in_flight")]
    check(max(flight) <= max(said), who + f"{max(flight):.0f} bytes in flight, {max(said)} in the field")
    longest = max(int(r[0]) for r in tshark(client, DATA, "tcp.len"))
    check(longest < 1000, who + f"segments of at most {longest} bytes")
    check(sum(int(r[0]) for r in tshark(client, DATA, "tcp.len")) >= 100000, who + "all of it arrives")
    if mode == "forward":
        seen, scaled = windows(server)
        check(max(scaled) <= max(said), who + f"the server sees at most {max(scaled)} bytes")
        check(count(server, FROM_CLIENT + " && tcp.flags.syn == 1 && tcp.options.wscale.shift > 0") == 1,
              who + "the SYN still offers its scale")
