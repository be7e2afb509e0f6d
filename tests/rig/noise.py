"""noise - whether others used this machine while a test measured times. A process that is ready and waits for a processor
is late by some time slices of the scheduler, milliseconds each: no limit of milliseconds can be judged then."""
import contextlib
import os
import time

from proc_tree import children

TICKS = os.sysconf("SC_CLK_TCK")
MUCH = 0.5  # of all processors' time
PATIENCE = 20  # seconds


def of_tree(pid):
    """Ticks that a process, its ended children and those that live have used."""
    ticks = 0
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            ticks = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:15]))
    return ticks + sum(map(of_tree, children(pid)))


def used_by_others():
    """Processor seconds since the machine was started, less those of this process and what it has started."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal - of_tree(os.getpid())) / TICKS


def by_others(play):
    """(what play() returns, the share of the processors' time that others used meanwhile)"""
    began, before = time.monotonic(), used_by_others()
    value = play()
    return value, (used_by_others() - before) / ((time.monotonic() - began) * os.cpu_count())


def unspoilt(play, good, tries=3):
    """The value of play() when it is good, or when the machine was this test's own. Else play() again, in a quieter
    moment if one comes; the limits are the same each time."""
    while True:
        value, others = by_others(play)
        tries -= 1
        if tries == 0 or others < MUCH or good(value):
            return value
        print(f"again: others used {others:.0%} of the processors", flush=True)
        until = time.monotonic() + PATIENCE
        while by_others(lambda: time.sleep(1))[1] > MUCH and time.monotonic() < until:
            pass
