#!/usr/bin/env python3
"""The words in which people write places, units, options and faults are taken where they have one
meaning, and else answered in one line with what would be accepted."""
import os
import subprocess

WEDGE = os.environ["WEDGE"]


def check(what, ok, said=""):
    assert ok, (what, said)
    print("ok  ", what)


def say(*args, stdin=""):
    """Status, standard output and standard error of a command that ends by itself."""
    p = subprocess.run([WEDGE, *args], input=stdin, capture_output=True, text=True, timeout=20)
    return p.returncode, p.stdout, p.stderr


def refused(says, *args):
    status, out, err = say(*args)
    check(f"refused: {' '.join(args)[:90]}",
          status == 2 and not out and err.count("\n") == 1 and says in err, err)


CONFIG = "proxies: [{name: a, listen: 'localhost:80', upstream: 'http://h/'}]"
status, out, err = say("proxy", "--check", "-", stdin=CONFIG)
check("--check - reads standard input", status == 0 and out.startswith("standard input: valid: 1 proxy"), out + err)
status, out, err = say("proxy", "--check", "-", stdin="proxies: [7]")
check("and tells its places", status == 2 and err.startswith("wedge: proxy: standard input:1:11: "), err)

for words in (["help"], ["--help"], ["-h"]):
    status, out, err = say(*words)
    check(f"wedge {words[0]}", status == 0 and out.startswith("usage: wedge COMMAND") and not err)
for command in ("proxy", "exec", "impairments"):
    check(f"wedge help {command}", say("help", command) == say(command, "--help") and say("help", command)[0] == 0)
check("wedge version", say("version") == say("--version") and say("version")[0] == 0)
refused("'nosuch' is no command", "help", "nosuch")

PLACE = ["--listen", "127.0.0.1:1", "--upstream", "127.0.0.1:1"]
refused("--seed: it is given twice", "proxy", *PLACE, "--seed", "1", "--seed", "2")
refused("--listen: it is given twice", "proxy", *PLACE, "--listen", ":2")
refused("a port without an address; :8080 would be", "proxy", "--listen", "8080", "--upstream", "h:1")
refused("h:443 is its place", "proxy", "--listen", ":1", "--upstream", "https://h/")
refused("names more than a place", "proxy", "--listen", ":1", "--upstream", "http://h/index.html")
for impair, says in (("bandwidth{rate=1Mbps}", "1Mbit/s or 1MB/s would do"),
                     ("stall{after=10K}", "is no amount"),
                     ("latency{delay=10M}", "10m or 10ms would do"),
                     ("throttle{rate=1mbit}", "bandwidth{rate=...} limits the rate"),
                     ("timeout", "Toxiproxy's timeout"),
                     ("stal", "did you mean 'stall'")):
    refused(says, "proxy", *PLACE, "--impair", impair)
refused("bandwidth{rate=...}", "impairments", "throttle")

# A value that is empty is a script's variable that nobody has set.
for option in ("--tls-ca", "--tls-cert", "--tls-key", "--tls-client-cert", "--tls-keylog", "--tls-ciphers", "--tls-alpn",
               "--journal", "--capture", "--impair", "--seed"):
    refused(option + ": ", "proxy", *PLACE, option + "=")
refused("--tls-ca: its value is empty; ", "proxy", *PLACE, "--tls-ca", "")
for command, option in (("list", "--catalog"), ("show", "--catalog"), ("run", "--catalog"), ("run", "--out")):
    refused(f"{option}: its value is empty; a folder's name is expected", command, option + "=", "exchange-delayed-ack")
for key in ("journal: ''", "capture:", "proxies: [{name: a, listen: ':1', upstream: 'h:1', tls: {ca: ''}}]"):
    status, out, err = say("proxy", "--check", "-", stdin=key + ("" if "proxies" in key else "\nproxies: []"))
    check(f"refused in a file: {key}", status == 2 and err.count("\n") == 1 and ": its value is empty" in err, err)
for impair in ('stall{name=""}', "stall{host=}", "latency{file=}", "connection_limit{reply=''}", 'filler{text=""}'):
    refused(": its value is empty; it takes a text (", "proxy", *PLACE, "--impair", impair)
status, out, err = say("exec", "")
check("refused: exec ''", status == 125 and err.count("\n") == 1 and "the command's name is empty" in err, err)
refused("--config: its value is empty; a file's name is expected", "proxy", "--config", "")
refused("--in: its value is empty; INTERFACE is expected", "proxy", "--transparent", "--in=")
refused("wedge show NAME tells of one scenario", "list", "")
refused("a capture's name is empty", "analyze", "")
for host in ("a b", "u@h", "a/b", "-h", "a..b", ".a", "[zz]", "[192.0.2.1]", "256.1.1.1", "h" * 64, "caf\u00e9", "a\tb"):
    refused("has no valid host; example.org:80", "proxy", "--listen", "127.0.0.1:1", "--upstream", host + ":80")
for host in ("a-b.example", "a_b", "example.org.", "127.1", "[::1]", "xn--caf-dma", "h" * 63):
    status, out, err = say("proxy", "--check", "-", stdin="proxies: [{name: a, listen: ':0', upstream: '%s:80'}]" % host)
    check(f"taken: {host}", status == 0, err)
