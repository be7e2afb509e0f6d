#!/usr/bin/env python3
"""docs/style.md where a machine can check it: purpose lines, lengths, banned calls, macros, foreign paths.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per finding.
"""
import os
import pathlib
import re
import sys

import csource

FILE_LINES = 450
FUNCTION_LINES = 80
COLUMNS = 100  # a tab leads to the next multiple of 8

BANNED = {
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "strcpy": "snprintf or memcpy",
    "strcat": "snprintf at an offset",
    "gets": "fgets",
    "atoi": "parse_count of proxy/base/units.h",
    "rand": "proxy/base/rng.h, which a run's seed repeats",
    "system": "fork and exec with an argument list",
}
ONE_WORD = re.compile(r"^static (?!inline)[^=;(]*[ *]([a-z0-9]+)\(")
CALL = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")
FOREIGN = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users)/\w|/tmp/b-\w")
TEXTS = (".c", ".h", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".sh", ".py", ".1", ".in")
SKIPPED = re.compile(r"^(\.git|build.*|wedge-report|__pycache__)$")


def check_length(lines):
    if len(lines) > FILE_LINES:
        yield 1, f"{len(lines)} lines; {FILE_LINES} are allowed: split it"


def check_columns(lines):
    for number, line in enumerate(lines, 1):
        columns = len(line.expandtabs(8))
        if columns > COLUMNS:
            yield number, f"{columns} columns; {COLUMNS} are allowed"


def check_purpose(name, lines):
    first = lines[0] if lines else ""
    if not re.match(r"/\* " + re.escape(name) + r" - \S", first):
        yield 1, f"the first line is not its purpose: /* {name} - what it owns */"


def purpose(text):
    """The words of the first comment, without the file's name."""
    first = re.match(r"/\* \S+ - (.*?)\*/", text, re.S)
    return re.sub(r"\s*\n \*\s*", " ", first.group(1)).strip() if first else ""


def check_said_twice(texts):
    """(path, line, what): a source says how, its header says what."""
    for path, text in texts.items():
        header = texts.get(path.with_suffix(".h")) if path.suffix == ".c" else None
        first = purpose(text).split(". ")[0].rstrip(".")
        if header and first and first == purpose(header).split(". ")[0].rstrip("."):
            yield path, 1, "its purpose is word for word its header's: say how it does it"


def check_guard(path, text):
    """An include guard follows from the path, so that no two headers share one."""
    name = path.as_posix()
    if not name.startswith(("proxy/", "impairments/", "scenarios/")) or "#ifndef" not in text:
        return
    wanted = "WEDGE_" + re.sub(r"\W", "_", name.removeprefix("proxy/")).upper()
    if f"#ifndef {wanted}\n#define {wanted}\n" not in text:
        yield 1, f"the include guard is not {wanted}"


def check_functions(code):
    """A function's body stands between a brace and a brace in the first column."""
    start = None
    for number, line in enumerate(code, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start + 1 > FUNCTION_LINES:
                yield start, f"a function of {number - start + 1} lines; {FUNCTION_LINES} are allowed"
            start = None


def check_calls(code):
    for number, line in enumerate(code, 1):
        for match in CALL.finditer(line):
            yield number, f"{match.group(1)}() is banned: use {BANNED[match.group(1)]}"


def check_statics(code):
    for number, line in enumerate(code, 1):
        match = ONE_WORD.match(line)
        if match:
            yield number, f"{match.group(1)}() is one word: name a static function by verb and object"


def check_defines(code):
    """No macro twice, and none between brackets or braces, but an X of a list that is #undef'd again."""
    found = list(csource.directives(code))
    undefined = {name for _, _, kind, name in found if kind == "undef"}
    alive = {}
    for number, depth, kind, name in found:
        if kind == "undef":
            alive.pop(name, None)
        elif kind == "define":
            if name in alive:
                yield number, f"{name} is defined in line {alive[name]} already"
            elif depth and name not in undefined:
                yield number, f"{name} is defined between brackets or braces"
            alive[name] = number


def lasting_defines(text):
    """{name: line} of the macros that a file leaves defined."""
    names = {}
    for number, _, kind, name in csource.directives(csource.code_only(text)):
        if kind == "define":
            names[name] = number
        elif kind == "undef":
            names.pop(name, None)
    return names


def check_shared_defines(texts):
    """(path, line, what): a header's macro is no other header's, and none of a source that sees the header."""
    macros = {path: lasting_defines(text) for path, text in texts.items()}
    owner = {}
    for path in (p for p in texts if p.suffix == ".h"):
        for name, number in macros[path].items():
            if owner.setdefault(name, path) != path:
                yield path, number, f"{name} is defined in {owner[name]} already"
    after = {path: [pathlib.Path(target) for _, _, target in csource.includes(text)] for path, text in texts.items()}
    for path in (p for p in texts if p.suffix == ".c"):
        seen = csource.reachable(path, after)
        for name, number in macros[path].items():
            if owner.get(name) in seen:
                yield path, number, f"{name} is defined in {owner[name]} already, which this file includes"


def check_script(lines):
    """A line of comment or a docstring, behind #! where there is one."""
    first = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= first or not re.match(r'(#|""")\s*\w', lines[first]):
        yield first + 1, "this line is not a comment with the script's purpose"


def check_paths(lines):
    for number, line in enumerate(lines, 1):
        if FOREIGN.search(line):
            yield number, "this names a path of somebody's machine"


def findings(path, text):
    lines = text.splitlines()
    yield from check_paths(lines)
    if path.suffix in (".c", ".h"):
        stripped = csource.code_only(text)
        code = stripped.splitlines()
        yield from check_length(lines)
        yield from check_columns(lines)
        yield from check_defines(stripped)
        yield from check_purpose(path.name, lines)
        if path.suffix == ".h":
            yield from check_guard(path, text)
        yield from check_functions(code)
        yield from check_calls(code)
        if path.parts[0] != "tests":
            yield from check_statics(code)
    elif path.suffix in (".sh", ".py") and "tests" in path.parts:
        yield from check_script(lines)


def files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not SKIPPED.match(f))
        for name in sorted(names):
            if name.endswith(TEXTS) or name in ("bootstrap", "run"):
                yield pathlib.Path(folder, name)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    texts = {file.relative_to(root): file.read_text(errors="replace") for file in files(root)}
    found = [(path, *finding) for path, text in texts.items() for finding in findings(path, text)]
    sources = {path: text for path, text in texts.items() if path.suffix in (".c", ".h")}
    found += [*check_shared_defines(sources), *check_said_twice(sources)]
    for path, number, what in found:
        print(f"{path}:{number}: {what}")
    print(f"{len(texts)} files, {len(found)} findings (docs/style.md)")
    return 1 if found or not texts else 0


sys.exit(main())
