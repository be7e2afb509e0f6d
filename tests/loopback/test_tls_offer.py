#!/usr/bin/env python3
"""What a client's hello offers, the server is offered through intercept, and its choice or refusal comes back: each row of
docs/tls.md's table, directly and through wedge, by openssl s_client, s_server, curl and Python's OpenSSL."""
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import tls_rig as tls

NAME = "www.example.org"
LISTS = {10: "groups", 13: "signatures", 43: "versions"}
FLAGS = {5: "status request", 49: "post-handshake authentication"}


def wedge(folder, port, *args, mode="intercept"):
    ca = ("--tls-ca", folder + "/ca") if mode != "originate" else ()
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, *ca, *args)


def codes(data, width):
    return [int.from_bytes(data[i:i + 2], "big") for i in range(width, len(data) - 1, 2)]


def read_hello(sock):
    """The lists and flags of a ClientHello (RFC 8446 section 4.1.2)."""
    got = b""
    while len(got) < 5 or len(got) < 5 + int.from_bytes(got[3:5], "big"):
        got += sock.recv(4096)
    at = 5 + 4 + 2 + 32
    at += 1 + got[at]
    n = int.from_bytes(got[at:at + 2], "big")
    known = {"suites": [c for c in codes(got[at + 2:at + 2 + n], 0) if c != 0xff]} # without the renegotiation's signal
    at += 2 + n
    at += 1 + got[at] + 2
    while at < len(got):
        kind, n = int.from_bytes(got[at:at + 2], "big"), int.from_bytes(got[at + 2:at + 4], "big")
        if kind in LISTS:
            known[LISTS[kind]] = [c for c in codes(got[at + 4:at + 4 + n], 1 if kind == 43 else 2)
                                  if kind != 43 or c >= 0x303] # wedge speaks 1.2 and 1.3
        if kind in FLAGS:
            known[FLAGS[kind]] = True
        at += 4 + n
    return known


def s_client(port, *args, ca=None, say=b""):
    trust = ["-CAfile", ca, "-verify_return_error"] if ca else []
    r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", NAME, *trust, *args],
                       input=say, capture_output=True, timeout=30)
    return (r.stdout + r.stderr).decode(errors="replace")


def hellos(folder):
    """The same hello, read by the server directly and through wedge."""
    server = rig.listener()
    port = server.getsockname()[1]
    with wedge(folder, port) as w:
        for args in ([], ["-tls1_2"], ["-tls1_3"], ["-sigalgs", "RSA-PSS+SHA256:ECDSA+SHA384:ed25519"],
                     ["-groups", "P-384:X25519"], ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-tls1_2"],
                     ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "-tls1_3"], ["-status"], ["-enable_pha"]):
            seen = []
            for to in (port, w.port):
                p = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % to, "-servername", NAME, *args],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                sock = server.accept()[0]
                seen.append(read_hello(sock))
                sock.close()
                p.kill()
                p.wait()
            differ = {k: [s.get(k) for s in seen] for k in set(seen[0]) | set(seen[1]) if seen[0].get(k) != seen[1].get(k)}
            rig.check("s_client %s: the server reads the same lists" % " ".join(args), not differ, repr(differ))
    server.close()


class Openssl:
    """A running openssl s_server -www."""

    def __init__(self, *args):
        self.port = rig.free_port()
        self.p = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port, "-quiet", "-www", *args],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rig.wait_for(lambda: rig.answers(self.port))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()


def outcome(said):
    """What was agreed on, or why not, as s_client says it."""
    words = {key: re.search(pattern, said) for key, pattern in (
        ("version", r"New, (TLSv[\d.]+)"), ("group", r"Server Temp Key: (\w+)"), ("suite", r"Cipher is ([\w-]+)"),
        ("alert", r"alert ([a-z ]+):"))}
    return {key: found.group(1) for key, found in words.items() if found}


def agreed(folder, rsa):
    """The server's choice is the client's answer, and so is its refusal."""
    ca = folder + "/ca/ca.pem"
    for args, server in (([], []), (["-tls1_2"], []), ([], ["-tls1_2"]), (["-tls1_2"], ["-tls1_3"]),
                         (["-tls1_3"], ["-tls1_2"]), (["-groups", "P-384:X25519"], []),
                         ([], ["-groups", "P-521"]), (["-sigalgs", "RSA-PSS+SHA256"], []),
                         (["-sigalgs", "ECDSA+SHA256"], []), (["-groups", "X25519"], ["-groups", "P-256"]),
                         (["-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-tls1_2"], []),
                         (["-ciphersuites", "TLS_AES_128_GCM_SHA256", "-tls1_3"], [])):
        with Openssl("-cert", rsa[0], "-key", rsa[1], *server) as s, wedge(folder, s.port) as w:
            direct, through = (outcome(s_client(port, *args, ca=trust)) for port, trust in ((s.port, rsa[0]), (w.port, ca)))
            if "alert" not in direct and "-tls1_2" in args + server:
                direct.pop("suite", None), through.pop("suite", None) # its key is of the certificate that is shown
                if "-cipher" not in args:
                    direct.pop("group", None), through.pop("group", None)
            rig.check("s_client %s, s_server %s" % (" ".join(args), " ".join(server)), direct == through and direct,
                      "%r, %r %s" % (direct, through, w.lines))


def later(folder, cert, key, client):
    """A certificate asked for behind the handshake, as a server asks for one of its folders."""
    context = tls.server_context(cert, key, "1.3")
    context.load_verify_locations(client[0])
    context.verify_mode = ssl.CERT_OPTIONAL
    context.post_handshake_auth = True
    listener = rig.listener()
    port = listener.getsockname()[1]

    def serve(out):
        conn = context.wrap_socket(listener.accept()[0], server_side=True)
        try:
            conn.recv(10)
            conn.verify_client_post_handshake()
            conn.sendall(b"asked")
            conn.recv(10)
            out.append(conn.getpeercert())
        except OSError as e:
            out.append(e.reason if isinstance(e, ssl.SSLError) else repr(e))
        conn.close()

    def ask(to, offers, cert=None):
        c = tls.client_context(version="1.3")
        c.post_handshake_auth = offers
        if cert:
            c.load_cert_chain(*cert)
        first, out = None, []
        t = threading.Thread(target=serve, args=(out,))
        t.start()
        with c.wrap_socket(rig.connect(to), server_hostname=NAME) as conn:
            conn.settimeout(10)
            conn.sendall(b"hello")
            try:
                conn.recv(10)
                conn.sendall(b"more")
            except OSError:
                pass
            t.join(10)
        return out and (out[0] if isinstance(out[0], str) else bool(out[0]) and "a certificate" or "none")
    with wedge(folder, port, "--tls-client-cert", client[0], "--tls-client-key", client[1]) as w:
        rig.check("post-handshake authentication: offered, the server gets wedge's certificate as it gets a client's",
                  ask(port, True, client) == ask(w.port, True) == "a certificate")
        direct, through = ask(port, False), ask(w.port, False)
        rig.check("not offered, the server can't ask", direct == through == "EXTENSION_NOT_RECEIVED", "%r %r" % (direct, through))
    with wedge(folder, port) as w:
        rig.check("without one it gets none", ask(w.port, True) == "none")
        rig.check("and the session's line says that it asked",
                  rig.wait_for(lambda: [l for l in w.lines if "the server asked for a client certificate in vain" in l]), w.lines)
    listener.close()
    with Openssl("-cert", cert, "-key", key, "-verify", "1") as s:
        for mode, args in (("intercept", ["-tls1_2"]), ("intercept", ["-tls1_3"]), ("originate", None)):
            with wedge(folder, s.port, mode=mode) as w:
                if args:
                    s_client(w.port, *args, say=b"Q\n")
                else:
                    sock = rig.connect(w.port)
                    sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    rig.read_to_end(sock)
                    sock.close()
                rig.check("%s %s: asked in the handshake, in vain" % (mode, args),
                          rig.wait_for(lambda: [l for l in w.lines if "asked for a client certificate in vain" in l]), w.lines)


def stapled(folder, rsa):
    """An OCSP response: curl --cert-status believes it, and reads a revocation."""
    cert, key = rsa
    serial = tls.openssl("x509", "-in", cert, "-noout", "-serial").stdout.strip().split("=")[1]
    ca = folder + "/ca/ca.pem"
    for status, row in (("good", "V\t300101000000Z\t\t%s\tunknown\t/CN=x\n"),
                        ("revoked", "R\t300101000000Z\t250101000000Z,keyCompromise\t%s\tunknown\t/CN=x\n")):
        with open(folder + "/index", "w") as f:
            f.write(row % serial)
        made = tls.openssl("ocsp", "-index", folder + "/index", "-CA", cert, "-rsigner", cert, "-rkey", key, "-issuer", cert,
                           "-cert", cert, "-respout", folder + "/staple", "-ndays", "1")
        with Openssl("-cert", cert, "-key", key, "-status_file", folder + "/staple") as s, wedge(folder, s.port) as w:
            for port, trust in ((s.port, cert), (w.port, ca)):
                said = s_client(port, "-status", ca=trust)
                rig.check("OCSP, %s: s_client -status, %s" % (status, "directly" if port == s.port else "through wedge"),
                          "Cert Status: " + status in said, made.stderr[-200:] + said[-300:])
            r = subprocess.run(["curl", "-sS", "-m", "20", "--cacert", ca, "--cert-status", "--resolve",
                                "%s:%d:127.0.0.1" % (NAME, w.port), "https://%s:%d/" % (NAME, w.port), "-o", "/dev/null"],
                               capture_output=True, text=True, timeout=30)
            rig.check("OCSP, %s: curl --cert-status" % status, (r.returncode == 0) == (status == "good") and
                      (status == "good" or "revocation reason" in r.stderr), r.stderr)
            rig.check("OCSP: who doesn't ask gets none", "OCSP response" not in s_client(w.port, ca=ca))
    with Openssl("-cert", cert, "-key", key) as s, wedge(folder, s.port) as w:
        rig.check("OCSP: a server that has none", "OCSP response: no response sent" in s_client(w.port, "-status", ca=ca))


def alpn(folder, cert, key):
    far = rig.listener()
    with wedge(folder, far.getsockname()[1], "--tls-alpn", "h2,http/1.1", mode="terminate") as w:
        for offer, words in (("http/1.1,h2", "ALPN protocol: h2"), ("http/1.1", "ALPN protocol: http/1.1"),
                             ("spdy", "no application protocol"), (None, "No ALPN negotiated")):
            said = s_client(w.port, *(("-alpn", offer) if offer else ()), ca=folder + "/ca/ca.pem")
            rig.check("terminate, --tls-alpn h2,http/1.1: a client that offers %s" % offer, words in said, said[-400:])
    far.close()
    with Openssl("-cert", cert, "-key", key, "-alpn", "http/1.1") as s:
        with wedge(folder, s.port, "--tls-alpn", "h2,http/1.1", "--journal", folder + "/journal", mode="originate") as w:
            sock = rig.connect(w.port)
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            rig.read_to_end(sock)
            sock.close()
        with open(folder + "/journal") as f:
            said = [line for line in f if '"event":"tls"' in line]
        rig.check("originate, --tls-alpn: s_server has chosen http/1.1", said and '"alpn":"http/1.1"' in said[0], repr(said))


with tempfile.TemporaryDirectory() as folder:
    cert, key = tls.make_certificate(folder, NAME)
    rsa = folder + "/rsa.pem", folder + "/rsa.key"
    tls.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", rsa[1], "-out", rsa[0], "-days", "30", "-subj",
                "/CN=" + NAME, "-addext", "subjectAltName=DNS:" + NAME)
    client = tls.make_certificate(folder, "somebody")
    hellos(folder)
    agreed(folder, rsa)
    later(folder, cert, key, client)
    stapled(folder, rsa)
    alpn(folder, cert, key)
rig.finish()
