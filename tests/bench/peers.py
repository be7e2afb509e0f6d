"""peers - what is measured beside each other: no proxy at all, other people's proxies where they are installed, wedge. Each is
started for a measurement and ended after it, with ports that nobody has used before."""
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
from proc_tree import children

STARTS_WITHIN, ENDS_WITHIN = 20, 20
PIPES = 40
NGINX_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
HAPROXY_CONF = """
global
  nbthread 1
  maxconn {maxconn}
  maxpipes {maxpipes}
  {globally}
defaults
  mode tcp
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  {by_default}
listen l
  bind 127.0.0.1:{port} backlog 16384
  server s 127.0.0.1:{upstream}
"""
NGINX_CONF = """
load_module {module};
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 19900; }}
stream {{ server {{ listen 127.0.0.1:{port} backlog=16384; proxy_pass 127.0.0.1:{upstream}; proxy_timeout 600s; }} }}
"""


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")


def first_line(*words):
    """What a program says of its version."""
    p = subprocess.run(words, capture_output=True, text=True, check=False)
    return ((p.stdout or p.stderr).strip().splitlines() or ["?"])[0]


def tree(pid):
    found = [pid]
    for one in found:
        found += children(one)  # the list grows while it is walked
    return found


def check_alive(pid):
    """Of what has ended nothing is measured."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
        if f.read().rsplit(")", 1)[1].split()[0] in "ZX":
            raise RuntimeError("it ended meanwhile")


def cpu(pid):
    """Processor seconds of a process and all below it; of their ended children by the kernel's ticks."""
    check_alive(pid)
    used = 0.0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{one}/task"):
                with contextlib.suppress(OSError), open(f"/proc/{one}/task/{thread}/schedstat", encoding="ascii") as f:
                    used += int(f.read().split()[0]) / 1e9
        with contextlib.suppress(OSError), open(f"/proc/{one}/stat", encoding="utf-8", errors="replace") as f:
            used += sum(map(int, f.read().rsplit(")", 1)[1].split()[13:15])) / os.sysconf("SC_CLK_TCK")
    return used


def resident(pid):
    """Bytes in memory of a process and all below it; what they share is counted once, in parts."""
    check_alive(pid)
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError), open(f"/proc/{one}/smaps_rollup", encoding="ascii") as f:
            total += next(int(line.split()[1]) for line in f if line.startswith("Pss:")) * 1024
    return total


def listens(port):
    """Whether somebody listens there; asked of the kernel, so that the proxy has no session of it."""
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(f)[1:])


class Ports:
    """Below the range of those that the kernel chooses (bench_all sets it)."""

    def __init__(self):
        self.next = 2000

    def take(self):
        self.next = self.next + 1 if self.next < 9999 else 2000
        return self.next


PORTS = Ports()


class Running:
    """dial: where clients connect; serve: where their server is to listen; pid of what is between, or None."""

    def __init__(self):
        self.serve = f"127.0.0.1:{PORTS.take()}"
        self.pid, self.dial, self.process = None, self.serve, None
        self.said = tempfile.TemporaryFile()

    def begin(self, words):
        """words: a function of the proxy's port and its server's."""
        port = PORTS.take()
        self.dial = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(words(port, int(self.serve.rsplit(":", 1)[1])), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.said)
        self.pid = self.process.pid
        self.await_start(port)

    def await_start(self, port):
        until = time.monotonic() + STARTS_WITHIN
        while not listens(port):
            if self.process.poll() is not None or time.monotonic() > until:
                self.said.seek(0)
                said = self.said.read().decode(errors="replace").strip().splitlines()
                raise RuntimeError("it didn't start" + (": " + said[-1] if said else ""))
            time.sleep(0.01)

    def end(self):
        self.said.close()
        if not self.process:
            return
        for number in (15, 15, 9):  # the second SIGTERM resets what wedge's first one waits for
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.3 if number == 15 else ENDS_WITHIN)
                return


class Peer:
    """name, and how it is started: a function of (folder, port, port of the server) to words, or None for no proxy."""

    def __init__(self, name, start, version="", wedge=False):
        self.name, self.start, self.version, self.wedge = name, start, version, wedge

    @contextlib.contextmanager
    def running(self, folder, *more):
        """more: further options, of a wedge's."""
        running = Running()
        try:
            if self.start:
                running.begin(lambda port, upstream: self.start(folder, port, upstream) + list(more))
            yield running
        finally:
            running.end()


def write_conf(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


def haproxy(globally, by_default):
    def start(folder, port, upstream):
        # Each session may need two descriptors, and each pipe two more: the limit leaves few for these beside 9,900 sessions.
        most = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 2 * PIPES - 100) // 2
        text = HAPROXY_CONF.format(maxconn=most, maxpipes=PIPES, globally=globally, by_default=by_default, port=port, upstream=upstream)
        return [program("haproxy"), "-db", "-q", "-f", write_conf(folder, "haproxy.cfg", text)]

    return start


def nginx(folder, port, upstream):
    text = NGINX_CONF.format(module=NGINX_MODULE, folder=folder, port=port, upstream=upstream)
    return [program("nginx"), "-p", folder, "-e", "stderr", "-c", write_conf(folder, "nginx.conf", text)]


def socat(_, port, upstream):
    return [program("socat"), f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=4096",
            f"TCP:127.0.0.1:{upstream},nodelay"]


def wedge(path, *options):
    return lambda _, port, upstream: [path, "proxy", "--listen", f"127.0.0.1:{port}", "--upstream", f"127.0.0.1:{upstream}",
                                      "--seed", "1", *options]


def wedges(name, path):
    """One worker, and as many as there are processors where this wedge has workers."""
    version = first_line(path, "--version")
    said = subprocess.run([path, "proxy", "--help"], capture_output=True, text=True, check=False).stdout
    if "--workers" not in said:
        return [Peer(name, wedge(path), version, wedge=True)]
    found = [Peer(name, wedge(path, "--workers", "1"), version, wedge=True)]
    if os.cpu_count() > 1:
        found.append(Peer(f"{name}, {os.cpu_count()} workers", wedge(path, "--workers", str(os.cpu_count())), version, wedge=True))
    return found


def others():
    """(peers, the names of what isn't installed)"""
    found, missing = [], []
    if program("haproxy"):
        version = first_line(program("haproxy"), "-v").split(" - ")[0]
        found += [Peer("HAProxy splice", haproxy("", "option splice-request\n  option splice-response"), version),
                  Peer("HAProxy copy", haproxy("nosplice", ""), version)]
    else:
        missing.append("HAProxy")
    if program("nginx") and os.path.exists(NGINX_MODULE):
        found.append(Peer("nginx stream", nginx, first_line(program("nginx"), "-v")))
    else:
        missing.append("nginx with its stream module")
    if program("socat"):
        said = subprocess.run([program("socat"), "-V"], capture_output=True, text=True, check=False).stdout.splitlines()
        found.append(Peer("socat", socat, next((line for line in said if "version" in line), "socat")))
    else:
        missing.append("socat")
    return found, missing


DIRECT = Peer("direct", None)
