#!/usr/bin/env python3
"""The workload "rpc" on loopback: two writes are two segments, the kernel's own delayed ACK holds the
second one back, TCP_QUICKACK does not; every kind of failure is counted; memory stays bounded.
ALONE: it judges milliseconds."""
import http.client
import os
import resource
import socket
import statistics
import struct
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc


def stall_is_the_delayed_ack():
    with rpc.Server() as server:
        plain = rpc.client("exchanges=20", "127.0.0.1:%d" % server.port)
        quick = rpc.client("exchanges=20", "quickack=true", "127.0.0.1:%d" % server.port)
    ms = rpc.median_ms(plain)
    rpc.check("two small writes wait for the delayed ACK", 35 < ms < 60, "%.1f ms" % ms)
    ms = rpc.median_ms(quick)
    rpc.check("a quick ACK lets the second write go", ms < 10, "%.2f ms" % ms)
    with rpc.Server("nodelay=true") as server:
        ms = rpc.median_ms(rpc.client("exchanges=20", "127.0.0.1:%d" % server.port))
    rpc.check("without Nagle nothing waits", ms < 10, "%.2f ms" % ms)
    with rpc.Server("response=400B") as server:
        ms = rpc.median_ms(rpc.client("exchanges=20", "127.0.0.1:%d" % server.port))
    rpc.check("a single write does not wait", ms < 10, "%.2f ms" % ms)


def service_and_think_take_their_time():
    with rpc.Server("service=20ms", "response=400B", address="[::1]:0") as server:
        result = rpc.client("exchanges=10", "think=30ms", "[::1]:%d" % server.port)
        told = server.stop()
    ms = rpc.median_ms(result)
    rpc.check("service delays the response", 20 <= ms < 30, "%.2f ms" % ms)
    rpc.check("think separates exchanges", result["total"] >= 10 * 0.020 + 9 * 0.030)
    rpc.check("both ends count alike", told["completed"] == result["completed"] == 10)
    rpc.check("the server saw the service time",
              all(x[1] - x[0] >= 0.020 and x[4] == 400 for x in told["exchanges"]))


def python_client_is_served():
    with rpc.Server("response=200B,1000B,50000B") as server:
        c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        bodies = []
        for method in ("GET", "PUT", "GET"):
            c.request(method, "/x", body=b"data" if method == "PUT" else None)
            response = c.getresponse()
            bodies.append(response.read())
        rpc.check("bodies are whole and alike", len(set(bodies)) == 1 and len(bodies[0]) == 51000)
        c.request("HEAD", "/")
        response = c.getresponse()
        rpc.check("HEAD has no body", response.read() == b"" and response.length == 0)
        c.request("GET", "/", headers={"Connection": "close"})
        response = c.getresponse()
        rpc.check("close is announced", response.getheader("Connection") == "close")
        response.read()
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            s.shutdown(socket.SHUT_WR)
            got = b"".join(iter(lambda: s.recv(65536), b""))
        rpc.check("pipelined requests get both answers", len(got) == 2 * 51200)
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"GET / HT")
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(b"nonsense\r\n\r\n")
            rpc.check("nonsense ends the connection", s.recv(1) == b"")
        told = server.stop()
    rpc.check("what was not a request counts as failed", told["failed"] == 2, told["errors"])


def failures_are_counted_and_survived():
    def answer(sock, number):
        body = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
        if number == 0:
            rpc.request(sock) and sock.sendall(body + b"ab")
        elif number == 1:
            rpc.request(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif number == 2:
            rpc.request(sock)
            rpc.request(sock)
        elif number == 3:
            rpc.request(sock) and sock.sendall(body + b"abcd" + b"more")
        elif number == 4:
            rpc.request(sock) and sock.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        elif number == 5:
            rpc.request(sock) and sock.sendall(body + b"abcd")  # then closes an idle connection
        else:
            while rpc.request(sock):
                sock.sendall(body + b"abcd")

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=9", "timeout=300ms", "think=50ms", address)
    rpc.check("five of nine fail", (result["completed"], result["failed"]) == (4, 5))
    for text in ("inside the message", "reset by peer", "timed out without a response",
                 "more than its response", "status 503"):
        rpc.check("an error says: " + text, any(text in e for e in result["errors"]))
    rpc.check("each failure cost one connection", result["connections"] == 7, result["connections"])
    result = rpc.client("exchanges=2", "127.0.0.1:%d" % rpc.free_port())
    rpc.check("a refused connection is a failed exchange",
              result["failed"] == 2 and "refused" in result["errors"][0])


def until_stop_goes_on_until_told():
    with rpc.Server("response=400B") as server:
        begun = time.monotonic()
        result = rpc.client("exchanges=1", "think=10ms", "stop=500ms", "127.0.0.1:%d" % server.port)
    rpc.check("it went on beyond its count", result["completed"] > 10, result["completed"])
    rpc.check("it stopped when told", 0.5 <= time.monotonic() - begun < 3)


def gaps(result):
    starts = sorted(x[0] for x in result["exchanges"])
    return [b - a for a, b in zip(starts, starts[1:])]


def variation(values):
    return statistics.stdev(values) / statistics.mean(values)


def arrivals_are_even_or_as_of_many_people():
    """Each exchange is timed from when it was due, so the machine's own hesitation isn't seen here."""
    with rpc.Server("response=400B") as server:
        def arrive(*words):
            return gaps(rpc.client("exchanges=200", "per_connection=1", *words, "127.0.0.1:%d" % server.port))

        even = arrive("rate=200/s")
        poisson, again = arrive("rate=200/s", "arrivals=poisson"), arrive("rate=200/s", "arrivals=poisson")
    rpc.check("a rate is even", variation(even) < 0.01, variation(even))
    # 99.9 % of 199 exponential gaps have a coefficient of variation from 0.8 to 1.26.
    rpc.check("a Poisson process varies as its mean", 0.8 < variation(poisson) < 1.26, variation(poisson))
    rpc.check("and has that mean", 0.0039 < statistics.mean(poisson) < 0.0063, statistics.mean(poisson))
    rpc.check("one seed, one process", max(abs(a - b) for a, b in zip(poisson, again)) < 1e-6)


def pauses_vary_as_told():
    with rpc.Server("response=400B") as server:
        result = rpc.client("exchanges=60", "think=20ms", "think_varies=50%", "127.0.0.1:%d" % server.port)
    pauses = [b[0] - a[2] for a, b in zip(result["exchanges"], result["exchanges"][1:])]
    rpc.check("no pause is shorter than half", 0.010 <= min(pauses) < 0.013, min(pauses))
    rpc.check("half of them are shorter than the mean", 0.018 < statistics.median(pauses) < 0.024)


def many_connections_work_side_by_side():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    with rpc.Server("response=400B") as server:
        result = rpc.client("exchanges=1001", "connections=300", "127.0.0.1:%d" % server.port)
        told = server.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    rpc.check("every exchange completes", result["completed"] == told["completed"] == 1001)
    rpc.check("each connection is used", result["connections"] == told["connections"] == 300)


def memory_stays_bounded():
    with rpc.Server("response=180B,400MB") as server:
        result = rpc.client("exchanges=1", "127.0.0.1:%d" % server.port)
        told = server.stop()
    rpc.check("400 MB arrive", result["completed"] == 1 and result["bytes_in"] == 400000180)
    rpc.check("400 MB were written", told["exchanges"][0][4] == 400000180)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    rpc.check("neither end holds them", peak < 100000, "%d KiB" % peak)


stall_is_the_delayed_ack()
service_and_think_take_their_time()
python_client_is_served()
failures_are_counted_and_survived()
until_stop_goes_on_until_told()
arrivals_are_even_or_as_of_many_people()
pauses_vary_as_told()
many_connections_work_side_by_side()
memory_stays_bounded()
