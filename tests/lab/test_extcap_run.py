#!/usr/bin/env python3
"""A run of a lab can be looked at while it goes on: it is in the list, and what is shown is what its captures have in the end,
packet by packet, on the same interfaces and with the same comments, through all phases."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from live_rig import FIELDS, comments, frames, is_tcp  # noqa: E402
from proxy_rig import WEDGE, check, finish, wait_for  # noqa: E402
from run_rig import need  # noqa: E402

need("tshark")
PHASES = ("baseline", "impaired")


def packets(path, chosen=lambda f: True):
    return [tuple(f[field] for field in (*FIELDS, "frame.time_epoch")) for f in frames(path, lambda f: is_tcp(f) and chosen(f))]


with tempfile.TemporaryDirectory() as folder:
    runs = os.path.join(folder, "run")
    os.mkdir(runs, 0o700)
    os.environ.update(XDG_RUNTIME_DIR=runs)
    out, live = os.path.join(folder, "out"), os.path.join(folder, "live.pcapng")
    run = subprocess.Popen([WEDGE, "run", "exchange-delayed-ack", "--seed", "1", "--phase", PHASES[0], "--phase", PHASES[1], "--out", out],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def listed():
        p = subprocess.run([WEDGE, "extcap", "--extcap-interfaces"], capture_output=True, text=True, check=False)
        return [line for line in p.stdout.splitlines() if "{display=wedge: exchange-delayed-ack (" in line]
    line = wait_for(listed, 30)
    check("a run is in the list", bool(line), str(line))
    name = line[0].split("{value=")[1].split("}")[0] if line else "wedge-0"
    with open(live, "wb") as f:
        watch = subprocess.run([WEDGE, "extcap", "--capture", "--extcap-interface", name, "--fifo", "-"], stdout=f,
                               stderr=subprocess.PIPE, text=True, check=False, timeout=300)
    check("it ends with the run", watch.returncode == 0, watch.stderr)
    said = run.communicate(timeout=300)[1]
    check("which has its verdict", run.returncode in (0, 1), said)
    for end in ("client", "server"):
        kept = [os.path.join(out, "%s-%s.pcapng" % (phase, end)) for phase in PHASES]
        wanted = [p for path in kept for p in packets(path)]
        on_leg = packets(live, lambda f, end=end: f["frame.interface_description"].startswith(end))
        check("what is shown of the %s leg is what its captures have" % end, on_leg == wanted and len(wanted) > 100, "%d, %d" % (len(on_leg), len(wanted)))
        of = {f["frame.interface_name"] for f in frames(live, lambda f: f["frame.interface_description"].startswith(end))}
        texts = sorted(text for path in kept for _, _, text in comments(path))
        shown = sorted(text for _, where, text in comments(live) if where in of)
        check("with their comments", texts == shown and len(texts) >= 60, "%d, %d: %s" % (len(shown), len(texts), set(texts) ^ set(shown)))
    check("nothing is left of it", os.listdir(os.path.join(runs, "wedge")) == [])
finish()
