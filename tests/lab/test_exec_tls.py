#!/usr/bin/env python3
"""wedge exec with --tls: curl, which trusts the lab CA by option or by environment, against openssl s_server: every
mode, faults of TLS, the secrets of both legs, and what listens inside, which keeps its own TLS."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, main, need, wait_for  # noqa: E402
from tls_rig import make_certificate  # noqa: E402

need("curl", "openssl")
rig = Exec()
cert, key = make_certificate(rig.folder, "real.test")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


PORT = free_port()
server = subprocess.Popen(["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{PORT}", "-cert", cert, "-key", key],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
UNSET = ["-u", "CURL_CA_BUNDLE", "-u", "SSL_CERT_FILE", "-u", "SSL_CERT_DIR"]
URL = f"https://real.test:{PORT}/"
CURL = ["curl", "-sS", "-m", "10", "--resolve", f"real.test:{PORT}:127.0.0.1", URL]


def home(user, name):
    """A folder of the user's own."""
    path = rig.path(f"{name}-{user}")
    rig.run_in(user, "mkdir", "-m", "700", path)
    return path


def test_intercept(user):
    own = home(user, "own")
    ca, keys = os.path.join(own, "ca"), os.path.join(own, "keys.log")
    tls = ["--tls", "intercept", "--tls-ca", ca, "--tls-keylog", keys]
    trust = os.path.join(ca, "ca.pem")
    rig.expect(user, "the lab CA is made", 0, "true", wedge=tls)
    p = rig.expect(user, "curl trusts the lab CA", 0, *CURL, "--cacert", trust, wedge=tls)
    check("s_server" in p.stdout, f"{user}: the server's page has come")
    rig.expect(user, "the server's own certificate isn't what curl sees", 60, *CURL, "--cacert", cert, wedge=tls)
    rig.expect(user, "without --tls it is", 0, *CURL, "--cacert", cert)
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        rig.expect(user, f"{name} says whom to trust", 0, "env", *UNSET, f"{name}={trust}", *CURL, wedge=tls)
    rig.expect(user, "a certificate that has expired", 60, *CURL, "--cacert", trust,
               wedge=[*tls, "--tls-cert-fault", "expired"])
    st = os.stat(keys)
    check(st.st_mode & 0o777 == 0o600, f"{user}: the key log is its owner's alone")
    with open(keys, encoding="ascii") as f:
        secrets = f.read()
    check(secrets.count("CLIENT_TRAFFIC_SECRET_0") >= 2 and "lost" not in secrets, f"{user}: the secrets of both legs")
    rig.expect(user, "clear text is impaired", 28, *CURL, "--cacert", trust, "-m", "2",
               wedge=[*tls, "--impair", "stall{direction=downstream,after=1KB}"])


def test_config(user):
    ca = os.path.join(home(user, "config"), "ca")
    path = rig.file("tls.yaml", f"tls: {{mode: intercept, ca: {ca}}}\nimpairments: []\n")
    rig.expect(user, "a file says so", 0, "true", wedge=["--config", path])
    rig.expect(user, "tls in a file", 0, *CURL, "--cacert", os.path.join(ca, "ca.pem"), wedge=["--config", path])


def test_passthrough(user):
    alert = ["--impair", "tls_alert{description=unrecognized_name}"]
    p = rig.expect(user, "an alert where TLS passes through", 35, *CURL, "--cacert", cert, wedge=alert)
    check("unrecognized" in p.stderr, f"{user}: curl names it: {p.stderr.strip()}")


def test_terminate(user):
    ca = os.path.join(home(user, "terminate"), "ca")
    plain = free_port()
    folder = home(user, "www")
    web = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", folder, str(plain)],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        check(wait_for(lambda: listens(plain)), "python's web server is up")
        tls = ["--tls", "terminate", "--tls-ca", ca]
        rig.expect(user, "the lab CA is made", 0, "true", wedge=tls)
        rig.expect(user, "terminate", 0, "curl", "-sS", "-m", "10", "--cacert", os.path.join(ca, "ca.pem"),
                   f"https://127.0.0.1:{plain}/", wedge=tls)
        rig.expect(user, "originate", 0, "curl", "-sS", "-m", "10", f"http://127.0.0.1:{PORT}/", wedge=["--tls", "originate"])
    finally:
        web.terminate()
        web.wait()


def test_inside(user):
    """What listens inside is spoken with as it is."""
    ca = os.path.join(home(user, "inside"), "ca")
    port = free_port()
    rig.expect(user, "a listener inside keeps its own certificate", 0, "sh", "-c",
               f"openssl s_server -quiet -www -accept 127.0.0.1:{port} -cert {rig.path('copy.pem')} -key {rig.path('copy.key')} & "
               f"sleep 1; curl -sS -m 5 --cacert {rig.path('copy.pem')} --resolve real.test:{port}:127.0.0.1 "
               f"-o /dev/null https://real.test:{port}/; s=$?; kill $!; exit $s", wedge=["--tls", "intercept", "--tls-ca", ca])


def test_refused(user):
    for words, said in ((["--tls-keylog", rig.path("x")], "--tls"), (["--tls", "intercept", "--tls-cert", "/no/such"], "/no/such"),
                        (["--tls", "sideways"], "intercept")):
        p = rig.expect(user, f"{words} is refused", 125, "echo", "ran", wedge=words)
        check(said in p.stderr and p.stderr.count("\n") == 1 and not p.stdout, f"{user}: in one line: {p.stderr.strip()}")


for source, name in ((cert, "copy.pem"), (key, "copy.key")):
    with open(source, encoding="ascii") as f:
        rig.file(name, f.read())
os.chmod(cert, 0o644)
try:
    check(wait_for(lambda: listens(PORT)), "s_server is up")
    main(rig, test_intercept, test_config, test_passthrough, test_terminate, test_inside, test_refused)
finally:
    server.terminate()
    server.wait()
