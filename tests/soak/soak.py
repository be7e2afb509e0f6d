#!/usr/bin/env python3
"""soak.py [OPTION...] [WEDGE] - sessions come and go under one wedge that reads a new configuration again and again, with impairments of
both planes switched on and off: polite ones, whose impairments keep bytes, and of which every byte is compared at both ends; rude ones,
whose clients and servers go at any instant, also while they are dialled, under impairments that take bytes and connections. Again and
again all is let drain, and then wedge has the descriptors and the memory of before and no packet in a queue. At the end
it stops by SIGTERM with status 0, its journal has each polite session with its bytes, and each other one with an end; a sanitizer
that it was built with has nothing to say. All that is decided by chance is decided by the seed, which is printed.

    tests/soak/soak.py --seconds 3600 build/wedge
    tests/soak/soak.py --seconds 3600 build-asan/wedge
    tests/soak/soak.py --bytes 100GB --large build/wedge       # polite sessions of up to 64 MB, until so much has been compared"""
import argparse
import asyncio
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SOURCE, "tests", "rig"))
import own_network  # noqa: E402

LARGE = (1000, 150000, 4 << 20, 64 << 20)
HOST = "127.0.0.1"
POLITE = {"one": 3001, "two": 3002, "three": 3003}
RUDE = {"echo": 3011, "refused": 3012, "silent": 3013, "slow": 3014}
# A dial to a polite server waits as long as a change of the packet plane's rules can take on a busy machine, under AddressSanitizer:
# meanwhile no packet gets its verdict. The others are there to fail.
DIAL_POLITE, DIAL_RUDE = "30s", "2s"
# No byte is lost, added or changed, whatever they do to the rest.
KEEP = ["{latency: {delay: 3ms}}", "{latency: {delay: 20ms, direction: both, jitter: 5ms}}", "{bandwidth: {rate: 40MB/s}}",
        "{slicer: {size: 4KiB, gap: 50us}}", "{stall: {after: 20KB, for: 10ms}}", "stall", "hold_close",
        "{stall: {side: write, direction: upstream}}", "{gather: {bytes: 30KB}}", "chaos", "{chaos: {name: up, direction: upstream}}",
        "process_freeze", "{slow_close: {delay: 30ms}}", "{latency: {name: late, after: 100KB, delay: 2ms}}"]
KEEP_PACKETS = ["{delay: {delay: 3ms, direction: both}}", "{loss: {rate: 1%, direction: both}}", "{duplicate: {share: 5%, direction: upstream}}",
                "{reorder: {share: 2%}}", "{delayed_ack: {timer: 20ms}}", "{freeze: {run: 50ms, pause: 10ms}}"]
TAKE = ["{reset: {after: 5KB, probability: 20%}}", "{cut: {after: 3KB, probability: 20%}}", "{drop: {probability: 10%}}", "{corrupt: {after: 100B}}",
        "{refuse: {mode: close, probability: 20%}}", "{connection_limit: {limit: 50}}", "{half_close: {after: 2KB}}", "{filler: {interval: 5ms}}"]
PACKET_SHARE = 0.3
DRAIN_WITHIN, SETTLED_FOR = 60, 3


def size(text):
    """Bytes of 100GB, 5MB and the like."""
    units = {"KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
    return int(float(text[:-2]) * units[text[-2:]]) if text[-2:] in units else int(text)


def command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wedge", nargs="?", default=os.environ.get("WEDGE") or os.path.join(SOURCE, "build", "wedge"))
    parser.add_argument("--seconds", type=float, help="how long sessions come (120, without --bytes)")
    parser.add_argument("--bytes", type=size, help="sessions come until so many have been compared: 100GB")
    parser.add_argument("--seed", type=int, help="default: another one each time, which is printed")
    parser.add_argument("--at-once", type=int, default=40, help="sessions that are under way (40)")
    parser.add_argument("--rest", type=float, default=0, metavar="SECONDS", help="between two sessions of one client (0)")
    parser.add_argument("--every", type=float, default=0.2, metavar="SECONDS", help="from one configuration to the next (0.2)")
    parser.add_argument("--drain", type=float, default=15, metavar="SECONDS", help="from one pause to the next (15)")
    parser.add_argument("--large", action="store_true", help="polite sessions of up to 64 MB")
    parser.add_argument("--keep", metavar="FOLDER", help="takes its journal, its log and the configurations, with their times, if something is wrong")
    parser.add_argument("--no-packets", action="store_true", help="no impairments of packets")
    parsed = parser.parse_args()
    if parsed.seconds is None:
        parsed.seconds = float("inf") if parsed.bytes else 120
    return parsed


options = command_line()
os.environ["WEDGE"] = os.path.abspath(options.wedge)
if options.seed is None:
    options.seed = int.from_bytes(os.urandom(4), "big")
    sys.argv += ["--seed", str(options.seed)]  # the same inside
own_network.enter()

import soak_books as books  # noqa: E402
from config_rig import Config, has_impairments  # noqa: E402
from proxy_rig import check, failures  # noqa: E402
from soak_ends import SIZES, Ends, serve  # noqa: E402


class Soak:
    """One wedge, and what happens to it."""

    def __init__(self, upstreams):
        self.upstreams, self.rng = upstreams, random.Random(f"{options.seed} configurations")
        self.ends = Ends(options.seed, LARGE if options.large else SIZES)
        self.over, self.open = False, asyncio.Event()
        self.under_way, self.served, self.number = 0, set(), 0
        self.sent, self.resident, self.rest = 0, [], None
        self.began = self.took = 0
        self.configs = []
        self.open.set()

    def faults(self, polite):
        found = self.rng.sample(KEEP if polite else KEEP + TAKE, self.rng.randint(0, 3))
        if not options.no_packets and self.rng.random() < PACKET_SHARE:
            found.append(self.rng.choice(KEEP_PACKETS))
        return found

    def config(self, quiet):
        rows = []
        for name, port in {**POLITE, **RUDE}.items():
            some = [] if quiet else self.faults(name in POLITE)
            within = DIAL_POLITE if name in POLITE else DIAL_RUDE
            rows.append(f"  - {{name: {name}, listen: '{HOST}:{port}', upstream: '{self.upstreams[name]}', connect_timeout: {within}, impairments: [{', '.join(some)}]}}\n")
        wrong = "" if quiet or self.rng.random() > 0.1 else "  - {name: wrong, listen: ':1'}\n"
        return "proxies:\n" + "".join(rows) + wrong

    async def change(self, quiet=False):
        """A new configuration, until wedge has answered."""
        if self.wedge.p.poll() is not None:
            return
        before = self.wedge.changes
        text = self.config(quiet)
        self.configs.append(f"# {time.monotonic() - self.began:.3f} s\n{text}")
        self.wedge.write(text)
        self.wedge.p.send_signal(signal.SIGHUP)
        self.sent += 1
        await self.until(lambda: self.wedge.changes > before)

    async def until(self, condition, seconds=DRAIN_WITHIN):
        """The condition's value, as soon as it is true."""
        until = time.monotonic() + seconds
        while not (value := condition()) and time.monotonic() < until and self.wedge.p.poll() is None:
            await asyncio.sleep(0.01)
        return value

    async def come_and_go(self, client):
        """Three of four clients are polite."""
        polite = client % 4 > 0
        ports = list((POLITE if polite else RUDE).values())
        while not self.over:
            await self.open.wait()
            self.number += 1
            self.under_way += 1
            address, number = (HOST, ports[self.number % len(ports)]), self.number
            await (self.ends.be_polite_in_time(number, address) if polite else self.ends.be_rude(number, address))
            self.under_way -= 1
            await asyncio.sleep(options.rest)

    async def settle(self):
        """The descriptors that stay, from the first pause on: every listener has had a connection, and the packet plane is on."""
        least, since = self.wedge.descriptors(), time.monotonic()
        while time.monotonic() < since + SETTLED_FOR:
            await asyncio.sleep(0.05)
            if self.wedge.descriptors() < least:
                least, since = self.wedge.descriptors(), time.monotonic()
        return least

    async def pause(self):
        """Lets everything drain, and looks at what is left."""
        self.open.clear()
        await self.change(quiet=True)
        began = time.monotonic()
        drained = await self.until(lambda: not self.under_way and not self.served)
        if self.wedge.p.poll() is not None:
            check("wedge is still there", False, str(self.wedge.p.returncode))
            return
        check("all sessions end when nothing impairs them", drained,
              f"{self.ends.polite} polite ones so far, {self.ends.rude.total()} rude; {self.under_way} and {len(self.served)} are left after {time.monotonic() - began:.1f} s")
        if self.rest is None:
            self.rest = await self.settle()
        await self.until(lambda: self.wedge.descriptors() <= self.rest)
        left, queued = self.wedge.descriptors(), books.queued_packets()
        self.resident.append(self.wedge.rss())
        check("no more descriptors than at the first pause", left <= self.rest, f"{left} of {self.rest}")
        check("no packet is held", await self.until(lambda: not books.queued_packets(), 5), f"{queued}")
        self.open.set()

    def has_enough(self):
        return bool(options.bytes) and self.ends.bytes >= options.bytes

    async def run(self):
        self.began = time.monotonic()
        end = self.began + options.seconds
        clients = [asyncio.ensure_future(self.come_and_go(i)) for i in range(options.at_once)]
        paused = time.monotonic() - options.drain / 2  # the first one comes soon
        while time.monotonic() < end and not self.has_enough() and self.wedge.p.poll() is None and not failures and not self.ends.wrong:
            await self.change()
            await asyncio.sleep(options.every)
            if time.monotonic() > paused + options.drain:
                await self.pause()
                paused = time.monotonic()
        self.over = True
        self.took = time.monotonic() - self.began
        await self.pause()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    def judge(self, journal):
        """After wedge's end."""
        ends = self.ends
        print(f"{ends.polite} polite sessions, {ends.bytes / 1e6:.0f} MB compared in {self.took:.0f} s, {ends.bytes / 1e6 / self.took:.0f} MB/s; "
              f"rude ones: {dict(sorted(ends.rude.items()))}")
        changed, refused = (len(self.wedge.logged("configuration " + word)) for word in ("changed", "refused"))
        print(f"{self.sent} configurations: {changed} changed, {refused} refused; resident MiB at the pauses: "
              f"{' '.join(f'{r / (1 << 20):.1f}' for r in self.resident)}")
        check("every byte was the one that was sent, at both ends", not ends.wrong and ends.polite, "; ".join(ends.wrong[:5]))
        check("every configuration was answered", changed + refused == self.sent)
        if not books.has_sanitizer(os.environ["WEDGE"]):
            check("memory doesn't grow", not books.grown(self.resident))
        check("the journal has whole lines", journal.whole)
        check("each of its sessions has one end", not journal.never_closed(), str(journal.never_closed()[:5]))
        counted, otherwise = journal.closes(POLITE)
        check("its polite sessions have the bytes that clients and servers have", counted == ends.books,
              f"{sum((counted - ends.books).values())} only in the journal, {sum((ends.books - counted).values())} only at the ends")
        check("they all ended with FIN both ways", not otherwise, str(otherwise[:2]))
        check("and it has every change", len(journal.of("config_changed")) == changed, str(len(journal.of("config_changed"))))


def listeners():
    """The polite server's, the rude one's, and one whose queue is full: who dials it waits."""
    found = [socket.create_server((HOST, 0), backlog=1024) for _ in range(2)]
    for sock in found:
        sock.setblocking(False)
    full = socket.socket()
    full.bind((HOST, 0))
    full.listen(0)
    filling = [socket.socket() for _ in range(4)]
    for sock in filling:
        sock.setblocking(False)
        sock.connect_ex(full.getsockname())
    return [*found, full], filling


def keep(folder, journal, lines):
    os.makedirs(folder, exist_ok=True)
    shutil.copy(journal, os.path.join(folder, "journal"))
    for name, rows in lines.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write("\n".join(rows))


async def main():
    socks, filling = listeners()
    polite, rude, full = ("%s:%d" % s.getsockname() for s in socks)
    soak = Soak({**dict.fromkeys(POLITE, polite), "echo": rude, "slow": rude, "refused": f"{HOST}:9", "silent": full})
    serving = [asyncio.ensure_future(serve(socks[0], soak.ends.serve_polite, soak.served)),
               asyncio.ensure_future(serve(socks[1], soak.ends.serve_rude, soak.served))]
    folder = tempfile.TemporaryDirectory()
    journal = os.path.join(folder.name, "journal")
    # The rig has AddressSanitizer keep back little of the freed memory; here it is to find who uses it later.
    with Config(soak.config(quiet=True), "--seed", str(options.seed), "--journal", journal, "-v",
                prefix=("env", "ASAN_OPTIONS=" + os.environ.get("ASAN_OPTIONS", ""))) as wedge:
        soak.wedge = wedge
        await soak.run()
        if wedge.p.poll() is None:
            wedge.p.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(wedge.p.wait, DRAIN_WITHIN)
        check("SIGTERM ends it, nothing being open", status == 0, str(status))
    if status == 0:
        soak.judge(books.Journal(journal))
    print("".join(f"{what}\n" for what in soak.ends.wrong[:5]), end="")
    if options.keep and (failures or soak.ends.wrong):
        keep(options.keep, journal, {"log": soak.wedge.lines, "configurations": soak.configs})
    folder.cleanup()
    for task in serving:
        task.cancel()
    for sock in filling + socks:
        sock.close()


if not has_impairments():
    print("this wedge was built without impairments")
    sys.exit(77)
print(f"seed {options.seed}", flush=True)
asyncio.run(main())
sys.exit(1 if failures else 0)
