#!/usr/bin/env python3
"""No two libraries of wedge have a global symbol of the same name: a program that links both would get
one of the two, by the order of the libraries, and nothing would say so.

Reads BINARY_DIR/libwedge_*.a, or those of the folder given as argument, with nm."""
import collections
import os
import pathlib
import shutil
import subprocess
import sys

# nm's letters for what the linker may take from another file: text, data, read-only, zeroed, common.
GLOBAL = set("TDRBCGS")


def symbols(library):
    """{(name, object file)} of what it defines for others."""
    out = subprocess.run(["nm", "-A", "--defined-only", "--extern-only", library], check=True,
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        where, _, rest = line.rpartition(":")
        words = rest.split()
        if len(words) == 3 and words[1] in GLOBAL:
            yield words[2], where.rpartition("/")[2]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["BINARY_DIR"])
    if not shutil.which("nm"):
        print("skipped: no nm here")
        return 77
    places = collections.defaultdict(set)
    libraries = sorted(folder.glob("libwedge_*.a"))
    for library in libraries:
        for name, where in symbols(library):
            places[name].add(where)
    bad = {name: where for name, where in places.items() if len(where) > 1}
    for name, where in sorted(bad.items()):
        print(f"{name} is in {' and in '.join(sorted(where))}")
    print(f"{len(places)} symbols of {len(libraries)} libraries, {len(bad)} of them twice")
    return 1 if bad or not places else 0


sys.exit(main())
