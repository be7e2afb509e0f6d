#!/usr/bin/env python3
"""The workload "heartbeat" on loopback: our client's beats go on while Python's echo server stands still, and their echoes
come together; wrong bytes, ends and silence are told; our server sends back to Python and to programs whatever they send."""
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

START, FIRST, END, OK, BYTES, OUTCOME = 0, 1, 2, 3, 4, 8
PAUSE, EVERY = 0.2, 0.01


def heartbeat(*words):
    return rpc.client(*words, kind="heartbeat")


def ours_beats_to_ours():
    with rpc.Server(kind="heartbeat") as server:
        at = "127.0.0.1:%d" % server.port
        for words, connections in (((), 1), (("connections=4", "connect_every=3ms"), 4), (("size=64KiB",), 1),
                                   (("size=8B", "every_varies=100%"), 1)):
            result = heartbeat("exchanges=40", *words, at)
            what = " ".join(words)
            check("all come back " + what, result["completed"] == 40 and not result["errors"], result["errors"])
            check("on one connection for each", result["connections"] == connections, result["connections"])
            check("whole", result["bytes_in"] == result["bytes_out"] == sum(x[BYTES] for x in result["exchanges"]), what)
        result = heartbeat("exchanges=5", "every=20ms", "stop=1s", at)
        check("beats go on until the stop", 5 < result["completed"] and not result["failed"], result["completed"])
        told = server.stop()
    check("the server has told", told["completed"] >= 8 and told["bytes_in"] == told["bytes_out"] and not told["errors"],
          told["errors"])


def the_timer_is_absolute():
    with rpc.Server(kind="heartbeat") as server:
        result = heartbeat("exchanges=100", "every=10ms", "127.0.0.1:%d" % server.port)
    starts = [x[START] for x in result["exchanges"]]
    check("100 beats take 990 ms, but for the first one's lateness", starts[-1] - starts[0] >= 0.9, starts[-1] - starts[0])
    parts = [s / EVERY % 1 for s in starts]
    together = max(sum(abs((a - b + 0.5) % 1 - 0.5) < 0.1 for b in parts) for a in parts)
    check("half of them are at one part of 10 ms: lateness doesn't shift what comes later", together >= 50, together)


def echo(sock, _):
    while piece := sock.recv(65536):
        sock.sendall(piece)


class Sleeper:
    """An echo server that sends nothing for a while from its 20th beat on, and notes when beats came meanwhile."""

    def __init__(self, size):
        self.size, self.came = size, []

    def answer(self, sock, _):
        for _ in range(20):
            sock.sendall(sock.recv(self.size, socket.MSG_WAITALL))
        until, held = time.monotonic() + PAUSE, b""
        sock.settimeout(PAUSE)
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                held += sock.recv(self.size, socket.MSG_WAITALL)
            except TimeoutError:
                break
            self.came.append(time.monotonic())
        sock.settimeout(None)
        sock.sendall(held)
        echo(sock, 0)


def beats_go_on_while_the_server_sleeps():
    sleeper = Sleeper(100)
    with rpc.scripted(sleeper.answer) as address:
        result = heartbeat("exchanges=60", "size=100B", "every=10ms", address)
    check("all come back", result["completed"] == 60 and result["connections"] == 1, result["errors"])
    check("beats come in the pause, by the timer", 5 <= len(sleeper.came) <= 21, len(sleeper.came))
    late = result["exchanges"][20:20 + len(sleeper.came)]
    times = [x[END] - x[START] for x in late]
    check("the first has waited for most of the pause", times[0] >= PAUSE / 2, times[0])
    check("each later one less", sum(a <= b for a, b in zip(times, times[1:])) <= 2, [round(t, 3) for t in times])
    check("the last a little", times[-1] <= times[0] / 2, times[-1])
    ends = [x[END] for x in late]
    check("their echoes come together", ends[-1] - ends[0] < (late[-1][START] - late[0][START]) / 2, ends[-1] - ends[0])


def sleeps_unread(sock, _):
    """Reads nothing at all for a while: what came is in the socket's buffer."""
    sock.sendall(sock.recv(8, socket.MSG_WAITALL))
    time.sleep(PAUSE)
    echo(sock, 0)


def beats_wait_in_the_socket():
    with rpc.scripted(sleeps_unread) as address:
        result = heartbeat("exchanges=40", "size=8B", address)
    times = [x[END] - x[START] for x in result["exchanges"]]
    check("unread beats come back, too", result["completed"] == 40 and max(times) >= PAUSE / 2, max(times))


def stop_gives_beats_under_way_a_second():
    with rpc.scripted(sleeps_unread) as address:
        result = heartbeat("exchanges=1", "size=8B", "every=20ms", "stop=100ms", address)
    check("beats under way at a stop end well", result["completed"] >= 2 and not result["failed"], result["errors"])
    check("or count as neither", result["bytes_out"] == result["bytes_in"] == 8 * result["completed"], result["completed"])


def corrupt_at(k):
    """Changes byte k of all that comes."""
    def answer(sock, _):
        at = 0
        while piece := bytearray(sock.recv(65536)):
            if at <= k < at + len(piece):
                piece[k - at] ^= 1
            at += len(piece)
            sock.sendall(piece)
    return answer


def wrong_bytes_are_told():
    for k in (5 * 32, 5 * 32 + 31):
        with rpc.scripted(corrupt_at(k)) as address:
            result = heartbeat("exchanges=20", "size=32B", address)
        failed = [i for i, x in enumerate(result["exchanges"]) if not x[OK]]
        check("a wrong byte is its own beat's failure", failed == [5] and result["failed_corrupt"] == 1, failed)
        check("which is told", result["errors"] == ["an echo isn't what was sent"] and result["connections"] == 1, result["errors"])

    def swap(sock, _):
        first, second = (sock.recv(32, socket.MSG_WAITALL) for _ in range(2))
        sock.sendall(second + first)
        echo(sock, 0)
    with rpc.scripted(swap) as address:
        result = heartbeat("exchanges=6", "size=32B", address)
    check("echoes out of order aren't what was sent", result["failed_corrupt"] == 2 and result["completed"] == 4, result["errors"])


def swallow(sock, size, beats):
    for _ in range(beats):
        sock.recv(size, socket.MSG_WAITALL)


def ends_fail_all_beats_under_way():
    def end(reset):
        def answer(sock, number):
            if number:
                echo(sock, number)
                return
            for _ in range(3):
                sock.sendall(sock.recv(16, socket.MSG_WAITALL))
            swallow(sock, 16, 4)
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return answer
    for reset, count in ((False, "failed_eof"), (True, "failed_reset")):
        with rpc.scripted(end(reset)) as address:
            result = heartbeat("exchanges=20", "size=16B", "every=20ms", address)
        ok = [x[OK] for x in result["exchanges"]]
        # An end by close finds a beat unread now and then, and is a reset then.
        failed = result[count] + (0 if reset else result["failed_reset"])
        check("an end fails all that are under way: " + count, 4 <= failed == result["failed"] <= 12, result["failed"])
        check("and the next begins on a new connection", ok[:3] == [1, 1, 1] and ok[-1] == 1 and result["connections"] == 2, ok)
        check("every beat is counted once", len(ok) == result["completed"] + result["failed"] == 20, len(ok))


def silence_is_told():
    def answer(sock, number):
        if number:
            echo(sock, number)
        else:
            while sock.recv(65536):
                pass
    with rpc.scripted(answer) as address:
        result = heartbeat("exchanges=30", "timeout=100ms", address)
    failed = [x for x in result["exchanges"] if not x[OK]]
    check("beats that don't come back time out", 2 <= result["failed_timeout"] == result["failed"] < 30, result["failed"])
    check("the first after its time", failed[0][END] - failed[0][START] >= 0.1, failed[0])
    others = [x[END] - failed[0][END] for x in failed if x[START] < failed[0][END]]
    check("those under way with it", max(others) < 0.05, max(others))
    check("the rest go on elsewhere", result["connections"] >= 2 and result["completed"] == 30 - len(failed), result["errors"])


def nobody_listens():
    result = heartbeat("exchanges=5", "127.0.0.1:%d" % rpc.free_port())
    check("who is refused tells so, beat by beat", result["failed_connect"] == 5, result["errors"])


def unasked_bytes_are_told():
    def answer(sock, number):
        sock.sendall(sock.recv(8, socket.MSG_WAITALL) + (b"" if number else b"more"))
        echo(sock, number)
    with rpc.scripted(answer) as address:
        result = heartbeat("exchanges=4", "size=8B", "every=50ms", address)
    check("more than was sent", "more came back than was sent" in result["errors"] or result["failed_corrupt"], result["errors"])


def server_sends_back_all():
    sent = random.Random(1).randbytes(5_000_000)
    with rpc.Server(kind="heartbeat") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sock:
            def write():
                sock.sendall(sent)
                sock.shutdown(socket.SHUT_WR)
            writer = threading.Thread(target=write)
            writer.start()
            time.sleep(0.3)  # the server can't send all, and stops reading
            came = b""
            while piece := sock.recv(1 << 20):
                came += piece
            writer.join()
        check("5 MB come back byte for byte, and FIN behind them", came == sent, len(came))
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sock:
            sock.shutdown(socket.SHUT_WR)
            check("an end alone is answered by an end", sock.recv(1) == b"")
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sock:
            sock.setblocking(False)
            stuck = 0
            while stuck < 20:
                try:
                    sock.send(bytes(1 << 20))
                    stuck = 0
                except BlockingIOError:
                    stuck += 1
                    time.sleep(0.02)
        told = server.stop()
    check("who doesn't read isn't read", told["bytes_in"] < 64 << 20 and not told["errors"], told["bytes_in"])


def programs_get_their_echo():
    text = b"one\r\ntwo\r\n" * 5000
    for program in (["nc", "-N"], ["ncat"], ["socat", "-t", "10", "-"]):
        if not shutil.which(program[0]):
            print("ok ", program[0], "is not installed")
            continue
        with rpc.Server(kind="heartbeat") as server:
            to = ["tcp:127.0.0.1:%d" % server.port] if program[0] == "socat" else ["127.0.0.1", str(server.port)]
            done = subprocess.run([*program, *to], input=text, stdout=subprocess.PIPE, timeout=30, check=False)
        check(program[0] + " gets its echo", done.stdout == text, len(done.stdout))


def ours_beats_to_programs():
    for command in ("PIPE", "EXEC:cat"):
        if not shutil.which("socat"):
            print("ok  socat is not installed")
            return
        port = rpc.free_port()
        with subprocess.Popen(["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", command]) as socat:
            result = heartbeat("exchanges=100", "127.0.0.1:%d" % port)
            socat.terminate()
        check("socat sends back by " + command, result["completed"] >= 20 and not result["failed_corrupt"], result["errors"])


ours_beats_to_ours()
the_timer_is_absolute()
beats_go_on_while_the_server_sleeps()
beats_wait_in_the_socket()
stop_gives_beats_under_way_a_second()
wrong_bytes_are_told()
ends_fail_all_beats_under_way()
silence_is_told()
nobody_listens()
unasked_bytes_are_told()
server_sends_back_all()
programs_get_their_echo()
ours_beats_to_programs()
