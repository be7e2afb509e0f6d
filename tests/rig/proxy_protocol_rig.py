"""What the tests of the PROXY protocol share: nginx and haproxy, which say what they have read in a header, and curl,
which says from where it was connected. All in a network namespace of the test's own."""
import collections
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture_rig
import proxy_rig as rig

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
BODY = b"a body that nginx serves\n" * 1000
NAME = "www.example.org"
PLAIN, TLS, HEADER, HEADER_TLS = 8001, 8002, 8003, 8004  # nginx's ports
HA, HA_TLS, HA_V1, HA_V2, HA_V2_TLVS = 8011, 8012, 8013, 8014, 8015  # haproxy's

NGINX_CONF = """
daemon off; master_process off; pid {f}/nginx.pid; error_log stderr;
events {{}}
http {{
  log_format header '$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port '
                    '$request_uri';
  access_log {f}/access.log header; client_body_temp_path {f}/b; proxy_temp_path {f}/p; fastcgi_temp_path {f}/f;
  uwsgi_temp_path {f}/u; scgi_temp_path {f}/s;
  ssl_certificate {cert}; ssl_certificate_key {key}; root {f}/www;
  server {{ listen 127.0.0.1:8001; listen [::1]:8001; listen 127.0.0.1:8002 ssl; }}
  server {{ listen 127.0.0.1:8003 proxy_protocol; listen [::1]:8003 proxy_protocol; }}
  server {{ listen 127.0.0.1:8004 ssl proxy_protocol; }}
}}
"""

# Two that read a header and log it; three that send one, to wedge.
HAPROXY_CONF = """
global
  log stdout format raw local0 info
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend reads
  bind 127.0.0.1:8011,::1:8011 accept-proxy
  bind 127.0.0.1:8012 accept-proxy ssl crt {pem}
  log global
  log-format "read %ci %cp %fi %fp [%[fc_pp_authority]]"
  default_backend nginx
backend nginx
  server s 127.0.0.1:8001
listen v1
  bind 127.0.0.1:8013,::1:8013
  server s 127.0.0.1:{to} send-proxy
listen v2
  bind 127.0.0.1:8014,::1:8014
  server s 127.0.0.1:{to} send-proxy-v2
listen v2_tlvs
  bind 127.0.0.1:8015 ssl crt {pem}
  server s 127.0.0.1:{to} send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c
"""

Sight = collections.namedtuple("Sight", "client target")


def enter():
    capture_rig.enter_namespace()
    capture_rig.set_up()


def end_of(host, port):
    return "%s %s" % (host, port)


class Nginx:
    def __init__(self, folder, cert, key):
        self.folder = folder
        os.makedirs(folder + "/www", exist_ok=True)
        with open(folder + "/www/body", "wb") as f:
            f.write(BODY)
        with open(folder + "/nginx.conf", "w") as f:
            f.write(NGINX_CONF.format(f=folder, cert=cert, key=key))
        self.p = subprocess.Popen([NGINX, "-c", folder + "/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
        if not rig.wait_for(lambda: rig.answers(HEADER_TLS)):
            raise SystemExit("nginx didn't start")

    def saw(self, mark):
        """What the header of the request with ?MARK said; nginx logs after it has answered."""
        def line():
            with open(self.folder + "/access.log") as f:
                return [l.split() for l in f if l.rstrip().endswith("?" + mark)]
        found = rig.wait_for(line)
        return [Sight(end_of(*w[0:2]), end_of(*w[2:4])) for w in found]

    def close(self):
        self.p.terminate()
        self.p.wait()


class Haproxy:
    """to: the port of the wedge that it sends headers to."""

    def __init__(self, folder, cert, key, to):
        self.path = folder + "/haproxy.log"
        with open(folder + "/pem", "w") as out:
            for name in (cert, key):
                with open(name) as f:
                    out.write(f.read())
        with open(folder + "/haproxy.cfg", "w") as f:
            f.write(HAPROXY_CONF.format(pem=folder + "/pem", to=to))
        with open(self.path, "w") as log:
            self.p = subprocess.Popen([HAPROXY, "-db", "-f", folder + "/haproxy.cfg"], stdout=log,
                                      stderr=subprocess.STDOUT)
        if not rig.wait_for(lambda: rig.answers(HA_V1)):
            with open(self.path) as f:
                raise SystemExit("haproxy didn't start: " + f.read())

    def saw(self, client):
        """What it has read of the connection from that client: (target, authority)."""
        def line():
            with open(self.path) as f:
                return [l.split() for l in f if l.startswith("read %s " % client)]
        found = rig.wait_for(line)
        return [(end_of(*w[3:5]), w[5]) for w in found]

    def close(self):
        self.p.terminate()
        self.p.wait()


def curl(url, *args):
    """(body, Sight of the client's own socket, what curl complains of)"""
    r = subprocess.run(["curl", "-sS", "-m", "20", "-w", "\n%{local_ip} %{local_port} %{remote_ip} %{remote_port}", *args,
                        url], capture_output=True, timeout=60)
    body, _, own = r.stdout.rpartition(b"\n")
    words = own.decode().split()
    sight = Sight(end_of(*words[0:2]), end_of(*words[2:4])) if len(words) == 4 else None
    return body, sight, r.stderr.decode()


def https(port, *args, ca):
    return ("--resolve", "%s:%d:127.0.0.1" % (NAME, port), "--cacert", ca, *args)
