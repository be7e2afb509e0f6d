"""rows_rate - how much goes through, and what it costs: bytes, messages, connections. One function a row, called once a
round."""


def bulk(bench, row, number):
    for n in (1, 16):
        for peer in bench.in_turn(bench.peers, number):
            with bench.measuring(row, f"{n} connection{'s' * (n > 1)}", "GB/s", peer) as figure, bench.running(peer) as running:
                got = bench.play(running.pid, "bulk", running.dial, running.serve, n, bench.seconds)
                row.note(figure, "GB/s", peer.name, number, got["rate"] / 1e9)
                if running.pid:
                    row.note(f"{figure}: CPU", "s/GB", peer.name, number, got["cpu"] / (got["count"] / 1e9))


def ping(bench, row, number):
    for peer in bench.in_turn(bench.peers, number):
        with bench.measuring(row, "64 connections, 64 bytes", "k/s", peer) as figure, bench.running(peer) as running:
            got = bench.play(running.pid, "ping", running.dial, running.serve, 64, bench.seconds, 64)
            row.note(figure, "k/s", peer.name, number, got["rate"] / 1e3)
            if running.pid:
                row.note("CPU a request", "us", peer.name, number, got["cpu"] / got["count"] * 1e6)


def connect(bench, row, number):
    for peer in bench.in_turn(bench.peers, number):
        with bench.measuring(row, "connections, 64 at once", "k/s", peer) as figure, bench.running(peer) as running:
            got = bench.play(running.pid, "connect", running.dial, running.serve, 64, bench.seconds)
            row.note(figure, "k/s", peer.name, number, got["rate"] / 1e3)
            if got["failed"]:
                row.remark(f"{peer.name}: {got['failed']} connections failed in round {number + 1}")
            if running.pid:
                row.note("CPU a connection", "us", peer.name, number, got["cpu"] / got["count"] * 1e6)


ROWS = {"bulk": (bulk, "bytes as fast as they go", True),
        "ping": (ping, "messages back and forth", True),
        "connect": (connect, "connections that are opened, used for a byte each way and closed", True)}
