#!/usr/bin/env python3
"""A held ACK is never early, and half of them are less than a quarter of a millisecond late, on one flow and
on 1,000; data is not held; tshark measures it. As root and as an ordinary user."""
# ALONE: a quarter of a millisecond
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HOLD = 0.200
FLOWS = 1000
SERVER, PROXY = 9000, 8080
LATE = 3  # exit status: all is right but the median


children, late = [], []


def fail(text, status=1):
    """Ends its own children too: whoever reads this script's output waits for them."""
    print("FAILED:", text, flush=True)
    for child in children:
        child.kill()
    sys.exit(status)


def connected(server):
    """One connection through wedge: the client's end and the server's."""
    client = socket.create_connection(("127.0.0.1", PROXY))
    return client, server.accept()[0]


def wait_for_port(wedge):
    for _ in range(200):
        if wedge.poll() is not None:
            fail("wedge ended: " + wedge.stderr.read())
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", PROXY)) == 0:
                return
        time.sleep(0.02)
    fail("wedge doesn't listen")


def exchange(client, server):
    """Write-write-read: the second small write waits, by Nagle, for the first one's ACK."""
    begin = time.monotonic()
    client.sendall(b"q" * 100)
    server.recv(1000)
    server.sendall(b"h" * 120)
    server.sendall(b"b" * 60)
    got = 0
    while got < 180:
        got += len(client.recv(1000))
    return time.monotonic() - begin


def many_flows(server):
    """One segment from the server on each of 1,000 connections, all within the hold's time; returns
    how long each took to its client."""
    pairs = [connected(server) for _ in range(FLOWS)]
    time.sleep(0.5)
    times = []
    for client, accepted in pairs:
        begin = time.monotonic()
        accepted.sendall(b"d" * 100)
        client.recv(1000)
        times.append(time.monotonic() - begin)
    if sum(times) > HOLD:
        print(f"note: the {FLOWS} segments took {sum(times):.3f} s: not all were held at once")
    time.sleep(2 * HOLD)
    return times


def ack_gaps(capture, ports):
    """Seconds from each server-leg data segment to the pure ACK that covers it, by tshark; a segment whose
    ACK rides on data was not held."""
    out = subprocess.run(
        ["tshark", "-r", capture, "-o", "tcp.relative_sequence_numbers:FALSE", "-Y",
         f"tcp.port=={SERVER} && tcp.flags.syn==0", "-T", "fields", "-e", "frame.time_epoch", "-e",
         "tcp.srcport", "-e", "tcp.dstport", "-e", "tcp.len", "-e", "tcp.seq", "-e", "tcp.ack"],
        capture_output=True, text=True, check=True).stdout
    waiting, gaps = {}, []
    for line in out.splitlines():
        at, src, dst, length, seq, ack = line.split("\t")
        at, src, dst, length, seq, ack = float(at), int(src), int(dst), int(length), int(seq), int(ack)
        if src == SERVER and length and dst in ports:
            waiting.setdefault(dst, (at, seq))
        elif dst == SERVER and src in waiting and ack > waiting[src][1]:
            begin = waiting.pop(src)[0]
            if not length:
                gaps.append(at - begin)
    return gaps


def check_gaps(what, gaps, n, most):
    errors = sorted(g - HOLD for g in gaps)
    if len(errors) != n:
        fail(f"{what}: {len(errors)} held ACKs on the wire, not {n}")
    p50 = statistics.median(errors)
    print(f"{what}: {n} holds, error min {errors[0] * 1e3:.3f} p50 {p50 * 1e3:.3f} "
          f"p99 {errors[int(n * 0.99)] * 1e3:.3f} max {errors[-1] * 1e3:.3f} ms")
    if errors[0] < 0:
        fail(f"{what}: an ACK came early")
    if p50 > most:
        late.append(f"{what}: the median error is more than {most * 1e3} ms")


def inside(wedge_path):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # The sender's tail-loss probe would come at about 204 ms and bring ACKs of its own.
    subprocess.run("ip route change table local local 127.0.0.0/8 dev lo proto kernel scope host "
                   "src 127.0.0.1 rto_min 1s", shell=True, check=True)
    subprocess.run("ip route change table local local 127.0.0.1 dev lo proto kernel scope host "
                   "src 127.0.0.1 rto_min 1s", shell=True, check=True)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if limit < 2 * FLOWS + 100:
        print(f"skipped: only {limit} descriptors")
        sys.exit(77)
    server = socket.create_server(("127.0.0.1", SERVER), backlog=FLOWS)
    with open("wedge.err", "w+") as err:
        wedge = subprocess.Popen(
            [wedge_path, "proxy", "--listen", f"127.0.0.1:{PROXY}", "--upstream",
             f"127.0.0.1:{SERVER}", "--journal", "journal.jsonl", "--impair",
             "delayed_ack{direction=downstream,timer=200ms,every=2}"], stderr=err)
        wedge.stderr = err
        children.append(wedge)
        wait_for_port(wedge)
        server.accept()[0].close()
        tap = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "-B", "65536", "-s", "120", "-w",
                                "hold.pcap", "tcp"], stderr=subprocess.PIPE, text=True)
        children.append(tap)
        tap.stderr.readline()
        one = connected(server)
        times = [exchange(*one) for _ in range(10)]
        print(f"write-write-read: {min(times) * 1e3:.2f}-{max(times) * 1e3:.2f} ms")
        if min(times) < HOLD or statistics.median(times) > HOLD + 0.010:
            fail("the exchanges don't take the hold's time")
        one_port = one[1].getpeername()[1]
        to_client = many_flows(server)
        if statistics.median(to_client) > 0.010:
            fail("the data is held, too")
        time.sleep(0.3)
        tap.terminate()
        tap.wait()
        wedge.terminate()
        time.sleep(0.2)
        wedge.terminate()
        wedge.wait(10)
    gaps = ack_gaps("hold.pcap", {one_port})
    check_gaps("one flow", gaps[:10], 10, 0.00025)
    gaps = ack_gaps("hold.pcap", set(range(65536)) - {one_port})
    check_gaps(f"{FLOWS} flows", gaps, FLOWS, 0.00025)
    with open("journal.jsonl") as f:
        events = [json.loads(line) for line in f]
    reasons = [e["reason"] for e in events if e["event"] == "ack_released"]
    # 11 on the one flow: each exchange's first write, and the last one's second.
    if reasons.count("timer") != FLOWS + 11:
        fail(f"the journal tells of {reasons.count('timer')} timers")
    left = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    if "wedge" in left:
        fail("rules are left behind")
    if late:
        fail("; ".join(late), LATE)


def play(way):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        shutil.copy(os.environ["WEDGE"], folder + "/wedge")
        shutil.copy(__file__, folder + "/test.py")
        return subprocess.run(way + ["/usr/bin/python3", "test.py", "inside", "./wedge"], cwd=folder,
                              env={**os.environ, "HOME": folder}).returncode


def main():
    sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
    from noise import unspoilt  # the copy inside can't, as an ordinary user
    for tool in ("tshark", "tcpdump", "iptables-save", "unshare", "setpriv"):
        if not shutil.which(tool):
            print(f"skipped: no {tool} here")
            sys.exit(77)
    user_ns = ["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--mount"]
    ways = {"self": user_ns}
    if os.getuid() == 0:
        ways = {"root": ["unshare", "--net"],
                "nobody": ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] +
                user_ns}
    for who, way in ways.items():
        print(f"-- {who}", flush=True)
        rc = unspoilt(lambda way=way: play(way), lambda status: status != LATE)
        if rc:
            sys.exit(rc)


if len(sys.argv) > 2 and sys.argv[1] == "inside":
    inside(sys.argv[2])
else:
    main()
