#!/usr/bin/env python3
"""What goes wrong with TLS: handshakes that fail end both connections honestly, with the reason in the session's line;
and the faults of TLS on purpose: certificates, alerts, silence at every place of a handshake."""
import os
import socket
import ssl
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls
from tls_bench import NAME, Bench, background, failed, serve


def certificates(folder, cert):
    """Each fault is what OpenSSL's own verification names: X509_V_ERR_*."""
    for fault, codes in (("none", ""), ("expired", "verify 10"), ("not-yet-valid", "verify 9"), ("wrong-name", "verify 62"),
                         ("self-signed", "verify 18"), ("unknown-ca", "verify 20")):
        with Bench("intercept", folder, "--tls-cert-fault", fault) as b:
            client, server = b.open()
            done = background(serve, server, cert)
            said = failed(client.handshake)
            done()
            rig.check("certificate fault: " + fault, said == codes if codes else "Tls object" in said, said)
            client.close()
            if codes:
                line = b.line()
                rig.check(fault + ": the line tells the client's alert", line.startswith("client: TLS handshake: fatal alert "
                                                                                        "from it: "), line)
            server.close()


def broken_handshakes(folder, cert):
    with Bench("intercept", folder) as b:
        client, server = b.open()
        client.sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        _, how = rig.read_to_end(client.sock)
        _, upstream = rig.read_to_end(server)
        line = b.line()
        rig.check("a client that speaks no TLS: an end for both, and why", how in ("RST", "FIN") and upstream == "RST" and
                  line == "client: TLS handshake: http request (it began with 'GET / HTTP/1.0')", "%s %s %s" % (how, upstream, line))

        client, server = b.open()
        done = background(client.handshake)
        server.recv(4096)
        server.sendall(b"220 this is no TLS\r\n")
        said, (_, how) = str(done()), rig.read_to_end(server)
        rig.check("a server that speaks no TLS: the client gets an alert", "ALERT_HANDSHAKE_FAILURE" in said.upper() and
                  b.line().startswith("server: TLS handshake: "), "%s; %s" % (said, b.line()))

        client, server = b.open()
        done = background(client.handshake)
        server.recv(4096)
        server.close()
        said = str(done())
        rig.check("a server that ends in the handshake: FIN to the client", "EOF" in said and
                  b.line() == "server: FIN in the TLS handshake", "%s; %s" % (said, b.line()))

        client, server = b.open()
        done = background(client.handshake)
        server.recv(4096)
        rig.reset(server)
        said = str(done())
        rig.check("a server that resets in the handshake: RST to the client", "reset" in said and
                  b.line().startswith("server: RST"), "%s; %s" % (said, b.line()))

        client, server = b.open()
        rig.reset(client.sock)
        _, how = rig.read_to_end(server)
        rig.check("a client that resets before its hello: RST to the server", how == "RST" and b.line().startswith("client: RST"),
                  "%s; %s" % (how, b.line()))

        client, server = b.open()
        client.sock.close()
        _, how = rig.read_to_end(server)
        rig.check("a client that ends before its hello: FIN to the server", how == "FIN" and
                  b.line() == "client: FIN in the TLS handshake", "%s; %s" % (how, b.line()))

        client, server = b.open()
        context = tls.server_context(*cert)
        context.sni_callback = lambda o, name, c: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        done = background(tls.Tls(server, context, server=True).handshake)
        said = failed(client.handshake)
        done()
        rig.check("the server's alert is the client's", "UNRECOGNIZED_NAME" in said.upper() and
                  "unrecognized name" in b.line(), "%s; %s" % (said, b.line()))
        server.close()

    with Bench("intercept", folder, "--tls-version", "1.3") as b:
        client, server = b.open(tls.client_context(b.ca + "/ca.pem", "1.2"))
        done = background(serve, server, cert)
        said = failed(client.handshake)
        done()
        rig.check("a version that isn't accepted: an alert", "PROTOCOL_VERSION" in said.upper(), "%s; %s" % (said, b.line()))

    for mode in ("originate", "intercept"):
        for verify, good in (("no", True), (cert[0], mode == "originate"), ("system", False)):
            with Bench(mode, folder, "--tls-verify", verify) as b:
                client, server = b.open()
                done = background(serve, server, cert)
                if mode == "intercept":
                    said = failed(client.handshake)
                else:
                    server_end = done()
                    if isinstance(server_end, tls.Tls):
                        server_end.send(b"x")
                    said = "Tls object" if failed(lambda: client.sock.recv(1)) == "b'x'" else "none"
                done()
                ok = ("Tls object" in said) == good and (good or "server: TLS handshake: its certificate: " in b.line())
                rig.check("%s: verify %s %s a certificate for another name or of nobody" %
                          (mode, os.path.basename(verify), "accepts" if good else "refuses"), ok,
                          "%s; %s" % (said, "" if good else b.line()))
                client.close()
                server.close()

    probe = rig.listener()
    port = probe.getsockname()[1]
    probe.close()
    for mode in ("terminate", "originate", "intercept"):
        ca = ("--tls-ca", os.path.join(folder, "ca")) if mode != "originate" else ()
        with rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, *ca) as w:
            _, how = rig.read_new(w.port)
            rig.check(mode + ": a server that refuses is an RST before any byte", how == "RST", how)


def records(data):
    """(complete ones, bytes of one that isn't)"""
    n = 0
    while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
        data = data[5 + int.from_bytes(data[3:5], "big"):]
        n += 1
    return n, len(data)


def answer_to_hello(b, cert):
    """What comes to a client's hello until it is quiet for a while, and what the server has got."""
    client, server = b.open(tls.client_context(None, "1.2"))
    done = background(serve, server, cert)
    try:
        client.ssl.do_handshake()
    except ssl.SSLWantReadError:
        client._flush()
    client.sock.settimeout(1)
    got = b""
    try:
        while piece := client.sock.recv(65536):
            got += piece
        how = "FIN"
    except socket.timeout:
        how = "silence"
    client.close()
    return got, how, done


def passing_faults(folder, cert):
    """With TLS that passes through: nothing is decrypted, and yet each place of a handshake can be hit."""
    def bench(text):
        return Bench("passthrough", folder, "--impair", text)

    with bench("stall{direction=downstream}") as b:
        got, how, _ = answer_to_hello(b, cert)
        rig.check("a ClientHello that is never answered", not got and how == "silence", "%d bytes, %s" % (len(got), how))
    for n in (1, 2, 3):
        with bench("stall{direction=downstream,framing=tls-record,after=%d messages}" % n) as b:
            got, how, _ = answer_to_hello(b, cert)
            rig.check("a handshake that stalls after message %d" % n, records(got) == (n, 0) and how == "silence",
                      "%d records and %d bytes, %s" % (*records(got), how))
    with bench("tls_half_record{direction=downstream,framing=tls-record,after=1 messages}") as b:
        got, how, _ = answer_to_hello(b, cert)
        whole, rest = records(got)
        rig.check("half of the second record, then silence", whole == 1 and rest > 5 and how == "silence",
                  "%d records and %d bytes, %s" % (whole, rest, how))
    with bench("tls_alert{direction=downstream,description=access_denied}") as b:
        client, server = b.open(tls.client_context())
        done = background(serve, server, cert)
        said = failed(client.handshake)
        rig.check("a fatal alert is OpenSSL's own word for it", "ACCESS_DENIED" in said.upper(), said)
        rig.check("and the server gets a FIN", "EOF" in str(done()), done())
    with bench("latency{direction=downstream,delay=300ms,for=700ms}") as b:
        client, server = b.open(tls.client_context(None, "1.2"))
        done = background(serve, server, cert)
        began = time.monotonic()
        client.handshake()
        slow = time.monotonic() - began
        end = done()
        time.sleep(0.4)  # what comes inside the window keeps its delay
        began = time.monotonic()
        client.send(b"question")
        end.recv(8)
        end.send(b"answer")
        client.recv(6)
        fast = time.monotonic() - began
        rig.check("a slow handshake of two flights, and what follows isn't slow", 0.6 <= slow < 1.5 and fast < 0.25,
                  "%.3f s, then %.3f s" % (slow, fast))
        client.close()
    with bench("cut{direction=downstream,after=5KB}") as b:
        client, server = b.open(tls.client_context())
        done = background(serve, server, cert)
        client.handshake()
        done().send(b"x" * 20000)
        got, how = client.read_to_end()
        rig.check("an end without close_notify where TLS passes", how == "FIN", how)


def spoken_faults(folder, cert):
    for mode in ("terminate", "intercept"):
        for text, sent in (("tls_truncate{direction=downstream}", 20000), ("tls_truncate{direction=downstream,where=once,after=5KB}", 5000)):
            with Bench(mode, folder, "--impair", text) as b:
                client, server = b.open()
                done = background(serve, server, cert) if mode == "intercept" else lambda: tls.Plain(server)
                client.handshake()
                end = done()
                end.send(b"x" * 20000)
                end.end()
                got, how = client.read_to_end()
                rig.check("%s: %s: %d bytes and no close_notify" % (mode, text, sent), (len(got), how) == (sent, "FIN"),
                          "%d %s" % (len(got), how))
    for name, cut in ((NAME, True), ("other.example.org", False)):
        with Bench("terminate", folder, "--impair", "cut{direction=downstream,sni=%s,after=10B}" % name) as b:
            client, server = b.open()
            client.handshake()
            server.sendall(b"x" * 100)
            server.shutdown(socket.SHUT_WR)
            got, how = client.read_to_end()
            rig.check("the name of a client whose TLS wedge ends: sni=%s %s it" % (name, "matches" if cut else "doesn't match"),
                      (len(got), how) == (10 if cut else 100, "close_notify"), "%d %s" % (len(got), how))


def reload(folder, cert):
    """The file is read again: new sessions meet the new certificates, open ones go on."""
    def text(fault):
        return config_rig.proxies(config_rig.proxy("web", server, tls={"mode": "terminate", "ca": folder + "/ca",
                                                                       "cert-fault": fault}))

    server = rig.listener()
    with config_rig.Config(text("none"), "-v") as w:
        first = tls.Tls(rig.connect(w.port("web")), tls.client_context(folder + "/ca/ca.pem"), name=NAME)
        upstream = rig.accept(server)
        first.handshake()
        rig.check("a change of TLS is a change", w.changed(text("expired")) == (0, 0, 1))
        second = tls.Tls(rig.connect(w.port("web")), tls.client_context(folder + "/ca/ca.pem"), name=NAME)
        rig.accept(server)
        said = failed(second.handshake)
        rig.check("a new session meets the new fault", said == "verify 10", said)
        upstream.sendall(b"still here")
        rig.check("an open session goes on", first.recv(100) == b"still here")
        said, _ = w.change(text("none").replace('"cert-fault": "none"', '"cert": "/no/such.pem"').replace(
            '"ca": "%s/ca", ' % folder, ""))
        rig.check("a file that can't be read: the old one goes on", "refused" in said and "such.pem" in said, said)


with tempfile.TemporaryDirectory() as folder:
    cert = tls.make_certificate(folder, "upstream.test")
    certificates(folder, cert)
    broken_handshakes(folder, cert)
    reload(folder, cert)
    if config_rig.has_impairments():
        passing_faults(folder, cert)
        spoken_faults(folder, cert)
rig.finish()
