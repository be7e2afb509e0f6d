#!/usr/bin/env python3
"""Several hosts in a scenario, refereed by tshark: every client and server has its own address in the captures, of
two traffics behind one proxy each is found by its client, and of two with one port by its server, an impairment of a host
meets all of its traffics and nobody else, and a host's TCP is as it was set; in all three modes."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

SCENARIO = """
name: two-users
title: two users behind one proxy
source: nobody
story: Alice is well, Bob's link is slow, whatever he does.
lab: {intercept: %s, quickack: on, rto_min: 400ms, tail_loss_probe: off}
hosts:
  alice: {side: client}
  bob: {side: client, window_scaling: off, timestamps: off}
  edge1: {side: server}
  edge2: {side: server}
  edge3: {side: server}
server: {app: rpc, hosts: [edge1, edge2]}
client: {app: rpc, host: alice, exchanges: 40, think: 1ms}
siblings:
  user: {behind: main, client: {host: bob, exchanges: 10}}
  other: {port: 99, server: {host: edge2}, client: {host: bob, exchanges: 10}}
  namesake: {port: 80, until_main: false, server: {host: edge3}, client: {exchanges: 7}}
phases:
  baseline: []
  impaired:
    hosts: {bob: {timestamps: on}}
    impairments: [{delay: {delay: 30ms, host: bob}}]
expect:
- baseline.client_app.failed + impaired.client_app.failed == 0
- impaired.client_app.response.max < 25ms
- impaired.client_app.user.response.min >= 30ms
- impaired.client_app.other.response.min >= 30ms
- impaired.client_app.bob.response.min >= 30ms
- impaired.client_wire.alice.response.count == 40
- impaired.client_wire.main.response.max < 25ms
- impaired.client_wire.main@edge1.response.count == 40
- impaired.client_wire.user.response.min >= 30ms
- impaired.client_wire.other@bob.response.min >= 30ms
- impaired.client_wire.namesake.response.count == 7
- impaired.server_wire.namesake.response.count == 7
- impaired.server_app.edge1.completed == impaired.client_app.main.completed + impaired.client_app.user.completed
"""
NAMES = {"192.0.2.2": "client", "192.0.2.3": "alice", "192.0.2.4": "bob", "192.0.2.1": "wedge", "192.0.2.101": "edge1",
         "198.51.100.1": "wedge", "198.51.100.3": "edge1", "198.51.100.4": "edge2", "192.0.2.102": "edge2",
         "192.0.2.103": "edge3", "198.51.100.5": "edge3"}

# A server that refuses its first connection, before anything of that host was seen.
REFUSES = """
name: refuses
title: a Windows host that refuses from the beginning
source: nobody
story: Its service isn't there.
lab: {intercept: explicit, place: server}
hosts: {client: {ttl: 128, timestamps: off}, server: {ttl: 128}}
server: {app: rpc}
client: {app: rpc, exchanges: 3, per_connection: 1, timeout: 2s}
phases:
  baseline: []
  impaired:
    impairments: [{syn_drop: {probability: 100%, action: rst}}]
expect:
- baseline.client_app.failed == 0
- impaired.client_app.failed_connect == 3
"""

need("tshark", "setpriv")
rig = Rig()


def syns(out, phase, leg):
    """{(client, server, port)} of a capture, and the clients whose SYN offers a window scale and time stamps."""
    rows = tshark(os.path.join(out, f"{phase}-{leg}.pcapng"), "tcp.flags.syn == 1 && tcp.flags.ack == 0", "ip.src",
                      "ip.dst", "tcp.dstport", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval")
    pairs = {(NAMES[r[0]], NAMES[r[1]], int(r[2])) for r in rows}
    return pairs, {NAMES[r[0]] for r in rows if r[3]}, {NAMES[r[0]] for r in rows if r[4]}


TALKS = {("alice", "edge1", 80), ("bob", "edge1", 80), ("bob", "edge2", 99), ("client", "edge3", 80)}
for user in rig.users:
    for mode in ("explicit", "transparent", "forward"):
        path, out = rig.path("two.yaml"), f"out-{user}-{mode}"
        with open(path, "w") as f:
            f.write(SCENARIO % mode)
        result, status, out = rig.scenario(user, path, out=out)
        check(status == 0, f"{user}, {mode}: {result['verdict']} {result['why'] or ''}")
        for phase, stamped in (("baseline", {"alice", "client"}), ("impaired", {"alice", "bob", "client"})):
            pairs, scaled, stamps = syns(out, phase, "client")
            check(pairs == TALKS, f"{mode}, {phase}: who talks to whom at the client leg: {sorted(pairs)}")
            check((scaled, stamps) == ({"alice", "client"}, stamped), f"{mode}, {phase}: scaling {scaled}, time stamps {stamps}")
            pairs, _, _ = syns(out, phase, "server")
            wanted = {("wedge", s, p) for _, s, p in TALKS} if mode == "explicit" else TALKS
            check(pairs == wanted, f"{mode}, {phase}: who talks to whom at the server leg: {sorted(pairs)}")
    path = rig.path("refuses.yaml")
    with open(path, "w") as f:
        f.write(REFUSES)
    result, status, out = rig.scenario(user, path, out=f"refuses-{user}")
    check(status == 0, f"{user}, refuses: {result['verdict']} {result['why'] or ''}")
    rsts = tshark(os.path.join(out, "impaired-client.pcapng"), "tcp.flags.reset == 1", "ip.ttl", "ip.id")
    check(len(rsts) == 3 and all(ttl == "128" and int(number, 16) for ttl, number in rsts),
          f"{user}: the first RST, too, is the host's: {rsts}")
