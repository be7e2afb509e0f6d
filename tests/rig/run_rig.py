"""run_rig - what the tests of 'wedge run' share: running it as root or as an ordinary user in a
private folder, and asking tshark about the captures."""
import atexit
import functools
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

from noise import unspoilt

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
NOT_REPRODUCED = 1  # exit status of "wedge run"


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def fail(why):
    print("FAILED:", why)
    sys.exit(1)


def check(ok, what):
    print("ok  " if ok else "BAD ", what)
    if not ok:
        fail(what)


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            skip(f"no {tool} here")


class Rig:
    """A folder that anybody may write to, with a copy of wedge that anybody may run."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o777)
        self.wedge = os.path.join(self.folder, "wedge")
        shutil.copy(os.environ["WEDGE"], self.wedge)
        os.chmod(self.wedge, os.stat(self.wedge).st_mode | stat.S_IROTH | stat.S_IXOTH)
        self.users = ["root", "nobody"] if os.getuid() == 0 else ["self"]
        self.ordinary = "nobody" if os.getuid() == 0 else "self"

    def path(self, name):
        return os.path.join(self.folder, name)

    def words(self, user, *args):
        return (NOBODY if user == "nobody" else []) + [self.wedge, *args]

    def start(self, user, *args, **more):
        return subprocess.Popen(self.words(user, *args), cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def run(self, user, *args, timeout=280):
        """(exit status, standard output, standard error); skips when no lab can be built here."""
        p = subprocess.run(self.words(user, *args), cwd=self.folder, text=True, timeout=timeout,
                           capture_output=True)
        if p.returncode == 2 and "wedge proxy works" in p.stderr:
            skip(f"as {user}: {p.stderr.strip()}")
        return p.returncode, p.stdout, p.stderr

    def scenario(self, user, name, *args, out="out", good=lambda result, status: status != NOT_REPRODUCED):
        """Runs one scenario; its result.json as an object, its exit status and its folder. When it isn't good and others
        had much of the machine, which spoils limits of milliseconds, it is run again."""
        folder = self.path(out)

        def play():
            status, stdout, stderr = self.run(user, "run", "--out", folder, *args, name)
            with open(folder + ".screen", "w", encoding="utf-8") as f:  # screen_rig reads it
                f.write(stdout)
            try:
                with open(os.path.join(folder, "result.json"), encoding="utf-8") as f:
                    return json.load(f), status, folder
            except FileNotFoundError:
                return fail(f"no result.json, exit {status}: {stderr}")

        return unspoilt(play, lambda played: good(*played[:2]))


def tshark(capture, display_filter, *fields):
    """One row (a list of texts) for each packet that the filter shows."""
    s = os.stat(capture)
    return _tshark(capture, (s.st_mtime_ns, s.st_size), display_filter, *fields)


@functools.lru_cache(maxsize=64)  # a question of a file as it is has one answer
def _tshark(capture, _state, display_filter, *fields):
    words = ["tshark", "-r", capture, "-Y", display_filter, "-T", "fields"]
    for field in fields or ("frame.number",):
        words += ["-e", field]
    out = subprocess.run(words, capture_output=True, text=True, check=True,
                         env=dict(os.environ, HOME=tempfile.gettempdir())).stdout
    return [line.split("\t") for line in out.splitlines()]
