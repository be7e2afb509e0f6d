"""journal_rig - what the journals of two runs with one seed have in common: for every connection, told by its client's
address and port, the same lines in the same order."""
import json
import re

# Times, and what the kernels number anew in each run.
VARIES = {"t", "session", "seconds", "wall", "seq", "ack", "held", "late"}
# What has passed, or been on its way, when something happened: a matter of the network and the clock.
AMOUNTS = {("eat", "bytes"), ("discard", "bytes"), ("stall_over", "kept"), ("ack_held", "for"), ("forgotten", "packets"),
           ("server_tried", "after"), ("freeze", "flows"), ("gathered", "bytes"), ("window_scaled", "segments")}
TIME = re.compile(r"\b\d+(\.\d+)?(ns|us|ms|s|min|h)\b")
# Of all sessions until the end, which siblings make as long as main lasts; and how the next phase begins.
COUNTS = {"impairment", "phase_end", "journal"}
STOPPED = "the end, without a word to either side"  # why a session that is open at the end of a phase closes


def normal(event):
    """The line without what is new in every run, as a text."""
    kept = {}
    for key, value in event.items():
        if key in VARIES or (event["event"], key) in AMOUNTS:
            continue
        if event["event"] == "connection" and event["leg"] == "server" and key == "client":
            continue  # wedge's own port
        kept[key] = TIME.sub("TIME", value) if key == "why" else value
    return json.dumps(kept, sort_keys=True)


class Phase:
    """sessions: {(client's address and port, how often it was there before): its events}; others: those of none."""

    def __init__(self):
        self.sessions, self.others, self.proxy = {}, [], {}


def read(path):
    """{phase: Phase}"""
    found, now = {}, None
    with open(path, encoding="utf-8") as f:
        for event in map(json.loads, f):
            if event["event"] == "phase":
                now = found[event["phase"]] = Phase()
                who, times = {}, {}
            if now is None:
                continue
            number = event.get("session")
            if number is None:
                if event["event"] not in COUNTS:
                    now.others.append(event)
                continue
            if number not in who:
                client = event["client"]
                times[client] = times.get(client, -1) + 1
                who[number] = (client, times[client])
            now.sessions.setdefault(who[number], []).append(event)
            if event["event"] == "session_open":
                now.proxy[who[number]] = event["proxy"]
    return found


def lines(events, counted):
    """Their normal form. counted: the client has done what it was to do; else it went on until the main one had ended, and
    how much it did until then, and so what its kernel has acknowledged, is a matter of time."""
    kept = []
    for event in events:
        if not counted and event["event"].startswith("ack_"):
            continue
        if event["event"] == "segment_lost" and event.get("reason") == "tail":
            continue  # what came faster than a rate, by the clock
        if event["event"] == "stale_answered" and event["from"] == "server":
            continue  # whether the server had an answer under way when it crashed
        if event["event"] == "session_close" and not counted:
            event = {k: v for k, v in event.items() if k not in ("up", "down", "why")}
        if event["event"] == "session_close" and event.get("why") == "reset: delivered":
            event = {k: v for k, v in event.items() if k != "up"}  # what crossed the RST, which an ACK has set off
        kept.append(normal(event))
    return kept


def other_decisions(a, b):
    """What was decided otherwise of connections that are in both runs of a phase, as texts. For phases with steps, where
    the runner's clock says when a fault is at work, and so whom it meets."""
    def decided(events):
        return [normal(e) for e in events if e["event"] == "decision"]

    both = a.sessions.keys() & b.sessions.keys()
    return [f"{who}: {decided(a.sessions[who])} and {decided(b.sessions[who])}" for who in both
            if decided(a.sessions[who]) != decided(b.sessions[who])]


def differences(a, b, until_main, syns_by_clock=False):
    """What two runs of a phase don't have in common, as texts. until_main(client): this client went on until the main one
    had ended; its last connections may be missing in one run. syns_by_clock: SYNs are refused at certain times, so that a SYN
    sent again just before or behind one has another fate, and its connection another story."""
    found = []
    # How often a clock's lines come, such as the slices of a freeze, is how long the phase lasted.
    x, y = ([normal(e) for e in side.others if e["event"] == "freeze"] for side in (a, b))
    if any(p != q for p, q in zip(x, y)):
        found.append(f"slices: {next((p, q) for p, q in zip(x, y) if p != q)}")
    x, y = ({normal(e) for e in side.others if e["event"] != "freeze"} for side in (a, b))
    if x != y:
        found.append(f"lines of no session: {len(a.others)} and {len(b.others)}")
    for who in sorted(a.sessions.keys() | b.sessions.keys()):
        if who not in a.sessions or who not in b.sessions:
            if not until_main(who[0]):
                found.append(f"{who} only in one")
            continue
        x, y = a.sessions[who], b.sessions[who]
        if syns_by_clock and any(e["event"] == "syn_dropped" for e in x + y):
            continue
        ended = all(e.get("why") != STOPPED for e in x + y)
        if not ended:
            x, y = ([e for e in side if e["event"] != "session_close"] for side in (x, y))
        x, y = (lines(side, not until_main(who[0])) for side in (x, y))
        if until_main(who[0]):
            n = min(len(x), len(y))
            x, y = x[:n], y[:n]
        if x != y:
            first = next((p for p in zip(x, y) if p[0] != p[1]), (f"{len(x)} lines", f"{len(y)} lines"))
            found.append(f"{who}: {first[0]} and {first[1]}")
    return found
