"""own_network - a play starts itself again in namespaces of its own: ports are free there, packets can be queued, rules are
nobody else's, and no process is left when it ends, however it does."""
import os
import shutil
import subprocess
import sys

ENTERED = "WEDGE_OWN_NETWORK"


def enter(*tools):
    """Comes back inside, with loopback up; exit 77 where there is no namespace or tool."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in ("unshare", "ip", *tools):
        if not shutil.which(tool):
            print(f"skipped: no {tool} here")
            sys.exit(77)
    if ENTERED not in os.environ:
        user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        words = ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
            print("skipped: no network namespace here")
            sys.exit(77)
        os.execvpe("unshare", [*words, sys.executable, *sys.argv], dict(os.environ, **{ENTERED: "yes"}))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
