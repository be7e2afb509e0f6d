#!/usr/bin/env python3
"""What wedge exec keeps of its host, judged by real programs: a made user's ssh reads root's files that its configuration
includes, and he may give a file to his second group where /etc/subgid says so; root without CAP_SYS_ADMIN, and a user who
has the capabilities, keep all ids; curl binds to interfaces by name and reaches link-local addresses by their zone, and
the server sees where that came from. A limit of namespaces is named when it is reached."""
import os
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, environment, need, skip  # noqa: E402

need("ip", "unshare", "nsenter", "setpriv", "curl")
rig = Exec()
if os.getuid() != 0:
    skip("only root can make users and hosts up")
UID = 23456
AS_USER = f"setpriv --reuid {UID} --regid {UID} --init-groups"
CAPS = "+sys_admin,+net_admin,+net_bind_service"
ETC = r"""
set -e
mkdir etc home; cp /etc/passwd /etc/group etc/; chown {uid}:{uid} home
echo "probe:x:{uid}:{uid}::$PWD/home:/bin/sh" >>etc/passwd
printf 'probe:x:{uid}:\nextra:x:23457:probe\n' >>etc/group
printf '%s' '{subid}' >etc/subgid
printf 'Include /etc/ssh/ssh_config.d/*.conf\n' >etc/ssh_config; mkdir etc/d
printf 'Compression yes\n Include "%s/etc/more"\n' "$PWD" >etc/d/20-stock.conf; printf 'Port 2022\n' >etc/more
mount -t tmpfs none /etc/ssh; mkdir /etc/ssh/ssh_config.d; cp etc/ssh_config /etc/ssh/; cp etc/d/* /etc/ssh/ssh_config.d/
mount --bind etc/passwd /etc/passwd; mount --bind etc/group /etc/group
touch /etc/subgid; mount --bind etc/subgid /etc/subgid
export HOME=$PWD/home
exec {words}
"""
LOOK = r"""ssh -G somehost 2>&1 | grep -E '^(compression|port) |Bad owner'; touch "$HOME/f"
chgrp extra "$HOME/f" 2>&1; stat -c %g "$HOME/f"; stat -c %u /usr"""
NETWORK = r"""
set -e
ip link set lo up; unshare -n sleep 60 & other=$!
trap 'kill $other $server 2>/dev/null' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
in="nsenter -n -t $other"
for i in 0 1; do
    ip link add eth$i type veth peer name s$i netns $other
    ip addr add 192.0.2.$((5 + i * 128))/25 dev eth$i; ip link set eth$i up
    $in ip addr add 192.0.2.$((1 + i * 128))/25 dev s$i; $in ip addr add fe80::1/64 dev s$i nodad; $in ip link set s$i up
done
$in ip link set lo up; $in ip addr add 198.51.100.1/32 dev lo; ip route add default via 192.0.2.1
$in python3 server.py & server=$!
until $in ss -tln | grep -q :80; do sleep 0.05; done
for ns in "" "$in"; do while $ns ip -6 addr show tentative | grep -q inet6; do sleep 0.05; done; done
"""
SERVER = r"""
import socket
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("::", 80))
s.listen()
while True:
    c, peer = s.accept()
    try:
        c.recv(1000)
        c.send(("HTTP/1.0 200 OK\r\n\r\n%s %%%d\n" % (peer[0], peer[3])).encode())
    except OSError:
        pass
    c.close()
"""
FAR, NEAR = "http://198.51.100.1/", ("http://192.0.2.1/", "http://192.0.2.129/")
ZONED = ("http://[fe80::1%25eth0]/", "http://[fe80::1%25eth1]/")
ASKS = [(url,) for url in (FAR, *NEAR, *ZONED)] + [
    ("--interface", how, url) for how, url in (
        ("eth0", FAR), ("eth0", ZONED[0]), ("eth1", FAR), ("eth1", NEAR[1]), ("eth1", ZONED[1]), ("192.0.2.5", FAR), ("192.0.2.133", FAR),
        ("192.0.2.5", NEAR[1]), ("192.0.2.133", NEAR[0]),
        ("if!nosuch0", FAR))]


def as_made_user(how, subid="", before=AS_USER):
    """What LOOK says through wedge, in a mount namespace in which that user exists."""
    folder = rig.path(how.replace(" ", "-"))
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    words = f"{before} {shlex.join([rig.wedge, 'exec', '--', 'sh', '-c', LOOK])}"
    p = subprocess.run(["unshare", "-m", "sh", "-c", ETC.format(uid=UID, subid=subid, words=words)], cwd=folder,
                       capture_output=True, text=True, env=environment(), check=False)
    return p.stdout.split("\n")[:-1], p.stderr.strip()


def ids_are_kept():
    if not shutil.which("ssh"):
        return print("not tried: no ssh")
    asked = ["port 2022", "compression yes"]
    said, error = as_made_user("a user")
    check(said[:2] == asked and said[-1] == "65534", f"a user: ssh reads root's files: {said} {error}")
    check("Invalid argument" in said[2], f"a user: and can't give a file to his second group: {said}")
    said, error = as_made_user("root without CAP_SYS_ADMIN", before="setpriv --bounding-set -sys_admin")
    check(said == [*asked, "23457", "0"], f"root without CAP_SYS_ADMIN: {said} {error}")
    said, error = as_made_user("root", before="")
    check(said == [*asked, "23457", "0"], f"root: {said} {error}")
    said, error = as_made_user("capabilities", before=f"{AS_USER} --inh-caps {CAPS} --ambient-caps {CAPS}")
    check(said == [*asked, "23457", "0"], f"a user with the capabilities: {said} {error}")
    if not shutil.which("newgidmap"):
        return print("not tried: no newgidmap")
    said, error = as_made_user("a line of subgid", subid="probe:23457:1\n")
    check(said == [*asked, "23457", "65534"], f"a user with a line of /etc/subgid: {said} {error}")


def interfaces_are_kept(user):
    rig.file("server.py", SERVER)
    curl = "\n".join(f"curl -sS -m 5 {shlex.join(a)} 2>&1 | sed 's/ after.*//'" for a in ASKS)
    look = f"{curl}\npython3 -c 'import socket; print(socket.if_nametoindex(\"eth1\"))'; ip -o -4 addr show dev eth0"
    outside, inside = (shlex.join([*before, "sh", "-c", look]) for before in
                       ([*rig.words(user)[:-1]], [*rig.words(user, "exec", "--")]))
    said = subprocess.run(["unshare", "-nm", "sh", "-c", f"{NETWORK}\n{outside}\necho +\n{inside}"], cwd=rig.folder,
                          capture_output=True, text=True, env=environment(), check=False)
    without, _, through = said.stdout.partition("+\n")
    check(without.count("192.0.2.133") >= 3, f"{user}: such a host can be made: {said.stdout} {said.stderr}")
    check(through, f"{user}: wedge runs there: {said.stderr.strip()}")
    for ask, out, within in zip([" ".join(a) for a in ASKS] + ["index", "address"], without.splitlines(), through.splitlines(), strict=False):
        check(ask == "address" or out == within, f"{user}: curl {ask}: {within!r}, without wedge {out!r}")
    check("192.0.2.5/25" in through, f"{user}: the address has its prefix")


def limits_are_named():
    for limit in ("user", "net"):
        text = f"echo 0 >/proc/sys/user/max_{limit}_namespaces; exec setpriv --bounding-set -sys_admin \"$@\""
        p = subprocess.run(["unshare", "-Ur", "sh", "-c", text, "sh", rig.wedge, "exec", "--", "true"], text=True,
                           capture_output=True, check=False, env=environment(), cwd=rig.folder)
        check(p.returncode == 125 and f"user.max_{limit}_namespaces is 0" in p.stderr and "CAP_" not in p.stderr and
              p.stderr.count("\n") == 1, f"no {limit} namespace is left: {p.returncode} {p.stderr.strip()}")


ids_are_kept()
for name in rig.users:
    interfaces_are_kept(name)
limits_are_named()
