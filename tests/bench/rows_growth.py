"""rows_growth - what a unit costs when there is twice as much: sessions, rate, stages. Where the cost of one stays the same, the
doublings' factor is 1."""


def note_factor(row, number, peer, what, doublings, costs):
    """costs: of one unit, each at twice as much as the one before."""
    if len(costs) == doublings + 1 and costs[0] > 0:
        row.note(f"{what}: a doubling multiplies the cost by", "", peer.name, number,
                 (costs[-1] / costs[0]) ** (1 / doublings))


def growth(bench, row, number):
    peer = bench.subject
    sessions(bench, row, number, peer)
    rate(bench, row, number, peer)
    stages(bench, row, number, peer)


def sessions(bench, row, number, peer):
    costs, numbers = [], (125, 250, 500) if bench.quick else (250, 500, 1000, 2000, 4000)
    for n in numbers:
        with bench.measuring(row, f"{n:,} sessions: CPU a request", "us", peer) as figure, bench.running(peer) as running:
            got = bench.play(running.pid, "ping", running.dial, running.serve, n, bench.seconds, 64)
            costs.append(got["cpu"] / got["count"] * 1e6)
            row.note(figure, "us", peer.name, number, costs[-1])
    note_factor(row, number, peer, "sessions", len(numbers) - 1, costs)


def rate(bench, row, number, peer):
    costs = []
    for mb in (50, 100, 200, 400):
        with bench.measuring(row, f"{mb} MB/s: CPU", "s/GB", peer) as figure, bench.running(peer) as running:
            got = bench.play(running.pid, "bulk", running.dial, running.serve, 16, bench.seconds, mb * 1000000)
            costs.append(got["cpu"] / (got["count"] / 1e9))
            row.note(figure, "s/GB", peer.name, number, costs[-1])
            if got["rate"] < 0.9e6 * mb:
                row.remark(f"{mb} MB/s were asked for, {got['rate'] / 1e6:.0f} came in round {number + 1}")
    note_factor(row, number, peer, "rate", 3, costs)


def stages(bench, row, number, peer):
    costs = []
    for n in (1, 2, 4, 8):
        impair = ("--impair", "latency{direction=upstream,delay=1ms}") * n
        with bench.measuring(row, f"{n} stage{'s' * (n > 1)}: CPU a request", "us", peer) as figure, \
                bench.running(peer, *impair) as running:
            got = bench.play(running.pid, "ping", running.dial, running.serve, 64, bench.seconds, 64)
            costs.append(got["cpu"] / got["count"] * 1e6)
            row.note(figure, "us", peer.name, number, costs[-1])
    note_factor(row, number, peer, "stages", 3, costs)


ROWS = {"growth": (growth, "what a unit costs when there is twice as much", False)}
