#!/usr/bin/env python3
"""The lessons of docs/training do as they say: the seed plays the failure that the lesson ends with, every command runs, prints lines of
the shape that is shown, and the answer is right."""
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from noise import unspoilt  # noqa: E402
from run_rig import NOBODY, Rig, check, need, skip  # noqa: E402

need("tshark", "openssl")
rig = Rig()
FOLDER = pathlib.Path(os.environ["SOURCE_DIR"], "docs/training")
END = "<<END"


def steps(text):
    """(command, the lines shown under it), of all fenced blocks."""
    found = []
    for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def shape(line):
    """A line without its numbers and without how far things stand apart: 1 is any number."""
    return " ".join(re.sub(r"\d+(\.\d+)?", "1", line).split())


def play(commands):
    """What each command prints, and its status; all in one shell, since they share variables."""
    home = rig.path("home")
    os.makedirs(home, exist_ok=True)
    os.chmod(home, 0o777)
    env = dict(os.environ, PATH=f"{rig.folder}:{os.environ['PATH']}", HOME=home, LC_ALL="C.UTF-8")
    script = "".join(f"{c}\necho '{END} '$?\n" for c in commands)
    words = NOBODY if rig.ordinary == "nobody" else []
    done = subprocess.run([*words, "bash", "-c", script], cwd=rig.folder, env=env, text=True, capture_output=True, check=False)
    parts = re.split(rf"{END} (\d+)\n", done.stdout)
    return [(parts[2 * i], int(parts[2 * i + 1])) for i in range(len(commands))], done.stderr


def quoted(text):
    return " ".join(" ".join(re.findall(r"^> (.*)", text, re.M)).split())


def lesson(name):
    """[(ok, what)] of a lesson."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = steps(text)
    first, last = found[0][0], found[-1][0]
    (recorded,), errors = unspoilt(lambda: play([first]), lambda played: played[0][0][1] == 0)
    if recorded[1] and ("wedge proxy works" in errors or "run it again" in errors):
        return [(None, f"{name}: {errors}")]
    said = [(recorded[1] == 0 and first.startswith("wedge run --blind"), f"{name}: {first} {errors if recorded[1] else ''}")]
    results, _ = play([command for command, _ in found[1:]])
    answer = re.fullmatch(r"wedge answer (\S+) (F\d\d)", last)
    said.append((answer and results[-1][1] == 0, f"    {last}"))
    shown = json.loads(rig.run(rig.ordinary, "show", "--json", re.search(r"this is ([a-z0-9-]+) ", results[-1][0])[1])[1])
    said.append((answer and shown["failure"] == answer[2] and answer[2] in first, "    is one of the lesson's candidates"))
    said.append((quoted(text) == shown["complaint"], "    the user's words are the scenario's"))
    said.append((len(re.findall(r"^\d\. ", text, re.M)) >= 4 and "**The question.**" in text, "    a question, and hints in steps"))
    for (command, lines), (out, status) in zip(found[1:], results):
        had = {shape(line) for line in out.splitlines()}
        missing = [line for line in lines if line != "..." and shape(line) not in had]
        fine = status == 0 or (status == 1 and "grep -c" in command)
        said.append((fine and not missing, f"    {command[:90]}{f': no line like {missing}, but {out[:600]}' if missing else ''}"))
    return said


readme = (FOLDER / "README.md").read_text(encoding="utf-8")
lessons = re.findall(r"^\d\. \[.*\]\((.*\.md)\)", readme, re.M)
check(len(lessons) == 5 and sorted(lessons) == sorted(p.name for p in FOLDER.glob("[0-9]-*.md")), "the page lists five lessons, all there are")
spoilt = []
with ThreadPoolExecutor(2) as pool:
    for outcome in pool.map(lesson, lessons):
        for fine, what in outcome:
            if fine is None:
                spoilt.append(what)
            else:
                check(bool(fine), what)
if spoilt:
    skip(f"a busy machine: {spoilt}")
