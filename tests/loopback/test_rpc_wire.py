#!/usr/bin/env python3
"""What the workload "rpc" puts on the wire, in a network namespace of its own, seen by tshark: header
and body are two segments, and the second one follows the client's pure ACK of the first.
ALONE: it judges milliseconds."""
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc

EXCHANGES = 15
PACKET_OUTGOING = 4  # linux/if_packet.h: loopback shows every packet twice, once as outgoing


def capture(sock, path, over):
    """Writes a pcap file (nanoseconds, Ethernet) of the incoming packets until over is set and none is left."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        while True:
            try:
                data, address = sock.recvfrom(65535)
            except socket.timeout:
                if over.is_set():
                    return
                continue
            now = time.time_ns()
            if address[2] != PACKET_OUTGOING:
                f.write(struct.pack("<IIII", now // 10**9, now % 10**9, len(data), len(data)) + data)


def exchange(path, *words):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind(("lo", 0))
    sock.settimeout(0.1)
    over = threading.Event()
    taker = threading.Thread(target=capture, args=(sock, path, over))
    taker.start()
    with rpc.Server() as server:
        result = rpc.client("exchanges=%d" % EXCHANGES, *words, "127.0.0.1:%d" % server.port)
        port = server.port
    over.set()
    taker.join()
    rpc.check("every exchange completes", result["completed"] == EXCHANGES)
    return port


def responses(path, port):
    """Per response: the packets from its first segment on as (seconds, from server, length)."""
    out = subprocess.run(
        ["tshark", "-r", path, "-Y", "tcp.port == %d && tcp.flags.fin == 0" % port, "-T", "fields", "-e",
         "frame.time_epoch", "-e", "tcp.srcport", "-e", "tcp.len"], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    packets = [(float(at), int(source) == port, int(length)) for at, source, length in
               (line.split("\t") for line in out.splitlines())]
    found, current = [], None
    for packet in packets:
        if not packet[1] and packet[2]:  # a request begins
            current = []
            found.append(current)
        elif current is not None and (current or (packet[1] and packet[2])):
            current.append(packet)
    return found


def inside():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/plain.pcap"
        found = responses(path, exchange(path))
        rpc.check("tshark finds every exchange", len(found) == EXCHANGES, len(found))
        rpc.check("each response is two segments as written",
                  all([p[2] for p in r if p[1] and p[2]] == [180, 220] for r in found))
        stalled = [r for r in found if len(r) >= 3 and not r[1][1] and r[1][2] == 0 and
                   0.035 < r[1][0] - r[0][0] < 0.060 and r[2][1] and r[2][0] - r[1][0] < 0.005]
        rpc.check("the body follows the client's pure ACK after the delayed-ACK time",
                  len(stalled) >= EXCHANGES - 3, len(stalled))
        path = folder + "/quick.pcap"
        found = responses(path, exchange(path, "quickack=true"))
        rpc.check("with a quick ACK it is two segments too",
                  all([p[2] for p in r if p[1] and p[2]] == [180, 220] for r in found))
        gaps = [[p for p in r if p[1] and p[2]] for r in found]
        late = sum(g[1][0] - g[0][0] > 0.020 for g in gaps)
        rpc.check("and the second one does not wait", late <= 1, late)


def main():
    if sys.argv[1:] == ["inside"]:
        inside()
        return
    for program in ("tshark", "unshare", "ip"):
        if not shutil.which(program) and not shutil.which(program, path="/usr/sbin:/sbin"):
            rpc.skip(program + " is not installed")
    unshare = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], check=False).returncode:
        rpc.skip("this kernel gives an ordinary user no network namespace")
    sys.exit(subprocess.run([*unshare, sys.executable, __file__, "inside"], check=False).returncode)


main()
