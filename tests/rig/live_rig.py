"""live_rig - what the tests of 'wedge proxy --capture' share: what is in a file as tshark reads it, and
tcpdump on one interface as the referee of which packets there were."""
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

FIELDS = ("ip.src", "ipv6.src", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags",
          "tcp.options.timestamp.tsval")


def need_capture():
    """Skips where a tool is missing, or wedge was built without the capture."""
    for tool in ("tshark", "tcpdump", "capinfos"):
        if not shutil.which(tool):
            print(f"skipped: no {tool} here")
            sys.exit(77)
    p = subprocess.run([os.environ["WEDGE"], "proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--capture",
                        os.devnull + "/x"], capture_output=True, text=True, check=False)
    if "built without" in p.stderr:
        print("skipped:", p.stderr.strip())
        sys.exit(77)


def tshark(path, *words):
    """(rows of fields, what it complains about)"""
    # No preferences of anybody's. The place is this test's: any other one may be made by others, and be theirs alone.
    nowhere = os.path.join(tempfile.gettempdir(), "no-preferences")
    p = subprocess.run(["tshark", "-n", "-r", path, *words], capture_output=True, text=True, check=False,
                       env=dict(os.environ, HOME=nowhere, XDG_CONFIG_HOME=nowhere))
    said = [l for l in p.stderr.splitlines() if l and "Running as user" not in l]
    return [line.split("\t") for line in p.stdout.splitlines()], said + ([] if p.returncode == 0 else ["failed"])


def rows(path, where="frame", *fields):
    words = ["-Y", where, "-T", "fields"]
    for field in fields or FIELDS:
        words += ["-e", field]
    found, said = tshark(path, *words)
    if said:
        raise SystemExit(f"tshark on {path}: {said}")
    return found


def packets(path, where="tcp"):
    """Every packet as something to compare with, in no order."""
    return sorted(map(tuple, rows(path, where)))


def leg(name):
    return f'frame.interface_name == "{name} leg"'


def comments(path, where="frame.comment"):
    """(frame number, interface, one line) of every line of every comment."""
    return [(int(n), name, line) for n, name, text in rows(path, where, "frame.number", "frame.interface_name",
                                                           "frame.comment") for line in text.split("\\n")]


class Tcpdump:
    """On one interface, until stop()."""

    def __init__(self, path, interface, prefix=(), what="tcp"):
        self.path = path
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        self.p = subprocess.Popen([*prefix, "tcpdump", "-i", interface, "-n", "-U", "-B", "16384", *user, "-w", path,
                                   "--immediate-mode", what], stderr=subprocess.PIPE, text=True)
        atexit.register(self.p.kill)
        self.ready = any("listening on" in line for line in self.p.stderr)

    def stop(self):
        self.p.send_signal(signal.SIGINT)
        self.p.wait(10)
        self.p.stderr.close()
        return self.path
