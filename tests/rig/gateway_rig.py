"""gateway_rig - what the tests of 'wedge proxy --transparent' share: a client, a gateway and a server
in network namespaces of their own, nginx on the server, wedge on the gateway.

A test calls main(inside) and is run twice: outside it starts itself again in fresh namespaces, as
root and as an ordinary user; inside it is given a Gateway."""
import atexit
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from run_rig import NOBODY, Rig, check, fail, need

PYTHON = "/usr/bin/python3"
CLIENT, SERVER = "192.0.2.2", "198.51.100.2"
CLIENT6, SERVER6 = "2001:db8:1::2", "2001:db8:2::2"
IN, OUT = "eth1", "eth2"

NGINX = """
daemon off; master_process off; worker_processes 1; pid {0}/nginx.pid; error_log stderr;
events {{ worker_connections 8192; }}
http {{
  log_format peer '$remote_addr $remote_port $request_uri';
  access_log {0}/access.log peer; sendfile on; keepalive_timeout 65; keepalive_requests 1000000;
  client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3;
  uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;
  server {{ listen 80; listen [::]:80; listen 81; listen [::]:81; root {0}/www; }}
}}
"""


class Gateway:
    """client eth0 - eth1 gateway eth2 - eth0 server, routed, IPv4 and IPv6."""

    def __init__(self, folder):
        self.folder = folder
        self.pids = {}
        self.running = []
        atexit.register(self.close)
        for host in ("client", "gateway", "server"):
            p = subprocess.Popen(["unshare", "--net", "sleep", "3600"])
            self.running.append(p)
            self.pids[host] = p.pid
        for pid in self.pids.values():
            await_true(lambda pid=pid: os.readlink(f"/proc/{pid}/ns/net") != os.readlink(
                "/proc/self/ns/net"), "the namespaces stand")
        self.link("client", "eth0", [CLIENT + "/24", CLIENT6 + "/64"], IN,
                  ["192.0.2.1/24", "2001:db8:1::1/64"])
        self.link("server", "eth0", [SERVER + "/24", SERVER6 + "/64"], OUT,
                  ["198.51.100.1/24", "2001:db8:2::1/64"])
        for host, v4, v6 in (("client", "192.0.2.1", "2001:db8:1::1"),
                             ("server", "198.51.100.1", "2001:db8:2::1")):
            self.sh(host, f"ip route add default via {v4}; ip -6 route add default via {v6}")
        self.sh("gateway", "ip link set lo up; echo 1 >/proc/sys/net/ipv4/ip_forward; "
                           "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")

    def link(self, host, name, addresses, gateway_name, gateway_addresses):
        theirs = self.pids[host]
        self.sh("gateway", f"ip link add {gateway_name} type veth peer name {name} netns {theirs}")
        for where, dev, list_ in ((host, name, addresses), ("gateway", gateway_name, gateway_addresses)):
            for a in list_:
                self.sh(where, f"ip addr add {a} dev {dev}" + (" nodad" if ":" in a else ""))
            self.sh(where, f"ip link set {dev} up; ip link set lo up")

    def words(self, host, words):
        return ["nsenter", f"--net=/proc/{self.pids[host]}/ns/net", "--", *words]

    def run(self, host, *words, timeout=120):
        return subprocess.run(self.words(host, words), cwd=self.folder, text=True, timeout=timeout,
                              capture_output=True)

    def sh(self, host, text):
        p = self.run(host, "sh", "-ec", text)
        check_quiet(p.returncode == 0, f"{host}: {text}: {p.stderr.strip()}")
        return p.stdout

    def start(self, host, *words, **more):
        p = subprocess.Popen(self.words(host, words), cwd=self.folder, text=True, **more)
        self.running.append(p)
        return p

    def nginx(self, size=4096, host="server"):
        folder = self.nginx_folder(host)
        os.makedirs(os.path.join(folder, "www"), exist_ok=True)
        with open(os.path.join(folder, "www", "f"), "wb") as f:
            f.write(os.urandom(size))
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as f:
            f.write(NGINX.format(folder))
        p = self.start(host, "nginx", "-c", os.path.join(folder, "nginx.conf"),
                       stderr=subprocess.DEVNULL)
        await_true(lambda: "81" in self.sh(host, "ss -Htln 'sport = 81'"), "nginx listens")
        return p

    def nginx_folder(self, host):
        return self.folder if host == "server" else os.path.join(self.folder, host)

    def log(self, host="server"):
        """(address, port, path) of every request that nginx has answered."""
        with open(os.path.join(self.nginx_folder(host), "access.log"), encoding="utf-8") as f:
            return [tuple(line.split()) for line in f]

    @staticmethod
    def program():
        preload = os.environ.get("LD_PRELOAD_WEDGE")
        extra = [f"LD_PRELOAD={preload}", "ASAN_OPTIONS=verify_asan_link_order=0"] if preload else []
        return ["env", *extra, "./wedge"]

    def peers(self, path, n=1, host="server"):
        """(address, port) of the n requests for this path; the log may come after the answer."""
        def those():
            return [entry[:2] for entry in self.log(host) if entry[2] == "/" + path]
        await_true(lambda: len(those()) >= n, f"nginx has logged /{path} {n} times")
        return those()

    def wedge(self, *options, mode=("--transparent", "--in", IN), expect="taking|listening|watching"):
        """A wedge on the gateway that is ready, its journal in self.journal()."""
        said = os.path.join(self.folder, "said")
        with open(said, "w", encoding="utf-8") as err:
            p = self.start("gateway", *self.program(), "proxy", *mode, "--journal",
                           os.path.join(self.folder, "journal"), *options, stderr=err)
        def ready():
            with open(said, encoding="utf-8") as f:
                text = f.read()
            if p.poll() is not None:
                fail(f"wedge ended with {p.returncode}: {text}")
            return re.search(expect, text)
        await_true(ready, "wedge is ready", quiet=True)
        p.said = lambda: open(said, encoding="utf-8").read()
        return p

    def refused(self, *options):
        """What a wedge says that can't run, on its one line."""
        p = self.run("gateway", *self.program(), "proxy", *options)
        check(p.returncode == 2 and p.stderr.count("\n") == 1 and not p.stdout,
              f"refused in one line: {p.stderr.strip()}")
        return p.stderr

    def journal(self, event):
        with open(os.path.join(self.folder, "journal"), encoding="utf-8") as f:
            return [e for e in map(json.loads, f) if e["event"] == event]

    def curl(self, address, path="f", port=80, *options, at="client", tell="%{http_code} %{local_port}"):
        host = f"[{address}]" if ":" in address else address
        return self.run(at, "curl", "-sS", "-m", "20", "-o", "/dev/null", "-w", tell, *options,
                        f"http://{host}:{port}/{path}")

    def rules(self, tables="mangle raw"):
        """Everything that wedge may have changed on the gateway, as text."""
        return self.sh("gateway", "nft list ruleset 2>&1 | grep -v '^#' || true; "
                       f"for t in {tables}; do iptables-save -t $t; ip6tables-save -t $t; done; ip -4 rule; ip -6 rule; ip -4 route show table all; "
                       "ip -6 route show table all; sysctl -a 2>/dev/null | "
                       "grep -E 'forward|rp_filter|redirects|tw_' || true")

    def close(self):
        for p in reversed(self.running):
            if p.poll() is None:
                p.kill()
                p.wait()


def check_quiet(ok, what):
    if not ok:
        fail(what)


def await_true(test, what, limit=10.0, quiet=True):
    end = time.monotonic() + limit
    while not test():
        if time.monotonic() > end:
            fail(f"not within {limit} s: {what}")
        time.sleep(0.01)
    if not quiet:
        print("ok  ", what)


def stop(p, number=signal.SIGTERM):
    p.send_signal(number)
    return p.wait(10)


def strip(text):
    """Without counters, remarks on the time, and link-local addresses, which come when they like."""
    return re.sub(r"\[\d+:\d+\]|^# .*$|^.*fe80::.*$", "", text, flags=re.M)


# nftables; iptables in nftables' clothes, where wedge can't use nftables itself; iptables of old.
FLAVOURS = ("nftables", "nf_tables", "legacy")


def be_flavour(flavour):
    """From here on, in this mount namespace, for every wedge that is started."""
    if flavour == "nftables":
        return
    os.environ["LD_PRELOAD_WEDGE"] = os.path.join(os.getcwd(), "libno_nftables.so")
    if flavour == "legacy":
        check_quiet(subprocess.run(["mount", "--bind", "/usr/sbin/xtables-legacy-multi",
                                    "/usr/sbin/xtables-nft-multi"], check=False).returncode == 0,
                    "iptables is iptables-legacy here")


def main(inside, *tools, flavours=("nftables",), users=None):
    """users: None for all, as whom it is played outside; the rig in the end."""
    if len(sys.argv) > 2 and sys.argv[1] == "inside":
        be_flavour(sys.argv[4])
        g = Gateway(sys.argv[2])
        inside(g, sys.argv[3], sys.argv[4])
        return None
    need("unshare", "nsenter", "setpriv", "ip", "nft", "iptables-save", "ss", *tools)
    rig = Rig()
    # An ordinary user may see neither the source tree nor root's python3.
    source = os.path.join(rig.folder, "tests", "rig")
    os.makedirs(source)
    for path in glob.glob(os.path.join(os.environ["SOURCE_DIR"], "tests", "rig", "*.py")):
        shutil.copy(path, source)
    script = shutil.copy(sys.argv[0], rig.folder)
    for user in rig.users if users is None else users(rig):
        for flavour in flavours:
            if flavour != "legacy" or os.path.exists("/usr/sbin/xtables-legacy-multi"):
                play(rig, script, user, flavour)
    return rig


def play(rig, script, user, flavour):
    folder = tempfile.mkdtemp(dir=rig.folder)
    os.chmod(folder, 0o777)
    os.link(rig.wedge, os.path.join(folder, "wedge"))
    shutil.copy(os.path.join(os.environ["BINARY_DIR"], "tests", "libno_nftables.so"), folder)
    words = ["unshare", "--net", "--mount"]
    if user != "root":
        words = (NOBODY if user == "nobody" else []) + [
            "unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--mount"]
    env = dict(os.environ, HOME=folder, SOURCE_DIR=rig.folder, XTABLES_LOCKFILE=folder + "/lock",
               PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
    rc = subprocess.run([*words, PYTHON, script, "inside", folder, user, flavour], env=env,
                        check=False, cwd=folder).returncode
    check(rc == 0, f"as {user}, {flavour}")
