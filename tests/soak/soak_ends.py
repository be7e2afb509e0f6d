"""soak_ends - the clients and servers of a soak. What a session does is drawn from the seed and its number. Polite ones compare every byte
with what the other end was to send; rude ones go at any instant."""
import asyncio
import collections
import random
import socket
import struct

from proxy_rig import reset

BLOCK = 1048573  # a prime, so that no size of a buffer is a multiple of it
HEADER = struct.Struct("!QQQ")
STEP = 7919
PATIENCE = 90
DIAL_PATIENCE = 5
SIZES = (0, 1, 100, 1000, 20000, 150000, 150000, 700000)


class Pattern:
    """What a session's direction consists of: a piece of random bytes, begun anywhere, over and over."""

    def __init__(self, seed):
        block = random.Random(seed).randbytes(BLOCK)
        self.twice = memoryview(block + block)

    def at(self, session, position, n):
        """n bytes, at most BLOCK, of a session from a position on."""
        start = (session * STEP + position) % BLOCK
        return self.twice[start:start + n]


async def both(receiving, sending):
    """What receiving returns; when one fails the other ends, too."""
    tasks = [asyncio.ensure_future(receiving), asyncio.ensure_future(sending)]
    try:
        return (await asyncio.gather(*tasks))[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Ends:
    """sizes: what polite sessions send, in bytes. wrong: what was wrong, in words; books: of each polite session that is
    over (client's port, bytes up, bytes down), as the journal is to have it; bytes: compared ones."""

    def __init__(self, seed, sizes=SIZES):
        self.seed, self.sizes = seed, sizes
        self.up, self.down = Pattern(f"{seed} up"), Pattern(f"{seed} down")
        self.wrong, self.books, self.bytes = [], collections.Counter(), 0
        self.polite, self.rude, self.at_server = 0, collections.Counter(), {}
        self.fate = random.Random(f"{seed} servers")

    async def send(self, sock, pattern, session, size, rng):
        """Some write little by little, some pause."""
        loop, sent, piece = asyncio.get_running_loop(), 0, rng.choice((700, 16384, 262144, 262144))
        pause = rng.choice((0, 0, 0, 0.002))
        while sent < size:
            n = min(piece, size - sent)
            await loop.sock_sendall(sock, pattern.at(session, sent, n))
            sent += n
            await asyncio.sleep(pause if sent < 50 * piece else 0)

    async def send_whole(self, sock, session, size, rng):
        await self.send(sock, self.up, session, size, rng)
        sock.shutdown(socket.SHUT_WR)

    async def receive(self, sock, pattern, session, rng):
        """Bytes until the end, each compared."""
        loop, got, pause = asyncio.get_running_loop(), 0, rng.choice((0, 0, 0, 0.01))
        while data := await loop.sock_recv(sock, 262144):
            if data != pattern.at(session, got, len(data)):
                wanted = pattern.at(session, got, len(data))
                at = next(i for i, (a, b) in enumerate(zip(data, wanted)) if a != b)
                self.wrong.append(f"session {session}: byte {got + at} is another one")
                return got + len(data)
            got += len(data)
            self.bytes += len(data)
            if pause and got < 1000000:
                await asyncio.sleep(pause)
        return got

    async def serve_polite(self, sock):
        """Reads a header and what it announces to the end, and sends what it asks for."""
        loop, head = asyncio.get_running_loop(), b""
        with sock:
            while len(head) < HEADER.size and (more := await loop.sock_recv(sock, HEADER.size - len(head))):
                head += more
            if len(head) < HEADER.size:
                self.wrong.append(f"a server has {len(head)} bytes of a header")
                return
            session, up, down = HEADER.unpack(head)
            rng = random.Random(f"{self.seed} server {session}")
            got = await both(self.receive(sock, self.up, session, rng), self.send(sock, self.down, session, down, rng))
            self.at_server[session] = got
            if got != up:
                self.wrong.append(f"session {session}: the server has {got} of {up} bytes")

    async def serve_rude(self, sock):
        """Goes at once, with FIN or RST; or after some bytes; or gives all of them back."""
        loop, how, got = asyncio.get_running_loop(), self.fate.random(), 0
        try:
            if how < 0.1:
                return reset(sock)
            if how < 0.15:
                await asyncio.sleep(self.fate.random() * 0.2)
            limit = self.fate.choice((0, 1000, 30000, 1 << 30, 1 << 30, 1 << 30))
            while got <= limit and (data := await loop.sock_recv(sock, 65536)):
                got += len(data)
                await loop.sock_sendall(sock, data)
            if got > limit and how < 0.5:
                reset(sock)
        finally:
            sock.close()

    async def be_polite(self, number, address):
        """A session whose both ends get every byte, and FIN."""
        rng, loop, sock = random.Random(f"{self.seed} client {number}"), asyncio.get_running_loop(), socket.socket()
        up, down = rng.choice(self.sizes), rng.choice(self.sizes)
        with sock:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
            port = sock.getsockname()[1]
            await loop.sock_sendall(sock, HEADER.pack(number, up, down))
            got = await both(self.receive(sock, self.down, number, rng), self.send_whole(sock, number, up, rng))
        if got != down:
            self.wrong.append(f"session {number}: the client has {got} of {down} bytes")
        self.books[port, HEADER.size + up, down] += 1
        self.polite += 1

    async def be_polite_in_time(self, number, address):
        try:
            await asyncio.wait_for(self.be_polite(number, address), PATIENCE)
        except (OSError, asyncio.TimeoutError) as e:
            self.wrong.append(f"session {number}: {type(e).__name__} {e}")

    async def be_rude(self, number, address):
        """A session that its client ends at whatever instant."""
        rng = random.Random(f"{self.seed} rude {number}")
        self.rude[await self.go(rng, address)] += 1

    async def go(self, rng, address):
        loop, sock, how = asyncio.get_running_loop(), socket.socket(), rng.random()
        sock.setblocking(False)
        try:
            if how < 0.1:  # while wedge dials
                sock.connect_ex(address)
                await asyncio.sleep(rng.random() * 0.01)
                return "gone while dialling"
            await asyncio.wait_for(loop.sock_connect(sock, address), DIAL_PATIENCE)
            data = rng.randbytes(rng.choice((1, 500, 20000, 150000)))
            sending = asyncio.ensure_future(loop.sock_sendall(sock, data))
            try:
                if how < 0.4:
                    await asyncio.sleep(rng.random() * 0.03)
                    return "gone while talking"
                left = len(data)
                while left > 0 and (got := await asyncio.wait_for(loop.sock_recv(sock, 65536), rng.random() * DIAL_PATIENCE)):
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


async def serve(listener, how, running):
    """Every connection of a listener by a task of its own, kept in running; a failure of its is its session's."""
    loop = asyncio.get_running_loop()

    async def one(sock):
        try:
            await how(sock)
        except OSError:
            sock.close()

    while True:
        sock, _ = await loop.sock_accept(listener)
        task = asyncio.ensure_future(one(sock))
        running.add(task)
        task.add_done_callback(running.discard)
