"""fail_rig - programs whose Nth call of a function fails, by the library fail_nth (fail_nth.c)."""
import errno
import mmap
import os
import struct

LAYOUT = struct.Struct("24s6I")
LIBRARY = os.path.join(os.environ["BINARY_DIR"], "tests", "libfail_nth.so")


class Plan:
    """Which call fails; shared with the programs that get .environment()."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "plan")
        with open(self.path, "wb") as f:
            f.write(bytes(LAYOUT.size))
        self.file = open(self.path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), LAYOUT.size)

    def environment(self):
        return dict(os.environ, LD_PRELOAD=LIBRARY, WEDGE_FAIL_PLAN=self.path)

    def arm(self, function, at, error, pid=0):
        """From now on calls count, of process pid, or of the next one that begins; call number at fails (0: none)."""
        self.map[:] = LAYOUT.pack(function.encode(), getattr(errno, error), pid, 1, at, 0, 0)

    def disarm(self):
        """(calls that counted, whether one failed)"""
        function, error, pid, _, at, calls, failed = LAYOUT.unpack(self.map[:])
        self.map[:] = LAYOUT.pack(function, error, pid, 0, at, calls, failed)
        return calls, bool(failed)

    def close(self):
        self.map.close()
        self.file.close()


def some(n, most):
    """Of the numbers 1 to n at most so many, evenly, the first and the last ones always."""
    if n <= most:
        return list(range(1, n + 1))
    return sorted({1 + round(i * (n - 1) / (most - 1)) for i in range(most)})
