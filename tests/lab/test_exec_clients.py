#!/usr/bin/env python3
"""wedge exec around real programs, each against a real server on this host's loopback, with and without a stall: what
they print is right, and the exit status is theirs. curl, python3, node, git, psql, redis-cli, ssh where installed, and
two clients that are linked statically."""
import glob
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import BODY, STALL, Exec, check, main, need, wait_for, web  # noqa: E402

need("curl")
rig = Exec()
server = web()
URL = f"http://127.0.0.1:{server.port}/"
daemons = []

STATIC_CLIENT = r"""
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
	struct timeval patience = {.tv_sec = 1};
	static char buf[65536];
	long n, sum = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return 3;
	dprintf(fd, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sum += n;
	printf("%ld\n", sum);
	return n < 0 ? 9 : 0;
}
"""
PYTHON = "import sys, urllib.request as u; print(len(u.urlopen(sys.argv[1], timeout=1).read()))"
NODE = ("const r = require('http').get(process.argv[1], {timeout: 1000}, s => { let n = 0; s.on('data', d => n += d.length);"
        "s.on('end', () => console.log(n)); s.on('error', () => process.exit(6)) });"
        "r.on('timeout', () => process.exit(5)); r.on('error', () => process.exit(6));")


def missing(what):
    print(f"not here, so not tried: {what}")


def both(user, name, stalled_status, *command):
    size = str(len(BODY))
    p = rig.expect(user, f"{name}", 0, *command)
    check(size in p.stdout, f"{user}: {name} has all {size} bytes: {p.stdout.strip()}")
    rig.expect(user, f"{name}, stalled", stalled_status, *command, wedge=STALL)


def curl(user):
    both(user, "curl", 28, "curl", "-sS", "-m", "1", "-o", "/dev/null", "-w", "%{size_download}\n", URL)


def python(user):
    both(user, "python3", 1, "python3", "-c", PYTHON, URL)


def node(user):
    if not shutil.which("node"):
        missing("node")
    else:
        both(user, "node", 5, "node", "-e", NODE, URL)


def static(user):
    program = rig.path("static-client")
    if not os.path.exists(program):
        source = rig.file("client.c", STATIC_CLIENT)
        if not shutil.which("gcc") or subprocess.run(["gcc", "-static", "-o", program, source], check=False,
                                                     stderr=subprocess.DEVNULL).returncode:
            return missing("a static libc")
    p = rig.expect(user, "a static program", 0, program, str(server.port))
    check(int(p.stdout) > len(BODY), f"{user}: a static program reads {p.stdout.strip()} bytes")
    rig.expect(user, "a static program, stalled", 9, program, str(server.port), wedge=STALL)


def busybox(user):
    tool = shutil.which("busybox")
    if tool and "statically linked" in subprocess.run(["file", "-L", tool], capture_output=True, text=True,
                                                       check=False).stdout:
        p = rig.expect(user, "busybox wget", 0, "sh", "-c", f"busybox wget -q -O - {URL} | wc -c")
        check(p.stdout.strip() == str(len(BODY)), f"{user}: busybox wget reads {p.stdout.strip()}")
        rig.expect(user, "busybox wget, stalled", 124, "timeout", "2", "busybox", "wget", "-q", "-O", "/dev/null",
                   URL, wedge=STALL)
    else:
        missing("a static busybox")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def daemon(words, port, **more):
    daemons.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more))
    return wait_for(lambda: answers(port) or daemons[-1].poll() is not None) and daemons[-1].poll() is None


def git(user):
    if not shutil.which("git") or not os.path.exists(os.path.join(
            subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip(),
            "git-daemon")):
        return missing("git daemon")
    base, port = rig.path("repos"), free_port()
    if not os.path.exists(base):
        work = os.path.join(base, "project")
        os.makedirs(work)
        with open(os.path.join(work, "blob"), "wb") as f:
            f.write(os.urandom(200000))
        for words in (["init", "-q"], ["add", "."],
                      ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "one"]):
            subprocess.run(["git", "-C", work, *words], check=True)
    check(daemon(["git", "daemon", "--export-all", f"--base-path={base}", "--listen=127.0.0.1", f"--port={port}"],
                 port), f"{user}: git daemon works")
    place = rig.path(f"clone-{user}")
    rig.expect(user, "git clone", 0, "git", "clone", "-q", f"git://127.0.0.1:{port}/project", place)
    check(os.path.getsize(os.path.join(place, "blob")) == 200000, f"{user}: the clone is whole")
    rig.expect(user, "git clone, stalled", 124, "timeout", "2", "git", "clone", "-q",
               f"git://127.0.0.1:{port}/project", place + "2", wedge=STALL)


def postgres_tool(name):
    """Debian keeps the server's programs out of PATH."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"]]))


def psql(user):
    initdb, postgres = postgres_tool("initdb"), postgres_tool("postgres")
    if not shutil.which("psql") or not initdb or not postgres:
        return missing("psql or its server")
    folder, port = tempfile.mkdtemp(dir=rig.folder), free_port()
    os.chmod(folder, 0o777)
    drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.getuid() == 0 else []
    data = os.path.join(folder, "data")
    if subprocess.run([*drop, initdb, "-D", data, "-U", "tester", "-A", "trust", "--no-sync"], check=False,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        return missing("a database cluster")
    check(daemon([*drop, postgres, "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"], port),
          f"{user}: postgres works")
    ask = ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "tester", "-At", "-c", "select repeat('x', 100000)",
           "postgres"]
    wait_for(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0)
    p = rig.expect(user, "psql", 0, *ask)
    check(len(p.stdout.strip()) == 100000, f"{user}: psql has its answer")
    rig.expect(user, "psql, stalled", 124, "timeout", "2", *ask, wedge=STALL)


def redis(user):
    if not shutil.which("redis-cli") or not shutil.which("redis-server"):
        return missing("redis")
    port = free_port()
    check(daemon(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", rig.folder],
                 port), f"{user}: redis works")
    ask = ["redis-cli", "-p", str(port), "eval", "return string.rep('x', 100000)", "0"]
    p = rig.expect(user, "redis-cli", 0, *ask)
    check(len(p.stdout.strip()) == 100000, f"{user}: redis-cli has its answer")
    rig.expect(user, "redis-cli, stalled", 124, "timeout", "2", *ask, wedge=STALL)


def ssh(user):
    sshd = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/bin")
    if not sshd or not shutil.which("ssh") or os.getuid() != 0:
        return missing("sshd, or root to run it")
    folder, port = tempfile.mkdtemp(dir=rig.folder), free_port()
    os.makedirs("/run/sshd", exist_ok=True)
    key, host = os.path.join(folder, "key"), os.path.join(folder, "host")
    for path in (key, host):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    os.chmod(folder, 0o755)
    if user == "nobody":
        os.chown(key, 65534, 65534)
    check(daemon([sshd, "-D", "-f", "/dev/null", "-h", host, "-p", str(port), "-o", "ListenAddress=127.0.0.1", "-o",
                  f"AuthorizedKeysFile={key}.pub", "-o", "StrictModes=no", "-o", "UsePAM=no"], port),
          f"{user}: sshd works")
    ask = ["ssh", "-F", "/dev/null", "-i", key, "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o",
           "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "root@127.0.0.1"]
    p = rig.expect(user, "ssh", 7, *ask, "head -c 100000 /dev/zero | tr '\\0' x; exit 7")
    check(p.stdout.count("x") == 100000, f"{user}: ssh has all output")
    rig.expect(user, "ssh, stalled", 124, "timeout", "2", *ask, "head -c 100000 /dev/zero", wedge=STALL)


try:
    main(rig, curl, python, node, static, busybox, git, psql, redis, ssh)
finally:
    for d in daemons:
        d.terminate()
        d.wait()
