#!/usr/bin/env python3
"""What differs by nature between a connection through wedge and a direct one: one check for each such
line of docs/faithful.md that no other test shows. Runs in a network namespace of its own."""
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    if subprocess.run(["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("network namespaces can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True)


def proxied(server, **kwargs):
    return rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], **kwargs)


def pair(p, server):
    c = rig.connect(p.port)
    return c, rig.accept(server)


def server_sees_wedge(p, server):
    c, s = pair(p, server)
    rig.check("the server sees wedge's port, not the client's",
              s.getpeername()[1] != c.getsockname()[1])
    rig.check("the client sees wedge's port, not the server's", c.getpeername()[1] == p.port)
    c.close()
    s.close()


def wedge_acknowledges_for_the_server(p, server):
    """Bytes are acknowledged that the server's kernel has not been given room for."""
    c, s = pair(p, server)
    c.setblocking(False)
    sent, room = 0, s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        try:
            sent += c.send(b"x" * 65536)
        except BlockingIOError:
            time.sleep(0.001)
    acked = sent - rig.unacked(c)
    rig.check("more is acknowledged than the server's kernel holds", acked > room,
              "%d bytes, the server's buffer holds %d" % (acked, room))
    rig.reset(c)
    rig.read_to_end(s)
    s.close()


def keepalives_stay_on_their_leg(p, server):
    if not os.access(shutil.which("dumpcap") or "", os.X_OK):
        print("skip keep-alive probes: dumpcap may not be run by this user")
        return
    upstream = server.getsockname()[1]
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "wedge-keepalive-%d.pcap" % os.getpid())
    dump = subprocess.Popen(["dumpcap", "-i", "lo", "-q", "-w", path], stderr=subprocess.PIPE, text=True)
    next(line for line in dump.stderr if "File:" in line)

    def probes(port):
        out = subprocess.run(["tshark", "-n", "-r", path, "-Y",
                              "tcp.analysis.keep_alive && tcp.port==%d" % port],
                             capture_output=True, text=True).stdout
        return len(out.splitlines())

    c, s = pair(p, server)
    c.sendall(b"x")
    s.recv(1)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    rig.check("the client's keep-alive probes reach wedge", rig.wait_for(lambda: probes(p.port)))
    rig.check("and not the server", probes(upstream) == 0)
    dump.terminate()
    dump.wait()
    dump.stderr.close()
    os.unlink(path)
    c.close()
    s.close()


def a_timed_out_leg_is_an_rst_on_the_other(p, server):
    c, s = pair(p, server)
    with open("/proc/sys/net/ipv4/tcp_retries2", "w") as f:
        f.write("2")
    run("nft", "add table ip dead")
    run("nft", "add chain ip dead in { type filter hook input priority 0; }")
    run("nft", "add rule ip dead in tcp dport %d drop" % server.getsockname()[1])
    c.sendall(b"into the void")
    got = rig.read_to_end(c)
    rig.check("a server that is gone without a word is an RST for the client", got == (b"", "RST"), repr(got))
    rig.check("the log says what it was", bool(rig.wait_for(lambda: p.logged("server: Connection timed out"))))
    run("nft", "delete table ip dead")
    c.close()
    s.close()


run("ip", "link", "set", "lo", "up")
server = rig.listener(rcvbuf=65536)
with proxied(server) as p:
    server_sees_wedge(p, server)
    wedge_acknowledges_for_the_server(p, server)
    keepalives_stay_on_their_leg(p, server)
    a_timed_out_leg_is_an_rst_on_the_other(p, server)
rig.finish()
