#!/usr/bin/env python3
"""An upgrade to TLS that one end knows nothing of. In terminate wedge announces it and agrees to it in the name of a server in
clear text; in originate it asks a server for it in the name of a client in clear text. By openssl s_client and curl, and by
sockets for what no client does: pieces, pipelined requests, refusals, clients that never upgrade."""
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import starttls_rig as starttls
import tls_rig as tls

NAME = "localhost"

# Servers that know no TLS: what each word is answered with, and nothing is an upgrade.
CLEAR = {
    "smtp": ("220 test ESMTP\r\n", [("EHLO", "250-test\r\n250-PIPELINING\r\n250 HELP\r\n"), ("HELO", "250 test\r\n"),
                                    ("MAIL|RCPT|RSET|NOOP", "250 ok\r\n"), ("DATA", "354 go\r\n"), (r"\.", "250 kept\r\n"),
                                    ("QUIT", "221 bye\r\n")]),
    "imap": ("* OK [CAPABILITY IMAP4rev1 ID] ready\r\n",
             [("CAPABILITY", "* CAPABILITY IMAP4rev1 ID\r\n{tag} OK done\r\n"), ("LOGIN", "{tag} OK in\r\n"),
              ("LIST", "* LIST () \"/\" inbox\r\n{tag} OK listed\r\n"), ("LOGOUT", "* BYE\r\n{tag} OK out\r\n")]),
    "pop3": ("+OK ready\r\n", [("CAPA", "+OK list\r\nUSER\r\n.\r\n"), ("USER|PASS|QUIT", "+OK\r\n"),
                               ("LIST", "+OK\r\n1 100\r\n.\r\n")]),
    "ftp": ("220-a server\r\n of files\r\n220 ready\r\n", [("FEAT", "211-Features\r\n SIZE\r\n211 End\r\n"), ("USER", "331 word\r\n"),
                                                           ("PASS", "230 in\r\n"), ("PWD", "257 \"/\"\r\n"), ("QUIT", "221 bye\r\n")]),
}
LIST = {"smtp": (b"EHLO x\r\n", b"250-test\r\n250-PIPELINING\r\n250-HELP\r\n250 STARTTLS\r\n"),
        "imap": (b"a CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 ID STARTTLS\r\na OK done\r\n"),
        "pop3": (b"CAPA\r\n", b"+OK list\r\nUSER\r\nSTLS\r\n.\r\n"),
        "ftp": (b"FEAT\r\n", b"211-Features\r\n SIZE\r\n AUTH TLS\r\n211 End\r\n")}
ASK = {"smtp": (b"STARTTLS\r\n", b"220 "), "imap": (b"b STARTTLS\r\n", b"b OK "), "pop3": (b"STLS\r\n", b"+OK "),
       "ftp": (b"AUTH TLS\r\n", b"234 "), "postgres": (starttls.SSL_REQUEST, b"S"),
       "ldap": (bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037", starttls.LDAP_DONE)}


class Clear(starttls.Listener):
    """A server of lines in clear text; all that it has heard is in self.heard. It says each answer in pieces of so many bytes."""

    def __init__(self, protocol, piece=4096, greeting=None, answers=None):
        self.greeting = CLEAR[protocol][0] if greeting is None and protocol in CLEAR else greeting or ""
        self.answers = [(w, a, False) for w, a in (CLEAR[protocol][1] if protocol in CLEAR else [])] if answers is None else answers
        self.piece, self.heard = piece, b""
        super().__init__()

    def sendall(self, data):
        for i in range(0, len(data), self.piece):
            self.conn.sendall(data[i:i + self.piece])
            if self.piece < 100:
                rig.wait_for(lambda: False, 0.003) # so that pieces arrive as pieces

    def recv(self, n):
        data = self.conn.recv(n)
        self.heard += data
        return data

    def _client(self, sock):
        sock.settimeout(20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.conn = sock
        try:
            if self.answers:
                starttls.lines(self.greeting.encode(), self.answers)(self, None)
            while data := self.recv(4096):
                self.sendall(b"echo " + data)
        except (OSError, EOFError):
            pass
        sock.close()

    def close(self):
        self.sock.close()


def wedge(folder, mode, start, port, *args):
    ca = ("--tls-ca", folder + "/ca") if mode == "terminate" else ()
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, "--tls-start", start, *ca, *args)


def read_until(sock, until, got=b""):
    while not got.endswith(until):
        piece = sock.recv(4096)
        if not piece:
            break
        got += piece
    return got


def upgrade(w, folder, protocol):
    """A connection in TLS behind the upgrade, and what was said before."""
    sock = rig.connect(w.port)
    sock.settimeout(10)
    said = b""
    if protocol in LIST:
        said = read_until(sock, b"ready\r\n" if protocol != "smtp" else b"ESMTP\r\n")
        sock.sendall(LIST[protocol][0])
        said = read_until(sock, LIST[protocol][1][-10:])
    sock.sendall(ASK[protocol][0])
    answer = read_until(sock, b"\n") if protocol in LIST else sock.recv(100)
    conn = tls.Tls(sock, tls.client_context(folder + "/ca/ca.pem"), name=NAME).handshake()
    return conn, said, answer


def terminated(folder):
    for protocol in ASK:
        for start in (protocol, "auto"):
            server = Clear(protocol, piece=3 if start == "auto" else 4096)
            with wedge(folder, "terminate", start, server.port) as w:
                conn, said, answer = upgrade(w, folder, protocol)
                if protocol in LIST:
                    rig.check("%s, %s: the server's list names the upgrade" % (protocol, start), said == LIST[protocol][1], said)
                rig.check("%s, %s: the upgrade is agreed to" % (protocol, start), answer.startswith(ASK[protocol][1]), answer)
                word = b"ehlo y\r\n" if protocol == "smtp" else b"hello\r\n"
                conn.send(word)
                got = conn.recv(100)
                rig.check("%s, %s: the server hears in clear text what TLS had, and nothing of the upgrade" % (protocol, start),
                          server.heard == (LIST[protocol][0] if protocol in LIST else b"") + word and got, server.heard)
                conn.close()
            server.close()


def run(argv, words=b""):
    r = subprocess.run(argv, input=words, capture_output=True, timeout=30)
    return (r.stdout + r.stderr).decode(errors="replace"), r.returncode


def by_programs(folder):
    """openssl s_client -starttls and curl, to servers without TLS."""
    urls = {"imap": "imap://%s:143/", "pop3": "pop3://%s:110/", "ftp": "ftp://%s:21/"}
    for protocol in ASK:
        server = Clear(protocol)
        with wedge(folder, "terminate", protocol, server.port) as w:
            said, _ = run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % w.port, "-starttls", protocol, "-servername", NAME,
                           "-CAfile", folder + "/ca/ca.pem", "-verify_return_error"], b"QUIT\r\n")
            rig.check("terminate: s_client -starttls %s trusts it" % protocol, "Verify return code: 0 (ok)" in said and
                      "Didn't find STARTTLS" not in said, repr(said[-300:]))
            if protocol in urls:
                server.heard = b""
                said, status = run(["curl", "-sSv", "-m", "10", "--cacert", folder + "/ca/ca.pem", "--connect-to",
                                    "%s::127.0.0.1:%d" % (NAME, w.port), "-u", "user:word", urls[protocol] % NAME] +
                                   (["--ftp-ssl-control", "-I"] if protocol == "ftp" else ["--ssl-reqd"]))
                rig.check("terminate: curl %s logs in, in TLS with wedge and in clear text with the server" % protocol,
                          status == 0 and "SSL connection using" in said and b"word" in server.heard and not
                          any(x in server.heard for x in (b"STARTTLS", b"STLS", b"AUTH")), repr((status, server.heard, said[-600:])))
        server.close()


def never(folder):
    """Clients that never upgrade, each word in one piece and byte by byte."""
    for protocol, words in (("smtp", b"EHLO x\r\nMAIL FROM:<STARTTLS>\r\nSTARTTLS x\r\nBDAT 10\r\nSTARTTLS\r\nQUIT\r\n"),
                            ("imap", b"a LOGIN {10}\r\nb STARTTLS\r\nc LOGOUT\r\n"), ("pop3", b"USER x\r\nSTLSX\r\nQUIT\r\n"),
                            ("ftp", b"USER x\r\nAUTH KERBEROS\r\n" + b"x" * 5000 + b" AUTH TLS\r\nQUIT\r\n"),
                            ("postgres", bytes.fromhex("0000000f00030000") + b"user\0x\0more")):
        for step in (1, 4096):
            if step == 1 and len(words) > 1000:
                continue
            server = Clear(protocol, answers=[], greeting="")
            with wedge(folder, "terminate", protocol, server.port) as w:
                sock = rig.connect(w.port)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if protocol == "imap": # the literal is one: its server has agreed
                    words = b"a LOGIN {12}\r\nb STARTTLS\r\n\r\nc LOGOUT\r\n"
                for i in range(0, len(words), step):
                    sock.sendall(words[i:i + step])
                rig.wait_for(lambda: len(server.heard) >= len(words))
                rig.check("%s, a client that never upgrades, %d bytes at once: the server hears every byte" % (protocol, step),
                          server.heard == words, server.heard)
                sock.close()
            server.close()


def injected(folder):
    """What is pipelined behind the request in clear text is neither heard by the server nor answered."""
    for protocol in ("smtp", "imap", "pop3", "ftp", "postgres"):
        server = Clear(protocol)
        with wedge(folder, "terminate", protocol, server.port) as w:
            sock = rig.connect(w.port)
            sock.settimeout(10)
            if protocol != "postgres":
                read_until(sock, b"\n")
            sock.sendall(ASK[protocol][0] + b"EVIL\r\nNOOP\r\n")
            try:
                conn = tls.Tls(sock, tls.client_context(folder + "/ca/ca.pem"), name=NAME).handshake()
                conn.send(b"hello\r\n")
                conn.recv(100)
            except OSError:
                pass
            sock.close()
            rig.wait_for(lambda: w.sessions())
            rig.check(protocol + ": nothing that is pipelined behind the request reaches the server", b"EVIL" not in server.heard and
                      b"NOOP" not in server.heard, server.heard)
        server.close()
    # Requests before it are answered first, in their order.
    server = Clear("smtp")
    with wedge(folder, "terminate", "smtp", server.port) as w:
        sock = rig.connect(w.port)
        sock.settimeout(10)
        sock.sendall(b"RSET\r\nNOOP\r\nstarttls \r\n")
        got = read_until(sock, b"TLS\r\n")
        rig.check("pipelined before it: the answers keep their order", got.startswith(
            b"220 test ESMTP\r\n250 ok\r\n250 ok\r\n220 2.0.0 "), got)
        sock.close()
    server.close()


def lists(folder):
    """Lists of other shapes, and servers that have none."""
    for protocol, ask, answer, seen in (
            ("smtp", b"EHLO x\r\n", "250 test\r\n", b"250-test\r\n250 STARTTLS\r\n"),
            ("smtp", b"EHLO x\r\n", "250-test\r\n250 STARTTLS\r\n", b"250-test\r\n250 STARTTLS\r\n"),
            ("smtp", b"EHLO x\r\n", "502 what\r\n", b"502 what\r\n"), ("smtp", b"HELO x\r\n", "250 test\r\n", b"250 test\r\n"),
            ("pop3", b"CAPA\r\n", "-ERR what\r\n", b"+OK\r\nSTLS\r\n.\r\n"), ("pop3", b"RETR 1\r\n", "+OK\r\nX\r\n.\r\n", b"+OK\r\nX\r\n.\r\n"),
            ("ftp", b"FEAT\r\n", "500 what\r\n", b"211-Features:\r\n AUTH TLS\r\n211 End\r\n"),
            ("ftp", b"SYST\r\n", "500 what\r\n", b"500 what\r\n"),
            ("imap", b"a CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK\r\n"),
            ("imap", b"a FETCH\r\n", "* 1 FETCH {{19}}\r\n* CAPABILITY FALSE\r\n)\r\na OK\r\n",
             b"* 1 FETCH {19}\r\n* CAPABILITY FALSE\r\n)\r\na OK\r\n")):
        server = Clear(protocol, answers=[(ask.decode().split()[-1 if protocol == "imap" else 0], answer, False)])
        with wedge(folder, "terminate", protocol, server.port) as w:
            sock = rig.connect(w.port)
            sock.settimeout(10)
            read_until(sock, b"\n" if protocol != "ftp" else b"220 ready\r\n")
            sock.sendall(ask)
            got = read_until(sock, seen[-8:])
            rig.check("%s: %r is heard as %r" % (protocol, answer, seen), got == seen, got)
            sock.close()
        server.close()


def originated(folder, context, cert):
    first = {"smtp": b"220 test ESMTP\r\n", "imap": b"* OK ready\r\n", "pop3": b"+OK ready\r\n",
             "ftp": b"220-a server\r\n of files\r\n220 ready\r\n", "postgres": b"", "ldap": b""}
    for protocol, greeting in first.items():
        server = starttls.Server(starttls.BEGINNINGS[protocol], context)
        for start in (protocol, "auto") if greeting else (protocol,):
            with wedge(folder, "originate", start, server.port, "--tls-verify", cert) as w:
                del server.said[:]
                sock = rig.connect(w.port)
                sock.settimeout(10)
                got = read_until(sock, greeting) if greeting else b""
                sock.sendall(b"hello, you\r\n")
                echo = sock.recv(100)
                rig.check("%s, %s: the client's clear text is TLS at the server" % (protocol, start), got == greeting and
                          echo == b"echo hello, you\r\n" and server.said == [(True, b"hello, you\r\n")], repr((got, echo, server.said)))
                sock.close()
        server.close()
    for protocol, words in (("smtp", "454"), ("imap", "wedge1 NO"), ("pop3", "-ERR"), ("ftp", "534"), ("postgres", "N"), ("ldap", "")):
        server = starttls.Server(starttls.BEGINNINGS[protocol], context, starttls.REFUSALS[protocol] if protocol != "ldap" else "no")
        with wedge(folder, "originate", protocol, server.port) as w:
            try:
                with rig.connect(w.port) as sock:
                    sock.settimeout(10)
                    got = sock.recv(100)
            except ConnectionResetError:
                got = "RST"
            line = rig.wait_for(lambda: [l for l in w.lines if "server: it refused the upgrade to TLS" in l and words in l])
            rig.check(protocol + ": a refusal ends the session with RST, and its line says why", got == "RST" and line,
                      repr((got, w.lines)))
        server.close()


def hidden(folder, context):
    """A list in IMAP's greeting isn't the one behind the upgrade; PostgreSQL's client is told that there is no TLS."""
    imap = starttls.lines(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n", [("STARTTLS", "* x\r\n{tag} OK go\r\n", True)])
    server = starttls.Server(imap, context)
    with wedge(folder, "originate", "imap", server.port) as w:
        sock = rig.connect(w.port)
        sock.settimeout(10)
        got = read_until(sock, b"\n")
        rig.check("imap: the greeting comes without its list", got == b"* OK ready\r\n", got)
        sock.close()
    server.close()
    server = starttls.Server(starttls.postgres, context)
    with wedge(folder, "originate", "postgres", server.port) as w:
        sock = rig.connect(w.port)
        sock.settimeout(10)
        sock.sendall(bytes.fromhex("0000000804d21630"))
        got = sock.recv(10)
        sock.sendall(starttls.SSL_REQUEST[:3])
        sock.sendall(starttls.SSL_REQUEST[3:])
        got += sock.recv(10)
        sock.sendall(b"\0\0\0\x09\0\3\0\0x")
        got += sock.recv(100)
        rig.check("postgres: neither GSSAPI nor TLS for the client, and then its login", got == b"NNecho \0\0\0\x09\0\3\0\0x", got)
        sock.close()
    server.close()


def told(folder):
    """Within a second, what the server is waited for."""
    silent = rig.listener()
    for start, words in (("smtp", "waits for the server's greeting"), ("postgres", "waits for the server's answer to its request"),
                         ("auto", "waits for the first words of either end")):
        with wedge(folder, "originate", start, silent.getsockname()[1]) as w:
            sock = rig.connect(w.port)
            far = silent.accept()[0]
            line = rig.wait_for(lambda: [l for l in w.lines if "--tls-start %s %s" % (start, words) in l], 3)
            rig.check("originate, %s: a line says within a second what is waited for" % start, line, w.lines)
            far.close()
            sock.close()
    silent.close()


with tempfile.TemporaryDirectory() as folder:
    cert, key = tls.make_certificate(folder, NAME)
    context = tls.server_context(cert, key)
    terminated(folder)
    by_programs(folder)
    never(folder)
    injected(folder)
    lists(folder)
    originated(folder, context, cert)
    hidden(folder, context)
    told(folder)
rig.finish()
