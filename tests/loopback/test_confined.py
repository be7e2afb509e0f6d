#!/usr/bin/env python3
"""Once it is at work wedge has given up what it doesn't need any more, in every thread: capabilities but those that its proxies or a later
change need, other programs, and the system calls of SECURITY.md. Everything still works: sessions in every mode, a change that adds
impairments of packets, the removal of rules at the end and after kill -9. The kernel tells what a process may (/proc/PID/status)."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import own_network  # noqa: E402

own_network.enter("nft")
import proxy_rig as rig  # noqa: E402
from config_rig import Config, has_impairments, proxies, proxy  # noqa: E402
from proxy_rig import check  # noqa: E402

DAC_OVERRIDE, BIND, ADMIN, RAW, PTRACE = (1 << n for n in (1, 10, 12, 13, 19))
PACKETS, CHANGES = ADMIN | RAW | PTRACE, ADMIN | RAW | PTRACE | BIND | DAC_OVERRIDE
server = rig.listener()
server.settimeout(None)


def echo():
    while True:
        s, _ = server.accept()
        threading.Thread(target=give_back, args=(s,), daemon=True).start()


def give_back(s):
    try:
        with s:
            while data := s.recv(65536):
                s.sendall(data)
    except OSError:
        pass


def talks(port):
    with rig.connect(port) as c:
        c.sendall(b"hello")
        return c.recv(5) == b"hello"


def status(path):
    with open(path + "/status", encoding="ascii") as f:
        return dict(re.findall(r"(\w+):\s+(.*)", f.read()))


def threads(pid):
    return [status("/proc/%d/task/%s" % (pid, t)) for t in os.listdir("/proc/%d/task" % pid)]


MINE = int(status("/proc/self")["CapPrm"], 16)
OTHER = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
# Whether one can become another user: in a namespace of one's own there may be none.
OTHERS = subprocess.run([*OTHER, "true"], capture_output=True, check=False).returncode == 0


BOUND = ("CapBnd", "CapAmb", "CapInh")


def confined(what, pid, keep, n=1):
    """keep: what it may still, as far as this test may itself."""
    rig.wait_for(lambda: all(t["Seccomp"] == "2" for t in threads(pid)))
    found = threads(pid)
    sets = {key: {int(t[key], 16) for t in found} for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh")}
    check("%s: it keeps %#x, in each of %d threads" % (what, keep & MINE, n), len(found) >= n and sets["CapEff"] == sets["CapPrm"] == {keep & MINE} and
          all(not value & ~keep for key in BOUND for value in sets[key]), str(sets))
    check("    no new privileges, and a filter of system calls", all(t["NoNewPrivs"] == "1" and t["Seccomp"] == "2" for t in found),
          str([(t["NoNewPrivs"], t["Seccomp"]) for t in found]))


def rules():
    """wedge's, and all of routing."""
    nft = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
    return [line for line in nft.splitlines() if "wedge" in line] + [
        line for v in ("-4", "-6") for line in subprocess.run(["ip", v, "rule"], capture_output=True, text=True, check=False).stdout.splitlines()]


UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]


def plain():
    with rig.Proxy(UPSTREAM, "--workers", "3") as p:
        confined("a proxy without rules", p.p.pid, PTRACE, 3)
        check("    sessions", all(talks(p.port) for _ in range(10)))
    if OTHERS:
        with rig.Proxy(UPSTREAM, prefix=OTHER) as p:
            found = status("/proc/%d" % p.p.pid) if rig.wait_for(lambda: status("/proc/%d" % p.p.pid)["Seccomp"] == "2") else {}
            check("an ordinary user's has none either, no new privileges, and the filter",
                  (found.get("CapPrm"), found.get("NoNewPrivs")) == ("0" * 16, "1"), str(found))
            check("    sessions", talks(p.port))
    with rig.Proxy("localhost:%d" % server.getsockname()[1]) as p:
        check("a server with a name is found, by a thread of its own", talks(p.port))


def with_packets():
    if not has_impairments():
        return
    with rig.Proxy(UPSTREAM, "--impair", "delay{delay=30ms}") as p:
        confined("with impairments of packets", p.p.pid, PACKETS)
        began = time.monotonic()
        check("    sessions, delayed", talks(p.port) and time.monotonic() - began > 0.025)
    check("    no rule is left", rig.wait_for(lambda: rules() == BEFORE), str(rules()))


def changed():
    rows = [proxy("a", server), proxy("b", server)]
    with Config(proxies(*rows)) as w:
        confined("with a file that may change", w.p.pid, CHANGES)
        check("    sessions", talks(w.port("a")))
        if has_impairments():
            rows[0]["impairments"] = [{"delay": {"delay": "30ms"}}]
            w.write(proxies(*rows))
            os.chmod(w.path, 0o600)
            if OTHERS:
                os.chown(w.path, 65534, 65534)  # another user's file, which root could read at the start
            said = w.changed()
            check("    SIGHUP adds impairments of packets", said == (0, 0, 1), str(said))
            began = time.monotonic()
            check("    they act", talks(w.port("a")) and time.monotonic() - began > 0.025)
            with rig.connect(w.port("b")) as c:
                c.sendall(b"x")
                check("    another proxy goes on", c.recv(1) == b"x")
            confined("    after it", w.p.pid, CHANGES)
        rows.append({"name": "c", "mode": "redirect", "port": "90-91", "map_upstream": {":90": UPSTREAM}})
        rows.append(dict(proxy("d", server), listen="127.0.0.1:89"))
        said = w.changed(proxies(*rows))
        check("    SIGHUP adds a redirecting one, and one on a port below 1024", said == (2, 0, 0), str(said))
        check("    both serve", talks(90) and talks(89))
    check("    no rule is left", rig.wait_for(lambda: rules() == BEFORE), str(rules()))


def redirect(end):
    words = [rig.WEDGE, "proxy", "--redirect", "--port", "90", "--map-upstream", ":90=" + UPSTREAM, "--seed", "1"]
    p = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    check("a redirecting one begins", "taking connections" in p.stderr.readline())
    confined("it", p.pid, PACKETS)
    check("    sessions", talks(90))
    check("    its rules are there", rules() != BEFORE)
    p.send_signal(end)
    p.wait(20)
    check("    they are gone after %s" % end.name, rig.wait_for(lambda: rules() == BEFORE), str(rules()))
    p.stderr.close()


def transparent(end):
    p = subprocess.Popen([rig.WEDGE, "proxy", "--transparent", "--in", "lo", "--port", "90", "--seed", "1"], stderr=subprocess.PIPE, text=True)
    said = p.stderr.readline()
    check("a transparent one begins", "taking connections" in said, said)
    confined("it", p.pid, PACKETS | BIND)
    p.send_signal(end)
    p.wait(20)
    check("    no rule is left after %s" % end.name, rig.wait_for(lambda: rules() == BEFORE), str(rules()))
    p.stderr.close()


def serve():
    p = subprocess.Popen([rig.WEDGE, "serve", "--api", "0"], stderr=subprocess.PIPE, text=True)
    line = p.stderr.readline()
    port = int(re.search(r":(\d+)", line).group(1))
    confined("serve", p.pid, CHANGES)
    body = {"name": "x", "listen": "127.0.0.1:0", "upstream": UPSTREAM}
    with urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/proxies" % port, json.dumps(body).encode())) as answer:
        made = json.load(answer)
    check("    a client makes a proxy, and it serves", talks(int(made["listen"].rsplit(":", 1)[1])))
    p.send_signal(signal.SIGTERM)
    check("    it ends", p.wait(20) == 0)
    p.stderr.close()


def with_records():
    """Journal and capture are other processes'."""
    with tempfile.TemporaryDirectory() as folder:
        journal = os.path.join(folder, "j")
        with rig.Proxy(UPSTREAM, "--journal", journal) as p:
            confined("with a journal", p.p.pid, PTRACE)
            check("    sessions", talks(p.port))
        with open(journal, encoding="utf-8") as f:
            check("    the journal is whole", [json.loads(l)["event"] for l in f].count("session_close") == 1)


threading.Thread(target=echo, daemon=True).start()
BEFORE = rules()
plain()
with_packets()
changed()
for signal_number in (signal.SIGTERM, signal.SIGKILL):
    redirect(signal_number)
    transparent(signal_number)
serve()
with_records()
rig.finish()
