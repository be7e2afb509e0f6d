#!/usr/bin/env python3
"""openssl s_client and curl against nginx and openssl s_server through all four modes of TLS, in versions 1.2 and 1.3;
and tshark opens what was captured on loopback with the key log alone."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
import tls_rig as tls

BODY = b"a body that nginx serves\n" * 1000
NAME = "www.example.org"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
NGINX_CONF = """
daemon off; master_process off; pid {f}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off; client_body_temp_path {f}/b; proxy_temp_path {f}/p; fastcgi_temp_path {f}/f; uwsgi_temp_path {f}/u;
  scgi_temp_path {f}/s;
  server {{ listen 127.0.0.1:{clear}; root {f}/www; }}
  server {{ listen 127.0.0.1:{tls} ssl http2; root {f}/www; ssl_certificate {cert}; ssl_certificate_key {key};
            ssl_protocols TLSv1.2 TLSv1.3; }}
  server {{ listen 127.0.0.1:{mutual} ssl; root {f}/www; ssl_certificate {cert}; ssl_certificate_key {key};
            ssl_client_certificate {client}; ssl_verify_client on; }}
}}
"""


def curl(scheme, port, *args):
    r = subprocess.run(["curl", "-sS", "-m", "20", "--resolve", "%s:%d:127.0.0.1" % (NAME, port), *args,
                        "%s://%s:%d/body" % (scheme, NAME, port)], capture_output=True, timeout=60)
    return r.stdout, r.stderr.decode()


def s_client(port, version, ca, *args):
    request = "GET /body HTTP/1.0\r\nHost: %s\r\n\r\n" % NAME
    r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", NAME, "-CAfile", ca,
                        "-verify_return_error", "-verify_hostname", NAME, "-quiet", "-ign_eof",
                        "-tls" + version.replace(".", "_"), *args],
                       input=request.encode(), capture_output=True, timeout=60)
    return r.stdout, r.stderr.decode()


def wedge(mode, port, folder, *args):
    return rig.Proxy("127.0.0.1:%d" % port, "--tls", mode, *args,
                     *(("--tls-ca", folder + "/ca") if mode in ("terminate", "intercept") else ()))


def modes(folder, ports, cert):
    """What each mode is given to a client, and which server it is put before."""
    yield "passthrough", "https", ports["tls"], cert
    yield "terminate", "https", ports["clear"], folder + "/ca/ca.pem"
    yield "originate", "http", ports["tls"], None
    yield "intercept", "https", ports["tls"], folder + "/ca/ca.pem"


def transfers(folder, ports, cert):
    for mode, scheme, port, ca in modes(folder, ports, cert):
        with wedge(mode, port, folder) as w:
            for version in ("1.2", "1.3") if ca else ():
                got, said = curl(scheme, w.port, "--tlsv" + version, "--tls-max", version, "--cacert", ca)
                rig.check("%s: curl with TLS %s" % (mode, version), got == BODY, said)
                got, said = s_client(w.port, version, ca)
                rig.check("%s: openssl s_client with TLS %s" % (mode, version), got.endswith(BODY), said[-200:])
            if mode == "intercept":
                r = subprocess.run(["curl", "-sS", "-m", "20", "-o", "/dev/null", "-w", "%{http_version}", "--resolve",
                                    "%s:%d:127.0.0.1" % (NAME, w.port), "--cacert", ca,
                                    "https://%s:%d/body" % (NAME, w.port)], capture_output=True, text=True, timeout=60)
                rig.check("intercept: curl and nginx agree on HTTP/2 through wedge", r.stdout == "2", r.stdout + r.stderr)
        if not ca:
            for version in ("1.2", "1.3"):
                with wedge(mode, port, folder, "--tls-version", version) as w:
                    got, said = curl(scheme, w.port)
                    rig.check("%s: curl, and TLS %s to nginx" % (mode, version), got == BODY, said)


def s_server(folder, cert, key):
    """openssl s_server -www tells what it has agreed on."""
    for version in ("1.2", "1.3"):
        port = rig.free_port()
        p = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-cert", cert, "-key", key, "-www",
                              "-tls" + version.replace(".", "_"), "-quiet"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        try:
            rig.wait_for(lambda: rig.answers(port))
            for mode, scheme, more in (("originate", "http", []), ("intercept", "https", ["--cacert", folder + "/ca/ca.pem"])):
                with wedge(mode, port, folder) as w:
                    got, said = curl(scheme, w.port, *more)
                    rig.check("%s: openssl s_server speaks TLS %s with wedge" % (mode, version),
                              b"Protocol  : TLSv" + version.encode() in got, said)
        finally:
            p.terminate()
            p.wait()


def client_certificate(folder, port, client):
    args = ("--tls-client-cert", client[0], "--tls-client-key", client[1])
    ca = ["--cacert", folder + "/ca/ca.pem"]
    with wedge("intercept", port, folder, *args) as w:
        got, said = curl("https", w.port, *ca)
        rig.check("intercept: nginx gets the client certificate that it wants", got == BODY, said)
    with wedge("intercept", port, folder) as w:
        got, said = curl("https", w.port, *ca)
        rig.check("and refuses without one", b"No required SSL certificate" in got, said)


def decrypted(folder, port):
    """tshark with the key log reads the requests of both legs, which are two different TLS connections."""
    if os.geteuid() != 0:
        print("not root: the capture is left out")
        return
    capture, keys = folder + "/lo.pcapng", folder + "/keys"
    for version in ("1.2", "1.3"):
        with wedge("intercept", port, folder, "--tls-keylog", keys, "--tls-version", version) as w:
            t = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "-s", "0", "-w", capture, "tcp port %d or tcp port %d" %
                                  (w.port, port)], stderr=subprocess.PIPE, text=True)
            t.stderr.readline()
            got, said = curl("https", w.port, "--cacert", folder + "/ca/ca.pem", "--http1.1")
            rig.check("TLS %s: a transfer that is captured" % version, got == BODY, said)
            rig.wait_for(lambda: len(w.sessions()) == 1)
            rig.wait_for(lambda: os.path.getsize(capture) > 2 * len(BODY))
            t.send_signal(signal.SIGINT)
            t.wait()
            t.stderr.close()
        for secrets, legs in (([], 0), (["-o", "tls.keylog_file:" + keys], 2)):
            seen = subprocess.run(["tshark", "-r", capture, *secrets, "-d", "tcp.port==%d,tls" % w.port, "-d",
                                   "tcp.port==%d,tls" % port, "-Y", "http.request", "-T", "fields", "-e", "tcp.stream",
                                   "-e", "http.host"], capture_output=True, text=True, timeout=60).stdout
            streams = set(re.findall(r"^(\d+)\s+" + re.escape(NAME), seen, re.M))
            rig.check("TLS %s: tshark reads %d legs with%s the key log" % (version, legs, "" if legs else "out"),
                      len(streams) == legs, repr(seen))
    rig.check("the key log is its owner's alone", os.stat(keys).st_mode & 0o777 == 0o600)


with tempfile.TemporaryDirectory() as folder:
    os.mkdir(folder + "/www")
    os.chmod(folder, 0o755)
    with open(folder + "/www/body", "wb") as f:
        f.write(BODY)
    cert, key = tls.make_certificate(folder, NAME)
    client = tls.make_certificate(folder, "somebody")
    ports = {name: rig.free_port() for name in ("clear", "tls", "mutual")}
    with open(folder + "/nginx.conf", "w") as f:
        f.write(NGINX_CONF.format(f=folder, cert=cert, key=key, client=client[0], **ports))
    nginx = subprocess.Popen([NGINX, "-c", folder + "/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    try:
        if not rig.wait_for(lambda: rig.answers(ports["mutual"])):
            raise SystemExit("nginx didn't start")
        transfers(folder, ports, cert)
        s_server(folder, cert, key)
        client_certificate(folder, ports["mutual"], client)
        decrypted(folder, ports["tls"])
    finally:
        nginx.terminate()
        nginx.wait()
rig.finish()
