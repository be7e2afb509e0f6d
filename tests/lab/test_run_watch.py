#!/usr/bin/env python3
"""wedge run --watch: who asks while a scenario is played is told what the report's files and tshark say afterwards, a browser shows
it, nobody can change anything, and nothing is left however the run ends. tests/lab/test_run_watch.py DIR writes screenshots."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from browser import Browser  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark")
rig = Rig()
V1 = "/wedge/v1/"
PICTURES = sys.argv[1] if len(sys.argv) > 1 else None
SCENARIO = """
name: watched
title: Every exchange waits for an acknowledgement
source: this test
story: A box acknowledges late.
complaint: It is <b>sticky</b> today.
lab: {quickack: on, rto_min: 400ms, tail_loss_probe: off}
server: {app: rpc, port: 80, response: [180B, 220B]}
client: {app: rpc, exchanges: 30, request: 512B, think: 10ms}
siblings: {}
phases:
  baseline: []
  impaired: [{delayed_ack: {direction: downstream, timer: 200ms}}]
expect:
  - that: impaired.client_app.response.p50 >= 190ms
    documented: 200 ms in every exchange
show:
  - {label: response, metric: client_app.response.p50}
"""
PATH = rig.path("watched.yaml")
with open(PATH, "w", encoding="utf-8") as f:
    f.write(SCENARIO)


class Watched:
    """A run whose address is known; what it says on standard error is read to its end."""

    def __init__(self, *args, user=rig.ordinary, place="0"):
        words = ["--watch-at", place] if place else ["--watch"]
        self.p = rig.start(user, "run", *words, *args)
        self.said = []
        self.known = threading.Event()
        self.port = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.known.wait(20)

    def _read(self):
        for line in self.p.stderr:
            self.said.append(line.rstrip())
            m = re.fullmatch(r"wedge: shown on http://127\.0\.0\.1:(\d+)/", line.rstrip())
            if m:
                self.port = int(m.group(1))
                self.known.set()
        self.known.set()

    def ask(self, path, method="GET", **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            c.request(method, path, headers=headers)
            r = c.getresponse()
            body = r.read()
            return r.status, json.loads(body) if body[:1] == b"{" else body
        finally:
            c.close()

    def get(self, what):
        return self.ask(V1 + what)[1]

    def follow(self, lines):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request("GET", V1 + "journal")
        r = c.getresponse()
        try:
            while data := r.readline():
                if data.startswith(b"data: "):
                    lines.append(data[6:].decode().rstrip())
        except (OSError, http.client.HTTPException):
            pass  # it ends with the run


def watchers():
    return [int(p) for p in os.listdir("/proc") if p.isdigit() and comm(p) == "wedge-watch"]


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            return f.read().strip()
    except OSError:
        return None


def gone(before, seconds=5):
    until = time.monotonic() + seconds
    while set(watchers()) - before and time.monotonic() < until:
        time.sleep(0.05)
    return not set(watchers()) - before


def told():
    """By HTTP, as a script would."""
    before = set(watchers())
    w = Watched("--seed", "5", "--out", "told", PATH)
    check(w.port, f"its address is told {w.said}")
    lines, runs, sessions, acting = [], [], [], []
    threading.Thread(target=w.follow, args=(lines,), daemon=True).start()
    status, answer = w.ask("/", Accept="text/html")
    check(status == 200 and b"<title>wedge" in answer, "the page is there")
    check(w.ask(V1 + "health")[1]["run"], "health says that it is a run")
    check([w.ask(V1 + "run", method)[0] for method in ("POST", "PUT", "DELETE")] == [405] * 3, "nobody changes it")
    check(w.ask("/proxies")[0] == 404 and w.ask(V1 + "captures")[0] == 404, "there is nothing else")
    check(w.ask(V1 + "run", Host="evil.example")[0] == 403, "and no other site's page gets it")
    while not runs or not runs[-1]["ended"]:
        try:
            runs.append(w.get("run"))
            now = [p for p in runs[-1].get("scenario", {}).get("phases", ()) if p["state"] == "now"]
            if now and now[0]["label"] == "impaired":
                sessions += w.get("sessions")["sessions"]
                acting += [i["text"] for p in w.get("proxies")["proxies"] for i in p["impairments"]]
        except OSError:
            break
        time.sleep(0.1)
    status = w.p.wait(30)
    check(status == 0, f"the run ends as without it ({status}) {w.said}")
    w.p.stdout.close()
    with open(rig.path("told/result.json"), encoding="utf-8") as f:
        result = json.load(f)
    last = runs[-1]
    check(last["ended"] and last["verdict"]["verdict"] == result["verdict"] == "reproduced", "the verdict is told before the page ends")
    check([p["label"] for p in last["scenario"]["phases"]] == [p["name"] for p in result["phases"]], "the phases are the report's")
    check(all(p["state"] == "done" and p["exchanges"] == 30 for p in last["scenario"]["phases"]), "all of them are done")
    states = [tuple(p["state"] for p in r["scenario"]["phases"]) for r in runs if "scenario" in r]
    check(sorted(set(states), key=states.index)[-3:] == [("done", "waiting"), ("done", "now"), ("done", "done")] or
          sorted(set(states), key=states.index)[-2:] == [("done", "now"), ("done", "done")], f"one after the other {set(states)}")
    counts = [p["exchanges"] for r in runs for p in r.get("scenario", {}).get("phases", ()) if p["label"] == "impaired" and p["state"] == "now"]
    check(counts == sorted(counts) and len(set(counts)) > 5, f"with the exchanges as they are done {sorted(set(counts))}")
    check(last["verdict"]["expectations"][0]["documented"] == "200 ms in every exchange" and last["verdict"]["expectations"][0]["ok"],
          "what is documented is beside what was measured")
    check(any("delayed_ack" in t and "200ms" in t for t in acting), f"what acts is told {set(acting)}")
    got = [s["upstream"]["received"] for s in sessions]
    rows = tshark(rig.path("told/impaired-client.pcapng"), "tcp.len > 0 && tcp.dstport == 80", "tcp.len")
    total = sum(int(r[0]) for r in rows)
    check(got == sorted(got) and total / 2 < got[-1] <= total, f"the bytes of its session are tshark's in the end ({got[-1:]}, {total})")
    with open(rig.path("told/journal.jsonl"), encoding="utf-8") as f:
        journal = [line.rstrip() for line in f]
    check(set(lines) <= set(journal) and len(lines) > 0.9 * len(journal), f"the journal is the report's ({len(lines)} of {len(journal)})")
    check(gone(before), "nothing is left")


def ends():
    before = set(watchers())
    for number, status in ((signal.SIGKILL, -9), (signal.SIGINT, None), (signal.SIGTERM, None)):
        w = Watched("--out", "ends", PATH)
        check(w.get("run")["ended"] is False, f"signal {number}: it is shown")
        w.p.send_signal(number)
        got = w.p.wait(30)
        check(status is None or got == status, f"signal {number}: it ends ({got})")
        check(gone(before), f"signal {number}: nothing is left")
        w.p.stdout.close()


def several():
    """One after the other; what came of the first one stays there."""
    w = Watched("--phase", "baseline", "--out", "several", PATH, PATH)
    runs = []
    while w.p.poll() is None:
        try:
            runs.append(w.get("run"))
        except OSError:
            break
        time.sleep(0.05)
    w.p.wait(30)
    w.p.stdout.close()
    check(runs[0].get("played") in (0, 1) and runs[-1]["played"] == 2, "two are played")
    check(runs[-1]["past"] == [{"name": "watched", "verdict": "invalid"}], f"what came of the first is told {runs[-1].get('past')}")


def asked_for_ever():
    """Who asks again and again doesn't keep the run from its end."""
    before = set(watchers())
    w = Watched("--phase", "baseline", "--out", "asked", PATH)
    asks = 0
    while w.p.poll() is None:
        try:
            w.get("run")
            asks += 1
        except (OSError, http.client.HTTPException):
            pass
    check(asks > 20 and w.p.returncode in (0, 2) and gone(before), f"asked {asks} times it ends ({w.p.returncode})")
    w.p.stdout.close()


def places():
    first = Watched("--out", "first", PATH, place=None)
    second = Watched("--out", "second", PATH, place=None)
    check(first.port and second.port and first.port != second.port, f"two at once have two places ({first.port}, {second.port})")
    for w in (first, second):
        w.p.terminate()
        w.p.wait(30)
        w.p.stdout.close()
    taken = Watched("--out", "taken", PATH)
    for words, says in ((["--watch-at", str(taken.port)], "Address already in use"), (["--watch-at", "0.0.0.0:8475"], "can be reached by others"),
                        (["--watch-at", "nowhere"], "--watch-at"), (["--watch", "--jobs", "2"], "in turn"), (["--watch", "--blind"], "--watch isn't for --blind"),
                        (["--watch", "--with", "true"], "no")):
        r = subprocess.run(rig.words(rig.ordinary, "run", *words, "--out", "refused", *([] if "--blind" in words else [PATH])), cwd=rig.folder,
                           capture_output=True, text=True, timeout=60, check=False)
        check(r.returncode == 2 and len(r.stderr.splitlines()) == 1 and says in r.stderr, f"{words} is refused: {r.stderr.strip()}")
        check(not os.path.exists(rig.path("refused")), "before anything runs")
    taken.p.kill()
    taken.p.wait()
    taken.p.stdout.close()


def picture(b, name):
    if not PICTURES:
        return
    for dark in (False, True):
        b.dark(dark)
        for width, height in ((1280, 1700), (400, 2600)):
            b.resize(width, height)
            time.sleep(0.5)
            b.screenshot(os.path.join(PICTURES, "%s-%s-%d.png" % (name, "dark" if dark else "light", width)))
    b.dark(False)
    b.resize(1280, 900)


def shown():
    """By a browser, as people see it."""
    with Browser() as b:
        w = Watched("--seed", "5", "--out", "shown", PATH, place=None)
        b.open(f"http://127.0.0.1:{w.port}/")
        check(b.wait("document.querySelector('#run-phases li.now[aria-current=step] b')?.textContent === 'impaired'"), "the page shows the phase that is played")
        check(b.run("document.getElementById('run-title').textContent") == "Every exchange waits for an acknowledgement", "its title")
        check(b.run("document.getElementById('run-complaint').textContent") == "It is <b>sticky</b> today.", "and texts as texts")
        check(b.wait("/^delayed_ack/.test(document.querySelector('.acting code')?.textContent || '')"), "what acts")
        check(b.wait("document.querySelector('.session .lane.up b')?.textContent.length > 2"), "its session")
        check(b.wait("[...document.querySelectorAll('#journal-list b')].some((e) => e.textContent.startsWith('ack '))"), "its journal")
        hidden = "[...document.querySelectorAll('#add-proxy, .session .buttons, .capture')].every((e) => !e.getClientRects().length)"
        check(b.run(hidden), "nothing that would change it")
        picture(b, "run")
        check(w.p.wait(60) == 0, "the run has ended")
        check(b.wait("document.querySelector('#run-verdict .verdict b')?.textContent === 'reproduced'", 5), "the verdict is shown")
        check(b.wait("document.getElementById('state').textContent === 'the run is over'", 5), "and that it is over")
        check("200 ms in every exchange" in b.run("document.getElementById('run-verdict').textContent"), "with what is documented")
        picture(b, "verdict")
        w.p.stdout.close()
        port = w.port
        w = Watched("--seed", "6", "--phase", "impaired", "--out", "shown", PATH, place=str(port))
        check(b.wait("document.getElementById('run-how')?.textContent.includes('seed 6')"), "the next run at that address is shown without a hand")
        w.p.terminate()
        w.p.wait(30)
        w.p.stdout.close()
        wrong = [e for e in b.errors if "ERR_CONNECTION" not in e and "ERR_INCOMPLETE" not in e and "ERR_EMPTY_RESPONSE" not in e]
        check(not wrong, f"the page has no error {wrong}")


told()
ends()
several()
asked_for_ever()
places()
if shutil.which("chromium"):
    shown()
