#!/usr/bin/env python3
"""wedge exec where a command or its host is unusual, judged by what the kernel tells sockets: hundreds of connections at
once to hosts that never answer, one source port towards many hosts, a host without IPv6 or with a resolv.conf that
names nobody, and a process of wedge's that is killed."""
import os
import shlex
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, environment, main, need, wait_for, web  # noqa: E402
from proc_tree import marked  # noqa: E402

need("ip", "unshare")
rig = Exec()
PYTHON = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or sys.executable
SILENT = """
ip link set lo up && ip link add d0 type veth peer name d0p && ip link set d0 up && ip link set d0p up || exit 77
ip addr add 198.51.100.9/24 dev d0 && ip neigh replace 198.51.100.1 lladdr 02:00:00:00:00:01 dev d0 nud permanent || exit 77
ip route add default via 198.51.100.1 || exit 77
ulimit -Sn 1024
"""

# Prints how many of the sockets stand, how many failed, and whether a connection to a listener succeeds meanwhile.
MANY = r"""
import resource, socket, sys, time
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
one_port, n = sys.argv[1] == "one-port", int(sys.argv[2])
sockets = []
for i in range(n):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one_port:
        s.bind(("198.51.100.9", 40000))
    s.setblocking(False)
    s.connect_ex(("192.0.2.%d" % (i + 1) if one_port else "192.0.2.1", 80))
    sockets.append(s)
time.sleep(1.5)
state = [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] for s in sockets]
good = socket.socket()
good.settimeout(5)
print(state.count(1), n - state.count(1) - state.count(2), good.connect_ex(("127.0.0.1", int(sys.argv[3]))))
"""
LISTEN = r"""
import socket, subprocess, sys
s = socket.create_server(("127.0.0.1", 0), backlog=64)
sys.exit(subprocess.run([a.replace("PORT", str(s.getsockname()[1])) for a in sys.argv[1:]]).returncode)
"""


def in_network(user, setup, *command, before=()):
    """What the command says, run by wedge exec in a host network that the setup makes, under the words before; None: that
    can't be made here."""
    words = shlex.join([*before, *rig.words(user, "exec", "--", *command)])
    p = subprocess.run(["unshare", *([] if os.getuid() == 0 else ["-r"]), "-nm", "sh", "-c", f"{setup}\nexec {words}"],
                       cwd=rig.folder, text=True, capture_output=True, timeout=90, env=environment(), check=False,
                       stdin=subprocess.DEVNULL)
    if p.returncode == 77:
        print("not tried, no such network here:", p.stderr.strip()[-200:])
        return None
    return p.stdout.strip() or p.stderr.strip()


def silent_hosts_stay_silent(user):
    program = rig.file("many.py", MANY)
    for what, n, how in (("connections at once to a silent host", 900, "many"),
                         ("more than a process has descriptors by default", 1100, "many"),
                         ("from one port to silent hosts", 10, "one-port")):
        said = in_network(user, SILENT, PYTHON, program, how, str(n), "PORT",
                          before=(PYTHON, rig.file("listen.py", LISTEN)))
        check(said in (None, "0 0 0"), f"{user}: {n} {what}: none succeeds or fails, another does: {said}")


ADDRESSES = "import socket; print(*[socket.socket(f).connect_ex((a, 9)) for f, a in ((2, '127.0.0.1'), (10, '::1'))])"


def no_ipv6(user):
    setup = ("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 && echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 "
             "&& ip link set lo up || exit 77")
    said = in_network(user, setup, "timeout", "10", PYTHON, "-c", ADDRESSES)
    check(said is None or said.split()[0] == "111" and said.split()[1] in ("99", "101"),
          f"{user}: without IPv6 ::1 fails at once: {said}")


def no_nameserver(user):
    names = rig.file("resolv.conf", "search lab\n")
    setup = f"ip link set lo up && mount --bind {names} /etc/resolv.conf || exit 77"
    said = in_network(user, setup, "cat", "/etc/resolv.conf")
    check(said in (None, "search lab\nnameserver 127.53.0.1"), f"{user}: no nameserver is this host's own: {said!r}")


def its_network_dies(user):
    server = web()
    for victim in ("wedge-inside", "wedge-helper"):
        mark = f"WEDGE_TEST_MARK=crowd-{os.getpid()}-{user}-{victim}"
        text = f"curl -s -o {os.devnull} http://127.0.0.1:{server.port}/; echo up; sleep 300 & wait"
        p = subprocess.Popen(rig.words(user, "exec", "--", "sh", "-c", text), cwd=rig.folder, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=environment(**dict([mark.split("=")])))
        check(p.stdout.readline() == "up\n", f"{user}: the command runs")
        os.kill([int(q) for q in marked(mark) if name_of(q) == victim][0], signal.SIGKILL)
        _, said = p.communicate(timeout=20)
        check(p.returncode == 125 and "network has died" in said, f"{user}: {victim} is killed: {p.returncode} {said.strip()}")
        check(wait_for(lambda: not marked(mark)), f"{user}: and nothing is left: {marked(mark)}")


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            return f.read().strip()
    except OSError:
        return ""


main(rig, silent_hosts_stay_silent, no_ipv6, no_nameserver, its_network_dies)
