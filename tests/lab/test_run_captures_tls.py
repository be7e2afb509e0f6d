#!/usr/bin/env python3
"""A capture with the run's TLS secrets in it shows the run decrypted, with nothing but the file itself:
openssl talks to openssl over TLS 1.2 and 1.3, its client leaves its key log in the folder."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from pcapng_rig import INTERFACE, PACKET, SECRETS, blocks, capinfos  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

need("tshark", "capinfos", "openssl", "setpriv")
rig = Rig()


def certificate():
    key, cert = rig.path("key.pem"), rig.path("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-subj", "/CN=lab", "-days", "2"], check=True,
                   capture_output=True)
    os.chmod(key, 0o644)
    return key, cert


def play(version, *more):
    key, cert = certificate()
    ask = "(printf 'GET /secret HTTP/1.0\\r\\n\\r\\n'; sleep 1) | openssl s_client -quiet " \
          f"-{version} -keylogfile {{out}}/tls-keys.log -connect {{host}}:{{port}}"
    spec = {"name": version.replace("_", "-"), "title": version, "source": "this test", "story": "A page is fetched over TLS.",
            "server": {"command": ["openssl", "s_server", "-www", "-accept", "{port}", "-key", key, "-cert", cert],
                       "port": 443},
            "client": {"command": ["sh", "-c", ask]},
            "siblings": {},
            "phases": {"baseline": []},
            "expect": ["baseline.client_app.completed == 1"]}
    path = rig.path(version + ".yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(spec, f)
    out = version + "".join(more)
    _, status, folder = rig.scenario(rig.ordinary, path, *more, out=out)
    with open(os.path.join(folder, "baseline-main-client.log"), encoding="utf-8", errors="replace") as f:
        check(status == 0 and "200 ok" in f.read(), f"{out}: the page came")
    return folder


for tls in ("tls1_2", "tls1_3"):
    where = play(tls)
    for name in ("baseline-client.pcapng", "baseline-server.pcapng", "baseline.pcapng"):
        capture = os.path.join(where, name)
        uris = tshark(capture, "http.request", "http.request.uri")
        check(uris == [["/secret"]] * (2 if name == "baseline.pcapng" else 1),
              f"{tls}: {name} shows what was asked: {uris}")
        kinds = [b.kind for b in blocks(capture)]
        check(kinds.count(SECRETS) == 1 and
              max(i for i, k in enumerate(kinds) if k == INTERFACE) < kinds.index(SECRETS) < kinds.index(PACKET),
              f"{tls}: {name} has its secrets before the first packet")
        check(int(capinfos(capture)["Number of packets"]) == kinds.count(PACKET), f"{tls}: capinfos counts {name}")
bare = os.path.join(play("tls1_3", "--raw-captures"), "baseline-client.pcapng")
check(not tshark(bare, "http.request") and tshark(bare, "tls.handshake.type == 1"), "without them it stays sealed")
