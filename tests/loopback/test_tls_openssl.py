#!/usr/bin/env python3
"""What openssl s_client and s_server can do besides a plain handshake, through every mode: sessions resumed, early data, a
second hello, renegotiation, new keys, chains of certificates longer than a flight; and what a client sees of a server that
is dead, or of a wedge that makes its CA while another one does."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import tls_rig as tls

NAME = "www.example.org"
REQUEST = "GET / HTTP/1.0\r\n\r\n"
MODES = ("passthrough", "intercept")


class Server:
    """openssl s_server; with -www it answers with what it has agreed on."""

    def __init__(self, cert, *args):
        self.port = rig.free_port()
        self.p = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port, "-cert", cert[0], "-key",
                                   cert[1], *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.text = ""
        for line in self.p.stdout:
            if "ACCEPT" in line:
                break
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()
        self.reader.join()
        self.p.stdin.close()
        self.p.stdout.close()

    def _read(self):
        for line in self.p.stdout:
            self.text += line


def wedge(mode, port, folder, *args):
    ca = ("--tls-ca", folder + "/ca") if mode in ("terminate", "intercept") else ()
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, *ca, *args)


def s_client(port, *args, say=REQUEST, before=(), last=0.4):
    """All that it prints; each of before is typed on its own, the end of input comes later."""
    p = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", NAME, *args],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = []
    reader = threading.Thread(target=lambda: out.append(p.stdout.read()), daemon=True)
    reader.start()
    for text in (*before, say):
        time.sleep(0.3)
        try:
            p.stdin.write(text.encode())
            p.stdin.flush()
        except BrokenPipeError:
            break
    time.sleep(last)
    try:
        p.stdin.close()
    except BrokenPipeError:
        pass
    try:
        p.wait(10)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
    reader.join()
    p.stdout.close()
    return out[0].decode(errors="replace")


def resumed(folder, cert):
    """Passed through, a session is the server's own; where wedge speaks TLS it is paired with the server's (test_tls_resume)."""
    for version in ("1_2", "1_3"):
        with Server(cert, "-www", "-tls" + version) as s:
            for mode in MODES:
                with wedge(mode, s.port, folder) as w:
                    kept = os.path.join(folder, "session-%s-%s" % (mode, version))
                    s_client(w.port, "-tls" + version, "-sess_out", kept, "-ign_eof")
                    have = os.path.exists(kept)
                    text = s_client(w.port, "-tls" + version, *(("-sess_in", kept) if have else ()), "-ign_eof")
                    rig.check("%s, TLS %s: a session is resumed" % (mode, version.replace("_", ".")),
                              text.count("\nReused, ") == 2 and "HTTP/1.0 200" in text) # the client's word and the server's


def early_data(folder, cert):
    """A client whose session is the server's own tries 0-RTT."""
    kept, early = os.path.join(folder, "early-session"), os.path.join(folder, "early")
    with open(early, "w") as f:
        f.write("said early\n")
    for mode, said in (("passthrough", "accepted"), ("intercept", "rejected")):
        with Server(cert, "-tls1_3", "-early_data") as s, wedge(mode, s.port, folder) as w:
            s_client(s.port, "-tls1_3", "-sess_out", kept)
            text = s_client(w.port, "-tls1_3", "-sess_in", kept, "-early_data", early, say="said later\n")
            rig.check("%s: early data is %s, and the connection goes on" % (mode, said), "Early data was " + said in text and
                      ("said early" in s.text) == (said == "accepted") and "said later" in s.text)


def second_hello(folder, cert):
    with Server(cert, "-www", "-tls1_3", "-groups", "P-384") as s:
        for mode in MODES:
            with wedge(mode, s.port, folder) as w:
                text = s_client(w.port, "-tls1_3", "-groups", "X25519:P-384", "-ign_eof", "-msg")
                hellos = len(re.findall(r">>> .*ClientHello", text))
                rig.check("%s: a server that asks for another hello" % mode, "HTTP/1.0 200" in text and
                          hellos == (2 if mode in ("passthrough", "intercept") else 1), "%d hellos" % hellos)


def renegotiated(folder, cert):
    for mode in MODES:
        with Server(cert, "-tls1_2", "-client_renegotiation") as s, wedge(mode, s.port, folder) as w:
            text = s_client(w.port, "-tls1_2", before=("R\n",), say="said later\n")
            again = text.split("RENEGOTIATING")[-1]
            if mode == "passthrough":
                rig.check("passthrough: renegotiation passes", "depth=0" in again and "said later" in s.text, again[-60:].strip())
            else:
                rig.check("intercept: renegotiation is refused, by an alert", "no renegotiation" in again, again[-60:].strip())


def new_keys(folder, cert):
    for mode in MODES:
        with Server(cert, "-tls1_3") as s, wedge(mode, s.port, folder) as w:
            text = s_client(w.port, "-tls1_3", before=("K\n",), say="said later\n")
            rig.check(mode + ": new keys, and bytes under them", "KEYUPDATE" in text and "said later" in s.text, text[-60:].strip())


def long_chain(folder, cert):
    """300 certificates, some 120 KB: more than a flight, more than OpenSSL's own limit of 100 KB."""
    with open(cert[0]) as f:
        one = f.read()
    chain = os.path.join(folder, "chain.pem")
    with open(chain, "w") as f:
        f.write(one * 300)
    for version in ("1_2", "1_3"):
        with Server(cert, "-www", "-cert_chain", chain, "-tls" + version) as s, wedge("intercept", s.port, folder) as w:
            text = s_client(w.port, "-tls" + version, "-ign_eof")
            rig.check("intercept, TLS %s: a server with 300 certificates" % version.replace("_", "."), "HTTP/1.0 200" in text,
                      w.sessions()[-1:])
    for version in ("1_2", "1_3"):
        server = rig.listener()
        with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--tls", "terminate", "--tls-cert", chain, "--tls-key",
                       cert[1]) as w:
            box = []
            t = threading.Thread(target=lambda: box.append(s_client(w.port, "-tls" + version, "-showcerts", say="")))
            t.start()
            rig.accept(server)
            t.join()
            said = box[0]
            rig.check("terminate, TLS %s: wedge shows 300, and the client's own limit is met" % version.replace("_", "."),
                      "excessive message size" in said or said.count("BEGIN CERTIFICATE") == 301, said[:200])
        server.close()


def dead_servers(folder):
    """As without wedge: refused is RST; a server that accepts and is silent is silence, until the client gives up."""
    with rig.Proxy("127.0.0.1:%d" % rig.free_port(), "--tls", "intercept", "--tls-ca", folder + "/ca") as w:
        text = s_client(w.port, say="")
        rig.check("a server that refuses: the client is reset", "errno=104" in text or "reset" in text, text[-200:])
    silent = rig.listener()
    for mode, give_up, end in (("intercept", socket.socket.close, "FIN"), ("intercept", rig.reset, "RST"),
                               ("originate", rig.reset, "RST")):
        with wedge(mode, silent.getsockname()[1], folder) as w:
            client = rig.connect(w.port)
            server = rig.accept(silent)
            if mode == "intercept":
                client.settimeout(0.5)
                try:
                    tls.Tls(client, tls.client_context(), name=NAME).handshake()
                    said = "answered"
                except socket.timeout:
                    said = "silence"
                rig.check("a server that is silent: no answer to the hello", said == "silence", said)
            rig.check(mode + ": it got a hello", server.recv(1) == b"\x16")
            give_up(client)
            server.settimeout(5)
            _, how = rig.read_to_end(server)
            rig.check("%s: the client gives up with %s, and the server sees it" % (mode, end), how == end, how)
            server.close()
    silent.close()


def one_ca(folder):
    """Eight that start at once and have no CA yet make one."""
    ca = os.path.join(folder, "new", "ca")
    ps = [subprocess.Popen([rig.WEDGE, "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--tls", "terminate",
                            "--tls-ca", ca], stderr=subprocess.PIPE, text=True) for _ in range(8)]
    said = [p.stderr.readline() for p in ps]
    for p in ps:
        p.terminate()
        p.wait(10)
        p.stderr.close()
    rig.check("eight wedges that start at once", all("listening" in s for s in said), said)
    rig.check("make one CA, its key readable by nobody else", sorted(os.listdir(ca)) == ["ca.key", "ca.pem"] and
              os.stat(ca + "/ca.key").st_mode & 0o777 == 0o600, os.listdir(ca))
    pair = [tls.openssl(*a).stdout for a in (("x509", "-in", ca + "/ca.pem", "-noout", "-pubkey"),
                                             ("pkey", "-in", ca + "/ca.key", "-pubout"))]
    rig.check("whose key and certificate belong together", pair[0] == pair[1] and pair[0], pair)


with tempfile.TemporaryDirectory() as folder:
    cert = tls.make_certificate(folder, "upstream.test")
    resumed(folder, cert)
    early_data(folder, cert)
    second_hello(folder, cert)
    renegotiated(folder, cert)
    new_keys(folder, cert)
    long_chain(folder, cert)
    dead_servers(folder)
    one_ca(folder)
rig.finish()
