#!/usr/bin/env python3
"""docs/architecture.md names what there is: each file in back quotes, and each function of the ways.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per finding.
"""
import pathlib
import re
import sys

TOPS = ("proxy", "impairments", "scenarios")
FILE = re.compile(r"`([\w/]+\.[ch])`")
WAYS = re.compile(r"^## The ways.*?(?=^## )", re.M | re.S)
FENCED = re.compile(r"^```\n(.*?)^```", re.M | re.S)
FUNCTION = re.compile(r"\b[a-z]\w*_\w+\b(?!\.)")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    text = (root / "docs/architecture.md").read_text()
    paths = [p.relative_to(root).as_posix() for top in TOPS for p in (root / top).rglob("*.[ch]")]
    words = set(re.findall(r"\w+", " ".join((root / p).read_text() for p in paths)))
    ways = " ".join(FENCED.findall("".join(WAYS.findall(text))))
    names, functions = set(FILE.findall(text)), set(FUNCTION.findall(ways))
    found = [f"{name}: no such file" for name in names if not any(f"/{p}".endswith(f"/{name}") for p in paths)]
    found += [f"{name}: no such function" for name in functions - words if not any(f"/{name}." in p for p in paths)]
    for line in sorted(found):
        print(f"docs/architecture.md: {line}")
    print(f"{len(names)} files, {len(functions)} functions, {len(found)} findings")
    return 1 if found or not names or not functions else 0


sys.exit(main())
