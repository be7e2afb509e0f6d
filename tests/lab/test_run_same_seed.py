#!/usr/bin/env python3
"""One seed, one run: the journals of two runs are equal but for times, connection by connection, in every scenario of the
catalogue, siblings and all; where a phase has steps, what chance decides is. The captures of one of them are read for what
gives the lab away (scenario_lint), and for what the story's clients speak. With 8 siblings and 200 connections that race,
tshark sees the same ones reset in both runs, others in another phase, and others with another seed."""
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import journal_rig  # noqa: E402
import scenario_lint  # noqa: E402
from run_rig import Rig, check, fail, need, tshark  # noqa: E402

FIRST_PORT = 49152
SPEAKS = {  # {server's port: method}, where the documents say what their clients spoke
    "exchange-delayed-ack": {80: "RPC_IN_DATA", 81: "GET"},
    "exchange-scheduling-assistant": {80: "POST", 82: "RPC_OUT_DATA"},
    "exchange-selective-inspection": {80: "RPC_IN_DATA", 81: "GET"},
    "mapi-session-limit": {80: "RPC_IN_DATA"},
    "network-filters": {80: "PROPFIND", 443: "GET"},
    "reads-pending": {80: "PROPFIND", 443: "GET"},
    "sync-dies-mid-stream": {80: "PROPFIND"},
}
RUN_OPTIONS = ("--quick", "--raw-captures", "--seed")
RACE = """
name: race
title: many clients that race
source: none
story: Connections of nine traffics begin in an order that nobody knows.
server: {app: rpc, port: 80}
client: {app: rpc, exchanges: 200, connections: 20, per_connection: 1}
siblings:
SIBLINGS
phases:
  baseline: []
  impaired: {impairments: [FAULTS]}
  again: {impairments: [LATER]}  # the same chance; two phases that are the same are refused
expect:
  - impaired.client_app.failed > 0
"""

need("tshark", "setpriv")
rig = Rig()


def play(name, seed, out):
    status, _, stderr = rig.run(rig.ordinary, "run", "--out", rig.path(out), *RUN_OPTIONS, str(seed), name)
    if status == 2:
        fail(f"{name}: {stderr}")
    return journal_rig.read(os.path.join(rig.path(out), "journal.jsonl"))


def compare(name):
    """The first traffic's ports are the main client's; those of the kernel's choice belong to programs."""
    a, b = play(name, 77, f"{name}-1"), play(name, 77, f"{name}-2")
    found, n = [], 0
    if a.keys() != b.keys():
        found.append(f"phases {list(a)} and {list(b)}")
    for phase in a.keys() & b.keys():
        def until_main(client):
            """Ports below are the kernel's choice: health checks, which go on, too."""
            port = int(client.rsplit(":", 1)[1])
            return port < FIRST_PORT or port >= main_ends(name)
        n += len(a[phase].sessions)
        by_clock = "steps:" in text_of(name)
        other = (journal_rig.other_decisions(a[phase], b[phase]) if by_clock else
                 journal_rig.differences(a[phase], b[phase], until_main))
        found += [f"{phase}: {d}" for d in other]
    return name, n, found


def text_of(name):
    with open(os.path.join(os.environ["SOURCE_DIR"], "scenarios/catalog", f"{name}.yaml"), encoding="utf-8") as f:
        return f.read()


def traffics(name):
    """How many traffics share the ports."""
    inside, n = False, 1
    for line in text_of(name).splitlines():
        if not line.startswith((" ", "#")) and line.strip():
            inside = line.startswith("siblings:")
        n += inside and line.startswith("  ") and line[2] not in " #"
    return n


def main_ends(name):
    return FIRST_PORT + 16384 // traffics(name)


catalogue = sorted(n[:-5] for n in os.listdir(os.path.join(os.environ["SOURCE_DIR"], "scenarios/catalog")))
with concurrent.futures.ThreadPoolExecutor(6) as pool:
    for name, n, found in pool.map(compare, catalogue):
        check(n and not found, f"{name}: {n} connections have the same journal twice {found[:3]}")
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    # Six labs at a time: whoever waits for a processor begins with the others that do. The scenarios' own tests look for steps.
    list(pool.map(lambda name: scenario_lint.lint_folder(rig.path(f"{name}-1"), steps=False), catalogue))
for name, ports in SPEAKS.items():
    capture = next(f for f in sorted(os.listdir(rig.path(f"{name}-1"))) if f.startswith("impaired") and f.endswith("-client.pcapng"))
    for port, method in ports.items():
        asked = {row[0] for row in tshark(os.path.join(rig.path(f"{name}-1"), capture), f"http.request && tcp.dstport == {port}",
                                          "http.request.method")}
        check(asked == {method}, f"{name}, port {port}: its clients ask by {asked}")


def race_file():
    names = [f"s{i}" for i in range(1, 9)]
    siblings = "".join(f"  {name}: {{port: {80 + i}, client: {{exchanges: 200, connections: 20, per_connection: 1}}, "
                       "server: {}}\n" for i, name in enumerate(names, 1))
    faults = ", ".join("{refuse: {mode: reset, probability: 50%%, on: %s}}" % name for name in ("main", *names))
    path = rig.path("race.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(RACE.replace("SIBLINGS\n", siblings).replace("FAULTS", faults)
                .replace("LATER", faults.replace("reset,", "reset, delay: 1ms,")))
    return path


def closed(out, phase, flag):
    """{server's port: client's ports whose connections the server has ended so}"""
    found = {}
    for row in tshark(os.path.join(rig.path(out), f"{phase}-client.pcapng"), f"tcp.flags.{flag}==1 && ip.src==192.0.2.1",
                      "tcp.srcport", "tcp.dstport"):
        found.setdefault(int(row[0]), set()).add(int(row[1]))
    return found


def resets(out, phase):
    return closed(out, phase, "reset")


def order(journal, phase):
    return [who for who in journal[phase].sessions]


race = race_file()
one, two = play(race, 77, "race-1"), play(race, 77, "race-2")
check(order(one, "impaired") != order(two, "impaired"), "the connections came in two orders")
first, second, again = resets("race-1", "impaired"), resets("race-2", "impaired"), resets("race-1", "again")
check(len(first) == 9 and first[80] == second[80], f"of the main 200, the same {len(first[80])} were reset twice")
# A sibling goes on until the main client ends: its last connections may be missing in one run, and the capture, which ends
# then, too, may not have what a busy wedge says to them. Those that were ended in both runs are compared.
over = [set().union(*side.values(), *closed(out, "impaired", "fin").values())
        for side, out in ((first, "race-1"), (second, "race-2"))]
both = over[0] & over[1]
siblings = [{p for port in side if port != 80 for p in side[port] if p in both} for side in (first, second)]
check(siblings[0] == siblings[1] and len(siblings[0]) > 400,
      f"and of the siblings' {len(both)} the same {len(siblings[0])}, not {sorted(siblings[0] ^ siblings[1])[:3]}")
# 200 draws of 50 %: 99.9 % of all samples have from 77 to 123.
check(all(77 <= len(r[80]) <= 123 for r in (first, again)), f"{len(first[80])} and {len(again[80])} of 200 are half")
check(77 <= len(first[80] ^ again[80]) <= 123, f"another phase resets others: {len(first[80] ^ again[80])} differ")
low = {port: {p - min(first[port] | again[port]) for p in first[port]} for port in first}
check(len({frozenset(p for p in s if p < 100) for s in low.values()}) == 9, "no two traffics share a sequence")
play(race, 78, "race-3")
check(77 <= len(first[80] ^ resets("race-3", "impaired")[80]) <= 123, "another seed resets others")
