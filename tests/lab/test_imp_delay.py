#!/usr/bin/env python3
"""Delayed packets go on exactly so much later, never early, in order, and nothing else is late;
what is chosen decides whether the handshake, the data or its ACKs are late."""
# ALONE: fractions of a millisecond
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import ACK, FIN, SYN, Play, cases, check, middle, pair  # noqa: E402

TEN = {"app": "rpc", "connections": 10, "exchanges": 50, "think": "5ms"}


def of(play, leg, upstream, flags):
    return [p for p in play.packets(leg, upstream) if p.is_only(flags)]


def pairs_of(play, upstream):
    """What came and what went on of it, until the first client closes: the queue may end with the
    last one."""
    legs = ("client", "server") if upstream else ("server", "client")
    end = min(p.time for p in play.packets("client", True) if p.flags & FIN)
    came = [p for p in play.packets(legs[0], upstream) if p.time < end]
    return pair(came, play.packets(legs[1], upstream))


def every_packet_is_late_by_the_delay(user, ms):
    """What came on one interface and went on from the other, by one clock."""
    play = Play(user, "forward", {"delay": {"delay": f"{ms}ms"}}, client=TEN)
    pairs = pairs_of(play, upstream=False)
    check(len(pairs) >= 100 and all(len(went) == 1 for _, went in pairs),
          f"all {len(pairs)} packets went on once")
    late = [went[0].time - came.time - ms / 1000 for came, went in pairs]
    check(min(late) >= 0, f"none is early; the least error is {min(late) * 1000:.3f} ms")
    check(middle(late) < 0.001, f"{ms} ms at 10 connections: median error {middle(late) * 1000:.3f} ms")
    back = pairs_of(play, upstream=True)
    check(middle([went[0].time - came.time for came, went in back]) < 0.001,
          "the other direction is not late")


def both_directions_add_twice_the_delay(user, mode):
    play = Play(user, mode, {"delay": {"delay": "50ms", "direction": "both"}},
                client={"app": "rpc", "exchanges": 3})
    took = of(play, "client", False, SYN | ACK)[0].time - of(play, "client", True, SYN)[0].time
    check(0.1 <= took < 0.15, f"{user}, {mode}: SYN-ACK after {took * 1000:.1f} ms")
    response = play.metric("client_app.response.p50")
    check(0.1 <= response < 0.32, f"response after {response * 1000:.1f} ms")
    check(play.metric("client_app.completed") == 3, "all exchanges are completed")


def data_only_leaves_the_handshake_alone(user, mode):
    play = Play(user, mode, {"delay": {"delay": "80ms", "what": "data"}},
                client={"app": "rpc", "exchanges": 3})
    took = of(play, "client", False, SYN | ACK)[0].time - of(play, "client", True, SYN)[0].time
    check(took < 0.02, f"{user}, {mode}: SYN-ACK after {took * 1000:.1f} ms")
    sent, got = play.data("client", True)[0], play.data("client", False)[0]
    check(0.08 <= got.time - sent.time < 0.11, f"data after {(got.time - sent.time) * 1000:.1f} ms")


def acks_only_leave_the_data_alone(user):
    play = Play(user, "forward", {"delay": {"delay": "60ms", "what": "acks"}},
                client={"app": "rpc", "exchanges": 3})
    pairs = pairs_of(play, upstream=True)
    acks = [went[0].time - came.time for came, went in pairs
            if came.is_only(ACK) and not came.len and went]
    data = [went[0].time - came.time for came, went in pairs if came.len]
    check(acks and min(acks) >= 0.06 and middle(acks) < 0.062,
          f"ACKs are {middle(acks) * 1000:.1f} ms late")
    check(middle(data) < 0.001, "data isn't")


def jitter_keeps_order_unless_told(user, reorder):
    play = Play(user, "forward", {"delay": {"delay": "5ms", "jitter": "5ms", "reorder": reorder,
                                            "distribution": "uniform", "what": "data"}},
                client={"app": "rpc", "exchanges": 2},
                server={"app": "rpc", "response": ["180B", "100000B"]})
    order = {(p.seq, p.id): i for i, p in enumerate(play.data("server", False))}
    went = [order[p.seq, p.id] for p in play.data("client", False)]
    check((went != sorted(went)) == reorder, f"reorder={reorder}: order is {'not ' * reorder}kept")
    check(len(went) == len(order), "nothing is lost")


for case in cases():
    both_directions_add_twice_the_delay(*case)
    data_only_leaves_the_handshake_alone(*case)
for name in {user for user, _ in cases()}:
    every_packet_is_late_by_the_delay(name, 10)
    every_packet_is_late_by_the_delay(name, 100)
    acks_only_leave_the_data_alone(name)
    jitter_keeps_order_unless_told(name, False)
    jitter_keeps_order_unless_told(name, True)
