#!/usr/bin/env python3
"""The client believes that it is connected and sends; the server, in SYN_RECV, goes on sending its
SYN-ACK; with a retry the connection comes about, without it the client waits for ever."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import ACK, SYN, Play, cases, check  # noqa: E402


def syn_acks(play, leg):
    return [p for p in play.packets(leg, False) if p.is_only(SYN | ACK)]


def room_after_one_retry(user, mode):
    play = Play(user, mode, {"accept_queue_full": {"after_retries": 1}},
                client={"app": "rpc", "exchanges": 2})
    answers = syn_acks(play, "client")
    check(len(answers) == 2, f"{user}, {mode}: two SYN-ACKs")
    gap = answers[1].time - answers[0].time
    check(0.9 < gap < 1.6, f"the second after {gap:.2f} s, by the server's timer")
    early = [p for p in play.packets("client", True)
             if answers[0].time < p.time < answers[1].time and p.flags & ACK]
    check(any(p.len for p in early) and any(not p.len for p in early),
          "the client has meanwhile acknowledged and sent data")
    check(play.metric("client_app.completed") == 2, "the exchanges are completed")
    ignored = play.journal("segment_ignored")
    check(len(ignored) == len(early), f"{len(early)} segments of the client sent, all ignored")
    if mode == "forward":
        second = syn_acks(play, "server")[1].time
        arrived = [p for p in play.packets("server", True) if p.flags & ACK]
        check(arrived and arrived[0].time > second, "nothing of it has arrived before the second")


def never(user, mode):
    play = Play(user, mode, {"accept_queue_full": {}},
                client={"app": "rpc", "exchanges": 1, "timeout": "3500ms"})
    check(play.metric("client_app.completed") == 0, f"{user}, {mode}: no exchange is completed")
    check(len(syn_acks(play, "client")) >= 3, "the SYN-ACK comes again and again")
    check(any(p.len for p in play.packets("client", True)), "to a client that has sent its request")
    check(not play.data("client", False), "no byte comes back")
    if mode == "forward":
        check(all(not p.flags & ACK for p in play.packets("server", True)),
              "nothing but SYNs and RSTs has reached the server")
    else:
        check(not play.packets("server", True), "wedge has accepted nothing")


for case in cases():
    room_after_one_retry(*case)
    never(*case)
