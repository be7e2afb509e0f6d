#!/usr/bin/env python3
"""The cards of well-known clients: client_cards.py [--limit TIME] [--only NAME,...] [--out FOLDER] WEDGE runs "wedge check" for
each client, with its defaults and with its timeout options, by HTTP and by HTTPS, and writes FOLDER/NAME.md for each and FOLDER/README.md, a table of
all. The web clients ask wedge's own server, the others a real one (client_servers.py), a new one for each cell. What isn't installed isn't
measured, and says so; a page that isn't measured again stays as it is, and README.md has its rows from there. Run by root,
since sshd and samba are root's. The status is 1 if a card couldn't be made."""
import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from client_servers import Servers  # noqa: E402

PYTHON = "/usr/bin/python3"
URLLIB = "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen(sys.argv[1]%s).read())"
NODE = "fetch(process.argv[1]%s).then(r => r.arrayBuffer()).then(b => process.stdout.write(Buffer.from(b)))"
JAVA = """import java.io.*;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.*;
public class Get {
    static SSLContext trust(String file) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = new FileInputStream(file)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
    public static void main(String[] a) throws Exception {
        var client = HttpClient.newBuilder();
        var request = HttpRequest.newBuilder(URI.create(a[1]));
        if (a[0].equals("timeouts")) {
            client.connectTimeout(Duration.ofSeconds(5));
            request.timeout(Duration.ofSeconds(10));
        }
        if (a.length > 2)
            client.sslContext(trust(a[2]));
        System.out.write(client.build().send(request.build(), BodyHandlers.ofByteArray()).body());
        System.out.flush();
    }
}
"""
# JVMs with the same number in namespaces of their own share a file in /tmp, and say so on standard output: -UsePerfData.
RUN_JAVA = "java -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp {keys} Get "
SQL = "select md5(i::text) from generate_series(1, 2000) i"
EVAL = "eval \"return string.rep('0123456789abcdef', 4096)\" 0"
SSH = "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i {keys}/id "
BAD = {"HUNG", "TRICKLE-BLIND"}  # It waits.
ENDS = {"DETECTED", "RETRIED-OK", "UNAFFECTED"}

ALL = "T01 T03 T04 T08 T09 T10 T11 T12 T13 T14".split()  # where a client of HTTP waits that has no limit
WAITS = "T01 T04 T10 T13 T14".split()
HANDSHAKE = ["T06", "T07"]


def all_of(points, grades):
    return dict.fromkeys(points, grades)


# Each: the page's name, the title, the command that tells the version, the protocol, and the server's name or None; its
# command lines, each with its heading; and what its documentation says: a sentence, the heading, and the grades that follow from it.
CLIENTS = [
    ("curl", "curl", "curl --version", "http", None,
     {"Defaults": "curl -sS {url}",
      "With timeouts": "curl -sS --connect-timeout 5 --max-time 10 {url}",
      "With a least rate": "curl -sS --speed-limit 100 --speed-time 10 {url}",
      "Two requests": "curl -sS {url} {url}",
      "Two requests, with timeouts": "curl -sS --max-time 5 {url} {url}",
      "POST with Expect": "curl -sS --connect-timeout 5 --max-time 10 -H 'Expect: 100-continue' -d wedge {url}",
      "HTTPS": "curl -sS {url}",
      "HTTPS, with timeouts": "curl -sS --connect-timeout 5 --max-time 10 {url}"},
     [("a connection may take 300 s, and the rest has no limit (CURLOPT_CONNECTTIMEOUT)", "Defaults", all_of(ALL, BAD)),
      ("--max-time bounds each transfer", "With timeouts", all_of(ALL, ENDS)),
      ("--speed-limit ends what is slower than so many bytes a second for --speed-time", "With a least rate",
       all_of(["T10", "T13", "T14"], ENDS)),
      ("a transfer has no limit, so the second one has none", "Two requests", all_of(["T22"], BAD)),
      ("an old connection is used again only if it is alive (everything.curl.dev, Connection reuse)",
       "Two requests", all_of(["T23"], ENDS)),
      ("--max-time bounds each transfer, so that two take twice as long", "Two requests, with timeouts",
       all_of([*ALL, "T22"], ENDS)),
      ("100 (Continue) is waited for for a second (--expect100-timeout)", "POST with Expect", all_of(["T26"], {"UNAFFECTED"})),
      ("a connection may take 300 s with its TLS handshake", "HTTPS", all_of(HANDSHAKE, BAD)),
      ("the connection phase that --connect-timeout bounds is complete when TLS's handshake is", "HTTPS, with timeouts",
       all_of(HANDSHAKE, ENDS)),
      ("an end without close_notify is an error in debug builds alone (curl/curl#17471)", "HTTPS, with timeouts",
       all_of(["T19"], {"SILENT-TRUNCATION"}))]),
    ("wget", "GNU Wget", "wget --version", "http", None,
     {"Defaults": "wget -nv -O - {url}",
      "With timeouts": "wget -nv -O - --timeout=5 --tries=2 {url}",
      "HTTPS, with timeouts": "wget -nv -O - --timeout=5 --tries=2 --ca-certificate={ca} {url}"},
     [("a read may be idle for 900 s; a connection has no limit but the kernel's (man wget)", "Defaults", all_of(WAITS, BAD)),
      ("it tries 20 times, each pause a second longer, to 10 s (--waitretry)", "Defaults", all_of(["T15"], BAD)),
      ("--timeout is for idleness, so that a trickle goes on", "With timeouts",
       all_of(["T13", "T10", "T01"], ENDS) | all_of(["T14"], BAD))]),
    ("urllib", "Python's urllib.request", f"{PYTHON} --version", "http", None,
     {"Defaults": f"{PYTHON} -c '{URLLIB % ''}' {{url}}",
      "With timeouts": f"{PYTHON} -c '{URLLIB % ', timeout=5'}' {{url}}",
      "HTTPS, with timeouts": f"{PYTHON} -c '{URLLIB % ', timeout=5'}' {{url}}"},
     [("without a timeout it waits for ever (bugs.python.org/issue8595)", "Defaults", all_of(WAITS, BAD)),
      ("an answer shorter than its Content-Length is IncompleteRead", "Defaults", all_of(["T15"], ENDS)),
      ("timeout= is that of each socket operation", "With timeouts",
       all_of(["T01", "T10", "T13"], ENDS) | all_of(["T14"], BAD)),
      ("timeout= is that of the TLS handshake, too", "HTTPS, with timeouts", all_of(HANDSHAKE, ENDS)),
      ("ssl takes an end without close_notify for the end of the answer (suppress_ragged_eofs)", "HTTPS, with timeouts",
       all_of(["T19"], {"SILENT-TRUNCATION"}))]),
    ("node-fetch", "Node's fetch", "node --version", "http", None,
     {"Defaults": f'node -e "{NODE % ""}" {{url}}',
      "With timeouts": f'node -e "{NODE % ", {signal: AbortSignal.timeout(10000)}"}" {{url}}',
      "HTTPS": f'node -e "{NODE % ""}" {{url}}'},
     [("undici: a connection may take 10 s, an answer's header 300 s, a pause of its body 300 s", "Defaults",
       all_of(["T01"], ENDS) | all_of(["T10", "T13", "T14"], BAD)),
      ("AbortSignal.timeout bounds the whole", "With timeouts", all_of("T01 T04 T10 T11 T12 T13 T14".split(), ENDS)),
      ("undici: a connection may take 10 s with its TLS handshake", "HTTPS", all_of(HANDSHAKE, ENDS))]),
    ("java-httpclient", "Java's HttpClient", "java -version", "http", None,
     {"Defaults": RUN_JAVA + "defaults {url}",
      "With timeouts": RUN_JAVA + "timeouts {url}",
      "HTTPS": RUN_JAVA + "defaults {url} {ca}",
      "HTTPS, with timeouts": RUN_JAVA + "timeouts {url} {ca}"},
     [("connecting and reading have no limit unless one is set", "Defaults", all_of(WAITS, BAD)),
      ("HttpRequest.timeout ends a request whose answer doesn't come", "With timeouts", all_of(["T01", "T04", "T10"], ENDS)),
      ("connecting has no limit unless one is set", "HTTPS", all_of(HANDSHAKE, BAD)),
      ("HttpRequest.timeout ends a request whose answer doesn't come", "HTTPS, with timeouts", all_of(HANDSHAKE, ENDS))]),
    ("git", "git clone, by HTTP", "git --version", "http", "git",
     {"Defaults": "git clone -q http://{host}:{port}/repo.git copy",
      "With timeouts": "git -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=5 clone -q http://{host}:{port}/repo.git copy"},
     [("http.lowSpeedLimit and http.lowSpeedTime are unset (git-config(1)), so curl's defaults are left", "Defaults",
       all_of(WAITS, BAD)),
      ("with them a transfer that is slower for so long is aborted", "With timeouts", all_of(["T10", "T13", "T14"], ENDS))]),
    ("psql", "psql", "psql --version", "postgres", "postgres",
     {"Defaults": f'psql -At "host={{host}} port={{port}} user=probe dbname=postgres" -c "{SQL}"',
      "With timeouts": f'psql -At "host={{host}} port={{port}} user=probe dbname=postgres connect_timeout=5 tcp_user_timeout=5000 '
                       f'keepalives_idle=2 keepalives_interval=1 keepalives_count=3" -c "{SQL}"'},
     [("connect_timeout is unset: it waits for ever; tcp_user_timeout is the system's", "Defaults", all_of(WAITS, BAD)),
      ("connect_timeout covers the handshake of the protocol", "With timeouts", all_of(["T01", "T04"], ENDS)),
      ("tcp_user_timeout ends a request that isn't acknowledged", "With timeouts", all_of(["T09"], ENDS)),
      ("nothing of libpq limits the time of an answer while the server's kernel acknowledges", "With timeouts",
       all_of(["T13", "T14"], BAD))]),
    ("redis-cli", "redis-cli", "redis-cli --version", "redis", "redis",
     {"Defaults": f"redis-cli -h {{host}} -p {{port}} {EVAL}"},
     [("it has no timeouts", "Defaults", all_of(WAITS, BAD))]),
    ("ssh", "OpenSSH's ssh", "ssh -V", "ssh", "sshd",
     {"Defaults": SSH + "-p {port} root@{host} seq 10000",
      "With timeouts": SSH + "-o ConnectTimeout=5 -o ServerAliveInterval=3 -o ServerAliveCountMax=2 -p {port} root@{host} seq 10000"},
     [("ConnectTimeout is unset: the kernel's; ServerAliveInterval 0 (ssh_config(5))", "Defaults",
       all_of("T01 T04 T05 T10 T13".split(), BAD)),
      ("ConnectTimeout covers the banner", "With timeouts", all_of(["T01", "T04", "T05"], ENDS)),
      ("ServerAliveInterval x ServerAliveCountMax ends a session whose server is silent", "With timeouts",
       all_of(["T10", "T13"], ENDS))]),
    ("smbclient", "smbclient", "smbclient --version", "tcp", "smbd",
     {"Defaults": "smbclient -N -p {port} //{host}/files -c 'get body -'",
      "With timeouts": "smbclient -N -t 5 -p {port} //{host}/files -c 'get body -'"},
     [("a request may take 20 s (smbclient(1), --timeout), which is the limit here", "Defaults", all_of(["T10", "T13"], BAD)),
      ("--timeout is that of a request", "With timeouts", all_of(["T10", "T13"], ENDS))]),
]
# What every client of HTTP should do; an endless retry is at least no wrong answer.
HTTP_CLAIM = "an answer that ends early is an error (RFC 9112 section 8)"
HTTP_WANTED = all_of("T15 T16 T17 T20 T21".split(), ENDS | BAD)
SYMBOLS = {"HUNG": "H", "TRICKLE-BLIND": "b", "SILENT-NOTHING": "N", "SILENT-TRUNCATION": "T", "RETRY-STORM": "R", "UNSAFE-RETRY": "U",
           "PARTIAL-LEFT": "P", "LEAK": "L", "NOT-EXERCISED": "·", "UNDETECTABLE": "?", "INVALID": "!"}
LEGEND = ("A, B, C, D: it ended well within 10 s, 60 s, 300 s, or later. H: still waiting at the limit. b: notices silence, not a trickle. "
          "N, T: status 0 with nothing, with something else. R: a storm of retries. U: an unsafe retry. P: a part is left under the "
          "whole's name. ·: it never gets there. ?: nobody could notice. !: the cell couldn't be played.")
WIDTH = 128


def told_version(words):
    p = subprocess.run(shlex.split(words), capture_output=True, text=True, check=False)
    return next((line.strip() for line in (p.stdout + p.stderr).splitlines() if line.strip()), "?")


def play(wedge, protocol, server, line, limit, keys):
    """The card as an object. 20 JVMs that start at once take longer for that than their timeouts are."""
    words = [wedge, "check", "--json", "--limit", limit, "--protocol", protocol, *(["--server", server] if server else []),
             *(["--jobs", "4"] if line.startswith("java ") else []), "--"]
    words += [word.replace("{keys}", keys) for word in shlex.split(line)]
    p = subprocess.run(words, capture_output=True, text=True, check=False)
    try:
        card = json.loads(p.stdout)
    except ValueError:
        card = {"not_gradable": p.stderr.strip(), "cells": []}
    return card


def describe_cell(cell):
    took = "" if cell["seconds"] is None or cell["grade"] == "NOT-EXERCISED" else f"{cell['seconds']:.3g} s"
    letter = "" if cell["letter"] == "-" else f" {cell['letter']}"
    return f"{cell['grade']}{letter}{' ' + took if took else ''}"


def row_of_symbols(card):
    return [SYMBOLS.get(c["grade"], c["letter"]) for c in card["cells"]]


def protocol_of(client, heading):
    """A page has one protocol, but for its cards of HTTPS."""
    return "https" if heading.startswith("HTTPS") else client[3]


def compare(card, claims, which):
    """Lines: what is documented, and whether that was measured."""
    grades = {c["id"]: c for c in card["cells"]}
    claims = claims + [(HTTP_CLAIM, which, HTTP_WANTED)] if card["protocol"] in ("http", "https") else claims
    for sentence, heading, wanted in claims:
        if heading != which:
            continue
        played = {p: grades[p] for p in wanted if p in grades and grades[p]["grade"] not in ("NOT-EXERCISED", "INVALID")}
        other = [f"{p} is {describe_cell(c)}" for p, c in played.items() if c["grade"] not in wanted[p]]
        verdict = "differs: " + ", ".join(other) if other else f"as measured ({', '.join(played)})" if played else "not measured"
        yield textwrap.fill(f"- Documented: {sentence}. {verdict[0].upper() + verdict[1:]}.", WIDTH, subsequent_indent="  ")


def cell_text(text):
    return re.sub(r"[^\x20-\x7e]", " ", text).replace("|", "\\|")[:90]


def page(client, version, cards, limit, keys):
    _, title, _, protocol, server, lines, claims = client
    where = f"a real server ({server})" if server else "wedge's own server"
    made = f"{version}; by `tests/compare/client_cards.py --limit {limit}` on Linux {platform.release()}, protocol {protocol}, {where}."
    text = [f"# {title}", "", *textwrap.wrap(made, WIDTH), ""]
    for (heading, line), card in zip(lines.items(), cards):
        protocol = protocol_of(client, heading)
        text += [f"## {heading}", "", "    " + ("wedge check --protocol https -- " if protocol == "https" else "") + line.replace("{keys}", "KEYS"), ""]
        if card.get("not_gradable"):
            text += [f"Not gradable: {card['not_gradable']}", ""]
            continue
        text += ["| | what goes wrong | grade | what it said |", "|---|---|---|---|"]
        text += [f"| {c['id']} | {c['fault']} | {describe_cell(c)} | {cell_text(c['why'])} |" for c in card["cells"]]
        text += ["", "Row: " + " ".join(row_of_symbols(card)), "", *compare(card, claims, heading), ""]
    return "\n".join(text).replace(keys, "KEYS").rstrip() + "\n"


def table(folder, limit):
    ids = [f"T{i:02}" for i in range(1, 27)]
    text = ["# The cards of well-known clients", "",
            "Each was run by `wedge check` through the places where a connection can hang, with its defaults and with its timeout options,",
            "web clients by HTTPS, too, and curl with a second request on its connection and with a POST that asks for 100 (Continue);",
            f"limit {limit}. `sudo tests/compare/client_cards.py build/wedge` measures them again. The pages say what goes wrong at T01 to",
            "T26.", "", *textwrap.wrap(LEGEND, WIDTH), "", "| |" + "|".join(ids) + "|", "|---|" + "---|" * len(ids)]
    for name, title, *_ in CLIENTS:
        path = os.path.join(folder, name + ".md")
        if not os.path.exists(path):
            text += ["| " + title + ": not measured |" + "|" * len(ids)]
            continue
        with open(path, encoding="utf-8") as f:
            rows = re.findall(r"^## (.*)\n\n.*\n\n(?:(?:\|.*\n)+\nRow: (.*)|Not gradable)", f.read(), re.M)
        text += [f"| [{title}]({name}.md), {what[0].lower() + what[1:] if what[1].islower() else what} |" + "|".join(row.split()) + "|" for what, row in rows]
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as f:
        f.write("\n".join(text) + "\n")


def prepare(keys):
    """Java's client is compiled once: 20 compilers at a time would be what is measured."""
    with open(f"{keys}/Get.java", "w", encoding="utf-8") as f:
        f.write(JAVA)
    if shutil.which("javac"):
        subprocess.run(["javac", "-d", keys, f"{keys}/Get.java"], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wedge")
    parser.add_argument("--limit", default="20s")
    parser.add_argument("--only")
    parser.add_argument("--out", default=os.path.join(HERE, "../../docs/clients"))
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    status = 0
    with tempfile.TemporaryDirectory() as keys:
        servers = Servers(keys)
        prepare(keys)
        for client in CLIENTS:
            name, _, tells, _, server, lines, _ = client
            if a.only and name not in a.only.split(","):
                continue
            if not shutil.which(tells.split()[0]):
                print(f"{name}: not installed, so not measured")
                continue
            cards = []
            for heading, line in lines.items():
                begun = time.monotonic()
                cards.append(play(a.wedge, protocol_of(client, heading), servers.command(server) if server else None, line, a.limit, keys))
                status |= bool(cards[-1].get("not_gradable"))
                told = cards[-1].get("not_gradable") or " ".join(row_of_symbols(cards[-1]))
                print(f"{name}, {heading}: {told} ({time.monotonic() - begun:.1f} s)", flush=True)
            with open(os.path.join(a.out, name + ".md"), "w", encoding="utf-8") as f:
                f.write(page(client, told_version(tells), cards, a.limit, keys))
        table(a.out, a.limit)
    return status


if __name__ == "__main__":
    sys.exit(main())
