#!/usr/bin/env python3
"""The workload "rpc" tells how exchanges fail, how connections close and idle, and whether bodies are what their digest
announced: python's http.client and hashlib judge the server, scripted servers the client."""
import base64
import hashlib
import http.client
import os
import re
import socket
import struct
import sys
import time
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
KINDS = ("timeout", "reset", "eof", "connect", "corrupt", "other")


def kinds(result):
    found = {kind: result["failed_" + kind] for kind in KINDS if result["failed_" + kind]}
    rpc.check("the kinds make up all failures", sum(found.values()) == result["failed"], found)
    return found


def fetch(port, target):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    c.request("GET", target)
    response = c.getresponse()
    return response.read(), response.getheader("Content-Digest")


def is_digest_of(field, body):
    return field == "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode()


def lists_are_records_and_digests_hold():
    with rpc.Server("response=200B,10000B", "record=100B,300B", "digest=true") as server:
        bodies = {}
        for n in (300, 1, 10000, 40):
            bodies[n], field = fetch(server.port, "/folder?records=%d" % n)
            rpc.check("a list of %d has its digest" % n, is_digest_of(field, bodies[n]), field)
            records = bodies[n].split(b"</D:response>\n")
            rpc.check("and %d records" % n, len(records) == n + 1 and records[-1] == b"")
            sizes = {len(r) + 14 for r in records[:-1]}
            rpc.check("of the sizes asked for", min(sizes) >= 100 and max(sizes) <= 300)
        rpc.check("a shorter list begins a longer one", bodies[300].startswith(bodies[40]))
        for target in ("/", "/?records=0", "/?records=10001", "/?records=x", "/?records=-1"):
            body, field = fetch(server.port, target)
            rpc.check("no list: " + target, len(body) == 10000 and is_digest_of(field, body))
    with rpc.Server("response=200B,300000B", "digest=true") as server:
        body, field = fetch(server.port, "/")
        rpc.check("a body longer than the server's buffer", len(body) == 300000 and is_digest_of(field, body))


def lists_may_be_chunked_multistatus():
    """python's http.client undoes the chunks, its XML parser reads the document."""
    with rpc.Server("response=200B,1B", "record=100B,300B") as server:
        plain = fetch(server.port, "/?records=40")[0]
    for status, encoding in (("207", "chunked"), ("207", "length"), ("200", "chunked")):
        with rpc.Server("response=220B,1B", "record=100B,300B", "digest=true", "list_status=" + status,
                        "list_encoding=" + encoding) as server:
            for n in (300, 1, 40):
                c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
                c.request("PROPFIND", "/?records=%d" % n, headers={"Depth": "1"})
                response = c.getresponse()
                body, chunked = response.read(), response.getheader("Transfer-Encoding") == "chunked"
                rpc.check("status and encoding", (str(response.status), chunked) == (status, encoding == "chunked"))
                rpc.check("the digest is of the content", is_digest_of(response.getheader("Content-Digest"), body))
                if status == "207":
                    found = xml.etree.ElementTree.fromstring(body).findall("{DAV:}response/{DAV:}href")
                    rpc.check("a document of %d items" % n, [e.text for e in found] == ["/%08d" % i for i in range(n)])
            rpc.check("with the records of every list", plain in body)
            rpc.check("the usual answer is as it was", len(fetch(server.port, "/")[0]) == 1)
            result = rpc.client("exchanges=4", "records=3,700", "method=PROPFIND", "request=300B",
                                "127.0.0.1:%d" % server.port)
        rpc.check("wedge's client takes them", [x[6:8] for x in result["exchanges"]] == [[3, 3], [700, 700]] * 2 and
                  result["completed"] == 4 and result["altered"] == 0 and result["connections"] == 1, result)


def client_knows_when_chunks_are_missing():
    """T16 and T17: the connection ends behind a whole chunk, and inside one."""
    record = b"<D:response></D:response>\n"
    chunk = b"%x\r\n%s\r\n" % (len(record), record)

    def answer(sock, number):
        rpc.request(sock)
        sock.sendall(b"HTTP/1.1 207 Multi-Status\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 3)
        sock.sendall((b"", chunk[:-5], b"0\r\n", b"0\r\n\r\n")[number])

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=4", "per_connection=1", "records=3", "method=PROPFIND", "path=/inbox", address)
    rpc.check("only the last one is whole", kinds(result) == {"eof": 3} and result["completed"] == 1, result)
    rpc.check("and all had three records", [x[7] for x in result["exchanges"]] == [3] * 4, result["exchanges"])


def client_asks_for_one_list_after_the_other():
    with rpc.Server("response=200B,1B", "digest=true") as server:
        result = rpc.client("exchanges=5", "per_connection=2", "request=300B", "records=3,700",
                            "127.0.0.1:%d" % server.port)
    rpc.check("all came whole", [x[6:8] for x in result["exchanges"]] ==
              [[3, 3], [700, 700], [3, 3], [700, 700], [3, 3]] and result["altered"] == 0)
    rpc.check("two on each connection", result["connections"] == 3)


def client_tells_how_exchanges_fail():
    def answer(sock, number):
        rpc.request(sock)
        if number == 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif number == 1:
            sock.sendall(HEAD + b"ab")
        elif number == 2:
            sock.sendall(HEAD + b"abc")
            time.sleep(0.5)
        elif number == 3:
            sock.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        elif number == 4:
            sock.sendall(HEAD + b"abcd")

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=5", "timeout=400ms", "per_connection=1", address)
    rpc.check("each kind once", kinds(result) == {"reset": 1, "eof": 1, "timeout": 1, "other": 1})
    start, _, end, ok, size, last = next(x for x in result["exchanges"] if x[4] == len(HEAD) + 3)[:6]
    rpc.check("a failure tells what came and when", not ok and 0.3 <= end - start < 0.6 and last - start < 0.2,
              (end - start, last - start))
    result = rpc.client("exchanges=2", "127.0.0.1:%d" % rpc.free_port())
    rpc.check("no connection", kinds(result) == {"connect": 2})


def idle_timer_is_kept_by_every_byte():
    def answer(sock, number):
        rpc.request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(6 * number):
            time.sleep(0.15)
            sock.sendall(b"0")
        sock.recv(1)

    words = ("exchanges=2", "per_connection=1", "idle_timeout=400ms")
    with rpc.scripted(answer) as address:
        silent, polls = rpc.client(*words, "timeout=9s", address)["exchanges"]
    rpc.check("who says nothing more is given up", 0.4 <= silent[2] - silent[0] < 0.7, silent)
    rpc.check("who polls later, by its last byte", 1.3 <= polls[2] - polls[0] < 1.7 and
              0.4 <= polls[2] - polls[5] < 0.6, polls)
    with rpc.scripted(answer) as address:
        result = rpc.client(*words, "timeout=800ms", address)
    rpc.check("or by the limit of the whole", kinds(result) == {"timeout": 2} and
              0.8 <= result["exchanges"][1][2] - result["exchanges"][1][0] < 0.95, result["exchanges"])


def client_compares_digests():
    def answer(sock, _):
        while rpc.request(sock):
            sock.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Digest: sha-256=:%s:\r\n\r\n" %
                                      base64.b64encode(hashlib.sha256(b"abcd").digest())) + b"abcx")

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=3", address)
        rpc.check("another body than announced has failed", kinds(result) == {"corrupt": 3} and result["altered"] == 3)
        result = rpc.client("exchanges=3", "verify=false", address)
        rpc.check("or is only counted", result["completed"] == 3 and result["altered"] == 3)


def client_waits_for_the_end_of_its_connections():
    def answer(sock, number):
        rpc.request(sock) and sock.sendall(HEAD + b"abcd")
        rpc.check("the client ends it by FIN", sock.recv(1) == b"")
        time.sleep(0.2 if number == 0 else 0.8)

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=2", "per_connection=1", "close=shutdown", "close_timeout=500ms", address)
    rpc.check("one end was seen", len(result["closing"]) == 1 and 0.2 <= result["closing"][0] < 0.4, result["closing"])
    rpc.check("one was given up", result["close_timeouts"] == 1 and
              any("timed out in close" in e for e in result["errors"]))
    rpc.check("no exchange failed for it", result["completed"] == 2 and result["failed"] == 0)


def client_tells_of_idle_connections():
    def answer(sock, number):
        rpc.request(sock) and sock.sendall(HEAD + b"abcd")
        time.sleep(0.3 if number == 0 else 9)

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=9", "think=600ms", "stop=1s", address)
    rpc.check("one was lost while idle", len(result["idle_lost"]) == 1 and 0.2 < result["idle_lost"][0] < 0.5,
              result["idle_lost"])
    rpc.check("that is no failed exchange", result["failed"] == 0 and result["completed"] == 2)
    rpc.check("one was idle at the stop", len(result["idle_kept"]) == 1 and 0.2 < result["idle_kept"][0] < 0.6,
              result["idle_kept"])


def keepalive_is_what_was_asked_for():
    timers = []

    def answer(sock, _):
        while rpc.request(sock):
            sock.sendall(HEAD + b"abcd")
            port = sock.getpeername()[1]
            with os.popen("ss -Htno sport = %d" % port) as ss:
                timers.append(ss.read())

    with rpc.scripted(answer) as address:
        rpc.client("exchanges=3", "think=50ms", "keepalive=7s", "keepalive_interval=3s", address)
    seconds = [m[1] for m in (re.search(r"timer:\(keepalive,(\d+)", t.replace("sec", "")) for t in timers) if m]
    rpc.check("the kernel has the keep-alive timer", seconds and all(5 <= int(s) <= 7 for s in seconds), timers)


lists_are_records_and_digests_hold()
lists_may_be_chunked_multistatus()
client_knows_when_chunks_are_missing()
client_asks_for_one_list_after_the_other()
client_tells_how_exchanges_fail()
idle_timer_is_kept_by_every_byte()
client_compares_digests()
client_waits_for_the_end_of_its_connections()
client_tells_of_idle_connections()
keepalive_is_what_was_asked_for()
