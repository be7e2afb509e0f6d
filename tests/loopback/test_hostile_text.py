#!/usr/bin/env python3
"""Hostile text through every command and every input: no raw control character, no bidirectional control and nothing that
isn't UTF-8 comes out; a refusal is one line, and JSON stays JSON."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402

EVIL = "e\x1b[31m\x1b]0;t\x07\x9b\u202e\u2066\u2028\u200e\x7f\r\t\nz"
INVALID = b"i\xff\xc3\x1b[2J\n"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
folder = tempfile.mkdtemp()
failed = 0


def run(*args, stdin=None):
    try:
        r = subprocess.run([rig.WEDGE, *args], capture_output=True, timeout=20, cwd=folder, input=stdin, check=False)
    except subprocess.TimeoutExpired as e:  # it took what is hostile, and serves
        return 0, e.stdout or b"", e.stderr or b""
    return r.returncode, r.stdout, r.stderr


def clean(what, *args, lines=None, stdin=None):
    """Returns standard output."""
    status, out, err = run(*args, stdin=stdin)
    said = ""
    for data in (out, err):
        try:
            said += "".join(RAW.findall(data.decode()))
        except UnicodeDecodeError as e:
            said += repr(e)
    told = err.count(b"\n")
    ok = not said and (status != 2 or lines == "any" or told == 1)
    if not ok:
        rig.check(what, ok, "status %d, %d lines, raw %r: %r" % (status, told, said, err[:300]))
    else:
        rig.check(what, ok)
    return out


def put(name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def options(command):
    _, out, _ = run(command, "--help")
    return sorted(set(re.findall(r"--[a-z][a-z-]*", out.decode())) - {"--help", "--version"})


HELP = run("--help")[1].decode()
COMMANDS = [c for c in ("proxy", "exec", "impairments", "run", "list", "show", "workloads") if re.search(r"^ +%s " % c, HELP, re.M)]
YAML_EVIL = json.dumps(EVIL)  # a double-quoted scalar of YAML, too
SCENARIO = """name: %s
title: %s
source: %s
story: %s
server: {app: rpc}
client: {app: rpc, exchanges: 1}
phases:
  baseline: []
expect:
  - baseline.client_app.failed == 0
"""
CONFIG = "proxies:\n  - name: a\n    listen: 127.0.0.1:0\n    upstream: 127.0.0.1:9\n"

clean("a command", EVIL)
clean("a command that isn't UTF-8", INVALID)
for command in COMMANDS:
    clean(command + ": a name", command, EVIL)
    clean(command + ": a name that isn't UTF-8", command, INVALID)
    clean(command + ": an option", command, "--" + EVIL)
    for option in options(command):
        rest = ["--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9"] if command == "proxy" else []
        rest = ["--", "true"] if command == "exec" else rest
        for value in (EVIL, "x=" + EVIL, "stall{after=%s}" % EVIL, "latency{%s=1}" % EVIL) if option in ("--impair", "--set") \
                else (EVIL,):
            where = "x/y" if option in ("--journal", "--capture", "--tls-keylog") else ""
            if option in ("--tls-ca", "--out", "--catalog"):
                where = "/proc/none/"
            clean("%s %s" % (command, option), command, "%s=%s%s" % (option, where, value), *rest)
if "proxy" in COMMANDS:
    for what, text in (("a key", CONFIG + "%s: 1\n" % YAML_EVIL), ("a key of a proxy", CONFIG + "    %s: 1\n" % YAML_EVIL),
                       ("a name", CONFIG.replace("name: a", "name: " + YAML_EVIL)),
                       ("a kind", CONFIG + "    impairments: [{%s: {}}]\n" % YAML_EVIL),
                       ("a value", CONFIG + "    impairments: [{latency: {delay: %s}}]\n" % YAML_EVIL),
                       ("an address", CONFIG.replace("127.0.0.1:9", YAML_EVIL)),
                       ("a journal", "journal: %s\n" % json.dumps("/none/" + EVIL) + CONFIG),
                       ("raw", EVIL), ("what isn't UTF-8", INVALID)):
        clean("configuration: " + what, "proxy", "--check", put("c.yaml", text))
    clean("configuration: its own name", "proxy", "--check", put(EVIL.replace("/", "") + ".yaml", CONFIG))
    clean("configuration: a name that isn't there", "proxy", "--config", "/none/" + EVIL)
if "show" in COMMANDS:
    os.mkdir(os.path.join(folder, "catalog"))
    good = ("evil", YAML_EVIL, YAML_EVIL, YAML_EVIL)
    path = put("catalog/evil.yaml", SCENARIO % good)
    json.loads(clean("list --json", "list", "--json", "--catalog", "catalog"))
    json.loads(clean("show --json", "show", "--json", path))
    out = clean("list", "list", "--catalog", "catalog")
    rig.check("    a title with a newline is one entry", len(out.splitlines()) == 3, repr(out))
    clean("show", "show", path)
    for what, text in (("a key", SCENARIO % good + "%s: 1\n" % YAML_EVIL), ("a name", SCENARIO % (YAML_EVIL, "t", "s", "s")),
                       ("a phase", (SCENARIO % good).replace("  baseline:", "  %s:" % YAML_EVIL)),
                       ("an expectation", (SCENARIO % good).replace("- baseline", "- " + json.dumps("x" + EVIL) + " #")),
                       ("a workload", (SCENARIO % good).replace("app: rpc", "app: " + YAML_EVIL)),
                       ("a key of a workload", (SCENARIO % good).replace("exchanges", YAML_EVIL)),
                       ("raw", EVIL), ("what isn't UTF-8", INVALID)):
        clean("scenario: " + what, "show", put("s.yaml", text))
        clean("scenario, run: " + what, "run", put("s.yaml", text))
    out = clean("run", "run", "--out", os.path.join(folder, "out"), path, lines="any")
    report = os.path.join(folder, "out")
    if os.path.isdir(report):
        for name in ("report.txt", "report.html", "junit.xml", "result.json", "journal.jsonl"):
            with open(os.path.join(report, name), encoding="utf-8") as f:
                text = f.read()
            rig.check("run: " + name, not RAW.search(text), repr(RAW.findall(text)[:4]))
        with open(os.path.join(report, "result.json"), encoding="utf-8") as f:
            json.load(f)
        json.loads(clean("run --json", "run", "--json", "--out", report, path, lines="any"))
subprocess.run(["rm", "-r", folder], check=True)
rig.finish()
