#!/usr/bin/env python3
"""The faults of a handshake where wedge itself speaks TLS, and the same words where it passes: openssl's own account of
the messages that it has got (-msg, which sees through TLS 1.3's encryption too) says where each handshake stopped."""
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls
from noise import unspoilt
from tls_bench import NAME, Bench, background, failed, serve

SERVER_SAYS = {"1.2": ["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "Finished"],
               "1.3": ["ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"]}
CLIENT_SAYS = {"1.2": ["ClientHello", "ClientKeyExchange", "Finished"], "1.3": ["ClientHello", "Finished"]}
ALERTS = {10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
          42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
          46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
          51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
          86: "inappropriate_fallback", 109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
          113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required",
          120: "no_application_protocol"}  # RFC 8446 section 6
QUIET = 0.4  # s in which nothing more comes


class OpenSSL:
    """A running s_client or s_server; what it has got, in its own words."""

    def __init__(self, *args):
        self.p = subprocess.Popen(["openssl", *args, "-msg"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        self.text, self.last = "", time.monotonic()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.p.stdout:
            self.text += line.decode(errors="replace")
            self.last = time.monotonic()

    def messages(self):
        return re.findall(r"^<<< .*Handshake \[length [0-9a-f]+\], (\w+)", self.text, re.M)

    def alerts(self):
        return re.findall(r"^<<< .*Alert \[length 0002\], fatal (\w+)", self.text, re.M)

    def number(self):
        m = re.search(r"SSL alert number (\d+)", self.text)
        return int(m.group(1)) if m else None

    def wait(self, n):
        """Until it has n messages and then nothing more for a while."""
        rig.wait_for(lambda: len(self.messages()) >= n, 5)
        rig.wait_for(lambda: time.monotonic() - max(self.last, self.began) > QUIET, 5)
        return self.messages()

    def __enter__(self):
        self.began = time.monotonic()
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()
        self.reader.join()
        self.p.stdin.close()
        self.p.stdout.close()


def s_client(port, version):
    return OpenSSL("s_client", "-connect", "127.0.0.1:%d" % port, "-servername", NAME, "-tls" + version.replace(".", "_"))


def s_server(port, cert, version):
    server = OpenSSL("s_server", "-accept", "127.0.0.1:%d" % port, "-cert", cert[0], "-key", cert[1],
                     "-tls" + version.replace(".", "_"))
    rig.wait_for(lambda: "ACCEPT" in server.text)
    return server


def serve_all(b, cert):
    """Whoever comes to the server's side of wedge is answered, or accepted in clear text."""
    def one(sock):
        try:
            serve(sock, cert).read_to_end()
        except (OSError, ssl.SSLError):
            pass

    def run():
        while True:
            try:
                sock = rig.accept(b.listener)
            except OSError:
                return
            if cert:
                threading.Thread(target=one, args=(sock,), daemon=True).start()
                del sock  # closed by its thread
            else:
                kept.append(sock)

    kept = []
    threading.Thread(target=run, daemon=True).start()


def stalls_downstream(folder, cert):
    for mode in ("terminate", "intercept"):
        for n in (0, 1, 3, 4):
            with Bench(mode, folder, "--impair", "tls_stall{direction=downstream,after=%d messages}" % n) as b:
                serve_all(b, cert if mode == "intercept" else None)
                for version, says in SERVER_SAYS.items():
                    with s_client(b.w.port, version) as c:
                        got = c.wait(n)
                        rig.check("%s, TLS %s: the handshake stalls behind the server's message %d" % (mode, version, n),
                                  got == says[:n] and c.p.poll() is None, got)
                    b.n += 1
                    rig.check("and the client that gives up is noted", b.line() == "client: FIN in the TLS handshake",
                              b.line())
    with Bench("terminate", folder, "--impair", "tls_stall{direction=downstream,after=5 messages}") as b:
        serve_all(b, None)
        with s_client(b.w.port, "1.3") as c:
            got = c.wait(5)
            rig.check("a handshake that has no more messages isn't stalled", got[:5] == SERVER_SAYS["1.3"] and
                      set(got[5:]) <= {"NewSessionTicket"} and  # these come behind it
                      "Verify return code" in c.text, got)


def stalls_upstream(folder, cert):
    for mode in ("originate", "intercept"):
        ca = ("--tls-ca", folder + "/ca") if mode == "intercept" else ()
        for n in (0, 1):
            for version, says in CLIENT_SAYS.items():
                port = rig.free_port()
                with s_server(port, cert, version) as s, \
                        rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, *ca, "--impair",
                                  "tls_stall{direction=upstream,after=%d messages}" % n) as w:
                    client = rig.connect(w.port)
                    if mode == "intercept":
                        background(tls.Tls(client, tls.client_context(), name=NAME).handshake)
                    got = s.wait(n)
                    rig.check("%s, TLS %s: the server gets the client's first %d messages" % (mode, version, n),
                              got == says[:n], got)
                    client.close()


def passing(folder, cert):
    """The same words, where the messages that stand in clear text are counted."""
    for version, n in (("1.2", 0), ("1.2", 1), ("1.2", 3), ("1.3", 0), ("1.3", 1)):
        with Bench("passthrough", folder, "--impair", "tls_stall{direction=downstream,after=%d messages}" % n) as b:
            serve_all(b, cert)
            with s_client(b.w.port, version) as c:
                got = c.wait(n)
                rig.check("passthrough, TLS %s: it stalls behind the server's message %d" % (version, n),
                          got == SERVER_SAYS[version][:n] and c.p.poll() is None, got)


def ends_with_both(folder, cert):
    """Clients that give up and go are not kept: their servers go, too, and what was to come is nobody's."""
    for text in ("tls_stall{direction=downstream}", "tls_half_record{direction=downstream}"):
        with Bench("passthrough", folder, "--impair", text) as b:
            serve_all(b, cert)
            at_rest, clients = b.w.descriptors(), []
            for _ in range(20):
                sock = rig.connect(b.w.port)
                sock.settimeout(QUIET)
                clients.append(tls.Tls(sock, tls.client_context(), name=NAME))
            waits = [background(failed, c.handshake) for c in clients]
            said = [str(wait()) for wait in waits]
            rig.check("%s: each gets no more" % text, all("timed out" in s for s in said), said[0])
            rig.check("20 clients wait", b.w.descriptors() >= at_rest + 40, b.w.descriptors() - at_rest)
            for c in clients:
                c.sock.close()
            gone = rig.wait_for(lambda: len(b.w.logged("FIN both ways")) == 20, 5)
            rig.check("and are gone with their servers", gone and b.w.descriptors() <= at_rest + rig.WORKERS,
                      b.w.descriptors() - at_rest)


def sends_into_reset(s):
    """Also of a socket that has read a FIN, whose recv() has nothing to tell any more. What is sent between the FIN and the
    close is eaten, so it goes on sending."""
    try:
        s.send(b"late")
    except OSError:
        pass
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7 # TCP_CLOSE


def alerts(folder, cert):
    for mode in ("terminate", "intercept", "passthrough"):
        with Bench(mode, folder, "--impair", "tls_alert{description=certificate_revoked}") as b:
            serve_all(b, None if mode == "terminate" else cert)
            client = rig.connect(b.w.port)
            client.sendall(tls.client_hello(NAME))
            got, how = rig.read_to_end(client)
            rig.check("%s: behind the alert and its FIN the connection is closed: RST" % mode,
                      len(got) == 7 and how == "FIN" and rig.wait_for(lambda: sends_into_reset(client)), "%r, %s" % (got, how))
        for n in (0, 1, 3):
            with Bench(mode, folder, "--impair", "tls_alert{after=%d messages,description=certificate_revoked}" % n) as b:
                serve_all(b, None if mode == "terminate" else cert)
                for version, says in SERVER_SAYS.items():
                    if mode == "passthrough" and version == "1.3" and n:
                        continue
                    with s_client(b.w.port, version) as c:
                        c.p.wait(20)
                        c.reader.join()
                        rig.check("%s, TLS %s: a fatal alert instead of message %d" % (mode, version, n + 1),
                                  (c.messages(), c.alerts(), c.number()) == (says[:n], ["certificate_revoked"], 44),
                                  [c.messages(), c.alerts(), c.number()])
    for number, name in ALERTS.items():
        with Bench("passthrough", folder, "--impair", "tls_alert{description=%s}" % name) as b:
            serve_all(b, cert)
            with s_client(b.w.port, "1.2") as c:
                c.p.wait(20)
                c.reader.join()
                rig.check("alert %s" % name, c.number() == number, c.number())
    for version in ("1.2", "1.3"):
        port = rig.free_port()
        with s_server(port, cert, version) as s, \
                rig.Proxy("127.0.0.1:%d" % port, "--tls", "originate", "--impair",
                          "tls_alert{direction=upstream,after=1 message,description=internal_error}") as w:
            client = rig.connect(w.port)
            s.wait(1)
            rig.wait_for(lambda: s.alerts())
            _, how = rig.read_to_end(client)
            rig.check("originate, TLS %s: an alert behind the ClientHello, and a FIN for the client" % version,
                      s.messages() == ["ClientHello"] and s.alerts() == ["internal_error"] and how == "FIN",
                      "%s %s %s" % (s.messages(), s.alerts(), how))


def raw_answer(b, version):
    """(time, bytes) of each piece that comes to a client that has only said hello."""
    client, server = b.open(tls.client_context(None, version))
    pieces, began = [], time.monotonic()
    try:
        client.ssl.do_handshake()
    except ssl.SSLWantReadError:
        client._flush()
    client.sock.settimeout(QUIET)
    try:
        while piece := client.sock.recv(65536):
            pieces.append((time.monotonic() - began, piece))
    except socket.timeout:
        pass
    client.close()
    return pieces, server


def records(data):
    """The types of the complete ones, and the bytes of one that isn't."""
    types = []
    while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
        types.append(data[0])
        data = data[5 + int.from_bytes(data[3:5], "big"):]
    return types, data


def silence_then_alert(folder):
    with Bench("terminate", folder, "--impair", "tls_stall{after=3 messages}", "--impair",
               "tls_alert{where=once,after=700ms,description=access_denied}") as b:
        serve_all(b, None)
        for version, says in SERVER_SAYS.items():
            began = time.monotonic()
            with s_client(b.w.port, version) as c:
                c.p.wait(20)
                c.reader.join()
                took = time.monotonic() - began
                rig.check("TLS %s: silence behind message 3, and 0.7 s after the beginning an alert" % version,
                          (c.messages(), c.number()) == (says[:3], 49) and 0.6 < took < 1.5, "%.3f s" % took)


def half_records(folder):
    for version, n, before in (("1.2", 1, [22]), ("1.2", 0, []), ("1.3", 2, [22, 20, 23])):
        with Bench("terminate", folder, "--impair", "tls_half_record{after=%d messages,part=40%%}" % n) as b:
            pieces, _ = raw_answer(b, version)
            types, rest = records(b"".join(p for _, p in pieces))
            whole = int.from_bytes(rest[3:5], "big") if len(rest) >= 5 else 0
            rig.check("terminate, TLS %s: a part of the record behind message %d, then silence" % (version, n),
                      types == before and len(rest) == 5 + int(whole * 0.4), "%s, %d of %d" % (types, len(rest), whole))


def delays(folder):
    def times(text, version):
        with Bench("terminate", folder, "--impair", text) as b:
            client, server = b.open(tls.client_context(None, version))
            began = time.monotonic()
            client.handshake()
            took = time.monotonic() - began
            began = time.monotonic()
            client.send(b"question")
            server.recv(100)
            server.sendall(b"answer")
            client.recv(6)
            after = time.monotonic() - began
            client.close()
            return took, after

    for version, flights in (("1.2", 2), ("1.3", 1)):
        took, after = times("tls_delay{delay=200ms}", version)
        rig.check("TLS %s: each of the server's %d flights comes 200 ms late, data doesn't" % (version, flights),
                  0.2 * flights <= took < 0.2 * flights + 0.15 and after < 0.15, "%.3f s, then %.3f s" % (took, after))
    def each_record():
        with Bench("terminate", folder, "--impair", "tls_delay{delay=100ms,each=record}") as b:
            pieces, _ = raw_answer(b, "1.3")
        return pieces, [b - a for (a, _), (b, _) in zip([(0, b"")] + pieces, pieces)]

    # A record that this process sees 10 ms late makes the next one seem early.
    pieces, gaps = unspoilt(each_record, lambda seen: all(0.09 < g < 0.2 for g in seen[1]))
    rig.check("each record 100 ms behind the one before it", all(records(p) == ([p[0]], b"") for _, p in pieces) and
              len(pieces) == 6 and all(0.09 < g < 0.2 for g in gaps), ["%.3f" % g for g in gaps])
    with Bench("originate", folder, "--impair", "tls_delay{direction=upstream,delay=300ms}") as b:
        began = time.monotonic()
        client = rig.connect(b.w.port)
        server = rig.accept(b.listener)
        server.recv(1)
        took = time.monotonic() - began
        rig.check("originate: the ClientHello comes 300 ms late", 0.3 <= took < 0.5, "%.3f s" % took)
        client.close()


def triggers(folder):
    with Bench("terminate", folder, "--impair", "tls_stall{after=1 message,sni=%s}" % NAME) as b:
        client, _ = b.open()
        client.sock.settimeout(QUIET)
        said = failed(client.handshake)
        rig.check("the name in the hello matches before the answer", "timed out" in said, said)
        sock = rig.connect(b.w.port)
        rig.accept(b.listener)
        other = tls.Tls(sock, tls.client_context(b.ca + "/ca.pem"), name="other.example.org")
        rig.check("another name isn't stalled", "Tls object" in failed(other.handshake))
        client.close()
        sock.close()
    with Bench("terminate", folder, "--impair", "tls_stall{probability=50%}", "--seed", "7") as b:
        clients = [b.open() for _ in range(24)]
        for c, _ in clients:
            c.sock.settimeout(QUIET)
        stalled = ["timed out" in failed(c.handshake) for c, _ in clients]
        rig.check("some sessions are chosen and some aren't", 4 <= sum(stalled) <= 20, sum(stalled))
        for c, s in clients:
            c.close()
            s.close()


def live(folder):
    """A stall that is switched off lets its handshakes go on; one that is switched on meets those under way."""
    def text(*faults):
        return config_rig.proxies(config_rig.proxy("web", server, *faults, tls={"mode": "terminate", "ca": folder + "/ca"}))

    server = rig.listener()
    stall = {"tls_stall": {"after": "3 messages"}}
    with config_rig.Config(text(stall), "-v") as w:
        client = tls.Tls(rig.connect(w.port("web")), tls.client_context(folder + "/ca/ca.pem"), name=NAME)
        upstream = rig.accept(server)
        done = background(client.handshake)
        time.sleep(QUIET)
        rig.check("a stalled handshake waits", not isinstance(done.__closure__[0].cell_contents, tls.Tls) and
                  not w.logged("session "))
        rig.check("the stall is removed", w.changed(text()) == (0, 0, 1))
        said = done()
        rig.check("and the handshake goes on", isinstance(said, tls.Tls), said)
        upstream.sendall(b"clear")
        rig.check("and bytes follow", client.recv(10) == b"clear")
        rig.check("the stall comes back", w.changed(text({"tls_stall": {}})) == (0, 0, 1))
        upstream.sendall(b"still")
        rig.check("it has no effect behind the handshake", client.recv(10) == b"still")
        late = tls.Tls(rig.connect(w.port("web")), tls.client_context(folder + "/ca/ca.pem"), name=NAME)
        rig.accept(server)
        done = background(late.handshake)
        time.sleep(QUIET)
        rig.check("an alert comes in its place", w.changed(text({"tls_stall": {}}, {"tls_alert": {"where": "once"}})) ==
                  (0, 0, 1))
        said = str(done())
        rig.check("and is what the stalled client gets", "HANDSHAKE_FAILURE" in said.upper(), said)


with tempfile.TemporaryDirectory() as folder:
    if not config_rig.has_impairments():
        print("built without impairments")
        sys.exit(77)
    cert = tls.make_certificate(folder, "upstream.test")
    stalls_downstream(folder, cert)
    stalls_upstream(folder, cert)
    passing(folder, cert)
    ends_with_both(folder, cert)
    alerts(folder, cert)
    silence_then_alert(folder)
    half_records(folder)
    delays(folder)
    triggers(folder)
    live(folder)
rig.finish()
