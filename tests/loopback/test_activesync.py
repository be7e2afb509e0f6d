#!/usr/bin/env python3
"""The workload "activesync" on loopback: our phone and our server do a FolderSync, Syncs and Pings; a Ping waits for its
heartbeat or for news; bytes written by hand are answered as [MS-ASCMD] says; answers that mean failure are failures."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

START, FIRST, END, RECORDS = 0, 1, 2, 6  # of an exchange, as workload.h has it
HEADER = b"\x03\x01\x6a\x00"
TYPE = "application/vnd.ms-sync.wbxml"
FOLDER_SYNC = HEADER + b"\x00\x07\x56\x52\x030\x00\x01\x01"


def post(port, command, body, *words):
    done = subprocess.run(["curl", "-s", "-i", "--max-time", "10", "-H", "Content-Type: " + TYPE, "--data-binary", "@-", *words,
                           "http://127.0.0.1:%d/Microsoft-Server-ActiveSync?Cmd=%s&User=a" % (port, command)],
                          input=body, stdout=subprocess.PIPE, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return head.decode(), body


def waits(result):
    return [round(x[END] - x[START], 2) for x in result["exchanges"]]


def phones_sync_and_wait():
    with rpc.Server("items=7", "nodelay=true", kind="activesync") as server:
        at = "127.0.0.1:%d" % server.port
        result = rpc.client("exchanges=6", "heartbeat=1s", at, kind="activesync")
        check("FolderSync, Sync, Ping, Sync, Ping, Sync", result["completed"] == 6 and
              [x[RECORDS] for x in result["exchanges"]] == [0, 0, 0, 7, 0, 7], result["errors"])
        check("a Ping lasts as long as its heartbeat", [w >= 1 for w in waits(result)] ==
              [False, False, True, False, True, False], waits(result))
        result = rpc.client("exchanges=12", "connections=3", at, kind="activesync")
        check("without a heartbeat there are Syncs alone", sum(x[RECORDS] for x in result["exchanges"]) == 3 * 2 * 7)
        head, body = post(server.port, "FolderSync", FOLDER_SYNC)
        check("FolderSync is answered", head.startswith("HTTP/1.1 200 ") and TYPE in head and
              body.startswith(HEADER + b"\x00\x07\x56\x4c\x031\x00\x01\x52\x031\x00\x01\x4e\x57\x034\x00\x01\x4f\x48\x031\x00\x01"),
              body[:40])
        check("what isn't WBXML is refused", post(server.port, "Sync", b"<Sync/>")[0].split()[1] == "400")
        check("so is a command that isn't known", post(server.port, "Provision", FOLDER_SYNC)[0].split()[1] == "400")
        check("OPTIONS tell the commands", "MS-ASProtocolCommands: Sync,FolderSync,Ping" in
              post(server.port, "", b"", "-X", "OPTIONS")[0])


def news_end_a_wait():
    with rpc.Server("change_every=100ms", "nodelay=true", kind="activesync") as server:
        result = rpc.client("exchanges=10", "heartbeat=20s", "timeout=25s", "127.0.0.1:%d" % server.port, kind="activesync")
        check("something new ends a Ping", result["completed"] == 10 and max(waits(result)) < 3, waits(result))


def failures_are_told():
    for body, word in ((HEADER + b"\x00\x07\x56\x4c\x039\x00\x01\x01", "status 9"), (b"hello", "not the beginning"),
                       (FOLDER_SYNC[:-1], "ends inside")):
        def answer(sock, _, text=body):
            data = b""
            while not data.endswith(FOLDER_SYNC):
                data += sock.recv(65536)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

        with rpc.scripted(answer) as address:
            result = rpc.client("exchanges=1", address, kind="activesync")
        check("told: " + word, result["failed"] == 1 and word in result["errors"][0], result["errors"])


phones_sync_and_wait()
news_end_a_wait()
failures_are_told()
