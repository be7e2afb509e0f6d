#!/usr/bin/env python3
"""A session is resumed through intercept exactly where it is resumed directly: by ticket and by id, TLS 1.2 and 1.3, with a
server that takes it, one that has forgotten it and one that gives none; by openssl s_client, curl, gnutls-cli and Python."""
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import tls_rig as tls

NAME = "www.example.org"
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


class Server:
    """openssl s_server, which can be started again on the same port."""

    def __init__(self, cert, *args, port=None):
        self.port = port or rig.free_port()
        self.p = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port, "-quiet", "-www", "-cert", cert[0],
                                   "-key", cert[1], *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        rig.wait_for(lambda: rig.answers(self.port))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()


def wedge(folder, port, *args):
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", "intercept", "--tls-ca", folder + "/ca", *args)


def s_client(port, *args):
    r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", NAME, "-ign_eof", *args],
                       input=REQUEST, capture_output=True, timeout=30)
    return (r.stdout + r.stderr).decode(errors="replace")


def told(text):
    """New or Reused, as the client and as the server (its page) say it, and what the client holds afterwards."""
    words = re.findall(r"(?m)^(New|Reused), (?:TLS|SSL)", text)
    return {"client": words[:1], "server": words[1:2], "answered": "HTTP/1.0 200" in text,
            "ticket": "TLS session ticket:" in text, "id": bool(re.search(r"Session-ID: \w", text)),
            "lifetime": re.findall(r"lifetime hint: (\d+)", text)[:1], "tickets": text.count("Post-Handshake New Session Ticket")}


def twice(folder, port, args, between=lambda: None):
    """What is told of a first connection, and of a second one with the session of the first."""
    kept = os.path.join(folder, "session")
    if os.path.exists(kept):
        os.remove(kept)
    first = told(s_client(port, "-sess_out", kept, *args))
    between()
    again = ("-sess_in", kept) if os.path.exists(kept) else ()
    return first, told(s_client(port, *again, *args))


def by_openssl(folder, cert):
    for server in ([], ["-no_ticket"], ["-no_ticket", "-no_cache"], ["-num_tickets", "0"], ["-num_tickets", "5"], ["-tls1_2"]):
        with Server(cert, *server) as s, wedge(folder, s.port) as w:
            for client in (["-tls1_2"], ["-tls1_2", "-no_ticket"], ["-tls1_3"], []):
                direct, through = (twice(folder, port, client) for port in (s.port, w.port))
                rig.check("s_server %s, s_client %s: %s as directly" % (" ".join(server), " ".join(client),
                                                                        (direct[1]["client"] or ["none"])[0]),
                          direct == through and all(d["answered"] == (server + client != ["-tls1_2", "-tls1_3"]) for d in direct),
                      "%r %r" % (direct, through))


def alone(folder):
    """terminate: its own sessions, for a server in clear text."""
    server = rig.listener()

    def answer():
        while True:
            try:
                sock = server.accept()[0]
            except OSError:
                return
            sock.recv(4096)
            sock.sendall(b"HTTP/1.0 200 ok\r\n\r\n")
            sock.close()
    threading.Thread(target=answer, daemon=True).start()
    server.settimeout(None)
    with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--tls", "terminate", "--tls-ca", folder + "/ca") as w:
        for args, tickets in (([], 2), (["-tls1_2"], 0), (["-tls1_2", "-no_ticket"], 0)):
            first, second = twice(folder, w.port, args)
            rig.check("terminate, s_client %s: resumed" % " ".join(args), first["client"] == ["New"] and second["client"] ==
                      ["Reused"] and second["answered"] and first["tickets"] == tickets, "%r %r" % (first, second))
    server.close()


def forgotten(folder, cert):
    """The server is another one by now, with other keys: both handshakes are whole ones."""
    for client in (["-tls1_2"], ["-tls1_2", "-no_ticket"], ["-tls1_3"]):
        servers = [Server(cert)]
        port = servers[0].port

        def replace():
            servers.pop().__exit__()
            servers.append(Server(cert, port=port))
        with wedge(folder, port) as w:
            first, second = twice(folder, w.port, client, replace)
            rig.check("s_client %s, a server that has forgotten it: a whole handshake" % " ".join(client),
                      first["answered"] and second["answered"] and second["client"] == second["server"] == ["New"], repr(second))
            resumed = twice(folder, w.port, client)[1]
            rig.check("and the session after it is resumed", resumed["client"] == resumed["server"] == ["Reused"], repr(resumed))
        servers.pop().__exit__()
    with Server(cert) as s:
        with wedge(folder, s.port) as w:
            s_client(w.port, "-sess_out", folder + "/other")
        with wedge(folder, s.port) as w:
            said = told(s_client(w.port, "-sess_in", folder + "/other"))
            rig.check("a session of another wedge: a whole handshake", said["answered"] and
                      said["client"] == said["server"] == ["New"], repr(said))


def by_python(folder, cert):
    """Python's clients end without close_notify, which spoils a session in OpenSSL's own cache; a server that speaks at once."""
    for version in ("1.2", "1.3"):
        context = tls.server_context(*cert, version)
        listener = rig.listener()
        reused = []

        def serve():
            while True:
                try:
                    with context.wrap_socket(listener.accept()[0], server_side=True) as conn:
                        reused.append(conn.session_reused)
                        conn.sendall(b"banner")
                        conn.recv(10)
                except ssl.SSLError:
                    pass
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
        with wedge(folder, listener.getsockname()[1]) as w:
            client, session, seen = tls.client_context(version=version), None, []
            for _ in range(4):
                with client.wrap_socket(rig.connect(w.port), server_hostname=NAME, session=session) as conn:
                    got = conn.recv(10)
                    seen.append((got, conn.session_reused))
                    conn.sendall(b"bye")
                    session = conn.session
            rig.check("Python, TLS %s: three of four are resumed on both legs" % version,
                      [s[1] for s in seen] == [False, True, True, True] and {s[0] for s in seen} == {b"banner"} and
                      rig.wait_for(lambda: reused == [False, True, True, True]), "%r %r" % (seen, reused))
        listener.shutdown(2)
        listener.close()


def by_others(folder, cert):
    ca = folder + "/ca/ca.pem"
    with Server(cert) as s, wedge(folder, s.port) as w:
        url = "https://%s:%d/" % (NAME, w.port)
        for version in ("1.2", "1.3"):
            r = subprocess.run(["curl", "-sS", "-v", "-m", "20", "--cacert", ca, "--tlsv" + version, "--tls-max", version,
                                "--resolve", "%s:%d:127.0.0.1" % (NAME, w.port), url, url], capture_output=True, text=True, timeout=60)
            pages = re.findall(r"(?m)^(New|Reused), (?:TLS|SSL)", r.stdout)
            rig.check("curl, TLS %s: the second connection is resumed" % version, pages == ["New", "Reused"],
                      "%r %s" % (pages, r.stderr[-300:]))
        if not shutil.which("gnutls-cli"):
            print("     gnutls-cli isn't installed: not tried")
            return
        for version in ("1.2", "1.3"):
            r = subprocess.run(["gnutls-cli", "-r", "--x509cafile", ca, "--sni-hostname", NAME, "--verify-hostname", NAME,
                                "--priority", "NORMAL:-VERS-ALL:+VERS-TLS" + version, "-p", str(w.port), "127.0.0.1"],
                               input="GET / HTTP/1.0\n\n", capture_output=True, text=True, timeout=30)
            rig.check("gnutls-cli -r, TLS %s: resumed" % version, "This is a resumed session" in r.stdout, r.stdout[-600:])


def never_by_originate(cert):
    """Its clients have no sessions: each handshake is whole, as the server sees it."""
    for version in ("1.2", "1.3"):
        with Server(cert) as s, rig.Proxy("127.0.0.1:%d" % s.port, "--tls", "originate", "--tls-version", version) as w:
            pages = []
            for _ in range(3):
                with rig.connect(w.port) as c:
                    c.sendall(REQUEST)
                    pages += re.findall(rb"(?m)^(New|Reused), (?:TLS|SSL)", rig.read_to_end(c)[0])
            rig.check("originate, TLS %s: never resumed" % version, pages == [b"New"] * 3, str(pages))


with tempfile.TemporaryDirectory() as folder:
    cert = tls.make_certificate(folder, NAME)
    by_openssl(folder, cert)
    alone(folder)
    forgotten(folder, cert)
    by_python(folder, cert)
    by_others(folder, cert)
    never_by_originate(cert)
rig.finish()
