#!/usr/bin/env python3
"""What the terminal of "wedge run" shows: at most 25 lines, the reason in the one verdict line, and for every scenario, here or by reproduce(),
which capture to open with which filter; tshark accepts it, shows these frames, and none in the healthy phase."""
import json
import os
import pty
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import same_seed_rig  # noqa: E402
from run_rig import Rig, check, need  # noqa: E402
from screen_rig import LINES, frames, judge_screen  # noqa: E402

need("tshark", "setpriv")
rig = Rig()


def run_good(good, *words):
    """Beside other tests an ACK may be so late that an expectation fails: that is others' subject."""
    for _ in range(3):
        done = rig.run(rig.ordinary, "run", "--quick", *words)
        if done[0] in good:
            break
    return done


def play(name, *args, out, good=(0,)):
    status, stdout, stderr = run_good(good, "--seed", "77", "--out", rig.path(out), *args, name)
    check(status in good, f"{name} {' '.join(args)}: {stdout.splitlines()[:1]} {stderr.splitlines()[-1:]}")
    return stdout.splitlines()


def judge(name):
    """One that no test of its own plays by reproduce(), which judges its screen."""
    lines = play(name, "--phase", "baseline", "--phase", "impaired", out=name, good=(0, 1))
    wrong, looks = judge_screen(rig, name, rig.path(name), lines)
    check(looks and not wrong, f"{name}: {looks} {wrong}")


for only_here in same_seed_rig.played_nowhere():
    judge(only_here)

lines = play("exchange-delayed-ack", "--set", "impaired=none", out="none", good=(1,))
check(re.match(r"exchange-delayed-ack: NOT REPRODUCED \(quick\)\. \d+ of \d+ expectations failed; the first: "
               r"impaired\.server_wire\.ack_delay_max_per_exchange\.p50 within 5% of 200ms: .* \(wanted ", lines[0]),
      f"the reason is in the verdict's line: {lines[0]}")
check(sum("NOT REPRODUCED" in line for line in lines) == 1 and len(lines) <= LINES, "which is there once")
check(lines[-3].endswith("tcp.analysis.ack_rtt > 0.19: no frame"), lines[-3])
lines = play("exchange-delayed-ack", "--phase", "baseline", out="invalid", good=(2,))
check(lines[0].startswith("exchange-delayed-ack: INVALID (quick). the ") and len(lines) <= LINES, lines[0])

whole = play("exchange-delayed-ack", "-v", out="whole")
with open(os.path.join(rig.path("whole"), "report.txt"), encoding="utf-8") as f:
    check(whole[:-1] == f.read().splitlines(), "-v shows the whole report")
check("Environment" in whole and "Files" in whole and "Where to look" in whole, "with environment and files")
status, stdout, _ = run_good((0,), "--json", "--out", rig.path("json"), "exchange-delayed-ack")
look = json.loads(stdout)["looks"][0]
check(status == 0 and look["found"] >= 50 and look["frames"].split(", ") ==
      frames(rig.path("json"), "impaired", "server", look["filter"])[:3], f"--json has it: {look}")

two = run_good((0,), "--out", rig.path("two"), "exchange-delayed-ack", "exchange-delayed-ack")
check(two[0] == 0 and two[1].count(": REPRODUCED") == 2 and len(two[1].splitlines()) <= 2 * LINES + 1 and
      two[1].splitlines()[-1].startswith("2 of 2 reproduced in "), "two scenarios, two screens, and where the index is")

def on_terminal(stream, *words):
    """(exit status, bytes) of a run whose stdout or stderr is a terminal of 60 columns."""
    master, slave = pty.openpty()
    subprocess.run(["stty", "cols", "60", "rows", "30"], stdin=slave, check=True)
    other = {"stdout": "stderr", "stderr": "stdout"}[stream]
    p = subprocess.Popen(rig.words(rig.ordinary, "run", "--quick", *words, "exchange-delayed-ack"), cwd=rig.folder,
                         **{stream: slave, other: subprocess.DEVNULL})
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    return p.wait(), shown


# A narrow terminal: nothing but the verdict, where to look and the folder is wider than it.
status, shown = on_terminal("stdout", "--out", rig.path("narrow"))
narrow = shown.decode().replace("\r", "").splitlines()
wide = [line for line in narrow if len(line) > 60]
check(status == 0 and narrow and b"\x1b" not in shown and len(narrow) <= LINES and
      all(line.startswith(("exchange-delayed-ack: ", "Open ", "Report: ")) for line in wide), f"60 columns: {wide}")

# The progress is one line that is written over, and nothing else of it is no text.
status, shown = on_terminal("stderr", "--out", rig.path("progress"), "--phase", "baseline")
check(shown.count(b"\r\x1b[K[1/1]") >= 2 and b"\\u00" not in shown, f"progress on a terminal: {shown[:80]}")
