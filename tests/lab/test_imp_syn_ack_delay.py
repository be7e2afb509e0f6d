#!/usr/bin/env python3
"""The SYN-ACK comes so late and not a moment earlier, one of them, while the client's SYNs go on to
the server and are answered there."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from imp_rig import ACK, SYN, Play, cases, check  # noqa: E402

for user, mode in cases():
    play = Play(user, mode, {"syn_ack_delay": {"delay": "2500ms"}},
                client={"app": "rpc", "exchanges": 2})
    syns = [p for p in play.packets("client", True) if p.is_only(SYN)]
    answers = [p for p in play.packets("client", False) if p.is_only(SYN | ACK)]
    check(len(syns) == 3, f"{user}, {mode}: the client has sent its SYN three times")
    late = answers[0].time - syns[0].time
    check(2.5 <= late < 2.56, f"the SYN-ACK is {late:.4f} s late")
    check(len(answers) == 1, "and the only one")
    check(play.metric("client_app.completed") == 2, "the exchanges are completed")
    held, dropped = play.journal("syn_ack_held"), play.journal("syn_ack_dropped")
    check(len(held) == 1 and len(dropped) >= 2, f"1 held, {len(dropped)} behind it dropped")
    if mode == "forward":
        arrived = [p for p in play.packets("server", True) if p.is_only(SYN)]
        sent = [p for p in play.packets("server", False) if p.is_only(SYN | ACK)]
        check(len(arrived) == 3 and len(sent) == 1 + len(dropped),
              f"the server has seen 3 SYNs and sent {len(sent)} SYN-ACKs")
