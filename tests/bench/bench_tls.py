#!/usr/bin/env python3
"""intercept beside HAProxy that re-encrypts too: how long curl takes for one large body from nginx, in turns, and how
many whole handshakes a second either makes."""
import bench_rig

figures = bench_rig.begin(__doc__)

import os
import shutil
import statistics
import subprocess
import tempfile
import time

import proxy_rig as rig
import tls_rig as tls

BYTES, HANDSHAKES = 512 << 20, 200
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
NGINX_CONF = """
daemon off; master_process off; pid {f}/nginx.pid; error_log stderr;
events {{}}
http {{ access_log off; client_body_temp_path {f}/b; proxy_temp_path {f}/p; fastcgi_temp_path {f}/f; uwsgi_temp_path {f}/u;
  scgi_temp_path {f}/s;
  server {{ listen 127.0.0.1:{nginx} ssl; root {f}/www; ssl_certificate {cert}; ssl_certificate_key {key};
            ssl_protocols TLSv1.3; }} }}
"""
# One thread as wedge has one, whole handshakes only, and bytes passed on as bytes.
HAPROXY_CONF = """
global
  nbthread 1
  tune.ssl.cachesize 0
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
listen l
  bind 127.0.0.1:{haproxy} ssl crt {both} ssl-min-ver TLSv1.3 no-tls-tickets
  server s 127.0.0.1:{nginx} ssl verify none no-ssl-reuse ssl-min-ver TLSv1.3
"""


def transfer(port):
    """Bytes a second."""
    began = time.monotonic()
    r = subprocess.run(["curl", "-sSk", "-o", "/dev/null", "-w", "%{size_download}", "https://127.0.0.1:%d/body" % port],
                       capture_output=True, text=True, timeout=120)
    if r.stdout != str(BYTES):
        raise SystemExit("curl: " + r.stdout + r.stderr)
    return BYTES / (time.monotonic() - began)


def handshakes(port):
    """A second, one after the other, each with a small answer."""
    context = tls.client_context()
    began = time.monotonic()
    for _ in range(HANDSHAKES):
        c = tls.Tls(rig.connect(port), context, name="www.example.org").handshake()
        c.send(b"HEAD /body HTTP/1.0\r\n\r\n")
        c.recv(4096)
        c.close()
    return HANDSHAKES / (time.monotonic() - began)


def compare(ports):
    for what, measure, unit, scale in (("one body of %d MiB" % (BYTES >> 20), transfer, "MB/s", 1e6),
                                       ("handshakes of both legs", handshakes, "/s", 1)):
        taken = {name: [] for name in ports}
        for _ in range(figures.options.runs):
            for name, port in ports.items():
                taken[name].append(measure(port) / scale)
        for name, values in taken.items():
            figures.show("%s: %s" % (what, name), statistics.median(values), unit)
        ratios = [w / h for w, h in zip(taken["wedge intercept"], taken["HAProxy"])]
        figures.show("%s: wedge / HAProxy, round by round" % what, statistics.median(ratios), "")


with tempfile.TemporaryDirectory() as folder:
    os.mkdir(folder + "/www")
    os.chmod(folder, 0o755)
    with open(folder + "/www/body", "wb") as f:
        f.truncate(BYTES)
    cert, key = tls.make_certificate(folder, "www.example.org")
    with open(folder + "/both.pem", "w") as f:
        f.write(open(cert).read() + open(key).read())
    names = dict(f=folder, cert=cert, key=key, both=folder + "/both.pem", nginx=rig.free_port(), haproxy=rig.free_port())
    for name, text in (("nginx", NGINX_CONF), ("haproxy", HAPROXY_CONF)):
        with open("%s/%s.conf" % (folder, name), "w") as f:
            f.write(text.format(**names))
    peers = [subprocess.Popen([NGINX, "-c", folder + "/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL),
             subprocess.Popen([HAPROXY, "-f", folder + "/haproxy.conf", "-db"], stderr=subprocess.DEVNULL)]
    try:
        if not all(rig.wait_for(lambda p=names[n]: rig.answers(p)) for n in ("nginx", "haproxy")):
            raise SystemExit("nginx or HAProxy didn't start")
        with rig.Proxy("127.0.0.1:%d" % names["nginx"], "--tls", "intercept", "--tls-ca", folder + "/ca", "--tls-version",
                       "1.3") as w:
            compare({"wedge intercept": w.port, "HAProxy": names["haproxy"]})
    finally:
        for p in peers:
            p.terminate()
            p.wait()
figures.finish()
