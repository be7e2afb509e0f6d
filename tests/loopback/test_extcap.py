#!/usr/bin/env python3
"""Wireshark's own list has the wedges that run: tshark names them, shows what passes while it passes, with wedge's comments,
and captures no packet that isn't theirs; dumpcap writes the same from the pipe; connections that were open before are known;
what a wedge leaves that was killed is removed by the next. In a network namespace of its own."""
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
from capture_rig import enter_namespace  # noqa: E402
from live_rig import comments, frames, leg, need_capture  # noqa: E402
from proxy_rig import WEDGE, accept, check, connect, finish, listener, wait_for  # noqa: E402

need_capture()
if not shutil.which("dumpcap"):
    print("skipped: no dumpcap here")
    sys.exit(77)
enter_namespace()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
HOLD = "delayed_ack{direction=downstream,timer=200ms}"
TSHARK = ["tshark"]


def place(folder):
    """Everything that is found is of this test alone: wedges, Wireshark's preferences and its folder of programs."""
    runs, programs = os.path.join(folder, "run"), os.path.join(folder, "extcap")
    os.mkdir(runs, 0o700)
    os.mkdir(programs)
    os.symlink(WEDGE, os.path.join(programs, "wedge-extcap"))
    os.environ.update(XDG_RUNTIME_DIR=runs, WIRESHARK_EXTCAP_DIR=programs, HOME=folder, XDG_CONFIG_HOME=folder)
    if os.geteuid() == 0:  # root's tshark looks into its own folder alone: there it finds this one's
        folders = subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True, check=False).stdout
        its = re.search(r"^(?:Global )?Extcap path:\s+(\S+)$", folders, re.M)[1]
        TSHARK[:] = ["unshare", "-m", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh", programs, its, "tshark"]
    return os.path.join(runs, "wedge")


def extcap(*words, **more):
    return subprocess.run([WEDGE, "extcap", *words], capture_output=True, text=True, check=False, timeout=60, **more)


def interfaces():
    return extcap("--extcap-interfaces").stdout.splitlines()[1:]


class Reader:
    """A program that captures from a wedge into a file."""

    def __init__(self, path, *argv):
        self.path = path
        self.p = subprocess.Popen([*argv, "-w", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def lines(self):
        """How many packets there are by now, as far as they can be read."""
        p = subprocess.run(["tshark", "-n", "-r", self.path, "-T", "fields", "-e", "frame.number"], capture_output=True,
                           text=True, check=False)
        return len(p.stdout.splitlines())

    def stop(self):
        self.p.send_signal(signal.SIGINT)
        try:
            return self.p.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            self.p.kill()
            return "it didn't end: " + self.p.communicate()[1]


def exchange(c, s):
    c.sendall(b"request")
    s.recv(7)
    for part in (b"x" * 20, b"x" * 30):
        s.sendall(part)
    got = b""
    while len(got) < 50:
        got += c.recv(100)


def watched(reader, c, s):
    """Exchanges until the reader has shown one: from then on it sees all of them."""
    def shows():
        exchange(c, s)
        return os.path.exists(reader.path) and reader.lines() > 0
    return wait_for(shows, 60)


def it_is_listed(p):
    listed = interfaces()
    check("a running wedge is an interface", listed == ["interface {value=wedge-%d}{display=wedge: proxy (%d)}" % (p.p.pid, p.p.pid)],
          str(listed))
    shown = subprocess.run([*TSHARK, "-D"], capture_output=True, text=True, check=False).stdout
    check("tshark lists it", "wedge-%d (wedge: proxy (%d))" % (p.p.pid, p.p.pid) in shown, shown)
    name = "wedge-%d" % p.p.pid
    check("its link-layer header has its number", "{number=276}" in extcap("--extcap-interface", name, "--extcap-dlts").stdout)
    wrong = extcap("--extcap-interface", name, "--extcap-capture-filter", "tcp prot 80").stdout
    right = extcap("--extcap-interface", name, "--extcap-capture-filter", "tcp port 80").stdout
    check("a filter that is none is told", wrong.strip() and not right, wrong + right)


def compare(path, port, up, unrelated, c, what):
    seen = frames(path)
    mine = str(c.getsockname()[1])
    check(what + ": the connection that was open before is there, on both legs",
          [f for f in seen if leg("client")(f) and mine in (f["tcp.srcport"], f["tcp.dstport"])] and
          [f for f in seen if leg("server")(f) and str(up) in (f["tcp.srcport"], f["tcp.dstport"])])
    ports = {int(f[k]) for f in seen for k in ("tcp.srcport", "tcp.dstport") if f[k]}
    check(what + ": nothing else is", unrelated not in ports and not [f for f in seen if not leg("client")(f) and not leg("server")(f)])
    times = [float(f["frame.time_epoch"]) for f in seen]
    check(what + ": packets are in the order of time", times == sorted(times))
    for name, number in (("client", port), ("server", up)):
        acks = [f["tcp.seq_raw"] for f in seen if leg(name)(f) and f["tcp.len"] != "0" and f["tcp.srcport"] == str(number)]
        check("%s: %s leg: each segment is there once" % (what, name), acks and len(acks) == len(set(acks)), str(acks))


def tshark_and_dumpcap(folder, p, server, sockets):
    """Both at once, and of the same traffic."""
    up = server.getsockname()[1]
    c, s = connect(p.port), accept(server)
    sockets += [c, s]
    exchange(c, s)  # before anybody looks
    other = listener()
    x, y = connect(other.getsockname()[1]), accept(other)
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    feeder = subprocess.Popen([WEDGE, "extcap", "--capture", "--extcap-interface", "wedge-%d" % p.p.pid, "--fifo", fifo],
                              stderr=subprocess.PIPE, text=True)
    readers = {"tshark": Reader(os.path.join(folder, "t.pcapng"), *TSHARK, "-i", "wedge: proxy (%d)" % p.p.pid),
               "dumpcap": Reader(os.path.join(folder, "d.pcapng"), "dumpcap", "-q", "-i", fifo)}
    for name, r in readers.items():
        check(name + " shows packets while they pass", watched(r, c, s))
    for _ in range(6):
        exchange(c, s)
        exchange(x, y)
    late = connect(p.port), accept(server)
    exchange(*late)
    for end in late:
        end.close()
    number = {name: 0 for name in readers}

    def quiet():
        before = dict(number)
        for name, r in readers.items():
            number[name] = r.lines()
        return before == number and min(number.values()) > 40
    wait_for(quiet, 60)
    for name, r in readers.items():
        said = r.stop()
        check(name + " ends well", r.p.returncode == 0, said)
        compare(r.path, p.port, up, other.getsockname()[1], c, name)
        released = [text for _, _, text in comments(r.path) if text.startswith("ACK held ") and text.endswith("released by its timer")]
        check(name + " has wedge's comments", len(released) >= 4, str(comments(r.path)[:4]))
        for n, where, text in comments(r.path):
            f = frames(r.path)[n - 1]
            if text.endswith("released by its timer"):
                check("%s: at an ACK to the server" % name, where == "server leg" and f["tcp.len"] == "0" and f["tcp.dstport"] == str(up), text)
                break
    feeder.wait(20)
    check("the feeder ends with its reader", feeder.returncode == 0, feeder.stderr.read())
    feeder.stderr.close()
    sockets += [x, y, other]


def it_ends_with_wedge(folder, p, server, c, s):
    path = os.path.join(folder, "end.pcapng")
    with open(path, "wb") as out:
        feeder = subprocess.Popen([WEDGE, "extcap", "--capture", "--extcap-interface", "wedge-%d" % p.p.pid, "--fifo", "-",
                                   "--extcap-capture-filter", "tcp port %d" % p.port], stdout=out, stderr=subprocess.PIPE, text=True)
        r = Reader(path, "true")
        r.p.wait()
        r.p.stderr.close()
        check("standard output will do", watched(r, c, s))
        c.close()
        s.close()
        p.p.send_signal(signal.SIGTERM)
        check("it ends with wedge", feeder.wait(30) == 0, feeder.stderr.read())
        feeder.stderr.close()
    seen = frames(path)
    check("with the last packets of the connection", [f["tcp.dstport"] == str(p.port) for f in seen if int(f["tcp.flags"], 16) & 1] == [True, False],
          str([f["tcp.flags"] for f in seen]))
    check("and no packet that the filter leaves out", not [f for f in seen if leg("server")(f)], str(len(seen)))


def what_a_killed_one_leaves(runs):
    server = listener()
    with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1]) as dead:
        dead.p.kill()
        dead.p.wait()
        check("a killed wedge leaves its socket", os.listdir(runs) == [str(dead.p.pid)], str(os.listdir(runs)))
        check("which is listed no more", interfaces() == [], str(interfaces()))
        dead.p.returncode = 0
    with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1]) as p:
        check("and is removed by the next", os.listdir(runs) == [str(p.p.pid)], str(os.listdir(runs)))
        check("in a folder that is its user's alone", stat.S_IMODE(os.stat(runs).st_mode) == 0o700)
        os.chmod(runs, 0o755)
        said = extcap("--extcap-interfaces")
        check("any other folder isn't looked into", "isn't this user's alone" in said.stderr and said.returncode == 0 and
              len(said.stdout.splitlines()) == 1, said.stderr)
        os.chmod(runs, 0o700)
        check("who isn't there is told", extcap("--capture", "--extcap-interface", "wedge-1", "--fifo", "-").returncode == 2)
    check("one that ends leaves nothing", os.listdir(runs) == [], str(os.listdir(runs)))


def several_workers_and_no_proxy():
    server = listener()
    config = {"proxies": [{"name": n, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:%d" % server.getsockname()[1]}
                          for n in ("web{1}", "db")], "workers": 2}
    p = subprocess.Popen([WEDGE, "proxy", "--config", "/dev/stdin"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdin.write(json.dumps(config).replace("web{1}", "web"))
    p.stdin.close()
    listed = wait_for(interfaces)
    check("several proxies are named", listed and "{display=wedge: web, db (%d)}" % p.pid in listed[0], str(listed))
    p.send_signal(signal.SIGTERM)
    p.wait(20)
    p.stderr.close()


with tempfile.TemporaryDirectory() as FOLDER:
    RUNS = place(FOLDER)
    SERVER, SOCKETS = listener(), []
    with rig.Proxy("127.0.0.1:%d" % SERVER.getsockname()[1], "--impair", HOLD) as P:
        it_is_listed(P)
        tshark_and_dumpcap(FOLDER, P, SERVER, SOCKETS)
        it_ends_with_wedge(FOLDER, P, SERVER, *SOCKETS[:2])
    what_a_killed_one_leaves(RUNS)
    several_workers_and_no_proxy()
    for end in SOCKETS:
        end.close()
finish()
