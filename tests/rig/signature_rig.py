"""signature_rig - what 'wedge analyze' names in captures, and what a scenario's signature promises of its own."""
import json
import os
import re
import subprocess
import tempfile

from pcapng_rig import capinfos

LEGS = ("client", "server")
WORDS = {"This is": "fits", "It fits, too:": "fits", "This may be": "hint", "Near": "near"}


def named(wedge, capture):
    """[(kind, scenario)] in the page's order: kinds are "fits", "hint", "near"."""
    done = subprocess.run([wedge, "analyze", capture], capture_output=True, text=True, check=True)
    page = " ".join(done.stdout.split())
    return [(WORDS[words], name)
            for words, name in re.findall(rf"({'|'.join(WORDS)}) ([a-z][a-z0-9-]+) \(F\d+\)", page)]


def signature(wedge, name):
    """What a capture of each leg must be named as: {"client": "fits"}; and the names that will do."""
    shown = json.loads(subprocess.run([wedge, "show", "--json", name], capture_output=True, text=True, check=True).stdout)
    promised = {}
    for kind, key in (("fits", "when"), ("hint", "hint")):
        vantages = next((item["vantages"] for item in shown["signature"] if item.get(key)), "")
        for leg in LEGS:
            if f"{leg}_wire" in vantages:
                promised.setdefault(leg, kind)
    return promised, {name, *shown["family"]}


def captures(folder, phase, leg):
    """Of the phase, or of its swept values, the last one last."""
    swept = [name for name in os.listdir(folder) if re.fullmatch(rf"{phase}@\d+-{leg}\.pcapng", name)]
    swept.sort(key=lambda name: int(re.search(r"@(\d+)", name)[1]))
    return [os.path.join(folder, name) for name in swept or [f"{phase}-{leg}.pcapng"]]


def variants(capture, folder):
    """(what, file) of the same traffic as others would have captured it."""
    count = int(capinfos(capture)["Number of packets"])
    for what, *words in (("the first 64 bytes", "editcap", "-s", "64", capture, "OUT"),
                         ("without its first fifth", "editcap", "-r", capture, "OUT", f"{count // 5}-{count}"),
                         ("its first three fifths", "editcap", "-r", capture, "OUT", f"1-{count * 3 // 5}"),
                         ("every packet twice", "mergecap", "-w", "OUT", capture, capture)):
        path = os.path.join(folder, "variant.pcapng")
        subprocess.run([path if w == "OUT" else w for w in words], capture_output=True, check=True)
        yield what, path


def misnamed(wedge, name, folder):
    """One line for each capture of a run that isn't named as the signature promises, or, changed, named as another."""
    promised, family = signature(wedge, name)
    wrong = []
    for leg in LEGS:
        found = named(wedge, captures(folder, "impaired", leg)[-1])
        if leg in promised and (not found or found[0][0] != promised[leg] or found[0][1] not in family):
            wrong.append(f"impaired-{leg} is to be named {name}: {promised[leg]}, and is {found}")
        with tempfile.TemporaryDirectory() as temporary:
            for what, path in variants(captures(folder, "impaired", leg)[-1], temporary):
                others = [x for x in named(wedge, path) if x[0] != "near" and x[1] not in family]
                if others:
                    wrong.append(f"impaired-{leg}, {what}, is named {others}")
        for capture in captures(folder, "baseline", leg):
            found = [x for x in named(wedge, capture) if x[0] != "near"]
            if found:
                wrong.append(f"{os.path.basename(capture)} is healthy, and is named {found}")
    return wrong
