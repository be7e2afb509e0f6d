#!/usr/bin/env python3
"""What can't be is refused in one line that says why: a second wedge on the same address, an impairment on a plane or
leg that it can't have, packets without the privilege; and what is said then still works."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import Proxy, accept, check, connect, listener

UNPRIVILEGED = ["unshare", "-U"] # no right over the network namespace, whoever asks


def wedge(*args, prefix=()):
    r = subprocess.run([*prefix, rig.WEDGE, "proxy", *args], capture_output=True, text=True, timeout=20)
    return r.returncode, r.stderr


def one_line(what, got, *parts):
    status, err = got
    check(what, status == 2 and err.count("\n") == 1 and all(p in err for p in parts), err.strip())


server = listener()
upstream = "127.0.0.1:%d" % server.getsockname()[1]
with Proxy(upstream) as first:
    at = "127.0.0.1:%d" % first.port
    said = "can't listen on %s: Address already in use" % at
    one_line("a second wedge on the same address", wedge("--listen", at, "--upstream", upstream), "wedge: proxy: " + said)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(proxies(proxy("a", server), proxy("b", server, listen=at)))
        f.flush()
        one_line("also from a file: it names the proxy", wedge("--config", f.name), "proxy 'b': " + said)
    c = connect(first.port)
    s = accept(server)
    c.sendall(b"x")
    check("the first goes on", s.recv(1) == b"x")
    c.close()
    s.close()
one_line("an address of nobody here", wedge("--listen", "192.0.2.1:80", "--upstream", upstream),
         "can't listen on 192.0.2.1:80: Cannot assign requested address")
for option in ("--capture", "--journal", "--config", "--check"):
    one_line("an empty file name", wedge("--listen", "127.0.0.1:0", "--upstream", upstream, option, ""),
             option + ": its value is empty")
one_line("a server twice", wedge("--forward", "--server", "192.0.2.1", "--server", "192.0.2.1:80"), "--server: ", "given twice")
one_line("a server by name", wedge("--forward", "--server", "example.org"), "--server: 'example.org' is no address")

if has_impairments():
    base = ("--listen", "127.0.0.1:0", "--upstream", upstream, "--impair")
    one_line("a leg on the stream plane", wedge(*base, "stall{leg=client}"), "--impair: ", "no leg to choose")
    one_line("no such kind", wedge(*base, "stal"), "did you mean 'stall'?")
    one_line("a value that can't be", wedge(*base, "bandwidth{rate=0}"), "--impair: bandwidth: rate: ", "it takes ")
    one_line("a file that never ends", wedge(*base, "latency{distribution=recorded,file=/dev/zero}"),
             "/dev/zero is no regular file")
    with tempfile.TemporaryDirectory() as folder:
        pipe = os.path.join(folder, "pipe")
        os.mkfifo(pipe)
        one_line("a file that never begins", wedge(*base, "latency{distribution=recorded,file=%s}" % pipe),
                 "pipe is no regular file")
        many = os.path.join(folder, "many.yaml")
        with open(many, "w") as f:
            f.write(proxies(proxy("a", server, *["drop"] * 50000)))
        began = time.monotonic()
        one_line("more impairments than can be asked of each session", wedge("--check", many),
                 "there are more than 1000 impairments in one list")
        check("and that in time", time.monotonic() - began < 2, "%.2f s" % (time.monotonic() - began))
    one_line("a name twice", wedge(*base, "stall{name=x}", "--impair", "cut{name=x}"), "--impair: ", "x")
    if subprocess.run([*UNPRIVILEGED, "true"], capture_output=True).returncode == 0:
        parts = ("delayed_ack", "needs CAP_NET_ADMIN", "impairments of the stream plane work without")
        one_line("packets without the privilege", wedge(*base, "delayed_ack", prefix=UNPRIVILEGED), *parts)
        with Config(proxies(proxy("a", server), proxy("b", server)), prefix=UNPRIVILEGED) as w:
            late = {"delayed_ack": {"timer": "200ms"}}
            line, _ = w.change(proxies(proxy("a", server), proxy("b", server, late)))
            check("while it runs: refused, and it goes on", "refused" in line and "proxy 'b': delayed_ack" in line and
                  all(p in line for p in parts), line)
            check("forwarding too", "mode forward" in w.change(
                "proxies: [{name: f, mode: forward, server: ':80'}]")[0])
            check("the stream plane works without", w.changed(
                proxies(proxy("a", server, {"latency": {"delay": "1ms"}}), proxy("b", server))) == (0, 0, 1))
            c = connect(w.port("a"))
            s = accept(server)
            c.sendall(b"x")
            check("it does", s.recv(1) == b"x")
            c.close()
            s.close()
rig.finish()
