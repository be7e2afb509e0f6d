#!/usr/bin/env python3
"""No two objects of wedge have a global symbol of the same name: a program that links both gets one of
the two, by the order of the libraries, and nothing says so.

Reads the objects of BINARY_DIR, or of the build given as argument, but for the tests' own."""
import collections
import os
import pathlib
import shutil
import sys

import structure


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["BINARY_DIR"]).resolve()
    if not shutil.which("nm"):
        print("skipped: no nm here")
        return 77
    paths = [path for path in structure.objects(build, build) if not path.startswith(f"{build}/tests/")]
    places = collections.defaultdict(set)
    for path, letter, name in structure.symbols(paths):
        if letter in structure.GLOBAL:
            places[name].add(path.removeprefix(f"{build}/"))
    bad = {name: where for name, where in places.items() if len(where) > 1}
    for name, where in sorted(bad.items()):
        print(f"{name} is in {' and in '.join(sorted(where))}")
    print(f"{len(places)} symbols of {len(paths)} objects, {len(bad)} of them twice")
    return 1 if bad or not places else 0


sys.exit(main())
