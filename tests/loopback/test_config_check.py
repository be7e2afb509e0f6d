#!/usr/bin/env python3
"""wedge proxy --check: a configuration is valid as a whole, or refused with the place of what is wrong and what
would be accepted; the command line and a file are not mixed."""
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import config_rig
import proxy_rig as rig

A = "{name: a, listen: 127.0.0.1:81, upstream: 'h:80'}"

GOOD = [
    ("proxies: []", "0 proxies (0 disabled), 0 impairments"),
    ("proxies: [%s]" % A, "1 proxy (0 disabled), 0 impairments"),
    ("seed: 18446744073709551615\njournal: x\nlog: debug\nproxies: [%s]" % A, "1 proxy (0"),
    ("proxies:\n- %s\n- {name: b, listen: 127.0.0.2:81, upstream: 'h:80', enabled: no}" % A, "2 proxies (1 dis"),
    ("proxies: [{name: a, listen: ':0', upstream: 'h:1'}, {name: b, listen: ':0', upstream: 'h:1'}]", "2 proxies (0"),
    ("proxies: [{name: a, mode: forward, server: '192.0.2.1:80'}]", "1 proxy (0"),
    ("proxies: [{name: a, listen: 'localhost:http', upstream: 'http://h/'}, {name: b, listen: '*:81', upstream: 'tcp://h:80'}]",
     "2 proxies (0"),
    ("proxies: [{name: a, listen: ':81', upstream: 'h:80', impairments: &i [{latency: {delay: 100 MS, jitter: 5 ms}}]}, "
     "{name: b, listen: ':82', upstream: 'h:80', impairments: *i}]", "2 proxies (0 disabled), 2 impairments"),
    ("proxies: [%s, {name: f, mode: forward, server: 127.0.0.1:81}]" % A, "2 proxies (0"),
    ("proxies: [{name: v6, listen: '[::1]:81', upstream: '[::1]:80'}, %s]" % A, "2 proxies (0"),
]

# The file, the place, a part of what is said.
BAD = [
    ("", "1:1", "the key 'proxies'"),
    ("[]", "1:1", "the key 'proxies'"),
    ("seed: 1", "1:1", "'proxies' is missing"),
    ("proxies: 7", "1:10", "proxies are a list, like [{name: web, listen:"),
    ("proxies: [7]", "1:11", "a mapping"),
    ("proxies: []\nproxys: []", "2:1", "did you mean 'proxies'?"),
    ("proxies: []\nseed: -1", "2:7", "seed: '-1'"),
    ("proxies: []\nseed: 18446744073709551616", "2:7", "seed: "),
    ("proxies: []\nseed: [1]", "2:7", "seed takes a single value"),
    ("proxies: []\nlog: loud", "2:6", "one of error, warning, info, debug"),
    ("proxies: [{}]", "1:11", "a proxy needs a name"),
    ("proxies: [{nam: a}]", "1:12", "did you mean 'name'?"),
    ("proxies: [{name: 'a b', listen: ':1', upstream: 'h:1'}]", "1:18", "'a b' is no name; 1 to 64 letters"),
    ("proxies: [{name: '', listen: ':1', upstream: 'h:1'}]", "1:18", "name: '' is no name; 1 to 64"),
    ("proxies: [{name: %s}]" % ("x" * 65), "1:18", "is no name"),
    ("proxies: [{name: a, upstream: 'h:1'}]", "1:11", "proxy 'a': the key 'listen' is missing; for instance listen: 127.0.0.1:8080"),
    ("proxies: [{name: a, listen: ':1'}]", "1:11", "the key 'upstream' is missing; for instance"),
    ("proxies: [{name: a}]", "1:11", "the keys 'listen' and 'upstream' are missing; for instance listen: "
     "127.0.0.1:8080, upstream: 192.0.2.1:80"),
    ("proxies: [{name: a, listen: 80, upstream: 'h:1'}]", "1:29", "a port without an address; :80 would be"),
    ("proxies: [{name: a, listen: 'myhost:80', upstream: 'h:1'}]", "1:29", "has a name; an address of this host"),
    ("proxies: [{name: a, listen: ':65536', upstream: 'h:1'}]", "1:29", "65536"),
    ("proxies: [{name: a, listen: ':1', upstream: 'h:0'}]", "1:45", "from 1 to 65535"),
    ("proxies: [{name: a, listen: ':1', upstream: 'h'}]", "1:45", "upstream: "),
    ("proxies: [{name: a, listen: ':1', upstream: 'h:1', enabled: perhaps}]", "1:61", "neither true nor false"),
    ("proxies: [{name: a, mode: explict, listen: ':1', upstream: 'h:1'}]", "1:27", "did you mean 'explicit'?"),
    ("proxies: [{name: a, mode: forward, server: ':0'}]", "1:44", "an address or a port is needed"),
    ("proxies: [{name: a, mode: forward}]", "1:11", "the key 'server' is missing"),
    ("proxies: [{name: a, mode: forward, server: ':1', listen: ':2'}]", "1:58", "'listen' is for mode explicit"),
    ("proxies: [{name: a, listen: ':1', upstream: 'h:1', server: ':2'}]", "1:60", "'server' is for mode forward"),
    ("proxies:\n- %s\n- {name: a, listen: ':82', upstream: 'h:1'}" % A, "3:10", "already a proxy 'a'"),
    ("proxies:\n- %s\n- {name: b, listen: '127.0.0.1:81', upstream: 'h:1'}" % A, "3:21", "meets that of proxy 'a'"),
    ("proxies:\n- %s\n- {name: b, listen: ':81', upstream: 'h:1'}" % A, "3:21", "meets that of proxy 'a'"),
    ("proxies:\n- %s\n- {name: b, listen: '0.0.0.0:81', upstream: 'h:1', enabled: no}" % A, "3:21", "meets that"),
    ("proxies: [{name: a, mode: forward, server: ':1'}, {name: b, mode: forward, server: '192.0.2.1:1'}]", "1:84",
     "meets that of proxy 'a'"),
    ("proxies: [%s]" % ",".join("{name: p%d, listen: ':0', upstream: 'h:1'}" % i for i in range(1001)), "1:10",
     "1001 proxies; at most 1000"),
    ("proxies: [" + "{}," * 300000 + "]", "1:10", "at most 1000"),
    ("proxies: [" + "{}," * 1000000 + "]", "", "more than 1048576 bytes"),
    ("proxies: [" * 40, "", ""),
    ("proxies: [%s" % A, "", ""),
    ("proxies: []\n\x00", "2:1", "not text"),
]

A_WITH = "proxies: [{name: a, listen: ':1', upstream: 'h:1', impairments: %s}]"
F_WITH = "proxies: [{name: a, mode: forward, server: ':1', impairments: %s}]"
IMPAIRMENTS = [
    (A_WITH % "[{stal: {}}]", "1:67", "did you mean 'stall'?"),
    (A_WITH % "{stall: {}}", "1:65", "impairments are a list"),
    (A_WITH % "[{bandwidth: {rate: 0}}]", "1:79", "rate"),
    (A_WITH % "[{latency: {delay: -1ms}}]", "1:77", "delay"),
    (A_WITH % "[{latency: {dely: 1ms}}]", "1:77", "did you mean 'delay'?"),
    (A_WITH % "[stall, {latency: {delay: 1ms, leg: client}}]", "1:96", "no leg"),
    (A_WITH % "[{stall: {on: web}}]", "1:65", "'on' names a traffic of a scenario"),
    (F_WITH % "[stall]", "1:63", "forwarded connections only pass by it"),
    (F_WITH % "[{delayed_ack: {leg: client}}]", "1:63", "forwarded connections have one leg"),
]


def refused(text, place, part):
    began = time.monotonic()
    status, out, err = config_rig.check(text)
    where = re.escape("FILE:" + place if place else "FILE")
    ok = status == 2 and out == "" and err.count("\n") == 1 and part in err
    ok = ok and re.match("wedge: proxy: " + where + (":[0-9: ]* |: ?" if not place else ": "), err)
    rig.check("refused: %.70r" % text, bool(ok) and time.monotonic() - began < 5, "" if ok else err.strip())


for text, said in GOOD:
    status, out, err = config_rig.check(text)
    rig.check("valid: %.70r" % text, status == 0 and err == "" and ("FILE: valid: " + said) in out, err.strip())
for row in BAD:
    refused(*row)
if config_rig.has_impairments():
    for row in IMPAIRMENTS:
        refused(*row)
    with open(os.path.join(os.environ["SOURCE_DIR"], "docs", "config-format.md"), encoding="utf-8") as f:
        examples = re.findall(r"```yaml\n(.*?)```", f.read(), re.S)
    rig.check("the documentation has an example", bool(examples))
    for text in examples:
        status, out, err = config_rig.check(text)
        rig.check("the documentation's example is valid", status == 0, err.strip() or out.strip())


def wedge(*args):
    r = subprocess.run([rig.WEDGE, "proxy", *args], capture_output=True, text=True, timeout=10)
    return r.returncode, r.stderr


with tempfile.NamedTemporaryFile("w") as f:
    f.write("proxies: []")
    f.flush()
    for option, value in (("--listen", ":0"), ("--upstream", "h:1")):
        for how in ("--config", "--check"):
            status, err = wedge(how, f.name, option, value)
            rig.check("%s beside %s is refused" % (option, how), status == 2 and err.count("\n") == 1 and
                      "%s can't stand beside %s" % (option, how) in err, err.strip())
    status, err = wedge("--check", f.name, "--config", f.name)
    rig.check("--check and --config too", status == 2 and "too much" in err, err.strip())
for how in ("--check", "--config"):
    status, err = wedge(how, "/nowhere/wedge.yaml")
    rig.check("%s of no file" % how, status == 2 and "can't read /nowhere/wedge.yaml: No such file" in err, err.strip())
    status, err = wedge(how, "/")
    rig.check("%s of a folder" % how, status == 2 and err.count("\n") == 1, err.strip())
rig.finish()
