#!/usr/bin/env python3
"""The jobs of docs/check.md, as they stand there: the plain shell job, and the steps of the one for GitHub Actions, by its shell (bash -e). A
client that does all right passes the expectations of the same page, one that takes any end for success fails them, and the files for the
artifact are there both times. Steps with sudo would change this machine, and wedge is built: those two aren't run. Exit 77: there is no curl, make
or bash, or no lab can be built."""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import NOBODY, Rig, check, need  # noqa: E402

need("curl", "make", "bash")
rig = Rig()
GOOD, BAD = 'curl -sS --max-time 2 "$1"', 'curl -sS --max-time 2 "$1" || true'


def read(name):
    with open(os.path.join(os.environ["SOURCE_DIR"], name), encoding="utf-8") as f:
        return f.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)


def steps(workflow):
    """(name, text) of each "run", be it a line or a block of lines."""
    found = re.findall(r"^      - name: (.*)\n        run: (?:\|\n((?:          .*\n)+)|(.*)\n)", workflow, re.M)
    return [(name, re.sub(r"^ {10}", "", block, flags=re.M) or line + "\n") for name, block, line in found]


def project(name, client, expected):
    """A folder as the job finds it: the client isn't made yet."""
    folder = rig.path(name)
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    write(folder, "timeouts.yaml", expected)
    write(folder, "client.sh", f"#!/bin/sh\n{client}\n")
    write(folder, "Makefile", "my-client: client.sh\n\tcp client.sh $@ && chmod +x $@\n")
    return folder


def run(folder, text):
    """(exit status, all that it printed)"""
    write(folder, "step.sh", text)
    words = (NOBODY if rig.ordinary == "nobody" else []) + ["bash", "-e", "step.sh"]
    p = subprocess.run(words, cwd=folder, env=dict(os.environ, PATH=f"{rig.folder}:{os.environ['PATH']}"), text=True, timeout=200,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return p.returncode, p.stdout


def judge_files(folder, failures):
    suite = xml.parse(os.path.join(folder, "check.xml")).getroot().find("testsuite")
    check(suite.get("tests") == "26" and int(suite.get("failures")) in failures, f"check.xml: {suite.attrib}")
    check("<!DOCTYPE html>" in read(os.path.join(folder, "check.html")), "and check.html")


page = read("docs/check.md")
shell, (expected, workflow) = blocks(page, "sh"), blocks(page, "yaml")
check(len(shell) == 1, "one shell job")

# The one client by the plain job, the other by the steps.
rig.run(rig.ordinary, "check", "--limit", "1s", "--only", "T02", "--", "curl", "-sS", "{url}")  # or skip: no lab
folder = project("plain", BAD, expected)
run(folder, "make my-client\n")
status, told = run(folder, shell[0])
check(status == 1 and re.search(r"^  T13: SILENT-TRUNCATION \(F\), expected DETECTED or RETRIED-OK$", told, re.M), f"the plain job fails: {status}")
judge_files(folder, range(5, 27))

folder = project("steps", GOOD, expected)
played = []
for name, text in steps(workflow):
    if "sudo " in text or "cmake " in text:
        continue
    status, told = run(folder, text)
    check(status == 0, f"{name}: exit status {status}{'' if status == 0 else told}")
    played.append(name)
check(len(played) == 2 and len(steps(workflow)) == 5 and "all is as expected" in told, f"the steps {played}")
judge_files(folder, [0])

# What it installs is what ./bootstrap does.
packages = re.search(r'^build_packages="(.*?)"', read("bootstrap"), re.M | re.S).group(1).split()
line = re.search(r"apt-get install -y --no-install-recommends (.*)", dict(steps(workflow))["get what wedge is built from"].replace("\\\n", "")).group(1)
check(line.split() == packages, "the packages are bootstrap's")
