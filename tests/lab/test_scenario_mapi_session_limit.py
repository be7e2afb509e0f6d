#!/usr/bin/env python3
"""F20, refereed by tshark: of one host's connections 32 work, each later one gets an error of its protocol and its FIN;
who vanishes stays silent and keeps the places until the server has asked in vain; another host and another port are well."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import tshark  # noqa: E402
from scenario_rig import FIN, RST, check, reproduce  # noqa: E402

IDLE, PROBES = 4.0, 5  # seconds, with --quick; then one a second
HELD = IDLE + PROBES


def denied(c):
    request = next(p for p in c.up if p.len)
    return (c.has_handshake() and request.len == 512 and
            any(p.ack == request.seq + request.len & 0xffffffff for p in c.down) and
            c.response().startswith(b"HTTP/1.1 503 RPC Error: 6bb\r\n") and
            any(p.flags & FIN for p in c.down) and not any(p.flags & RST for p in c.down))


played = reproduce("mapi-session-limit", without=("impaired",))
bob = {int(row[0]) for row in tshark(played.capture("impaired", "client"), "ip.src == 192.0.2.4 && tcp.flags.syn == 1",
                                     "tcp.srcport")}
every = played.connections("impaired", "client", 80)
alice = [c for c in every if c.up[0].client_port not in bob]
served = [c for c in alice if c.response().startswith(b"HTTP/1.1 200")]
check(len(bob) == 8 and len(every) == len(alice) + 8, "two hosts are told apart by their addresses")
verbs = {row[0] for row in tshark(played.capture("impaired", "client"), "tcp.dstport == 80 && http.request", "http.request.method")}
check(verbs == {"RPC_IN_DATA"}, f"what is asked on port 80, as tshark reads it: {verbs}")
check([c in served for c in alice[:40]] == [True] * 32 + [False] * 8, "32 are served, the next 8 aren't")
check(all(denied(c) for c in alice[32:40]), "each of the 8 is acknowledged, refused and ended")
opened = [b.all[0].time - a.all[0].time for a, b in zip(alice[:32], alice[1:32])]
mean = sum(opened) / len(opened)
spread = (sum((x - mean) ** 2 for x in opened) / len(opened)) ** 0.5
check(spread > 0.4 * mean, f"sessions open {mean * 1e3:.0f} ms apart, give or take {spread * 1e3:.0f}")
death = max(p.time for c in alice[:32] for p in c.up if p.len)
check(not any(p.flags & FIN for c in alice[:32] for p in c.up), "the laptop that is gone says nothing")
alive = sorted((p.time, c.up[0].client_port) for c in alice[:32] for p in c.up if p.len and p.time > alice[39].all[-1].time)
check(len(alive) > 64, f"they say {len(alive)} times that they are alive")
most = max(len({port for at, port in alive if t <= at <= t + 0.001}) for t, _ in alive)
check(most < 8, f"each by its own timer: at most {most} within a millisecond")
away = alice[40].all[0].time - death
check(0.3 < away < 0.7, f"the laptop is back after {away * 1e3:.0f} ms, some minutes")
check({c.up[0].client for c in alice[:40]} == {"192.0.2.3"} and {c.up[0].client for c in alice[40:]} == {"192.0.2.6"},
      "her VPN has given the laptop another address")
check(not {c.up[0].client_port for c in alice[:40]} & {c.up[0].client_port for c in alice[40:]}, "on ports of its own")
gone = [[p for p in c.up if p.time > death + 0.1] for c in alice[:32]]
check(not any(gone), f"nothing more comes from the laptop, to whatever it is asked {[p[0].flags for p in gone if p]}")
asked = [[p.time for p in c.down if p.time > death + 0.1 and not p.flags & RST] for c in alice[:32]]
check(all(len(times) == PROBES for times in asked), f"the server asks {set(map(len, asked))} times")
check(all(0.9 < b - a < 1.3 for times in asked for a, b in zip(times, times[1:])), "once a second")
check(all(c.down[-1].flags & RST and c.down[-1].time - death > 0.9 * HELD - 1 for c in alice[:32]), "and gives up by an RST")
told = tshark(played.capture("impaired", "client"), "http.response.code == 503", "http.response.phrase")
check({row[0] for row in told} == {"RPC Error: 6bb"}, f"tshark reads the refusal: {told[:2]}")
back = next(c for c in alice[40:] if c in served)
tries = [c for c in alice[40:] if c.all[0].time < back.all[0].time]
check(len(tries) >= 10 and all(denied(c) for c in tries), f"{len(tries)} tries afterwards are denied, too")
check(abs(back.all[0].time - death - HELD) < 0.05 * HELD, f"served {back.all[0].time - death:.3f} s after the death")
check(all(c.response().startswith(b"HTTP/1.1 200") for c in every if c not in alice), "the other user is served all along")
