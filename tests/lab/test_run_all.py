#!/usr/bin/env python3
"""Several scenarios by one command: side by side and in turn, an index page and one JUnit file that say of each what its
own report says, the worst status, nothing of a user's replaced, nothing left after kill -9."""
import json
import os
import re
import signal
import sys
import time
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check  # noqa: E402

rig = Rig()
catalog = rig.path("catalog")
os.mkdir(catalog)
os.chmod(catalog, 0o755)
ALL = ["run", "--all", "--catalog", catalog]


def put(name, failure, expect, client="{app: rpc, exchanges: 3}", server="{app: rpc}", more=""):
    with open(os.path.join(catalog, name + ".yaml"), "w", encoding="utf-8") as f:
        f.write(f"name: {name}\ntitle: <b>{name}</b>\nsource: s\nstory: s\nserver: {server}\nclient: {client}\n{more}"
                f"phases:\n  baseline: []\nexpect:\n  - {expect}\nfailure: {failure}\n")


put("good", "F02", "baseline.client_app.failed == 0")
put("bad", "F01", "baseline.client_app.failed == 3")
put("broken", "F04", "baseline.client_app.failed == 0", server="{command: 'sh -c \"exit 9\"'}")
put("single", "F03", "baseline.client_app.failed == 0", more="alone: true\n")
VERDICTS = {"good": "reproduced", "bad": "not-reproduced", "broken": None, "single": "reproduced"}


def rows(folder):
    """(failure, name, verdict's class) of each row, in their order."""
    with open(os.path.join(folder, "index.html"), encoding="utf-8") as f:
        page = f.read()
    check("<b>" not in page.replace("<b>Seed", ""), "a title's markup is text on the page")
    return [re.search(r'<td data-is="failure">(\w*)</td><td>(?:<a href="([\w/.]+)">)?(\w+)<.*class="word ([\w-]+)"', row).groups()
            for row in re.findall(r"<tr><td.*?</tr>", page)]


def is_told(what, folder):
    told = rows(folder)
    check([(f, n) for f, _, n, _ in told] == [("F01", "bad"), ("F02", "good"), ("F03", "single"), ("F04", "broken")],
          f"{what}: the page has them in order: {told}")
    suites = {s.get("name"): s for s in xml.etree.ElementTree.parse(os.path.join(folder, "junit.xml")).getroot()}
    check(set(suites) == set(VERDICTS), f"{what}: one file has all suites: {sorted(suites)}")
    for _, link, name, shown in told:
        path = os.path.join(folder, name, "result.json")
        check((link == f"{name}/report.html") == os.path.exists(path), f"{what}, {name}: has a link to its report, if any: {link}")
        if link:
            with open(path, encoding="utf-8") as f:
                check(json.load(f)["verdict"] == shown, f"{what}, {name}: {shown} on the page as in its report")
            own = xml.etree.ElementTree.parse(os.path.join(folder, name, "junit.xml")).getroot()[0]
            check(xml.etree.ElementTree.tostring(own).strip() == xml.etree.ElementTree.tostring(suites[name]).strip(),
                  f"{what}, {name}: its suite as in its own file")
        check(VERDICTS[name] in (shown, None), f"{what}, {name}: {shown}")
        check((int(suites[name].get("errors")) > 0) == (shown == "invalid"), f"{what}, {name}: an error if it is invalid")


def side_by_side_and_in_turn():
    for user in rig.users:
        for jobs in ("1", "3"):
            out = rig.path(f"{user}-{jobs}")
            status, text, err = rig.run(user, *ALL, "--jobs", jobs, "--out", out, "--seed", "7")
            check(status == 2, f"{user}, {jobs} at a time: the worst status: {status} {err.strip()[-200:]}")
            check(f"2 of 4 reproduced in" in text and f"{out}/index.html" in text, f"    says so: {text.splitlines()[-1]}")
            is_told(f"{user}, {jobs} at a time", out)
            if jobs != "1":
                lines = text.splitlines()
                check(sum(line.startswith("[") for line in lines) == 4 and lines[0].startswith("[1/4]"), "    a line for each end")
                last = [line for line in lines if line.startswith("[4/4]")]
                check(last and "single" in last[0], f"    who wants to be alone comes last: {last}")
    status, text, _ = rig.run(rig.ordinary, *ALL, "--jobs", "2", "--out", rig.path("again"), "--json")
    check(status == 2 and text.count('"schema"') == 3, "--json has each result, and no other line")


def what_is_a_users_stays():
    for name in ("index.html", "junit.xml"):
        folder = rig.path("mine-" + name)
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write("<!DOCTYPE html>\nmy page\n")
        status, text, err = rig.run(rig.ordinary, *ALL, "--out", folder)
        check(status == 2 and not text and err.count("\n") == 1 and name in err, f"a {name} of the user's: {err.strip()}")
        check(os.listdir(folder) == [name], "    nothing has run")
    out = rig.path(f"{rig.ordinary}-3")
    status, _, _ = rig.run(rig.ordinary, "run", "--catalog", catalog, "--out", out, "good", "single")
    check(status == 0 and len(rows(out)) == 2, "an earlier index is replaced")
    for words, needle in ((["run", "--all", "good"], "'good' isn't named beside it"), (["run", "--jobs", "0", "good"], "1 to 64"),
                          (["run", "--all", "--catalog", rig.path("nowhere")], "nowhere")):
        status, text, err = rig.run(rig.ordinary, *words)
        check(status == 2 and not text and err.count("\n") == 1 and needle in err, f"refused: {err.strip()}")


def killed():
    put("long", "F05", "baseline.client_app.failed == 0", client="{command: 'sleep 30'}")
    out = rig.path("killed")
    p = rig.start(rig.ordinary, *ALL, "--jobs", "5", "--out", out)
    until = time.monotonic() + 20
    while time.monotonic() < until and not any("-client-main.log" in n for _, _, names in os.walk(out) for n in names):
        time.sleep(0.1)
    p.send_signal(signal.SIGKILL)
    p.communicate()
    until = time.monotonic() + 20
    while time.monotonic() < until and [n for n in os.listdir(out) if n.startswith(".") or ".wedge" in n]:
        time.sleep(0.1)
    left = [n for n in os.listdir(out) if n not in VERDICTS]
    check(not left, f"kill -9 of all: nothing unfinished is left: {left}")


side_by_side_and_in_turn()
what_is_a_users_stays()
killed()
