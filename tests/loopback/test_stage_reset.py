#!/usr/bin/env python3
"""What the reset verb and the ends of a stage are on real sockets: RST to the leg that is named, at once or
behind what has been delivered; the other leg is reset when it next sends something, as by a host that
doesn't know the connection; RST and FIN of a stage's own."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

SOME = b"x" * 99
server = rig.listener()
proxy = subprocess.Popen([os.path.join(os.environ["BINARY_DIR"], "tests", "reset_proxy"),
                          str(server.getsockname()[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
port = int(proxy.stdout.readline())


def told(order, first=b""):
    """A pair whose client has sent something that ends in the order; first: delivered to it before."""
    c = rig.connect(port)
    s = rig.accept(server)
    if first:
        s.sendall(first)
        rig.wait_for(lambda: len(c.recv(2 * len(first), socket.MSG_PEEK)) == len(first))
    c.sendall(SOME + order)
    return c, s


for order in (b"c", b"C"):
    c, s = told(order)
    rig.check("%r: the client sees RST" % order, rig.read_to_end(c) == (b"", "RST"))
    rig.check("%r: the server has the bytes" % order, s.recv(200) == SOME + order)
    rig.check("%r: and nothing else, until it sends something" % order, rig.silent(s))
    s.sendall(b"answer")
    rig.check("%r: then RST" % order, rig.read_to_end(s) == (b"", "RST"))
for order in (b"c", b"C"):
    c, s = told(order)
    s.recv(200)
    s.shutdown(socket.SHUT_WR)
    rig.check("%r: a FIN is answered by RST, too" % order, rig.read_to_end(s) == (b"", "RST"))
c, s = told(b"C", first=b"y" * 5000)
rig.check("C: what the server had sent before arrives, then RST", rig.read_to_end(c) == (b"y" * 5000, "RST"))

c, s = told(b"S")
rig.check("S: the server has all bytes, then RST", rig.read_to_end(s) == (SOME + b"S", "RST"))
rig.check("S: nothing at the client, until it sends something", rig.silent(c))
c.sendall(b"more")
rig.check("S: then RST", rig.read_to_end(c) == (b"", "RST"))
c, s = told(b"s")
rig.check("s: the server sees RST", rig.read_to_end(s)[1] == "RST")

c, s = told(b"B")
rig.check("B: both see RST, the server behind the bytes",
          (rig.read_to_end(c), rig.read_to_end(s)) == ((b"", "RST"), (SOME + b"B", "RST")))
c, s = told(b"b")
rig.check("b: both see RST", (rig.read_to_end(c)[1], rig.read_to_end(s)[1]) == ("RST", "RST"))

c, s = told(b"r")
rig.check("an RST in the stream is one at the server, behind the bytes",
          rig.read_to_end(s) == (SOME + b"r", "RST"))
rig.check("nothing at the client, until it sends something", rig.silent(c))
c.sendall(b"more")
rig.check("then RST, too", rig.read_to_end(c) == (b"", "RST"))
c, s = told(b"f")
rig.check("a FIN in the stream is one at the server", rig.read_to_end(s) == (SOME + b"f", "FIN"))
c.sendall(b"eaten")
s.sendall(b"answer")
s.close()
rig.check("the other direction goes on", rig.read_to_end(c) == (b"answer", "FIN"))
c.close()

proxy.stdin.close()
log = proxy.stderr.read()
rig.check("the proxy ends well", proxy.wait(10) == 0 and "Sanitizer" not in log, log[-300:])
rig.finish()
