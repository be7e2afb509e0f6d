#!/usr/bin/env python3
"""HTTPS of the workload "rpc", with other people's programs for the other end: curl asks our server, and a server of Python's
answers our client; who breaks TLS off is told, and both ends must speak it."""
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

FOLDER = tempfile.mkdtemp()  # of the other server's key


def https(*words):
    return rpc.client("timeout=5s", "tls=true", *words)


def at(server):
    return "127.0.0.1:%d" % server.port


def both_ends_of_ours():
    with rpc.Server("tls=true", "response=120B,256KiB", "nodelay=true") as server:
        result = https("exchanges=20", "connections=4", at(server))
        again = https("exchanges=6", "per_connection=1", "close=shutdown", at(server))
        told = server.stop()
    check("20 answers of 256 KiB", result["completed"] == 20 and not result["errors"], result["errors"])
    check("the bytes are those of the answers", result["bytes_in"] == 20 * (120 + 256 * 1024), result["bytes_in"])
    check("6 connections end in order", again["completed"] == 6 and len(again["closing"]) == 6 and not again["errors"])
    check("the server has as many", told["completed"] == 26 and not told["failed"], told["errors"])


def curl_asks_our_server():
    if not shutil.which("curl"):
        return print("not asked: curl isn't installed")
    with rpc.Server("tls=true", "response=200B,5KiB") as server:
        done = subprocess.run(["curl", "-sk", "--max-time", "5", "-w", "%{http_code} %{size_download} %{ssl_verify_result} ",
                               "-o", os.devnull, f"https://{at(server)}/", "-o", os.devnull, f"https://{at(server)}/again"], stdout=subprocess.PIPE, text=True, check=False)
        refused = subprocess.run(["curl", "-s", "--max-time", "5", f"https://{at(server)}/"], check=False, stdout=subprocess.DEVNULL)
        told = server.stop()
    check("curl gets both answers", done.returncode == 0 and done.stdout.startswith("200 5120 18 200 5120"), done.stdout)
    check("and without -k trusts no certificate of its own making", refused.returncode == 60)
    check("the server tells that somebody broke off", told["completed"] == 2 and told["failed"] <= 1, told["errors"])


def our_client_asks_another_server():
    key, cert = os.path.join(FOLDER, "key.pem"), os.path.join(FOLDER, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-days", "2", "-keyout", key,
                    "-out", cert], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    seen = []

    def answer(sock, _):
        with context.wrap_socket(sock, server_side=True) as s:
            seen.append(s.version())
            while rpc.request(s):
                s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with rpc.scripted(answer) as address:
        result = https("exchanges=8", address)
    check("OpenSSL of Python answers 8 times over TLS 1.2", result["completed"] == 8 and seen == ["TLSv1.2"], result["errors"])


def broken_tls_is_told():
    def clear(sock, _):
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def end(sock, _):
        sock.recv(4096)

    for what, answer, outcome in (("a server without TLS", clear, "failed_other"), ("a server that ends", end, "failed_eof")):
        with rpc.scripted(answer) as address:
            result = https("exchanges=1", address)
        check(f"{what} fails", result[outcome] == 1, result["errors"])
    with rpc.Server("tls=true") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"GET / HTTP/1.1\r\n\r\n")
            s.settimeout(5)
            with contextlib.suppress(ConnectionResetError):  # it closes with what it hasn't read
                check("our server says alert to HTTP, if anything", s.recv(7)[:3] in (b"\x15\x03\x01", b""))
        told = server.stop()
    check("and counts it", told["failed_other"] == 1, told["errors"])


def a_silent_server_times_out():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        threading.Timer(2, silent.close)
        result = rpc.client("timeout=300ms", "tls=true", "exchanges=1", "127.0.0.1:%d" % silent.getsockname()[1])
    check("a handshake without an answer is a timeout", result["failed_timeout"] == 1, result["errors"])


try:
    both_ends_of_ours()
    curl_asks_our_server()
    our_client_asks_another_server()
    broken_tls_is_told()
    a_silent_server_times_out()
finally:
    shutil.rmtree(FOLDER)
