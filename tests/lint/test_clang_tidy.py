#!/usr/bin/env python3
"""clang-tidy says nothing about wedge's sources, with .clang-tidy's checks but those of the static analyzer, which take a
quarter of an hour of two processors (docs/testing.md has their command). A file that was clean is read again when it, a
header that it includes or a check has changed: BINARY_DIR/clang-tidy-clean has a mark for each."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["BINARY_DIR"])
CLEAN = BUILD / "clang-tidy-clean"
FOLDERS = ("proxy", "impairments", "scenarios")
CHECKS = "-clang-analyzer-*"
AT_ONCE = 8  # files of one run


def included(path, seen):
    """The project's files that a source is made of, itself included."""
    if path in seen or not path.exists():
        return
    seen.add(path)
    for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
        included(ROOT / name, seen)


def mark(path, basis):
    files = set()
    included(path, files)
    h = hashlib.sha256(basis)
    for f in sorted(files):
        h.update(str(f.relative_to(ROOT)).encode() + b"\0" + f.read_bytes())
    return h.hexdigest()


def tidy(files, *more):
    # The compiler's own warnings are gcc's matter, whose build may have them as errors.
    done = subprocess.run(["clang-tidy", "-p", str(BUILD), "--quiet", f"--checks={CHECKS}", "--extra-arg=-Wno-error",
                           *map(str, files), *more], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + re.sub(r"^\d+ warnings?.*generated\.?\n", "", done.stderr, flags=re.M)


def sees_a_defect():
    """A clang-tidy that sees nothing would be silent, too."""
    with tempfile.TemporaryDirectory() as folder:
        broken = pathlib.Path(folder) / "broken.c"
        broken.write_text("int f(int a);\nint f(int a)\n{\n\tif (a == 1 || a == 1)\n\t\treturn 1;\n\treturn 0;\n}\n")
        status, text = tidy([broken], f"--config-file={ROOT}/.clang-tidy", "--", "-std=gnu11")
        return status != 0 and "redundant" in text


def main():
    if not shutil.which("clang-tidy"):
        print("skipped: clang-tidy isn't installed")
        return 77
    if not (BUILD / "compile_commands.json").exists():
        print("skipped: the build folder has no compile_commands.json")
        return 77
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    files = sorted(p for c in commands if (p := pathlib.Path(c["file"])).is_relative_to(ROOT)
                   and p.relative_to(ROOT).parts[0] in FOLDERS)
    basis = (ROOT / ".clang-tidy").read_bytes() + CHECKS.encode() + subprocess.run(
        ["clang-tidy", "--version"], capture_output=True, check=True).stdout
    CLEAN.mkdir(exist_ok=True)
    marks = {p: CLEAN / mark(p, basis) for p in files}
    wanted = [p for p in files if not marks[p].exists()]
    bad = 0
    batches = [wanted[i:i + AT_ONCE] for i in range(0, len(wanted), AT_ONCE)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch, (status, text) in zip(batches, pool.map(tidy, batches)):
            if status == 0:
                for p in batch:
                    marks[p].touch()
                continue
            print(text)
            bad += 1
    for stale in set(CLEAN.iterdir()) - set(marks.values()):
        stale.unlink()
    print(f"{len(files)} files, {len(wanted)} read, {bad} runs with findings")
    if not sees_a_defect():
        print("clang-tidy doesn't see what it is shown on purpose")
        return 1
    return 1 if bad else 0


sys.exit(main())
