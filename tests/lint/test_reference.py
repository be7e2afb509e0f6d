#!/usr/bin/env python3
"""docs/impairments.md is what this wedge would write; with its commands, the target "docs" writes it anew."""
import difflib
import os
import pathlib
import subprocess
import sys

path = pathlib.Path(os.environ["SOURCE_DIR"], "docs/impairments.md")
said = subprocess.run([os.environ["WEDGE"], "impairments", "--markdown"], capture_output=True, text=True, check=False)
if "is no command" in said.stderr:
    print("skipped: this wedge is built without impairments")
    sys.exit(77)
if said.returncode:
    print(f"wedge impairments --markdown: exit {said.returncode}: {said.stderr}")
    sys.exit(1)
old, new = path.read_text().splitlines(), said.stdout.splitlines()
for line in difflib.unified_diff(old, new, "docs/impairments.md", "wedge impairments --markdown", lineterm="", n=0):
    print(line)
if old != new:
    print("docs/impairments.md is stale: cmake --build BUILD --target docs")
    sys.exit(1)
print(f"{len(new)} lines, as wedge would write them")
