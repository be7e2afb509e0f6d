#!/usr/bin/env python3
"""The workload "smtp" on loopback: Python's smtplib and curl hand messages to our server, which keeps the order of RFC 5321;
our client hands its own to aiosmtpd, whole; a refusal, a goodbye and what isn't SMTP are told."""
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

# Prints its port, takes three messages, and prints what they were.
AIOSMTPD = """
import asyncio, email, sys
from aiosmtpd.smtp import SMTP
class Inbox:
    taken = 0
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content)
        print(envelope.mail_from, *envelope.rcpt_tos, mail["To"], len(envelope.content), len(mail.defects), flush=True)
        Inbox.taken += 1
        if Inbox.taken == 3:
            asyncio.get_running_loop().call_later(0.3, sys.exit, 0)
        return "250 OK"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Inbox()), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def smtplib_hands_over():
    with rpc.Server("service=5ms", kind="smtp") as server:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as mail:
            mail.sendmail("a@example.org", ["b@example.org", "c@example.org"], "Subject: one\n\nhello\n")
            mail.sendmail("a@example.org", ["b@example.org"], "Subject: two\n\n.\n..\n.x\nQUIT\n" + "long " * 199 + "\n")
            check("EHLO names what it takes", mail.has_extn("pipelining") and mail.has_extn("8bitmime"), mail.esmtp_features)
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as mail:
            said = [mail.docmd(x)[0] for x in ("HELO me", "RCPT TO:<b@example.org>", "DATA", "MAIL FROM:<>", "MAIL FROM:<>", "DATA",
                                               "RSET", "rcpt to:<b@example.org>", "NOOP", "TURN", "mail from:<a@example.org>",
                                               "Rcpt To:<b@example.org>", "data", ".", "QUIT")]
            check("the order is RFC 5321's", said == [250, 503, 503, 250, 503, 503, 250, 503, 250, 500, 250, 250, 354, 250, 221], said)
        told = server.stop()
    check("the server has told of three", told["completed"] == 3 and not told["errors"], told["errors"])


def commands_may_come_together():
    with rpc.Server(kind="smtp") as server, socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.settimeout(10)
        sock.sendall(b"EHLO me\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.x\n.\n\r\n.\r\nQUIT\r\n")
        said = b""
        while piece := sock.recv(4096):
            said += piece
    codes = [line[:3] for line in said.split(b"\r\n")[:-1] if line[3:4] == b" "]
    check("each is answered", codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"221"], said)


def curl_hands_over():
    if not shutil.which("curl"):
        print("ok  curl is not installed")
        return
    with rpc.Server(kind="smtp") as server, tempfile.NamedTemporaryFile() as mail:
        mail.write(b"Subject: three\r\n\r\n" + b"line\r\n" * 50000)
        mail.flush()
        done = subprocess.run(["curl", "-sS", "-m", "20", "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T",
                               mail.name, "smtp://127.0.0.1:%d" % server.port], stderr=subprocess.PIPE, text=True, check=False)
        told = server.stop()
    check("curl hands over 300 kB", done.returncode == 0 and told["completed"] == 1, done.stderr)


def ours_hands_over_to_ours():
    with rpc.Server(kind="smtp") as server:
        at = "127.0.0.1:%d" % server.port
        for words, connections in (((), 1), (("per_connection=1",), 6), (("connections=3", "message=1MB"), 3)):
            result = rpc.client("exchanges=6", *words, at, kind="smtp")
            check("messages are taken " + " ".join(words), result["completed"] == 6 and result["connections"] == connections,
                  result["errors"])
            check("Nagle's algorithm holds nothing back", len(words) > 1 or rpc.median_ms(result) < 30, rpc.median_ms(result))
        told = server.stop()
    check("and counted", told["completed"] == 18 and not told["errors"], told["errors"])


def ours_hands_over_to_aiosmtpd():
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import aiosmtpd"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("ok  aiosmtpd is not installed")
        return
    with subprocess.Popen([python, "-c", AIOSMTPD], stdout=subprocess.PIPE, text=True) as server:
        at = "127.0.0.1:" + server.stdout.readline().strip()
        result = rpc.client("exchanges=3", "message=5000B", at, kind="smtp")
        rows = server.stdout.read().split("\n")[:-1]
    check("aiosmtpd takes three", result["completed"] == 3, result["errors"])
    check("as they were meant", rows == ["user1@example.org inbox@example.org inbox@example.org 5000 0"] * 3, rows)


def answer_by(*replies):
    """Lets a connection say one reply after the other, each once something has come, the first at once."""
    def answer(sock, _):
        for reply in replies:
            sock.sendall(reply)
            if not reply or not sock.recv(100000):
                return
    return answer


def what_goes_wrong_is_told():
    greeting, hello = b"220-mail\r\n220 ready\r\n", b"250-mail\r\n250 HELP\r\n"
    for what, replies, error in (
            ("a refused recipient", (greeting, hello, b"250 OK\r\n", b"550 no such user\r\n"), "the server answers 550 where 250 was due"),
            ("a server that is busy", (b"421 later\r\n",), "the server answers 421 where 220 was due"),
            ("what isn't SMTP", (b"SSH-2.0-OpenSSH_9.2p1\r\n",), "no reply of SMTP"),
            ("an end in the middle", (greeting, hello, b""), "the server ended the connection")):
        with rpc.scripted(lambda sock, n, r=replies: answer_by(*r)(sock, n)) as address:
            result = rpc.client("exchanges=1", "timeout=5s", address, kind="smtp")
        check(what, result["failed"] == 1 and error in result["errors"][0], result["errors"])


def what_was_taken_is_sent():
    """Whatever comes behind the reply to a message: to QUIT, or unasked."""
    taken = (b"220 ready\r\n", b"250 mail\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n", b"250 OK\r\n")

    def speak_unasked(sock, number):
        for reply in taken:
            sock.sendall(reply)
            if reply != taken[-1] or number:
                sock.recv(100000)
        sock.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n" if not number else b"")
        sock.recv(100000)

    for what, reply in (("refused", b"500 no\r\n"), ("no SMTP", b"SSH-2.0-OpenSSH_9.2p1\r\n"), ("an end", b"")):
        with rpc.scripted(answer_by(*taken, reply)) as address:
            result = rpc.client("exchanges=2", "per_connection=1", "timeout=5s", address, kind="smtp")
        check("the answer to QUIT is " + what, result["completed"] == 2 == result["connections"] and not result["errors"], result["errors"])
    with rpc.scripted(speak_unasked) as address:
        result = rpc.client("exchanges=2", "think=500ms", "timeout=5s", address, kind="smtp")
    check("what comes unasked and isn't SMTP ends the connection alone", result["completed"] == 2 == result["connections"] and
          not result["failed"] and result["errors"] == ["the server's line is no reply of SMTP"], result["errors"])


smtplib_hands_over()
commands_may_come_together()
curl_hands_over()
ours_hands_over_to_ours()
ours_hands_over_to_aiosmtpd()
what_goes_wrong_is_told()
what_was_taken_is_sent()
