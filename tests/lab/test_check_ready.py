#!/usr/bin/env python3
"""wedge check with clients that don't end by themselves: a sync daemon that the wire decides about, a service that --then
asks; one that closes what has failed, one that keeps it, one that waits for ever, one that never gets ready, one that
can't be ended politely. tshark is the referee for the time of the FIN."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("curl", "tshark", "python3", "pgrep")
rig = Rig()
LIMIT, PATIENCE, LINGER = 6, 2, 5  # seconds: of the check, of the daemons, of LONG_LIVED_LINGER

# Polls by one kept connection; "leaky" makes another one when that fails, and keeps the first.
SYNC = f"""
import http.client, sys, time
kept, mode = [], sys.argv[1]
def dial():
    kept.append(http.client.HTTPConnection(sys.argv[2], timeout=None if mode == 'hung' else {PATIENCE}))
    return kept[-1]
c = dial()
while True:
    try:
        c.request('GET', '/')
        print('got', len(c.getresponse().read()), flush=True)
        time.sleep(0.5)
    except OSError as e:
        print('failed:', e, flush=True)
        if mode == 'good':
            c.close()
        c = dial()
"""

# Answers each who comes to its UNIX socket with what it gets from the server. It doesn't care for SIGTERM, and what does
# the work has left its parent, its session and its group.
SERVICE = f"""
import http.client, os, signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
mode, kept = sys.argv[1], []
s = socket.socket(socket.AF_UNIX)
s.bind('service')
s.listen()
print('the service listens', flush=True)
while True:
    peer, _ = s.accept()
    c = http.client.HTTPConnection(sys.argv[2], timeout=None if mode == 'hung' else {PATIENCE})
    c.auto_open = True
    kept.append(c)
    try:
        c.request('GET', '/')
        r = c.getresponse()
        kept.append(r)
        peer.sendall(b'ok %d' % len(r.read()))
    except Exception as e:
        if mode == 'good':
            c.close()
            r.close()
        peer.sendall(b'failed')
    peer.close()
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect('service')
said = s.recv(100)
print(said.decode(), flush=True)
sys.exit(not said.startswith(b'ok'))
"""
NEVER = "import sys, time; print('warming up', file=sys.stderr, flush=True); time.sleep(99)"


def write(name, text):
    with open(rig.path(name), "w", encoding="utf-8") as f:
        f.write(text)
    return rig.path(name)


sync, service, ask, never = (write(*x) for x in (("sync.py", SYNC), ("service.py", SERVICE), ("ask.py", ASK),
                                                 ("never.py", NEVER)))


def begin(name, point, *words):
    keep = rig.path(name)
    return keep, rig.start(rig.ordinary, "check", "--json", "--seed", "1", "--limit", f"{LIMIT}s", "--only", point,
                           "--keep", keep, *words)


def begin_sync(mode):
    return begin(f"sync-{mode}", "T22", "--ready", "got 65536", "--", "python3", sync, mode, "{host}")


def begin_service(mode):
    return begin(f"service-{mode}", "T13", "--ready", "service listens", "--then", f"python3 {ask}", "--", "python3",
                 service, mode, "{host}")


started = time.time()
runs = {f"{kind}-{mode}": start(mode) for kind, start in (("sync", begin_sync), ("service", begin_service))
        for mode in ("good", "leaky", "hung")}
runs["never"] = begin("never", "T13", "--ready", "up and running", "--", "python3", never)
runs["asks"] = begin("asks", "T01", "--ready-request", "--", "python3", sync, "good", "{host}")
runs["short"] = begin("short", "T13", "--ready-request", "--", "sh", "-c",
                      f"while :; do curl -sS --max-time {PATIENCE} {{url}} | wc -c; sleep 0.5; done")
cards = {}
for run, (_, process) in runs.items():
    out, err = process.communicate(timeout=120)
    check(process.returncode == (2 if run == "never" else 0), f"{run}: exit {process.returncode} {err.strip()}")
    cards[run] = json.loads(out)
took = time.time() - started


def cell(run):
    return cards[run]["cells"][0]


def expect(run, grade, seconds=None):
    c = cell(run)
    ok = c["grade"] == grade and (seconds is None or abs(c["seconds"] - seconds) < 0.5)
    check(ok, f"{run}: {c['grade']} after {c['seconds']} s, {c['why']}; {grade} after {seconds} s is right")


expect("sync-good", "RETRIED-OK", PATIENCE)
expect("sync-leaky", "LEAK", PATIENCE)
expect("sync-hung", "HUNG")
expect("service-good", "DETECTED", PATIENCE)
expect("service-leaky", "LEAK", PATIENCE)
expect("service-hung", "HUNG")
expect("asks", "DETECTED", PATIENCE)
expect("short", "DETECTED", PATIENCE)  # a connection for each request, open for milliseconds
card = cards["service-good"]
check(card["ready"] == "service listens" and card["then"] == f"python3 {ask}" and "ready_request" not in card, "the card tells --ready and --then")
check(cards["asks"]["ready_request"] is True and not {"ready", "then"} & set(cards["asks"]), "and --ready-request")
why = cards["never"]["not_gradable"]
check("isn't ready within 6 s" in why and why.endswith("warming up"), f"never ready, with its last words: {why}")

# The referee: the stream that the fault hit is the first one. Where the wire decides the card has the FIN's time; with
# --then the time of that program's end, which comes behind the FIN, and by 0.5 s at most: python's own end on a busy machine.
for run, phase, behind in (("sync-good", "T22", 0.01), ("service-good", "T13", 0.5)):
    capture = os.path.join(runs[run][0], phase, "impaired-client.pcapng")
    fins = [float(t) for t, in tshark(capture, "tcp.dstport == 80 && tcp.stream == 0 && tcp.flags.fin == 1",
                                      "frame.time_epoch")]
    data = [float(t) for t, in tshark(capture, "tcp.len > 0 && tcp.stream == 0", "frame.time_epoch")]
    fin, mine = fins[0] - data[-1], cell(run)["seconds"]
    check(fin - 0.01 < mine < fin + behind, f"{run}: tshark has the FIN {fin:.3f} s after the last data, the card says {mine:.3f}")
for run, phase in (("sync-leaky", "T22"), ("service-leaky", "T13")):
    capture = os.path.join(runs[run][0], phase, "impaired-client.pcapng")
    last = float(tshark(capture, "frame", "frame.time_epoch")[-1][0])
    ends = [float(t) for t, in tshark(capture, "tcp.stream == 0 && tcp.dstport == 80 && "
                                      "(tcp.flags.fin == 1 || tcp.flags.reset == 1)", "frame.time_epoch")]
    data = [float(t) for t, in tshark(capture, "tcp.len > 0 && tcp.stream == 0", "frame.time_epoch")]
    late = [t - data[-1] for t in ends]
    check(all(t > PATIENCE + LINGER - 0.1 for t in late), f"{run}: tshark has no FIN or RST before {late or 'the end'}")

for args, word in ((["--ready", "", "--", "x"], "TEXT is expected"), (["--ready", "a\nb", "--", "x"], "one line"), (["--then", "x", "--", "x"], "--then needs"),
                   (["--ready", "x", "--ready-request", "--", "x"], "one of the two"),
                   (["--ready", "x", "--then", "", "--", "x"], "--then")):
    status, _, err = rig.run(rig.ordinary, "check", *args)
    check(status == 2 and word in err, f"{args}: {err.strip()}")

left = subprocess.run(["pgrep", "-f", rig.folder], capture_output=True, text=True, check=False).stdout.split()
check(not [pid for pid in left if int(pid) != os.getpid()], f"no process is left: {left}")
print(f"all runs took {took:.1f} s")
