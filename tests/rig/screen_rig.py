"""screen_rig - the screen of a run, and where it sends its reader: which capture to open with which filter, and the frames that
are shown there. Judged by tshark: it accepts the filter, shows these frames, and none in the healthy phase."""
import json
import os
import re

from run_rig import tshark

OPEN = re.compile(r"Open (\S+)-(client|server)\.pcapng, filter (.*?): frames? ([\d, ]+?)(?: and (\d+) more)?$")
LINES = 25
# FINs are healthy; here only the client's are there.
ALSO_HEALTHY = {"service-stuck-stopping": "tcp.srcport == 3478 && tcp.flags.fin == 1"}


def read_screen(folder):
    """What "wedge run" has printed of the report in that folder (run_rig.Rig.scenario keeps it)."""
    with open(folder + ".screen", encoding="utf-8") as f:
        return f.read().splitlines()


def frames(folder, phase, leg, wanted):
    return [row[0] for row in tshark(os.path.join(folder, f"{phase}-{leg}.pcapng"), wanted)]


def has_filter(rig, name):
    status, stdout, _ = rig.run(rig.ordinary, "show", name, "--json")
    return status == 0 and any(s["filter"] for s in json.loads(stdout)["signature"])


def judge_screen(rig, name, folder, lines):
    """(what is wrong, as texts; the lines that say what to open)"""
    wrong = [] if len(lines) <= LINES else [f"{len(lines)} lines"]
    looks = [m for m in map(OPEN.match, lines) if m]
    if not looks and has_filter(rig, name):
        wrong.append("nowhere to look")
    for m in looks:
        phase, leg, wanted, first, more = m.groups()
        found = frames(folder, phase, leg, wanted)
        if found[:3] != first.split(", ") or len(found) != len(first.split(", ")) + int(more or 0):
            wrong.append(f"{m.group(0)}, tshark has {found[:3]} of {len(found)}")
        healthy = ALSO_HEALTHY.get(name, wanted)
        if name in ALSO_HEALTHY and (frames(folder, phase, leg, healthy) or not frames(folder, "baseline", leg, healthy)):
            wrong.append(f"{healthy} is the same in both phases")
        elif name not in ALSO_HEALTHY and frames(folder, phase.replace("impaired", "baseline"), leg, wanted):
            wrong.append(f"{wanted} is in the baseline, too")
    return wrong, [m.group(0) for m in looks]
