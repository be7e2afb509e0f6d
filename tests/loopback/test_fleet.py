#!/usr/bin/env python3
"""The examples of docs/fleet do what they say: the sidecar's rules, set as its first step sets them, lead an application's
connections through the sidecar's configuration, run as its manifest runs it, and wedge's own connections past it; the
gateway role's configuration and the container's command are ones that wedge takes. In a network namespace of its own."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
from capture_rig import enter_namespace, skip  # noqa: E402
from config_rig import has_impairments  # noqa: E402
from proxy_rig import WEDGE, check, finish, wait_for  # noqa: E402

FLEET = pathlib.Path(os.environ["SOURCE_DIR"]) / "docs" / "fleet"
SIDECAR = (FLEET / "kubernetes" / "sidecar.yaml").read_text(encoding="utf-8")
ROLE = FLEET / "ansible" / "roles" / "wedge_gateway"
DATABASE = "192.0.2.9"


def literal(name):
    """The text of a ConfigMap's key."""
    block = re.search(r"^  %s: \|\n((?:    .*\n|\n)+)" % re.escape(name), SIDECAR, re.M)
    return textwrap.dedent(block[1])


def one(pattern):
    found = set(re.findall(pattern, SIDECAR))
    check("the manifest says once what '%s' is" % pattern, len(found) == 1, str(found))
    return found.pop()


def gateway_is_valid(folder):
    defaults = dict(re.findall(r'^(wedge_gateway_\w+): "?([^"\n]*)"?$', (ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"), re.M))
    text = (ROLE / "templates" / "wedge.yaml.j2").read_text(encoding="utf-8")
    values = {"wedge_gateway_clients": defaults["wedge_gateway_clients"], "wedge_gateway_ports | to_json": '"%s"' % defaults["wedge_gateway_ports"],
              "wedge_gateway_impairments | to_json": '[{"latency": {"delay": "40ms", "direction": "both"}}]'}
    for name, value in values.items():
        text = text.replace("{{ %s }}" % name, value)
    check("nothing is left of the template", "{" not in re.sub(r"impairments: .*", "", text), text)
    path = folder / "wedge.yaml"
    path.write_text(text, encoding="utf-8")
    p = subprocess.run([WEDGE, "proxy", "--check", path], capture_output=True, text=True, check=False)
    check("the gateway's configuration is valid", p.returncode == 0, p.stderr)


def commands_are_taken(folder):
    """Options of the examples' command lines, by the words of wedge itself about what it can't do here."""
    words = re.findall(r'"([^"]+)"', re.search(r"^CMD \[(.*)\]$", (FLEET / "Containerfile").read_text(encoding="utf-8"), re.M)[1])
    service = (ROLE / "templates" / "api.conf.j2").read_text(encoding="utf-8")
    unit = re.findall(r"^ExecStart=/usr/bin/wedge (.*)$", service, re.M)[0].replace("{{ wedge_gateway_api }}", "0.0.0.0:8474")
    for argv in (words, unit.split()):
        p = subprocess.run([WEDGE, *argv], capture_output=True, text=True, check=False, timeout=20, cwd=folder)
        check("wedge " + " ".join(argv) + " lacks only its files", p.returncode == 2 and
              ("token" in p.stderr or "wedge.yaml" in p.stderr) and "option" not in p.stderr, p.stderr)


def ask(seconds):
    """What a client of the database gets, and after how long."""
    began = time.monotonic()
    with socket.create_connection((DATABASE, 5432), timeout=seconds) as c:
        c.settimeout(seconds)
        c.sendall(b"?")
        return c.recv(100), time.monotonic() - began


def sidecar_works(folder):
    rules, config = folder / "rules.nft", folder / "wedge.yaml"
    rules.write_text(literal("rules.nft"), encoding="utf-8")
    config.write_text(literal("wedge.yaml").replace(one(r"upstream: (\S+):5432"), DATABASE), encoding="utf-8")
    token = folder / "token"
    token.write_text("a-token-of-this-test\n", encoding="ascii")
    for path in (config, token):
        path.chmod(0o444)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", DATABASE + "/32", "dev", "lo"], check=True)
    subprocess.run(["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"], check=False)
    server = socket.create_server((DATABASE, 5432))
    command = [w.strip() for w in one(r"command: \[(nft[^\]]*)\]").split(",")]
    argv = [w.strip().strip('"') for w in one(r"args: \[(proxy[^\]]*)\]").split(",")]
    put = {"/etc/wedge/rules.nft": str(rules), "/etc/wedge/wedge.yaml": str(config), "/etc/wedge-token/token": str(token)}
    for _ in range(2):  # a pod's first steps may be repeated
        p = subprocess.run([put.get(w, w) for w in command], capture_output=True, text=True, check=False)
        check("the first step sets the rules", p.returncode == 0, p.stderr)
    try:
        ask(2)
        check("until wedge runs the application is refused", False)
    except ConnectionRefusedError:
        check("until wedge runs the application is refused", True)
    user = one(r"runAsUser: (\d{3,})")
    wedge = subprocess.Popen(["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                              WEDGE, *(put.get(w, w) for w in argv)], stderr=subprocess.PIPE, text=True, cwd=folder)
    ready = wait_for(lambda: any("8474" in line or line == "" for line in [wedge.stderr.readline()]))
    check("wedge runs as the manifest has it, without any right", ready and wedge.poll() is None)
    with socket.create_connection(("127.0.0.1", 8474), timeout=5):
        check("ready is when the API can be connected to", True)

    def serve():
        s, peer = server.accept()
        s.recv(10)
        s.sendall(b"!")
        s.close()
        return peer
    import threading
    t = threading.Thread(target=serve)
    t.start()
    got, took = ask(10)
    t.join()
    check("the application gets the database's answer", got == b"!", str(got))
    check("later, by the latency of the configuration", took >= (0.02 if has_impairments() else 0), "%.3f s" % took)
    answer = subprocess.run(["curl", "-s", "-H", "Authorization: Bearer a-token-of-this-test", "http://127.0.0.1:8474/metrics"],
                            capture_output=True, text=True, check=False).stdout
    check("Prometheus gets the figures of it with the token",
          'wedge_proxy_sessions_total{proxy="database"} 1' in answer, answer[:300])
    wedge.terminate()
    wedge.communicate(timeout=20)
    server.close()


if os.geteuid() != 0:
    skip("the sidecar's user can't be taken but by root")
for TOOL in ("nft", "setpriv", "curl"):
    if not shutil.which(TOOL):
        skip("no %s here" % TOOL)
enter_namespace()
with tempfile.TemporaryDirectory() as TEMP:
    HERE = pathlib.Path(TEMP)
    HERE.chmod(0o755)
    gateway_is_valid(HERE)
    commands_are_taken(HERE)
    if has_impairments():
        sidecar_works(HERE)
finish()
