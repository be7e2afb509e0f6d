#!/usr/bin/env python3
"""coverage.py [OPTION...] - how many of the program's lines the tests run, folder by folder: builds with gcov's counters in a folder of its
own, runs the unit tests and those others that play impairments and read captures, and prints what gcov counted. A process that ends by
_exit() or a signal, as a lab's do, doesn't count. Ends with 1 when a folder that has a floor is below it, 2 when it couldn't measure.

    tests/coverage.py                            # ten minutes
    tests/coverage.py --only '^unit' --missing scenarios/analysis"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
TESTS = "^(unit|fuzz)/|^loopback/test_(analyze|imp|trigger|catalog|repeatable|seed|config_(packets|reload))|^lab/test_(analyze|analysis)|^lint/test_reference"
FLOORS = {"impairments": 90, "scenarios/analysis": 90, "scenarios/diagnosis": 90}
TOPS = ("proxy/", "impairments/", "scenarios/")


def command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(SOURCE, "build-coverage"), metavar="FOLDER", help="where it builds (build-coverage)")
    parser.add_argument("--only", default=TESTS, metavar="REGEX", help="the tests, as ctest -R has it")
    parser.add_argument("--again", action="store_true", help="runs no test: what was counted last")
    parser.add_argument("--missing", metavar="FOLDER", help="also lists the lines below that folder that none has run")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="tests and compilers at once")
    return parser.parse_args()


def run(*words, may_fail=False):
    status = subprocess.run(words, cwd=SOURCE, stdout=sys.stderr, check=False).returncode
    if status and not may_fail:
        sys.exit(2)
    return status


def measure(options):
    """Has the tests run; a test that fails has run lines all the same."""
    run("cmake", "-S", ".", "-B", options.build, "-DCMAKE_BUILD_TYPE=Debug", "-DWEDGE_COVERAGE=ON", "-DCMAKE_C_FLAGS=-fprofile-update=atomic")
    run("cmake", "--build", options.build, "-j", str(options.j))
    for at, _, names in os.walk(options.build):
        for name in names:
            if name.endswith(".gcda"):
                os.unlink(os.path.join(at, name))
    if run("ctest", "--test-dir", options.build, "-R", options.only, "-j", str(options.j), "--output-on-failure", may_fail=True):
        print("coverage.py: some tests have failed (above)", file=sys.stderr)


def count(options):
    """{file: [its lines' counts]}"""
    out = os.path.join(options.build, "coverage.json")
    run("gcovr", "--root", SOURCE, "--object-directory", options.build, "--json", out,
        *(word for top in TOPS for word in ("--filter", os.path.join(SOURCE, top))), options.build)
    with open(out, encoding="utf-8") as f:
        files = json.load(f)["files"]
    return {f["file"]: {line["line_number"]: line["count"] for line in f["lines"] if not line.get("gcovr/noncode")} for f in files}


def share(counts):
    lines = [c for counted in counts for c in counted.values()]
    return len(lines), sum(c > 0 for c in lines), 100 * sum(c > 0 for c in lines) / max(1, len(lines))


def spans(numbers):
    """1 2 3 7 as 1-3, 7."""
    found = []
    for n in sorted(numbers):
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def print_table(files):
    folders = collections.defaultdict(list)
    for name, counted in files.items():
        folders[os.path.dirname(name)].append(counted)
        for top in TOPS:
            if name.startswith(top):
                folders[top[:-1]].append(counted)
    print(f"{'folder':40} {'lines':>6} {'run':>6} {'%':>6}")
    low = []
    for folder in sorted(folders):
        n, ran, percent = share(folders[folder])
        floor = FLOORS.get(folder)
        print(f"{folder:40} {n:6} {ran:6} {percent:6.1f}" + (f"  at least {floor}" if floor else ""))
        if floor and percent < floor:
            low.append(folder)
    return low


def main():
    options = command_line()
    if not shutil.which("gcovr"):
        print("coverage.py: no gcovr here: apt-get install gcovr", file=sys.stderr)
        return 2
    if not options.again:
        measure(options)
    files = count(options)
    low = print_table(files)
    if options.missing:
        for name in sorted(name for name in files if name.startswith(options.missing)):
            missing = [n for n, c in files[name].items() if not c]
            if missing:
                print(f"{name}: {share([files[name]])[2]:.0f} %: {spans(missing)}")
    for folder in low:
        print(f"coverage.py: {folder} is below its floor", file=sys.stderr)
    return 1 if low else 0


sys.exit(main())
