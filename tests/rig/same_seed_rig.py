"""same_seed_rig - one seed, one run: the journals of two runs of a scenario are equal but for times, connection by connection,
siblings and all; where a phase has steps, what chance decides is. And what the story's clients speak, as tshark reads it."""
import glob
import os
import re

import journal_rig
from run_rig import check, fail, tshark

CATALOG = os.path.join(os.environ["SOURCE_DIR"], "scenarios/catalog")
FIRST_PORT = 49152
SYNS_BY_CLOCK = "- syn_drop: {action: rst, schedule:"
SPEAKS = {  # {server's port: methods}, where the documents say what their clients spoke
    "exchange-delayed-ack": {80: "RPC_IN_DATA"},
    "exchange-scheduling-assistant": {80: "POST"},
    "exchange-selective-inspection": {80: "RPC_IN_DATA"},
    "mapi-session-limit": {80: "RPC_IN_DATA"},
    "network-filters": {80: "PROPFIND"},
    "pool-collapse": {80: "GET PROPFIND"},
    "reads-pending": {80: "GET PROPFIND"},
    "sync-dies-mid-stream": {80: "PROPFIND"},
    "worker-process-crash": {80: "PROPFIND"},
}


def played_nowhere():
    """The scenarios of the catalogue that no test of their own plays by reproduce(), which judges what all must have."""
    names = set()
    for path in glob.glob(os.path.join(os.environ["SOURCE_DIR"], "tests/lab/test_scenario_*.py")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        named = re.search(r'reproduce\("([^"]+)"', text) or "reproduce(NAME" in text and re.search(r'^NAME\b[^"]* = "([^"]+)"', text, re.M)
        if named:
            names.add(named[1])
    return sorted({os.path.basename(path)[:-5] for path in glob.glob(os.path.join(CATALOG, "*.yaml"))} - names)


def play(rig, scenario, seed, out):
    """Runs a scenario, by its name or file, whatever its verdict; its folder."""
    status, _, stderr = rig.run(rig.ordinary, "run", "--out", rig.path(out), "--quick", "--raw-captures", "--seed", str(seed), scenario)
    return rig.path(out) if status != 2 else fail(f"{scenario}: {stderr}")


def differences(name, *folders, partly=False):
    """How many connections the runs in two folders have, and what isn't the same in both, as texts. The first traffic's ports
    are the main client's; those of the kernel's choice belong to programs. partly: one may have played more phases."""
    a, b = (journal_rig.read(os.path.join(folder, "journal.jsonl")) for folder in folders)
    found, n = [], 0
    if a.keys() != b.keys() and not partly:
        found.append(f"phases {list(a)} and {list(b)}")

    def until_main(client):
        """Ports below are the kernel's choice: health checks, which go on, too."""
        port = int(client.rsplit(":", 1)[1])
        return port < FIRST_PORT or port >= main_ends(name)

    for phase in a.keys() & b.keys():
        n += len(a[phase].sessions)
        by_clock = "steps:" in text_of(name)
        other = (journal_rig.other_decisions(a[phase], b[phase]) if by_clock else
                 journal_rig.differences(a[phase], b[phase], until_main, SYNS_BY_CLOCK in text_of(name)))
        found += [f"{phase}: {d}" for d in other]
    return n, found


def text_of(name):
    with open(os.path.join(CATALOG, f"{name}.yaml"), encoding="utf-8") as f:
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


def check_words(folder, name):
    capture = next(f for f in sorted(os.listdir(folder)) if f.startswith("impaired") and f.endswith("-client.pcapng"))
    rows = tshark(os.path.join(folder, capture), "http.request", "tcp.dstport", "http.request.method") if name in SPEAKS else []
    for port, methods in SPEAKS.get(name, {}).items():
        asked = {row[1] for row in rows if row[0] == str(port)}
        check(asked == set(methods.split()), f"{name}, port {port}: its clients ask by {asked}")
