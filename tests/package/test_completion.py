#!/usr/bin/env python3
"""Completion in real shells: every option that a command's --help has is offered, and none that it hasn't; values and
words by their kind. bash is asked as it asks itself; zsh on a terminal, by the tabulator."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

WEDGE = pathlib.Path(os.environ["WEDGE"])
SCRIPTS = pathlib.Path(os.environ["BINARY_DIR"]) / "packaging"
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
PROMPT = "ready> "


def said(*words):
    return subprocess.run([WEDGE, *words], capture_output=True, text=True, check=True).stdout


def commands():
    return re.findall(r"^  (\w+)  +\w", said("--help").split("commands:")[1], re.M)


def options(command):
    """Letters and names, as people read them in a help text."""
    return set(re.findall(r"^ {2,6}(?:-\w, )?(--[a-z][a-z0-9-]*)", said(command, "--help"), re.M))


def names(command):
    return {line.split()[0] for line in said(command).split("\n\n")[0].splitlines() if line[0] != " "}


class Bash:
    def offers(self, *words):
        script = f"""source {BASH_COMPLETION}; source {SCRIPTS}/completion.bash
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${{#COMP_LINE}}
            _wedge wedge "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
            printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = subprocess.run(["bash", "-c", script, "bash", "wedge", *words], capture_output=True, text=True,
                              env=environment(), cwd=FOLDER)
        return set(done.stdout.split()) | set(done.stderr.splitlines())


class Zsh:
    """Types a line, lets it be completed, and reads what the terminal shows below it."""

    def __init__(self, folder):
        shutil.copy(SCRIPTS / "completion.zsh", folder / "_wedge")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(FOLDER)
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment() | {"TERM": "dumb", "PS1": PROMPT})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 400, 200, 0, 0))
        self.until(PROMPT)
        for line in (f"fpath=({folder} $fpath)", "autoload -U compinit", f"compinit -u -d {folder}/dump", "LISTMAX=1000",
                     "unsetopt ALWAYS_LAST_PROMPT AUTO_MENU LIST_AMBIGUOUS MENU_COMPLETE", "bindkey '^X' list-choices",
                     "zstyle ':completion:*' list-grouped no"):
            self.write(line + "\n")
            self.until(PROMPT)

    def write(self, text):
        os.write(self.fd, text.encode())

    def until(self, end):
        text, limit = "", time.monotonic() + 60
        while not (text.endswith(end) and text.strip()):
            if time.monotonic() > limit or not select.select([self.fd], [], [], 60)[0]:
                raise TimeoutError(f"zsh: no {end!r} at the end of {text!r}")
            text = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\r", "", text + os.read(self.fd, 65536).decode(errors="replace"))
        return text

    def offers(self, *words):
        line = " ".join(["wedge", *words])
        self.write(line)
        self.until(line)
        self.write("\x18")
        # The list stands between the line and the line once more, or there is none.
        try:
            shown = self.until(PROMPT + line)
        except TimeoutError as e:
            shown = str(e)
        self.write("\x15\n")
        self.until(PROMPT)
        rows = shown.rsplit(PROMPT, 1)[0].splitlines()
        found = {row.split("  ")[0].strip() for row in rows} | {word for row in rows for word in row.split()}
        return {word.removesuffix("=") for word in found if word}

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def environment():
    return {"PATH": f"{WEDGE.parent}:{os.environ['PATH']}", "HOME": str(FOLDER), "LC_ALL": "C.UTF-8"}


def check(what, is_so, offered=()):
    print(("ok: " if is_so else "NOT ok: ") + what, "" if is_so else sorted(offered))
    return bool(is_so)


def shell_checks(name, shell):
    offered = shell.offers("")
    yield check(f"{name}: the commands", set(commands()) <= offered, offered)
    for command in commands():
        offered = shell.offers(command, "--")
        expected = options(command)
        found = {o for o in offered if re.fullmatch(r"--[a-z][a-z0-9-]*", o)}
        yield check(f"{name}: wedge {command}: all of its {len(expected)} options and no others", found == expected,
                    found ^ expected)
    for words, expected in [
        (("run", ""), names("list")), (("show", ""), names("list")), (("impairments", ""), names("impairments")),
        (("workloads", ""), names("workloads")), (("proxy", "--impair", ""), names("impairments")),
        (("proxy", "--tls", ""), {"passthrough", "terminate", "originate", "intercept"}),
        (("proxy", "--tls-version", ""), {"any", "1.2", "1.3"}), (("analyze", "--from", ""), {"client", "server"}),
        (("analyze", ""), {"one.pcapng", "folder"}), (("proxy", "--config", ""), {"one.pcapng", "two.yaml"}),
        (("run", "--out", ""), {"folder"}), (("exec", "--seed", "1", "ch"), {"chmod", "chown"}),
        (("check", "--", "ch"), {"chmod", "chown"}),
        (("answer", ""), {"folder"}), (("answer", "folder", ""), names("list")),
    ]:
        offered = {o.rstrip("/") for o in shell.offers(*words)}
        yield check(f"{name}: wedge {' '.join(words)}...", expected <= offered, offered)


def main():
    global FOLDER
    if "run" not in commands():
        print("skipped: this wedge is built without some commands")
        return 77
    missing = [p for p in ("bash", "zsh") if not shutil.which(p)]
    missing += [] if os.path.exists(BASH_COMPLETION) else ["bash-completion"]
    if missing:
        print("skipped: without", ", ".join(missing))
        return 77
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder) / "home"
        (FOLDER / "folder").mkdir(parents=True)
        for name in ("one.pcapng", "two.yaml"):
            (FOLDER / name).touch()
        good = list(shell_checks("bash", Bash()))
        zsh = Zsh(pathlib.Path(folder))
        good += shell_checks("zsh", zsh)
        zsh.end()
    print(len(good), "checks")
    return 0 if all(good) else 1


sys.exit(main())
