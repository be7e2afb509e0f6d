#!/usr/bin/env python3
"""churn.py [SESSIONS [RELOADS]] - tens of thousands of sessions whose clients and servers go at any instant, also while they are
dialled, under one wedge that reads a new configuration again and again. Afterwards wedge has no more descriptors than at rest,
ends by SIGTERM with status 0, and a sanitizer that it was built with has nothing to say.

    WEDGE=build-asan/wedge tests/compare/churn.py 50000 500

Without numbers: 50,000 and 500, some minutes. WEDGE is build-asan/wedge or build/wedge where it isn't set."""
import asyncio
import os
import random
import signal
import socket
import sys

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
os.environ.setdefault("WEDGE", next((path for path in (os.path.join(SOURCE, build, "wedge") for build in ("build-asan", "build"))
                                     if os.path.exists(path)), "wedge"))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SOURCE, "tests", "rig"))
from config_rig import Config
from proxy_rig import failures, reset, wait_for

SESSIONS, RELOADS = (int(word) for word in (sys.argv[1:] + ["50000", "500"][len(sys.argv) - 1:])[:2])
AT_ONCE, SEED, PATIENCE = 200, 11, 5.0
HOST = f"127.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250}.1"  # nobody else's
PORTS = {"echo": 20001, "refused": 20002, "silent": 20003, "slow": 20004}
FAULTS = ["{latency: {delay: 3ms}}", "{latency: {delay: 15ms, direction: both, jitter: 5ms}}", "{bandwidth: {rate: 20MB/s}}",
          "{slicer: {size: 4KiB, gap: 50us}}", "{stall: {after: 20KB, for: 10ms}}", "{gather: {bytes: 30KB}}", "chaos", "hold_close",
          "{reset: {after: 5KB, probability: 20%}}", "{cut: {after: 3KB, probability: 20%}}", "{drop: {probability: 10%}}",
          "{slow_close: {delay: 30ms}}", "{refuse: {mode: close, probability: 20%}}", "{connection_limit: {limit: 50}}", "process_freeze"]
rng = random.Random(SEED)
ends = {}


async def serve(reader, writer):
    """Goes at once, with FIN or RST; or after some bytes; or gives all of them back; or never reads."""
    how = rng.random()
    try:
        if how < 0.1:
            writer.transport.abort()
            return
        if how < 0.15:
            await asyncio.sleep(rng.random() * 0.2)
        limit = rng.choice((0, 1000, 30000, 1 << 30, 1 << 30, 1 << 30))
        got = 0
        while got <= limit and (data := await reader.read(65536)):
            got += len(data)
            writer.write(data)
            await writer.drain()
        if got > limit and how < 0.5:
            writer.transport.abort()
            return
    except OSError:
        pass
    finally:
        writer.close()


async def go(port):
    """One session, which the client ends at whatever instant. Returns what became of it."""
    loop, sock = asyncio.get_running_loop(), socket.socket()
    sock.setblocking(False)
    how = rng.random()
    try:
        if how < 0.1:  # while wedge dials
            sock.connect_ex((HOST, port))
            await asyncio.sleep(rng.random() * 0.01)
            return "gone while dialling"
        await asyncio.wait_for(loop.sock_connect(sock, (HOST, port)), PATIENCE)
        data = rng.randbytes(rng.choice((1, 500, 20000, 150000)))
        sending = asyncio.ensure_future(loop.sock_sendall(sock, data))
        try:
            if how < 0.4:
                await asyncio.sleep(rng.random() * 0.03)
                return "gone while talking"
            left = len(data)
            while left > 0 and (got := await asyncio.wait_for(loop.sock_recv(sock, 65536), rng.random() * PATIENCE)):
                left -= len(got)
            return "ended early" if left else "whole"
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    except (OSError, asyncio.TimeoutError) as e:
        return type(e).__name__
    finally:
        if rng.random() < 0.5:
            reset(sock)
        else:
            sock.close()


async def come_and_go(todo):
    while todo[0] > 0:
        todo[0] -= 1
        how = await go(rng.choice(list(PORTS.values())))
        ends[how] = ends.get(how, 0) + 1


def config(upstreams, faults=True):
    rows = []
    for name, port in PORTS.items():
        some = rng.sample(FAULTS, rng.randint(0, 3)) if faults else []
        rows.append(f"  - {{name: {name}, listen: '{HOST}:{port}', upstream: '{upstreams[name]}', impairments: [{', '.join(some)}]}}\n")
    return "proxies:\n" + "".join(rows) + ("  - {name: wrong, listen: ':1'}\n" if faults and rng.random() < 0.1 else "")


async def reload_again(wedge, upstreams, working):
    """RELOADS times while the sessions last. Returns how often."""
    n = 0
    while n < RELOADS and not working.done():
        wedge.write(config(upstreams))
        wedge.p.send_signal(signal.SIGHUP)
        n += 1
        await asyncio.sleep(0.2)
    return n


async def main():
    server = await asyncio.start_server(serve, HOST, 0)
    full = socket.socket()  # whose queue is full: who dials it waits
    full.bind((HOST, 0))
    full.listen(0)
    filling = [socket.socket() for _ in range(4)]
    for sock in filling:
        sock.setblocking(False)
        sock.connect_ex(full.getsockname())
    at = "%s:%d" % server.sockets[0].getsockname()
    upstreams = {"echo": at, "slow": at, "refused": f"{HOST}:9", "silent": "%s:%d" % full.getsockname()}
    # The rig has AddressSanitizer keep back little of the freed memory; here it is to find who uses it later.
    with Config(config(upstreams, faults=False), prefix=("env", "ASAN_OPTIONS=" + os.environ.get("ASAN_OPTIONS", ""))) as wedge:
        await asyncio.sleep(1.5)
        # A listener keeps a spare descriptor from its first connection on.
        rest, todo = wedge.descriptors() + len(PORTS), [SESSIONS]
        working = asyncio.gather(*[come_and_go(todo) for _ in range(AT_ONCE)])
        reloads = await reload_again(wedge, upstreams, working)
        await working
        wedge.write(config(upstreams, faults=False))
        wedge.p.send_signal(signal.SIGHUP)
        await asyncio.to_thread(wait_for, lambda: wedge.descriptors() <= rest, 60)
        left = wedge.descriptors()
        wedge.p.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(wedge.p.wait, 60)
    changed, refused = (len(wedge.logged("configuration " + word)) for word in ("changed", "refused"))
    print(f"{SESSIONS} sessions: {dict(sorted(ends.items()))}")
    print(f"{reloads} reloads: {changed} changed, {refused} refused")
    print(f"descriptors: {rest} at rest, {left} afterwards; status {status}")
    return left <= rest and status == 0 and not failures


sys.exit(0 if asyncio.run(main()) else 1)
