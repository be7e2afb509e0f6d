#!/usr/bin/env python3
"""How the tree hangs together: who includes whom, and who calls whom, as the object files of a build say.

A module is the .c and the .h of one name in one folder. An arrow leads from a module to another that it includes a
header of, or that defines a symbol (function or table) which it leaves undefined. As a command it prints the figures.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess

import csource

TOPS = ("proxy", "impairments", "scenarios")
# nm's letters for what the linker may take from another file: text, data, read-only, zeroed, common.
GLOBAL = set("TDRBCGS")
CMAKE_COMMAND = re.compile(r"\b\w+\s*\(([^()]*)\)")
SOURCE_FOLDER = re.compile(r"\$\{(CMAKE|PROJECT|CMAKE_CURRENT)_SOURCE_DIR\}/")
ANYTHING_ROW = re.compile(r"^\s*(\S+): \[ANYTHING\]", re.M)


def module_of(path):
    return path.rpartition(".")[0]


def folder_of(path):
    return path.rpartition("/")[0]


def objects(build, root):
    """{object: source, as seen from the root} of what was built there."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], re.search(r" -o (\S+)", entry["command"]).group(1))
        if path.exists():
            found[str(path)] = os.path.relpath(os.path.realpath(entry["file"]), root)
    return found


def symbols(paths):
    """(object, letter, name) of every global symbol."""
    out = subprocess.run(["nm", "--extern-only", "--print-file-name", *paths], check=True,
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        path, _, rest = line.rpartition(":")
        letter, name = rest.split()[-2:]
        yield path, letter, name


class Tree:
    """The sources below a folder, and the objects of a build of them."""

    def __init__(self, root, build):
        self.root = pathlib.Path(root).resolve()
        paths = [p for top in TOPS for p in sorted((self.root / top).rglob("*.[ch]"))]
        self.texts = {p.relative_to(self.root).as_posix(): p.read_text() for p in paths}
        self.modules = {module_of(path) for path in self.texts}
        self.arrows = collections.defaultdict(list)  # (module, module): why
        self.calls = set()  # those of the arrows that are no mere includes
        self._read_includes()
        self._read_symbols(pathlib.Path(build).resolve())

    def _read_includes(self):
        for path, text in self.texts.items():
            for line, quote, target in csource.includes(text):
                if quote == '"' and target in self.texts:
                    self._add(path, target, f"{path}:{line} includes {target}")

    def _read_symbols(self, build):
        built = objects(build, self.root)
        sources = {path: source for path, source in built.items() if source in self.texts}
        self.not_built = [p for p in self.texts if p.endswith(".c") and p not in sources.values()]
        known = [(sources[path], letter, name) for path, letter, name in symbols(sources)]
        self.defined_in = {name: source for source, letter, name in known if letter in GLOBAL}
        for source, letter, name in known:
            if letter == "U" and name in self.defined_in:
                target = self.defined_in[name]
                self._add(source, target, f"{source} uses {name} of {target}", calls=True)

    def _add(self, source, target, why, calls=False):
        ends = module_of(source), module_of(target)
        if ends[0] != ends[1]:
            self.arrows[ends].append(why)
            if calls:
                self.calls.add(ends)

    def ending_of(self, module):
        return ".c" if module + ".c" in self.texts else ".h"

    def file_of(self, module):
        return module + self.ending_of(module)

    def prototypes(self):
        """(header, line, name, where it is defined or None)."""
        for path, text in self.texts.items():
            if path.endswith(".h"):
                for line, name in csource.prototypes(text):
                    yield path, line, name, self.defined_in.get(name)

    def strays(self):
        """The prototypes that are defined elsewhere than their header's name says."""
        return [p for p in self.prototypes() if p[3] != module_of(p[0]) + ".c"]


def lifted(arrows, name):
    """The arrows between what name() makes of their ends."""
    found = collections.defaultdict(list)
    for (source, target), why in arrows.items():
        ends = name(source), name(target)
        if None not in ends and ends[0] != ends[1]:
            found[ends] += why
    return found


def circles(arrows):
    """The sets of more than one node in which each leads to each."""
    after = collections.defaultdict(set)
    for source, target in arrows:
        after[source].add(target)
    reach = {node: csource.reachable(node, after) for node in after}
    found = {frozenset(n for n in seen if node in reach.get(n, ())) for node, seen in reach.items() if node in seen}
    return sorted(found, key=sorted)


def against_order(nodes, arrows):
    """The arrows that must go, so that those between the nodes form no circle: few, and with few reasons each.

    From the bottom to the top each node is moved to its best place, until none gains by it."""
    inner = [ends for ends in arrows if ends[0] in nodes and ends[1] in nodes]

    def upward(order):
        place = {node: i for i, node in enumerate(order)}
        return [(s, t) for s, t in inner if place[s] < place[t]]

    def cost(order):
        up = upward(order)
        return len(up), sum(len(arrows[ends]) for ends in up)

    order, least, before = sorted(nodes), cost(sorted(nodes)), None
    while least != before:
        before = least
        for node in sorted(nodes):
            rest = [n for n in order if n != node]
            for i in range(len(order)):
                tried = rest[:i] + [node] + rest[i:]
                if cost(tried) < least:
                    order, least = tried, cost(tried)
    return sorted(upward(order))


def house(tree, top):
    """(rooms, floors, arrows, running up) of a folder seen from its root.

    Rooms are its sub-folders (each with all below it) and the modules in the folder itself. "Running up" are the arrows
    that must go to leave no circle; floors are the rooms on the longest way down of those that are left."""
    def room(module):
        return "/".join(module.split("/")[:2]) if module.startswith(top + "/") else None

    rooms = {room(m) for m in tree.modules} - {None}
    arrows = lifted(tree.arrows, room)
    up = [ends for circle in circles(arrows) for ends in against_order(circle, arrows)]
    down = {name: [t for s, t in arrows if s == name and (s, t) not in up] for name in rooms}

    def floor(name):
        return 1 + max(map(floor, down[name]), default=0)

    return len(rooms), max(map(floor, rooms), default=0), len(arrows), len(up)


def source_lists(root):
    """(file, line, names) of the CMake commands that name two sources, or one of a layer's."""
    below = [path for top in (*TOPS, "tests") for path in sorted((root / top).rglob("CMakeLists.txt"))]
    for path in [root / "CMakeLists.txt", *below]:
        text = re.sub(r"#.*", "", path.read_text())
        for match in CMAKE_COMMAND.finditer(text):
            words = SOURCE_FOLDER.sub("", match.group(1)).split()
            names = [w for w in words if re.fullmatch(r"[\w./-]+\.[ch]", w) and w != "proxy/main.c"]
            if len(names) > 1 or any(name.startswith(TOPS) or path.parent != root / "tests" for name in names):
                yield path.relative_to(root), text.count("\n", 0, match.start()) + 1, names


def table(tree):
    upward = [(s, t) for s, t in tree.arrows if s.startswith("proxy/") and t.startswith("impairments/")]
    strays, prototypes = tree.strays(), list(tree.prototypes())
    lists = list(source_lists(tree.root))
    anything = ANYTHING_ROW.findall((tree.root / "tests/lint/test_layers.py").read_text())
    yield "arrows from proxy/ up to impairments/", len(upward)
    yield "", " ".join(sorted({tree.file_of(s) for s, _ in upward}))
    for what, arrows, name in (
            ("circles between files, by calls", tree.calls, tree.file_of),
            ("circles between files, by includes and calls", tree.arrows, tree.file_of),
            ("circles between folders", lifted(tree.arrows, folder_of), str)):
        loops = circles(arrows)
        yield what, len(loops)
        for loop in loops:
            yield "", " ".join(sorted(map(name, loop)))
    for top in TOPS:
        yield f"{top}/: rooms / floors / arrows / running up", " / ".join(map(str, house(tree, top)))
    yield "may include anything (tests/lint/test_layers.py)", f"{len(anything)}: {' '.join(anything)}"
    yield "hand-kept source lists in CMake", len(lists)
    for path, line, names in lists:
        yield "", f"{path}:{line}: {len(names)} files"
    share = 100 * len(strays) / max(1, len(prototypes))
    yield "prototypes defined elsewhere", f"{len(strays)} of {len(prototypes)}, {share:.1f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree")
    parser.add_argument("build")
    parser.add_argument("--list", action="store_true", help="the prototypes that are defined elsewhere, and where")
    parser.add_argument("--why", action="store_true", help="the arrows of each circle between files")
    args = parser.parse_args()
    tree = Tree(args.tree, args.build)
    for what, value in table(tree):
        print(f"{what:50}  {value}")
    if args.list:
        for header, line, name, where in tree.strays():
            print(f"{header}:{line}: {name} is defined in {where or 'no file'}")
    if args.why:
        for loop in circles(tree.arrows):
            print("circle of " + " ".join(sorted(map(tree.file_of, loop))))
            for ends, why in sorted(tree.arrows.items()):
                if loop.issuperset(ends):
                    print(f"\t{why[0]}" + (f" and {len(why) - 1} more" if len(why) > 1 else ""))
    if tree.not_built:
        print(f"not built: {len(tree.not_built)} files, whose calls are not counted")


if __name__ == "__main__":
    main()
