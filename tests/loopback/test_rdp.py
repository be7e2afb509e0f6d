#!/usr/bin/env python3
"""The workload "rdp" on loopback, with other people's programs for the other end: FreeRDP opens a session with our server as
far as its own client information, xrdp lets our client in; what tshark calls it; servers that err.
QUIET: a busy machine keeps xrdp and its screen waiting."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

FOLDER = tempfile.mkdtemp()  # of files that other people's programs leave
CONFIRM = bytes.fromhex("030000130ed000001234000200080001000000")  # X.224 Connection Confirm, RDP_NEG_RSP: TLS
REFUSAL = bytes.fromhex("030000130ed000001234000300080001000000")  # RDP_NEG_FAILURE: SSL_REQUIRED_BY_SERVER


def rdp(*words):
    return rpc.client("timeout=5s", *words, kind="rdp")


def at(server):
    return "127.0.0.1:%d" % server.port


def sessions_open_and_are_used():
    with rpc.Server("service=20ms", "service_varies=50%", kind="rdp") as server:
        kept = rdp("exchanges=20", "connections=2", "think=5ms", at(server))
        opened = rdp("exchanges=40", "rate=80/s", "arrivals=poisson", "per_connection=1", "think=100ms", at(server))
        told = server.stop()
    check("two sessions and 18 keys", kept["completed"] == 20 and kept["connections"] == 2 and not kept["errors"], kept["errors"])
    check("40 sessions by the rate", opened["completed"] == 40 and opened["connections"] == 40 and not opened["errors"])
    times = [x[2] - x[0] for x in opened["exchanges"]]
    check("the Confirm's time varies", max(times) - min(times) > 0.005, f"{min(times):.4f} to {max(times):.4f}")
    check("the server has as many", told["completed"] == 60 and not told["failed"], told["errors"])


def tshark(capture, port, *words):
    return subprocess.run(["tshark", "-r", capture, "-d", f"tcp.port=={port},tpkt", *words], capture_output=True, text=True,
                          check=True).stdout.splitlines()


def freerdp_comes_in():
    """Into a capture: FreeRDP speaks until it waits for the licence, which our server doesn't know."""
    if not all(map(shutil.which, ("xfreerdp", "xvfb-run", "tshark"))) or os.geteuid():
        return print("not asked: xfreerdp, xvfb-run and tshark aren't there, or may not capture")
    capture = os.path.join(FOLDER, "freerdp.pcapng")
    with rpc.Server(kind="rdp") as server:
        sniffer = subprocess.Popen(["tshark", "-i", "lo", "-f", f"tcp port {server.port}", "-w", capture],
                                   stderr=subprocess.PIPE, text=True)
        while "Capturing" not in (line := sniffer.stderr.readline()) and line:
            pass
        subprocess.run(["timeout", "6", "xvfb-run", "-a", "xfreerdp", f"/v:{at(server)}", "/cert:ignore", "/sec:tls", "/u:somebody",
                        "/p:x"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                       env=dict(os.environ, TMPDIR=FOLDER))  # who is ended by a signal leaves his folder
        time.sleep(0.5)
        sniffer.terminate()
        sniffer.communicate()
        told = server.stop()
    check("FreeRDP's Connect Initial was answered, and nothing failed", told["completed"] == 1 and not told["errors"], told["errors"])
    said = tshark(capture, server.port, "-Y", "rdp", "-T", "fields", "-e", "_ws.col.Info")
    check("a Negotiate Request and its Response", any("Negotiate Request" in x for x in said) and
          any("Negotiate Response" in x for x in said), said)
    up = tshark(capture, server.port, "-Y", f"tcp.dstport == {server.port} && tcp.len > 0", "-T", "fields", "-e", "tcp.len")
    check("it has joined its channels and said who it is", len(up) >= 8 and max(map(int, up[4:])) > 250, up)


def our_client_comes_into_xrdp():
    if not shutil.which("xrdp"):
        return print("not asked: xrdp isn't installed")
    port = rpc.free_port()
    paths = {x: os.path.join(FOLDER, x) for x in ("key.pem", "cert.pem", "xrdp.ini", "xrdp.log")}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=xrdp", "-days", "2", "-keyout",
                    paths["key.pem"], "-out", paths["cert.pem"]], check=True, stderr=subprocess.DEVNULL)
    with open("/etc/xrdp/xrdp.ini", encoding="utf-8") as f:
        text = f.read()
    for key, value in (("port", f"tcp://.:{port}"), ("certificate", paths["cert.pem"]), ("key_file", paths["key.pem"]),
                       ("security_layer", "tls"), ("LogFile", paths["xrdp.log"])):
        lines = [f"{key}={value}" if line.startswith(key + "=") else line for line in text.splitlines()]
        text = "\n".join(lines) + "\n"
    with open(paths["xrdp.ini"], "w", encoding="utf-8") as f:
        f.write(text)
    server = subprocess.Popen(["xrdp", "--nodaemon", "-c", paths["xrdp.ini"]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(50):
            if server.poll() is not None:
                return print("not asked: xrdp doesn't start here")
            with open("/proc/net/tcp", encoding="ascii") as f:
                if any(f":{port:04X} " in line and " 0A " in line for line in f):
                    break
            time.sleep(0.1)
        result = rdp("exchanges=3", "per_connection=1", f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()
    check("xrdp lets our client in three times", result["completed"] == 3 and not result["errors"], result["errors"])


def who_errs_is_told():
    def talk(answer):
        def serve(sock, _):
            sock.recv(4096)
            sock.sendall(answer)
            sock.recv(4096)
        with rpc.scripted(serve) as address:
            return rdp("exchanges=1", address)

    for what, answer, text in (("a refusal", REFUSAL, "doesn't confirm TLS"),
                               ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n", "no PDU"),
                               ("TLS after a Confirm that is none", CONFIRM + b"\x15\x03\x03\x00\x02\x02\x28", "before TLS")):
        result = talk(answer)
        check(f"{what} fails", result["failed_other"] == 1 and text in result["errors"][0], result["errors"])
    with rpc.Server(kind="rdp") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(bytes.fromhex("0300000b06e00000000000"))
            check("who doesn't offer TLS is told so", s.recv(100) == REFUSAL and not s.recv(1))
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"GET / HTTP/1.1\r\n\r\n")
            check("and who speaks HTTP is sent away", not s.recv(1))
        told = server.stop()
    check("both are counted", told["failed_other"] == 2, told["errors"])


def the_same_port_is_tried_again():
    seen = []

    def serve(sock, _):
        seen.append(sock.getpeername()[1])
        sock.recv(4096)

    with rpc.scripted(serve) as address:
        same = rdp("exchanges=1", "retries=1", "retry_port=same", address)
        new = rdp("exchanges=1", "retries=1", address)
    check("the same port, then another one", seen[0] == seen[1] and seen[2] != seen[3] and len(seen) == 4, seen)
    check("each try is an exchange", all(x["failed_eof"] == 2 and x["retries"] == 1 for x in (same, new)), same["errors"])


try:
    sessions_open_and_are_used()
    freerdp_comes_in()
    our_client_comes_into_xrdp()
    who_errs_is_told()
    the_same_port_is_tried_again()
finally:
    shutil.rmtree(FOLDER)
