#!/usr/bin/env python3
"""Clients that get no server because this host has no local port left are told of without -v: once, and counted at
the end."""
import os
import socket
import subprocess
import sys

if "IN_NAMESPACE" not in os.environ:
    env = dict(os.environ, IN_NAMESPACE="1")
    if subprocess.run(["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("skipped: no network namespace can be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

PORTS, CLIENTS = 6, 40

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as f:
    f.write("40000 %d" % (40000 + PORTS - 1))

server = socket.socket()
server.bind(("127.0.0.1", 8001))
server.listen(100)
with rig.Proxy("127.0.0.1:8001", listen="127.0.0.1:8000") as p:
    clients = [socket.create_connection(("127.0.0.1", 8000), source_address=("127.0.0.1", 20000 + i)) for i in range(CLIENTS)]
    rig.check("those for whom there is no port are turned away",
              rig.wait_for(lambda: len(p.sessions()) == CLIENTS - PORTS), str(len(p.sessions())))
    rig.check("the first is told of, and no other", rig.wait_for(lambda: p.logged("for want of")) and
              len(p.logged("for want of")) == 1, "\n".join(p.logged("for want of")))
    for c in clients:
        c.close()
rig.check("the count is told at the end", len(p.logged("failed for want of local ports, descriptors or memory of this host: %d" %
                                                       (CLIENTS - PORTS))) == 1, "\n".join(p.logged("for want of")))
rig.finish()
