#!/usr/bin/env python3
"""The journal's events and their words in the captures' comments (scenarios/annotate/event_words.c) agree: each event has
its row there or a reason here, each row its event, and what a row's words use are members of the event.

Reads the tree two folders up, or the one given as argument. Exit 1 with one line per finding.
"""
import pathlib
import re
import sys

WORDS = "scenarios/annotate/event_words.c"
AGREEMENT = "scenarios/run/agreement.c"

# Events of no stage get no comment unless they have a row. Why these have none.
NO_COMMENT = {
    "journal": "begins a part of the journal: no packet is concerned",
    "phase": "names a phase: no packet is concerned",
    "seed": "the run's, not a connection's",
    "impairment": "an instance's, when it has ended: no connection's",
    "phase_end": "ends a phase's captures: no packet is concerned",
    "session_open": "the packets show the connection, with the same addresses",
    "loop": "a connection that has no session",
    "server_tried": "the packets show the handshake, and how it ended",
    "session_connected": "the packets show the handshake",
    "session_close": "the packets show the end; its reason has an event of its own where wedge made it",
    "tls": "Wireshark dissects the handshake",
    "tls_start": "Wireshark dissects the upgrade",
    "tls_waits": "nothing is on the wire: that is what it tells",
    "proxy_header_in": "Wireshark dissects the header",
    "proxy_header_out": "Wireshark dissects the header",
    "proxy_header_refused": "has no session, so no connection is known to look for",
    "client_address_not_kept": "the packets show the address",
    "client_port_taken": "the packets show the port",
    "config_changed": "the configuration's, not a connection's",
    "log_lost": "tells of standard error, not of a connection",
    "config_refused": "the configuration's, not a connection's",
}

# Events of a stage without a row: their own name is the comment, and says it with its members ("window closed by
# zero_window (session 1, downstream): field 0").
OWN_NAME = set("""
    forgotten freeze limited messages_lost no_tls_record queue_has_room removed request_admitted request_queued
    request_slowed resumed schedule slot_freed slot_leaked syn_vanished update window_closed window_opened window_scaled
""".split())

# Times in seconds that the comments print as plain numbers.
PLAIN_NUMBERS = {"leaked"}

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"')
FUNCTION = re.compile(r"^(?:\w[\w \t*]*?[ *])?(\w+)\(([^;{}]*?)\)\n\{(.*?)^\}", re.M | re.S)


def arguments(source, start):
    """The arguments of the call whose "(" is at start."""
    depth, begin, found, at = 0, start + 1, [], start
    while at < len(source):
        text = TEXT.match(source, at)
        if text:
            at = text.end()
            continue
        c = source[at]
        depth += (c in "([{") - (c in ")]}")
        if (c == "," and depth == 1) or depth == 0:
            found.append(source[begin:at].strip())
            begin = at + 1
        if depth == 0:
            return found
        at += 1
    return found


def literal(text):
    """Adjacent string literals as one; None: it is something else."""
    rest = TEXT.sub("", text).strip()
    return "".join(TEXT.findall(text)) if TEXT.search(text) and not rest else None


class Sources:
    def __init__(self, root):
        self.functions = []  # (path, name, parameters, body)
        for folder in ("proxy", "impairments", "scenarios"):
            for path in sorted((root / folder).rglob("*.c")):
                text = COMMENT.sub(" ", path.read_text())
                for name, parameters, body in FUNCTION.findall(text):
                    names = [re.sub(r"[\[(].*", "", p).split()[-1].lstrip("*") for p in parameters.split(",") if p.split()]
                    self.functions.append((path.relative_to(root).as_posix(), name, names, body))
        self.emitters = {"journal_event": set()}
        written = {}  # by a static function that writes the line for the emitters of its file
        for path, name, _, body in self.functions:
            at = body.find("journal_vevent(")
            if at >= 0:
                about = next((a for a in arguments(body, at + len("journal_vevent")) if a.startswith("json_pack(")), None)
                if about:
                    written[path, name] = set(members(arguments(about, about.index("("))))
        for path, name, names, body in self.functions:
            for (where, writer), keys in written.items():
                if "..." in names and path == where and re.search(rf"\b{writer}\(", body):
                    self.emitters[name] = keys
                elif (path, name) == (where, writer) and "..." in names:
                    self.emitters[name] = keys

    def calls(self, called):
        for path, name, parameters, body in self.functions:
            for match in re.finditer(rf"\b{called}\(", body):
                yield path, name, parameters, body, arguments(body, match.end() - 1)

    def texts_of(self, value, path, function, parameters, body, seen=()):
        """The texts that an expression can be: literals, local variables, and what callers hand over."""
        found = set(TEXT.findall(value))
        if found or not re.fullmatch(r"\w+", value):
            return found
        if value in parameters and (function, value) not in seen:
            index = parameters.index(value)
            for p, f, ps, b, args in self.calls(function):
                if index < len(args):
                    found |= self.texts_of(args[index], p, f, ps, b, (*seen, (function, value)))
            return found
        for assigned in re.findall(rf"\b{value}\s*=(?!=)([^;]*);", body):
            found |= set(TEXT.findall(assigned))
        return found


def members(args):
    """{key: format} of json_pack's arguments."""
    fmt = literal(args[0]) if args else None
    if fmt is None:
        return {}
    kinds = re.findall(r"s:(\w)", fmt)
    keys = [literal(a) for a in args[1::2]]
    return dict(zip(keys, kinds))


def events(sources):
    """{event: [(path, members of the call with their formats, members of the emitter, the call's values)]}"""
    found, unknown = {"journal": []}, []
    for emitter, about in sources.emitters.items():
        for path, function, parameters, body, args in sources.calls(emitter):
            if function in sources.emitters and "event" in parameters:
                continue
            names = sources.texts_of(args[1], path, function, parameters, body)
            if not names:
                unknown.append(f"{path}: {function}() calls {emitter}() with an event that can't be followed: {args[1]}")
            own = members(args[2:])
            values = dict(zip([literal(a) for a in args[3::2]], args[4::2]))
            for name in names:
                found.setdefault(name, []).append((path, own, about, values))
    return found, unknown


def braced(source, start):
    """The inside of each brace of the list that begins at the "{" of start."""
    return [a.strip("{}") for a in arguments(source, start) if a.startswith("{")]


def initialiser(source, name):
    return braced(source, source.index("{", re.search(rf"\b{name}\[\][^;]*?=", source).end() - 1))


def rows(source):
    for row in initialiser(source, "table"):
        fields = arguments("(" + row + ")", 0)
        named = {f.split("=")[0].strip().lstrip("."): f.split("=", 1)[1].strip() for f in fields if f.startswith(".")}
        about = named.get("about") or next(f for f in fields if f.startswith("ABOUT_"))
        yield literal(fields[0]), about, named


def check_row(event, about, named, calls):
    keys = [set(own) | emitted for _, own, emitted, _ in calls]
    wanted = set()
    if "pure_ack" in named:
        wanted.add("ack")
    if "tail" in named:
        wanted |= {"held", "reason"}
    if "gets" in named:
        wanted.add("client_gets")
    for member in sorted(wanted):
        if not all(member in k for k in keys):
            yield f"{event}: its words use \"{member}\", which not every such event has"
    if about in ("ABOUT_PASSED", "ABOUT_STOPPED") and "flags" not in named:
        if not all({"seq", "ack"} & k for k in keys):
            yield f"{event}: nothing tells its packet: neither \"seq\" nor \"ack\" nor flags"
    if about != "ABOUT_NOTHING" and not all("session" in k for k in keys):
        yield f"{event}: its words are about a connection, and it has no \"session\""


def check_words(source, found, worded, texts):
    """The lists of members and of reasons beside the table."""
    keys = {k for calls in found.values() for _, own, about, _ in calls for k in (*own, *about)} | {"t", "event", "unrecorded"}
    for name in ("written", "shown"):
        listed = re.search(rf"\b{name}\[\] = {{(.*?)}}", source, re.S).group(1)
        for key in TEXT.findall(listed):
            if key not in keys:
                yield f"{WORDS}: {name}[] has \"{key}\", which no event has"
    durations = set(TEXT.findall(re.search(r"\bdurations\[\] = {(.*?)}", source, re.S).group(1)))
    seconds = {}
    for event, calls in found.items():
        for _, own, _, values in calls if event in worded or has_stage(calls) else ():
            for key, kind in own.items():
                if kind == "f" and "clock_seconds(" in values.get(key, ""):
                    seconds.setdefault(key, event)
    for key in sorted(set(seconds) - durations - PLAIN_NUMBERS):
        yield f"{WORDS}: durations[] lacks \"{key}\", seconds of {seconds[key]}"
    for key in sorted((durations | PLAIN_NUMBERS) - set(seconds)):
        yield f"{WORDS}: no event has \"{key}\" in seconds"
    for name in ("reasons", "answers"):
        for pair in initialiser(source, name):
            word = TEXT.findall(pair)[0]
            if word not in texts:
                yield f"{WORDS}: {name}[] has \"{word}\", which nothing writes"


def has_stage(calls):
    return any("stage" in own or "stage" in about for _, own, about, _ in calls)


def findings(root):
    sources = Sources(root)
    found, unknown = events(sources)
    yield from unknown
    if len(found) < 50:
        yield f"only {len(found)} events found: is it the right tree?"
    source = COMMENT.sub(" ", (root / WORDS).read_text())
    worded = set()
    for event, about, named in rows(source):
        worded.add(event)
        if event not in found:
            yield f"{WORDS}: no source writes the event {event}"
            continue
        yield from (f"{WORDS}: {finding}" for finding in check_row(event, about, named, found[event]))
    for event in sorted(set(found) - worded):
        path = found[event][0][0] if found[event] else "journal.c"
        reasons = OWN_NAME if has_stage(found[event]) else NO_COMMENT
        if event not in reasons:
            yield f"{path}: the event {event} has no words: give it a row in {WORDS}, or a reason in this lint"
    for event in sorted((OWN_NAME | set(NO_COMMENT)) & worded):
        yield f"this lint says that {event} has no row, and it has one"
    for event in sorted((OWN_NAME | set(NO_COMMENT)) - set(found)):
        yield f"this lint says that {event} has no row, and no source writes it"
    texts = set()
    for path in [*(root / "proxy").rglob("*.c"), *(root / "impairments").rglob("*.c")]:
        texts |= set(TEXT.findall(COMMENT.sub(" ", path.read_text())))
    yield from check_words(source, found, worded, texts)
    for row in initialiser(COMMENT.sub(" ", (root / AGREEMENT).read_text()), "traces"):
        if TEXT.findall(row)[0] not in found:
            yield f"{AGREEMENT}: no source writes the event {TEXT.findall(row)[0]}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    wrong = list(findings(root))
    for line in wrong:
        print(line)
    print(f"{len(wrong)} findings")
    return 1 if wrong else 0


sys.exit(main())
