#!/usr/bin/env python3
"""What wedge exec ends when its command is over is its own: processes of somebody else live on, though their mount
namespaces have come into being when the command's was gone, while its last bytes were still on their way. The kernel
numbers namespaces by the lowest free number, so the first of them would have the command's."""
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from exec_rig import Exec, check, environment, main, skip  # noqa: E402

rig = Exec()
STRANGERS = 12

COMMAND = """
import os, socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"x" * 1000)
print(os.stat("/proc/self/ns/mnt").st_ino, flush=True)
"""


# One shell for all, in a user namespace where an ordinary user may make the others; made before, so that its own
# namespace doesn't take the number.
STRANGER = "stat -Lc %i /proc/self/ns/mnt && exec sleep 30"
MAKER = f"echo ready; while read -r x; do unshare --mount sh -c '{STRANGER}' & done; kill $(jobs -p); wait"


def start_maker(user):
    maker = subprocess.Popen([*rig.words(user)[:-1], "unshare", "--map-root-user", "bash", "-c", MAKER], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if maker.stdout.readline() != "ready\n":
        maker.wait()
        skip(f"as {user}: unshare makes no user namespace")
    return maker


def strangers_live(user):
    maker = start_maker(user)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        wedge = rig.start(user, "exec", "--impair", "latency{direction=upstream,delay=1s}", "--", "python3", "-c",
                          COMMAND, str(server.getsockname()[1]), stdin=subprocess.DEVNULL, env=environment())
        connection = server.accept()[0]
        number = wedge.stdout.readline()
        time.sleep(0.3)  # the command ends, its bytes are still held
        maker.stdin.write("one\n" * STRANGERS)
        maker.stdin.flush()
        numbers = [maker.stdout.readline() for _ in range(STRANGERS)]
        check(wedge.poll() is None, f"{user}: wedge waits for the command's last bytes")
        check(len(connection.recv(1000, socket.MSG_WAITALL)) == 1000, f"{user}: and sends them")
        check(wedge.wait(20) == 0, f"{user}: then it ends as the command: {wedge.returncode}")
        with open(f"/proc/{maker.pid}/task/{maker.pid}/children", encoding="ascii") as f:
            living = [pid for pid in f.read().split()
                      if open(f"/proc/{pid}/comm", encoding="ascii").read() == "sleep\n"]
        maker.stdin.close()
        maker.wait(10)
        check(len(living) == STRANGERS, f"{user}: {len(living)} of {STRANGERS} strangers live")
        check(number not in numbers, f"{user}: none of them got the number of the command's namespace")


def children_of_before_live(user):
    """A shell's job goes on when the shell becomes wedge, and so does what that job leaves behind."""
    shell = "sleep 30 & echo $!; (sleep 0.2; sleep 29 & echo $!) & exec ./wedge exec -- sleep 0.6"
    with subprocess.Popen([*rig.words(user)[:-1], "bash", "-c", shell], text=True, stdout=subprocess.PIPE, cwd=rig.folder,
                          env=environment()) as p:
        pids = [int(p.stdout.readline()) for _ in range(2)]
        check(p.wait(20) == 0, f"{user}: wedge ends as the command")
        names = [open(f"/proc/{pid}/comm", encoding="ascii").read() for pid in pids]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        check(names == ["sleep\n"] * 2, f"{user}: its older child lives, and what another one has left: {names}")


main(rig, strangers_live, children_of_before_live)
