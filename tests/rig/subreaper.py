#!/usr/bin/env python3
"""subreaper.py COMMAND... - runs a test, or a whole suite, so that nothing of it outlives it: no process, no temporary
file, no rule in this network namespace. What a command leaves that ended by itself is named, removed, and a failure;
what a command leaves that was killed, even with SIGKILL, is removed. Says what it took of the processors.

Three processes. The first is the one that ctest knows and kills; it only waits. The second is no descendant of the
first, so who kills the first and its tree doesn't reach it; it is the subreaper (prctl(2)) of the command: whatever
loses its parent becomes its child, also in a session of its own or with an empty environment. The third is the command.

The command's TMPDIR is a folder of its own. WEDGE_TEST names the test in the environment of its processes.
WEDGE_LEFT_BEHIND is a file to which a subreaper within another one adds what it has found: the second try of a test
passes, and what the first try has left is still a failure of the suite."""
import contextlib
import ctypes
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from proc_tree import children

PR_SET_CHILD_SUBREAPER = 36
# Seconds. Wedge's guard needs up to one on an idle machine when wedge is killed; nobody waits when nothing is left.
GRACE = 5
SKIPPED = 77
RULES = (["nft", "list", "ruleset"], ["iptables-legacy-save"], ["ip6tables-legacy-save"])


def descendants():
    found = children(os.getpid())
    for pid in found:
        found += children(pid)  # the list grows while it is walked
    return found


def file_of(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as f:
            return f.read().decode(errors="replace").rstrip("\0")
    except OSError:
        return ""


def describe(pid):
    words = file_of(pid, "cmdline").replace("\0", " ") or f"[{file_of(pid, 'comm').strip()}]"
    test = re.search(r"(?:^|\0)WEDGE_TEST=([^\0]*)", file_of(pid, "environ"))
    return f"process {pid}{' of ' + test.group(1) if test else ''}: {words}"


def dead_rules():
    """The names of wedges that have rules in this network namespace, and no longer the socket which says that they live
    (rule_id.h)."""
    if os.geteuid() != 0:
        return set()
    text = ""
    for words in RULES if os.path.exists("/proc/net/ip_tables_names") else RULES[:1]:
        if shutil.which(words[0]):
            text += subprocess.run(words, capture_output=True, text=True, check=False).stdout
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as f:
        alive = set(re.findall(r"@wedge-rules-(\w+)", f.read()))
    return set(re.findall(r"\bwedge-(\d+[a-z]?)\b", text)) - alive


class Subreaper:
    """The second process. Its end of the pair is at its end when the first process is gone."""

    def __init__(self, command, pair):
        self.command, self.pair, self.status = command, pair, None
        self.name = os.path.splitext(os.path.basename(command[0]))[0]
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")
        self.woken, wake = os.pipe()
        for end in (self.woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        # Handlers, since what is ignored would be ignored by the command, too.
        for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self.folder = tempfile.mkdtemp(prefix="wedge-")
        os.chmod(self.folder, 0o1777)
        # Beside the folder, so that it isn't taken for a file that was left.
        self.record = self.folder + ".left"
        self.outer = os.environ.get("WEDGE_LEFT_BEHIND")

    def reap(self):
        """Whether a child is left."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == self.pid:
                    self.status = os.waitstatus_to_exitcode(status)
        return False

    def wait(self, seconds, done):
        """Until done() or the first process is gone; whether that one is there."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = self.reap()
            if done(left):
                return True
            patience = None if until is None else until - time.monotonic()
            if patience is not None and patience <= 0:
                return True
            ready = select.select([self.woken, self.pair], [], [], patience)[0]
            if self.woken in ready:
                os.read(self.woken, 4096)
            if self.pair in ready:
                return False

    def kill_all(self):
        until = time.monotonic() + GRACE
        while self.reap() and time.monotonic() < until:
            for pid in descendants():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self.woken], [], [], 0.05)
            with contextlib.suppress(BlockingIOError):
                os.read(self.woken, 4096)

    def run(self):
        """The exit status for the first process."""
        rules = dead_rules()
        env = dict(os.environ, TMPDIR=self.folder, WEDGE_TEST=self.name, WEDGE_LEFT_BEHIND=self.record)
        self.pid = os.posix_spawnp(self.command[0], self.command, env, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
        found = []
        if self.wait(None, lambda left: self.status is not None) and self.wait(GRACE, lambda left: not left):
            found = [describe(pid) for pid in descendants()]
            self.kill_all()
            found += [f"file {os.path.join(self.folder, name)}" for name in sorted(os.listdir(self.folder))]
        self.kill_all()
        found += [f"what can't be killed: {describe(pid)}" for pid in descendants()]
        found += self.rules_left(rules)
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.judge(found)

    @staticmethod
    def rules_left(before):
        until = time.monotonic() + GRACE
        while (left := dead_rules() - before) and time.monotonic() < until:
            time.sleep(0.1)
        return [f"rules of the wedge {name} in this network namespace" for name in sorted(left)]

    def judge(self, found):
        lines = [f"{self.name} has left {what}" for what in found]
        with contextlib.suppress(FileNotFoundError):
            with open(self.record, encoding="utf-8") as f:
                lines += [f"{self.name}: {line}" for line in f.read().splitlines()]
            os.unlink(self.record)
        # A test that has failed is a failure anyway, if there is no second try.
        if self.outer and lines and self.status in (0, SKIPPED):
            with open(self.outer, "a", encoding="utf-8") as f:
                f.write("".join(line + "\n" for line in lines))
        if self.status is not None and self.status < 0:
            lines.append(f"{self.name}: ended by {signal.Signals(-self.status).name}")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self.status != SKIPPED:  # whose reason is the last line
            print(f"{self.name}: {used.ru_utime + used.ru_stime:.1f} s of processor time", flush=True)
        for line in lines:
            print("FAILED:", line, flush=True)
        return 1 if lines else self.status


def be_second(command, pair):
    os.setsid()
    if os.fork():
        os._exit(0)
    try:
        status = Subreaper(command, pair).run()
    except OSError as e:
        print(f"subreaper: {e}", flush=True)
        status = 1
    with contextlib.suppress(OSError):
        pair.send(bytes([status or 0]))
    os._exit(0)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    mine, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        mine.close()
        be_second(sys.argv[1:], its)
    its.close()
    os.waitpid(pid, 0)
    said = mine.recv(1)
    if not said:
        print("FAILED: the subreaper was killed", flush=True)
    sys.exit(said[0] if said else 1)


main()
