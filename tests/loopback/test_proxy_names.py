#!/usr/bin/env python3
"""An upstream by name: /etc/hosts is read anew for every connection, each address of a name is tried, and
a name server that doesn't answer holds up nobody but those who wait for it. In namespaces of its own, with
its own /etc/hosts and /etc/resolv.conf.
QUIET: it judges tens of milliseconds."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

FLAGS = "-Urmn"
if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    probe = "mount -t tmpfs none /tmp && ip link set lo up"
    if subprocess.run(["unshare", FLAGS, "sh", "-c", probe], capture_output=True).returncode:
        print("namespaces can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", FLAGS, sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig


def write(path, text):
    """In place: the file is a mount point."""
    with open(path, "w") as f:
        f.write(text)


def own_files(folder):
    for name in ("hosts", "resolv.conf"):
        path = os.path.join(folder, name)
        write(path, "")
        os.chmod(path, 0o644)
        subprocess.run(["mount", "--bind", path, "/etc/" + name], check=True)
    write("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")


def passes(p, server, text):
    with rig.connect(p.port) as c, rig.accept(server) as s:
        c.sendall(text)
        return s.recv(100) == text


def every_address_is_tried(port):
    for addresses in (("127.0.0.9", "127.0.0.1"), ("::1", "127.0.0.9", "127.0.0.1")):
        write("/etc/hosts", "".join("%s dual.test\n" % a for a in addresses))
        with rig.Proxy("dual.test:%d" % port) as p:
            rig.check("%s: the one that listens is found" % " ".join(addresses), passes(p, server, b"found"))
    write("/etc/hosts", "127.0.0.8 dual.test\n127.0.0.9 dual.test\n")
    with rig.Proxy("dual.test:%d" % port) as p:
        got = rig.read_new(p.port)
        rig.check("where none listens: RST", got == (b"", "RST"))


def a_name_moves(port):
    write("/etc/hosts", "127.0.0.9 moving.test\n")
    with rig.Proxy("moving.test:%d" % port) as p:
        rig.check("before it moves: RST", rig.read_new(p.port) == (b"", "RST"))
        write("/etc/hosts", "127.0.0.1 moving.test\n")
        rig.check("after it has moved: found", passes(p, server, b"moved"))


def a_silent_name_server_holds_up_nobody(port):
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.53", 53))
    write("/etc/hosts", "127.0.0.1 slow.test\n")
    with rig.Proxy("slow.test:%d" % port) as p:
        c = rig.connect(p.port)
        s = rig.accept(server)
        write("/etc/hosts", "")
        waiting = [rig.connect(p.port) for _ in range(20)]
        rig.check("the name server is being asked", len(silent.recv(512)) > 0)
        worst = 0
        for _ in range(100):
            began = time.monotonic()
            c.sendall(b"ping")
            s.sendall(s.recv(4))
            c.recv(4)
            worst = max(worst, time.monotonic() - began)
        rig.check("the other session goes on meanwhile", worst < 0.1, "at worst %.1f ms" % (1000 * worst))
        rig.check("those who waited get RST", all(rig.read_to_end(w) == (b"", "RST") for w in waiting))
        rig.check("the log says why",
                  rig.wait_for(lambda: len(p.logged("slow.test doesn't resolve")) == 20))
        rig.connect(p.port)
        silent.recv(512)
        p.p.send_signal(signal.SIGTERM)
        rig.wait_for(lambda: p.logged("accepts no more"))
        p.p.send_signal(signal.SIGTERM)
        began = time.monotonic()
        p.p.wait(10)
        rig.check("a second SIGTERM doesn't wait for the name server", time.monotonic() - began < 0.8)
    silent.close()


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    own_files(folder)
    server = rig.listener()
    every_address_is_tried(server.getsockname()[1])
    a_name_moves(server.getsockname()[1])
    a_silent_name_server_holds_up_nobody(server.getsockname()[1])
rig.finish()
