#!/usr/bin/env python3
"""A transparent selection takes only what clients begin: active and passive FTP through vsftpd, a server
that connects to its clients, connections and an ssh session that stood before wedge go on untouched,
through start, a changed file, end and kill -9, in all dialects, IPv4 and IPv6."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from gateway_rig import (CLIENT, CLIENT6, FLAVOURS, IN, PYTHON, SERVER, SERVER6, await_true, check,  # noqa: E402
                         main, stop)

# An echo on ports 80 and 81. To "back PORT" it connects to its client, from port 20, and says what came of it.
SERVER_SIDE = """
import socket, sys, threading
def echo(s):
    while data := s.recv(65536):
        if data.startswith(b"back "):
            back = socket.socket(s.family)
            back.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            back.bind((s.getsockname()[0], 20))
            back.settimeout(3)
            try:
                back.connect((s.getpeername()[0], int(data.split()[1])))
                back.sendall(b"x" * 300000)
                back.shutdown(socket.SHUT_WR)
                s.sendall(b"back %d" % (len(back.recv(100) or b"")))
            except OSError as why:
                s.sendall(str(why).encode())
            back.close()
        else:
            s.sendall(data)
for p in (80, 81):
    l = socket.create_server(("", p), family=socket.AF_INET6, dualstack_ipv6=True)
    def run(l=l):
        while True:
            threading.Thread(target=echo, args=[l.accept()[0]], daemon=True).start()
    threading.Thread(target=run, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""

# Opens a connection for each address and port; says one word on each whenever asked, and prints what fails.
CLIENT_SIDE = """
import socket, sys
cs = {}
for word in sys.argv[1:]:
    host, port = word.rsplit(",", 1)
    cs[word] = socket.create_connection((host, int(port)), 5)
    cs[word].settimeout(3)
print("ready", flush=True)
for line in sys.stdin:
    failed = []
    for name, s in cs.items():
        try:
            s.sendall(line.encode() * 3000)
            got = 0
            while got < 3000 * len(line):
                data = s.recv(65536)
                if not data:
                    raise OSError("end of file")
                got += len(data)
        except OSError as why:
            failed.append(f"{name}: {why}")
    print("; ".join(failed) or "fine", flush=True)
"""

# Listens, asks the server to connect to it, reads what it says, answers.
CALLED = """
import socket, sys
host = sys.argv[1]
family = socket.AF_INET6 if ":" in host else socket.AF_INET
l = socket.create_server(("", int(sys.argv[2])), family=family)
l.settimeout(5)
s = socket.create_connection((host, 81), 5)
s.settimeout(5)
s.sendall(b"back %s" % sys.argv[2].encode())
c = l.accept()[0]
c.settimeout(5)
got = 0
while data := c.recv(65536):
    got += len(data)
c.sendall(b"thanks")
print(got, s.recv(100).decode())
"""

VSFTPD = """
listen=NO
listen_ipv6=YES
background=NO
anonymous_enable=YES
anon_root={0}/ftp
no_anon_password=YES
connect_from_port_20=YES
pasv_min_port=40000
pasv_max_port=40100
secure_chroot_dir={0}/empty
seccomp_sandbox=NO
xferlog_enable=NO
"""

SSHD = """
ListenAddress 0.0.0.0
Port 22
HostKey {0}/hostkey
AuthorizedKeysFile {0}/key.pub
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
"""


class Talk:
    """A process that answers each line by one."""

    def __init__(self, g, host, *words):
        self.p = g.start(host, *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def line(self):
        return self.p.stdout.readline().strip()

    def ask(self, text):
        self.p.stdin.write(text + "\n")
        self.p.stdin.flush()
        return self.line()


def stand(g, ports=(80, 81)):
    names = [f"{a},{p}" for a in (SERVER, SERVER6) for p in ports]
    talk = Talk(g, "client", PYTHON, "-c", CLIENT_SIDE, *names)
    check(talk.line() == "ready", f"connections to {names}")
    check(talk.ask("before") == "fine", "they speak")
    return talk


def called(g, what):
    for i, address in enumerate((SERVER, SERVER6)):
        p = g.run("client", PYTHON, "-c", CALLED, address, str(5000 + i))
        check(p.stdout.strip() == "300000 back 6",
              f"{what}: {address} connects to its client: {p.stdout.strip()} {p.stderr.strip()[-100:]}")


def start_ftp(g):
    folder = os.path.join(g.folder, "ftp")
    for name in ("ftp", "empty"):
        os.makedirs(os.path.join(g.folder, name), exist_ok=True)
    with open(os.path.join(folder, "f"), "wb") as f:
        f.write(os.urandom(100000))
    os.chmod(folder, 0o555)
    path = os.path.join(g.folder, "vsftpd.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(VSFTPD.format(g.folder))
    g.start("server", "vsftpd", path)
    await_true(lambda: g.sh("server", "ss -Htln 'sport = 21'"), "vsftpd listens")


def ftp(g, what):
    """Active, by PORT and EPRT from port 20, and passive."""
    for host in (SERVER, f"[{SERVER6}]"):
        for way in (["-P", "-"], ["--ftp-pasv"]):
            p = g.run("client", "curl", "-sS", "-m", "5", "-o", "got", "-w", "%{size_download}", *way, f"ftp://{host}/f")
            check(p.returncode == 0 and p.stdout == "100000", f"{what}: curl {way[0]} ftp://{host}/f {p.stderr.strip()}")


def start_ssh(g):
    g.sh("server", f"ssh-keygen -q -t ed25519 -N '' -f {g.folder}/hostkey; ssh-keygen -q -t ed25519 -N '' -f {g.folder}/key; "
                   "mkdir -p /run/sshd")
    path = os.path.join(g.folder, "sshd.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SSHD.format(g.folder))
    g.start("server", "/usr/sbin/sshd", "-D", "-f", path, stderr=subprocess.DEVNULL)
    await_true(lambda: g.sh("server", "ss -Htln 'sport = 22'"), "sshd listens")
    ssh = Talk(g, "client", "ssh", "-T", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
               "-o", "LogLevel=ERROR", "-i", f"{g.folder}/key", SERVER, "cat")
    check(ssh.ask("hello") == "hello", "an ssh session")
    return ssh


def taken(g):
    """Legs of wedge's on the gateway."""
    return g.sh("gateway", "ss -Htn state established").count("\n")


CONFIG = "proxies:\n  - {{name: a, mode: transparent, in: " + IN + ", port: \"{}\"}}\n"


def reload(g, wedge, ports):
    with open("config.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG.format(ports))
    if wedge:
        said = len(wedge.said())
        wedge.send_signal(signal.SIGHUP)
        await_true(lambda: "1 changed" in wedge.said()[said:], "it has changed")


def standing(g, ssh, before, options, what):
    """Before: connections that are there before this wedge."""
    wedge = g.wedge(*options)
    for talk in before:
        check(talk.ask("started") == "fine", f"{what}: what stood before goes on")
    check(ssh is None or ssh.ask("more") == "more", f"{what}: the ssh session too")
    check(taken(g) == 0, f"{what}: without wedge")
    called(g, what)
    through = stand(g, (80,))
    check(taken(g) == 4, f"{what}: new ones are taken, two legs each")
    return wedge, through


def ends(g, ssh, number):
    before = [stand(g)]
    wedge, through = standing(g, ssh, before, ("--to", "198.51.100.0/24,2001:db8:2::/64"), f"until {number.name}")
    wedge.send_signal(number)
    for talk in before:
        check(talk.ask("ending") == "fine", f"{number.name}: while it ends, what stood goes on")
    if number == signal.SIGTERM:
        check(through.ask("draining") == "fine", "and what it has taken")
    through.p.stdin.close()
    through.p.wait()
    wedge.wait(10)
    for talk in before:
        check(talk.ask("ended") == "fine", f"{number.name}: afterwards, too")
        talk.p.stdin.close()
    check(ssh is None or ssh.ask("after") == "after", "and ssh")
    called(g, "after " + number.name)


def reloads(g, ssh):
    before = [stand(g)]
    reload(g, None, "80")
    wedge = g.wedge("--config", "config.yaml", mode=())
    through = stand(g)
    for ports in ("81", "20-22,80,81", "80"):
        reload(g, wedge, ports)
        for talk in [*before, through]:
            check(talk.ask(ports) == "fine", f"port {ports} after SIGHUP: all go on")
        check(ssh is None or ssh.ask("after") == "after", "and ssh")
        called(g, "after SIGHUP")
    for talk in [*before, through]:
        talk.p.stdin.close()
    check(stop(wedge) == 0, "it ends")


def inside(g, user, flavour):
    server = Talk(g, "server", PYTHON, "-c", SERVER_SIDE)
    check(server.line() == "ready", "the server")
    ssh = start_ssh(g) if user == "root" else None
    if user == "root":
        start_ftp(g)
        ftp(g, "without wedge")
    for number in (signal.SIGTERM, signal.SIGKILL):
        ends(g, ssh, number)
    if user == "root" or flavour == "nftables":
        reloads(g, ssh)
    if user == "root":
        before = len(g.journal("session_open"))
        wedge = g.wedge("--port", "20,21")
        ftp(g, "ports 20 and 21")
        check(stop(wedge) == 0, "it ends")
        opened = len(g.journal("session_open")) - before
        check(opened == 4, f"what it has taken are the four control connections: {opened}")
        wedge = g.wedge("--to", "198.51.100.0/24,2001:db8:2::/64")
        ftp(g, "two networks")
        check(stop(wedge) == 0, "it ends")


main(inside, "curl", "vsftpd", "ssh", "/usr/sbin/sshd", flavours=FLAVOURS)
