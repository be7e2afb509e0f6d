#!/usr/bin/env python3
"""TLS behind an upgrade with real servers and clients: PostgreSQL with psql, MariaDB with its client, aiosmtpd with curl and
smtplib, each through every mode, with a fault of TLS, and found out by --tls-start auto."""
import glob
import os
import pwd
import shutil
import smtplib
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import tls_rig as tls

NAME = "localhost"
MAIL = b"Subject: a test\r\n\r\nSTARTTLS\r\nas a line of a message\r\n"


def find(*names):
    for name in names:
        for path in [shutil.which(name) or "", *glob.glob("/usr/lib/postgresql/*/bin/" + name), "/usr/sbin/" + name]:
            if path and os.access(path, os.X_OK):
                return path
    return None


def run(argv, **env):
    r = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=dict(os.environ, **env))
    return r.stdout + r.stderr


def wedge(folder, mode, start, port, *args):
    ca = ("--tls-ca", folder + "/ca") if mode in ("terminate", "intercept") else ()
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, "--tls-start", start, *ca, *args)


def as_user(user, argv):
    """A server that refuses to run as root runs as its own user."""
    if os.geteuid() != 0:
        return dict(args=argv)
    entry = pwd.getpwnam(user)
    return dict(args=argv, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])


def give(user, *paths):
    if os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)


def start_postgres(folder, cert, key):
    data, port = folder + "/pg", rig.free_port()
    os.mkdir(data, 0o700)
    give("postgres", data)
    initdb = as_user("postgres", [find("initdb"), "-D", data, "-U", "postgres", "-A", "trust"])
    if subprocess.run(**initdb, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/").returncode:
        return None, port
    shutil.copy(cert, data + "/server.crt")
    shutil.copy(key, data + "/server.key")
    os.chmod(data + "/server.key", 0o600)
    give("postgres", data + "/server.crt", data + "/server.key")
    p = subprocess.Popen(**as_user("postgres", [find("postgres"), "-D", data, "-p", str(port), "-k", "", "-c", "ssl=on",
                                                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]),
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    rig.wait_for(lambda: rig.answers(port), 20)
    return p, port


def psql(port, mode, ca):
    return run([find("psql"), "-At", "-c", "select 'tls ' || ssl from pg_stat_ssl where pid = pg_backend_pid()",
                "host=%s hostaddr=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=%s connect_timeout=10" %
                (NAME, port, mode)], PGSSLROOTCERT=ca)


def postgres(folder, cert, key):
    if not find("postgres") or not find("psql"):
        print("no PostgreSQL: left out")
        return
    server, port = start_postgres(folder, cert, key)
    if not server:
        print("initdb didn't succeed: left out")
        return
    try:
        for mode, start, ca in (("intercept", "postgres", folder + "/ca/ca.pem"), ("intercept", "auto", folder + "/ca/ca.pem"),
                                ("passthrough", "postgres", cert)):
            with wedge(folder, mode, start, port) as w:
                said = psql(w.port, "verify-full", ca)
                rig.check("%s, %s: psql sslmode=verify-full" % (mode, start), said == "tls true\n", said)
                said = psql(w.port, "disable", ca)
                rig.check("%s, %s: psql sslmode=disable goes on in clear text" % (mode, start), said == "tls false\n", said)
            with wedge(folder, mode, start, port, "--impair", "tls_alert{description=unrecognized_name}") as w:
                said = psql(w.port, "require", ca)
                rig.check("%s, %s: psql reads tls_alert's word" % (mode, start), "unrecognized name" in said, said)
        for start in ("postgres", "auto"):
            with wedge(folder, "terminate", start, port) as w:
                for mode, seen in (("verify-full", "tls false\n"), ("disable", "tls false\n")):
                    said = psql(w.port, mode, folder + "/ca/ca.pem")
                    rig.check("terminate, %s: psql sslmode=%s, and the server sees clear text" % (start, mode), said == seen, said)
                said = psql(w.port, "verify-full", cert)
                rig.check("terminate, %s: psql speaks TLS with wedge" % start, "certificate verify failed" in said, said)
            with wedge(folder, "originate", start, port, "--tls-verify", cert) as w:
                for mode in ("disable", "prefer"):
                    said = psql(w.port, mode, "")
                    rig.check("originate, %s: psql sslmode=%s, and the server sees TLS" % (start, mode), said == "tls true\n", said)
                said = psql(w.port, "require", "")
                rig.check("originate, %s: psql sslmode=require is told that there is no TLS" % start,
                          "server does not support SSL" in said, said)
    finally:
        server.terminate()
        server.wait()


def run_mariadb(data, port, *args):
    p = subprocess.Popen([find("mariadbd"), "--no-defaults", "--datadir=" + data, "--port=%d" % port, "--bind-address=127.0.0.1",
                          "--socket=" + data + "/sock", *args, *(["--user=mysql"] if os.geteuid() == 0 else [])],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rig.wait_for(lambda: rig.answers(port), 20)
    return p


def start_mariadb(folder, cert, key):
    data, port = folder + "/my", rig.free_port()
    os.mkdir(data, 0o700)
    shutil.copy(cert, data + "/s.crt")
    shutil.copy(key, data + "/s.key")
    give("mysql", data, data + "/s.crt", data + "/s.key")
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    subprocess.run([find("mariadb-install-db"), "--no-defaults", "--datadir=" + data, "--skip-test-db",
                    "--auth-root-authentication-method=normal", *user], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return run_mariadb(data, port, "--ssl-cert=" + data + "/s.crt", "--ssl-key=" + data + "/s.key"), port


def mariadb(folder, cert, key):
    if not find("mariadbd") or not find("mariadb"):
        print("no MariaDB: left out")
        return
    server, port = start_mariadb(folder, cert, key)
    try:
        def ask(port, *more):
            return run([find("mariadb"), "--no-defaults", "-h", "127.0.0.1", "-P", str(port), "-uroot", "--protocol=tcp",
                        "--connect-timeout=10", "-N", "-e", "show status like 'Ssl_version'", *more])
        for mode, start, ca in (("intercept", "mysql", folder + "/ca/ca.pem"), ("intercept", "auto", folder + "/ca/ca.pem"),
                                ("passthrough", "mysql", cert)):
            with wedge(folder, mode, start, port) as w:
                said = ask(w.port, "--ssl", "--ssl-ca=" + ca, "--ssl-verify-server-cert")
                rig.check("%s, %s: mariadb --ssl-verify-server-cert" % (mode, start), "TLSv1." in said, said)
                said = ask(w.port, "--skip-ssl")
                rig.check("%s, %s: mariadb --skip-ssl goes on in clear text" % (mode, start), said == "Ssl_version\t\n", said)
            with wedge(folder, mode, start, port, "--impair", "tls_alert{description=access_denied}") as w:
                said = ask(w.port, "--ssl")
                rig.check("%s, %s: mariadb reads tls_alert's word" % (mode, start), "access denied" in said, said)
        for start in ("mysql", "auto"):
            with wedge(folder, "originate", start, port, "--tls-verify", cert) as w:
                said = ask(w.port, "--skip-ssl")
                rig.check("originate, %s: mariadb --skip-ssl, and the server sees TLS" % start, "TLSv1." in said, said)
                said = ask(w.port, "--skip-ssl", "-uother", "-pwrong")
                rig.check("originate, %s: a wrong password is told" % start, "Access denied" in said, said)
        tls_server, (server, port) = server, (None, rig.free_port())
        tls_server.terminate()
        tls_server.wait()
        server = run_mariadb(folder + "/my", port, "--skip-ssl")
        for start in ("mysql", "auto"):
            with wedge(folder, "terminate", start, port) as w:
                said = ask(w.port, "--ssl", "--ssl-ca=" + folder + "/ca/ca.pem", "--ssl-verify-server-cert", "-e",
                           "; select repeat('x', 100000); select 'end'")
                rig.check("terminate, %s: mariadb --ssl-verify-server-cert with a server that has no TLS" % start,
                          "Ssl_version\t\n" in said and said.endswith("x\nend\n"), said[:200])
                said = ask(w.port, "--ssl", "--ssl-ca=" + cert, "--ssl-verify-server-cert")
                rig.check("terminate, %s: mariadb speaks TLS with wedge" % start, "TLS" in said or "SSL" in said, said)
                said = ask(w.port, "--skip-ssl")
                rig.check("terminate, %s: mariadb --skip-ssl goes on in clear text" % start, said == "Ssl_version\t\n", said)
    finally:
        server.terminate()
        server.wait()


# In a process of its own: the distribution's aiosmtpd is for the distribution's python.
SMTP_SERVER = """
import ssl, sys
from aiosmtpd.controller import Controller
class Keep:
    async def handle_DATA(self, server, session, envelope):
        print(session.ssl is not None, envelope.content, flush=True)
        return "250 kept"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[2:4])
c = Controller(Keep(), hostname="127.0.0.1", port=int(sys.argv[1]), tls_context=context)
c.start()
print("ready", flush=True)
sys.stdin.read()
c.stop()
"""


def start_smtp(port, cert, key):
    for python in ("python3", "/usr/bin/python3"):
        p = subprocess.Popen([python, "-c", SMTP_SERVER, str(port), cert, key], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if p.stdout.readline() == "ready\n":
            return p
        p.wait()
    return None


def smtp(folder, cert, key):
    port = rig.free_port()
    server = start_smtp(port, cert, key)
    if not server:
        print("no aiosmtpd: left out")
        return
    with open(folder + "/mail", "wb") as f:
        f.write(MAIL)
    for mode, start, ca in (("intercept", "smtp", folder + "/ca/ca.pem"), ("intercept", "auto", folder + "/ca/ca.pem"),
                            ("passthrough", "smtp", cert)):
        with wedge(folder, mode, start, port) as w:
            curl = ["curl", "-sS", "-m", "20", "--cacert", ca, "--connect-to", "%s:25:127.0.0.1:%d" % (NAME, w.port),
                    "smtp://%s:25/" % NAME, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T",
                    folder + "/mail", "--ssl-reqd"]
            said = run(curl)
            rig.check("%s, %s: curl --ssl-reqd delivers a mail in TLS" % (mode, start), not said and
                      server.stdout.readline() == "True %r\n" % MAIL, said)
            # Clear text first, with the word in the message, then TLS on the same connection.
            client = smtplib.SMTP("127.0.0.1", w.port, timeout=20)
            client._host = NAME # the name that the certificate is for
            client.sendmail("a@example.org", ["b@example.org"], MAIL)
            client.starttls(context=ssl.create_default_context(cafile=ca))
            client.sendmail("a@example.org", ["b@example.org"], MAIL)
            client.quit()
            rig.check("%s, %s: smtplib, a mail before STARTTLS and one behind it" % (mode, start),
                      [server.stdout.readline() for _ in range(2)] == ["%s %r\n" % (inside, MAIL) for inside in (False, True)])
        with wedge(folder, mode, start, port, "--impair", "tls_alert{description=handshake_failure}") as w:
            curl[7] = "%s:25:127.0.0.1:%d" % (NAME, w.port)
            said = run(curl)
            rig.check("%s, %s: curl reads tls_alert's word" % (mode, start), "handshake failure" in said, said)
    for start in ("smtp", "auto"):
        for mode, more, inside in (("terminate", ["--ssl-reqd"], False), ("terminate", [], False), ("originate", [], True),
                                   ("originate", ["--ssl"], True)):
            with wedge(folder, mode, start, port) as w:
                said = run(["curl", "-sS", "-m", "20", "--cacert", folder + "/ca/ca.pem", "--connect-to",
                            "%s:25:127.0.0.1:%d" % (NAME, w.port), "smtp://%s:25/" % NAME, "--mail-from", "a@example.org",
                            "--mail-rcpt", "b@example.org", "-T", folder + "/mail", *more])
                rig.check("%s, %s: curl %s delivers a mail, which the server hears %s" % (
                    mode, start, " ".join(more), "in TLS" if inside else "in clear text"),
                    not said and server.stdout.readline() == "%s %r\n" % (inside, MAIL), said)
    server.stdin.close()
    server.wait()
    server.stdout.close()


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    cert, key = tls.make_certificate(folder, NAME)
    smtp(folder, cert, key)
    postgres(folder, cert, key)
    mariadb(folder, cert, key)
rig.finish()
