"""same_seed_rig - one seed, one run: the journals of two runs of a scenario are equal but for times, connection by connection,
siblings and all; where a phase has steps, what chance decides is. The captures of one of them are read for what the story's clients
speak, and, where the scenario has no test of its own that does, for what gives the lab away (scenario_lint). All of the catalogue
takes minutes, so each test takes a share of it."""
import concurrent.futures
import os

import journal_rig
import scenario_lint
from run_rig import check, fail, tshark

CATALOG = os.path.join(os.environ["SOURCE_DIR"], "scenarios/catalog")
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
LINTED_HERE = ("exchange-delayed-ack", "exchange-selective-inspection", "vcpu-oversubscription")  # the others' own tests do it
RUN_OPTIONS = ("--quick", "--raw-captures", "--seed")


def play(rig, name, seed, out):
    status, _, stderr = rig.run(rig.ordinary, "run", "--out", rig.path(out), *RUN_OPTIONS, str(seed), name)
    if status == 2:
        fail(f"{name}: {stderr}")
    return journal_rig.read(os.path.join(rig.path(out), "journal.jsonl"))


def compare(rig, name):
    """The first traffic's ports are the main client's; those of the kernel's choice belong to programs."""
    a, b = play(rig, name, 77, f"{name}-1"), play(rig, name, 77, f"{name}-2")
    found, n = [], 0
    if a.keys() != b.keys():
        found.append(f"phases {list(a)} and {list(b)}")

    def until_main(client):
        """Ports below are the kernel's choice: health checks, which go on, too."""
        port = int(client.rsplit(":", 1)[1])
        return port < FIRST_PORT or port >= main_ends(name)

    for phase in a.keys() & b.keys():
        n += len(a[phase].sessions)
        by_clock = "steps:" in text_of(name)
        other = (journal_rig.other_decisions(a[phase], b[phase]) if by_clock else
                 journal_rig.differences(a[phase], b[phase], until_main))
        found += [f"{phase}: {d}" for d in other]
    return name, n, found


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


def check_words(rig, name):
    capture = next(f for f in sorted(os.listdir(rig.path(f"{name}-1"))) if f.startswith("impaired") and f.endswith("-client.pcapng"))
    for port, method in SPEAKS.get(name, {}).items():
        asked = {row[0] for row in tshark(os.path.join(rig.path(f"{name}-1"), capture), f"http.request && tcp.dstport == {port}",
                                          "http.request.method")}
        check(asked == {method}, f"{name}, port {port}: its clients ask by {asked}")


def check_share(rig, share, shares):
    """Every scenario of the catalogue is in one of the shares 0, 1, ... shares - 1."""
    names = sorted(n[:-5] for n in os.listdir(CATALOG))[share::shares]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for name, n, found in pool.map(lambda name: compare(rig, name), names):
            check(n and not found, f"{name}: {n} connections have the same journal twice {found[:3]}")
    for name in names:
        if name in LINTED_HERE:
            # Several labs at a time: whoever waits for a processor begins with the others that do.
            scenario_lint.lint_folder(rig.path(f"{name}-1"), steps=False)
        check_words(rig, name)
