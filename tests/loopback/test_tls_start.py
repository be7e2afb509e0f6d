#!/usr/bin/env python3
"""TLS that begins after clear text: openssl s_client -starttls in each protocol through intercept and passthrough, named and
found out; the faults of TLS act on it; refused upgrades, bytes that a client pipelines behind its request, and what is
told when TLS doesn't begin."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import starttls_rig as starttls
import tls_rig as tls

NAME = "www.example.org"


def wedge(folder, mode, start, server, *args):
    ca = ("--tls-ca", folder + "/ca") if mode in ("terminate", "intercept") else ()
    return rig.Proxy("127.0.0.1:%d" % server.port, "--tls", mode, "--tls-start", start, *ca, *args)


def s_client(protocol, port, ca, seconds=10):
    """What s_client printed when the echo of its line had come, or when it gave up or the time was over; and how long it
    took."""
    p = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-starttls", protocol, "-servername",
                          NAME, "-CAfile", ca, "-verify_return_error", "-verify_hostname", NAME, "-quiet", "-ign_eof"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    began, said = time.monotonic(), b""
    os.set_blocking(p.stdout.fileno(), False)
    p.stdin.write(b"hello\n")
    p.stdin.flush()

    def seen():
        nonlocal said
        said += p.stdout.read() or b""
        return b"echo hello" in said or p.poll() is not None
    rig.wait_for(seen, seconds)
    took = time.monotonic() - began
    if p.poll() is None:
        p.kill()
    p.wait()
    said += p.stdout.read() or b""
    return said.decode(errors="replace"), took


def all_protocols(folder, context, cert):
    for protocol, begin in starttls.BEGINNINGS.items():
        server = starttls.Server(begin, context)
        for mode, start in (("intercept", protocol), ("intercept", "auto"), ("passthrough", protocol)):
            with wedge(folder, mode, start, server) as w:
                del server.said[:]
                said, _ = s_client(protocol, w.port, cert if mode == "passthrough" else folder + "/ca/ca.pem")
                rig.check("%s, --tls-start %s: s_client -starttls %s trusts it and is answered" % (mode, start, protocol),
                          "echo hello" in said and server.said[:1] == [(True, b"hello\n")], said[-200:] + repr(server.said))
        server.close()


def faults(folder, context, cert):
    server = starttls.Server(starttls.BEGINNINGS["smtp"], context)
    for mode, ca in (("intercept", folder + "/ca/ca.pem"), ("passthrough", cert)):
        for start in ("smtp", "auto"):
            with wedge(folder, mode, start, server, "--impair", "tls_alert{description=unrecognized_name}") as w:
                said, _ = s_client("smtp", w.port, ca)
                rig.check("%s, %s: tls_alert answers the ClientHello, not the greeting" % (mode, start),
                          "unrecognized name" in said, said[-200:])
        with wedge(folder, mode, "smtp", server, "--impair", "tls_stall") as w:
            said, took = s_client("smtp", w.port, ca, 1)
            rig.check(mode + ": tls_stall keeps the ServerHello back", took >= 1 and "verify" not in said and
                      "CONNECTED" not in said, said)
        with wedge(folder, mode, "smtp", server, "--impair", "tls_delay{delay=700ms}") as w:
            said, took = s_client("smtp", w.port, ca)
            rig.check(mode + ": tls_delay delays the handshake", "echo hello" in said and 0.7 <= took < 5, "%.3f s" % took)
        for name, acts in ((NAME, True), ("other.example.org", False)):
            with wedge(folder, mode, "smtp", server, "--impair", "reset{sni=%s}" % name) as w:
                said, took = s_client("smtp", w.port, ca)
                rig.check("%s: reset{sni=%s} %s" % (mode, name, "acts" if acts else "lets it be"),
                          ("echo hello" in said) != acts, said[-200:])
    with wedge(folder, "passthrough", "smtp", server, "--impair",
               "stall{framing=tls-record,after=2 messages,direction=downstream}") as w:
        said, took = s_client("smtp", w.port, cert, 1)
        rig.check("passthrough: records count from the upgrade on", took >= 1 and "echo" not in said, said)
    server.close()


def talk(sock, say, until):
    sock.sendall(say)
    got = b""
    while until not in got:
        piece = sock.recv(4096)
        if not piece:
            break
        got += piece
    return got


def refused(folder, context, cert):
    """The client goes on in clear text, and the session's line says so."""
    for protocol, ask, answer in (("smtp", b"EHLO x\r\nSTARTTLS\r\n", b"454"), ("imap", b"a STARTTLS\r\n", b"a NO"),
                                  ("postgres", starttls.SSL_REQUEST, b"N"), ("ftp", b"AUTH TLS\r\n", b"534")):
        server = starttls.Server(starttls.BEGINNINGS[protocol], context, starttls.REFUSALS[protocol])
        with wedge(folder, "intercept", protocol, server, "--impair", "tls_stall") as w:
            sock = rig.connect(w.port)
            sock.settimeout(5)
            got = talk(sock, ask, answer)
            more = talk(sock, b"in clear\r\n", b"what" if protocol != "postgres" else b"clear") \
                if protocol != "imap" else b"500 what?"
            sock.close()
            rig.check("%s: the refusal comes through, and clear text goes on" % protocol,
                      answer in got and (b"what" in more or b"echo in clear" in more), repr((got, more)))
            line = rig.wait_for(lambda: [l for l in w.lines if "TLS never began: the server refused" in l])
            rig.check("%s: the session's line says who refused" % protocol, line, w.lines)
            idle = [l for l in w.lines if "tls_stall never acted: it is about TLS, which never began" in l]
            rig.check("%s: the impairment that never acted is told at the session's end" % protocol, idle, w.lines)
        server.close()


def pipelined(folder, context, cert):
    """What stands behind STARTTLS in clear text is no part of what the server reads inside TLS."""
    for mode in ("intercept", "passthrough"):
        server = starttls.Server(starttls.BEGINNINGS["smtp"], context)
        with wedge(folder, mode, "smtp", server) as w:
            sock = rig.connect(w.port)
            sock.settimeout(5)
            talk(sock, b"EHLO x\r\n", b"250 STARTTLS")
            talk(sock, b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<you@example.org>\r\n", b"220 ready\r\n")
            try:
                conn = tls.Tls(sock, tls.client_context()).handshake()
                conn.send(b"hello")
                conn.recv(100)
            except OSError:
                pass
            sock.close()
            rig.wait_for(lambda: w.sessions())
            rig.check(mode + ": nothing pipelined behind STARTTLS is carried into TLS",
                      not any(data and b"evil" in data for inside, data in server.said if inside), server.said)
        server.close()
    # A request in pieces, one that isn't one, and one inside a message.
    server = starttls.Server(lambda sock, refuse: True and starttls.SMTP(sock, refuse), context)
    with wedge(folder, "intercept", "smtp", server) as w:
        sock = rig.connect(w.port)
        sock.settimeout(5)
        for piece in (b"MAIL FROM:<STARTTLS>\r\n", b"STARTTLSX\r\n", b"start", b"tls", b"\r"):
            sock.sendall(piece)
            time.sleep(0.02)
        talk(sock, b"\n", b"220 ready\r\n")
        conn = tls.Tls(sock, tls.client_context(folder + "/ca/ca.pem"), name=NAME).handshake()
        conn.send(b"hello")
        rig.check("a request in pieces, behind two that are none, begins TLS", conn.recv(100) == b"echo hello")
        conn.close()
    server.close()


def told(folder, context, cert):
    """Within a second, what is waited for."""
    greeting = rig.listener()
    greeting.settimeout(20)

    class At:
        port = greeting.getsockname()[1]
    for mode, start, speak, words in (
            ("intercept", "direct", b"220 mail ready\r\n", "the server begins with '220 mail ready', which is no TLS; "
             "--tls-start smtp"),
            ("intercept", "direct", b"", "--tls-start direct waits for the client's ClientHello, and nobody has said"),
            ("terminate", "direct", b"+OK ready\r\n", "--tls-start direct waits for the client's ClientHello"),
            ("passthrough", "direct", b"* OK ready\r\n", "--tls-start imap"),
            ("intercept", "auto", b"", "--tls-start auto waits for the first words of either end"),
            ("passthrough", "auto", b"hello\r\n", "the server begins with 'hello', which is no TLS; --tls-start PROTOCOL")):
        with wedge(folder, mode, start, At, *(("--impair", "tls_alert") if mode == "passthrough" else ())) as w:
            sock = rig.connect(w.port)
            far = greeting.accept()[0]
            began = time.monotonic()
            far.sendall(speak)
            line = rig.wait_for(lambda: [l for l in w.lines if words in l], 3)
            took = time.monotonic() - began
            rig.check("%s, %s: a line says within a second what is waited for" % (mode, start), line and took < 1.5,
                      "%.2f s, %r" % (took, w.lines))
            if mode == "passthrough":
                sock.settimeout(5)
                rig.check("and the greeting comes through", sock.recv(100) == speak)
            far.close()
            sock.close()
    for first, words in ((starttls.SSL_REQUEST, "--tls-start postgres"), (b"EHLO client\r\n", "it began with 'EHLO client'")):
        with wedge(folder, "intercept", "direct", At) as w:
            sock = rig.connect(w.port)
            far = greeting.accept()[0]
            sock.sendall(first)
            line = rig.wait_for(lambda: [l for l in w.lines if words in l], 3)
            rig.check("direct: a client that isn't TLS is told with its first words", line, w.lines)
            far.close()
            sock.close()
    greeting.close()


with tempfile.TemporaryDirectory() as folder:
    cert, key = tls.make_certificate(folder, NAME)
    context = tls.server_context(cert, key)
    all_protocols(folder, context, cert)
    faults(folder, context, cert)
    refused(folder, context, cert)
    pipelined(folder, context, cert)
    told(folder, context, cert)
rig.finish()
