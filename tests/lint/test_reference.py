#!/usr/bin/env python3
"""docs/impairments.md, docs/workloads.md and docs/scenarios.md are what this wedge would write; with its commands, the target "docs" writes
them anew."""
import difflib
import os
import pathlib
import subprocess
import sys

stale, read = False, 0
for name, command in (("impairments", "impairments"), ("workloads", "workloads"), ("scenarios", "list")):
    path = pathlib.Path(os.environ["SOURCE_DIR"], f"docs/{name}.md")
    said = subprocess.run([os.environ["WEDGE"], command, "--markdown"], capture_output=True, text=True, check=False)
    if "is no command" in said.stderr:
        continue
    if said.returncode:
        print(f"wedge {command} --markdown: exit {said.returncode}: {said.stderr}")
        sys.exit(1)
    old, new = path.read_text().splitlines(), said.stdout.splitlines()
    for line in difflib.unified_diff(old, new, f"docs/{name}.md", f"wedge {command} --markdown", lineterm="", n=0):
        print(line)
    if old != new:
        print(f"docs/{name}.md is stale: cmake --build BUILD --target docs")
        stale = True
    read += len(new)
if stale:
    sys.exit(1)
if not read:
    print("skipped: this wedge is built without impairments")
    sys.exit(77)
print(f"{read} lines, as wedge would write them")
