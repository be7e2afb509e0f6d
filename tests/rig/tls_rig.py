"""What the loopback tests of TLS share: certificates made by openssl(1), and one end of a TLS connection over a
socket whose every step is in the test's hands: close_notify without FIN, FIN without close_notify."""
import os
import select
import socket
import ssl
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import proxy_rig as rig

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def openssl(*args, **more):
    return subprocess.run(["openssl", *args], capture_output=True, text=True, timeout=60, **more)


def make_certificate(folder, name, *more):
    """(certificate, key) of a self-signed server, which is its own authority."""
    cert, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    r = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                "-out", cert, "-days", "30", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:%s,IP:127.0.0.1" % name,
                *more)
    if r.returncode:
        raise SystemExit("openssl req: " + r.stderr)
    return cert, key


def server_context(cert, key, version=None, alpn=()):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(cert, key)
    return limited(c, version, alpn)


def client_context(ca=None, version=None, alpn=()):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        c.load_verify_locations(ca)
    else:
        c.check_hostname = False
        c.verify_mode = ssl.CERT_NONE
    return limited(c, version, alpn)


def client_hello(name):
    """A ClientHello for that server, as openssl writes it, in a record."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        client_context().wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def limited(c, version, alpn):
    c.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0) # a FIN alone doesn't keep this end from going on
    if version:
        c.minimum_version = c.maximum_version = VERSIONS[version]
    if alpn:
        c.set_alpn_protocols(list(alpn))
    return c


class Tls:
    """One end, blocking; the same calls as Plain."""

    def __init__(self, sock, context, server=False, name=None):
        self.sock = sock
        self.inside, self.outside = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self.inside, self.outside, server_side=server, server_hostname=name)
        self.fin = False

    def _flush(self):
        data = self.outside.read()
        if data:
            self.sock.sendall(data)

    def _do(self, call, *args):
        while True:
            try:
                value = call(*args)
                self._flush()
                return value
            except ssl.SSLWantReadError:
                self._flush()
                data = self.sock.recv(65536)
                if data:
                    self.inside.write(data)
                else:
                    self.fin = True
                    self.inside.write_eof()
            except ssl.SSLError:
                self._flush() # the alert
                raise

    def handshake(self):
        self._do(self.ssl.do_handshake)
        return self

    def send(self, data):
        view = memoryview(data)
        while view:
            view = view[self._do(self.ssl.write, view[:65536]):]

    def recv(self, n):
        """b"" at the peer's end, whichever it is."""
        try:
            return self._do(self.ssl.read, n)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def exchange(self, data):
        """Sends all of data while it reads as much; returns what it has read."""
        view, got, want, pending = memoryview(data), bytearray(), len(data), b""
        self.sock.setblocking(False)
        while view or pending or len(got) < want:
            if view and not pending:
                try:
                    view = view[self.ssl.write(view[:65536]):]
                except ssl.SSLWantReadError:
                    pass
            pending += self.outside.read()
            readable, writable, _ = select.select([self.sock], [self.sock] if pending else [], [], 20)
            if writable:
                pending = pending[self.sock.send(pending):]
            if readable:
                self.inside.write(self.sock.recv(1 << 18))
                try:
                    while piece := self.ssl.read(65536):
                        got += piece
                except ssl.SSLWantReadError:
                    pass
            if not readable and not writable:
                break
        self.sock.settimeout(20)
        return bytes(got)

    def goodbye(self):
        """close_notify, and nothing else."""
        try:
            self.ssl.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._flush()

    def send_fin(self):
        self.sock.shutdown(socket.SHUT_WR)

    def end(self):
        self.goodbye()
        self.send_fin()

    def read_to_end(self):
        """(bytes, "close_notify", "FIN" or "RST")"""
        got = bytearray()
        try:
            while True:
                piece = self.recv(65536)
                if not piece:
                    return bytes(got), "FIN" if self.fin else "close_notify"
                got += piece
        except ConnectionResetError:
            return bytes(got), "RST"
        except socket.timeout:
            return bytes(got), "nothing"

    def close(self):
        self.sock.close()


class Plain:
    """The same in clear text."""

    def __init__(self, sock):
        self.sock = sock

    def handshake(self):
        return self

    def send(self, data):
        self.sock.sendall(data)

    def recv(self, n):
        return self.sock.recv(n)

    def exchange(self, data):
        view, got, want = memoryview(data), bytearray(), len(data)
        while view or len(got) < want:
            readable, writable, _ = select.select([self.sock], [self.sock] if view else [], [], 20)
            if writable:
                view = view[self.sock.send(view[:65536], socket.MSG_DONTWAIT):]
            if readable:
                got += self.sock.recv(1 << 18)
            if not readable and not writable:
                break
        return bytes(got)

    def send_fin(self):
        self.sock.shutdown(socket.SHUT_WR)

    end = send_fin

    def read_to_end(self):
        return rig.read_to_end(self.sock)

    def close(self):
        self.sock.close()
