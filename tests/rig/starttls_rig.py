"""Servers that begin in clear text and upgrade to TLS, as small as a client needs: one for each word of --tls-start. Each
answers one line or packet over TLS with an echo, so that what came through can be seen."""
import re
import socket
import ssl
import struct
import threading

SSL_REQUEST = struct.pack("!II", 8, 80877103)
LDAP_DONE = bytes.fromhex("300c02010178070a010004000400") # ExtendedResponse 1, success
LDAP_NO = bytes.fromhex("300c02010178070a010204000400") # protocolError


def read_line(sock):
    """One byte at a time: what follows the line belongs to TLS."""
    got = b""
    while not got.endswith(b"\n"):
        c = sock.recv(1)
        if not c:
            raise EOFError
        got += c
    return got


def read_exactly(sock, n):
    got = b""
    while len(got) < n:
        piece = sock.recv(n - len(got))
        if not piece:
            raise EOFError
        got += piece
    return got


def lines(greeting, answers):
    """A protocol of lines: answers are (word, answer, is the upgrade); {tag} is the request's first word."""
    def begin(sock, refuse):
        sock.sendall(greeting)
        while True:
            line = read_line(sock).decode()
            tag = line.split(" ")[0].strip()
            for word, answer, upgrade in answers:
                if re.match(r"(%s )?%s\s" % (re.escape(tag), word), line, re.I):
                    break
            else:
                answer, upgrade = "500 what?\r\n", False
            if upgrade and refuse:
                answer, upgrade = refuse, False
            sock.sendall(answer.format(tag=tag).encode())
            if upgrade:
                return True
    return begin


def postgres(sock, refuse):
    assert read_exactly(sock, 8) == SSL_REQUEST
    sock.sendall(b"N" if refuse else b"S")
    return not refuse


MYSQL_GREETING = (b"\x0a5.5.5-test\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", 0xffff) + b"\x21" +
                  struct.pack("<HH", 2, 0xffff) + b"\x15" + b"\0" * 10 + b"123456789012\0mysql_native_password\0")


def mysql(sock, refuse):
    sock.sendall(struct.pack("<I", len(MYSQL_GREETING))[:3] + b"\0" + MYSQL_GREETING)
    head = read_exactly(sock, 4)
    flags = read_exactly(sock, head[0])
    return bool(struct.unpack("<I", flags[:4])[0] & 0x800)


def ldap(sock, refuse):
    head = read_exactly(sock, 2)
    assert b"1.3.6.1.4.1.1466.20037" in read_exactly(sock, head[1])
    sock.sendall(LDAP_NO if refuse else LDAP_DONE)
    return not refuse


def xmpp(sock, refuse):
    while b"<stream:stream" not in sock.recv(4096):
        pass
    sock.sendall(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                 b"from='x' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
                 b"</stream:features>")
    while b"starttls" not in sock.recv(4096):
        pass
    sock.sendall(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" if refuse else
                 b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    return not refuse


SMTP = lines(b"220 test ESMTP\r\n", [("EHLO", "250-test\r\n250-PIPELINING\r\n250 STARTTLS\r\n", False),
                                    ("STARTTLS", "220 ready\r\n", True), ("NOOP", "250 ok\r\n", False)])
BEGINNINGS = {
    "smtp": SMTP,
    "imap": lines(b"* OK ready\r\n", [("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n", False),
                                      ("STARTTLS", "{tag} OK go\r\n", True)]),
    "pop3": lines(b"+OK ready\r\n", [("CAPA", "+OK list\r\nSTLS\r\n.\r\n", False), ("STLS", "+OK go\r\n", True)]),
    "ftp": lines(b"220-a server\r\n of files\r\n220 ready\r\n", [("FEAT", "211-Features\r\n AUTH TLS\r\n211 End\r\n", False),
                                                               ("AUTH TLS", "234 go\r\n", True)]),
    "postgres": postgres,
    "mysql": mysql,
    "ldap": ldap,
    "xmpp": xmpp,
}
REFUSALS = {"smtp": "454 TLS not available\r\n", "imap": "{tag} NO never\r\n", "pop3": "-ERR never\r\n", "ftp": "534 never\r\n",
            "postgres": "N", "ldap": "no", "xmpp": "no"}


class Listener:
    """Takes clients on a port of its own until its socket is closed, each in a thread that runs self._client(socket)."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                sock = self.sock.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._client, args=(sock,), daemon=True).start()


class Server(Listener):
    """Serves one client after the other. What each has said after the beginning is in self.said, over TLS or in clear."""

    def __init__(self, begin, context, refuse=None):
        self.begin, self.context, self.refuse = begin, context, refuse
        self.said = []
        super().__init__()

    def _client(self, sock):
        sock.settimeout(20)
        try:
            if self.begin(sock, self.refuse):
                sock = self.context.wrap_socket(sock, server_side=True)
            while data := sock.recv(4096):
                self.said.append((isinstance(sock, ssl.SSLSocket), data))
                sock.sendall(b"echo " + data)
        except (OSError, EOFError, AssertionError) as e:
            self.said.append((None, repr(e)))
        finally:
            sock.close()

    def close(self):
        self.sock.close()
