#!/usr/bin/env python3
"""Plays small scenarios, a live capture and wedge exec with the wedge of $WEDGE, and prints what is written of them: report.txt,
result.json, junit.xml, standard output, the journal, and every comment and interface of the captures. A measured
figure is told as FIGURE, and what surrounds it as it is: words, keys, structure, order, limits.

It is started again in a network namespace of its own. Exit 77: there is none here, or no lab can be built."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../rig")]
import normalise  # noqa: E402
import own_network  # noqa: E402
import pcapng_rig  # noqa: E402
import play_sessions  # noqa: E402

SCENARIO = """name: small
title: A small scenario
source: a test
story: Nothing but a test.
server: {app: rpc}
client: {app: rpc, exchanges: 6}
siblings: {}
phases:
  baseline: []
  impaired: [{delayed_ack: {timer: 60ms}}, {stall: {after: 700B, for: 20ms, direction: downstream}}]
  lossy: [{loss: {mode: nth, n: 5}}]
expect:
  - impaired.client_app.failed == 0
  - impaired.client_app.response.p50 >= 10ms
  - impaired.client_app.response.p50 / baseline.client_app.response.p50 >= 2
  - lossy.client_app.completed == 6
  - {that: baseline.client_app.response.p50 <= 1s, documented: at once}
  - LAST
"""
STALL = ", {stall: {after: 700B, for: 20ms, direction: downstream}}"
RUNS = ((SCENARIO, "baseline.client_app.failed == 0", ()), (SCENARIO, "impaired.client_app.failed > 5", ()),
        (SCENARIO.replace(STALL, ""), "lossy.client_app.failed == 0", ("--intercept", "forward", "--raw-captures")))
# Which segment is lost: two writes go out as one or as two.
SEGMENT = r"(\bseq |\blen |\"len\":)\d+(?=,)"


def figures(text):
    """Of a text for people: a measured figure with what pads it. What an expectation wanted stays."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "DATE", text)
    text = re.sub(r"(window ends at) [\d.]+[num]?s\b|\b[\d.]+(?=x \(wanted)", r"\1 FIGURE", text)
    text = re.sub(r"(?<= kernel) .*|(?<=time=\")[\d.]+", " FIGURE", text)
    # A row of the table, and its head: columns are as wide as their figures.
    text = re.sub(r"(?m)^(  \S.*?\S) {2,}((?:-|<?\d[\d.e-]* ?\S*)(?: {2,}(?:-|<?\d[\d.e-]*(?: \S+)?))*)$", r"\1 FIGURES", text)
    text = re.sub(r"(?m)^(\[\d/\d\] .*?) {2,}.* exchanges .*\n(?:\1.*\n)*", r"\1 FIGURES\n", text)  # progress
    text = re.sub(r"(?m)^ {20,}\w+(?: {2,}\w+)+$", lambda m: "COLUMNS " + " ".join(m[0].split()), text)
    return re.sub(r"(\(wanted [^)]*\))|(?<![\w.=])-?\d+\.\d+(?:e-?\d+)?(?!\.?\d)(?: (?:[mun]?s|%|[kMG]?B)|x)?",
                  lambda m: m[1] or "FIGURE", text)


def measured(text):
    """result.json as it is laid out, with FIGURE for what was measured. The variation of a value is there only where it
    isn't 0."""
    text = re.sub(r'(?m)^ *"[\w.]+\.cv": .*\n', "", text)
    text = re.sub(r'("(?:received|written|packets|packets_accepted)": )\d+', r"\1FIGURE", text)
    text = re.sub(r'("(?!wanted|tolerance)[\w.]+": )-?(?:\d+\.\d+(?:e-?\d+)?|\d+e-?\d+)', r"\1FIGURE", text)
    return figures(re.sub(r'("(?:kernel|started)": )".*"', r"\1FIGURE", text))


def capture(path, ports):
    """Its interfaces in order, and every line of every comment: packets of two legs, and two events at one packet or at two
    that follow each other, stand in either order."""
    lines = []
    for block in pcapng_rig.blocks(path):
        if block.kind == pcapng_rig.INTERFACE:
            print("  interface", *(value for code, value in block.options if code in (2, 3)))
        for line in "\n".join(block.comments()).splitlines():
            lines.append(f"  block {block.kind}: " + figures(ports.hide(re.sub(SEGMENT, r"\1NUMBER", line))))
    print(*sorted(lines), sep="\n")


def show(path, ports):
    name = os.path.basename(path)
    print(f"--- {name}")
    if name.endswith(".pcapng"):
        return capture(path, ports)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if name == "result.json":
        print(measured(text))
    elif name.endswith(".jsonl"):
        # Packets of two namespaces may be seen in another order; each kind of event is there as often.
        text = re.sub(SEGMENT, r"\1NUMBER", normalise.journal(text, ports))
        print(*sorted(text.splitlines()), sep="\n")
    else:
        print(figures(text))


def wedge(folder, *words, **more):
    return subprocess.run(["wedge", *words], executable=os.environ["WEDGE"], cwd=folder, capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL, timeout=120, **more)


def scenario(folder, text, last, words):
    print("\n=== wedge run", *words, last)
    with open(folder + "/small.yaml", "w", encoding="utf-8") as f:
        f.write(text.replace("LAST", last))
    p = wedge(folder, "run", "--seed", "7", "--out", "report", *words, "small.yaml")
    if p.returncode == 2 and "wedge proxy works" in p.stderr:
        print("skipped:", p.stderr.strip())
        sys.exit(77)
    print("exit status", p.returncode, figures(p.stdout), figures(p.stderr), sep="\n")
    for name in sorted(os.listdir(folder + "/report")) if os.path.isdir(folder + "/report") else ():
        show(os.path.join(folder, "report", name), normalise.Ports())
        os.unlink(os.path.join(folder, "report", name))


def live(folder):
    """Two sessions of wedge proxy --capture, on both planes."""
    print("\n=== wedge proxy --capture")
    server, path = play_sessions.listener(), folder + "/live.pcapng"
    w = play_sessions.Wedge(folder, ["--capture", path, "--impair", "stall{after=250B,for=20ms}", "--impair",
                                     "duplicate{share=100%,only_first=1}"])
    for n in (1, 2):
        play_sessions.session("lines", server, folder)
        w.wait_for("wedge: session", 1, n)
    server.close()
    w.end(hide=lambda text: re.sub(r"\d+ packets of", "FIGURE packets of", text))
    show(path, w.ports)


def execute(folder):
    """A client that wedge exec runs, and its server outside."""
    print("\n=== wedge exec")
    with socket.create_server(("127.0.0.1", 8001)) as server:
        def serve():
            for _ in range(2):
                with server.accept()[0] as s:
                    s.sendall(s.recv(100) * 10)
        thread = threading.Thread(target=serve)
        thread.start()
        client = ("import socket\nfor n in range(2):\n s = socket.create_connection(('127.0.0.1', 8001))\n"
                  " s.sendall(b'x' * 50)\n print(len(s.recv(9999, socket.MSG_WAITALL)))\n s.close()\n")
        p = wedge(folder, "exec", "--journal", "exec.jsonl", "-vv", "--impair", "latency{delay=2ms}", "--impair",
                  "syn_ack_delay{delay=5ms}", "--", sys.executable, "-c", client)
        thread.join(10)
    ports = normalise.Ports()
    print("exit status", p.returncode, p.stdout, normalise.log(p.stderr, ports), sep="\n")
    show(folder + "/exec.jsonl", ports)


def main():
    own_network.enter("openssl")
    with tempfile.TemporaryDirectory() as folder:
        for run in RUNS:
            scenario(folder, *run)
        live(folder)
        execute(folder)
    return 0


sys.exit(main())
