#!/usr/bin/env python3
"""Real programs take either role: curl against nginx, curl against the built-in server, the built-in
client against python3 -m http.server."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need, tshark  # noqa: E402

need("curl", "tshark", "python3")
rig = Rig()

SCENARIO = """
name: real-programs
title: Real programs in both roles
source: this test
story: A page is fetched.
lab: {{intercept: {mode}, quickack: on, rto_min: 400ms, tail_loss_probe: off}}
server: {server}
client: {client}
siblings: {{}}
phases:
  baseline: []
  impaired: [{{delayed_ack: {{direction: downstream, timer: 200ms}}}}]
expect:
  - baseline.client_app.completed == {completed}
  - baseline.client_app.failed == 0
  - impaired.client_app.completed == {completed}
  - baseline.server_wire.retransmissions == 0
"""

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 80; root {folder}/www; }}
}}
"""


def referee(user, label, server, client, completed, mode="explicit"):
    path = rig.path(f"{label}.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SCENARIO.format(server=server, client=client, completed=completed, mode=mode))
    result, status, folder = rig.scenario(user, path, out=f"{label}-{user}")
    wrong = [x["text"] + ": " + x["measured"] for x in result["expectations"] if not x["ok"]]
    check(status == 0, f"{label} as {user}: {result['verdict']}; {result['why']} {wrong}")
    answers = tshark(os.path.join(folder, "baseline-client.pcapng"), "http.response.code == 200")
    check(len(answers) == completed, f"{label} as {user}: tshark sees {len(answers)} answers")


os.mkdir(rig.path("www"))
with open(rig.path("www/index.html"), "w", encoding="utf-8") as page:
    page.write("<p>It works.</p>\n" * 40)
with open(rig.path("nginx.conf"), "w", encoding="utf-8") as conf:
    conf.write(NGINX.format(folder=rig.folder))

for who in rig.users:
    CURL = '{command: "curl -sSf http://{host}:{port}/index.html"}'
    if shutil.which("nginx"):
        referee(who, "curl-nginx", f'{{command: ["nginx", "-c", "{rig.folder}/nginx.conf"]}}', CURL, 1)
    referee(who, "curl-rpc", "{app: rpc, response: [180B, 220B]}", CURL, 1)
    referee(who, "rpc-python", '{command: "python3 -m http.server -d ' + rig.path("www") + ' {port}"}',
            "{app: rpc, exchanges: 20, request: 128B}", 20, mode="forward")
