#!/usr/bin/env python3
"""Every metric that is a time between packets, on captures made for it, against the same figure
computed from tshark's fields: no pause, one, pauses at both ends, many short ones, across
connections and directions, with keep-alives and repetitions in them, and nothing to measure at all.
Values agree to the nanosecond; where there is nothing to measure both have no sample."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rig"))
import gap_referee
from tcp_trace import MS, SECOND, Talk, Trace

BINARY_DIR = os.environ.get("BINARY_DIR", "build")
DUMP = os.environ.get("ANALYSIS_DUMP", os.path.join(BINARY_DIR, "tests", "analysis_dump"))


def exchange(c, at, think=MS, answer=300, gap=MS, parts=2):
    """A request, its ACK, an answer in parts, its ACK. Returns the time after it."""
    c.data(at, "up", 200)
    c.ack(at + think // 2, "down")
    at += think
    for _ in range(parts):
        c.data(at, "down", answer)
        at += gap
    c.ack(at, "up")
    return at + MS


def is_silent(seconds):
    def check(m):
        assert abs(m["server_silence"][0] - seconds) < 1e-9, m["server_silence"]
    return check


def no_pause(t):
    """The server is never silent for 50 ms, once for 45.7 ms; the client has the last word."""
    c = Talk(t)
    at = c.open(0) + MS
    for i in range(20):
        c.data(at, "up", 200)
        c.data(at + MS, "down", 300)
        c.ack(at + MS + 3_300, "up")
        at += 45_700_000 if i == 7 else 40 * MS
    return is_silent(0.0457)


def one_pause(t):
    c = Talk(t)
    at = exchange(c, exchange(c, c.open(0)))
    c.data(at, "up", 200)
    for i, wait in enumerate((300, 900, 2100)):
        c.again(at + wait * MS, "up", 200, 200)
    c.ack(at + 4 * SECOND, "down")
    exchange(c, at + 4 * SECOND + MS)


def pauses_at_both_ends(t):
    """The server is heard 3 s after the first packet, and not any more for the last 4 s."""
    c = Talk(t)
    c.syn(0)
    c.again(SECOND, "up", 1, 0, flags=2, options=c.options())
    c.again(3 * SECOND, "up", 1, 0, flags=2, options=c.options())
    c.syn_ack(3 * SECOND + MS)
    c.ack(3 * SECOND + 2 * MS, "up")
    at = exchange(c, 3 * SECOND + 3 * MS)
    c.fin(at, "up")
    c.again(at + 4 * SECOND, "up", 1, 0, flags=17)
    return lambda m: m["server_silence"][0] > 4 or m["server_silence"]


def many_short_pauses(t):
    c = Talk(t)
    at = c.open(0)
    for i in range(400):
        at = exchange(c, at, think=(i * 7919) % 49 * MS + 999_999, parts=1 + i % 3)


def pauses_across_connections(t):
    """Each connection's server is silent for 2 s; together they are for 0.7 s."""
    a, b = Talk(t, 50001), Talk(t, 50002)
    at = exchange(a, a.open(0))
    b.open(at)
    for k in range(10):
        exchange(b, at + 100 * MS + k * 130 * MS)
    exchange(a, at + 2 * SECOND + 33)


def no_packet_of_the_server(t):
    c = Talk(t)
    for at in (0, SECOND, 3 * SECOND, 7 * SECOND + 1):
        c.segment(at, "up", flags=2, seq=1000, options=c.options())
    return is_silent(7.000000001)


def one_packet(t):
    Talk(t).syn(0)

    def check(m):
        for name in ("server_silence", "handshake", "response", "think", "unanswered", "fin_wait",
                     "stall_share", "silence_together_share", "flight_unscaled_share", "throughput"):
            assert m[name] == [], (name, m[name])
    return check


def nothing(t):
    """Not a packet of TCP: no metric but the counts has a value."""
    t.packets.append((t.start, 0, b"\xff" * 12 + b"\x08\x06" + b"\0" * 28))

    def check(m):
        values = {k: v for k, v in m.items() if v}
        assert all(v == [0] for v in values.values()), values
        assert "span" not in values and "exchanges" in values, values
    return check


def keep_alives_in_the_pause(t):
    """A response stops in its middle for 65 s, keep-alives of both sides in it."""
    for how, port in (("fin", 50001), ("data", 50002), ("end", 50003), ("reset", 50004)):
        c = Talk(t, port)
        at = c.open(port - 50001)
        c.data(at, "up", 200)
        c.ack(at + MS, "down")
        c.data(at + 2 * MS, "down", 1000, text=b"HTTP/1.1 207 X\r\nContent-Length: 90000\r\n\r\n")
        c.data(at + 2_700_001, "down", 1400)
        c.ack(at + 3 * MS, "up")
        for k in range(1, 7):
            c.keep_alive(at + k * 10 * SECOND, "down" if k % 2 else "up")
            c.ack(at + k * 10 * SECOND + MS, "up" if k % 2 else "down")
        at += 65 * SECOND + port
        if how == "fin":
            c.fin(at, "up")
        elif how == "data":
            c.data(at, "down", 1400)
            c.ack(at + MS, "up")
        elif how == "reset":
            c.reset(at, "down")
    return lambda m: len(m["silence"]) == 4 or m["silence"]


def no_silence_after_the_end(t):
    """The client ends its side in the pause: what comes later ends no silence."""
    c = Talk(t)
    at = c.open(0)
    c.data(at, "up", 200)
    c.data(at + MS, "down", 1000, text=b"HTTP/1.1 200 X\r\nContent-Length: 90000\r\n\r\n")
    c.ack(at + 2 * MS, "up")
    c.fin(at + 6 * SECOND, "up")
    c.ack(at + 6 * SECOND + MS, "down")
    c.data(at + 20 * SECOND, "down", 1000)
    c.ack(at + 20 * SECOND + MS, "up")
    return lambda m: len(m["silence"]) == 1 and m["silence"][0] < 6 or m["silence"]


def repetitions(t):
    """Backing off, two segments in turn, a SYN-ACK, a FIN, a part of a segment, and data that was
    acknowledged already."""
    c = Talk(t, 50001)
    c.syn(0)
    for at in (MS, SECOND, 3 * SECOND):
        c.segment(at, "down", flags=18, seq=70000, options=c.options())
    c.ack(3 * SECOND + MS, "up")
    at = 3 * SECOND + 2 * MS
    c.data(at, "up", 200)
    c.data(at + 1000, "up", 300)
    for wait in (200, 600, 1400):
        c.again(at + wait * MS, "up", 500, 200)
        c.again(at + wait * MS + 11 * MS, "up", 300, 300)
    c.ack(at + 1500 * MS, "down")
    at += 1600 * MS
    c.data(at, "down", 1000)
    c.data(at + 1000, "down", 1000)
    c.again(at + 300 * MS, "down", 1500, 500)
    c.again(at + 500 * MS, "down", 1000, 1000)
    c.ack(at + 501 * MS, "up")
    c.again(at + 900 * MS, "down", 1000, 1000)
    c.ack(at + 901 * MS, "up")
    c.fin(at + SECOND, "up")
    for wait in (1210, 1630, 2470):
        c.segment(at + wait * MS, "up", flags=17, seq=c.next["up"] - 1)
    c.ack(at + 2500 * MS, "down")
    c.fin(at + 2600 * MS, "down")


def one_repetition_between_two_delays(t):
    """Only what was sent again makes an acknowledgement's time ambiguous."""
    c = Talk(t)
    at = c.open(0)
    c.data(at, "up", 100)
    first = c.next["down"]
    for k in range(6):
        c.data(at + MS + k, "down", 1000)
    c.again(at + 30 * MS, "down", 6000, 1000)
    c.again(at + 31 * MS, "down", 2000, 1000)
    for k in range(6):
        c.ack(at + (40 + k) * MS, "up", ack=first + 1000 * (k + 1))
    return lambda m: len(m["ack_delay"]) == 4 or m["ack_delay"]


def ends(t):
    """Dropped, unanswered, refused, forgotten, given up, and the same port again."""
    c = Talk(t, 50001)
    at = c.open(0)
    c.data(at, "up", 50)
    c.fin(at + 700 * MS, "down")
    c = Talk(t, 50002)
    at = c.open(0)
    c.reset(at + 1, "down")
    c = Talk(t, 50003)
    at = c.open(0)
    c.data(at, "up", 50)
    c.ack(at + MS, "down")
    c.data(at + 2 * MS, "up", 50)
    c.ack(at + 90 * MS, "down")
    c.keep_alive(at + 3 * SECOND, "up")
    c.ack(at + 3 * SECOND + MS, "down")
    c.fin(at + 8 * SECOND, "up")
    c.ack(at + 8 * SECOND + 7, "down")
    c.reset(at + 68 * SECOND, "up")
    c = Talk(t, 50004)
    c.syn(5)
    c.segment(9, "down", flags=20, seq=0)
    c = Talk(t, 50005)
    at = exchange(c, c.open(0))
    c.data(at + 60 * SECOND, "up", 30)
    c.reset(at + 60 * SECOND + 123_456, "down", answer=True)
    Talk(t, 50008).syn(75 * SECOND + 900 * MS)
    c = Talk(t, 50006)
    at = exchange(c, c.open(0))
    c.fin(at, "up")
    c.ack(at + MS, "down")
    c = Talk(t, 50007)
    at = c.open(0)
    c.data(at, "up", 50)
    c.ack(at + MS, "down")
    c = Talk(t, 50007, isn=(5_000_000, 6_000_000))
    exchange(c, c.open(20 * SECOND))

    def check(m):
        assert sorted(int(w) for w in m["fin_wait"]) == [60, 75], m["fin_wait"]
        assert len(m["unanswered"]) == 2 and max(m["unanswered"]) < 20, m["unanswered"]
        assert m["tuple_reused"] == [1] and len(m["dropped_after"]) == 2, m
    return check


def freeze(t):
    """Five connections, another one that is idle: all of the server's stand still four times."""
    talks = [Talk(t, 50001 + k) for k in range(5)]
    at = [c.open(k * 100_000) for k, c in enumerate(talks)]
    idle = Talk(t, 50009)
    exchange(idle, idle.open(0))
    for stop in (100, 200, 300, 400):
        for k, c in enumerate(talks):
            while at[k] < stop * MS:
                at[k] = exchange(c, at[k], think=MS // 4, gap=MS // 4)
            c.data(stop * MS + k * 1000, "up", 200)
            c.ack((stop + 30) * MS + k * 1000, "down")
            c.data((stop + 30) * MS + 50_000 + k * 1000, "down", 100)
            c.ack((stop + 30) * MS + 90_000 + k * 1000, "up")
            at[k] = (stop + 31) * MS

    def check(m):
        assert len(m["silence_together"]) == 20 and m["silence_together_share"] == [1], m
    return check


def one_slow_connection(t):
    """Its server's silences are its own."""
    a, b = Talk(t, 50001), Talk(t, 50002)
    at = a.open(0)
    for _ in range(300):
        at = exchange(a, at, think=MS // 4, gap=MS // 4)
    at = b.open(0)
    for _ in range(10):
        at = exchange(b, at, think=80 * MS)
    return lambda m: m["silence_together_share"] == [0] or m["silence_together_share"]


def windows(t):
    """Two clients offer a scale, one none, one 0; one's flight stays below its window's field."""
    for k, scale in enumerate((7, 7, None, 0)):
        c = Talk(t, 50001 + k, scale=scale)
        at = c.open(k)
        c.data(at, "up", 100)
        c.ack(at + MS, "down")
        for burst in range(8):
            for i in range(1 if k == 0 else 3 + burst):
                c.data(at + 2 * MS + i, "down", 400)
            at += 10 * MS
            c.ack(at, "up")
    return lambda m: 0 < m["flight_unscaled_share"][0] < 1 or m["flight_unscaled_share"]


def from_time_zero(t):
    t.start = 0
    c = Talk(t)
    exchange(c, c.open(0))


def any_talk(seed):
    """Connections of random exchanges, pauses, repetitions and ends, all at once."""
    def traffic(t):
        r = random.Random(seed)

        def wait(low=1_000, high=400 * MS):
            return int(low * (high / low) ** r.random())

        for k in range(r.randrange(1, 6)):
            c = Talk(t, 50001 + k, scale=r.choice((None, 0, 2, 7)),
                     isn=(r.randrange(2**32), r.randrange(2**32)))
            at = c.open(wait(), wait())
            for _ in range(r.randrange(0, 12)):
                at += wait()
                c.data(at, "up", r.randrange(1, 1400))
                if r.random() < 0.2:
                    at += 200 * MS + wait()
                    c.again(at, "up", *[c.next["up"] - (c.next["up"] - 1)] * 2)
                at += wait()
                if r.random() < 0.7:
                    c.ack(at, "down")
                for _ in range(r.randrange(0, 6)):
                    at += wait()
                    c.data(at, "down", r.randrange(1, 1400))
                    if r.random() < 0.6:
                        at += wait(50 * MS, 300 * MS)
                        c.ack(at, "up")
                    if r.random() < 0.1:
                        at += 3 * SECOND
                        c.keep_alive(at, "up")
                        at += wait()
                        c.ack(at, "down")
            at += wait()
            {0: lambda: c.fin(at, "up"), 1: lambda: c.fin(at, "down"), 2: lambda: c.reset(at, "up"),
             3: lambda: c.reset(at, "down", True), 4: lambda: None}[r.randrange(5)]()
    return traffic


CASES = [no_pause, one_pause, pauses_at_both_ends, many_short_pauses, pauses_across_connections,
         no_packet_of_the_server, one_packet, nothing, keep_alives_in_the_pause,
         no_silence_after_the_end, repetitions, one_repetition_between_two_delays, ends, freeze,
         one_slow_connection, windows, from_time_zero]
CASES = [(c.__name__, c) for c in CASES] + [(f"any_talk_{s}", any_talk(s)) for s in range(1, 21)]


def main():
    if not shutil.which("tshark") or not os.path.exists(DUMP):
        print(f"skipped: needs tshark, {DUMP}")
        return 77
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, traffic in CASES:
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            path = os.path.join(os.environ.get("KEEP_CAPTURES", folder), name + ".pcap")
            trace = Trace()
            check = traffic(trace)
            trace.write(path)
            done = subprocess.run([DUMP, path], check=True, capture_output=True, text=True)
            metrics = json.loads(done.stdout)["metrics"]
            try:
                agreed = gap_referee.judge(path, metrics)
                said = check(metrics) if check else None
                assert said in (None, True), f"not as it was made: {said}"
                print(f"ok {name}: {len(trace.packets)} packets, {agreed} values")
            except AssertionError as why:
                failures += 1
                print(f"FAILED {name}: {why}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
