#!/usr/bin/env python3
"""The grader is graded (wedge check): clients that are known to do right or wrong (tests/rig/graded_client.py) get the grades
that they deserve; tshark finds the fault's moment and the time to the client's end that the card tells; nothing of a client
is left; what can't be graded is named. MANY LABS: each card plays its cells at once."""
import concurrent.futures
import json
import os
import resource
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from noise import unspoilt  # noqa: E402
from proc_tree import marked  # noqa: E402
from run_rig import Rig, check, need  # noqa: E402

need("curl", "tshark", "python3")
rig = Rig()
os.environ["TMPDIR"] = rig.path("tmp")
os.mkdir(rig.path("tmp"))
os.chmod(rig.path("tmp"), 0o1777)
CLIENT = shutil.copy(os.path.join(os.environ["SOURCE_DIR"], "tests/rig/graded_client.py"), rig.path("graded_client.py"))
BODY = 65536
MARK = f"WEDGE_TEST_MARK={os.getpid()}"
AGREE = 0.02  # seconds: tshark and the card


def card(name, points, *client, limit="4s", protocol="http", options=()):
    """Plays the card of one of our clients: {id: cell}, and the card's time."""
    words = ["check", "--json", "--limit", limit, "--protocol", protocol, "--keep", rig.path(name), *options]
    words += ["--only", points] if points else []
    begun = time.monotonic()
    p = subprocess.run(["env", MARK, *rig.words(rig.ordinary, *words, "--", "python3", CLIENT, *client)], cwd=rig.folder,
                       text=True, capture_output=True, timeout=100, check=False)
    check(p.returncode == 0, f"{name}: the card is complete {p.stdout[-800:] + p.stderr if p.returncode else ''}")
    return {c["id"]: c for c in json.loads(p.stdout)["cells"]}, time.monotonic() - begun


def expect(name, cells, **grades):
    for point, wanted in grades.items():
        cell = cells[point]
        check(cell["grade"] == wanted, f"{name} {point}: {wanted}" + (f", not {cell}" if cell["grade"] != wanted else ""))


def check_right(protocol, unexercised):
    cells, _ = card(f"right-{protocol}", None, "right", "{url}", "--length", str(BODY), protocol=protocol, limit="8s")
    idle = {point for point, c in cells.items() if c["grade"] == "NOT-EXERCISED"}
    check(idle == unexercised, f"right by {protocol}: only {sorted(unexercised)} aren't exercised {sorted(idle)}")
    for point, c in cells.items():
        if point not in idle:
            check(c["letter"] == "A", f"right by {protocol} {point}: A ({c['grade']} in {c['seconds']} s, {c['why']})")
    for point in ("T22", "T23", "T24"):
        check(cells[point]["grade"] == "RETRIED-OK", f"right by {protocol} {point}: by a new connection")
    for point in ("T25", "T26"):
        check(cells[point]["grade"] == "UNAFFECTED", f"right by {protocol} {point}: unaffected")


def check_careless():
    name = "careless"
    cells, _ = card(name, "T01,T02,T04,T10,T11,T13,T15,T16,T17,T18,T20,T21", name, "{url}")
    expect(name, cells, T01="SILENT-NOTHING", T02="SILENT-NOTHING", T04="SILENT-NOTHING", T10="SILENT-NOTHING",
           T11="SILENT-NOTHING", T13="SILENT-TRUNCATION", T15="SILENT-TRUNCATION", T16="SILENT-TRUNCATION",
           T17="SILENT-TRUNCATION", T18="UNDETECTABLE", T20="SILENT-TRUNCATION", T21="SILENT-NOTHING")
    check(cells["T18"]["letter"] == "-", "what nobody could notice isn't held against it")
    tls, _ = card("careless-tls", "T06,T19", name, "{url}", protocol="https")
    expect("careless by TLS", tls, T06="SILENT-NOTHING", T19="SILENT-TRUNCATION")


def check_retries():
    for name in ("storm", "storm-slow"):
        cells, _ = card(name, "T02,T21", name, "{url}")
        expect(name, cells, T02="RETRY-STORM", T21="RETRY-STORM")
    cells, _ = card("backoff", "T02", "backoff", "{url}")
    expect("backoff", cells, T02="DETECTED")
    check(len(cells["T02"]["runs"][0]["connects"]) == 5, "five tries at growing distances are no storm")
    cells, _ = card("again", "T02,T10,T15,T21", "again", "{url}", "--post")
    expect("again", cells, T02="DETECTED", T10="UNSAFE-RETRY", T15="UNSAFE-RETRY", T21="UNSAFE-RETRY")
    by_variant = {r["variant"]: r["grade"] for r in cells["T21"]["runs"]}
    check([by_variant[v] for v in ("RST after accept", "FIN after accept", "RST after the request", "FIN after the request")] ==
          ["DETECTED"] * 2 + ["UNSAFE-RETRY"] * 2, "a POST that the server never got may be sent again")
    cells, _ = card("again-get", "T15", "again", "{url}")
    expect("a GET again", cells, T15="DETECTED")


def check_idle_and_partial():
    cells, _ = card("idle", "T13,T14", "idle", "{url}")
    expect("idle", cells, T13="DETECTED", T14="TRICKLE-BLIND")
    cells, _ = card("partial", "T02,T13,T15,T20", "partial", "{url}", "--out", "page")
    expect("partial", cells, T02="DETECTED", T13="PARTIAL-LEFT", T15="PARTIAL-LEFT", T20="PARTIAL-LEFT")
    cells, _ = card("whole", "T13", "idle", "{url}", "--out", "page")
    expect("a file only when it is whole", cells, T13="DETECTED")


def check_tree():
    """A client that ignores SIGTERM, and one that leaves a process in a session of its own."""
    cells, took = card("stubborn", "T13", "stubborn", "{url}", limit="2s")
    expect("stubborn", cells, T13="HUNG")
    check(took < 2 + 20, f"it ended soon ({took:.1f} s)")
    cells, _ = card("daemon", "T13,T15", "daemon", "{url}")
    expect("daemon", cells, T13="DETECTED", T15="DETECTED")


def frames(folder, display_filter):
    """Times of the frames of the client's side, seconds of the wall clock."""
    out = subprocess.run(["tshark", "-r", os.path.join(folder, "impaired-client.pcapng"), "-Y", display_filter, "-T", "fields",
                          "-e", "frame.time_epoch"], capture_output=True, text=True, check=True).stdout
    return [float(word) for word in out.split()]


def measure_moments():
    """What the card tells and what others saw, [(words, by the card, by tshark), ...]: the client tells when it ended by the
    wall clock, tshark when the fault took effect on its first connection."""
    shutil.rmtree(rig.path("moments"), ignore_errors=True)
    cells, _ = card("moments", "T01,T13,T15,T20", "right", "{url}", "--length", str(BODY), "--end", limit="8s")
    moments = {"T01": ("tcp.flags.syn == 1", 0), "T13": ("tcp.stream == 0 && tcp.len > 0", -1),
               "T15": ("tcp.stream == 0 && tcp.srcport == 80 && tcp.flags.fin == 1", 0),
               "T20": ("tcp.stream == 0 && tcp.srcport == 80 && tcp.flags.reset == 1", 0)}
    seen = []
    for point, (display_filter, which) in moments.items():
        for i, run in enumerate(cells[point]["runs"], 1):
            folder = rig.path(f"moments/{point}" + (f"-{i}" if len(cells[point]["runs"]) > 1 else ""))
            at = frames(folder, display_filter)[which]
            syn = frames(folder, "tcp.flags.syn == 1 && tcp.flags.ack == 0")[0]
            with open(os.path.join(folder, "impaired-guest-client.err"), encoding="utf-8") as f:
                end = float(f.read().rsplit("end ", 1)[1])
            seen += [(f"{point}: from the first SYN to the fault", run["fault_at"] - run["connects"][0], at - syn),
                     (f"{point}: from the fault to the end", run["seconds"], end - at)]
    return seen


def check_moments():
    for what, told, seen in unspoilt(measure_moments, lambda v: all(abs(told - seen) < AGREE for _, told, seen in v)):
        check(abs(told - seen) < AGREE, f"{what}: {told:.4f} s; by tshark {seen:.4f} s")


def check_not_gradable():
    """Named, bounded, with status 2, and nothing is left."""
    reasons = {("nosuchcommand", "{url}"): "No such file", ("/etc",): "Permission denied", ("true",): "not connected",
               ("false",): "status 1", ("yes",): "doesn't end by itself",
               ("sh", "-c", "test -t 0 || { echo no terminal; exit 3; }; curl {url}"): "no terminal"}
    for command, reason in reasons.items():
        p = subprocess.Popen(["env", MARK, *rig.words(rig.ordinary, "check", "--limit", "2s", "--", *command)], cwd=rig.folder,
                             text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        most = 0
        while p.poll() is None:
            most = max(most, sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(rig.path("tmp"))
                                 for name in names if os.path.exists(os.path.join(at, name))))
            time.sleep(0.05)
        text = p.stdout.read() + p.stderr.read()
        check(p.returncode == 2 and "not gradable: " in text and reason in text, f"{command[0]}: {text.strip()}")
        check(most < 8 << 20, f"{command[0]}: {most} bytes on the disk at most")
        p = subprocess.run(rig.words(rig.ordinary, "check", "--json", "--limit", "2s", "--", *command), cwd=rig.folder, text=True,
                           capture_output=True, check=False) if command[0] != "yes" else None
        check(not p or reason in json.loads(p.stdout)["not_gradable"], f"{command[0]}: JSON tells the reason, too")
    check(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 300 << 10, "gigabytes of output need no memory")


check_moments()
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    played = [pool.submit(f) for f in (check_careless, check_retries, check_idle_and_partial, check_tree, check_not_gradable)]
    played += [pool.submit(check_right, "https", {"T05"}), pool.submit(check_right, "http", {"T05", "T06", "T07", "T19"})]
    for future in played:
        future.result()
check(not marked(MARK), f"no process of any client is left {marked(MARK)}")
check(os.listdir(rig.path("tmp")) == [], f"nothing is left in TMPDIR {os.listdir(rig.path('tmp'))}")
