#!/usr/bin/env python3
"""Connections that begin with a PROXY header: whoever sends it (haproxy, curl) and however it is cut, the client is who it
says and every byte behind it arrives, in all modes of TLS; what is no header is reset with its reason, after 10 s too."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_protocol_rig as pp
import proxy_rig as rig
import tls_rig as tls

V1 = b"PROXY TCP4 192.0.2.1 198.51.100.1 1000 443\r\n"
V1_6 = b"PROXY TCP6 2001:db8::1 2001:db8::2 1000 443\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V2 = SIGNATURE + b"!\x11\0\x0c" + socket.inet_aton("192.0.2.1") + socket.inet_aton("198.51.100.1") + b"\x03\xe8\x01\xbb"
LOCAL = SIGNATURE + b" \0\0\0"


class Echo:
    """A server that sends back what it gets, until FIN."""

    def __init__(self):
        self.server = rig.listener()
        self.port = self.server.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        self.server.settimeout(None)
        while True:
            s = self.server.accept()[0]
            self.accepted += 1
            threading.Thread(target=self._serve, args=(s,), daemon=True).start()

    @staticmethod
    def _serve(s):
        try:
            while data := s.recv(65536):
                s.sendall(data)
            s.close()
        except OSError:
            pass


def wedge(port, *args, **more):
    return rig.Proxy("127.0.0.1:%d" % port, "--proxy-protocol-in", *args, **more)


def exchange(port, *pieces, finish=True):
    """(what comes back, "FIN" or "RST") of a client that sends these pieces, each once the kernel has sent the one before."""
    s = rig.connect(port)
    try:
        for piece in pieces:
            s.sendall(piece)
            rig.wait_for(lambda: rig.unacked(s) == 0, 2)
        if finish:
            s.shutdown(socket.SHUT_WR)
        return rig.read_to_end(s)
    except OSError: # it was reset before all was sent
        return b"", "RST"
    finally:
        s.close()


def the_client_is_who_it_says(echo):
    with wedge(echo.port) as w:
        rows = (("v1", V1, "192.0.2.1:1000"), ("v1, IPv6", V1_6, "[2001:db8::1]:1000"), ("v2", V2, "192.0.2.1:1000"),
                ("v2, LOCAL", LOCAL, "127.0.0.1:"), ("v1, UNKNOWN", b"PROXY UNKNOWN\r\n", "127.0.0.1:"))
        for what, header, client in rows:
            data = b"\r\n" + os.urandom(100000)
            for how, pieces in (("with data in one piece", [header + data]), ("alone, then data", [header, data]),
                                ("byte by byte", [header[i:i + 1] for i in range(len(header))] + [data])):
                before = len(w.sessions())
                back = exchange(w.port, *pieces)
                rig.check("%s, %s: every byte behind it arrives" % (what, how), back == (data, "FIN"))
                rig.wait_for(lambda: len(w.sessions()) > before)
                line = w.sessions()[-1]
                rig.check("%s, %s: the session's client" % (what, how), "(proxy): %s" % client in line and
                          " %d B up, %d B down" % (len(data), len(data)) in line, line)


def is_in_the_journal(echo):
    with tempfile.TemporaryDirectory() as folder:
        with wedge(echo.port, "--journal", folder + "/j") as w:
            exchange(w.port, V2 + b"x")
            exchange(w.port, b"GET / HTTP/1.0\r\n\r\n")
        with open(folder + "/j") as f:
            events = {e["event"]: e for e in map(json.loads, f)}
    opened, said, refused = events["session_open"], events["proxy_header_in"], events["proxy_header_refused"]
    rig.check("journal: session_open has the client that was told", opened["client"] == "192.0.2.1:1000", repr(opened))
    rig.check("journal: and proxy_header_in who told it", said["peer"].startswith("127.0.0.1:") and said["version"] == 2 and
              (said["client"], said["target"]) == ("192.0.2.1:1000", "198.51.100.1:443"), repr(said))
    rig.check("journal: and proxy_header_refused why not", "'GET / HT'" in refused["why"] and refused["proxy"] == "proxy",
              repr(refused))


BAD = (("no header", b"GET / HTTP/1.0\r\n\r\n"), ("a ClientHello", b"\x16\x03\x01\x02\0\x01"), ("one byte of another", b"\0"),
       ("a bad v1 line", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n"), ("v1 that ends with LF", b"PROXY UNKNOWN\n"),
       ("v1 without an end", b"PROXY UNKNOWN " + b"x" * 200), ("version 3", SIGNATURE + b"\x31\x11\0\0"),
       ("an unknown command", SIGNATURE + b"\x22\x11\0\0"), ("addresses cut short", SIGNATURE + b"!\x11\0\x04abcd"),
       ("a TLV over the end", SIGNATURE + b"!\x11\0\x10" + V2[16:] + b"\x04\0\x02a"),
       ("a wrong CRC32c", SIGNATURE + b"!\x11\0\x13" + V2[16:] + b"\x03\0\x04abcd"),
       ("64 KiB of TLVs", SIGNATURE + b"!\x11\xff\xff" + b"\x04" * 20000))


def what_is_no_header_is_reset(echo):
    with wedge(echo.port) as w:
        before = echo.accepted
        for what, data in BAD:
            seen = len(w.lines)
            rig.check("%s: reset" % what, exchange(w.port, data, finish=False)[1] == "RST")
            lines = rig.wait_for(lambda: w.lines[seen:])
            rig.check("%s: one line says why" % what, len(lines) == 1 and re.match(
                r"wedge: warning: proxy: 127\.0\.0\.1:\d+ is reset: (no PROXY header, but|a PROXY (header|line)) ", lines[0]),
                " ".join(lines))
        rig.check("FIN amid a header: reset", exchange(w.port, V1[:20])[1] == "RST")
        rig.wait_for(lambda: w.logged("FIN before the end of a PROXY header"))
        rig.check("a look whether the port answers is ended as it was begun", exchange(w.port) == (b"", "FIN"))
        rig.check("and is no warning", rig.wait_for(lambda: w.logged("FIN before a PROXY header")) and
                  "warning" not in w.logged("FIN before a PROXY header")[0])
        s = rig.connect(w.port)
        s.sendall(V1[:20])
        rig.wait_for(lambda: rig.unacked(s) == 0)
        rig.reset(s)
        rig.check("RST amid a header", rig.wait_for(lambda: w.logged("RST before")), " ".join(w.lines[-1:]))
        rig.check("none of them has come to the server", echo.accepted == before and not w.sessions())


def drip(s, until):
    for i in range(len(V1) - 1):
        try:
            s.sendall(V1[i:i + 1])
        except OSError:
            return
        until.wait(0.4)


def a_header_that_never_ends(echo):
    """Neither silence nor a drop now and then nor much of it holds a place for longer; others are served meanwhile."""
    huge = SIGNATURE + b"!\x11\x3f\xf0" + V2[16:]
    huge += b"\x04\x3f\xe0" + bytes(16000)
    with wedge(echo.port) as w:
        exchange(w.port, V1)
        rig.wait_for(w.sessions)
        before, descriptors = w.rss(), w.descriptors()
        over = threading.Event()
        held = [rig.connect(w.port) for _ in range(300)]
        began = time.monotonic()
        for s in held[2:]:
            s.sendall(huge)
        dripping = threading.Thread(target=drip, args=(held[1], over))
        dripping.start()
        rig.wait_for(lambda: w.descriptors() >= descriptors + 2 * len(held))
        rig.wait_for(lambda: all(rig.unacked(s) == 0 for s in held[2:]))
        rig.check("300 headers that don't end: others are served", exchange(w.port, V1 + b"hello") == (b"hello", "FIN"))
        grown = w.rss() - before
        rig.check("and hold little memory", grown < 300 * 40000 + (8 << 20), "%d KiB" % (grown >> 10))
        ends = [rig.read_to_end(s)[1] for s in held]
        took = time.monotonic() - began
        over.set()
        dripping.join()
        rig.check("all are reset after 10 s", set(ends) == {"RST"} and 9.9 < took < 15, "%s %.2f s" % (set(ends), took))
        lines = rig.wait_for(lambda: len(w.logged("is reset: 10 s without")) == len(held) and w.logged("is reset: 10 s without"))
        rig.check("and the log says so", lines and len([l for l in lines if l.endswith("10 s without a PROXY header")]) == 1)
        rig.check("nothing is left of them", rig.wait_for(lambda: w.descriptors() <= descriptors + rig.WORKERS), # each has one in reserve
                  str(w.descriptors()))
        for s in held:
            s.close()


def curl_and_tls(nginx, folder):
    ca = folder + "/ca/ca.pem"
    for mode, port, scheme, trusted in (("passthrough", pp.TLS, "https", folder + "/" + pp.NAME + ".pem"),
                                        ("terminate", pp.PLAIN, "https", ca), ("originate", pp.TLS, "http", None),
                                        ("intercept", pp.TLS, "https", ca)):
        made = ("--tls-ca", folder + "/ca") if mode in ("terminate", "intercept") else ()
        with wedge(port, "--tls", mode, *made) as w:
            more = pp.https(w.port, ca=trusted) if trusted else ("--resolve", "%s:%d:127.0.0.1" % (pp.NAME, w.port))
            body, _, said = pp.curl("%s://%s:%d/body" % (scheme, pp.NAME, w.port), "--haproxy-protocol", *more)
            rig.check("%s: curl --haproxy-protocol" % mode, body == pp.BODY, said)
            body, _, said = pp.curl("%s://%s:%d/body" % (scheme, pp.NAME, w.port), *more)
            rig.check("%s: without it curl is reset" % mode, body == b"" and ("reset" in said or "SSL" in said), said)


def a_chain(nginx, folder, cert, key):
    """curl, haproxy, wedge, nginx: nginx is told of curl, by each version from each, and with HAProxy's TLVs."""
    for out in ("v1", "v2"):
        with wedge(pp.HEADER, "--proxy-protocol-out", out) as w:
            haproxy = pp.Haproxy(folder, cert, key, w.port)
            try:
                for port, scheme in ((pp.HA_V1, "http"), (pp.HA_V2, "http"), (pp.HA_V2_TLVS, "https")):
                    for host in ("127.0.0.1", "[::1]") if scheme == "http" else (pp.NAME,):
                        mark = "%s-%d-%d" % (out, port, len(host))
                        more = pp.https(port, ca=cert) if scheme == "https" else ()
                        body, own, said = pp.curl("%s://%s:%d/body?%s" % (scheme, host, port, mark), *more)
                        rig.check("haproxy %d to wedge, %s to nginx: served" % (port, out), body == pp.BODY, said)
                        saw = nginx.saw(mark)
                        rig.check("and nginx sees curl", saw == [own], "%s %s" % (saw, own))
            finally:
                haproxy.close()


def haproxy_is_told_the_name(folder, cert, key):
    """The name that one HAProxy has told comes to the next through wedge."""
    with wedge(pp.HA, "--proxy-protocol-out", "v2") as w:
        haproxy = pp.Haproxy(folder, cert, key, w.port)
        try:
            body, own, said = pp.curl("https://%s:%d/body" % (pp.NAME, pp.HA_V2_TLVS), *pp.https(pp.HA_V2_TLVS, ca=cert))
            saw = haproxy.saw(own.client)
            rig.check("the name that haproxy has told is passed on", body == pp.BODY and
                      saw == [(own.target, "[%s]" % pp.NAME)], "%s %s" % (said, saw))
        finally:
            haproxy.close()


def faults_see_the_client_that_was_told(echo):
    other = V1.replace(b"192.0.2.1", b"192.0.2.9")
    with wedge(echo.port, "--impair", "connection_limit{limit=1,key=client,deny=reset}") as w:
        first, second = rig.connect(w.port), rig.connect(w.port)
        for s, header in ((first, V1), (second, other)):
            s.sendall(header + b"hello")
            rig.check("connection_limit: one session of this client", s.recv(5) == b"hello")
        end = exchange(w.port, V2 + b"hello")
        rig.check("connection_limit: not two, though all come from one address", end == (b"", "RST"), repr(end))
        for s in (first, second):
            s.close()
    with wedge(echo.port, "--impair", "cut{client=192.0.2.1,direction=downstream,after=2B}") as w:
        rig.check("match: the client that was told", exchange(w.port, V1 + b"hello")[0] == b"he")
        rig.check("match: and no other", exchange(w.port, other + b"hello")[0] == b"hello")
        rig.check("match: nor the one who tells", exchange(w.port, LOCAL + b"hello")[0] == b"hello")
    with wedge(echo.port, "--impair", "refuse{mode=reset,client=192.0.2.0/24}") as w:
        rig.check("refuse acts when the header is there", exchange(w.port, V1 + b"hello") == (b"", "RST") and
                  exchange(w.port, LOCAL + b"hello")[0] == b"hello")


def packets_see_it_too(echo):
    """A pure packet impairment decides at the SYN, and again when the header is there."""
    with wedge(echo.port, "--impair", "delay{client=192.0.2.1,delay=300ms,direction=downstream,leg=client}") as w:
        took = []
        for header in (V1, LOCAL):
            began = time.monotonic()
            rig.check("packets: an exchange", exchange(w.port, header + b"hello")[0] == b"hello")
            took.append(time.monotonic() - began)
        rig.check("packets: delayed for the client that was told alone", took[0] > 0.29 > 0.2 > took[1], repr(took))


def packets_begin_meanwhile(echo):
    """The packet plane begins under a connection that waits: it acts on its session, too."""
    row = dict(name="a", listen="127.0.0.1:0", upstream="127.0.0.1:%d" % echo.port, proxy_protocol={"in": True})
    fault = {"delay": {"delay": "300ms", "direction": "downstream", "leg": "client", "client": "192.0.2.1"}}
    with config_rig.Config(config_rig.proxies(row), "--workers", "4") as w:
        waiting = [rig.connect(w.port("a")) for _ in range(12)]
        for s in waiting:
            s.sendall(V1[:10])
            rig.wait_for(lambda s=s: rig.unacked(s) == 0)
        rig.check("SIGHUP: an impairment of packets", w.changed(config_rig.proxies(dict(row, impairments=[fault]))) == (0, 0, 1))
        began = time.monotonic()
        for s in waiting:
            s.sendall(V1[10:] + b"hello")
        rig.check("acts on the sessions of connections that waited", all(s.recv(5) == b"hello" and
                  time.monotonic() - began > 0.29 for s in waiting), "%.3f s" % (time.monotonic() - began))
        for s in waiting:
            s.close()


def while_headers_are_awaited(echo):
    """SIGHUP: a connection that waits goes on as it began. SIGTERM: it is served; twice: nobody waits for it."""
    row = dict(name="a", listen="127.0.0.1:0", upstream="127.0.0.1:%d" % echo.port)
    with config_rig.Config(config_rig.proxies(dict(row, proxy_protocol={"in": True}), top="log: info\n")) as w:
        s = rig.connect(w.port("a"))
        s.sendall(V1[:10])
        rig.wait_for(lambda: rig.unacked(s) == 0)
        rig.check("SIGHUP: the header is given up", w.changed(config_rig.proxies(row, top="log: info\n")) == (0, 0, 1))
        rig.check("for new connections", exchange(w.port("a"), b"hello")[0] == b"hello")
        s.sendall(V1[10:] + b"hello")
        rig.check("the one that waited has its session", s.recv(5) == b"hello")
        s.close()
        rig.check("whose client was told", rig.wait_for(lambda: w.logged("(a): 192.0.2.1:1000 to")))
        rig.check("SIGHUP: nothing is left", w.changed("log: info\nproxies: []\n") == (0, 1, 0))
    with wedge(echo.port) as w:
        s = rig.connect(w.port)
        s.sendall(V1[:10])
        rig.wait_for(lambda: rig.unacked(s) == 0 and w.descriptors())
        w.p.send_signal(signal.SIGTERM)
        rig.wait_for(lambda: w.logged("accepts no more"))
        s.sendall(V1[10:] + b"hello")
        s.shutdown(socket.SHUT_WR)
        rig.check("SIGTERM: the one that waits is served", rig.read_to_end(s) == (b"hello", "FIN"))
        s.close()
        w.p.wait(10)
    with wedge(echo.port) as w:
        s = rig.connect(w.port)
        s.sendall(V1[:10])
        rig.wait_for(lambda: rig.unacked(s) == 0)
        w.p.send_signal(signal.SIGTERM)
        rig.wait_for(lambda: w.logged("accepts no more"))
        w.p.send_signal(signal.SIGTERM)
        rig.check("twice: it is reset", rig.read_to_end(s)[1] == "RST")
        s.close()
        w.p.wait(10)


pp.enter()
echo = Echo()
the_client_is_who_it_says(echo)
is_in_the_journal(echo)
what_is_no_header_is_reset(echo)
while_headers_are_awaited(echo)
if config_rig.has_impairments():
    faults_see_the_client_that_was_told(echo)
    packets_see_it_too(echo)
    packets_begin_meanwhile(echo)
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    cert, key = tls.make_certificate(folder, pp.NAME)
    nginx = pp.Nginx(folder, cert, key)
    try:
        curl_and_tls(nginx, folder)
        if pp.HAPROXY:
            a_chain(nginx, folder, cert, key)
            haproxy_is_told_the_name(folder, cert, key)
        else:
            print("haproxy isn't installed: it is left out")
    finally:
        nginx.close()
a_header_that_never_ends(echo)
rig.finish()
