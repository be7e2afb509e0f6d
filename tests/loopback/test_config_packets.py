#!/usr/bin/env python3
"""Impairments of the packet plane come and go while wedge runs, on open sessions too: the plane begins under them,
its rules follow the proxies, the session numbers stay. Forwarded connections from a file. In network namespaces of
its own, as an ordinary user."""
import json
import os
import subprocess
import sys
import tempfile
import time

if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    if subprocess.run(["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True).returncode:
        print("network namespaces can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urn", sys.executable, *sys.argv], env)

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig
from config_rig import Config, check as check_file, has_impairments, proxies, proxy
from proxy_rig import accept, check, connect, listener

if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
MANY = 16
LATE = {"delayed_ack": {"direction": "downstream", "timer": "200ms"}}


def exchange(c, s):
    """Milliseconds of an answer in two small writes with Nagle on: the second waits for an ACK."""
    began = time.monotonic()
    c.sendall(b"request")
    s.recv(100)
    s.sendall(b"h" * 20)
    s.sendall(b"b" * 30)
    got = b""
    while len(got) < 50:
        got += c.recv(100)
    return 1000 * (time.monotonic() - began)


def exchanges(pairs):
    """The same of all of them at once."""
    began = time.monotonic()
    for c, s in pairs:
        c.sendall(b"request")
        s.recv(100)
        s.sendall(b"h" * 20)
        s.sendall(b"b" * 30)
    took = []
    for c, _ in pairs:
        got = b""
        while len(got) < 50:
            got += c.recv(100)
        took.append(1000 * (time.monotonic() - began))
    return took


def quick(pair):
    return min(exchange(*pair) for _ in range(3)) < 20


def late(pair):
    times = sorted(exchange(*pair) for _ in range(3))
    return 199 < times[1] < 230


def rules():
    """What of wedge's is in the kernel's tables, as the tools list it."""
    text = ""
    for tool in (["iptables-save"], ["ip6tables-save"], ["iptables-legacy-save", "-t", "raw"], ["nft", "list", "ruleset"]):
        try:
            text += subprocess.run(tool, capture_output=True, text=True).stdout
        except FileNotFoundError:
            pass
    return [l for l in text.splitlines() if "wedge" in l or "queue" in l]


def queued(port):
    return any("dport %d " % port in l for l in rules())


def own_sockets():
    a, b = listener(), listener()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal.jsonl")
        with Config(proxies(proxy("a", a), proxy("b", b)), "--journal", path, "-v") as w:
            pair = lambda name, server: (connect(w.port(name)), accept(server))
            old_a, old_b = pair("a", a), pair("b", b)
            check("without impairments nothing waits, and no packet is queued", quick(old_a) and quick(old_b) and not rules())
            check("a packet impairment comes", w.changed(proxies(proxy("a", a, LATE), proxy("b", b))) == (0, 0, 1))
            check("it acts on the open session", late(old_a))
            new_a = pair("a", a)
            check("and on a new one", late(new_a))
            check("not on another proxy's", quick(old_b) and quick(pair("b", b)))
            check("the rules name both listeners", queued(w.ports["a"]) and queued(w.ports["b"]))
            check("a proxy with one comes", w.changed(
                proxies(proxy("a", a, LATE), proxy("b", b), proxy("c", b, LATE))) == (1, 0, 0))
            check("it acts there", late(pair("c", b)))
            check("the rules name the new one", queued(w.port("c")))
            check("the first goes, with its proxy", w.changed(proxies(proxy("b", b), proxy("c", b, LATE))) == (0, 1, 0))
            check("the rules name it no more", not queued(w.ports["a"]) and queued(w.ports["b"]))
            check("its sessions go on unimpaired", quick(old_a) and quick(new_a))
            check("the other's last", w.changed(proxies(proxy("b", b))) == (0, 1, 0) and quick(pair("b", b)))
            check("and comes back", w.changed(proxies(proxy("b", b, LATE))) == (0, 0, 1) and late(old_b))
        events = [json.loads(line) for line in open(path)]
        who = {e["session"]: e["proxy"] for e in events if e["event"] == "session_open"}
        held = [e["session"] for e in events if e["event"] == "ack_held"]
        check("sessions have one number on both planes", list(who) == list(range(1, len(who) + 1)) and
              sorted({(n, who.get(n)) for n in held}) == [(1, "a"), (2, "b"), (3, "a"), (5, "c")],
              "%s held in %s" % (who, sorted(set(held))))
    check("no rule is left behind", not rules(), " ".join(rules()[:2]))


def all_quick(pairs):
    """None waits as long as the impairment would have it, at least once, however busy the machine is."""
    return any(max(exchanges(pairs)) < 199 for _ in range(5))


def of_all_workers():
    """The plane gets to know the sessions of every worker when it begins, under their numbers, also those to come."""
    a = listener()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal.jsonl")
        with Config(proxies(proxy("a", a)), "--journal", path, "--workers", "4", "-v") as w:
            old = [(connect(w.port("a")), accept(a)) for _ in range(MANY)]
            check("of many workers: nothing waits", all_quick(old))
            check("a packet impairment comes to many workers", w.changed(proxies(proxy("a", a, LATE))) == (0, 0, 1))
            times = exchanges(old)
            check("it acts on the open sessions of them all", min(times) > 199, "%.1f ms" % min(times))
            new = [(connect(w.port("a")), accept(a)) for _ in range(MANY)]
            times = exchanges(new)
            check("and on all new ones", min(times) > 199, "%.1f ms" % min(times))
            check("and goes", w.changed(proxies(proxy("a", a))) == (0, 0, 1))
            check("from all of them", all_quick(old + new))
        with open(path, encoding="utf-8") as f:
            events = [json.loads(line) for line in f]
        opened = [e["session"] for e in events if e["event"] == "session_open"]
        held = {e["session"] for e in events if e["event"] == "ack_held"}
        check("every session has a number of its own, on both planes", sorted(opened) == list(range(1, 2 * MANY + 1)) == sorted(held),
              "%s held in %s" % (sorted(opened), sorted(held)))
        legs = {(e["session"], e["leg"], e["client"]) for e in events if e["event"] == "connection"}
        check("and its two legs are told of once each, or twice the same", len(legs) == 4 * MANY, len(legs))
        met = [(e["sessions"], e["acted"]) for e in events if e["event"] == "impairment"]
        check("the impairment has met the new ones, and acted on all", met == [(MANY, 2 * MANY)], met)


def sh(command):
    subprocess.run(["sh", "-ec", command], check=True, stdout=subprocess.DEVNULL)


SERVER = r'''
import socket
l = socket.create_server(("198.51.100.2", 80))
print("ready", flush=True)
while True:
    s, _ = l.accept()
    while s.recv(100):
        s.sendall(b"h" * 20)
        s.sendall(b"b" * 30)
'''
CLIENT = r'''
import socket, sys, time
s = socket.create_connection(("198.51.100.2", 80))
for line in sys.stdin:
    began = time.monotonic()
    s.sendall(b"request")
    got = b""
    while len(got) < 50:
        got += s.recv(100)
    print(1000 * (time.monotonic() - began), flush=True)
'''


def forwarded():
    """client - wedge's host - server: three network namespaces."""
    ends = [subprocess.Popen(["unshare", "-n", "sh", "-c", "echo up; exec sleep 60"], stdout=subprocess.PIPE) for _ in range(2)]
    for end in ends:
        end.stdout.readline()
    inside = [["nsenter", "-t", str(end.pid), "-n"] for end in ends]
    for i, (net, end) in enumerate((("192.0.2", ends[0]), ("198.51.100", ends[1]))):
        sh("ip link add w%d type veth peer name eth0 netns %d; ip addr add %s.1/24 dev w%d; ip link set w%d up" %
           (i, end.pid, net, i, i))
        sh("nsenter -t %d -n sh -ec 'ip addr add %s.2/24 dev eth0; ip link set eth0 up; ip route add default via %s.1'" %
           (end.pid, net, net))
    sh("echo 1 > /proc/sys/net/ipv4/ip_forward")
    sh("nsenter -t %d -n ip route change default via 192.0.2.1 quickack 1" % ends[0].pid)
    server = subprocess.Popen([*inside[1], sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    client = subprocess.Popen([*inside[0], sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True, bufsize=1)

    def middle():
        times = []
        for _ in range(5):
            client.stdin.write("\n")
            times.append(float(client.stdout.readline()))
        return sorted(times)[2]

    row = {"name": "f", "mode": "forward", "server": "198.51.100.2:80", "impairments": [LATE]}
    a = listener()
    with Config(proxies(proxy("a", a), row)) as w:
        check("the line says what is watched", bool(rig.wait_for(
            lambda: w.logged("wedge: f: watching what is forwarded to and from 198.51.100.2:80, packets through "))))
        ms = middle()
        check("its ACKs are held", 199 < ms < 230, "%.2f ms" % ms)
        check("disabled", w.changed(proxies(proxy("a", a), dict(row, enabled=False))) == (0, 1, 0))
        ms = middle()
        check("the same connection goes on, and nothing waits", ms < 20, "%.2f ms" % ms)
        check("enabled", w.changed(proxies(proxy("a", a), row)) == (1, 0, 0))
        ms = middle()
        check("held again, from the middle of the connection", 199 < ms < 230, "%.2f ms" % ms)
    ms = middle()
    check("without wedge the connection goes on", ms < 20, "%.2f ms" % ms)
    for p in (client, server, *ends):
        p.kill()
        p.wait()


own_sockets()
of_all_workers()
forwarded()
rig.finish()
