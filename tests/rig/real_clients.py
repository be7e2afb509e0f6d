"""real_clients - plays scenarios with the real program that each names, and compares what that program itself printed, its
exit status and its time with the scenario's page."""
import json
import os
import re
import shutil
import subprocess
import sys

from noise import unspoilt
from run_rig import Rig, check, skip, tshark

PAGE = os.path.join(os.environ["SOURCE_DIR"], "docs/scenarios.md")
TIMES = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def seconds(text):
    value, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()
    return float(value) * TIMES[unit]


def felt_of(name):
    """The page's rows for a scenario's real client: {phase: (status or None, at least, at most, words or None)}."""
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    part = re.search(rf"^## (?:F\d+ )?{re.escape(name)}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)
    table = part.split("| real client in | exit status |", 1)[1].split("| --- | --- | --- | --- |\n", 1)[1]
    rows = {}
    for line in table.splitlines():
        cells = re.split(r"(?<!\\) \| ", line.strip("| "))
        if len(cells) != 4:
            break
        phase, status, time, words = cells
        least, most = time.split(" to ")
        said = None if words == "nothing" else words.strip("`").replace("\\|", "|")
        rows[phase.strip("`")] = (int(status) if status.isdigit() else None, seconds(least), seconds(most), said)
    return rows


def is_said(words, output):
    pattern = ".*".join(re.escape(part) for part in words.split("..."))
    return any(re.fullmatch(pattern, line) for line in re.split(r"[\r\n\0]+", output))


def wrong_in(phase, felt, told, folder):
    """What isn't as the page says; None: all is."""
    status, least, most, words = felt
    if told["limited"] != (status is None) or (status is not None and told["exit_status"] != status):
        return f"status {told['exit_status']}, ended by wedge: {told['limited']}"
    if not least <= told["seconds"] <= most:
        return f"it took {told['seconds']} s"
    with open(os.path.join(folder, told["output"]), encoding="utf-8", errors="replace") as f:
        output = f.read()
    return None if words is None or is_said(words, output) else f"'{words}' isn't in {output!r}"


def is_installed(tool):
    """A program by its name; python3-NAME is a module of Debian's Python."""
    if tool.startswith("python3-"):
        return subprocess.run(["/usr/bin/python3", "-c", "import " + tool[8:]], capture_output=True, check=False).returncode == 0
    return shutil.which(tool) or os.path.exists(f"/usr/sbin/{tool}")


def play(rig, user, name, needs=()):
    for tool in needs:
        if not is_installed(tool):
            print(f"not run here: {name} ({tool} isn't installed)")
            return False
    felt = felt_of(name)
    folder = rig.path(f"{name}-{user}")

    def once():
        status, out, err = rig.run(user, "run", "--real-client", "--seed", "8", "--out", folder, name)
        try:
            with open(os.path.join(folder, "client.json"), encoding="utf-8") as f:
                return status, json.load(f), out + err
        except FileNotFoundError:
            return status, None, out + err

    status, told, text = unspoilt(once, lambda played: played[0] == 0)
    check(told is not None and status == 0, f"{name} as {user}: wedge says it is as the page says: {status} {text}")
    phases = {phase["name"]: phase for phase in told["phases"]}
    check(sorted(phases) == sorted(felt), f"{name}: its phases are the page's: {sorted(felt)}")
    for phase, row in felt.items():
        wrong = wrong_in(phase, row, phases[phase], folder)
        check(wrong is None, f"{name}, {phase}, as {user}: as the page says ({row}){'; ' + wrong if wrong else ''}")
    packets = tshark(os.path.join(folder, "impaired-client.pcapng"), "tcp.srcport >= 32768 && tcp.srcport <= 49151")
    check(len(packets) > 0, f"{name}: the program's own packets are in the capture, {len(packets)} of them")
    return True


def play_all(*wanted):
    """Each is NAME, or (NAME, programs that it needs)."""
    rig = Rig()
    played = 0
    for item in wanted:
        name, needs = (item, ("curl",)) if isinstance(item, str) else item
        played += play(rig, rig.ordinary, name, needs)
    if not played:
        skip("none of the programs is installed")
    sys.exit(0)
