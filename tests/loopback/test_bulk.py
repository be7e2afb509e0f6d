#!/usr/bin/env python3
"""The workload "bulk" on loopback: smbclient gets a file from our server, whole; our client copies from samba, with one READ
under way and with many, on one connection and on several; tells what isn't there; and its bytes are the file's."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

BYTES = 4  # of an exchange, as workload.h has it
SMB_CONF = """[global]
    smb ports = {port}
    interfaces = lo
    bind interfaces only = yes
    map to guest = Bad User
    guest account = nobody
    server min protocol = SMB2_02
    disable netbios = yes
    load printers = no
    printcap name = /dev/null
    private dir = {dir}/state
    state directory = {dir}/state
    cache directory = {dir}/state
    lock directory = {dir}/state
    pid directory = {dir}/state
    ncalrpc dir = {dir}/state/ncalrpc
    log file = {dir}/log
    usershare max shares = 0
[files]
    path = {dir}/share
    guest ok = yes
    read only = yes
"""


def found(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin")


def smbclient_gets_a_file():
    if not found("smbclient"):
        print("ok  smbclient is not installed")
        return
    for size in (0, 1, 65536, 1000001):
        with rpc.Server("size=%d" % size, kind="bulk") as server, tempfile.TemporaryDirectory() as folder:
            for user in ("-N", "-U%"):
                done = subprocess.run(["smbclient", "-p", str(server.port), user, "//127.0.0.1/files", "-c",
                                       "get some\\where.bin " + folder + "/got"], stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
                with open(folder + "/got", "rb") as f:
                    got = f.read()
                check("smbclient %s gets %d bytes" % (user, size), done.returncode == 0 and len(got) == size and
                      got == bytes(i % 251 for i in range(size)), done.stdout.strip()[-200:])
            told = server.stop()
        check("the server has told of both", told["completed"] == 2 and not told["errors"], told["errors"])


def ours_copies_from_ours():
    with rpc.Server("size=1000001", kind="bulk") as server:
        at = "127.0.0.1:%d" % server.port
        for words, connections in (((), 1), (("reads=1", "read=1000B"), 1), (("per_connection=1",), 3), (("connections=3",), 3)):
            result = rpc.client("exchanges=3", *words, at, kind="bulk")
            check("copies are whole " + " ".join(words), result["completed"] == 3 and result["connections"] == connections and
                  [x[BYTES] for x in result["exchanges"]] == [1000001] * 3, result["errors"])


def ours_copies_from_samba():
    if not found("smbd") or os.geteuid() != 0:
        print("ok  samba's server is not installed, or can't be run by others than root")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(folder + "/share")
        os.mkdir(folder + "/state")
        with open(folder + "/share/archive.zip", "wb") as f:
            f.write(os.urandom(3000001))
        port = rpc.free_port()
        with open(folder + "/smb.conf", "w", encoding="ascii") as f:
            f.write(SMB_CONF.format(dir=folder, port=port))
        smbd = subprocess.Popen([found("smbd"), "-F", "--no-process-group", "-s", folder + "/smb.conf"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            at = "127.0.0.1:%d" % port
            for words in ((), ("reads=1", "read=10000B"), ("reads=32", "connections=2", "per_connection=1")):
                result = rpc.client("exchanges=4", "timeout=30s", *words, at, kind="bulk")
                check("samba's file is copied " + " ".join(words), result["completed"] == 4 and
                      [x[BYTES] for x in result["exchanges"]] == [3000001] * 4, result["errors"])
            result = rpc.client("exchanges=1", "file=nothing", at, kind="bulk")
            check("a file that isn't there", result["failed"] == 1 and "0xc0000034" in result["errors"][0], result["errors"])
            result = rpc.client("exchanges=1", "share=nothing", at, kind="bulk")
            check("a share that isn't there", result["failed"] == 1 and "0xc00000cc" in result["errors"][0], result["errors"])
        finally:
            os.killpg(smbd.pid, 15)
            smbd.wait()


def what_is_not_smb_is_told():
    with rpc.scripted(lambda sock, _: (sock.recv(1000), sock.sendall(b"HTTP/1.1 400 Bad Request\r\n" + b"\r\n" * 40))) as address:
        result = rpc.client("exchanges=1", address, kind="bulk")
    check("what isn't SMB2 is told", "not a message of SMB2" in result["errors"][0], result["errors"])
    with rpc.Server(kind="bulk") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(b"\x00\x00\x00\x2f\xffSMBr" + b"\x00" * 100)
            sock.settimeout(10)
            check("who speaks SMB1 is left", sock.recv(100) == b"")


smbclient_gets_a_file()
ours_copies_from_ours()
ours_copies_from_samba()
what_is_not_smb_is_told()
