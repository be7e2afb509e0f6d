#!/usr/bin/env python3
"""signature_table.py WEDGE FOLDER... - what 'wedge analyze' names in the captures of runs, as the table of docs/signatures.md:
FOLDER is that of 'wedge run --out FOLDER NAME', one for each scenario. Captures that promise nothing and are named nothing
have no row. Exit 1 when a promise is broken."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../rig"))
from signature_rig import LEGS, captures, misnamed, named, signature  # noqa: E402
import subprocess  # noqa: E402

SIGNS = {"fits": "X", "hint": "?", "near": "n"}


def show(wedge, name):
    return json.loads(subprocess.run([wedge, "show", "--json", name], capture_output=True, text=True, check=True).stdout)


def row(wedge, capture, columns):
    """The sign of each scenario's column, the one that is named first in bold."""
    found = named(wedge, capture)
    cells = dict.fromkeys(columns, " ")
    for kind, name in found:
        cells[name] = SIGNS[kind]
    if found and found[0][0] != "near":
        cells[found[0][1]] = f"**{cells[found[0][1]]}**"
    return [cells[c] for c in columns]


def main():
    wedge, folders = sys.argv[1], {}
    for folder in sys.argv[2:]:
        with open(os.path.join(folder, "result.json"), encoding="utf-8") as f:
            folders[json.load(f)["scenario"]] = folder
    number = {name: show(wedge, name)["failure"] for name in folders}
    columns = sorted(folders, key=number.get)
    print("| capture | promised | " + " | ".join(number[c] for c in columns) + " |")
    print("| --- | --- |" + " --- |" * len(columns))
    wrong, healthy = [], 0
    for name in columns:
        promised, _ = signature(wedge, name)
        for leg in LEGS:
            cells = row(wedge, captures(folders[name], "impaired", leg)[-1], columns)
            healthy += len(captures(folders[name], "baseline", leg))
            if leg not in promised and not "".join(cells).strip():
                continue
            print(f"| `{name}` ({number[name]}), {leg} | {promised.get(leg, '')} | {' | '.join(cells)} |")
        wrong += [f"{name}: {w}" for w in misnamed(wedge, name, folders[name])]
    for w in wrong:
        print(w, file=sys.stderr)
    print(f"\n{healthy} captures of healthy phases; {len(wrong)} broken promises.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
