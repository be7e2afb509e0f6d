#!/usr/bin/env python3
"""zero_window, refereed by tshark: every window of the data's receiver is 0 at its sender, who sends
nothing but probes, and the probes are answered."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_lab import Lab, check, from_client, from_server, times  # noqa: E402

lab = Lab()

CLIENT = """
s = connect(4.5)
ask(s, 300)
"""

REOPENED = """
s = connect(5)
ask(s, 300)
time.sleep(0.7)
ask(s, 400)
"""


def closed(user, mode):
    client, server = lab.both(user, mode, "zero", "zero_window", "direction: downstream", CLIENT)
    who = f"{user}, {mode}: "
    meant = [p.window for p in from_client(client) if not p.rst]
    check(min(meant) > 0, who + "the client itself never closes its window")
    end = [p.time for p in from_client(client) if p.fin][0]
    check(not [p for p in from_server(client) if p.len and p.time < end], who + "no data is sent to it")
    # The sender's probes: no payload, one byte before what is next.
    probes = [p.time for p in from_server(client) if p.len == 0 and p.seq == 0 and not p.syn and p.time < end]
    check(len(probes) >= 3, who + f"{len(probes)} probes")
    gaps = [b - a for a, b in zip(probes, probes[1:])]
    check(all(1.6 < b / a < 2.4 for a, b in zip(gaps, gaps[1:])), who + f"ever later: {gaps}")
    answers = times(p for p in from_client(client) if p.len == 0 and p.seq > 1)
    check(all(any(0 <= t - p < 0.05 for t in answers) for p in probes), who + "each is answered")
    if mode == "forward":
        end = [p.time for p in from_client(server) if p.fin][0]
        seen = [p.field for p in from_client(server) if not p.rst and p.time <= end]
        check(seen and not any(seen), who + f"{len(seen)} windows of the client are 0 at the server")


def reopened(user, mode):
    """Closed from 0.5 s to 1.5 s; the sender's probes would come at 1.1 s and 1.9 s."""
    client, _ = lab.both(user, mode, "reopened", "zero_window", "after: 500ms, for: 1s", REOPENED)
    who = f"{user}, {mode}: "
    data = times(p for p in from_server(client) if p.len == 400)
    check(len(data) == 1 and 1.5 <= data[0] < 1.6,
          who + f"the announced window is used at once, {data[0]:.3f} s after the SYN")


for name, intercept in lab.each():
    closed(name, intercept)
    reopened(name, intercept)
