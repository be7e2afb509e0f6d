"""normalise - what differs between two runs of one and the same wedge is given one text, so that all the rest can be compared
to the byte. What is taken for noise, and nothing else:

- times: the journal's "t" and "wall", and every number with a fraction in it but for a probability and the length of a
  freeze, which the seed decides; "0.001 s" and "0.2 ms" in a log; the end of a window that a message has opened;
- ports that the kernel has chosen (32768 to 60999), by the order in which they are met: the first is PORT1;
- when and how often all sessions freeze, which goes on while they last: each kind of freeze is told once, at the end;
- how many packets vanish has taken: the kernel sends some of them again, and when is its own matter;
- sizes where TLS is spoken: a signature of ECDSA has one byte more or less;
- sequence and acknowledgement numbers: the distance from the first one that the same stage names in the same session."""
import json
import re

LEAST, MOST = 32768, 60999  # net.ipv4.ip_local_port_range, as Linux has it by default


class Ports:
    """One for everything that belongs to one run: a port has the same name in all of it."""

    def __init__(self):
        self.names = {}

    def name(self, match):
        number = int(match[0])
        return self.names.setdefault(number, f"PORT{len(self.names) + 1}") if LEAST <= number <= MOST else match[0]

    def hide(self, text):
        return re.sub(r'(?<=[\w\]]:)\d{5}\b|(?<="port":)\d{5}\b', self.name, text)


def time(match):
    """Of one number with a fraction; those that every line has are checked for their form, too."""
    key, value = match.groups()
    if key in ("t", "wall") and not re.fullmatch(r"\d+\.\d{9}", value):
        return match[0]
    return f'"{key}":TIME'


def journal(text, ports):
    """The lines as they were written, but for noise."""
    first, said, freezes = {}, [], {}
    for line in text.splitlines(keepends=True):
        about = json.loads(line)
        kept = "probability|for" if about["event"] == "freeze" else "probability"

        def distance(match, who=tuple(about.get(k) for k in ("stage", "session", "leg", "direction"))):
            start = first.setdefault((who, match[1]), int(match[2]))
            return f'"{match[1]}":+{(int(match[2]) - start) % (1 << 32)}'

        line = re.sub(rf'"(?!(?:{kept})")(\w+)":(-?\d+(?:\.\d+(?:e-?\d+)?|e-?\d+))', time, line)
        line = re.sub(r'"packets":\d+', '"packets":NUMBER', line)
        line = re.sub(r"(window ends at) [\d.]+[num]?s\b", r"\1 TIME", re.sub(r'"(seq|ack)":(\d+)', distance, line))
        if about["event"] == "freeze":
            freezes[line] = True
        else:
            said.append(ports.hide(line))
    return "".join([*said, *freezes])


def log(text, ports):
    return ports.hide(re.sub(r"\b\d+\.\d+ (s|ms)\b", r"TIME \1", text))


def sizes(text):
    return re.sub(r'"(up|down|bytes|kept)":\d+', r'"\1":SIZE', re.sub(r"\b\d+ B\b", "SIZE B", text))
