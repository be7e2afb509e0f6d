#!/usr/bin/env python3
"""The workload "origin" on loopback: curl, wget, urllib and node read its answers however they end, and find the body that its
description (origin_body.h) makes; sockets of our own ask what these don't; the server tells who asked for what; tshark finds HTTP."""
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15
SIZE = 64 << 10
ENDS = ("length", "chunked", "close")
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def line(seed, number):
    h = mix(seed + STEP & MASK)
    for word in (0, number):
        h = mix((h ^ word) + STEP & MASK)
    draws = [mix((h ^ k) + STEP & MASK) for k in range(6)]
    return "%010d %s\n" % (number, "".join(LETTERS[draws[i // 10] >> 6 * (i % 10) & 63] for i in range(52)))


def body(size, seed=0):
    return "".join(line(seed, n) for n in range(size // 64 + 1))[:size].encode()


BODY = body(SIZE)


def digest(data):
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def served(*words):
    """A server, and where it is; its result is judged by who wants to."""
    with rpc.Server(*words, kind="origin") as server:
        server.url = "http://127.0.0.1:%d/" % server.port
        yield server


def run(*argv, status=0):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    check(" ".join(argv)[:90], done.returncode == status, done.stderr.decode())
    return done.stdout


def curl_reads_every_end():
    curl = ("curl", "-sS", "--max-time", "20")
    for ends in ENDS:
        with served("ends=" + ends) as server:
            for words in ((), ("--http1.0",), ("-X", "PROPFIND"), ("-d", "x"), ("-T", __file__)):
                check("the body", digest(run(*curl, *words, server.url + "some/where?x=y")) == digest(BODY))
            head = run(*curl, "-I", server.url).decode()
            check("of HEAD the header", head.startswith("HTTP/1.1 200 OK\r\n") and "\r\nServer: wedge" in head and
                  "\r\nContent-Type: text/plain\r\n" in head and "\r\nDate: " in head, head)
            both = run(*curl, "-w", "%{stderr}%{num_connects}", server.url, "-o", "/dev/null", server.url + "2")
            check("two answers", digest(both[:SIZE]) == digest(BODY))
        told = server.stop()
        asked = [(q["method"], q["target"], q["whole"]) for q in told["requests"]]
        check("all were told", asked == [(m, "/some/where?x=y", True) for m in ("GET", "GET", "PROPFIND", "POST", "PUT")] +
              [("HEAD", "/", True), ("GET", "/", True), ("GET", "/2", True)] and not told["failed"], asked)
        check("bodies were counted", [q["body"] for q in told["requests"]][3:5] == [1, os.path.getsize(__file__)])
        kept = [q["connection"] for q in told["requests"]][-2:]
        check("a connection is kept, unless it is the end", (kept[0] == kept[1]) == (ends != "close"), kept)


def expect_is_answered_or_not():
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 100000)
        file.flush()
        curl = ("curl", "-sS", "--max-time", "20", "-H", "Expect: 100-continue", "--expect100-timeout", "0.7", "--data-binary",
                "@" + file.name, "-o", "/dev/null", "-w", "%{time_total} %{http_code} %{size_upload}")
        for word, quick in (("true", True), ("false", False)):
            with served("continue=" + word) as server:
                took, code, sent = run(*curl, server.url).decode().split()
                told = server.stop()
            check("Expect: 100-continue, continue=" + word, (float(took) < 0.6) == quick and code == "200" and
                  sent == "100000" and told["requests"][0]["body"] == 100000 and told["requests"][0]["whole"], took)


def others_read_every_end():
    with tempfile.TemporaryDirectory() as folder:
        for ends in ENDS:
            with served("ends=" + ends, "chunk=1000B") as server:
                if shutil.which("wget"):
                    run("wget", "-q", "-T", "10", "-t", "1", "-O", folder + "/got", server.url, server.url + "again")
                    with open(folder + "/got", "rb") as f:
                        check("wget has both", digest(f.read()) == digest(BODY * 2))
                with urllib.request.urlopen(server.url, timeout=10) as answer:
                    check("urllib has it", digest(answer.read()) == digest(BODY))
                with urllib.request.urlopen(server.url, data=b"x=y", timeout=10) as answer:
                    check("POSTs, too", digest(answer.read()) == digest(BODY))
                if shutil.which("node"):
                    script = "fetch('%s').then(r => r.text()).then(t => process.stdout.write(t))" % server.url
                    check("node has it", digest(run("node", "-e", script)) == digest(BODY))
            check("nobody failed", server.result["failed"] == 0, server.result["errors"])


def talk(port, data, half_close=True):
    """All that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(data)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        said = b""
        while piece := sock.recv(1 << 20):
            said += piece
        return said


def connections_are_kept_by_the_rfc():
    old, kept = b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
    with served("body=700B") as server:
        said = talk(server.port, b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(50)))
        check("50 requests at once have 50 answers", said.count(b"HTTP/1.1 200 OK\r\n") == said.count(body(700)) == 50)
        said = talk(server.port, kept + kept + old + kept)
        check("HTTP/1.0 asks for it", said.count(b"HTTP/1.0 200 OK\r\n") == 3 and said.count(b"Connection: keep-alive\r\n") == 2)
        said = talk(server.port, GET + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET * 5000, half_close=False)
        check("HTTP/1.1 asks for its end", said.count(b"HTTP/1.1 200 OK\r\n") == 2 and said.endswith(body(700)), len(said))
        told = server.stop()
    check("in their order", [q["target"] for q in told["requests"][:50]] == ["/%d" % n for n in range(50)])
    with served("ends=chunked") as server:
        said = talk(server.port, kept, half_close=False)
        check("HTTP/1.0 has no chunks", said.startswith(b"HTTP/1.0 200 OK\r\n") and said.endswith(b"\r\n\r\n" + BODY) and
              b"Transfer-Encoding" not in said and b"Content-Length" not in said)


def what_is_no_request_is_refused():
    more = b"x" * 300000  # which a close of the socket would answer by RST
    with served() as server:
        for what in (b"no request\r\n", b"PRI * HTTP/2.0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + b"\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"):
            said = talk(server.port, what + more, half_close=False)
            check("400 for %r" % what, said.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"Connection: close\r\n" in said and
                  said.count(b"HTTP/") == 1, said[:12])
        told = server.stop()
    check("all failed", (told["completed"], told["failed"]) == (0, 8), told["errors"])
    check("those with a header are told", [(q["method"], q["whole"]) for q in told["requests"]] ==
          [("GET", True), ("GET", True), ("POST", False)], told["requests"])


def requests_that_stay_unfinished_are_told():
    with served("service=1h") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            before = time.clock_gettime(time.CLOCK_MONOTONIC)
            sock.sendall(b"POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + b"x" * 400)
            time.sleep(0.2)
            sock.sendall(b"x" * 300)
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(b"G\x1b\xff /\x1b]\xe9 HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.2)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        time.sleep(0.2)
        told = server.stop()
    cut, other = told["requests"]
    check("the one that was cut", cut["body"] == 700 and not cut["whole"] and cut["connection"] == 1 and
          before <= cut["at"] < before + 0.2, cut)
    check("the one that had no answer yet", other["whole"] and other["connection"] == 2, other)
    check("as failures", told["failed"] == 2 and told["errors"] ==
          ["the client went away inside its request", "the client went away before its answer was sent"], told["errors"])


def the_list_has_an_end():
    with served("body=0B") as server:
        talk(server.port, GET * 1234)
        told = server.stop()
    check("1000 and how many more", len(told["requests"]) == 1000 and told["requests_beyond"] == 234 and told["completed"] == 1234)


def service_takes_its_time():
    with served("service=300ms") as server:
        result = rpc.client("exchanges=2", "method=POST", "127.0.0.1:%d" % server.port, kind="origin")
    check("service=300ms", result["completed"] == 2 and 300 <= rpc.median_ms(result) < 400, rpc.median_ms(result))


def resident(pid):
    """KiB of the process and its children."""
    total = 0
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        total += sum(resident(int(child)) for child in f.read().split())
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return total + sum(int(row.split()[1]) for row in f if row.startswith("VmRSS:"))


def slow_readers_take_no_memory():
    # Freed memory that AddressSanitizer keeps back would look like memory in use.
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
    with served("body=64MiB") as server:
        before = resident(server.process.pid)
        slow = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(50)]
        for sock in slow:
            sock.sendall(GET * 100)
        result = rpc.client("body=64MiB", "127.0.0.1:%d" % server.port, kind="origin")
        check("another one is served beside 50 who don't read", result["completed"] == 1 and rpc.median_ms(result) < 10000,
              rpc.median_ms(result))
        grown = resident(server.process.pid) - before
        # Of each connection: 64 KiB of an answer's piece, 64 KiB to read into, the parser's 8 KiB, and as much again.
        check("and memory is bounded", grown < 50 * 300, "%d KiB" % grown)
        got = b""
        while len(got) < 3 << 20:
            got += slow[0].recv(100000)
            time.sleep(0.002)
        check("what a slow one reads is right", got.partition(b"\r\n\r\n")[2][:1 << 20] == body(1 << 20))
        for sock in slow:
            sock.close()


def our_client_knows_the_body():
    with served("body=100B") as server:
        at = "127.0.0.1:%d" % server.port
        for words, text in ((("body=100B",), ""), (("body=101B",), "the body of 100B isn't the one expected")):
            result = rpc.client("exchanges=3", *words, at, kind="origin")
            check("body " + words[0], result["completed"] == (0 if text else 3) and text in "".join(result["errors"]))
        check("a connection for all", rpc.client("exchanges=3", "body=100B", at, kind="origin")["connections"] == 1)


def capture_all(file):
    """Captures every kind of answer. False: not permitted."""
    capture = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-B", "16384", "-w", file, "tcp"],
                               stderr=subprocess.PIPE, text=True)
    if not any("listening" in row for row in capture.stderr):
        capture.wait()
        return []
    threading.Thread(target=capture.stderr.read, daemon=True).start()
    ports = []
    for ends in ENDS:
        with served("ends=" + ends) as server:
            for words in ((), ("-I",), ("--http1.0",), ("-H", "Expect: 100-continue", "-d", "x=y")):
                run("curl", "-sS", "--max-time", "20", "-o", "/dev/null", *words, server.url)
            talk(server.port, GET * 3)
            ports.append(server.port)
    time.sleep(0.5)
    capture.send_signal(signal.SIGINT)
    capture.wait()
    return ports


def tshark_names_all():
    if not shutil.which("tshark") or not shutil.which("tcpdump"):
        print("ok  tshark or tcpdump is not installed: left out")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = folder + "/origin.pcap"
        ports = capture_all(file)
        if not ports:
            print("ok  tcpdump may not capture: left out")
            return
        ours = "tcp.port in {%s}" % ",".join(map(str, ports))
        words = [x for port in ports for x in ("-d", "tcp.port==%d,http" % port)]

        def tshark(shown, *fields):
            out = run("tshark", "-2", "-r", file, *words, "-Y", ours + " && (" + shown + ")", "-T", "fields",
                      *(x for f in fields for x in ("-e", f)))
            return out.decode().splitlines()

        # What TCP does under load (the group Sequence: a full window, D-SACK) is no matter of HTTP.
        strange = tshark("_ws.malformed || _ws.short || (_ws.expert.severity >= warning && !(_ws.expert.group == 0x02000000))",
                         "frame.number", "_ws.expert.message")
        check("nothing is malformed", not strange, strange)
        strange = tshark("tcp.len > 0 && !http && !tcp.reassembled_in && !tcp.segment", "frame.number")
        check("nothing but HTTP", not strange, strange)
        codes = tshark("http.response", "http.response.code")
        # Of each server 5 answers and three at once, but where the first is the last; and 100 before one.
        check("every answer is named", codes.count("200") == 7 + 7 + 5 and codes.count("100") == 3 and len(codes) == 22, codes)
        run("tshark", "-q", "-r", file, *words, "--export-objects", "http," + folder + "/objects")
        found = set()
        for name in os.listdir(folder + "/objects"):
            with open(folder + "/objects/" + name, "rb") as f:
                found.add(digest(f.read()))
        check("and their bodies are the body", found == {digest(BODY), digest(b"x=y")}, found)



if not shutil.which("curl"):
    rpc.skip("curl is not installed")
curl_reads_every_end()
expect_is_answered_or_not()
others_read_every_end()
connections_are_kept_by_the_rfc()
what_is_no_request_is_refused()
requests_that_stay_unfinished_are_told()
the_list_has_an_end()
service_takes_its_time()
slow_readers_take_no_memory()
our_client_knows_the_body()
tshark_names_all()
