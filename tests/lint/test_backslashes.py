#!/usr/bin/env python3
"""No text that users read shows a line break as a backslash and an n: the documents, and what wedge prints as help.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per finding.
"""
import os
import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^```.*?^```", re.S | re.M)
SPAN = re.compile(r"`[^`\n]*`")
# A lone "\\n" in a list of escapes ("\\r \\n \\t") is meant; one behind a sentence, or two of them, aren't.
BROKEN = re.compile(r"(?:\\n){2}|[.,:;)]\\n")
DOCUMENTS = ("docs/*.md", "docs/*.1", "*.md", "scenarios/catalog/*.yaml")


def findings(name, text):
    text = SPAN.sub("", FENCE.sub(lambda m: "\n" * m.group().count("\n"), text))
    for number, line in enumerate(text.splitlines(), 1):
        for match in BROKEN.finditer(line):
            yield f"{name}:{number}: {line[max(0, match.start() - 30):match.end() + 20]!r}"


def printed(wedge):
    """(command, output) of the commands that explain something."""
    def says(*words):
        return " ".join(words), subprocess.run([wedge, *words], capture_output=True, text=True, check=False).stdout

    yield says("--help")
    for command in ("proxy", "exec", "run", "list", "show", "impairments"):
        yield says(command, "--help")
    yield says("impairments")
    _, reference = says("impairments", "--markdown")
    for kind in re.findall(r"^### (\w+)", reference, re.M):
        yield says("impairments", kind)


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(os.environ["SOURCE_DIR"])
    bad, texts = [], 0
    for pattern in DOCUMENTS:
        for path in sorted(root.glob(pattern)):
            bad += findings(path.relative_to(root), path.read_text(encoding="utf-8"))
            texts += 1
    for command, text in printed(os.environ["WEDGE"]):
        bad += findings(f"wedge {command}", text)
        texts += 1
    print("\n".join(bad + [f"{texts} texts, {len(bad)} findings"]))
    sys.exit(bool(bad))


main()
