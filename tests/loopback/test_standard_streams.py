#!/usr/bin/env python3
"""Descriptors 0, 1 and 2 as supervisors, cron and remote shells leave them: closed, full, without a reader,
non-blocking, in every combination. Each command does what it does with all of them open; what standard output doesn't
take is a line on standard error and a status that isn't 0; a command under wedge exec gets what wedge got."""
import fcntl
import itertools
import os
import shlex
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig

COMMANDS = ("--version", "--help", "list", "show exchange-delayed-ack", "show exchange-delayed-ack --json", "impairments",
            "impairments --markdown", "impairments loss", "workloads", "workloads rpc", "proxy --help", "run --help",
            "exec --help", "proxy --transparent --in g0 --print-rules", "nonsense", "run nonsense", "proxy --nonsense")


def run(words, shut=(), stdout=subprocess.PIPE, stderr=subprocess.PIPE):
    """(status, standard output, standard error) of wedge with some of its standard descriptors closed."""
    script = "exec \"$@\" " + " ".join("%d>&-" % fd for fd in shut)
    p = subprocess.run(["sh", "-c", script, "sh", rig.WEDGE, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                       timeout=20)
    return p.returncode, p.stdout, p.stderr


def combinations():
    return [c for n in (1, 2, 3) for c in itertools.combinations((0, 1, 2), n)]


def check_command(text):
    words = shlex.split(text)
    whole = run(words)
    failed = 125 if words[0] == "exec" else 2
    wrong = []
    for shut in combinations():
        status, out, err = run(words, shut)
        lacks = 1 in shut and whole[1]
        if 1 not in shut and out != whole[1] or status != (failed if lacks else whole[0]):
            wrong.append((shut, status))
        if 2 not in shut and (b"standard output is incomplete: Bad file" in err if lacks else err == whole[2]) is not True:
            wrong.append((shut, err))
    rig.check("%s: with descriptors closed" % text, not wrong, str(wrong)[:200])
    if not whole[1]:
        return
    with open("/dev/full", "w") as full:
        status, _, err = run(words, stdout=full)
        rig.check("%s: to a full device" % text, status == failed and b"incomplete: No space left" in err, err.decode().strip())
        rig.check("%s: with a full standard error" % text, run(words, stderr=full)[:2] == whole[:2])
    r, w = os.pipe()
    os.close(r)
    status, _, err = run(words, stdout=w)
    rig.check("%s: to a pipe without a reader" % text, status == failed and b"incomplete: Broken pipe" in err, err.decode().strip())
    rig.check("%s: with a standard error without a reader" % text, run(words, stderr=w)[:2] == whole[:2])
    os.close(w)


def output_to_a_non_blocking_pipe():
    words = ["impairments", "--markdown"]
    whole = run(words)[1]
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(w, False)
    p = subprocess.Popen([rig.WEDGE, *words], stdout=w, stderr=subprocess.PIPE)
    os.close(w)
    with open(r, "rb") as f:
        got = f.read()
    rig.check("a non-blocking pipe gets all", got == whole and p.wait(10) == 0, p.stderr.read().decode())
    p.stderr.close()


def exec_can_run():
    return subprocess.run([rig.WEDGE, "exec", "--", "true"], stderr=subprocess.DEVNULL).returncode == 0


LOOK = ("import os, stat, signal, sys\n"
        "def kind(fd):\n"
        "    try: st = os.fstat(fd)\n"
        "    except OSError: return 'closed'\n"
        "    return '%o %d' % (stat.S_IFMT(st.st_mode), st.st_rdev)\n"
        "with open('/proc/self/status') as f: ignored = [l for l in f if l.startswith('SigIgn')]\n"
        "open(sys.argv[1], 'w').write(' '.join(kind(fd) for fd in (0, 1, 2)) + ignored[0])\n")


def seen_by_a_command(prefix, shut, before=""):
    out = "seen"
    # -I -S: Python itself opens nothing and ignores SIGPIPE alike in both.
    script = before + "exec \"$@\" " + " ".join("%d>&-" % fd for fd in shut)
    with open("/dev/full", "w") as full:
        status = subprocess.run(["sh", "-c", script, "sh", *prefix, sys.executable, "-I", "-S", "-c", LOOK, out],
                                stdin=subprocess.DEVNULL, stdout=full, stderr=full, timeout=20).returncode
    with open(out) as f:
        text = f.read()
    os.unlink(out)
    return status, text


def a_command_under_exec_gets_what_wedge_got():
    wedge = [rig.WEDGE, "exec", "--"]
    for shut in [(), *combinations()]:
        for before in ("", "trap '' PIPE; "):
            plain, inside = seen_by_a_command([], shut, before), seen_by_a_command(wedge, shut, before)
            rig.check("exec with %s closed%s" % (shut or "none", ", SIGPIPE ignored" if before else ""),
                      plain == inside, "%r, %r" % (plain, inside) if plain != inside else "")
    status, out, _ = run(["exec", "--", "sh", "-c", "yes | head -1; exit 3"])
    rig.check("a pipeline inside ends by SIGPIPE as outside", (status, out) == (3, b"y\n"))
    status, _, err = run(["exec", "--", "sh", "-c", "kill -TERM $$"])
    rig.check("a signal ends wedge likewise", status in (-signal.SIGTERM, 143), "%d %s" % (status, err))


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        own = [int(c) for c in f.read().split()]
    return own + [c for o in own for c in children(o)]


def name_of(pid):
    try:
        with open("/proc/%d/comm" % pid) as f:
            return f.read().strip()
    except OSError:
        return ""


def a_killed_process_of_exec():
    for name in ("wedge-helper", "wedge-inside", "wedge-guard", "wedge-log"):
        p = subprocess.Popen([rig.WEDGE, "exec", "--", "sh", "-c", "echo up; read x; read y"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.readline()
        found = [pid for pid in children(p.pid) if name_of(pid) == name]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        if name == "wedge-log": # the command goes on
            p.stdin.write(b"x\ny\n")
            p.stdin.flush()
        try:
            status = p.wait(5) if found else 125
        except subprocess.TimeoutExpired:
            status = None
        p.kill()
        said = p.communicate()[1]
        rig.check("%s killed: 125 and a word" % name, status == 125 and (said or not found),
                  "%d of them, status %s, %s" % (len(found), status, said.decode().strip()))


os.chdir(os.environ.get("TMPDIR", "/tmp"))
for command in COMMANDS:
    check_command(command)
output_to_a_non_blocking_pipe()
if exec_can_run():
    a_command_under_exec_gets_what_wedge_got()
    a_killed_process_of_exec()
else:
    print("skip wedge exec: it can't run here")
rig.finish()
