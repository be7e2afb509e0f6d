#!/usr/bin/env python3
"""In 'wedge run' each impairment of the list acts, or the report notes that it acted on no session and a warning says so:
explicit, transparent and forward, all of them at once in one phase, a sibling each."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from act_rig import PARAMETERS  # noqa: E402
from run_rig import Rig, check  # noqa: E402

rig = Rig()
NO_TLS = {"tls_alert", "tls_delay", "tls_half_record", "tls_stall"}  # find nothing of TLS in this traffic
BY_CHANCE = {"worker_pool"}  # needs a request that meets a hung one
SPOKEN = {"tls_truncate"}  # needs a wedge that speaks TLS
FIRST_PORT = 9000


def scenario(mode, names):
    siblings, faults = {}, []
    for i, name in enumerate(names):
        siblings["t_" + name] = {"port": FIRST_PORT + i, "server": {"response": ["300B", "6000B"], "service": "20ms"},
                                 "client": {"exchanges": 4, "connections": 2, "timeout": "500ms"}}
        given = dict(pair.split("=", 1) for pair in PARAMETERS.get(name, "").split(",") if pair)
        faults.append({name: {**given, "on": "t_" + name}})
    path = rig.path(f"{mode}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"name": mode, "title": mode, "source": "test", "story": "test", "lab": {"intercept": mode},
                   "server": {"app": "rpc"}, "client": {"app": "rpc", "exchanges": 30, "think": "100ms"}, "siblings": siblings,
                   "phases": {"baseline": [], "impaired": faults}, "expect": ["baseline.client_app.failed == 0"]}, f)
    return path


def play(user, mode, names):
    folder = rig.path("out-" + mode)
    status, _, stderr = rig.run(user, "run", "--seed", "1", "--out", folder, scenario(mode, names))
    with open(os.path.join(folder, "result.json"), encoding="utf-8") as f:
        result = json.load(f)
    # So many faults at once may be more than an ordinary user's packet queue holds, or than journal and wire can agree on.
    check(status in (0, 2) and len(result["phases"]) == 2, f"{user}, {mode}: it runs: {status} {result['why']}")
    told = {i["impairment"]: i for i in result["phases"][1]["counters"]["wedge"]["impairments"]}
    check(set(told) == set(names), f"{mode}: each of {len(names)} is counted: {sorted(set(names) ^ set(told))}")
    check(all(i["acted"] <= i["sessions"] for i in told.values()), f"{mode}: on some of its sessions")
    idle = {name for name, i in told.items() if not i["acted"]}
    check(idle - BY_CHANCE == NO_TLS & set(names), f"{mode}: all act but {sorted(idle)}: {[told[name] for name in idle]}")
    noted = {m[1] for m in (re.match(r"impaired: (\w+) acted on 0 of [1-9]\d* sessions?: ", n) for n in result["notes"]) if m}
    warned = set(re.findall(r"^wedge: warning: impaired: (\w+) acted on 0 of [1-9]\d* sessions?: ", stderr, re.M))
    check(noted == warned == idle, f"{mode}: those are noted and warned of: {sorted(noted)} {sorted(warned)}")
    with open(os.path.join(folder, "journal.jsonl"), encoding="utf-8") as f:
        ended = [e["impairment"] for e in map(json.loads, f) if e["event"] == "impairment"]
    check(sorted(ended) == sorted(names), f"{mode}: the journal has them, too")


listed = json.loads(rig.run(rig.ordinary, "impairments", "--json")[1])
every = [k["name"] for k in listed if k["name"] not in SPOKEN]
for how in ("explicit", "transparent"):
    play(rig.ordinary, how, every)
play(rig.ordinary, "forward", [k["name"] for k in listed if k["plane"] == "packet"])
