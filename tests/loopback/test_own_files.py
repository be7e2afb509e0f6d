#!/usr/bin/env python3
"""What wedge may write to that is there already: a journal appends to journals, a capture replaces captures of wedge's, and
secrets go only where nobody else can read or change them. Everything else is refused in one line and stays as it was."""
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
import tls_rig  # noqa: E402

THESIS = "\\documentclass{article}\n"
NSS = "CLIENT_RANDOM " + "00" * 32 + " " + "11" * 48 + "\n"
BASE = ["proxy", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9"]
INTERCEPT = ["--tls", "intercept", "--upstream", "127.0.0.1:9"]
root = os.getuid() == 0
folder = tempfile.mkdtemp()


def path(name):
    return os.path.join(folder, name)


def put(name, text, mode=0o600):
    with open(path(name), "w", encoding="latin-1") as f:
        f.write(text)
    os.chmod(path(name), mode)
    return path(name)


def tree():
    """Names, modes, owners, inodes and contents."""
    found = {}
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            p = os.path.join(at, name)
            st = os.lstat(p)
            data = b""
            if os.path.isfile(p) and not os.path.islink(p):
                with open(p, "rb") as f:
                    data = f.read()
            found[p] = (st.st_mode, st.st_uid, st.st_ino, st.st_nlink, data)
    return found


def refused(what, needle, *args):
    before = tree()
    r = subprocess.run([rig.WEDGE, *BASE, *args], capture_output=True, text=True, timeout=20, check=False)
    ok = r.returncode == 2 and not r.stdout and r.stderr.count("\n") == 1 and needle in r.stderr
    rig.check("%s: refused" % what, ok, "%d %r" % (r.returncode, r.stderr))
    rig.check("    and everything is as it was", tree() == before)


def taken(what, *args, mask=None):
    old = os.umask(mask) if mask is not None else None
    with rig.Proxy("127.0.0.1:9", *args) as p:
        rig.check("%s: taken" % what, p.port > 0)
    if old is not None:
        os.umask(old)


def mode(name):
    return os.stat(path(name)).st_mode & 0o777


def check_journals():
    journal = ["--journal"]
    refused("a thesis as a journal", "isn't a journal", *journal, put("thesis.tex", THESIS))
    refused("JSON that is none of wedge's", "isn't a journal", *journal, put("other.json", '{"t":1,"event":"x"}\n'))
    os.symlink("thesis.tex", path("tothesis"))
    refused("a link to a thesis", "isn't a journal", *journal, path("tothesis"))
    taken("a new journal", *journal, path("j"))
    size = os.stat(path("j")).st_size
    taken("a journal", *journal, path("j"))
    rig.check("    it is appended to", os.stat(path("j")).st_size > size)
    taken("an empty file", *journal, put("empty", ""))
    taken("a device", *journal, "/dev/null")


def check_key_logs():
    keys = ["--tls", "originate", "--tls-keylog"]
    refused("a thesis as a key log", "isn't a key log", *keys, put("own.tex", THESIS))
    refused("a key log that others can read", "chmod 600", *keys, put("k644", NSS, 0o644))
    refused("a key log that others can write", "chmod 600", *keys, put("k666", "", 0o666))
    refused("a key log for the group", "chmod 600", *keys, put("k620", "", 0o620))
    os.symlink(put("k", NSS), path("klink"))
    refused("a link to one's own key log", "link", *keys, path("klink"))
    os.symlink("nowhere", path("kdangling"))
    refused("a link to nowhere", "link", *keys, path("kdangling"))
    os.link(put("khard", NSS), path("khard2"))
    refused("a hard link", "names", *keys, path("khard"))
    os.mkfifo(path("kfifo"), 0o600)
    refused("a pipe", "keylog", *keys, path("kfifo"))
    refused("a device", "ordinary file", *keys, "/dev/null")
    refused("a folder", "keylog", *keys, folder)
    if root:
        os.chown(put("kother", NSS), 65534, 65534)
        refused("another user's key log", "another user", *keys, path("kother"))
    taken("one's own key log", *keys, path("k"))
    taken("a new key log under umask 0", *keys, path("knew"), mask=0)
    rig.check("    is its owner's alone", mode("knew") == 0o600)
    taken("a new key log under umask 777", *keys, path("knew2"), mask=0o777)
    rig.check("    can be read by its owner", mode("knew2") == 0o600)


def check_authority():
    ca = ["--tls", "intercept", "--tls-ca"]
    os.mkdir(path("ca"))
    os.chmod(path("ca"), 0o777)
    put("ca/ca.key.new", THESIS)
    put("ca/ca.pem.new", THESIS)
    taken("a folder with a thesis named ca.key.new", *ca, path("ca"), mask=0)
    rig.check("    it stays", sorted(os.listdir(path("ca"))) == ["ca.key", "ca.key.new", "ca.pem", "ca.pem.new"] and
              open(path("ca/ca.key.new"), encoding="ascii").read() == THESIS, str(os.listdir(path("ca"))))
    rig.check("    the key is its owner's alone under umask 0", mode("ca/ca.key") == 0o600)
    taken("the same again", *ca, path("ca"))
    os.chmod(path("ca/ca.key"), 0o644)
    refused("a CA's key that others can read", "chmod 600", *ca, path("ca"))
    os.chmod(path("ca/ca.key"), 0o600)
    os.rename(path("ca/ca.key"), path("real.key"))
    os.symlink("../real.key", path("ca/ca.key"))
    refused("a CA's key that is a link", "link", *ca, path("ca"))
    os.unlink(path("ca/ca.key"))
    os.link(path("real.key"), path("ca/ca.key"))
    refused("a CA's key with two names", "names", *ca, path("ca"))
    os.unlink(path("real.key"))
    if root:
        os.chown(path("ca/ca.key"), 65534, 65534)
        refused("a CA's key of another user's", "another user", *ca, path("ca"))
    put("ca/ca.key", "")
    os.unlink(path("ca/ca.key"))
    put("ca/ca.pem", THESIS)
    refused("a folder with another's ca.pem", "ca.key", *ca, path("ca"))


def check_captures():
    capture = ["--capture"]
    r = subprocess.run([rig.WEDGE, *BASE, "--capture", "/nowhere/x"], capture_output=True, text=True, timeout=20, check=False)
    if not root or "has no --capture" in r.stderr:
        return
    refused("a thesis as a capture", "isn't a capture", *capture, put("c.tex", THESIS))
    with open(path("foreign.pcapng"), "wb") as f:  # another program's section, and an old pcap file
        f.write(bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"))
    refused("another program's capture", "isn't a capture", *capture, path("foreign.pcapng"))
    put("leg-client.pcapng", THESIS)
    refused("a thesis where a leg's file is to be", "isn't a capture", *capture, path("leg.pcapng"))
    os.symlink("c.tex", path("clink"))
    refused("a link", "link", *capture, path("clink"))
    os.symlink("nowhere", path("cdangling"))
    refused("a link to nowhere", "link", *capture, path("cdangling"))
    os.chown(put("cother", ""), 65534, 65534)
    refused("another user's file", "another user", *capture, path("cother"))
    taken("a new capture", *capture, path("c.pcapng"))
    taken("a capture of wedge's", *capture, path("c.pcapng"))
    p = rig.Proxy("127.0.0.1:9", *capture, path("late.pcapng")).p
    put("late.pcapng", THESIS)
    p.terminate()
    status = p.wait(20)
    with open(path("late.pcapng"), encoding="ascii") as f:
        kept = [n for n in os.listdir(folder) if n.startswith("late.pcapng.")]
        rig.check("a thesis that comes under the capture's name while wedge runs stays", f.read() == THESIS)
    rig.check("    and the capture is kept beside it, which is told", len(kept) == 1 and status != 0, "%s %s" % (kept, status))
    check_secret_capture()


def answer(server, context):
    with context.wrap_socket(server.accept()[0], server_side=True) as s:
        s.recv(4096)
        s.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")


def check_secret_capture():
    cert, key = tls_rig.make_certificate(folder, "one.test")
    server = rig.listener()
    port = server.getsockname()[1]
    threading.Thread(target=answer, args=(server, tls_rig.server_context(cert, key)), daemon=True).start()
    old = os.umask(0)
    put("s.pcapng", "", 0o666)
    with rig.Proxy("127.0.0.1:%d" % port, "--tls", "intercept", "--tls-ca", path("ca2"), "--capture",
                   path("s.pcapng")) as p:
        subprocess.run(["curl", "-sk", "https://127.0.0.1:%d/" % p.port], capture_output=True, timeout=20, check=False)
    os.umask(old)
    with open(path("s.pcapng"), "rb") as f:
        data = f.read()
    rig.check("a capture with secrets is its owner's alone under umask 0, where 0666 was", mode("s.pcapng") == 0o600 and
              b"CLIENT_" in data, "%o" % mode("s.pcapng"))


check_journals()
check_key_logs()
check_authority()
check_captures()
subprocess.run(["rm", "-r", folder], check=True)
rig.finish()
