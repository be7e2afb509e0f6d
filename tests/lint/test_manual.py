#!/usr/bin/env python3
"""Each option that a command's --help has is in the manual's section of that command, and the other way round; and what
README.md and docs/*.md show as command lines has only options that there are."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
EVERYWHERE = {"--help", "--version"}


def said(*words):
    return subprocess.run([os.environ["WEDGE"], *words, "--help"], capture_output=True, text=True, check=True).stdout


def commands():
    return re.findall(r"^  (\w+)  +\w", said().split("commands:")[1], re.M)


def listed(text):
    """The options that begin a line of a help text."""
    return set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]+)", text, re.M)) - EVERYWHERE


def sections(manual):
    """The text of each ".Ss wedge NAME, wedge NAME", by name."""
    found = {}
    for part in re.split(r"^\.Ss ", manual, flags=re.M)[1:]:
        title, text = part.split("\n", 1)
        for name in re.findall(r"wedge (\w+)", title):
            found[name] = re.split(r"^\.Sh ", text, flags=re.M)[0]
    return found


def flags(text):
    """Every option that a piece of the manual names; "Fl -tls-" is a beginning of some."""
    return {"-" + f for f in re.findall(r"\bFl (-[a-z][a-z-]*[a-z])(?![a-z-])", text)} - EVERYWHERE


def shown(text):
    """(command, option) of every command line in a text: fenced, or in back quotes."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for line in "\n".join(fenced).replace("\\\n", " ").splitlines() + re.findall(r"`([^`]+)`", rest):
        m = re.match(r"(?:\$ )?(?:build/)?wedge (\w+)\b(.*)", line)
        if m:
            for option in re.findall(r"(?<=\s)--[a-z][a-z-]+", re.split(r" -- |  +#", m.group(2))[0]):
                yield m.group(1), option


def findings():
    manual = (ROOT / "docs/wedge.1").read_text()
    synopsis, told, helps = manual.split(".Sh DESCRIPTION")[0], sections(manual), {}
    for name in commands():
        helps[name] = listed(said(name))
        if not re.search(rf"^\.Cm {name}$", synopsis, re.M):
            yield f"docs/wedge.1: no synopsis of wedge {name}"
        if name not in told:
            yield f"docs/wedge.1: no section of wedge {name}"
            continue
        for option in sorted(helps[name] - flags(told[name])):
            yield f"docs/wedge.1: wedge {name} has {option}, its section hasn't"
        for option in sorted(flags(told[name]) - helps[name]):
            yield f"docs/wedge.1: the section of wedge {name} has {option}, its --help hasn't"
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for name, option in shown(path.read_text()):
            if name in helps and option not in helps[name] | EVERYWHERE:
                yield f"{path.relative_to(ROOT)}: wedge {name} has no {option}"


def main():
    if "run" not in commands() or "impairments" not in commands():
        print("skipped: this wedge is built without some commands")
        return 77
    found = list(findings())
    for line in found:
        print(line)
    print(f"{len(found)} findings")
    return 1 if found else 0


sys.exit(main())
