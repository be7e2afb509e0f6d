#!/usr/bin/env python3
"""What --out replaces: a run removes nothing that it can't prove to be an earlier report of its own, whatever the folder is or becomes
while the run goes on, and an earlier report goes only when the new one is whole."""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check  # noqa: E402

rig = Rig()
SCENARIO = """name: short
title: t
source: s
story: s
server: {app: rpc}
client: {app: rpc, exchanges: 1}
phases:
  baseline: []
expect:
  - baseline.client_app.failed == 0
"""
DURING = SCENARIO.replace("client: {app: rpc, exchanges: 1}", "client: {command: \"sh COMMAND\"}")
MARK = ".wedge-report"
OWN = sorted([MARK, "report.txt", "report.html", "result.json", "junit.xml", "journal.jsonl", "baseline-client.pcapng",
              "baseline-server.pcapng", "baseline.pcapng"])
short = rig.path("short.yaml")
with open(short, "w", encoding="utf-8") as f:
    f.write(SCENARIO)


def tree(folder):
    """All that is below a folder: kinds and contents."""
    found = {}
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(at, name)
            told = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[told] = ("link", os.readlink(path))
            elif os.path.isdir(path):
                found[told] = ("folder",)
            else:
                with open(path, "rb") as file:
                    found[told] = (os.stat(path).st_ino, file.read())
    return found


def put(path, text="mine\n"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def run(out, *more, user="root" if os.getuid() == 0 else "self", cwd=None, scenario=short):
    p = subprocess.run(rig.words(user, "run", "--out", out, *more, scenario), cwd=cwd or rig.folder, text=True,
                       capture_output=True, timeout=60, check=False)
    if p.returncode == 2 and "wedge proxy works" in p.stderr:
        print("skipped:", p.stderr)
        sys.exit(77)
    return p.returncode, p.stdout, p.stderr


def refused(what, out, *needles, **how):
    """One line before the run begins, and everything in the rig's folder is as it was, to the byte and the inode."""
    before = tree(rig.folder)
    status, out_text, err = run(out, **how)
    check(status == 2 and not out_text and len(err.splitlines()) == 1, f"{what}: exit {status}, {err.strip()}")
    check(all(n in err for n in needles), f"    it names {needles}")
    check(tree(rig.folder) == before, "    everything is as it was")


def whole(folder, also=()):
    check(sorted(os.listdir(folder)) == sorted([*OWN, *also]), f"    {folder} is whole: {sorted(os.listdir(folder))}")
    with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
        return json.load(file)


def no_rest(folder):
    rest = [n for n in os.listdir(folder) if ".partial" in n or ".new" in n]
    check(not rest, f"    nothing is left beside: {rest}")


# What must not go.
thesis = rig.path("thesis")
put(f"{thesis}/result.json", "{}\n")
put(f"{thesis}/chapter1.tex")
refused("a thesis with a result.json", thesis, "thesis")
alone = rig.path("alone")
put(f"{alone}/result.json", json.dumps({"schema": 1, "scenario": "short"}))
refused("a result.json that isn't wedge's", alone, "result.json")
put(f"{rig.path('tree')}/sub/deeper/file")
refused("a source tree", rig.path("tree"), "sub")
put(rig.path("afile"))
refused("a file", rig.path("afile"), "not a folder")
os.symlink(thesis, rig.path("tothesis"))
refused("a link to a thesis", rig.path("tothesis"), "thesis")
os.symlink(rig.path("nowhere"), rig.path("dangling"))
refused("a link to nowhere", rig.path("dangling"), "dangling")
refused("--out .", ".", "folder", cwd=thesis)
refused("--out ..", "..", cwd=f"{rig.path('tree')}/sub")
refused("an empty name", "", "its value is empty")
os.mkdir(rig.path("empty"))
refused("--out . in an empty folder", ".", "started in", cwd=rig.path("empty"))
refused("made/..: the folder that one is in", "made/..", cwd=rig.path("empty"))
for hostile in ('{"written_by": "wedge run", "files": {"../thesis/chapter1.tex": "0"}}', "[]", "", '{"files": {}}'):
    put(f"{rig.path('forged')}/{MARK}", hostile)
    put(f"{rig.path('forged')}/chapter.tex")
    refused(f"a forged mark {hostile!r}", rig.path("forged"), "forged")

# An earlier report, replaced; and the same with something that isn't.
report = rig.path("report")
check(run(report, "--seed", "1")[0] == 0, "a new folder")
whole(report)
with open(f"{report}/{MARK}", encoding="utf-8") as f:
    check(sorted(json.load(f)["files"]) == sorted(set(OWN) - {MARK}), "    its mark lists every file")
os.chmod(report, 0o750)
os.symlink(report, rig.path("toreport"))
check(run(rig.path("toreport"), "--seed", "2")[0] == 0, "an earlier report, through a link")
check(whole(report)["seed"] == 2 and os.path.islink(rig.path("toreport")), "    is replaced, and the link stays")
check(os.stat(report).st_mode & 0o777 == 0o750, "    as open as it was")
no_rest(rig.folder)
check(run(rig.path("empty"))[0] == 0, "an empty folder")
whole(rig.path("empty"))
refused("a report, from inside", ".", "started in", cwd=report)


def spoilt(what, spoil, *needles):
    copy = rig.path("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(report, copy)
    spoil(copy)
    refused(f"a report {what}", copy, *needles)


spoilt("with a thesis", lambda r: put(f"{r}/thesis.tex"), "thesis.tex")
spoilt("with a folder", lambda r: put(f"{r}/notes/a"), "notes")
spoilt("with a hidden file", lambda r: put(f"{r}/.git"), ".git")
spoilt("with notes written into report.txt", lambda r: put(f"{r}/report.txt", "mine"), "report.txt")
spoilt("without its mark", lambda r: os.unlink(f"{r}/{MARK}"), "holds")


def link(make, name):
    def spoil(folder):
        os.unlink(f"{folder}/{name}")
        make(f"{thesis}/chapter1.tex", f"{folder}/{name}")
    return spoil


spoilt("with a link in a file's place", link(os.symlink, "junit.xml"), "junit.xml")
spoilt("with a hard link in a file's place", link(os.link, "junit.xml"), "junit.xml")
spoilt("whose mark is a link", link(os.symlink, MARK), MARK)
spoilt("whose mark is a hard link", link(os.link, MARK), MARK)
os.chmod(report, 0o755)
if os.getuid() == 0:
    refused("another user's report", report, "another user", user="nobody")
    for path in ("copy", "copy/" + MARK):
        os.chown(rig.path(path), 65534, 65534)
    spoilt("whose mark another user wrote", lambda r: os.chown(f"{r}/{MARK}", 65534, 65534), MARK)
    if os.system(f"mkdir {rig.path('mounted')} && mount -t tmpfs none {rig.path('mounted')}") == 0:
        refused("the root of a file system", rig.path("mounted"), "mounted")
        os.system(f"umount {rig.path('mounted')}")

# What happens while the run goes on.
command = rig.path("command.sh")
during = rig.path("during.yaml")
put(during, DURING.replace("COMMAND", command))


def meanwhile(what, folder, script, user_names):
    """The script changes the folder during the run: it stays, and the new report is whole beside it."""
    put(command, script)
    status, _, err = run(folder, "--seed", "9", scenario=during)
    beside = [n for n in os.listdir(rig.folder) if n.startswith(os.path.basename(folder) + ".new-")]
    check(status == 2 and len(beside) == 1 and beside[0] in err, f"{what}: exit {status}, {err.splitlines()[-1]}")
    for name in user_names:
        check(os.path.exists(f"{folder}/{name}"), f"    {name} is still there")
    whole(rig.path(beside[0]), ["baseline-main-client.log"])
    shutil.rmtree(rig.path(beside[0]))


meanwhile("a thesis comes to a report", report, f"echo mine > {report}/thesis.tex", ["thesis.tex", *OWN])
os.unlink(f"{report}/thesis.tex")
meanwhile("a file is changed", report, f"echo mine >> {report}/report.txt", OWN)
meanwhile("a new folder's name is taken", rig.path("new"), f"mkdir {rig.path('new')}; echo > {rig.path('new')}/x", ["x"])
put(command, f"mkdir -p {rig.path('emptied')}")
check(run(rig.path("emptied"), scenario=during)[0] == 0, "an empty folder with that name comes: it is replaced")
put(command, "mkdir {out}/sub; echo a > {out}/file; ln -s file {out}/link".replace("{out}", "$1"))
put(during, DURING.replace("COMMAND", command + " {out}"))
programs = rig.path("programs")
check(run(programs, scenario=during)[0] == 0, "a program writes into the report")
refused("    a folder and a link of a program's", programs, programs)
shutil.rmtree(f"{programs}/sub")
os.unlink(f"{programs}/link")
check(run(programs, scenario=short)[0] == 0, "    an ordinary file of its is a report's")
whole(programs)

# Two at once, and kill -9 at any moment.
shutil.rmtree(report)
threads = [threading.Thread(target=run, args=(report,)) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
whole(report)
no_rest(rig.folder)
check(run(report, "--seed", "4")[0] == 0, "two runs at once leave one report, whole")
seed = 4
for moment in range(8):
    p = rig.start("root" if os.getuid() == 0 else "self", "run", "--out", report, "--seed", str(100 + moment), short)
    time.sleep(0.1 + moment * 0.12)
    p.send_signal(signal.SIGKILL)
    p.communicate()
    deadline = time.monotonic() + 5
    while any(".partial" in n for n in os.listdir(rig.folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    got = whole(report)["seed"]
    check(got in (seed, 100 + moment), f"    killed after {0.1 + moment * 0.12:.2f} s: the report of seed {got}")
    seed = got
no_rest(rig.folder)
