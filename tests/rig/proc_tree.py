"""proc_tree - the processes that a process has started, as /proc shows them."""
import contextlib
import os


def children(pid):
    """Of all threads; none when the process is gone."""
    found = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as f:
                found += [int(word) for word in f.read().split()]
    return found


def named(pid, name):
    """The children that have this name."""
    found = []
    for child in children(pid):
        with contextlib.suppress(OSError), open(f"/proc/{child}/comm", encoding="ascii") as f:
            found += [child] if f.read().strip() == name else []
    return found


def marked(mark):
    """Processes that carry the mark in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if mark.encode() in f.read():
                    found.append(pid)
        except OSError:
            continue
    return found
