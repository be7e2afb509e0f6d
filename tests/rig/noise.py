"""noise - whether others used this machine while a test measured times. A process that is ready and waits for a processor
is late by some time slices of the scheduler, milliseconds each: no limit of milliseconds can be judged then."""
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")
MUCH = 0.5  # of all processors' time


def used():
    """Processor seconds (by everybody, by the ended children of this process)."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
    mine = os.times()
    return (user + nice + system + irq + softirq + steal) / TICKS, mine.children_user + mine.children_system


def by_others(play):
    """(what play() returns, the share of the processors' time that others used meanwhile)"""
    began, (all_before, mine_before) = time.monotonic(), used()
    value = play()
    took, (all_after, mine_after) = time.monotonic() - began, used()
    return value, (all_after - all_before - mine_after + mine_before) / (took * os.cpu_count())


def unspoilt(play, good, tries=3):
    """The value of play() when it is good, or when the machine was this test's own. Else play() again, in a quieter
    moment if one comes; the limits are the same each time."""
    while True:
        value, others = by_others(play)
        tries -= 1
        if tries == 0 or others < MUCH or good(value):
            return value
        print(f"again: others used {others:.0%} of the processors", flush=True)
        until = time.monotonic() + 20
        while by_others(lambda: time.sleep(1))[1] > MUCH and time.monotonic() < until:
            pass
