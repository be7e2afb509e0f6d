#!/usr/bin/env python3
"""cppcheck says nothing about wedge's sources but what tests/lint/cppcheck.suppress names with its reason."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
LINT = ROOT / "tests/lint"
FOLDERS = ("proxy", "impairments", "scenarios")


def main():
    if not shutil.which("cppcheck"):
        print("skipped: cppcheck isn't installed")
        return 77
    files = sorted(str(p.relative_to(ROOT)) for folder in FOLDERS for p in (ROOT / folder).rglob("*.c"))
    with tempfile.NamedTemporaryFile("w", suffix=".c") as broken:
        # A cppcheck that can't see would say nothing either.
        broken.write("int f(void);\nint f(void)\n{\n\tint a[2] = {0};\n\treturn a[2];\n}\n")
        broken.flush()
        done = subprocess.run(
            ["cppcheck", "-q", f"-j{os.cpu_count()}", "--error-exitcode=1", "--enable=warning,performance,portability",
             "--inline-suppr", "--library=posix", f"--library={LINT}/cppcheck.cfg",
             f"--suppressions-list={LINT}/cppcheck.suppress", "-I.", "-D_GNU_SOURCE", "-DWEDGE_IMPAIRMENTS",
             "-DWEDGE_SCENARIOS", *files, broken.name],
            cwd=ROOT, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]
    known = [line for line in said if broken.name in line]
    found = [line for line in said if line not in known]
    print(done.stdout + done.stderr)
    print(f"{len(files)} files, {len(found)} findings")
    if not known:
        print("cppcheck doesn't see what it is shown on purpose")
        return 1
    return 1 if found or done.returncode != 1 else 0


sys.exit(main())
