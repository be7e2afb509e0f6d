#!/usr/bin/env python3
"""same_output.py BEFORE_WEDGE AFTER_WEDGE, or same_output.py --before COMMIT --after AFTER_WEDGE

The referee of a refactoring: nothing changes what wedge does. Both binaries get the same command lines, files and
traffic, and what they print, how they end and which files they leave must be the same to the byte:

  corpus.py         help, misspelt and wrong options, pairs of options, impairments, catalogue, printed rules, spoilt files
  harvest.py        the commands of the tests that are about bad input, whole
  play_sessions.py  sessions on both planes with a fixed seed: log, journal, both ends, SIGHUP, TLS, PROXY protocol
  play_rules.py     the packet filter rules that are set, and the refusals beside other people's
  play_reports.py   a scenario's reports and the comments in captures, with a figure for a figure

A play is made anew up to four times for a section that differs, since a race of the kernel's may come out either way: it is
the same when some outcome is both binaries'.
What can't be the same from run to run is listed in noise.py. With --before the commit is built in a worktree of its own,
which is removed afterwards. --only PART (the beginning of a part's name, as it is printed; repeatable) compares less.

Exit 0: all the same; 1: something differs, each difference is printed; 2: not all could be compared."""
import argparse
import collections
import concurrent.futures
import contextlib
import difflib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import corpus  # noqa: E402
import harvest  # noqa: E402
import noise  # noqa: E402

SIDES = ("before", "after")
PLAYS = (("play_sessions.py", "stream"), ("play_sessions.py", "options"), ("play_sessions.py", "packets"),
         ("play_rules.py",), ("play_reports.py",))
TRIES = 4
LINES = 60  # of one difference
PRIVATE = (".key", ".pem")  # made by chance
UNPRIVILEGED = ("setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all") if os.getuid() == 0 else ()


class Referee:
    def __init__(self):
        self.compared = self.differing = 0
        self.troubles = []

    def compare(self, name, before, after):
        """Two outcomes, each {what: bytes}."""
        self.compared += 1
        if before == after:
            return
        self.differing += 1
        print(f"\ndifferent: {name}")
        for what in sorted({*before, *after}):
            texts = [side.get(what, b"").decode("utf-8", "backslashreplace") for side in (before, after)]
            lines = list(difflib.unified_diff(*(t.splitlines() for t in texts), f"before: {what}", f"after: {what}",
                                              lineterm="", n=2))
            if texts[0] != texts[1] and not lines:
                lines = [f"{what}: the ends of lines differ"]
            print("\n".join(lines[:LINES]) + ("\n..." if len(lines) > LINES else ""), end="\n" if lines else "")

    def cannot(self, why):
        print("not compared:", why)
        self.troubles.append(why)

    def status(self):
        print(f"{self.compared} commands and plays compared, {self.differing} differ" +
              (f", {len(self.troubles)} could not be compared" if self.troubles else ""))
        return 1 if self.differing else 2 if self.troubles or not self.compared else 0


def left(folder):
    """{name: what is in it} of every file that a command has left."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = b"" if path.suffix in PRIVATE else path.read_bytes()
        if data.startswith(b'{"t":'):
            data = noise.journal(data.decode(), noise.Ports()).encode()
        found[f"file {path.relative_to(folder)}"] = data
    return found


def run(side, case):
    """One command in a new folder, which has the same name for both binaries except for the side."""
    folder = side / "folder"
    folder.mkdir()
    for name, text in case.files:
        (folder / name).write_text(text)
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"}
    words = [*(() if case.privileged else UNPRIVILEGED), "../wedge", *case.words]
    try:
        p = subprocess.run(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
        outcome = {"status": str(p.returncode).encode(), "stdout": p.stdout, "stderr": p.stderr}
    except subprocess.TimeoutExpired:
        outcome = {"status": b"still running after 30 s"}
    outcome.update(left(folder))
    shutil.rmtree(folder)
    return outcome


def compare_commands(referee, folder, name, cases):
    with concurrent.futures.ThreadPoolExecutor(len(SIDES)) as pool:
        sides = [pool.submit(lambda s=side: [run(folder / s, case) for case in cases]) for side in SIDES]
        for case, before, after in zip(cases, *(side.result() for side in sides)):
            files = "".join(f"\n--- {n}\n{text}" for n, text in case.files)
            referee.compare("wedge " + " ".join(map(repr, case.words)) + files, before, after)
            if b"still" in before["status"]:
                referee.cannot(f"{name}: {case.words} runs on")


def compare_harvest(referee, folder, build):
    for script, found, wrong in harvest.harvest(folder, build):
        for words, before, after in found:
            referee.compare(f"{script}: wedge " + " ".join(map(repr, words)), before, after)
        if wrong:
            referee.cannot(f"{script}: {wrong}")


def play(folder, side, words):
    """{section: its text} of one play; a text alone says why there is none."""
    env = dict(os.environ, WEDGE=str(folder / side / "wedge"), TMPDIR=str(folder / side), LC_ALL="C.UTF-8")
    p = subprocess.run([sys.executable, HERE / words[0], *words[1:]], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                       check=False, timeout=600)
    if p.returncode:
        return (p.stdout if p.returncode == 77 else p.stderr).decode().strip()[-300:]
    return {text.partition(b"\n")[0]: text for text in (b"\n" + p.stdout).split(b"\n=== ")[1:]}


def compare_play(referee, folder, words):
    """A section is the same when both binaries have had some outcome of it in common."""
    seen = {side: collections.defaultdict(list) for side in SIDES}
    for attempt in range(TRIES):
        with concurrent.futures.ThreadPoolExecutor(len(SIDES)) as pool:
            outcomes = list(pool.map(lambda side: play(folder, side, words), SIDES))
        for side, outcome in zip(SIDES, outcomes):
            if isinstance(outcome, str):
                referee.cannot(f"{' '.join(words)}, {side}: {outcome}")
                return
            for section, text in outcome.items():
                seen[side][section].append(text)
        sections = list(dict.fromkeys([*seen["before"], *seen["after"]]))
        unlike = [s for s in sections if not set(seen["before"][s]) & set(seen["after"][s])]
        if not unlike or attempt == TRIES - 1:
            break
        print("  once more:", *(s.decode() for s in unlike), sep="\n    ", flush=True)
    for s in sections:
        if s in unlike:
            texts = [{"what it tells": (seen[side][s] or [b""])[-1]} for side in SIDES]
            referee.compare(f"{' '.join(words)}: {s.decode()}", *texts)
        else:
            referee.compared += 1


@contextlib.contextmanager
def built(commit):
    """The wedge of a commit, built as users do, in a worktree that is removed at the end."""
    git = ["git", "-C", str(corpus.ROOT)]
    with tempfile.TemporaryDirectory() as folder:
        tree, build = folder + "/tree", folder + "/tree/build"
        subprocess.run([*git, "worktree", "add", "--quiet", "--detach", tree, commit], check=True)
        try:
            launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
            for words in (["cmake", "-S", tree, "-B", build, *launcher],
                          ["cmake", "--build", build, "-j", str(os.cpu_count()), "--target", "wedge"]):
                subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ, CCACHE_BASEDIR=tree))
            yield pathlib.Path(build, "wedge")
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", tree], check=True)


def compare(before, after, only):
    def wanted(name):
        return not only or any(name.startswith(part) for part in only)

    referee, parts = Referee(), corpus.cases(before)
    with tempfile.TemporaryDirectory(prefix="same-output-") as text:
        folder = pathlib.Path(text)
        folder.chmod(0o777)  # tests run wedge as nobody, too
        for side, binary in zip(SIDES, (before, after)):
            (folder / side).mkdir()
            (folder / side).chmod(0o777)
            shutil.copy(binary, folder / side / "wedge")
            (folder / side / "wedge").chmod(0o755)
        for name, cases in parts.items():
            if wanted(name):
                print(f"{name}: {len(cases)} commands", flush=True)
                compare_commands(referee, folder, name, cases)
        if wanted("harvest"):
            print("harvest: commands of tests", flush=True)
            compare_harvest(referee, folder, before.parent)
        for words in PLAYS:
            if wanted(" ".join(words)):
                print(*words, flush=True)
                compare_play(referee, folder, words)
    return referee.status()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("wedges", nargs="*", type=pathlib.Path)
    parser.add_argument("--before")
    parser.add_argument("--after", type=pathlib.Path)
    parser.add_argument("--only", action="append", default=[])
    args = parser.parse_args()
    if len(args.wedges) == 2 and not args.before and not args.after:
        return compare(args.wedges[0].resolve(), args.wedges[1].resolve(), args.only)
    if args.wedges or not args.before or not args.after:
        parser.error("two binaries, or --before COMMIT and --after WEDGE")
    with built(args.before) as before:
        return compare(before, args.after.resolve(), args.only)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(2))  # with what it has made removed
    try:
        sys.exit(main())
    except (subprocess.CalledProcessError, OSError) as e:
        print(f"same_output.py: {e}", file=sys.stderr)
        sys.exit(2)
