"""A wedge in a mode of TLS before a server that does its handshake where it is asked to, and what tests do with it."""
import os
import ssl
import threading

import proxy_rig as rig
import tls_rig as tls

NAME = "www.example.org"


class Bench:
    """A wedge before a server that accepts, and does the handshake where it is asked to."""

    def __init__(self, mode, folder, *args):
        self.ca = os.path.join(folder, "ca")
        self.listener = rig.listener()
        if mode in ("terminate", "intercept"):
            args += ("--tls-ca", self.ca)
        self.w = rig.Proxy("127.0.0.1:%d" % self.listener.getsockname()[1], "--tls", mode, *args)
        self.n = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.w.__exit__(*exc)
        self.listener.close()

    def open(self, context=None):
        """The client's end and the server's socket; the handshakes aren't begun."""
        self.n += 1
        client = rig.connect(self.w.port)
        server = rig.accept(self.listener)
        return tls.Tls(client, context or tls.client_context(self.ca + "/ca.pem"), name=NAME), server

    def line(self):
        rig.wait_for(lambda: len(self.w.sessions()) >= self.n)
        return self.w.sessions()[-1].split(" s, ")[-1] if len(self.w.sessions()) >= self.n else "no line"


def background(call, *args):
    """Runs it aside; its exception is its result."""
    box = []

    def run():
        try:
            box.append(call(*args))
        except (OSError, ssl.SSLError) as e:
            box.append(e)

    t = threading.Thread(target=run, daemon=True)
    t.start()
    return lambda: (t.join(20), box[0] if box else "still waiting")[1]


def failed(call):
    """The words of the exception, or what came instead."""
    try:
        return repr(call())
    except ssl.SSLCertVerificationError as e:
        return "verify %d" % e.verify_code
    except (OSError, ssl.SSLError) as e:
        return str(e)


def serve(sock, cert, **more):
    return tls.Tls(sock, tls.server_context(*cert, **more), server=True).handshake()
