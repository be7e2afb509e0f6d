"""What the tests of "wedge proxy --config" share: a running wedge whose file is written as text, changed, and
read again on SIGHUP."""
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

import proxy_rig as rig


def check(text, *args):
    """(exit status, stdout, stderr) of --check with that file; its name is FILE in both."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wedge.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        r = subprocess.run([rig.WEDGE, "proxy", "--check", path, *args], capture_output=True, text=True, timeout=60)
    return r.returncode, r.stdout.replace(path, "FILE"), r.stderr.replace(path, "FILE")


def has_impairments():
    return "built without" not in check("proxies: [{name: a, listen: ':1', upstream: 'a:1', impairments: [cut]}]")[2]


class Config(rig.Proxy):
    """A running "wedge proxy --config"; self.ports[name] is where a proxy listens."""

    def __init__(self, text, *args, prefix=()):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "wedge.yaml")
        self.lines, self.ports, self.changes = [], {}, 0
        self.write(text)
        env = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:malloc_context_size=3")
        self.p = subprocess.Popen([*prefix, rig.WEDGE, "proxy", "--config", self.path, *args],
                                  stderr=subprocess.PIPE, text=True, bufsize=1, env=env)
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        if not rig.wait_for(lambda: self.ports or self.lines):
            raise SystemExit("wedge proxy didn't start")

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.folder.cleanup()

    def write(self, text):
        with open(self.path + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(self.path + ".new", self.path)

    def _read_log(self):
        for line in self.p.stderr:
            with self.news:
                self.lines.append(line.rstrip())
                m = re.match(r"wedge: (\S+): listening on (.*):(\d+), forwarding to ", line)
                if m:
                    self.ports[m.group(1)] = int(m.group(3))
                self.changes += "configuration changed" in line or "configuration refused" in line
                self.news.notify_all()

    def change(self, text=None):
        """Writes the file (None: leaves it), has it read, and returns (the line about it, milliseconds
        until it was there)."""
        if text is not None:
            self.write(text)
        seen, before = len(self.lines), self.changes
        with self.news:
            began = time.monotonic()
            self.p.send_signal(signal.SIGHUP)
            self.news.wait_for(lambda: self.changes > before, 30)
            took = 1000 * (time.monotonic() - began)
        said = [l for l in self.lines[seen:] if "configuration " in l]
        return (said[0] if said else "nothing"), took

    def changed(self, text=None):
        """change, which must be accepted; (added, removed, changed)"""
        said, _ = self.change(text)
        m = re.search(r"changed in [\d.]+ ms: (\d+) added, (\d+) removed, (\d+) changed", said)
        return tuple(int(n) for n in m.groups()) if m else said

    def port(self, name):
        rig.wait_for(lambda: name in self.ports)
        return self.ports.get(name)


def proxies(*rows, top=""):
    """The file's text of proxies given as mappings."""
    return top + "proxies: " + json.dumps(list(rows)) + "\n"


def proxy(name, server, *faults, listen="127.0.0.1:0", **more):
    return dict(name=name, listen=listen, upstream="127.0.0.1:%d" % server.getsockname()[1],
                impairments=list(faults), **more)
