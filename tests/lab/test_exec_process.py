#!/usr/bin/env python3
"""wedge exec is like env(1) around its command: exit status, standard input and output, user, files, signals, terminal
and job control are the command's; nothing is left when it has ended, in whatever way, or when wedge is killed."""
import os
import pty
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, environment, main, wait_for  # noqa: E402
from proc_tree import marked  # noqa: E402

rig = Exec()
SHELL = "trap 'echo got; exit 7' TERM; echo up; while :; do sleep 0.02; done"


def exit_status_is_the_commands(user):
    for status in (0, 1, 42, 125, 255):
        rig.expect(user, f"exit {status}", status, "sh", "-c", f"exit {status}")
    rig.expect(user, "a command that a signal ends", -signal.SIGTERM, "sh", "-c", "kill -TERM $$")
    p = rig.expect(user, "no such command", 127, "no-such-command-anywhere")
    check(p.stderr.count("\n") == 1 and "No such file" in p.stderr, f"{user}: one line says so: {p.stderr.strip()}")
    p = rig.expect(user, "a file that can't be executed", 126, "/etc/hosts")
    check(p.stderr.count("\n") == 1 and "denied" in p.stderr, f"{user}: one line says so: {p.stderr.strip()}")


def own_failures_are_125(user):
    for what, wedge, words in (
            ("no command", (), ()), ("an unknown option", ("--impare", "cut"), ("true",)),
            ("an unknown impairment", ("--impair", "stal"), ("true",)),
            ("a journal that can't be written", ("--journal", "/nowhere/j"), ("true",)),
            ("packets of the server leg", ("--impair", "vanish{leg=server}"), ("true",)),
            ("packets of the server leg alone", ("--impair", "delayed_ack{leg=server}"), ("true",))):
        p = subprocess.run(rig.words(user, "exec", *wedge, *words), capture_output=True, text=True, check=False,
                           env=environment())
        check(p.returncode == 125 and p.stderr.count("\n") == 1 and not p.stdout,
              f"{user}: {what}: {p.returncode} {p.stderr.strip()}")
        check("leg" not in what or "wedge and the server" in p.stderr, f"{user}: {what}: the reason is named")


def file_and_command_line_add_up(user):
    path = rig.file("faults.yaml", "log: info\nimpairments:\n  - latency: {delay: 10ms}\n")
    p = rig.expect(user, "a file", 0, "true", wedge=["--config", path, "--impair", "cut{after=1MB}"])
    check("connections are caught by" in p.stderr, f"{user}: the file's log level counts: {p.stderr.strip()}")
    for text, part in (("impairments: [{latensy: {}}]\n", "bad.yaml:1:"), ("proxies: []\n", "proxies"),
                       ("impairments: [{vanish: {leg: server}}]\n", "wedge and the server")):
        p = subprocess.run(rig.words(user, "exec", "--config", rig.file("bad.yaml", text), "true"),
                           capture_output=True, text=True, check=False, env=environment())
        check(p.returncode == 125 and part in p.stderr and p.stderr.count("\n") == 1,
              f"{user}: {text.strip()}: {p.returncode} {p.stderr.strip()}")


def command_is_the_users_own(user):
    text = "id -u; id -g; pwd; umask; ls -di /; cat /proc/self/status | grep -E 'Sig(Blk|Ign)'"
    inside = rig.expect(user, "a look around", 0, "sh", "-c", text).stdout
    outside = subprocess.run([*rig.words(user)[:-1], "sh", "-c", text], cwd=rig.folder, capture_output=True, text=True,
                             check=True, env=environment(), stdin=subprocess.DEVNULL).stdout
    check(inside == outside, f"{user}: ids, folder, files and signals are as outside: {inside!r} {outside!r}")
    caps = rig.run_in(user, "grep", "CapEff", "/proc/self/status").stdout.split()[1]
    check(user == "root" or int(caps, 16) == 0, f"{user}: no capability is left: {caps}")
    rig.run_in(user, "sh", "-c", f"echo hello >made-{user}")
    st = os.stat(rig.path(f"made-{user}"))
    check(user != "nobody" or st.st_uid == 65534, f"{user}: a file that it makes is the user's")


def stdio_is_untouched(user):
    p = rig.run_in(user, "sh", "-c", "cat; echo error >&2; exit 3", input="line\n" * 50000)
    check(p.stdout == "line\n" * 50000 and p.stderr == "error\n" and p.returncode == 3,
          f"{user}: standard input, output and error pass: {len(p.stdout)} bytes")
    fds = rig.run_in(user, "sh", "-c", "ls /proc/$$/fd").stdout.split()
    check(set(fds) <= {"0", "1", "2", "10"}, f"{user}: no descriptor is added: {fds}")


def start(user, mark, *command):
    return subprocess.Popen(rig.words(user, "exec", "--", *command), stdout=subprocess.PIPE, text=True,
                            env=environment(WEDGE_TEST_MARK=mark), cwd=rig.folder)


def signals_pass(user):
    p = start(user, "x", "bash", "-c", SHELL)
    p.stdout.readline()
    p.terminate()
    check(p.stdout.read() == "got\n" and p.wait() == 7, f"{user}: SIGTERM is the command's to handle")
    for signum in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
        p = start(user, "x", "sh", "-c", "echo up; exec sleep 100")
        p.stdout.readline()
        p.send_signal(signum)
        check(p.wait() == -signum, f"{user}: {signum.name} ends the command, and wedge likewise")


def nothing_is_left(user):
    leave = "setsid unshare -n" if user == "root" else "setsid unshare -rn"
    mounts = len(open("/proc/mounts", encoding="utf-8").readlines())
    for name, text, how in (("its end", "sleep 999 & (setsid sleep 998 &) ; echo up", None),
                            ("its end, out of its network", f"{leave} sleep 997 & sleep 0.3; echo up", None),
                            ("kill -9, out of its network", f"{leave} sleep 996 & sleep 0.3; echo up; wait", signal.SIGKILL),
                            ("its end, out of all namespaces", f"{leave}mT sleep 997 & sleep 0.3; echo up", None),
                            ("its end, deaf and orphaned", f"setsid {leave[7:]}m sh -c \"trap '' TERM; (sleep 99 & sleep 99) &"
                             " exit\" & sleep 0.3; echo up", None),
                            ("kill -9, out of all namespaces", f"{leave}m sleep 996 & sleep 0.3; echo up; wait", signal.SIGKILL),
                            ("SIGTERM", "sleep 999 & echo up; wait", signal.SIGTERM),
                            ("kill -9", "(trap '' TERM HUP; sleep 999) & (setsid sleep 998 &) ; echo up; wait",
                             signal.SIGKILL)):
        mark = f"WEDGE_TEST_MARK={os.getpid()}-{user}-{name.replace(' ', '').replace(',', '')}"
        p = start(user, mark.split("=")[1], "sh", "-c", text)
        p.stdout.readline()
        if how:
            check(len(marked(mark)) >= 4, f"{user}: {len(marked(mark))} processes at work")
            p.send_signal(how)
        p.wait()
        began = time.monotonic()
        wait_for(lambda: not marked(mark), 3)
        took = time.monotonic() - began
        check(not marked(mark), f"{user}: after {name} no process is left, {took * 1000:.0f} ms later")
        check(how == signal.SIGKILL or took < 0.1, f"{user}: after {name} wedge ends last")
    check(len(open("/proc/mounts", encoding="utf-8").readlines()) == mounts, f"{user}: no mount is left")


class Terminal:
    """An interactive shell on a terminal of its own."""

    def __init__(self, words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1="$ ", ASAN_OPTIONS="detect_leaks=0")
            os.execvp(words[0], words)
        self.said = ""

    def read(self, until, seconds=5):
        """Whether that text came."""
        end = time.monotonic() + seconds
        while until not in self.said and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.said += os.read(self.fd, 4096).decode(errors="replace")
                except OSError:
                    break
        came = until in self.said
        self.said = self.said.partition(until)[2]
        return came

    def type(self, text):
        os.write(self.fd, text.encode())


def terminal_passes(user):
    t = Terminal(["bash", "--norc", "--noediting", "-i"])
    wedge = " ".join(rig.words(user, "exec", "--"))
    t.type(f"{wedge} sh -c 'echo u''p; sleep 100'\n")
    check(t.read("up\r\n"), f"{user}: the command writes to the terminal")
    t.type("\x1a")
    check(t.read("Stopped"), f"{user}: ^Z stops the job")
    t.type("fg; echo status $?\n")
    time.sleep(0.3)
    t.type("\x03")
    t.type("echo status $?\n")
    check(t.read("status 130"), f"{user}: fg continues it, ^C ends it")
    t.type(f"{wedge} bash --norc --noediting -i\n")
    t.type("echo in''side; sleep 100\n")
    check(t.read("inside"), f"{user}: a shell inside reads the terminal")
    time.sleep(0.3)
    t.type("\x1a")
    check(t.read("Stopped"), f"{user}: it has job control")
    t.type("exit 5\n")
    check(t.read("There are stopped jobs"), f"{user}: and knows its jobs")
    t.type("exit 5\n")
    t.type("echo status $?\n")
    check(t.read("status 5"), f"{user}: and it gives the terminal back")
    t.type("exit\n")
    os.waitpid(t.pid, 0)


main(rig, exit_status_is_the_commands, own_failures_are_125, file_and_command_line_add_up, command_is_the_users_own, stdio_is_untouched,
     signals_pass, nothing_is_left, terminal_passes)
