#!/usr/bin/env python3
"""Real programs x modes of wedge: programs.py [--rows NAME,...] [--modes MODE,...] [--ipv6] WEDGE prints a Markdown table,
a row for each program. In namespaces of their own a client, a gateway and a server (program_servers.py) stand; each program
runs on the client directly and through every mode, with the same input, and what it says must be the same. A cell has how
many connections wedge's journal tells of; where a program didn't get what it should, its status and last words. What isn't
installed isn't run, and says so. Run by root, the programs as a made user. The status is 1 if a cell is bad."""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "rig")]
import own_network  # noqa: E402
from gateway_rig import IN, SERVER, SERVER6, Gateway  # noqa: E402
from program_servers import PROBE, PYTHON, UID, Servers, make_user  # noqa: E402

BODY = os.urandom(3_000_000)
HEX = BODY[:1_000_000].hex()
MAIL = "Subject: a message\n\n" + "\n".join(re.findall(".{500}", HEX)) + "\n"
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
NODE = """const h = require('crypto').createHash('sha256');
require('http').get(process.argv[2], r => { r.on('data', d => h.update(d)); r.on('end', () => console.log(h.digest('hex'))) })
"""
FTPLIB = """import ftplib, hashlib, sys
f = ftplib.FTP(sys.argv[1]); f.login(); f.set_pasv(sys.argv[2] == "passive")
h = hashlib.sha256(); f.retrbinary("RETR body", h.update); f.quit(); print(h.hexdigest())
"""
SMTPLIB = """import smtplib, ssl, sys
c = ssl.create_default_context(cafile=sys.argv[2]); c.check_hostname = False
s = smtplib.SMTP(sys.argv[1]); s.starttls(context=c); s.ehlo(); s.mail("a@b.example"); s.rcpt("c@d.example")
print(s.data(open(sys.argv[3]).read())[1].decode())
"""
# In a new folder; $S is the server's name, $D the folder of keys and programs.
CHROMIUM = ("chromium --headless --no-sandbox --disable-gpu --user-data-dir=c --dump-dom http://$S/page 2>err | "
            "tr -c '0-9a-f' '\\n' | awk 'length == 2000000' | tr -d '\\n' | sha256sum")
TABLE = "tr -d '\\n' | sha256sum"
FTP = {"passive": "", "active": "-P - "}

# Each row: its name, the command that tells its version, the server, the shell text, and whether HEX or BODY is asked for.
ROWS = [
    ("HTTP, curl", "curl --version", "nginx", "curl -sS http://$S/body | sha256sum", "body"),
    ("HTTP, Java", "java -version", "nginx", "java -cp $D Get http://$S/body", "body"),
    ("HTTP, static Go", "go version", "nginx", "$D/get http://$S/body", "body"),
    ("HTTP, node", "node --version", "nginx", "node $D/get.js http://$S/body", "body"),
    ("HTTP, Chromium", "chromium --version", "nginx", CHROMIUM, "hex"),
    *((f"FTP {how}, curl", "curl --version", "vsftpd", f"curl -sS {word}ftp://$S/body | sha256sum", "body")
      for how, word in FTP.items()),
    *((f"FTP {how}, lftp", "lftp --version", "vsftpd", f"lftp -c 'set net:max-retries 1; set net:timeout 5; set "
       f"ftp:passive-mode {how == 'passive'}; open '$S'; cat body' | sha256sum", "body") for how in FTP),
    *((f"FTP {how}, Python's ftplib", PYTHON + " --version", "vsftpd", f"{PYTHON} $D/ftp.py $S {how}", "body") for how in FTP),
    ("SMTP with STARTTLS, curl", "curl --version", "aiosmtpd",
     "curl -sSv --crlf --ssl-reqd -k smtp://$S --mail-from a@b.example --mail-rcpt c@d.example -T $D/mail 2>&1 | "
     "sed -nE 's/^< 250 ([0-9a-f]{64}).*/\\1/p'", "hex"),
    ("SMTP with STARTTLS, Python's smtplib", PYTHON + " --version", "aiosmtpd",
     f"{PYTHON} $D/smtp.py $S $D/cert.pem $D/mail", "hex"),
    ("PostgreSQL with TLS, psql", "psql --version", "postgres",
     f"psql 'host='$S' user=probe dbname=postgres sslmode=require' -Atc 'select body from t' | {TABLE}", "hex"),
    ("MariaDB, mariadb", "mariadb --version | sed s/.*Distrib//", "mariadbd",
     f"mariadb --no-defaults --skip-ssl -h $S -u plain -Ne 'select body from d.t' | {TABLE}", "hex"),
    ("MariaDB with TLS, mariadb", "mariadb --version | sed s/.*Distrib//", "mariadbd",
     f"mariadb --no-defaults --ssl -h $S -u tls -Ne 'select body from d.t' | {TABLE}", "hex"),
    ("ssh, there and back", "ssh -V", "sshd", "$D/ssh probe@$S cat <$D/files/body | sha256sum", "body"),
    ("git over ssh, clone", "git --version", "sshd",
     "GIT_SSH=$D/ssh git clone -q probe@$S:$D/repo r && sha256sum <r/body", "body"),
    ("git over ssh, push", "git --version", "sshd",
     "cp -r $D/work w && cd w && export GIT_SSH=$D/ssh && r=$D/user/$(date +%N) && $D/ssh probe@$S git init -q --bare $r && "
     "git push -q probe@$S:$r HEAD:refs/heads/b && git --git-dir=$r cat-file blob b:body | sha256sum", "body"),
    ("rsync over ssh", "rsync --version", "sshd", "rsync -e $D/ssh probe@$S:$D/files/body b && sha256sum <b", "body"),
    ("rsync to its daemon", "rsync --version", "rsyncd", "rsync rsync://$S/files/body b && sha256sum <b", "body"),
    ("SMB, smbclient", "smbclient --version", "smbd",
     "smbclient -s /dev/null -N //$S/files -c 'get body b' >o && sha256sum <b", "body"),
]
SERVES = {"nginx": "nginx -v", "vsftpd": "vsftpd -v 0>&1", "sshd": "sshd -V", "rsyncd": "rsync --version",
          "smbd": "smbd --version",
          "aiosmtpd": f"{PYTHON} -c 'import aiosmtpd; print(aiosmtpd.__version__)'",
          "postgres": "pg_ctl --version", "mariadbd": "mariadbd --version"}
SSH = """#!/bin/sh
exec ssh -F /dev/null -i {0}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \\
-o BatchMode=yes "$@"
"""
# Where wedge runs in each mode, and how it is told.
MODES = {
    "transparent": ("gateway", "--transparent", "--in", IN),
    "redirect": ("client", "--redirect", "--to", f"{SERVER},{SERVER6}"),
    "forward": ("gateway", "--forward", "--server", SERVER, "--server", SERVER6, "--impair", "delay{delay=1ms,what=data}"),
    "exec": None,
}
# What can't be, and says so: (the rows, the mode, the reason).
KNOWN = [("FTP active", "exec", "what listens inside is reached from inside only (exec.md)")]


def say_version(words):
    """The first line with a number that it says, without what is behind the number; None where it isn't installed."""
    if not shutil.which(words.split()[0]):
        return None
    p = subprocess.run(["sh", "-c", words], text=True, check=False, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = re.search(r"\d+\.\d[\w.]*", p.stdout)
    return found.group(0) if found else None


class Play:
    def __init__(self, wedge, folder, address):
        self.folder = folder
        os.chmod(folder, 0o755)
        shutil.copy(wedge, f"{folder}/wedge")
        for name in ("user", "files"):
            os.mkdir(f"{folder}/{name}")
        for name, text in (("files/hex", HEX), ("get.go", GO), ("Get.java", JAVA), ("get.js", NODE), ("ftp.py", FTPLIB),
                           ("smtp.py", SMTPLIB), ("ssh", SSH.format(folder)), ("mail", MAIL)):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as f:
                f.write(text)
        with open(f"{folder}/files/body", "wb") as f:
            f.write(BODY)
        os.chmod(f"{folder}/ssh", 0o755)
        subprocess.run(["chown", "-R", f"{UID}:{UID}", folder], check=True)
        make_user(folder, address)
        self.gateway = Gateway(folder)
        self.servers = Servers(self.gateway, folder)
        self.want = {"body": hashlib.sha256(BODY).hexdigest(), "hex": hashlib.sha256(HEX.encode()).hexdigest()}

    def compile(self, row):
        if "static Go" in row[0]:
            subprocess.run(["go", "build", "-o", f"{self.folder}/get", f"{self.folder}/get.go"], check=True,
                           env=dict(os.environ, CGO_ENABLED="0", HOME=f"{self.folder}/user"))
        elif "Java" in row[0]:
            subprocess.run(["javac", "-nowarn", f"{self.folder}/Get.java"], check=True, stderr=subprocess.DEVNULL)

    def run(self, row, before=()):
        """(whether it got what it should, what it said last)."""
        cwd = tempfile.mkdtemp(dir=f"{self.folder}/user")
        os.chown(cwd, UID, UID)
        env = {"PATH": os.environ["PATH"], "HOME": f"{self.folder}/user", "S": "server", "D": self.folder, "LANG": "C.UTF-8"}
        words = self.gateway.words("client", ["env", "-C", cwd, *PROBE, *before, "timeout", "30", "bash", "-o",
                                             "pipefail", "-c", row[3]])
        p = subprocess.run(words, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
        said = ((p.stderr.strip() or p.stdout.strip()).splitlines() or [""])[-1]
        return p.returncode == 0 and p.stdout.split()[:1] == [self.want[row[4]]], f"{p.returncode}: {said[:150]}"

    def start_wedge(self, mode):
        host, *words = MODES[mode]
        with open(f"{self.folder}/said", "w", encoding="utf-8") as f:
            p = self.gateway.start(host, "./wedge", "proxy", *words, "--journal", f"{self.folder}/user/{mode}", stderr=f)
        end = time.monotonic() + 10
        while not re.search("taking|listening|watching", open(f"{self.folder}/said", encoding="utf-8").read()):
            if p.poll() is not None or time.monotonic() > end:
                sys.exit(f"{mode}: wedge doesn't start: {open(f'{self.folder}/said', encoding='utf-8').read()}")
            time.sleep(0.05)
        return p

    def count_packets(self):
        """Those that the kernel has queued for wedge up to now: the queue's id sequence."""
        lines = self.gateway.sh("gateway", "cat /proc/net/netfilter/nfnetlink_queue").splitlines()
        return sum(int(line.split()[7]) for line in lines)

    def read_opened(self, mode):
        """When each session was opened that the journals of this mode tell of, on the clock of time.time()."""
        opened, begun = [], 0
        path = f"{self.folder}/user/{mode}"
        with open(path if os.path.exists(path) else "/dev/null", encoding="utf-8") as f:
            for event in map(json.loads, f):
                begun = event.get("wall", begun)
                if event["event"] == "session_open":
                    opened.append(begun + event["t"])
        return opened


def is_known(name, mode):
    return next((why for word, where, why in KNOWN if word in name and where == mode), None)


def play_mode(play, mode, rows):
    """The cell of each row by its name; what is wrong begins with BAD."""
    cells, times, said = {}, {}, {}
    wedge = play.start_wedge(mode) if MODES.get(mode) else None
    for row in rows:
        before = [f"{play.folder}/wedge", "exec", "--journal", f"{play.folder}/user/exec", "--"] if mode == "exec" else []
        packets, begun = play.count_packets() if mode == "forward" else 0, time.time()
        said[row[0]] = play.run(row, before)
        times[row[0]] = begun, time.time(), play.count_packets() - packets if mode == "forward" else 0
        print(f"{mode}: {row[0]}: {'right' if said[row[0]][0] else said[row[0]][1]}", file=sys.stderr, flush=True)
    if wedge:
        wedge.terminate()
        wedge.wait(10)
    opened = play.read_opened(mode)
    for name, (good, words) in said.items():
        begun, ended, packets = times[name]
        n, why = packets or sum(begun <= t <= ended for t in opened), is_known(name, mode)
        if good and not n and mode in MODES:
            good, words = False, "wedge has seen no connection"
        if good:
            cells[name] = "right" + (f", {n}" if n else "") + (" packets" if packets else "")
        else:
            cells[name] = f"can't, {why}: {words}" if why else f"BAD {words}"
    return cells


def choose(text, names):
    """Those of the names that hold one of the comma-separated words."""
    return [n for n in names if not text or any(word.lower() in n.lower() for word in text.split(","))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", help="only the rows whose name holds one of these words, a,b,...")
    parser.add_argument("--modes", help="only these modes")
    parser.add_argument("--ipv6", action="store_true", help="the server has an IPv6 address, not an IPv4 one")
    parser.add_argument("wedge")
    args = parser.parse_args()
    args.wedge = os.path.abspath(args.wedge)
    if os.getuid() != 0:
        print("skipped: only root can make users up")
        sys.exit(77)
    own_network.enter("bash", "nsenter", "setpriv", "nft", "ss", "mount")
    modes = ["directly", *choose(args.modes, MODES)]
    # Only this mount namespace has it: nothing is left, however this ends.
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    play = Play(args.wedge, tempfile.mkdtemp(dir="/run"), SERVER6 if args.ipv6 else SERVER)
    table, bad = play_all(play, choose(args.rows, [row[0] for row in ROWS]), modes)
    print("\n".join(table))
    sys.exit(1 if bad else 0)


def play_all(play, names, modes):
    """(the lines of the table, whether a cell is bad)."""
    table = [f"| what | program | server | {' | '.join(modes)} |", "|" + " --- |" * (len(modes) + 3)]
    versions, rows, cells = {}, [], {}
    for row in (row for row in ROWS if row[0] in names):
        versions[row[0]] = say_version(row[1]), say_version(SERVES[row[2]])
        if None not in versions[row[0]]:
            rows.append(row)
            play.compile(row)
            play.servers.start(row[2])
    for mode in modes:
        cells[mode] = play_mode(play, mode, rows)
    for name in names:
        own, its = versions[name]
        words, server = next(row[1:3] for row in ROWS if row[0] == name)
        said = [cells[mode].get(name, "not run here") for mode in modes]
        table.append(f"| {name} | {os.path.basename(words.split()[0])} {own or '(not installed)'} | {server} "
                     f"{its or '(not installed)'} | {' | '.join(said)} |")
    play.gateway.close()
    return table, any("BAD" in line for line in table)


if __name__ == "__main__":
    main()
