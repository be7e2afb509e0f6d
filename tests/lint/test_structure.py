#!/usr/bin/env python3
"""The tree keeps its shape: no circle of folders or files but those that docs/architecture.md gives a reason for, each
prototype defined under its header's name, no list of sources kept by hand. Who may include whom is test_layers.py's.

Reads SOURCE_DIR and BINARY_DIR, or the tree and the build given as arguments. Exit 1 with one line per finding.
"""
import os
import pathlib
import re
import shutil
import sys

import structure

CHAPTER = re.compile(r"^#+ Circles that stay\n(.*?)(?=^#|\Z)", re.M | re.S)
ITEM = re.compile(r"^- ([^:]*):\s*(.*)$", re.M)

# "HEADER" or "HEADER: FUNCTION", whose prototypes may be defined in another file, and why.
ELSEWHERE = {
    "impairments/cli/commands.h": "the commands, for main.c's table: a file each",
    "proxy/cli/commands.h": "the commands, for main.c's table: a file each",
    "scenarios/cli/commands.h": "the commands, for main.c's table: a file each",
}
ELSEWHERE_PERCENT = 5


def circles_that_stay(text):
    """{set of modules, or of folders: reason} of the list in that chapter."""
    chapter = CHAPTER.search(text)
    found = {}
    for members, reason in ITEM.findall(chapter.group(1) if chapter else ""):
        names = re.findall(r"`([^`]+)`", members)
        found[frozenset(re.sub(r"\.[ch]$|/$", "", name) for name in names)] = reason
    return found


def check_circles(tree):
    stay = circles_that_stay((tree.root / "docs/architecture.md").read_text())
    folders = structure.lifted(tree.arrows, structure.folder_of)
    there = set()
    for what, arrows, ending in (("files", tree.arrows, tree.ending_of), ("folders", folders, lambda _: "/")):
        for circle in structure.circles(arrows):
            there.add(circle)
            if circle not in stay:
                names = ", ".join(f"`{name}{ending(name)}`" for name in sorted(circle))
                yield f"a circle of {what}: {names}"
                for ends in structure.against_order(circle, arrows):
                    yield f"    against its order: {arrows[ends][0]}"
    for circle, reason in stay.items():
        names = ", ".join(sorted(circle))
        if circle not in there:
            yield f'docs/architecture.md: no circle of exactly these: {names}; take it off "Circles that stay"'
        elif not reason:
            yield f"docs/architecture.md: no reason for the circle of {names}"


def check_prototypes(tree):
    used, excused = set(), 0
    for header, line, name, where in tree.strays():
        excuses = {header, f"{header}: {name}"} & ELSEWHERE.keys()
        used |= excuses
        excused += bool(excuses)
        if not excuses:
            yield f"{header}:{line}: {name} is defined in {where or 'no file'}: declare it in that file's header"
    for excuse in ELSEWHERE.keys() - used:
        yield f"ELSEWHERE of tests/lint/test_structure.py: {excuse} has no such prototype"
    total = len(list(tree.prototypes()))
    if 100 * excused > ELSEWHERE_PERCENT * total:
        yield f"{excused} of {total} prototypes are excused in ELSEWHERE: more than {ELSEWHERE_PERCENT} %"


def check_lists(tree):
    for path, line, names in structure.source_lists(tree.root):
        yield f"{path}:{line}: a list of sources kept by hand ({', '.join(names)}): wedge_layer() finds them"


def main():
    if not shutil.which("nm"):
        print("skipped: no nm here")
        return 77
    root, build = sys.argv[1:] or (os.environ["SOURCE_DIR"], os.environ["BINARY_DIR"])
    tree = structure.Tree(pathlib.Path(root), pathlib.Path(build))
    if tree.not_built:
        print(f"skipped: {len(tree.not_built)} files are not built here, such as {tree.not_built[0]}")
        return 77
    found = [line for check in (check_circles, check_prototypes, check_lists) for line in check(tree)]
    for line in found:
        print(line)
    print(f"{len(tree.modules)} modules, {len(tree.arrows)} arrows, {len(found)} findings (docs/architecture.md)")
    return 1 if found else 0


sys.exit(main())
