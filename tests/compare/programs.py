#!/usr/bin/env python3
"""Real programs x modes of wedge: programs.py WEDGE [USER] prints a Markdown table, a row for each program. Each runs once
directly and once through every mode of MODES against the same servers of this host's loopback, and what it says must be
the same; a cell has its own last words where it isn't. Run by root; the programs then run as USER (default nobody)."""
import hashlib
import http.server
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

BODY = os.urandom(3_000_000)
GO = """package main
import ("crypto/sha256";"fmt";"io";"net/http";"os")
func main() { r, e := http.Get(os.Args[1]); if e != nil { fmt.Println(e); os.Exit(1) }
 h := sha256.New(); io.Copy(h, r.Body); fmt.Printf("%x\\n", h.Sum(nil)) }
"""
JAVA = """import java.net.*; import java.security.*;
public class Get { public static void main(String[] a) throws Exception {
 byte[] d = MessageDigest.getInstance("SHA-256").digest(new URL(a[0]).openStream().readAllBytes());
 for (byte b : d) System.out.printf("%02x", b); System.out.println(); } }
"""
NODE = ("const h = require('crypto').createHash('sha256'); require('http').get(process.argv[1], r => { r.on('data', d => "
        "h.update(d)); r.on('end', () => console.log(h.digest('hex'))) })")
PYTHON = ("import hashlib, sys, urllib.request as u; "
          "print(hashlib.sha256(u.urlopen(sys.argv[1]).read()).hexdigest())")

# A mode is what goes before a command; one that needs a host of its own (transparent, redirect, forward) also sets it up.
MODES = {"exec": lambda wedge: [wedge, "exec", "--"]}


class Body(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *args):
        pass


def start_sshd(folder, user):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    for name in ("key", "host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"], check=True)
    os.chown(f"{folder}/key", user.pw_uid, user.pw_gid)
    os.makedirs("/run/sshd", exist_ok=True)
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", f"{folder}/host", "-p", str(port), "-o",
                               "ListenAddress=127.0.0.1", "-o", f"AuthorizedKeysFile={folder}/key.pub", "-o",
                               "StrictModes=no", "-o", "UsePAM=no"])
    time.sleep(1)
    return server, (f"ssh -i {folder}/key -p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                    "-o LogLevel=ERROR -o BatchMode=yes")


def make_programs(folder, url, ssh):
    """(name, the programs that it needs, shell text) of each row."""
    yield "curl", ["curl"], f"curl -sS {url} | sha256sum"
    yield "python3", ["python3"], f"python3 -c '{PYTHON}' {url}"
    yield "node", ["node"], f"node -e \"{NODE}\" {url}"
    if shutil.which("go"):
        with open(f"{folder}/get.go", "w", encoding="utf-8") as f:
            f.write(GO)
        subprocess.run(["go", "build", "-o", f"{folder}/get", f"{folder}/get.go"], check=False,
                       env=dict(os.environ, CGO_ENABLED="0", GOCACHE=f"{folder}/go", HOME=folder))
    yield "Go, static", ["go"], f"{folder}/get {url}"
    with open(f"{folder}/Get.java", "w", encoding="utf-8") as f:
        f.write(JAVA)
    if shutil.which("javac"):
        subprocess.run(["javac", "-nowarn", f"{folder}/Get.java"], check=False, stderr=subprocess.DEVNULL)
    yield "Java", ["javac"], f"java -cp {folder} Get {url}"
    yield "ssh", ["ssh"], f"{ssh} root@127.0.0.1 cat {folder}/body | sha256sum"
    yield "git over ssh", ["git", "ssh"], (f"cd $(mktemp -d) && GIT_SSH_COMMAND='{ssh}' git clone -q "
                                           f"root@127.0.0.1:{folder}/repo r && cat r/body | sha256sum")
    yield "rsync over ssh", ["rsync", "ssh"], (f"cd $(mktemp -d) && rsync -e '{ssh}' root@127.0.0.1:{folder}/body b && "
                                               "sha256sum <b")


def run(user, before, text):
    """(status, the last line that it printed)."""
    p = subprocess.run(["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", *before,
                        "sh", "-c", text], capture_output=True, text=True, timeout=120, check=False,
                       env=dict(os.environ, HOME="/nonexistent"))
    return p.returncode, ((p.stdout.strip() or p.stderr.strip()).splitlines() or [""])[-1]


def main(wedge, name="nobody"):
    user = pwd.getpwnam(name)
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    wedge = shutil.copy(wedge, folder)
    with open(f"{folder}/body", "wb") as f:
        f.write(BODY)
    subprocess.run(f"cd {folder} && git init -q repo && cp body repo && cd repo && git add body && "
                   "git -c user.name=a -c user.email=a@b commit -qm a", shell=True, check=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Body)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sshd, ssh = start_sshd(folder, user)
    right, bad = hashlib.sha256(BODY).hexdigest(), 0
    print(f"| program, as {name} | directly | {' | '.join(MODES)} |\n|{' --- |' * (len(MODES) + 2)}")
    try:
        for row, needs, text in make_programs(folder, f"http://127.0.0.1:{server.server_port}/", ssh):
            if not all(map(shutil.which, needs)):
                print(f"| {row} | not installed |{' |' * len(MODES)}")
                continue
            cells = []
            for before in ([], *(mode(wedge) for mode in MODES.values())):
                status, said = run(user, before, text)
                good = status == 0 and said.split()[:1] == [right]
                cells.append("same bytes" if good else f"{status}: {said}")
                bad += not good
            print(f"| {row} | {' | '.join(cells)} |", flush=True)
    finally:
        sshd.terminate()
        sshd.wait()
        shutil.rmtree(folder)
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
