#!/usr/bin/env python3
"""The card of wedge check in all its forms, of a curl that gives up after 2 s: JSON and JUnit by Python's parsers, the page by Chromium, its
ladders by tshark, expectations met and not, changes against an earlier card, and files that are refused. Exit 77: there is no curl or tshark,
or no lab can be built."""
import glob
import json
import os
import re
import shutil
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import page  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

POINTS = ["T01", "T02", "T13", "T15", "T22"]
LIMIT = 3
EXPECT_MET = """default: A
T02: {grade: [DETECTED], within: 1s}
T13: {grade: [DETECTED, RETRIED-OK], within: 3s}
T22: NOT-EXERCISED
"""
ALWAYS = {"limit", "T02", "T13", "T14", "T15"}  # what is changed against the card before
EXPECT_NOT_MET = """default: A
T01: {grade: DETECTED, within: 1s}
T13: HUNG
T14: A
"""
REFUSED = (("T01: A\nT99: A\n", r":2:1: no hang point 'T99'"),
           ("T01: DETECTD\n", r":1:6: no grade 'DETECTD' \(did you mean 'DETECTED'\?\)"),
           ("T01: {grades: A}\n", r":1:7: .*\(did you mean 'grade'\?\)"),
           ("T01: {within: 3 parsecs}\n", r":1:15: "))

# With a byte that is no UTF-8, which JSON has no text for.
EVIL = """<script>console.error(1)</script>"' & &lt; --></title>\udcff"""

need("curl", "tshark")
rig = Rig()
user = rig.ordinary


def write(name, text):
    path = rig.path(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o644)
    return path


def play(*options, curl=("curl", "-sS", "--max-time", "2", "-A", EVIL)):
    """(exit status, standard output, standard error)."""
    return rig.run(user, "check", "--limit", f"{LIMIT}s", "--only", ",".join(POINTS), *options, "--", *curl, "{url}")


def judge_junit(path, card, failed):
    root = xml.parse(path).getroot()
    suites = root.findall("testsuite")
    check(root.tag == "testsuites" and len(suites) == 1, "JUnit: one suite")
    suite = suites[0]
    check(suite.get("name") == card["command"], "JUnit: the command")
    cases = suite.findall("testcase")
    names = [c["id"] for c in card["cells"]] + (["hea"] if "not_gradable" in card else [])
    check([c.get("name")[:3] for c in cases] == names, f"JUnit: {len(cases)} cases")
    check(all(c.get("classname") and len(c) == 1 and all(e.tag in ("error", "failure", "skipped", "system-out") for e in c) for c in cases),
          "JUnit: each has a class, and one outcome")
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    found = {"tests": len(cases), "failures": len(suite.findall(".//failure")), "errors": len(suite.findall(".//error")),
             "skipped": len(suite.findall(".//skipped"))}
    check(counts == found, f"JUnit: its counts {counts} are those of its cases")
    check([c.get("name")[:3] for c in cases if c.find("failure") is not None] == failed, f"JUnit: failures {failed}")
    for c, cell in zip(cases, card["cells"]):
        if cell["seconds"] is not None:
            check(abs(float(c.get("time")) - cell["seconds"]) < 0.001, f"JUnit: {cell['id']} took {c.get('time')} s")
        check(cell.get("unexpected", "") in "".join(e.get("message", "") for e in c), f"JUnit: {cell['id']}: how it isn't as expected")


def judge_cells(card):
    cells = {c["id"]: c for c in card["cells"]}
    check(list(cells) == POINTS and card["limit"] == LIMIT and card["protocol"] == "http", f"JSON: the cells {list(cells)}")
    for name in ("T01", "T02", "T13", "T15"):
        check(cells[name]["grade"] == "DETECTED" and cells[name]["letter"] == "A", f"{name}: {cells[name]['grade']}: {cells[name]['why']}")
    check(cells["T22"]["grade"] == "NOT-EXERCISED" and cells["T22"]["seconds"] is None, "T22 isn't exercised: curl has one request")
    # The option's 2 s count from curl's own start, the fault a little later; at most 0.5 s more for a busy machine.
    for name in ("T01", "T13"):
        check(1.5 < cells[name]["seconds"] < 2.5, f"{name}: after {cells[name]['seconds']:.3f} s")
    for name in ("T02", "T15"):
        check(cells[name]["seconds"] < 1, f"{name}: after {cells[name]['seconds']:.3f} s")
    check(all("ladder" not in run for c in card["cells"] for run in c["runs"]), "the packets are for the page")


def judge_ladder(root, name, kept, run):
    """Every row's frame is one of tshark's with that length and way; the fault and the end are marked where the card has them."""
    capture = glob.glob(os.path.join(kept, name, "*-client.pcapng"))[0]
    frames = {int(r[0]): r for r in tshark(capture, "tcp.port == 80", "frame.number", "tcp.len", "tcp.dstport", "frame.time_epoch")}
    ladder = root.by_id(name).all("ol", class_="ladder")[0]
    rows = [li for li in ladder.all("li") if li.attributes["class"] in ("up", "down")]
    hidden = sum(int(li.text.split()[0]) for li in ladder.all("li", class_="hidden"))
    check(0 < len(rows) <= 40 and len(rows) + hidden == len(frames), f"{name}: {len(rows)} rows and {hidden} more, of {len(frames)} packets")
    first, wrong = min(float(r[3]) for r in frames.values()) - run["connects"][0], []
    for li in rows:
        frame, at = int(li.all("span", class_="frame")[0].text), float(li.all("span", class_="at")[0].text)
        seen = frames.get(frame)
        if not seen or f"Len={seen[1]}" not in li.text or (seen[2] == "80") != (li.attributes["class"] == "up") \
                or abs(float(seen[3]) - first - at) > 5e-6:
            wrong.append((frame, li.text, seen))
    check(not wrong, f"{name}: each row is tshark's {wrong[:2]}")
    marked = [float(li.all("span", class_="at")[0].text) for li in rows if "the fault:" in li.text]
    check(len(marked) == 1 and abs(marked[0] - run["fault_at"]) < 5e-6, f"{name}: the fault is marked at {marked}")
    ends = [li for li in ladder.all("li", class_="moment") if f"ends with status {run['exit_status']}" in li.text]
    check(len(ends) == 1 and abs(float(ends[0].all("span", class_="at")[0].text) - run["ended"]) < 5e-6, f"{name}: so is the command's end")


def judge_page(path, kept, card):
    if not shutil.which("chromium"):
        print("no chromium: the page isn't judged")
        return
    root, console = page.opened(path)
    check(not console, f"page: nothing on the browser's console {console[:2]}")
    check(not any(root.all(tag) for tag in ("script", "img", "link")), "page: no script, no picture, nothing from elsewhere")
    check(root.all("h1")[0].text == card["command"] and str(card["seed"]) in root.by_id("conditions").text, "page: the command and the seed")
    rows = root.by_id("card").all("tbody")[0].all("tr")
    shown = [(r.all("a")[0].text, r.all("b")[0].text) for r in rows]
    check(shown == [(c["id"], f"{c['letter']} {c['grade']}") for c in card["cells"]], f"page: {len(shown)} cells with their grades")
    check(all(c["must"] in r.text and c["why"] in r.text for c, r in zip(card["cells"], rows)), "page: what they must do, and why")
    for cell in card["cells"]:
        if cell["grade"] != "NOT-EXERCISED":
            judge_ladder(root, cell["id"], kept, cell["runs"][0])
    width = page.widths(path, 390)
    check(width[0] == width[1] <= 390, f"page: as wide as a phone, {width}")
    pdf = page.printed(path, rig.path("card.pdf"))
    check(pdf.startswith(b"%PDF") and len(pdf) > 20000, f"page: printed, {len(pdf)} bytes")


def judge_met():
    kept = rig.path("kept")
    status, out, _ = play("--json", "--junit", rig.path("met.xml"), "--html", rig.path("met.html"), "--keep", kept, "--expect",
                          write("met.yaml", EXPECT_MET))
    card = json.loads(out)
    check(status == 0 and card["as_expected"] is True, f"as expected: exit status {status}")
    check(EVIL.split("'")[0] in card["command"] and r"</title>\xff" in card["command"], "the command has a hostile word")
    judge_cells(card)
    check(not any("unexpected" in c or "advice" in c for c in card["cells"]), "nothing to say about a good card")
    judge_junit(rig.path("met.xml"), card, [])
    judge_page(rig.path("met.html"), kept, card)
    return card


def judge_not_met(old):
    """The same client with what it isn't expected to do; and against the card before, in which T13 is given as hung, T14 is and T02 isn't."""
    before = dict(old, limit=60, cells=[dict(c, grade="HUNG", letter="F", seconds=None) if c["id"] == "T13" else c for c in old["cells"]])
    # A second sooner than T15 was: it differs.
    before["cells"] = [dict(c, seconds=c["seconds"] + 1) if c["id"] == "T15" else c for c in before["cells"]]
    before["cells"] = [dict(c, id="T14") if c["id"] == "T02" else c for c in before["cells"]]
    path = write("old.json", json.dumps(before))
    status, out, _ = play("--json", "--junit", rig.path("not.xml"), "--expect", write("not.yaml", EXPECT_NOT_MET), "--compare", path)
    card = json.loads(out)
    told = {c["id"]: c["unexpected"] for c in card["cells"] if "unexpected" in c}
    check(status == 1 and card["as_expected"] is False and list(told) == ["T01", "T13"], f"not as expected: exit status {status}, {told}")
    check(re.fullmatch(r"DETECTED in 2\.\d+ s, expected within 1\.00 s", told["T01"]), "T01: too late")
    check(told["T13"] == "DETECTED (A), expected HUNG", "T13: another grade")
    judge_junit(rig.path("not.xml"), card, ["T01", "T13"])
    changed = {c["id"]: c["text"] for c in card["compare"]["changes"]}
    check(card["compare"]["with"] == path and ALWAYS <= set(changed) <= ALWAYS | {"T01"}, f"changed: {changed}")
    check(changed["limit"] == "limit: was 60 s, is 3 s" and changed["T13"].startswith("T13: was HUNG (F), is DETECTED (A) in "), "as told")
    check(changed["T02"].startswith("T02: was not on the card, is DETECTED (A) in "), "a cell that the old card hasn't")
    check(re.fullmatch(r"T14: was DETECTED \(A\) in .*, is not on the card", changed["T14"]), "and one that the new one hasn't")


def judge_terminal():
    status, out, _ = rig.run(user, "check", "--limit", f"{LIMIT}s", "--only", "T13", "--expect", write("a.yaml", "T13: A\n"), "--",
                             "curl", "-sS", "{url}")
    check(status == 1, f"a hanging curl, expected to end: exit status {status}")
    check(re.search(r"^  T13: HUNG \(F\), expected A$", out, re.M), "a line for the difference")
    check("what to do:" in out and "--max-time SECONDS" in out, "and curl's own options")


def judge_refused():
    for text, said in REFUSED:
        status, out, err = play("--expect", write("bad.yaml", text))
        check(status == 2 and not out and re.search(r"bad\.yaml" + said, err), f"refused before anything runs: {err.strip()}")
    status, out, err = play("--compare", write("no.json", '{"cells": 3}'))
    check(status == 2 and not out and "is no card" in err, f"refused: {err.strip()}")
    status, out, err = play("--compare", rig.path("."))
    check(status == 2 and not out and "is a folder; a card is a file" in err, f"a folder is no card: {err.strip()}")
    status, out, err = play("--html", write("mine.html", "<!DOCTYPE html>\n<p>mine"))
    check(status == 2 and not out and "mine.html" in err, f"a file of somebody else's stays: {err.strip()}")


    status, out, err = play("--html", rig.path("one"), "--junit", rig.path("one"))
    check(status == 2 and not out and "name one file" in err and not os.path.exists(rig.path("one")), f"one file for two: {err.strip()}")
    for only, said in (("T13,", "beside a comma"), ("T13, t13", "T13 is given twice"), ("T1", "no hang point 'T1'")):
        status, _, err = rig.run(user, "check", "--only", only, "--", "curl", "{url}")
        check(status == 2 and said in err, f"--only {only}: {err.strip()}")


def judge_not_gradable():
    """Of an end without a word, a terminal may be the reason."""
    status, out, _ = rig.run(user, "check", "--only", "T02", "--", "sh", "-c", "test -t 0")
    check(status == 2 and out.rstrip().endswith("status 1 with nothing wrong; it has no terminal, and nothing on standard input"), f"no terminal: {out}")
    status, out, err = play("--json", "--junit", rig.path("none.xml"), "--html", rig.path("none.html"), "--expect",
                            write("a.yaml", "default: A\n"), curl=("curl", "-sS", "--nonsense"))
    card = json.loads(out)
    check(status == 2 and "status 2" in card["not_gradable"] and "as_expected" not in card, f"not gradable: {card.get('not_gradable')} {err}")
    judge_junit(rig.path("none.xml"), card, [])
    check(xml.parse(rig.path("none.xml")).getroot().find(".//error") is not None, "JUnit has the error")
    with open(rig.path("none.html"), encoding="utf-8") as f:
        check("not gradable" in f.read(), "so has the page")


judge_not_met(judge_met())
judge_terminal()
judge_refused()
judge_not_gradable()
