"""soak_books - what must agree when nothing is under way: wedge's descriptors, memory and queued packets with those at rest, its
journal with what clients and servers have seen."""
import collections
import json

# Of what was resident at the first pause, when every kind of session has been there; and what an allocator may keep.
MORE_MEMORY, ALLOWANCE = 1.3, 24 << 20


def has_sanitizer(path):
    with open(path, "rb") as f:
        return b"__asan_init" in f.read()


def queued_packets():
    """Packets that wait in this namespace's queues for a verdict."""
    try:
        with open("/proc/net/netfilter/nfnetlink_queue", encoding="ascii") as f:
            return sum(int(line.split()[2]) for line in f)
    except OSError:
        return 0


class Journal:
    """A journal that is over. An hour's has tens of millions of lines: only what is asked for is kept."""

    KEPT = ("session_open", "session_close", "config_changed")

    def __init__(self, path):
        self.events, line = [], ""
        with open(path, encoding="utf-8") as f:
            for line in f:
                event = json.loads(line)
                if event["event"] in self.KEPT:
                    self.events.append(event)
        self.whole = line.endswith("\n")

    def of(self, event):
        return [e for e in self.events if e["event"] == event]

    def never_closed(self):
        """Sessions that were opened and have no end, or have two."""
        opened = collections.Counter(e["session"] for e in self.of("session_open"))
        closed = collections.Counter(e["session"] for e in self.of("session_close"))
        return sorted(((opened - closed) + (closed - opened)).elements())

    def closes(self, proxies):
        """How often each (client's port, bytes up, bytes down) ended, and the ends that weren't FIN both ways."""
        of = {e["session"]: e["proxy"] for e in self.of("session_open")}
        ends = [e for e in self.of("session_close") if of.get(e["session"]) in proxies]
        counted = collections.Counter((int(e["client"].rsplit(":", 1)[1]), e["up"], e["down"]) for e in ends)
        return counted, [e for e in ends if e["why"] != "FIN both ways"]


def grown(resident):
    """Whether the last of several figures is beyond what the first ones explain."""
    return len(resident) > 2 and resident[-1] > MORE_MEMORY * max(resident[:2]) + ALLOWANCE
