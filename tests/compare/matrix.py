#!/usr/bin/env python3
"""Plays every scenario of the catalogue in every mode of interception, round by round, each with a seed of its own, several
side by side, and prints how each cell ended. A verdict is a word of the run's exit status and result.json: reproduced, NOT
(an expectation failed), INVALID (nothing could be told), refused (the scenario doesn't go with the mode).

    WEDGE=build/wedge tests/compare/matrix.py [--rounds 3] [--at-once 2] [--first-seed 1] [--full] [--none] [--mode M]... [NAME]...

Each run has a processor of its own, so there are as many at once as there are processors, and no more.

--none takes the impairments of the phase "impaired" away, so that NOT is what is right. The folders of runs that ended as they
shouldn't stay, below the folder that is named at the end. Exit status 1 when there is one."""
import argparse
import collections
import concurrent.futures
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time

MODES = ("explicit", "forward", "transparent")
WEDGE = os.environ.get("WEDGE", "build/wedge")
LIMIT = 1800  # seconds of one run
PROCESSORS = sorted(os.sched_getaffinity(0))


def catalogue():
    listed = json.loads(subprocess.run([WEDGE, "list", "--json"], capture_output=True, text=True, check=True).stdout)
    return [s["name"] for s in listed]


def stay_on_processor(free):
    """Keeps the thread, and the labs that it starts, on one that no other thread has: two labs on one processor would be late
    for each other."""
    os.sched_setaffinity(0, {free.get_nowait()})


def play(folder, name, mode, seed, options):
    """(word, seconds, what it said at the end)"""
    out = os.path.join(folder, f"{name}-{mode}-{seed}")
    begun = time.monotonic()
    try:
        done = subprocess.run([WEDGE, "run", "--seed", str(seed), "--intercept", mode, "--out", out, *options, name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return "INVALID", LIMIT, "it didn't end"
    result = os.path.join(out, "result.json")
    if not os.path.exists(result):
        return "refused" if done.returncode == 2 else "INVALID", time.monotonic() - begun, done.stdout.strip()[-300:]
    with open(result, encoding="utf-8") as f:
        told = json.load(f)
    word = {"reproduced": "reproduced", "not-reproduced": "NOT"}.get(told["verdict"], "INVALID")
    if word == ("NOT" if "--set" in options else "reproduced"):
        shutil.rmtree(out)
    return word, time.monotonic() - begun, told["why"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=len(PROCESSORS))
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--none", action="store_true")
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("name", nargs="*")
    asked = parser.parse_args()
    if not 1 <= asked.at_once <= len(PROCESSORS):
        parser.error(f"--at-once: from 1 to {len(PROCESSORS)}, the processors that there are")
    options = ([] if asked.full else ["--quick"]) + (["--set", "impaired=none"] if asked.none else [])
    cells = [(name, mode, asked.first_seed + r) for r in range(asked.rounds) for name in asked.name or catalogue()
             for mode in asked.mode or MODES]
    folder, ended, wrong = tempfile.mkdtemp(prefix="wedge-matrix-"), collections.defaultdict(collections.Counter), 0
    free = queue.SimpleQueue()
    for processor in PROCESSORS:
        free.put(processor)
    with concurrent.futures.ThreadPoolExecutor(asked.at_once, initializer=stay_on_processor, initargs=(free,)) as pool:
        plays = {pool.submit(play, folder, *cell, options): cell for cell in cells}
        for done in concurrent.futures.as_completed(plays):
            (name, mode, seed), (word, seconds, why) = plays[done], done.result()
            ended[name, mode][word] += 1
            if word not in ("NOT" if asked.none else "reproduced", "refused"):
                wrong += 1
                print(f"{name} {mode} seed {seed}: {word} after {seconds:.0f} s: {why}", flush=True)
    for name in dict.fromkeys(n for n, _ in ended):
        print(f"{name:32}", *(f"{m}: {', '.join(f'{n} {w}' for w, n in sorted(ended[name, m].items()))};"
                              for m in asked.mode or MODES))
    total = sum(ended.values(), collections.Counter())
    print("all:", ", ".join(f"{n} {w}" for w, n in sorted(total.items())))
    if wrong:
        print(f"what ended so is in {folder}")
    else:
        shutil.rmtree(folder)
    sys.exit(1 if wrong else 0)


main()
