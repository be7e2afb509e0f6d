#!/usr/bin/env python3
"""A lab CA that wedge hasn't made, of every kind that openssl makes: its leaves are good to openssl's strict verification
and to curl."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import proxy_rig as rig  # noqa: E402
import tls_rig as tls  # noqa: E402

NAME = "own.test"
KEYS = {"P-256": ("EC", "ec_paramgen_curve:P-256"), "P-384": ("EC", "ec_paramgen_curve:P-384"), "Ed25519": ("ED25519", None),
        "Ed448": ("ED448", None), "RSA": ("RSA", "rsa_keygen_bits:2048")}


def make_ca(folder, key, *more):
    algorithm, option = KEYS[key]
    os.mkdir(folder, 0o700)
    made = tls.openssl("genpkey", "-algorithm", algorithm, *(["-pkeyopt", option] if option else []), "-out",
                       folder + "/ca.key")
    os.chmod(folder + "/ca.key", 0o600)
    signed = tls.openssl("req", "-x509", "-key", folder + "/ca.key", "-subj", "/CN=own", "-days", "30", "-out",
                         folder + "/ca.pem", "-addext", "keyUsage=critical,keyCertSign", *more)
    return made.returncode == 0 and signed.returncode == 0


def shows_good_leaf(folder, what, *strict):
    silent = rig.listener()
    with rig.Proxy("127.0.0.1:%d" % silent.getsockname()[1], "--tls", "terminate", "--tls-ca", folder) as w:
        r = tls.openssl("s_client", "-connect", "127.0.0.1:%d" % w.port, "-servername", NAME, "-verify_hostname", NAME,
                        "-CAfile", folder + "/ca.pem", "-verify_return_error", *strict, input="")
        rig.check(what + ": openssl accepts the leaf", "Verify return code: 0 (ok)" in r.stdout, r.stderr[-300:])
        r = subprocess.run(["curl", "-sS", "-m", "1", "--cacert", folder + "/ca.pem", "--resolve",
                            "%s:%d:127.0.0.1" % (NAME, w.port), "https://%s:%d/" % (NAME, w.port)], capture_output=True,
                           text=True, check=False)
        rig.check(what + ": so does curl, which waits for an answer", r.returncode == 28, r.stderr.strip())
    silent.close()


with tempfile.TemporaryDirectory() as base:
    for key, more in [(k, ()) for k in KEYS] + [("P-256", ("-addext", "subjectKeyIdentifier=none"))]:
        what = key + (" without key identifiers" if more else "")
        folder = os.path.join(base, what.replace(" ", "-"))
        if not make_ca(folder, key, *more):
            print("not tried: this openssl makes no", what)
        else:
            shows_good_leaf(folder, what, *(() if more else ("-x509_strict",)))
rig.finish()
