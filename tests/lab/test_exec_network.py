#!/usr/bin/env python3
"""The network that a command sees in wedge exec: every connection is caught, of IPv4 and IPv6, to this host's loopback,
its names and its own addresses; a listener inside is left alone; names are resolved by the host's nameservers, raw;
other UDP is refused by ICMP; nothing is reachable that the host doesn't reach. And what all this costs."""
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import BODY, Exec, check, environment, main, need, web  # noqa: E402

need("curl", "unshare")
rig = Exec()
server, server6 = web(), web("::1")

# A nameserver that answers every question over UDP and TCP: 127.0.0.1 for an A record, else no record; a question of
# type TXT is answered with its own text, so that nothing can have understood it on the way.
NAMESERVER = r"""
import socket, struct, sys, threading
def answer(q):
    end = 12
    while q[end]: end += q[end] + 1
    kind = struct.unpack(">H", q[end+1:end+3])[0]
    record = {1: (1, bytes([127, 0, 0, 1])), 16: (16, bytes([len(q[12:end])]) + q[12:end])}.get(kind)
    r = q[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, 1 if record else 0, 0, 0) + q[12:end+5]
    if record: r += b"\xc0\x0c" + struct.pack(">HHIH", record[0], 1, 60, len(record[1])) + record[1]
    return r
u = socket.socket(type=socket.SOCK_DGRAM); u.bind(("127.7.7.7", 53))
t = socket.socket(); t.setsockopt(1, 2, 1); t.bind(("127.7.7.7", 53)); t.listen()
def tcp():
    while True:
        c, _ = t.accept()
        n = struct.unpack(">H", c.recv(2))[0]
        a = answer(c.recv(n))
        c.sendall(struct.pack(">H", len(a)) + a)
        c.close()
threading.Thread(target=tcp, daemon=True).start()
print("ready", flush=True)
while True:
    q, a = u.recvfrom(65535)
    u.sendto(answer(q), a)
"""
ASK = r"""
import socket, struct
ns = [l.split()[1] for l in open("/etc/resolv.conf") if l.startswith("nameserver")][0]
q = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03foo\x07example\x00\x00\x10\x00\x01"
u = socket.socket(type=socket.SOCK_DGRAM); u.settimeout(5); u.connect((ns, 53))
u.send(q)
print("udp", b"\x0c\x03foo\x07example" in u.recv(999))
t = socket.create_connection((ns, 53)); t.send(struct.pack(">H", len(q)) + q)
print("tcp", b"\x0c\x03foo\x07example" in t.makefile("rb").read())
print("name", socket.gethostbyname("anything.example"))
"""
UDP = r"""
import socket, time
for family, ip in ((socket.AF_INET, "8.8.8.8"), (socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "127.0.0.1")):
    u = socket.socket(family, socket.SOCK_DGRAM); u.settimeout(5); began = time.time()
    try:
        u.connect((ip, 443)); u.send(b"x"); u.recv(9)
    except OSError as e:
        print(ip, e.errno, round((time.time() - began) * 1000))
"""
INSIDE = r"""
import socket
for family, ip in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "0.0.0.0")):
    l = socket.socket(family); l.bind((ip, 0)); l.listen()
    c = socket.create_connection((ip, l.getsockname()[1])); s, _ = l.accept()
    c.sendall(b"x" * 50000); c.shutdown(1); n = 0
    while piece := s.recv(65536): n += len(piece)
    print(ip, n)
"""
PARALLEL = r"""
import socket, sys, threading
def one(out):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s.settimeout(20)
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"); n = 0
    while n < int(sys.argv[2]): n += len(s.recv(65536))
    out.append(n); s.close()
done = []
for _ in range(4):
    ts = [threading.Thread(target=one, args=(done,)) for _ in range(50)]
    [t.start() for t in ts]; [t.join() for t in ts]
print(len(done))
"""


def every_way_leads_through_wedge(user):
    host = socket.gethostbyname(socket.gethostname())
    for url in (f"http://127.0.0.1:{server.port}/", f"http://[::1]:{server6.port}/",
                f"http://host.wedge:{server.port}/", f"http://host.wedge:{server6.port}/"):
        p = rig.expect(user, url, 0, "curl", "-gsS", "-o", "/dev/null", "-w", "%{size_download}", url, wedge=["-v"])
        check(p.stdout == str(len(BODY)) and p.stderr.count("wedge: session ") == 1,
              f"{user}: {url} is one session: {p.stdout}")
    own = web(host) if not host.startswith("127.") else server
    p = rig.run_in(user, "curl", "-sS", "-o", "/dev/null", f"http://{host}:{own.port}/", wedge=["-v"])
    check(p.returncode == 0 and f"to {host}:{own.port}" in p.stderr, f"{user}: so is the host's own address {host}")


def refused_is_reset_and_no_route_is_none(user):
    p = rig.run_in(user, "curl", "-sS", "http://127.0.0.1:1/", wedge=["-v"])
    check(p.returncode in (7, 56) and "Connection refused" in p.stderr,
          f"{user}: on a closed port the client meets RST: {p.stderr.splitlines()[-1]}")
    look = "import socket; u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); print(u.connect_ex(('2600::1', 9)))"
    outside = subprocess.run(["python3", "-c", look], capture_output=True, text=True, check=True).stdout
    inside = rig.run_in(user, "python3", "-c", look).stdout
    check(inside == outside, f"{user}: IPv6 has a route inside as outside: {inside.strip()} {outside.strip()}")
    addresses = "import socket; u = socket.socket(type=socket.SOCK_DGRAM); e = u.connect_ex(('203.0.113.1', 9)); print(e, u.getsockname()[0])"
    outside = subprocess.run(["python3", "-c", addresses], capture_output=True, text=True, check=True).stdout
    check(rig.run_in(user, "python3", "-c", addresses).stdout == outside, f"{user}: and IPv4 the host's own address")


def a_listener_inside_is_left_alone(user):
    p = rig.expect(user, "listeners inside", 0, "python3", "-c", INSIDE, wedge=["--impair", "stall{after=1KB}"])
    check(p.stdout.count("50000") == 3, f"{user}: they get all bytes, unimpaired: {p.stdout.split()}")


def names_are_the_hosts(user):
    resolv, nameserver = rig.file("resolv.conf", "nameserver 127.7.7.7\noptions timeout:5\n"), rig.file("ns.py", NAMESERVER)
    os.chmod(resolv, 0o644)
    ask = rig.file("ask.py", ASK)
    if os.getuid() != 0:
        return
    rig.file("hosts", open("/etc/hosts", encoding="utf-8").read())
    inside = (f"python3 {ask}; curl -sS -o /dev/null -w '%{{http_code}}\\n' http://any.example:{server.port}/; "
              f"grep -v nameserver /etc/resolv.conf; tail -n +2 /etc/hosts | cmp - {rig.path('hosts')}; echo same $?")
    with subprocess.Popen(["python3", nameserver], stdout=subprocess.PIPE, text=True) as ns:
        ns.stdout.readline()
        p = subprocess.run(["unshare", "-m", "sh", "-c", f'mount --bind {resolv} /etc/resolv.conf && exec "$@"', "sh",
                            *rig.words(user, "exec", "--", "sh", "-c", inside)], capture_output=True, text=True,
                           cwd=rig.folder, timeout=60, check=False, env=environment())
        ns.kill()
    for line in ("udp True", "tcp True", "name 127.0.0.1", "200", "options timeout:5", "same 0"):
        check(line in p.stdout.splitlines(), f"{user}: DNS: {line} {'' if line in p.stdout else p.stdout + p.stderr}")


def other_udp_is_refused(user):
    p = rig.run_in(user, "python3", "-c", UDP)
    rows = [line.split() for line in p.stdout.splitlines()]
    check(len(rows) == 3 and all(errno == "111" or (":" in ip and errno == "101") for ip, errno, _ in rows) and
          all(int(ms) < 500 for _, _, ms in rows), f"{user}: UDP is refused at once: {rows}")


def last_bytes_are_sent_on(user):
    server.posted.clear()
    text = (f"import socket; s = socket.create_connection(('127.0.0.1', {server.port})); s.sendall(b'POST / HTTP/1.1\\r\\n"
            "Content-Length: 100000\\r\\n\\r\\n' + b'z' * 100000)")
    rig.expect(user, "a command that ends at once", 0, "python3", "-c", text,
               wedge=["--impair", "latency{delay=200ms}"])
    check(server.posted and len(server.posted[0]) == 100000, f"{user}: what it has sent arrives all the same")


def packets_of_the_client_leg(user):
    words = ["curl", "-sS", "-o", "/dev/null", "-w", "%{time_connect}", f"http://127.0.0.1:{server.port}/"]
    p = rig.run_in(user, *words, wedge=["--impair", "syn_ack_delay{delay=300ms}"])
    if p.returncode == 125:
        print(f"skip {user}: packets: {p.stderr.strip()}")
        return
    check(0.29 < float(p.stdout) < 0.6, f"{user}: a SYN-ACK is late by 300 ms: {p.stdout} s")


def many_at_once(user):
    p = rig.expect(user, "200 connections, 50 at once", 0, "python3", "-c", PARALLEL, str(server.port), str(len(BODY)))
    check(p.stdout.strip() == "200", f"{user}: all are whole")


def journal_tells_what_was_done(user):
    path = rig.path(f"journal-{user}")
    rig.run_in(user, "curl", "-sS", "-m", "1", "-o", "/dev/null", f"http://127.0.0.1:{server.port}/",
               wedge=["--journal", path, "--impair", "stall{direction=downstream,after=10KB}"])
    with open(path, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    opened = [e for e in events if e["event"] == "session_open"]
    check(len(opened) == 1 and opened[0]["upstream"] == "127.0.0.1" and opened[0]["port"] == server.port and
          any("stall" in json.dumps(e) for e in events) and "session_close" in [e["event"] for e in events],
          f"{user}: {[e['event'] for e in events]}")


def a_disabled_impairment_is_told(user):
    p = rig.expect(user, "a disabled fault", 0, "curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{server.port}/",
                   wedge=["--impair", "latency{delay=50ms,enabled=false}"])
    check("latency acted on 0 of 1 session: it was disabled" in p.stderr, f"{user}: {p.stderr.strip()}")


def silent_server():
    """A listener whose queue is full: the kernel drops what else comes. To be kept, with who fills it."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for c in waiting:
        c.setblocking(False)
        c.connect_ex(s.getsockname())
    return s, waiting


def waited(stderr):
    """Seconds until the first session's server was given up; 0: it wasn't."""
    found = re.search(r", ([0-9.]+) s, .*Connection timed out", stderr)
    return float(found.group(1)) if found else 0


def a_silent_server_is_given_up(user):
    kept = silent_server()
    url = f"http://127.0.0.1:{kept[0].getsockname()[1]}/"
    config = rig.file("timeout.yaml", "connect_timeout: 400ms\nimpairments: []\n")
    for limit, given in ((0.4, ["--connect-timeout", "400ms"]), (0.4, ["--config", config]),
                         (0.01, ["--config", config, "--connect-timeout", "10ms"])):
        p = rig.expect(user, f"{given}: an RST", 56, "curl", "-sS", "-m", "9", url, wedge=["--early-accept", "-v", *given])
        check(limit <= waited(p.stderr) < limit + 3, f"{user}: in time: {p.stderr.strip()[-120:]}")
    p = rig.expect(user, "silence is as outside", 28, "curl", "-sS", "-m", "1", url, wedge=["-v", "--connect-timeout", "200ms"])
    check(0.2 <= waited(p.stderr) < 3, f"{user}: but wedge has given up")
    rig.expect(user, "a time that is no time", 125, "true", wedge=["--connect-timeout", "1ms"])


def timed(words):
    began = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment(), cwd=rig.folder)
    return (time.monotonic() - began) * 1000


def overhead_is_told(user):
    url = f"http://127.0.0.1:{server.port}/"
    direct, through = rig.words(user)[:-1] + ["true"], rig.words(user, "exec", "--", "true")
    a, b = zip(*[(timed(direct), timed(through)) for _ in range(7)])
    print(f"info {user}: true: direct {statistics.median(a):.1f} ms, through wedge exec {statistics.median(b):.1f} ms")
    fetch = ["curl", "-sS", "-o", "/dev/null", *[url] * 50]
    a, b = zip(*[(timed(rig.words(user)[:-1] + fetch), timed(rig.words(user, "exec", "--", *fetch))) for _ in range(5)])
    print(f"info {user}: 50 fetches of {len(BODY)} B: direct {statistics.median(a):.1f} ms, "
          f"through wedge exec {statistics.median(b):.1f} ms")


main(rig, every_way_leads_through_wedge, refused_is_reset_and_no_route_is_none, a_listener_inside_is_left_alone,
     names_are_the_hosts, other_udp_is_refused, last_bytes_are_sent_on, packets_of_the_client_leg, many_at_once,
     journal_tells_what_was_done, a_disabled_impairment_is_told, a_silent_server_is_given_up, overhead_is_told)
