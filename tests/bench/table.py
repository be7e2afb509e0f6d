"""table - figures by row, peer and round: medians, ratios round by round, the rounds' spread. It knows nothing of how they were
measured, and shows nothing that wasn't."""
import statistics


def shown(value):
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:.{digits}f}"


class Figure:
    """One quantity of a row, of several peers."""

    def __init__(self, name, unit):
        self.name, self.unit = name, unit
        self.values = {}  # of a peer, by round
        self.failed = {}  # of a peer: why

    def median(self, peer):
        return statistics.median(self.values[peer].values())

    def cell(self, peer):
        """The median, and the least and most of the rounds."""
        values = list(self.values.get(peer, {}).values())
        if not values:
            return "failed" if peer in self.failed else "-"
        if len(values) == 1 or shown(min(values)) == shown(max(values)):
            return shown(self.median(peer))
        return f"{shown(self.median(peer))} ({shown(min(values))}-{shown(max(values))})"

    def ratio(self, a, b):
        """The median of a / b in the same rounds, or None."""
        rounds = set(self.values.get(a, {})) & set(self.values.get(b, {}))
        pairs = [(self.values[a][r], self.values[b][r]) for r in rounds]
        return statistics.median(x / y for x, y in pairs) if pairs and all(y > 0 for _, y in pairs) else None

    def spread(self):
        """Of each peer, how far apart the rounds were, in parts of the median."""
        return [(max(v.values()) - min(v.values())) / self.median(p) for p, v in self.values.items()
                if len(v) > 1 and self.median(p) > 0]


class Row:
    """A measurement with its figures; ratios: whether peers are compared with the subject."""

    def __init__(self, name, title, ratios):
        self.name, self.title, self.ratios = name, title, ratios
        self.figures = {}
        self.remarks = []
        self.by_others = []  # the share of the processors that others used, by round

    def note(self, figure, unit, peer, number, value):
        self.figures.setdefault(figure, Figure(figure, unit)).values.setdefault(peer, {})[number] = value

    def fail(self, figure, unit, peer, why):
        self.figures.setdefault(figure, Figure(figure, unit)).failed[peer] = why
        self.remark(f"{figure}, {peer}: not measured: {why}")

    def remark(self, text):
        if text not in self.remarks:
            self.remarks.append(text)

    def peers(self):
        return list(dict.fromkeys(p for f in self.figures.values() for p in [*f.values, *f.failed]))

    def grid(self, order, subject):
        """(heading, lines) of words: a line a figure."""
        peers = sorted(self.peers(), key=lambda p: order.index(p) if p in order else len(order))
        against = [p for p in peers if p != subject] if self.ratios and subject in peers else []
        head = ["", *peers, *(f"{subject} / {p}" for p in against)]
        lines = []
        for f in self.figures.values():
            ratios = [f.ratio(subject, p) for p in against]
            lines.append([f"{f.name}, {f.unit}" if f.unit else f.name, *map(f.cell, peers),
                          *("-" if r is None else f"{r:.2f}" for r in ratios)])
        return head, lines

    def noise(self):
        spreads = [s for f in self.figures.values() for s in f.spread()]
        words = []
        if spreads:
            words.append(f"rounds differ by {100 * statistics.median(spreads):.0f} % (median of the figures), at most by "
                         f"{100 * max(spreads):.0f} %")
        if self.by_others:
            words.append(f"others used {100 * statistics.median(self.by_others):.0f} % of the processors (median of the rounds), at "
                         f"most {100 * max(self.by_others):.0f} %")
        return "; ".join(words)

    def text(self, order, subject):
        head, lines = self.grid(order, subject)
        widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
        rows = ["  ".join(w.ljust(n) if i == 0 else w.rjust(n) for i, (w, n) in enumerate(zip(line, widths))).rstrip()
                for line in [head, *lines]]
        return "\n".join([f"== {self.name}: {self.title}", *rows, *(f"   {r}" for r in self.remarks), f"   {self.noise()}", ""])

    def markdown(self, order, subject):
        head, lines = self.grid(order, subject)
        table = ["| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines]]
        tail = [*self.remarks, *filter(None, [self.noise()])]
        return "\n".join([f"## {self.title[0].upper()}{self.title[1:]}", "", f"`--only {self.name}`", "", *table, "",
                          *(f"- {t[0].upper()}{t[1:]}." for t in tail), ""])
