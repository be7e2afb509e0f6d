"""rpc.py - starts both ends of a workload, "rpc" if not told otherwise, from a Python test: wraps tests/rig/workload_run."""
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading

RUN = os.path.join(os.environ["BINARY_DIR"], "tests", "workload_run")


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def check(what, condition, found=""):
    print("ok  " if condition else "FAIL", what, found)
    if not condition:
        sys.exit(1)


def client(*words, kind="rpc", timeout=60):
    """The result of one client; words are KEY=VALUE... and ADDRESS:PORT."""
    done = subprocess.run([RUN, kind, "client", *words], stdout=subprocess.PIPE, timeout=timeout)
    check("client ends with 0", done.returncode == 0, " ".join(words))
    return json.loads(done.stdout)


class Server:
    """A server end until stop(); .port is where it listens, .result what it told."""

    def __init__(self, *words, kind="rpc", address="127.0.0.1:0", program=()):
        self.process = subprocess.Popen(
            [RUN, kind, "server", *words, address, *(["--", *program] if program else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = self.process.stdout.readline()
        self.port = int(self.first.split()[1]) if self.first.startswith("ready ") else 0
        self.result = None

    def stop(self):
        out, _ = self.process.communicate("", timeout=30)
        lines = out.splitlines()
        self.result = json.loads(lines[-1] if lines else self.first)
        return self.result

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.result is None:
            self.stop()


@contextlib.contextmanager
def scripted(answer):
    """A server on loopback whose every connection is handed to answer(sock, number)."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        number = 0
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                with contextlib.suppress(OSError):
                    answer(sock, number)
                sock.close()
                number += 1

    threading.Thread(target=serve, daemon=True).start()
    yield "127.0.0.1:%d" % listener.getsockname()[1]
    listener.close()


def request(sock):
    """Reads one request without a body; False when the connection ended first."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = sock.recv(65536)
        if not piece:
            return False
        data += piece
    return True


def median_ms(result):
    return statistics.median((x[2] - x[0]) * 1000 for x in result["exchanges"] if x[3])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]
