#!/usr/bin/env python3
"""F05, refereed by tshark: a wait of 200 ms is 200 ms at both ends where the server thinks, at the client's end alone where
a box between has it, and an ACK's at the server's end where ACKs are held. 'wedge analyze', given one capture, names the
server or nobody, or says that it can't tell; given both, it says where the time went. ACKs are held in forward mode, too,
for a time that no known host takes."""
import os
import re
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from scenario_rig import Played, check, reproduce, rig, side_by_side  # noqa: E402

NAME, EXCHANGES = "measured-at-one-end", 20
D, NEAR = 0.2, 0.01  # seconds


def exchanges(c):
    """(request to answer, answer's first segment to its pure ACK, longest gap inside the answer) of each."""
    starts = [i for i, p in enumerate(c.all) if p.upstream and p.len]
    for a, b in zip(starts, starts[1:] + [len(c.all)]):
        data = [p for p in c.all[a:b] if not p.upstream and p.len]
        acks = [p for p in c.all[a + 1:b] if p.upstream and not p.len and p.ack == data[0].seq + data[0].len & 0xffffffff]
        yield (data[0].time - c.all[a].time, acks[0].time - data[0].time if acks else 0,
               max([y.time - x.time for x, y in zip(data, data[1:])], default=0))


def measured(played, phase, leg):
    """The medians, by tshark, that must be wedge's own figures."""
    found = [x for c in played.connections(phase, leg, 80) for x in exchanges(c)]
    check(len(found) >= EXCHANGES, f"{phase}, {leg}: {len(found)} exchanges")
    answer, ack, gap = (statistics.median(column) for column in zip(*found))
    ours = played.metric(phase, f"{leg}_wire.response.p50")
    check(abs(ours - answer) < 0.0005, f"{phase}, {leg}: request to answer {answer * 1e3:.3f} ms, by wedge {ours * 1e3:.3f}")
    return answer, ack, gap


def is_d(seconds, d=D):
    return abs(seconds - d) <= 0.1 * d


def page(*captures):
    done = subprocess.run([rig.wedge, "analyze", *captures], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def says(played, phase, legs, *patterns):
    text = page(*[played.capture(phase, leg) for leg in legs])
    check(all(re.search(p, text) for p in patterns), f"{phase}, {' and '.join(legs)}: {text[:300]}")


ROUTED = ("--intercept", "forward", "--set", "impaired=none", "--set", "wrong_repair=none",
          "--set", "acks_held.delayed_ack.timer=120ms")  # a router keeps no stream back
played, routed = side_by_side(lambda: reproduce(NAME, without=("impaired",)),
                              lambda: Played(rig.ordinary, NAME, "--quick", *ROUTED, status=1))

figures = {(phase, leg): measured(played, phase, leg) for leg in ("client", "server") for phase in
           ("baseline", "impaired", "wrong_repair", "server_thinks", "acks_held", "acks_held_repaired", "mitigated")}
for phase in ("impaired", "wrong_repair"):
    here, there = figures[phase, "client"][0], figures[phase, "server"][0]
    check(is_d(here) and there <= NEAR and here - there >= 0.9 * D, f"{phase}: {here:.4f} s here, {there:.4f} s there")
here, there = figures["server_thinks", "client"][0], figures["server_thinks", "server"][0]
check(is_d(here) and is_d(there), f"server_thinks: {here:.4f} s here, {there:.4f} s there")
_, ack, gap = figures["acks_held", "client"]
check(ack <= NEAR and is_d(gap), f"acks_held, client: acknowledged after {ack:.4f} s, the next data after {gap:.4f} s")
_, ack, _ = figures["acks_held", "server"]
check(is_d(ack), f"acks_held, server: data to pure ACK {ack:.4f} s")
_, ack, gap = measured(routed, "acks_held", "client")
check(ack <= NEAR and is_d(gap, 0.12), f"forward, client: acknowledged after {ack:.4f} s, the next data after {gap:.4f} s")
_, ack, _ = measured(routed, "acks_held", "server")
check(is_d(ack, 0.12), f"forward, server: data to pure ACK {ack:.4f} s")
for phase in ("baseline", "acks_held_repaired", "mitigated"):
    check(all(max(figures[phase, leg][0], figures[phase, leg][2]) <= NEAR for leg in ("client", "server")), f"{phase}: quick")

ONE = r"^No documented failure.* Most time was lost to: server think time\. .* It is up to the server\."
says(played, "server_thinks", ["client"], ONE)
says(played, "server_thinks", ["server"], ONE)
says(played, "impaired", ["client"], ONE)  # what one place can see; the same page as of a slow server
says(played, "impaired", ["server"], r"Nobody waited here for anything")
UNSURE = r"From this vantage it can't be told whether it is up to the server\."
says(played, "acks_held", ["client"], UNSURE, r"a capture of the same traffic on the server's side|one at the server would tell")
gaps = sorted(x[2] for c in routed.connections("acks_held", "client", 80) for x in exchanges(c))
if gaps[-1] - gaps[0] < 0.1 * gaps[0]:  # else the machine was busy, and they aren't as long as each other
    says(routed, "acks_held", ["client"], UNSURE,
         r"each as long: an ACK that is held behind a proxy looks the same, and a capture at the server would tell")
says(routed, "acks_held", ["server"], r"delayed ACK .* It is up to the client\.")
says(played, "acks_held", ["server"], r"delayed ACK of classic Windows .* It is up to the client\.")
both = ["client", "server"]
says(played, "server_thinks", both, r"Of [\d.]+ s that the client lost, [\d.]+ s \((9\d|100) %\) passed beside the server\.")
says(played, "impaired", both, r"\((9\d|100) %\) passed between the captures, on the way to the client\.")
says(played, "acks_held", both, r"\((9\d|100) %\) passed between the captures, on the way to the server\.")
