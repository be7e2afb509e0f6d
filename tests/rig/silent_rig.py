"""A network namespace of a test's own, in which servers can be made silent: SYNs to them get no answer, as from a host
behind a filter that drops. Importing it moves the test into the namespace, or skips it."""
import os
import subprocess
import sys

if os.environ.get("WEDGE_TEST_NAMESPACE") != "made":
    env = dict(os.environ, WEDGE_TEST_NAMESPACE="made")
    probe = ("mount -t tmpfs none /tmp && ip link set lo up && nft add table inet t && nft add chain inet t c "
             "'{ type filter hook input priority 0; }'")
    if subprocess.run(["unshare", "-Urmn", "sh", "-c", probe], capture_output=True).returncode:
        print("namespaces with nftables can't be made here")
        sys.exit(77)
    os.execvpe("unshare", ["unshare", "-Urmn", sys.executable, *sys.argv], env)

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def nft(text):
    subprocess.run(["nft", text], check=True)


nft("add table inet silent; add chain inet silent input { type filter hook input priority 0; }")


def silence(host, port, packets="tcp flags & (syn|ack) == syn"):
    """What comes to the server is dropped: its clients' SYNs, or other packets."""
    nft("add rule inet silent input %s daddr %s tcp dport %d %s counter drop"
        % ("ip6" if ":" in host else "ip", host, port, packets))


def speak():
    """Nobody is silent any more."""
    nft("flush chain inet silent input")


def dropped():
    """How many packets have been, since nobody was silent."""
    out = subprocess.run(["nft", "list", "chain", "inet", "silent", "input"], capture_output=True, text=True).stdout
    return sum(int(line.split("counter packets ")[1].split()[0]) for line in out.splitlines() if "counter" in line)


def own_files(folder, resolv_conf):
    """/etc/hosts, empty, and /etc/resolv.conf of the test's own, for the programs that it starts."""
    for name, text in (("hosts", ""), ("resolv.conf", resolv_conf)):
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o644)
        subprocess.run(["mount", "--bind", path, "/etc/" + name], check=True)


def write_hosts(*lines):
    """In place: the file is a mount point."""
    with open("/etc/hosts", "w") as f:
        f.write("".join(line + "\n" for line in lines))
