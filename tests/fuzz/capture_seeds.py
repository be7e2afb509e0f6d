#!/usr/bin/env python3
"""capture_seeds.py [WEDGE] - writes tests/fuzz/corpus/capture/real-*: what tcpdump, dumpcap and tshark have captured of real connections in a
network of their own, and wedge's own captures, of a proxy and of a scenario; small ones, since each is read ten thousand times."""
import http.server
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
os.environ["WEDGE"] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(SOURCE, "build", "wedge"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "rig"))
import own_network  # noqa: E402

own_network.enter("tcpdump", "dumpcap", "tshark", "curl", "nft")
import proxy_rig as rig  # noqa: E402

CORPUS = os.path.join(SOURCE, "tests", "fuzz", "corpus", "capture")
LARGEST = 60000  # replay.c reads so much and a little more


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(3):
            self.wfile.write(b"%x\r\n%s\r\n" % (700, bytes([65 + i]) * 700))
            self.wfile.flush()
            time.sleep(0.03)
        self.wfile.write(b"0\r\n\r\n")

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass

    def log_message(self, *args):
        pass


def rules(*lines):
    for line in lines:
        subprocess.run(["nft", line], check=True)


def talk(port, host="127.0.0.1"):
    """Pages over one connection, one that is reset, one to a closed port, one whose packets are lost."""
    url = "http://%s:%d/" % ("[%s]" % host if ":" in host else host, port)
    subprocess.run(["curl", "-sS", "-g", "-m", "10", "-o", "/dev/null", "-o", "/dev/null", url + "a", url + "b"], check=False)
    c = rig.connect(port, host)
    c.sendall(b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
    c.recv(100)
    rig.reset(c)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as closed:
        closed.connect_ex((host, 9))


def lossy(port):
    """Every fourth segment of the server with data is lost."""
    rules("add table inet t", "add chain inet t c { type filter hook output priority 0 ; }",
          "add rule inet t c tcp sport %d tcp flags & psh == psh numgen inc mod 4 == 1 drop" % port)
    try:
        subprocess.run(["curl", "-sS", "-m", "10", "-o", "/dev/null", "http://127.0.0.1:%d/" % port], check=False)
    finally:
        rules("delete table inet t")


def captured(name, words, talking):
    """By one of the tools; FILE in its words is the seed's name."""
    path = os.path.join(CORPUS, "real-" + name)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, name)
        p = subprocess.Popen([w.replace("FILE", out) for w in words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(6)  # tshark takes its time
        talking()
        time.sleep(2)
        p.send_signal(signal.SIGINT)
        p.wait(20)
        keep(out, path)


def keep(made, path):
    with open(made, "rb") as f:
        data = f.read()
    if len(data) > LARGEST:
        raise SystemExit("%s has %d bytes, too many for a seed" % (path, len(data)))
    with open(path, "wb") as f:
        f.write(data)
    print("%6d %s" % (len(data), os.path.basename(path)))


def of_a_proxy(port):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "x.pcapng")
        with rig.Proxy("127.0.0.1:%d" % port, "--capture", out, "--impair", "latency{delay=20ms}", "--impair", "delayed_ack") as p:
            talk(p.port)
        keep(out, os.path.join(CORPUS, "real-proxy.pcapng"))


SCENARIO = """name: short
title: t
source: s
story: s
server: {app: rpc, response: "180B,220B"}
client: {app: rpc, exchanges: 3, quickack: true}
phases:
  baseline: []
  held: [delayed_ack: {timer: 200ms}]
expect:
  - held.client_app.failed == 0
"""


def of_a_scenario():
    """One leg as it was captured, with comments, and both."""
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/short.yaml", "w", encoding="utf-8") as f:
            f.write(SCENARIO)
        subprocess.run([rig.WEDGE, "run", "--out", folder + "/out", folder + "/short.yaml"], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for name in ("baseline.pcapng", "held-server.pcapng"):
            keep(os.path.join(folder, "out", name), os.path.join(CORPUS, "real-run-" + name))


def main():
    with open("/proc/sys/net/ipv4/tcp_congestion_control", "w", encoding="ascii") as f:
        f.write("reno")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server6 = http.server.ThreadingHTTPServer.__new__(http.server.ThreadingHTTPServer)
    server6.address_family = socket.AF_INET6
    http.server.ThreadingHTTPServer.__init__(server6, ("::1", 0), Page)
    for s in (server, server6):
        threading.Thread(target=s.serve_forever, daemon=True).start()
    port, port6 = server.server_address[1], server6.server_address[1]
    captured("tcpdump.pcap", ["tcpdump", "-i", "lo", "-U", "-w", "FILE", "-Z", "root", "tcp"], lambda: talk(port))
    captured("tcpdump-any-nano-cut.pcap", ["tcpdump", "-i", "any", "-U", "-s", "80", "--nano", "-w", "FILE", "-Z", "root", "tcp"],
             lambda: talk(port6, "::1"))
    captured("dumpcap-lossy.pcapng", ["dumpcap", "-q", "-i", "lo", "-w", "FILE"], lambda: lossy(port))
    captured("tshark-any.pcapng", ["tshark", "-q", "-i", "any", "-w", "FILE"], lambda: talk(port))
    of_a_proxy(port)
    of_a_scenario()


main()
