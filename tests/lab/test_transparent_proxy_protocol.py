#!/usr/bin/env python3
"""Through a gateway with a PROXY header before each connection: nginx reads the client's own address and the server's, for
IPv4 and IPv6, in both versions, also where the server sees the gateway's address; and so with the gateway's own
connections."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import gateway_rig  # noqa: E402
from gateway_rig import CLIENT, CLIENT6, IN, SERVER, SERVER6, check, main, stop  # noqa: E402

GATEWAY = {SERVER: "198.51.100.1", SERVER6: "2001:db8:2::1"}

# Beside the rig's two: a port whose connections begin with a header.
SERVER_BLOCK = """
  log_format header '$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr,$proxy_protocol_server_port,'
                    '$realip_remote_addr$request_uri';
  server {{ listen 82 proxy_protocol; listen [::]:82 proxy_protocol; root {0}/www; access_log {0}/access.log header; }}
}}
"""


def requests(g, name, *options):
    wedge = g.wedge("--port", "82", *options)
    for address, client in ((SERVER, CLIENT), (SERVER6, CLIENT6)):
        mark = f"f?{name}{address}"
        p = g.curl(address, mark, 82)
        code, port = p.stdout.split()
        check(code == "200", f"{name}: curl to {address}: {code} {p.stderr.strip()}")
        peer = GATEWAY[address] if "--own-address" in options else client
        want = (client, port, f"{address},82,{peer}/{mark}")
        g_saw = seen(g, mark)
        check(g_saw == [want], f"{name}: nginx reads {g_saw}")
    check(stop(wedge) == 0, f"{name}: SIGTERM ends it with 0")
    said = g.journal("proxy_header_out")[-2:]
    check([e["target"] for e in said] == [f"{SERVER}:82", f"[{SERVER6}]:82"], f"{name}: the journal: {said}")


def seen(g, mark):
    def those():
        return [entry for entry in g.log() if entry[2].endswith("/" + mark)]
    gateway_rig.await_true(those, f"nginx has logged {mark}")
    return those()


def redirected(g):
    """The host's own connections: its client's port, and where the client wanted to go, though it goes elsewhere."""
    wedge = g.wedge("--port", "82,83", "--proxy-protocol-out", "v2", "--map-upstream", ":83=" + f"{SERVER}:82",
                    mode=("--redirect",))
    for address, port in ((SERVER, 82), (SERVER6, 82), (SERVER, 83), (SERVER6, 83)):
        mark = f"f?redirect{port}{address}"
        p = g.curl(address, mark, port, at="gateway")
        code, local = p.stdout.split()
        check(code == "200", f"redirect: curl to {address} port {port}: {code} {p.stderr.strip()}")
        peer = GATEWAY[SERVER if port == 83 else address]
        want = (GATEWAY[address], local, f"{address},{port},{peer}/{mark}")
        g_saw = seen(g, mark)
        check(g_saw == [want], f"redirect: nginx reads {g_saw}")
    check(stop(wedge) == 0, "redirect: SIGTERM ends it with 0")


def inside(g, user, _):
    gateway_rig.NGINX = gateway_rig.NGINX.rstrip().rstrip("}") + SERVER_BLOCK
    g.nginx()
    print(user)
    for version in ("v1", "v2"):
        requests(g, version, "--proxy-protocol-out", version)
    requests(g, "own", "--own-address", "--proxy-protocol-out", "v2")
    redirected(g)
    said = g.refused("--transparent", "--in", IN, "--proxy-protocol-in")
    check("--proxy-protocol-in" in said and "explicit" in said, "no header can be expected from who doesn't know of wedge")


main(inside, "curl", "nginx")
