#!/usr/bin/env python3
"""One seed, one run, also where connections race: with 8 siblings and 200 connections tshark sees the same ones reset in both runs,
others in another phase, with another seed, and in another scenario. test_catalog_same_seed has the catalogue's scenarios."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import journal_rig  # noqa: E402
import same_seed_rig  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

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


def race_file(name):
    names = [f"s{i}" for i in range(1, 9)]
    siblings = "".join(f"  {name}: {{port: {80 + i}, client: {{exchanges: 200, connections: 20, per_connection: 1}}, "
                       "server: {}}\n" for i, name in enumerate(names, 1))
    faults = ", ".join("{refuse: {mode: reset, probability: 50%%, on: %s}}" % name for name in ("main", *names))
    path = rig.path(f"{name}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(RACE.replace("name: race", f"name: {name}").replace("SIBLINGS\n", siblings).replace("FAULTS", faults)
                .replace("LATER", faults.replace("reset,", "reset, delay: 1ms,")))
    return path


def play(seed, out, name="race"):
    return journal_rig.read(os.path.join(same_seed_rig.play(rig, race_file(name), seed, out), "journal.jsonl"))


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


one, two = play(77, "race-1"), play(77, "race-2")
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
play(78, "race-3")
check(77 <= len(first[80] ^ resets("race-3", "impaired")[80]) <= 123, "another seed resets others")
play(77, "contest", "contest")
check(77 <= len(first[80] ^ resets("contest", "impaired")[80]) <= 123, "and so does another scenario with the same seed")
