"""exec_rig - what the tests of 'wedge exec' share: a folder with a copy of wedge, running commands in it as root or
as an ordinary user, servers on this host's loopback, and what is left behind."""
import http.server
import os
import socketserver
import subprocess
import sys
import threading
import time

from run_rig import Rig, check, fail, need, skip  # noqa: F401  (re-exported)

BODY = bytes(range(256)) * 1200  # more than any stall of these tests lets through
STALL = ["--impair", "stall{direction=downstream,after=10KB}"]
CANT = ("namespace", "no way to redirect", "CAP_")


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        try:
            self.wfile.write(BODY)
        except OSError:
            pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(body)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


class Threaded(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512


def web(host="127.0.0.1"):
    """A web server at http://host:port/ that answers with BODY; .posted is what was sent to it."""
    kind = type("Web", (Threaded,), {"address_family": 10 if ":" in host else 2})
    server = kind((host, 0), Quiet)
    server.posted = []
    server.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def environment(**more):
    # The sanitizer's leak check would look for processes that a sandbox hides from it.
    # Folders that only root may search would make "not found" "permission denied".
    path = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
    return dict(os.environ, ASAN_OPTIONS="detect_leaks=0", PATH=path, **more)


class Exec(Rig):
    def run_in(self, user, *command, wedge=(), timeout=60, **more):
        """A command through wedge as that user; skips where no namespace can be made."""
        words = self.words(user, "exec", *wedge, "--", *command)
        more = {"stdin": subprocess.DEVNULL, **more} if "input" not in more else more
        p = subprocess.run(words, cwd=self.folder, text=True, timeout=timeout, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=environment(), **more)
        if p.returncode == 125 and any(word in p.stderr for word in CANT):
            skip(f"as {user}: {p.stderr.strip()}")
        return p

    def expect(self, user, what, status, *command, **more):
        p = self.run_in(user, *command, **more)
        check(p.returncode == status,
              f"{user}: {what}: status {p.returncode} {p.stderr.strip()[-300:] if p.returncode != status else ''}")
        return p

    def file(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)
        return path


def wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return value


def main(rig, *tests):
    for user in rig.users:
        for test in tests:
            test(user)
    sys.exit(0)
