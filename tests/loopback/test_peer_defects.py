#!/usr/bin/env python3
"""What locks up, kills or misleads the best known tool of this kind can't be provoked here. Each test says first what
that tool (2.12.0) was seen to do."""
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, has_impairments, proxies, proxy
from proxy_rig import accept, check, connect, listener, read_to_end

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)


def answered(c, s):
    c.sendall(b"request")
    asked = s.recv(100)
    s.sendall(b"answer")
    got = b""
    while len(got) < 6:
        got += c.recv(100)
    return asked == b"request" and got == b"answer"


def removing_a_fault_under_a_client_that_does_not_read():
    """There: removing a latency from a connection whose client doesn't read is answered by 503 after 25 s, and
    from then on every request that touches that proxy is, until restart, even after the client has gone."""
    server = listener()
    late, plain = proxies(proxy("a", server, {"latency": {"delay": "500ms", "buffer": "1MiB"}})), proxies(proxy("a", server))
    body = hashlib.shake_128(b"x").digest(32 << 20)
    with Config(late) as w:
        c = connect(w.port("a"), rcvbuf=4096)
        s = accept(server)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        sent = [0]

        def send():
            s.sendall(body)
            sent[0] = 1
            s.close()
        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(1.5) # three times the latency: everything on the way is full
        answers = []
        for text in (plain, late, plain):
            line, ms = w.change(text)
            answers.append("changed in" in line and ms < 1000)
        check("removing a fault is answered while the client doesn't read, again and again", all(answers), str(answers))
        other = connect(w.port("a"))
        check("the proxy serves others meanwhile", answered(other, accept(server)))
        check("the client still hasn't read, so the server can't have sent all", not sent[0])
        got, end = read_to_end(c)
        sender.join()
        check("then it reads, and nothing is lost", end == "FIN" and got == body, "%d bytes, %s" % (len(got), end))


def values_that_kill():
    """There: the slicer's own defaults recurse for ever, a variation above the average cuts outside the chunk, a
    negative rate panics: each ends the whole server. A refused file is ignored and the server starts anyway."""
    server = listener()
    good = {"slicer": {"gap": "1us", "size": "100B", "variation": "99B"}}
    with Config(proxies(proxy("a", server, good))) as w:
        for what, fault in (("a variation above the size", {"slicer": {"size": "2B", "variation": "50B"}}),
                            ("size 0", {"slicer": {"size": 0}}), ("no gap", {"slicer": {"gap": 0}}),
                            ("a negative rate", {"bandwidth": {"rate": "-1kB/s"}}),
                            ("rate 0", {"bandwidth": {"rate": 0}}),
                            ("a negative delay", {"latency": {"delay": "-5ms"}}),
                            ("a stall past 2^63", {"stall": {"after": "9223372036854775808GB"}})):
            line, _ = w.change(proxies(proxy("a", server, fault)))
            check("refused, with the reason: " + what, "refused" in line and "wedge.yaml:1:" in line, line)
            c = connect(w.port("a"))
            check("and it goes on serving", answered(c, accept(server)))
            c.close()
            r = subprocess.run([rig.WEDGE, "proxy", "--check", w.path], capture_output=True, timeout=10)
            check("it would not have started with it", r.returncode == 2)
        for what, fault in (("the slicer's defaults", "slicer"), ("the largest variation", good),
                            ("pieces larger than anything sent", {"slicer": {"size": "64MiB", "variation": "1KiB"}})):
            check("accepted: " + what, "changed in" in w.change(proxies(proxy("a", server, fault)))[0])
            c = connect(w.port("a"))
            check("and it serves", answered(c, accept(server)))
            c.close()


def a_server_that_does_not_answer():
    """There: the upstream is dialled inside the accept loop without a time limit, so one connection that hangs
    blocks every later client of that proxy, and its update and removal are answered by 503."""
    dead, alive = socket.socket(), listener()
    dead.bind(("127.0.0.1", 0))
    dead.listen(0)
    full = [socket.socket() for _ in range(3)]
    for x in full: # its queue: what comes now is answered by silence
        x.setblocking(False)
        x.connect_ex(dead.getsockname())
    with Config(proxies(proxy("a", dead), proxy("b", alive)), "-v") as w:
        first = connect(w.port("a"))
        later = [connect(w.port("a")) for _ in range(20)]
        check("later clients of it are accepted", rig.wait_for(lambda: w.descriptors() >= 2 * 21))
        other = connect(w.port("b"))
        check("another proxy's are served", answered(other, accept(alive)))
        began = time.monotonic()
        check("the server's address is changed at once", w.changed(
            proxies(proxy("a", alive), proxy("b", alive))) == (0, 0, 1))
        new = connect(w.ports["a"])
        check("and who comes now is served", answered(new, accept(alive)) and time.monotonic() - began < 2)
        check("the ones before still wait for theirs", not w.sessions())
        began = time.monotonic()
        check("the proxy is removed at once", w.changed(proxies(proxy("b", alive))) == (0, 1, 0))
        check("without waiting", time.monotonic() - began < 2)
        for x in (first, *later, other, new):
            rig.reset(x)
    for x in (dead, *full):
        x.close()


def a_fault_that_is_off_does_nothing():
    """There: a reset with probability 0, or one that has been removed, still turns every later close of the
    connection into an RST, and a reset added to a live connection is only a FIN."""
    server = listener()
    reset = lambda **more: {"reset": dict({"after": "1B"}, **more)}
    with Config(proxies(proxy("a", server, reset(probability=0)))) as w:
        for what, text in (("probability 0", None), ("disabled", proxies(proxy("a", server, reset(enabled="no")))),
                           ("removed", proxies(proxy("a", server)))):
            if text:
                w.changed(text)
            c = connect(w.port("a"))
            s = accept(server)
            ok = answered(c, s)
            s.close()
            check("%s: a close is a FIN" % what, ok and read_to_end(c) == (b"", "FIN"))
            c.close()
        c = connect(w.port("a"))
        s = accept(server)
        w.changed(proxies(proxy("a", server, {"reset": {}})))
        check("added to a live connection it is an RST, at both ends",
              read_to_end(c)[1] == "RST" and read_to_end(s)[1] == "RST")


def ends_of_one_direction():
    """There: the first FIN closes the whole other side, so the answer to a half-closed request is lost, and an RST
    arrives as a FIN."""
    server = listener()
    with Config(proxies(proxy("a", server, {"latency": {"delay": "20ms", "direction": "both"}}))) as w:
        c = connect(w.port("a"))
        s = accept(server)
        c.sendall(b"request")
        c.shutdown(socket.SHUT_WR)
        asked = read_to_end(s)
        s.sendall(b"a late answer" * 1000)
        s.close()
        check("a half-closed request is answered, under an impairment too", asked == (b"request", "FIN") and
              read_to_end(c) == (b"a late answer" * 1000, "FIN"))
        c = connect(w.port("a"))
        s = accept(server)
        rig.reset(s)
        check("an RST arrives as an RST", read_to_end(c)[1] == "RST")


removing_a_fault_under_a_client_that_does_not_read()
values_that_kill()
a_server_that_does_not_answer()
a_fault_that_is_off_does_nothing()
ends_of_one_direction()
rig.finish()
