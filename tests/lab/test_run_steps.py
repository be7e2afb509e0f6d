#!/usr/bin/env python3
"""The steps of a phase, refereed by tshark: impairments that come and go, roles that end in each way and come back,
offered load, connections one after another, retries; and what happens when a step awaits in vain."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark")
rig = Rig()

HEAD = """
name: steps
title: Steps
source: this test
story: It changes.
server: {{app: rpc, port: 80, nodelay: true}}
client: {{app: rpc, exchanges: 20, {client}}}
siblings: {{}}
phases:
  baseline: {{client: {{think: 5ms}}}}
  impaired:
    impairments: [{impairments}]
    steps: [{steps}]
expect:
  - {expect}
"""


def play(label, client, impairments, steps, expect, verdict="reproduced", good=lambda capture: True):
    """Plays one scenario, again if the verdict is another or good(its capture) is false beside others' load."""
    path = rig.path(f"{label}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD.format(client=client, impairments=impairments, steps=steps, expect=expect))
    result, _, folder = rig.scenario(rig.ordinary, path, out=label, good=lambda r, _: r["verdict"] == verdict and good(
        os.path.join(rig.path(label), "impaired-client.pcapng")))
    wrong = [x["text"] + ": " + x["measured"] for x in result["expectations"] if not x["ok"]]
    check(result["verdict"] == verdict, f"{label}: {result['verdict']}; {result['why']} {wrong}")
    phase = next(p for p in result["phases"] if p["name"] == "impaired")
    return os.path.join(folder, "impaired-client.pcapng"), phase["steps"], result


def times(capture, what):
    return [float(row[0]) for row in tshark(capture, what, "frame.time_relative")]


# A fault is switched on and off, and its delay set, while one connection goes on.
capture, done, _ = play(
    "change", "think: 10ms", "{latency: {delay: 60ms, direction: downstream, enabled: false}}",
    "{wait: 500ms}, {section: slow}, {on: latency}, {wait: 1s}, {set: {latency.delay: 120ms}}, {section: slower}, "
    "{wait: 1s}, {off: latency}, {section: cured}, {wait: 500ms}",
    "impaired:slow.client_app.response.p50 between 58ms and 75ms\n"
    "  - impaired:slower.client_app.response.p50 between 118ms and 140ms\n"
    "  - impaired:cured.client_app.response.p50 <= 20ms\n  - impaired:start.client_app.response.p50 <= 20ms\n"
    "  - impaired:slow.client_wire.response.p50 between 58ms and 75ms\n"
    "  - impaired:cured.client_wire.response.p50 <= 20ms")
gaps = [float(r[0]) for r in tshark(capture, "http.response", "http.time")]
check(len(tshark(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0")) == 1, "one connection all along")
# The exchanges under way at a change may be of either kind.
check(sum(0.055 < g < 0.08 for g in gaps) >= 10 and sum(0.115 < g < 0.15 for g in gaps) >= 5 and
      sum(g < 0.02 for g in gaps) >= 50, f"tshark sees three kinds of answers: {len(gaps)}")
at = {step["step"]: step["at"] for step in done}
check(abs(at["section cured"] - 2.5) < 0.1, f"steps keep to their plan: {at}")

# Connections one after another; the client vanishes, and comes back as a process of its own.
capture, _, _ = play(
    "vanish", "think: 1h", "{delay: {delay: 1ms}}",
    "{ramp: {client.connections: {from: 1, to: 12, every: 50ms}}}, {wait: 300ms}, {vanish: client}, {section: gone}, "
    "{wait: 500ms}, {start: client}, {wait: 300ms}, {kill: client}",
    "impaired.client_app.completed == 13\n  - impaired:gone.client_wire.connections == 1")
syns = times(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0")
steps = [b - a for a, b in zip(syns[:12], syns[1:12])]
check(len(syns) == 13 and all(0.02 < s < 0.09 for s in steps), f"12 connections, 50 ms apart, and one: {steps}")
ends = tshark(capture, "ip.src == 192.0.2.2 && (tcp.flags.fin == 1 || tcp.flags.reset == 1)", "tcp.stream", "tcp.flags")
check({row[0] for row in ends} == {"12"}, f"only the killed one's kernel says that it has gone: {ends}")

# A server that is killed refuses until it is started again.
capture, _, _ = play(
    "server", "think: 20ms, per_connection: 1, timeout: 2s", "{delay: {delay: 1ms}}",
    "{wait: 300ms}, {kill: server}, {section: down}, {wait: 700ms}, {start: server}, {section: up}, "
    "{await: {completed: 5, within: 5s}}",
    "impaired:down.client_app.success == 0\n  - impaired:up.client_app.first_completed.max <= 500ms")

# One that hangs takes what comes and says nothing, on old connections and new ones; killed then, it resets them.
capture, _, _ = play(
    "hang", "think: 20ms, connections: 4, timeout: 5s, retries: 100, retry_wait: 50ms, retry_varies: 50%", "{delay: {delay: 1ms}}",
    "{wait: 300ms}, {section: hanging}, {hang: server}, {set: {client.connections: 6}}, {wait: 700ms}, {kill: server}, "
    "{section: down}, {wait: 200ms}, {section: between}, {start: server}, {section: up}, {await: {completed: 6, within: 5s}}",
    "impaired:hanging.client_app.failed_reset >= 6\n  - impaired:hanging.client_app.failed_after.max >= 500ms\n"
    "  - impaired:down.client_app.success == 0\n  - impaired:up.client_app.success == 100%")
resets = tshark(capture, "ip.dst == 192.0.2.2 && tcp.flags.reset == 1 && tcp.seq > 0 && tcp.ack > 1", "frame.time_relative")
check(len(resets) >= 6 and float(resets[5][0]) - float(resets[0][0]) < 0.1, f"its kernel resets all at once: {resets}")

# An open loop: requests come at their rate, though each takes far longer than the next one's turn.
def first_gaps(capture):
    """The time between requests while 20 come a second."""
    asked = times(capture, "http.request")
    first = [t - asked[0] for t in asked if t < 1.9]
    return [b - a for a, b in zip(first, first[1:])]


def in_turn(capture):
    return len(first_gaps(capture)) > 34 and all(abs(g - 0.05) < 0.015 for g in first_gaps(capture))


capture, _, _ = play(
    "rate", 'rate: 20/s', "{latency: {delay: 500ms, direction: downstream}}",
    "{wait: 2s}, {section: ramp}, {ramp: {client.rate: {from: 20/s, to: 100/s, over: 2s}}}",
    "impaired:start.client_app.response.p50 between 495ms and 530ms\n"
    "  - impaired:ramp.client_app.exchanges between 110 and 130\n  - impaired:start.client_app.exchanges between 39 and 41", good=in_turn)
asked = times(capture, "http.request")
check(in_turn(capture), f"20 requests a second: {[round(1e3 * g) for g in first_gaps(capture)]} ms apart")
counts = [sum(a <= t < a + 0.5 for t in asked) for a in (2.0, 2.5, 3.0, 3.5)]
check(all(abs(n - w) <= 3 for n, w in zip(counts, (15, 25, 35, 45))), f"then more and more: {counts}")

# The fate of a 4-tuple stays with it; another port draws its own.
for port, more in (("same", "=="), ("new", ">")):
    capture, _, result = play(
        f"retry-{port}", f"think: 5ms, per_connection: 1, timeout: 250ms, retries: 2, retry_port: {port}",
        "{syn_drop: {probability: 30%}}", "{wait: 12s}",
        f"impaired.client_app.retried_ok {more} 0\n  - impaired.client_app.retries >= 3")
    ports = [row[0] for row in tshark(capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0 && "
                                      "!tcp.analysis.retransmission", "tcp.srcport")]
    retries = next(p for p in result["phases"] if p["name"] == "impaired")["metrics"]["client_app.retries"]
    again = sum(a == b for a, b in zip(ports, ports[1:]))
    check(again == retries if port == "same" else again == 0, f"retries from the {port} port: {again} of {retries}")

# Connections that last to the phase's end are shut down there, in the section that it is in; and what begins behind
# the last step is in that section too.
capture, done, _ = play(
    "closing", "think: 5ms, connections: 3, close: shutdown", "{latency: {delay: 60ms, direction: upstream}}",
    "{wait: 400ms}, {ramp: {latency.delay: {from: 60ms, to: 70ms, over: 300ms}}}, {section: late}, {wait: 500ms}",
    "impaired:late.client_app.closing.count == 3\n  - impaired:start.client_app.closing.count == 0\n"
    "  - impaired:late.client_app.closing.p50 between 69ms and 90ms\n"
    "  - impaired:start.client_app.exchanges + impaired:late.client_app.exchanges == impaired.client_app.exchanges\n"
    "  - impaired.client_wire.connections == 3")
ends = tshark(capture, "tcp.flags.fin == 1 && !tcp.analysis.retransmission", "tcp.stream", "ip.src", "frame.time_relative")
own = {stream: float(at) for stream, src, at in ends if src == "192.0.2.2"}
theirs = {stream: float(at) for stream, src, at in ends if src != "192.0.2.2"}
check(len(own) == 3 and all(0.069 < theirs[s] - own[s] < 0.09 for s in own),
      f"tshark sees each FIN answered: {[round(theirs.get(s, 0) - own[s], 4) for s in own]}")
values = [s["step"].partition("=")[2] for s in done if "latency.delay" in s["step"]]
check(values == ["60ms", "63.333333ms", "66.666667ms", "70ms"], f"a ramp whose steps don't divide evenly: {values}")
with open(os.path.join(os.path.dirname(capture), "report.txt"), encoding="utf-8") as f:
    report = f.read()
check("Steps of impaired" in report and "section late" in report and "set latency.delay=60ms ... 70ms (4 values)" in report,
      "report.txt shows what was done")

# What a step sets going is over before the client hears what is awaited: it counts.
play("at-once", "think: 1h, connect_every: 0s", "{delay: {delay: 100us}}",
     "{wait: 200ms}, {set: {client.connections: 21}}, {await: {completed: 20, within: 2s}}", "impaired.client_app.completed == 21")

# What never comes is no fault of the lab: the run is judged, and the reason told.
_, _, result = play("vain", "think: 20ms", "{delay: {delay: 1ms}}",
                    "{await: {failed: 1, within: 1s}}, {section: never}, {wait: 1s}",
                    "impaired.client_app.failed == 0", verdict="not-reproduced")
check("await 1 failed of main within 1s: not reached" in result["why"] and ".yaml:" in result["why"],
      f"it says what was awaited: {result['why']}")
