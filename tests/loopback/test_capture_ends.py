#!/usr/bin/env python3
"""How the capture of 'wedge proxy' ends and what is in it then: TLS decrypted with nothing but the file, after SIGTERM, a
second signal and kill -9; a full disk; what is refused before anything runs. Nothing else is ever left behind."""
import http.server
import os
import resource
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
import tls_rig  # noqa: E402
from capture_rig import enter_namespace  # noqa: E402
from config_rig import has_impairments  # noqa: E402
from live_rig import RST, SYN, flags, frames, leg, need_capture, tshark  # noqa: E402
from pcapng_rig import INTERFACE, PACKET, SECRETS, blocks, capinfos  # noqa: E402
from proc_tree import named  # noqa: E402
from proxy_rig import accept, check, connect, listener  # noqa: E402

need_capture()
enter_namespace()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


def https_server(folder, host="127.0.0.1"):
    s = http.server.ThreadingHTTPServer((host, 0), Page)
    s.socket = tls_rig.server_context(*tls_rig.make_certificate(folder, "server")).wrap_socket(s.socket, server_side=True)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s


def fetch(url, *options):
    return subprocess.run(["curl", "-sSk", "-m", "10", *options, url], capture_output=True, text=True, check=False).stdout


def gone(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def decrypted(path, what, uris):
    for name in ("client", "server"):
        asked, got = ([f[field] for f in frames(path, leg(name)) if f[field]] for field in ("http.request.uri", "http.response.code"))
        check("%s: the %s leg is decrypted with nothing but the file" % (what, name), asked == uris and got == ["200"] * len(uris),
              "%s %s" % (asked, got))
    kinds = [b.kind for b in blocks(path)]
    check("%s: secrets before the first packet" % what, SECRETS in kinds and
          kinds.index(INTERFACE) < kinds.index(SECRETS) < kinds.index(PACKET))
    check("%s: capinfos and tshark take it" % what, int(capinfos(path)["Number of packets"]) == kinds.count(PACKET) and
          not tshark(path, "-V")[1])
    check("%s: it is its owner's alone" % what, stat.S_IMODE(os.stat(path).st_mode) == 0o600)


def tls(folder, server, how, *options):
    path = os.path.join(folder, "out.pcapng")
    p = rig.Proxy("localhost:%d" % server.server_address[1], "--tls", "intercept", "--tls-ca", os.path.join(folder, "ca"),
                  "--capture", path, *options, listen=":0")
    helpers = named(p.p.pid, "wedge-capture")
    check("%s: the capture is one process" % how, len(helpers) == 1)
    check("%s: pages" % how, fetch("https://127.0.0.1:%d/one" % p.port) == "hello" and
          fetch("https://[::1]:%d/two" % p.port, "--tls-max", "1.2", "-g") == "hello")
    if how == "kill -9":
        p.p.kill()
        p.p.wait()
        check("%s: the capture ends by itself" % how, rig.wait_for(lambda: gone(helpers[0]), 10))
    else:
        p.p.send_signal(signal.SIGTERM)
        check("%s: status 0" % how, p.p.wait(10) == 0)
        check("%s: nothing runs any more" % how, gone(helpers[0]))
        p.reader.join()
        check("%s: its line" % how, bool(p.logged("out.pcapng: ")), str(p.lines[-1:]))
    decrypted(path, how, ["/one", "/two"])
    names = sorted(set(os.listdir(folder)) - {"out.pcapng", "ca", "server.pem", "server.key"})
    check("%s: nothing else is in the folder" % how, not names, str(names))
    os.unlink(path)


def decrypts():
    with tempfile.TemporaryDirectory() as folder:
        server = https_server(folder)
        for how in ("SIGTERM", "kill -9"):
            tls(folder, server, how)
        tls(folder, server, "with a stall", *(["--impair", "stall{after=10B,for=100ms}"] if has_impairments() else []))
        server.shutdown()


def second_signal():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        with rig.Proxy("127.0.0.1:9", "--capture", path):
            pass
        with open(path, "rb") as f:
            older = f.read()
        server = listener()
        p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path)
        c = connect(p.port)
        s = accept(server)
        c.sendall(b"hello")
        s.recv(5)
        with open(path, "rb") as f:
            check("an older capture stays until the end", len(older) > 100 and f.read() == older)
        for _ in range(2):
            p.p.send_signal(signal.SIGTERM)
            time.sleep(0.2)
        check("a second signal: status 1", p.p.wait(10) == 1)
        check("then it has the RSTs, too", len([f for f in frames(path) if flags(f) & RST]) == 2)
        check("without secrets its mode is as usual", stat.S_IMODE(os.stat(path).st_mode) == 0o666 & ~UMASK)
        check("nothing else is in the folder", os.listdir(folder) == ["out.pcapng"])


def dead_to_the_last_packet():
    """When wedge ends this host's kernel answers in the place of a host that has vanished. The capture ends before."""
    if not has_impairments():
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        server = listener()
        p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path, "--journal", "/dev/null", "--impair",
                      "vanish{schedule=\"700ms on\",new_connections=true}")
        c = connect(p.port)
        since = time.monotonic()
        stop = threading.Timer(1.4, lambda: [(p.p.send_signal(signal.SIGTERM), time.sleep(0.3)) for _ in range(2)])
        stop.start()
        while p.p.poll() is None and time.monotonic() - since < 10:
            with socket.socket() as knock:
                knock.setblocking(False)
                knock.connect_ex(("127.0.0.1", p.port))
                time.sleep(0.0005)
        stop.join()
        c.close()
        late = [f for f in frames(path) if float(f["frame.time_relative"]) > 1.1]
        said = [f["tcp.flags"] for f in late if f["tcp.srcport"] == str(p.port)]
        asked = [f for f in late if f["tcp.dstport"] == str(p.port) and flags(f) & SYN]
        check("a vanished host: silent to the end of the capture", len(asked) > 100 and not said, "%d SYNs, %s" % (len(asked), said[-3:]))


def killed_capture():
    """The capturing process itself dies: said at once, and wedge goes on."""
    with tempfile.TemporaryDirectory() as folder:
        server = listener()
        p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", os.path.join(folder, "out.pcapng"))
        os.kill(named(p.p.pid, "wedge-capture")[0], signal.SIGKILL)
        check("its end is told at once", bool(rig.wait_for(lambda: p.logged("capture: the capturing process has ended"))))
        c = connect(p.port)
        s = accept(server)
        c.sendall(b"hello")
        check("and wedge goes on", s.recv(5) == b"hello")
        c.close()
        s.close()
        p.p.send_signal(signal.SIGTERM)
        check("status 2", p.p.wait(10) == 2)
        check("nothing is left", not os.listdir(folder))


def full_disk():
    """A limit on the size of files stands for it: the process is the one that meets it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        server = listener()
        p = rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path)
        resource.prlimit(named(p.p.pid, "wedge-capture")[0], resource.RLIMIT_FSIZE, (300000, 300000))
        c = connect(p.port)
        s = accept(server)
        got = 0
        threading.Thread(target=lambda: c.sendall(b"x" * 2000000), daemon=True).start()
        while got < 2000000:
            got += len(s.recv(65536))
        told = rig.wait_for(lambda: p.logged("capture: writing " + path))
        check("a full disk is told at once, and wedge goes on", bool(told), str(p.lines))
        c.close()
        s.close()
        p.p.send_signal(signal.SIGTERM)
        check("status 2", p.p.wait(10) == 2)
        found = frames(path) if os.path.exists(path) else []
        check("what was captured until then is there", len(found) > 5 and "broke off" in capinfos(path)["Capture comment"],
              "%d packets" % len(found))
        check("nothing else is left", os.listdir(folder) == ["out.pcapng"])


def refused():
    def one(what, words, path, prefix=(), **more):
        r = subprocess.run([*prefix, rig.WEDGE, "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--capture",
                            path], capture_output=True, text=True, timeout=20, check=False, **more)
        check(what, r.returncode == 2 and r.stderr.count("\n") == 1 and words in r.stderr, r.stderr.strip())

    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "x-server.pcapng"))
        one("no such folder", "can't write", os.path.join(folder, "none", "x.pcapng"))
        one("a folder", "no file's name", folder + "/")
        one("a device", "no ordinary file", "/dev/null")
        one("a leg's file is a folder", "x-server.pcapng: it is no ordinary file", os.path.join(folder, "x.pcapng"))
        one("no right to capture", "CAP_NET_RAW", os.path.join(folder, "y.pcapng"),
            prefix=["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", "--ambient-caps", "-net_raw"])
        check("nothing is left behind", os.listdir(folder) == ["x-server.pcapng"])
        p = subprocess.run([rig.WEDGE, "proxy", "--listen", "192.0.2.77:1", "--upstream", "127.0.0.1:9", "--capture",
                            os.path.join(folder, "z.pcapng")], capture_output=True, text=True, timeout=20, check=False)
        check("no file when it couldn't run for another reason", p.returncode == 2 and "can't listen" in p.stderr and
              os.listdir(folder) == ["x-server.pcapng"], p.stderr.strip())


UMASK = os.umask(0)
os.umask(UMASK)
decrypts()
second_signal()
dead_to_the_last_packet()
killed_capture()
full_disk()
refused()
rig.finish()
