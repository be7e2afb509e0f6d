#!/usr/bin/env python3
"""The include arrows of docs/architecture.md hold: who may know whom, as a table.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per wrong include.
"""
import pathlib
import sys

import csource

TOPS = ("proxy/", "impairments/", "scenarios/")
BASE, NS, NETFILTER, PACKET = "proxy/base/", "proxy/ns/", "proxy/netfilter/", "proxy/packet/"
STREAM, FLOW, TLS, PROXY_PROTOCOL = ("proxy/stream/", "proxy/stream/flow/", "proxy/stream/tls/",
                                     "proxy/stream/proxy_protocol/")
ENGINE, CONFIG, SERVICE, EXEC, CLI = "proxy/engine/", "proxy/config/", "proxy/service/", "proxy/exec/", "proxy/cli/"
API = "proxy/api/"
CONTRACT, TRIGGER, SET = "impairments/impairment.h", "impairments/trigger/", "impairments/set/"
PARTS, STREAM_PARTS, PACKET_PARTS = "impairments/parts/", "impairments/stream/parts/", "impairments/packet/parts/"
SBASE, WORKLOAD, LAB = "scenarios/base/", "scenarios/workload/", "scenarios/lab/"
READER, SHOWN_CONNECTION = "scenarios/reader/", "scenarios/shown_connection/"
CAPTURE, ANALYSIS, ANNOTATE = "scenarios/capture/", "scenarios/analysis/", "scenarios/annotate/"
DIAGNOSIS, MATCH, PAIRS, FIT = "scenarios/diagnosis/", "scenarios/match/", "scenarios/pairs/", "scenarios/fit/"
DIAGNOSIS_REPORT, PROOF_COMMENTS = "scenarios/diagnosis_report/", "scenarios/proof_comments/"
SCENARIO, RUN, REPORT, RESULT = "scenarios/scenario/", "scenarios/run/", "scenarios/report/", "scenarios/run/result.h"
BLIND = "scenarios/blind/"
CHECK = "scenarios/check/"
WATCH = "scenarios/watch/"
PARSERS = ["proxy/packet/tcp_view.h", "proxy/packet/unreachable.h"]
STREAM_PLANE, PACKET_PLANE = [STREAM, FLOW, TLS, BASE], [PACKET, BASE]
ANYTHING = ""

# What the files of a folder may include beside the folder's own: folders (not those below them) and single headers. A
# row of one file goes before that of its folder.
MAY_INCLUDE = {
    BASE: [],
    NS: [BASE],
    NETFILTER: [BASE],
    FLOW: [BASE],
    TLS: [FLOW, BASE],
    PROXY_PROTOCOL: [FLOW, BASE],
    STREAM: [FLOW, TLS, PROXY_PROTOCOL, BASE],
    PACKET: [NETFILTER, BASE],
    ENGINE: [STREAM, FLOW, TLS, PROXY_PROTOCOL, PACKET, NETFILTER, BASE],
    CONFIG: [ENGINE, "proxy/stream/tls/tls_config.h", "proxy/stream/tls/tls_check.h", BASE],
    SERVICE: [CONFIG, ENGINE, NS, "proxy/stream/tls/tls.h", "proxy/stream/tls/tls_state.h", "proxy/stream/session_commons.h",
              "proxy/stream/tls/keylogs.h",
              "proxy/netfilter/intercept_match.h", BASE],
    API: [SERVICE, CONFIG, ENGINE, BASE],
    EXEC: [ENGINE, NS, STREAM, PACKET, NETFILTER, "proxy/stream/tls/tls.h", "proxy/stream/tls/tls_state.h",
           "proxy/stream/tls/keylogs.h", BASE],
    CLI: [SERVICE, CONFIG, EXEC, ENGINE, "proxy/stream/tls/tls_config.h", BASE],
    "proxy/main.c": [ANYTHING],
    "impairments/": [TRIGGER, *STREAM_PLANE, *PACKET_PLANE],
    TRIGGER: ["proxy/stream/flow/message_marks.h", BASE],
    PARTS: [BASE],
    STREAM_PARTS: STREAM_PLANE,
    PACKET_PARTS: PACKET_PLANE,
    "impairments/stream/": [CONTRACT, PARTS, STREAM_PARTS, *STREAM_PLANE],
    "impairments/packet/": [CONTRACT, PARTS, PACKET_PARTS, *PACKET_PLANE],
    SET: [CONTRACT, "impairments/list.h", TRIGGER, "proxy/stream/tls/tls_config.h", BASE],
    "impairments/live/": [CONTRACT, SET, TRIGGER, "proxy/config/impairments.h", *STREAM_PLANE, *PACKET_PLANE],
    "impairments/cli/": [CONTRACT, SET, BASE],
    SBASE: [BASE],
    WORKLOAD: [SBASE, BASE],
    LAB: [NS, SBASE, BASE],
    CAPTURE: [*PARSERS, SBASE, BASE],
    READER: [SBASE, BASE],
    ANALYSIS: [READER, *PARSERS, SBASE, BASE],
    FIT: [DIAGNOSIS, ANALYSIS, READER, *PARSERS, SBASE, BASE],
    PAIRS: [DIAGNOSIS, ANALYSIS, READER, *PARSERS, SBASE, BASE],
    DIAGNOSIS: [ANALYSIS, READER, *PARSERS, SBASE, BASE],
    PROOF_COMMENTS: [DIAGNOSIS, DIAGNOSIS_REPORT, READER, SBASE, BASE],
    DIAGNOSIS_REPORT: [DIAGNOSIS, ANALYSIS, READER, *PARSERS, SBASE, BASE],
    ANNOTATE: [RESULT, *PARSERS, SBASE, BASE],
    "scenarios/live/": [CAPTURE, ANNOTATE, "proxy/packet/checksum.h", *PARSERS, SBASE, BASE],
    SHOWN_CONNECTION: [RESULT, ANALYSIS, READER, *PARSERS, SBASE, BASE],
    SCENARIO: [SET, WORKLOAD, SBASE, BASE],
    RUN: [SCENARIO, LAB, WORKLOAD, CAPTURE, ANALYSIS, SET, "impairments/live/", "proxy/config/impairments.h", ENGINE, "proxy/stream/tls/tls.h",
          "proxy/stream/tls/tls_state.h", SBASE, BASE],
    WATCH: ["proxy/api/followers.h", "proxy/api/http_message.h", "proxy/api/http_server.h", "proxy/api/page.h", "proxy/api/v1_problem.h",
            SBASE, BASE],
    MATCH: [DIAGNOSIS, SCENARIO, SBASE, BASE],
    REPORT: [RESULT, SBASE, BASE],
    CHECK: [RUN, SCENARIO, LAB, WORKLOAD, ANALYSIS, "scenarios/report/html_head.h", "scenarios/report/html_text.h", SBASE, BASE],
    BLIND: [RUN, SCENARIO, MATCH, DIAGNOSIS, DIAGNOSIS_REPORT, ANNOTATE, SBASE, BASE],
    "scenarios/cli/": [RUN, SCENARIO, WORKLOAD, LAB, REPORT, ANNOTATE, SHOWN_CONNECTION, DIAGNOSIS, DIAGNOSIS_REPORT, PROOF_COMMENTS, MATCH, PAIRS,
                       FIT, BLIND, CHECK, WATCH, "proxy/config/place_words.h", "scenarios/live/", SBASE, BASE],
}

# Libraries that only one or two layers may know.
MAY_USE = {
    "pcap": [CAPTURE, READER],
    "zlib.h": [READER],
    "openssl/": [TLS, WORKLOAD, RUN, BLIND],
    "libfyaml.h": [BASE],
    "libnetfilter_queue/": [PACKET],
    "nftables/": [NETFILTER],
    "libmnl/": [PACKET, NETFILTER, NS],
}


def folder_of(path):
    return path.rpartition("/")[0] + "/"


def complaint(path, quote, target):
    """What is wrong with that include, or None."""
    folder = folder_of(path)
    if quote == "<":
        library = max((prefix for prefix in MAY_USE if target.startswith(prefix)), key=len, default=None)
        if library is None or folder in MAY_USE[library]:
            return None
        return f"<{target}> belongs to {' and '.join(MAY_USE[library])} alone"
    if not target.startswith(TOPS) or ".." in target:
        return f'"{target}" is not written from the top of the tree'
    row = path if path in MAY_INCLUDE else folder
    allowed = MAY_INCLUDE.get(row, [])
    if ANYTHING in allowed or folder_of(target) in (folder, *allowed) or target in allowed:
        return None
    return f'{row} must not know "{target}"; it may include: {" ".join(allowed) or "nothing but its own"}'


def check_rows(paths):
    """Every folder has a row, and every row a file; only proxy/main.c knows everything."""
    folders = {folder_of(path) for path in paths if path not in MAY_INCLUDE}
    for folder in sorted(folders - MAY_INCLUDE.keys()):
        yield f"{folder}: no rule says what its files may include: give it a row in MAY_INCLUDE"
    for row in sorted(MAY_INCLUDE.keys() - folders - set(paths)):
        yield f"{row}: MAY_INCLUDE has a row for it, the tree nothing"
    for row, allowed in MAY_INCLUDE.items():
        if ANYTHING in allowed and row != "proxy/main.c":
            yield f"{row}: only proxy/main.c may include anything"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    files = {file.relative_to(root).as_posix(): file for top in TOPS for file in sorted((root / top).rglob("*.[ch]"))}
    found, seen = list(check_rows(files)), 0
    for path, file in files.items():
        for number, quote, target in csource.includes(file.read_text()):
            seen += 1
            wrong = complaint(path, quote, target)
            if wrong:
                found.append(f"{path}:{number}: {wrong}")
    for line in found:
        print(line)
    print(f"{seen} includes, {len(found)} findings against the arrows of docs/architecture.md")
    return 1 if found or not seen else 0


sys.exit(main())
