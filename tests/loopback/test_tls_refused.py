#!/usr/bin/env python3
"""What TLS can't be done with is refused before anything runs: one line that names it, status 2. And on the command line
as in a file."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig
import tls_rig as tls


def refused(what, said, *args, env=None, prefix=()):
    r = subprocess.run([*prefix, rig.WEDGE, "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", *args],
                       capture_output=True, text=True, timeout=20, env=env)
    ok = r.returncode == 2 and r.stderr.startswith("wedge: proxy: ") and r.stderr.count("\n") == 1
    rig.check(what, ok and all(s in r.stderr for s in said) and not r.stdout, "%d %r" % (r.returncode, r.stderr))


def make_ca(folder, *args):
    """Whether openssl could: ca.pem and ca.key in the folder."""
    config = write(folder + "/ca.cnf", "[req]\ndistinguished_name = dn\n[dn]\n")
    if tls.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder + "/ca.key",
                   "-out", folder + "/ca.csr", "-subj", "/CN=ca", "-config", config).returncode:
        return False
    os.chmod(folder + "/ca.key", 0o600)
    if "-addext" in args:
        r = tls.openssl("req", "-x509", "-key", folder + "/ca.key", "-subj", "/CN=ca", "-config", config, *args, "-out",
                        folder + "/ca.pem")
    else:
        write(folder + "/index.txt", "")
        write(folder + "/ca.cnf", "[ca]\ndefault_ca = a\n[a]\ndatabase = %s/index.txt\nnew_certs_dir = %s\nrand_serial = yes\n"
              "policy = p\nx509_extensions = x\ndefault_md = sha256\n[p]\ncommonName = supplied\n[x]\n"
              "basicConstraints = critical,CA:TRUE\n" % (folder, folder))
        dates = {"-not_before": "-startdate", "-not_after": "-enddate"}
        r = tls.openssl("ca", "-batch", "-selfsign", "-notext", "-config", config, "-keyfile", folder + "/ca.key", "-in",
                        folder + "/ca.csr", "-out", folder + "/ca.pem", *[dates.get(a, a) for a in args])
    return r.returncode == 0


def write(path, text, mode=0o600):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


with tempfile.TemporaryDirectory() as folder:
    cert, key = tls.make_certificate(folder, "one.test")
    other_cert, other_key = tls.make_certificate(folder, "two.test")
    terminate = ("--tls", "terminate")
    refused("a mode that isn't one", ["--tls", "intercept"], "--tls", "intersept")
    refused("a certificate that isn't there", ["certificate", "no.pem", "No such file"], *terminate, "--tls-cert", folder + "/no.pem")
    refused("a certificate that is none", ["certificate", "junk.pem"], *terminate, "--tls-cert",
            write(folder + "/junk.pem", "not a certificate\n"))
    refused("a key that isn't there", ["private key", "no.key"], *terminate, "--tls-cert", cert, "--tls-key", folder + "/no.key")
    refused("a key that is none", ["private key", "junk.pem"], *terminate, "--tls-cert", cert, "--tls-key", folder + "/junk.pem")
    refused("a key of another certificate", [other_key, "isn't the private key of the certificate", cert], *terminate,
            "--tls-cert", cert, "--tls-key", other_key)
    locked, own = folder + "/locked.key", folder + "/own"
    tls.openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
    for kind in (("rsa", "rsa_keygen_bits:2048"), ("ed25519",)):
        other = folder + "/%s.key" % kind[0]
        tls.openssl("genpkey", "-algorithm", kind[0], *(("-pkeyopt", kind[1]) if kind[1:] else ()), "-out", other)
        refused("a key of another type", [other, "isn't the private key of the certificate", cert], *terminate, "--tls-cert",
                cert, "--tls-key", other)
    refused("a key with a passphrase", ["private key", locked, "has a passphrase"], *terminate, "--tls-cert", cert, "--tls-key",
            locked)
    refused("a key without a certificate", ["key needs cert"], *terminate, "--tls-key", key)
    refused("a client key of another certificate", ["isn't the private key"], "--tls", "originate", "--tls-client-cert", cert,
            "--tls-client-key", other_key)
    refused("a cipher suite that nobody knows", ["ciphers", "'NO-SUCH-CIPHER' is no cipher suite"], *terminate,
            "--tls-cert", cert, "--tls-key", key, "--tls-ciphers", "ECDHE-RSA-AES128-GCM-SHA256:NO-SUCH-CIPHER")
    refused("one of TLS 1.3 that nobody knows", ["'TLS_NO_SUCH' is no cipher suite"], "--tls", "originate", "--tls-ciphers",
            "TLS_NO_SUCH")
    refused("authorities that aren't there", ["verify", "no.pem"], "--tls", "originate", "--tls-verify", folder + "/no.pem")
    refused("a key log that can't be written", ["keylog", folder + "/no/keys"], "--tls", "originate", "--tls-keylog",
            folder + "/no/keys")
    refused("a key that means nothing in the mode", ["verify has no meaning in mode terminate"], *terminate, "--tls-verify", "system")
    for mode in ("terminate", "originate"):
        refused("an upgrade behind which the talk begins anew", ["start=xmpp has no meaning in mode %s" % mode, "use intercept"],
                "--tls", mode, "--tls-start", "xmpp")
    refused("a key that means nothing where TLS passes", ["keylog has no meaning in mode passthrough"], "--tls-keylog", folder + "/k")
    refused("a fault of a certificate that isn't made", ["cert-fault"], *terminate, "--tls-cert", cert, "--tls-key", key,
            "--tls-cert-fault", "expired")
    refused("no place for the lab CA", ["lab CA", "XDG_DATA_HOME", "HOME"], *terminate, env={})
    refused("a folder that can't be made", ["lab CA", "/dev/null/ca"], *terminate, "--tls-ca", "/dev/null/ca")
    os.mkdir(folder + "/open")
    write(folder + "/open/ca.key", open(key).read(), 0o644)
    write(folder + "/open/ca.pem", open(cert).read())
    refused("a CA whose key others can read", ["ca.key may be read", "chmod 600"], *terminate, "--tls-ca", folder + "/open")
    os.chmod(folder + "/open/ca.key", 0o600)
    write(folder + "/open/ca.pem", open(other_cert).read())
    refused("a CA whose key is another's", ["ca.key isn't the private key of ca.pem"], *terminate, "--tls-ca", folder + "/open")
    write(folder + "/open/ca.pem", "")
    refused("a CA without its certificate", ["ca.pem holds no certificate"], *terminate, "--tls-ca", folder + "/open")
    refused("half a CA", ["can't read ca.key"], *terminate, "--tls-ca",
            os.path.dirname(write(os.makedirs(folder + "/half") or folder + "/half/ca.pem", open(cert).read())))

    os.mkdir(own)
    for what, said, args in (("an expired CA", "ca.pem has expired", ("-not_after", "20200101000000Z", "-not_before", "20190101000000Z")),
                             ("a CA that isn't valid yet", "isn't valid yet", ("-not_before", "20900101000000Z", "-not_after",
                                                                              "20910101000000Z")),
                             ("a CA that is none", "is no authority's certificate", ("-addext", "basicConstraints=critical,CA:FALSE"))):
        if not make_ca(own, *args):
            print("this openssl can't make " + what)
            continue
        refused(what, ["lab CA", own, said], *terminate, "--tls-ca", own)
    write(own + "/ca.key", open(locked).read())
    refused("a CA whose key has a passphrase", ["ca.key has a passphrase"], *terminate, "--tls-ca", own)
    if os.geteuid() == 0:
        os.chmod(folder, 0o711)
        os.chmod(key, 0o600)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
        refused("a key that may not be read", ["private key", key, "Permission denied"], *terminate, "--tls-cert", cert,
                "--tls-key", key, prefix=as_nobody)
        refused("a CA that may not be read", ["can't read ca.key", "Permission denied"], *terminate, "--tls-ca", own,
                prefix=as_nobody)

    if config_rig.has_impairments():
        for kind in ("tls_alert", "tls_stall", "tls_delay", "tls_half_record"):
            refused("%s towards a server in clear text" % kind, [kind, "doesn't speak TLS with the receiver"], *terminate,
                    "--impair", "%s{direction=upstream}" % kind)
        for framing in ("tls-record", "tls-handshake"):
            refused("%s counted where wedge decrypts" % framing, ["stall", "framing", "decrypts", "tls_stall"], *terminate,
                    "--impair", "stall{framing=%s,after=2 messages}" % framing)
        refused("a place inside a handshake message", ["at=body needs a framing with headers"], "--impair",
                "tls_stall{framing=tls-handshake,at=body}")
        refused("an end without close_notify where wedge speaks no TLS", ["tls_truncate", "doesn't speak TLS"], *terminate,
                "--impair", "tls_truncate{direction=upstream}")

    row = "proxies: [{name: a, listen: ':1', upstream: 'a:1', tls: %s}]"
    for tls_text, said in (("intersept", "intercept"), ("[]", "a mode or a mapping"), ("{mode: terminate, sert: x}", "sert"),
                           ("{mode: originate, cert: x}", "cert has no meaning in mode originate"),
                           ("{mode: terminate, version: 1.1}", "1.2")):
        status, _, stderr = config_rig.check(row % tls_text)
        rig.check("in a file: tls: " + tls_text, status == 2 and "FILE:1:" in stderr and said in stderr and
                  stderr.count("\n") == 1, stderr)
    rows = """proxies:
  - name: a
    listen: ':1'
    upstream: 'a:1'
    tls:
      mode: intercept
      %s
"""
    for line, said in (("cert: /no/such.pem", "can't read the certificate /no/such.pem"),
                       ("cert: %s\n      key: %s" % (cert, other_key), "isn't the private key"),
                       ("cert: %s\n      key: %s" % (cert, locked), "has a passphrase"),
                       ("ciphers: NOPE", "no cipher suite"), ("verify: /no/such.pem", "can't read the authorities"),
                       ("client-cert: /no/such.pem", "can't read the certificate"), ("keylog: /no/keys", "can't append"),
                       ("ca: %s" % own, "ca.key has a passphrase"), ("ca: /dev/null/ca", "can't open the folder")):
        status, _, stderr = config_rig.check(rows % line)
        rig.check("in a file: " + line.split()[0] + " " + said, status == 2 and "FILE:7:" in stderr and said in stderr and
                  stderr.count("\n") == 1, stderr)
    missing = folder + "/not/yet"
    status, _, stderr = config_rig.check(rows % ("ca: " + missing))
    rig.check("a check makes no CA", status == 0 and not os.path.exists(missing), stderr)
    status, stdout, stderr = config_rig.check(row % "{mode: intercept, verify: system, version: 1.3}")
    rig.check("in a file: one that is right", status == 0, stderr)
rig.finish()
