#!/usr/bin/env python3
"""The include arrows of docs/architecture.md hold: who may know whom, as a table.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per wrong include.
"""
import pathlib
import re
import sys

BASE, STREAM, PACKET = "proxy/base/", "proxy/stream/", "proxy/packet/"
NS, EXEC, NETFILTER = "proxy/ns/", "proxy/exec/", "proxy/netfilter/"
ENGINE, CONFIG, SERVICE, CLI = "proxy/engine/", "proxy/config/", "proxy/service/", "proxy/cli/"
TRIGGER, SET = "impairments/trigger/", "impairments/set/"
WORKLOAD, LAB, CAPTURE = "scenarios/workload/", "scenarios/lab/", "scenarios/capture/"
ANALYSIS, ANNOTATE, LIVE = "scenarios/analysis/", "scenarios/annotate/", "scenarios/live/"
SCENARIO, RUN, REPORT = "scenarios/scenario/", "scenarios/run/", "scenarios/report/"
SBASE = "scenarios/base/"
ANYTHING = ""

# Files that start with ... may include what starts with one of ... The longest match decides.
# Only the composition roots in proxy/ see everything. scenarios/*.c are commands, so they know the
# struct of one.
MAY_INCLUDE = {
    BASE: [BASE],
    STREAM: [STREAM, BASE],
    NETFILTER: [NETFILTER, BASE],
    PACKET: [PACKET, NETFILTER, BASE],
    ENGINE: [ENGINE, STREAM, PACKET, NETFILTER, BASE],
    NS: [NS, BASE],
    EXEC: [EXEC, "proxy/engine/engine.h", NS, STREAM, NETFILTER, PACKET, BASE],
    CONFIG: [CONFIG, ENGINE, STREAM, NETFILTER, BASE],
    SERVICE: [SERVICE, CONFIG, ENGINE, STREAM, NETFILTER, NS, BASE],
    CLI: [CLI, SERVICE, CONFIG, EXEC, ENGINE, STREAM, BASE],
    "proxy/main.c": [ANYTHING],
    "impairments/": ["impairments/impairment.h", TRIGGER, STREAM, PACKET, BASE],
    TRIGGER: [TRIGGER, "proxy/stream/flow/message_marks.h", BASE],
    "impairments/stream/parts/": ["impairments/stream/parts/", STREAM, BASE],
    "impairments/packet/parts/": ["impairments/packet/parts/", PACKET, BASE],
    "impairments/stream/": ["impairments/impairment.h", "impairments/stream/parts/", STREAM, BASE],
    "impairments/packet/": ["impairments/impairment.h", "impairments/packet/parts/", PACKET, BASE],
    SET: [SET, "impairments/impairment.h", "impairments/list.h", TRIGGER, STREAM, PACKET, BASE],
    "impairments/live/": ["impairments/live/", "proxy/config/impairments.h", SET, "impairments/impairment.h", TRIGGER, STREAM, PACKET, BASE],
    "impairments/cli/": ["impairments/", "proxy/config/impairments.h", BASE],
    SBASE: [SBASE, BASE],
    WORKLOAD: [WORKLOAD, SBASE, BASE],
    LAB: [LAB, NS, SBASE, BASE],
    CAPTURE: [CAPTURE, SBASE, BASE],
    ANALYSIS: [ANALYSIS, "proxy/packet/tcp_view.h", SBASE, BASE],
    ANNOTATE: [ANNOTATE, "scenarios/run/result.h", "proxy/packet/tcp_view.h", SBASE, BASE],
    LIVE: [LIVE, CAPTURE, ANNOTATE, "proxy/service/capture.h", "proxy/packet/tcp_view.h", "proxy/packet/unreachable.h",
           SBASE, BASE],
    SCENARIO: [SCENARIO, WORKLOAD, "impairments/", SBASE, BASE],
    RUN: [RUN, SCENARIO, LAB, WORKLOAD, CAPTURE, ANALYSIS, "impairments/", "proxy/engine/engine.h", SBASE, BASE],
    REPORT: [REPORT, "scenarios/run/result.h", SBASE, BASE],
    "scenarios/": ["scenarios/", "impairments/", "proxy/cli/commands.h", "proxy/service/capture.h", BASE],
}

# Libraries that only one or two layers may know.
MAY_USE = {
    "pcap": [CAPTURE, ANALYSIS],
    "openssl/": [STREAM, WORKLOAD],
    "libfyaml.h": [BASE],
    "libnetfilter_queue/": [PACKET],
    "nftables/": [NETFILTER],
    "libmnl/": [PACKET, NETFILTER, NS],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def longest(table, path):
    found = [prefix for prefix in table if path.startswith(prefix)]
    return max(found, key=len) if found else None


def complaint(path, quote, target):
    """What is wrong with that include, or None."""
    if quote == "<":
        library = longest(MAY_USE, target)
        if library is None or path.startswith(tuple(MAY_USE[library])):
            return None
        return f"<{target}> belongs to {' and '.join(MAY_USE[library])} alone"
    layer = longest(MAY_INCLUDE, path)
    if layer is None:
        return "no rule says what this file may include: give its folder one in MAY_INCLUDE"
    if "/" not in target or ".." in target:
        return f'"{target}" is not written from the top of the tree'
    if target.startswith(tuple(MAY_INCLUDE[layer])):
        return None
    allowed = " ".join(MAY_INCLUDE[layer]) or "nothing of the project"
    return f'{layer}* must not know "{target}"; it may include: {allowed}'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    bad = seen = 0
    for folder in ("proxy", "impairments", "scenarios"):
        for file in sorted((root / folder).rglob("*.[ch]")):
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                seen += 1
                wrong = complaint(path, *match.groups())
                if wrong:
                    bad += 1
                    print(f"{path}:{number}: {wrong}")
    if not seen:
        print(f"no include found under {root}: is it the right tree?")
    print(f"{seen} includes, {bad} against the arrows of docs/architecture.md")
    return 1 if bad or not seen else 0


sys.exit(main())
