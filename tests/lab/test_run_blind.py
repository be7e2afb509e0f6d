#!/usr/bin/env python3
"""A blind run leaves captures and a complaint, and nothing in its folder or on the terminal says which failure it was; wedge answer
tells right from wrong, shows frames that tshark shows, too, and refuses a folder that isn't as it was left."""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from pcapng_rig import INTERFACE, PACKET, SECTION, STATISTICS, blocks  # noqa: E402
from proc_tree import marked  # noqa: E402
from run_rig import Rig, check, need, skip, tshark  # noqa: E402

need("tshark")
rig = Rig()
CAPTURES = ["client.pcapng", "server.pcapng", "healthy-client.pcapng", "healthy-server.pcapng"]
FILES = sorted([".wedge-report", "complaint.txt", "sealed.json", *CAPTURES])
# Of a block's options: a name, the resolution of the time stamps; packets received and dropped.
PLAIN = {SECTION: [], INTERFACE: [2, 9], PACKET: [], STATISTICS: [4, 5]}


def shown(name):
    """What wedge show tells of a scenario."""
    return json.loads(rig.run(rig.ordinary, "show", "--json", name)[1])


def telling(name):
    """Words that would say which failure it is, or what wedge did."""
    scenario = shown(name)
    kinds = {word for phase in scenario["phases"] for word in re.findall(r"\b([a-z_]+)(?=\{)", str(phase["impairments"]))}
    phases = {phase["name"] for phase in scenario["phases"]}
    return {name, scenario["failure"], scenario["title"], scenario["source"], "impair", "journal", *phases, *kinds}


def play(user, name, out, *more):
    """A blind run, again when a busy machine spoilt it, as it says itself; its whole output."""
    for _ in range(3):
        status, told, errors = rig.run(user, "run", "--blind", "--quick", "--out", rig.path(out), *more, name)
        if status == 0:
            return told + errors
        check(status == 2 and "run it again" in errors and name not in errors, f"it says no more than that: {errors}")
        check(not os.path.exists(rig.path(out)), "and leaves no folder")
    return skip("the machine is too busy for a blind run")


def ends_when_it_ended(found):
    """The statistics say when the capture ended, not with the last packet, and nothing but what the file shows."""
    *_, last, end = found
    high, low = struct.unpack_from("<II", end.body, 4)
    counts = [struct.unpack("<Q", value)[0] for code, value in end.options if code]
    check(end.kind == STATISTICS and high << 32 | low > last.time, "        and when it ended")
    check(counts == [len(found) - 3, 0], f"        all of its {len(found) - 3} packets, none dropped")


def text_of(data):
    """What a person could read in it: three letters among a million random bytes are chance."""
    return "\n".join(run.decode() for run in re.findall(rb"[\x20-\x7e]{8,}", data))


def looks_neutral(folder, name, output):
    check(sorted(os.listdir(folder)) == FILES, f"{name}: the folder has {sorted(os.listdir(folder))}")
    times = {int(os.stat(os.path.join(folder, f)).st_mtime) for f in FILES if f != ".wedge-report"}
    check(len(times) == 1, "    all of its files have one date")
    for capture in CAPTURES:
        found = blocks(os.path.join(folder, capture))
        kinds = [b.kind for b in found]
        check(kinds[:2] == [SECTION, INTERFACE] and set(kinds[2:-1]) == {PACKET}, f"    {capture}: a section, an interface, packets")
        ends_when_it_ended(found)
        check(all([code for code, _ in b.options if code] == PLAIN[b.kind] for b in found), "        and no option that tells")
        check(found[1].options[0] == (2, b"eth0"), "        the interface is eth0")
    words = telling(name)
    for f in FILES:
        with open(os.path.join(folder, f), "rb") as file:
            data = text_of(file.read()).lower()
        found = [word for word in words if word and re.search(rf"(?<![a-z0-9]){re.escape(word.lower())}(?![a-z0-9])", data)]
        check(not found, f"    nothing in {f} tells: {found}")
    shared = {"baseline", "impaired", "impair"} & set(re.findall(r"\w+", output))
    check(name not in output and shown(name)["failure"] not in output and not shared, "    nor does what was printed")


def answer(folder, *words):
    status, told, errors = rig.run(rig.ordinary, "answer", folder, *words)
    return status, " ".join(told.split()), errors


def refuses(folder, needle, *words):
    status, told, errors = answer(folder, *words or ("F08",))
    check(status == 2 and not told and len(errors.splitlines()) == 1 and needle in errors, f"refused: {errors.strip()}")


def frames_are_there(page, folder):
    """Every command of the page, as it is, shows something."""
    commands = re.findall(r"tshark -r (\S+) -Y '([^']+)'", page)
    check(len(commands) >= 3, f"    {len(commands)} commands to look with")
    for capture, shows in commands:
        check(tshark(os.path.join(rig.folder, capture), shows), f"    frames for {shows}")
    first = re.search(r"tshark -r (\S+) -Y '([^']+)' shows (\d+) frames?: (\d+)", page)
    rows = tshark(os.path.join(rig.folder, first[1]), first[2])
    check((len(rows), rows[0][0]) == (int(first[3]), first[4]), "    as many as the page says, and the first one")
    check(folder in first[1], "    in the folder that was named")


def copied(folder, to):
    shutil.copytree(folder, rig.path(to))
    return rig.path(to)


def answers():
    folder = rig.path("blind")
    output = play(rig.ordinary, "relay-silent", "blind")
    looks_neutral(folder, "relay-silent", output)
    check('says "connecting"' in " ".join(output.split()), "the complaint is on the terminal")
    for word in ("F08", "f08", "relay-silent"):
        status, page, _ = answer(folder, word)
        check(status == 0 and page.startswith("Right: this is relay-silent (F08)."), f"{word} is right")
    frames_are_there(page, "blind")
    status, page, _ = answer(folder, "F14")
    check(status == 1 and page.startswith("Wrong: this isn't sync-dies-mid-stream (F14)."), "F14 is wrong")
    check("midstream_silence.connections >= 2: 0" in page, "    for what it isn't")
    check("relay-silent" not in page and "F08" not in page, "    and what would be right isn't told")
    status, page, _ = answer(folder, "F12")
    check(status == 1 and page.startswith("Nearly: the family is right") and "empty >= 3: 0" in page, "F12 is of the family, and not it")
    check("relay-silent" not in page and "F08" not in page, "    and what would be right isn't told")
    status, page, _ = answer(folder, "F18")
    check(status == 1 and "it would have to explain" in page, "F18, which shows in no figure, is wrong")
    status, page, _ = answer(folder, "--give-up")
    check(status == 1 and page.startswith("It is relay-silent (F08).") and "vsepflt.sys" in page, "--give-up tells it, and isn't right")
    refuses(folder, "no failure of the catalogue", "F99")
    refuses(rig.path("nowhere"), "nowhere")
    for name in FILES[1:]:
        edited = copied(folder, "edited")
        with open(os.path.join(edited, name), "r+b") as file:
            file.seek(40)
            byte = file.read(1)
            file.seek(40)
            file.write(bytes([byte[0] ^ 1]))
        refuses(edited, "edited")
        os.unlink(os.path.join(edited, name))
        refuses(edited, name)
        shutil.rmtree(edited)
    with open(os.path.join(folder, "my notes"), "w", encoding="utf-8") as file:
        file.write("443?\n")
    check(answer(folder, "F08")[0] == 0, "notes of the trainee's beside them are nobody's business")


def folders():
    """The rules of --out are those of every run."""
    folder = rig.path("blind")
    status, _, errors = rig.run(rig.ordinary, "run", "--blind", "--out", folder)
    check(status == 2 and "my notes" in errors, f"a folder with somebody's notes is kept: {errors.strip()}")
    os.unlink(os.path.join(folder, "my notes"))
    before = os.stat(folder).st_ino
    play(rig.ordinary, "F22", "blind", "--seed", "3")
    check(os.stat(folder).st_ino != before and sorted(os.listdir(folder)) == FILES, "an earlier blind folder is replaced")
    looks_neutral(folder, "dropped-after-connect", "")
    check(answer(folder, "F22")[0] == 0 and answer(folder, "F08")[0] == 1, "by what was played now")
    for option in (["--all"], ["--phase", "impaired"], ["--set", "client.exchanges=1"], ["--json"], ["-v"], ["--raw-captures"],
                   ["--jobs", "2"], ["--intercept", "forward"]):
        status, _, errors = rig.run(rig.ordinary, "run", "--blind", *option)
        check(status == 2 and "isn't for --blind" in errors and len(errors.splitlines()) == 1, f"refused: {errors.strip()}")
    status, _, errors = rig.run(rig.ordinary, "run", "--blind", "F01,F99")
    check(status == 2 and "F99" in errors, f"refused: {errors.strip()}")


def killed(how):
    mark = f"blind-{os.getpid()}-{how}"
    before = sorted(os.listdir(rig.folder))
    run = rig.start(rig.ordinary, "run", "--blind", "--out", rig.path("made/for/it"), "relay-silent",
                    env=dict(os.environ, WEDGE_TEST_MARK=mark))
    deadline = time.monotonic() + 20
    while len(marked(mark)) < 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    told = subprocess.run(["ps", "-o", "args=", "-p", ",".join(marked(mark))], capture_output=True, text=True, check=False).stdout
    check("impaired" not in told and "baseline" not in told, "no process has a phase in its name")
    run.send_signal(how)
    run.wait(10)
    deadline = time.monotonic() + 5
    while (marked(mark) or sorted(os.listdir(rig.folder)) != before) and time.monotonic() < deadline:
        time.sleep(0.05)
    check(not marked(mark) and sorted(os.listdir(rig.folder)) == before, f"signal {how}: nothing is left")


answers()
folders()
for signum in (signal.SIGKILL, signal.SIGINT):
    killed(signum)
