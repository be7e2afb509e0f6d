#!/usr/bin/env python3
"""A program of the user's takes part in a scenario (wedge run --with): its status, time and words are what it printed itself; one
that hangs, can't be found or is refused ends the run in good order."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("curl", "tshark", "python3")
rig = Rig()

SCENARIO = """
name: felt
title: A page is fetched
source: this test
story: A page is fetched.
server: {app: rpc, port: 8080, response: [180B, 2KB], nodelay: true}
client: {app: rpc, exchanges: 20, think: 50ms}
siblings: {}
phases:
  baseline: []
  impaired:
    impairments: [{stall: {direction: downstream, after: 1KB}}]
  stopped:
    impairments: [{stall: {direction: downstream, after: 1KB, enabled: false}}]
    steps:
      - section: well
      - wait: 600ms
      - section: bad
      - on: stall
      - wait: 1h
expect:
  - baseline.client_app.failed == 0
real_client:
  section: bad
  command: curl -sS -m 1 -o /dev/null http://{host}:{port}/
  felt:
    baseline: {status: 0, time: 1ms..900ms}
    stopped: {status: 28, time: 1s..3s, says: "curl: (28) Operation timed out after ... milliseconds with ... out of 2000 bytes received"}
"""
FETCH = "curl -sS -m 2 -o {out}/page http://{host}:{port}/own"


def write(name, text):
    path = rig.path(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def play(user, *args, out="with"):
    folder = rig.path(f"{out}-{user}")
    status, stdout, stderr = rig.run(user, "run", "--out", folder, *args, timeout=60)
    try:
        with open(os.path.join(folder, "client.json"), encoding="utf-8") as f:
            return status, json.load(f), stdout + stderr, folder
    except FileNotFoundError:
        return status, None, stdout + stderr, folder


def left_running(word):
    ps = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in ps.splitlines() if word in line and "wedge run" not in line and str(os.getpid()) not in line]


def check_catalogue():
    """Every scenario has a real client, and a test that plays it."""
    folder = os.path.join(os.environ["SOURCE_DIR"], "tests/lab")
    played = ""
    for name in os.listdir(folder):
        if name.startswith("test_real_clients_"):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                played += f.read()
    for scenario in json.loads(rig.run(rig.ordinary, "list", "--json")[1]):
        name = scenario["name"]
        told = json.loads(rig.run(rig.ordinary, "show", "--json", name)[1])["real_client"]
        check(told and f'"{name}"' in played, f"{name} has a real client, and a test plays it")


check_catalogue()
mine = write("felt.yaml", SCENARIO)
for who in rig.users:
    status, told, text, folder = play(who, mine, "--with", FETCH)
    check(status == 1 and [p["exit_status"] for p in told["phases"]] == [0, 28],
          f"as {who}: the status is the program's, and wedge's 1 where one isn't 0: {status} {text}")
    with open(os.path.join(folder, "impaired-guest-client.log"), encoding="utf-8") as log:
        said = log.read().strip()
    check(said.startswith("curl: (28)") and said in " ".join(text.split()), f"as {who}: curl's own words are shown: {said}")
    check(2 <= told["phases"][1]["seconds"] < 5, f"as {who}: and its time: {told['phases'][1]['seconds']}")
    for phase in ("baseline", "impaired"):
        asked = tshark(os.path.join(folder, phase + "-client.pcapng"), 'http.request.uri == "/own"')
        check(len(asked) == 1, f"as {who}: tshark sees its one request in {phase}")
    others = tshark(os.path.join(folder, "baseline-client.pcapng"), 'http.request.uri == "/"')
    check(len(others) > 0, f"as {who}: the scenario's own client is at work beside it: {len(others)} requests")

    status, told, text, _ = play(who, mine, "--with", FETCH, "--set", "impaired=none", out="cured")
    check(status == 0 and told["phases"][1]["exit_status"] == 0, f"as {who}: without the impairment it ends well: {text}")

    status, told, text, _ = play(who, mine, "--real-client", out="own")
    check(status == 0 and not any(p["differs"] for p in told["phases"]), f"as {who}: the scenario's own is as it says: {text}")
    status, told, text, _ = play(who, mine, "--real-client", "--set", "stopped.stall.after=1MB", out="own")
    check(status == 1 and "status 0, not 28" in text, f"as {who}: and is told when it isn't: {text}")

status, told, text, _ = play(rig.ordinary, mine, "--with", "sleep 4242", "--with-limit", "1s", out="hangs")
check(status == 1 and told["phases"][0]["limited"] and "waits" in text, f"one that hangs is ended at its limit: {text}")
check(not left_running("sleep 4242"), "and nothing of it is left")
status, told, text, folder = play(rig.ordinary, mine, "--with", "no-such-program {host}", out="missing")
check(status == 2 and told is None and "no-such-program" in text and "client-guest" in text,
      f"one that can't be found is told, with its role: {text}")
check(not os.path.exists(folder), "and leaves no folder")
status, told, text, _ = play(rig.ordinary, mine, "--with", "curl -sS -m 9 -o /dev/null http://{host}:{port}/", "--with-server",
                             "python3 -m http.server -d / {port}", "--phase", "baseline", out="server")
check(status == 0 and told["phases"][0]["exit_status"] == 0, f"a server of the user's takes its place: {text}")
check(not left_running("http.server -d"), "and is ended")
for args, why in ((["--with", "curl 'x"], "--with"), (["--with-limit", "3s"], "no effect without --with"),
                  (["--with", "true", "--real-client"], "one of them"), (["--with", "true", "--jobs", "2"], "in turn"),
                  (["--with", "true", "--phase", "gone"], "no phase 'gone'")):
    status, told, text, _ = play(rig.ordinary, mine, *args, out="refused")
    check(status == 2 and why in text and len(text.strip().splitlines()) == 1, f"{args} is refused: {text.strip()}")
bare = write("bare.yaml", SCENARIO.split("real_client:", 1)[0])
status, told, text, _ = play(rig.ordinary, bare, "--real-client", out="refused")
check(status == 2 and "names no real_client" in text, f"without one, --real-client is refused: {text.strip()}")
