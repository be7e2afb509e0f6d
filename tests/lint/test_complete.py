#!/usr/bin/env python3
"""Every impairment of impairments/list.h is whole: its file, its unit test, a test on real sockets or packets that
names it, and its section of the reference; and no impairment is left out of the list. Every test that is a script can be
executed.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per finding.
"""
import os
import pathlib
import re
import sys

LISTED = re.compile(r"^\s*X\((\w+)\)", re.M)
EXPORTED = re.compile(r"^const struct impairment (\w+)_impairment\b", re.M)
REAL = {"stream": "loopback", "packet": "lab"}  # where its plane meets a kernel


def texts(folder, pattern):
    return {path: path.read_text() for path in sorted(folder.glob(pattern))}


def findings(root):
    listed = LISTED.findall((root / "impairments/list.h").read_text())
    plane_of, sections = {}, re.findall(r"^### (\w+)$", (root / "docs/impairments.md").read_text(), re.M)
    for plane in REAL:
        for path, text in texts(root / "impairments" / plane, "*.c").items():
            for name in EXPORTED.findall(text):
                plane_of[name] = plane
                if path.stem != name:
                    yield f"{path.relative_to(root)} has the impairment {name}, and another name"
    real = {plane: texts(root / "tests" / layer, "test_*") for plane, layer in REAL.items()}
    for name in listed:
        plane = plane_of.get(name)
        if not plane:
            yield f"impairments/list.h: no file has {name}"
            continue
        if not any(re.match(rf"test_(imp_)?{name}(_\w+)?\.c$", p.name) for p in (root / "tests/unit/impairments").rglob("*.c")):
            yield f"{name}: no tests/unit/impairments/{plane}/test_imp_{name}.c"
        used = re.compile(rf"\b{name}{{|[\"']{name}[\"']")
        if not any(used.search(text) for text in real[plane].values()):
            yield f"{name}: no test in tests/{REAL[plane]} uses it"
        if name not in sections:
            yield f"{name}: docs/impairments.md has no section of it"
    for name in sorted(set(plane_of) - set(listed)):
        yield f"impairments/{plane_of[name]}/{name}.c is not in impairments/list.h"
    for name in sorted(set(sections) - set(listed)):
        yield f"docs/impairments.md: {name} is no impairment"
    if not listed:
        yield "impairments/list.h lists nothing"
    for script in sorted((root / "tests").glob("*/test_*.[ps][yh]")):
        if not os.access(script, os.X_OK):
            yield f"{script.relative_to(root)} can't be executed"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    found = list(findings(root))
    for line in found:
        print(line)
    print(f"{len(found)} findings")
    return 1 if found else 0


sys.exit(main())
