#!/usr/bin/env python3
"""What the PROXY protocol can't be asked for is refused before anything runs: one line that says what and where, status 2;
on the command line as in a file."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig

EXPLICIT = ("--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9")
ROW = "proxies: [{name: a, listen: ':1', upstream: 'a:1', proxy_protocol: %s}]"
FORWARD = "proxies: [{name: a, mode: forward, server: ':1', proxy_protocol: %s}]"
TRANSPARENT = "proxies: [{name: a, mode: transparent, in: eth1, proxy_protocol: %s}]"


def refused(what, said, *args):
    r = subprocess.run([rig.WEDGE, "proxy", *args], capture_output=True, text=True, timeout=20)
    ok = r.returncode == 2 and r.stderr.startswith("wedge: proxy: ") and r.stderr.count("\n") == 1 and not r.stdout
    rig.check(what, ok and all(s in r.stderr for s in said), "%d %r" % (r.returncode, r.stderr))


refused("a version that isn't one", ["--proxy-protocol-out", "'v3'", "v1, v2"], *EXPLICIT, "--proxy-protocol-out", "v3")
refused("no version", ["--proxy-protocol-out needs a value"], *EXPLICIT, "--proxy-protocol-out")
refused("a slip", ["did you mean --proxy-protocol-in?"], *EXPLICIT, "--proxy-protocl-in")
refused("a header that nobody sends", ["--proxy-protocol-in", "mode explicit"], "--transparent", "--in", "lo",
        "--proxy-protocol-in")
for option in (("--proxy-protocol-in",), ("--proxy-protocol-out", "v1")):
    refused("forward: " + option[0], [option[0], "terminates nothing"], "--forward", "--server", ":80", *option)
    refused("beside a file: " + option[0], [option[0], "can't stand beside --config"], "--config", "x", *option)

# The place that is told is where @ stands.
for text, said in ((ROW % "@v2", "takes a mapping, like proxy_protocol: {out: v2}"), (ROW % "{out: @v3}", "out: 'v3' is no choice"),
                   (ROW % "{out: @[v1]}", "out takes a single value"), (ROW % "{in: @perhaps}", "neither true nor false"),
                   (ROW % "{@inn: yes}", "did you mean 'in'?"), (FORWARD % "{out: @v1}", "out: mode forward terminates nothing"),
                   (FORWARD % "{out: v1, in: @yes}", "in: mode forward terminates nothing"),
                   (TRANSPARENT % "{out: v1, in: @yes}", "in: it is for mode explicit")):
    status, _, stderr = config_rig.check(text.replace("@", ""))
    rig.check("in a file: " + text, status == 2 and "FILE:1:%d:" % (text.index("@") + 1) in stderr and said in stderr and
              stderr.count("\n") == 1, stderr)
for text in (ROW % "{}", ROW % "{in: yes, out: v1}", ROW % "{in: no, out: none}", FORWARD % "{in: no}", TRANSPARENT % "{out: v2}"):
    status, _, stderr = config_rig.check(text)
    rig.check("in a file, and right: " + text, status == 0, stderr)
rig.finish()
