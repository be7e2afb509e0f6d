#!/usr/bin/env python3
"""The dashboard and the alert rules of docs/monitoring name only what a running wedge answers, with labels that it has; and
promtool, where it is installed, reads them, and holds the alerts against series."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
from config_rig import has_impairments  # noqa: E402
from proxy_rig import accept, check, connect, finish, listener  # noqa: E402
from toxi_rig import Http, Serve  # noqa: E402

FOLDER = os.path.join(os.environ["SOURCE_DIR"], "docs", "monitoring")
# What Prometheus adds to each sample, and its own metric.
ADDED, OWN = {"job", "instance"}, {"up"}


def scrape():
    """{metric: its labels} of a wedge with a proxy, an impairment and a session."""
    server = listener()
    with Serve() as p:
        w = Http(p.port)
        made = w.ask("POST", "/proxies", {"name": "web", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:%d" % server.getsockname()[1]})
        if has_impairments():
            w.ask("POST", "/proxies/web/toxics", {"type": "latency", "attributes": {"latency": 1}})
        c = connect(int(made.json()["listen"].rsplit(":", 1)[1]))
        s = accept(server)
        c.sendall(b"x")
        s.recv(1)
        text = w.ask("GET", "/metrics").body.decode()
        w.close()
        c.close()
        s.close()
    server.close()
    found = {}
    for name, labels in re.findall(r"^([a-z_]+)(?:\{(.*)\})? [0-9.e+-]+$", text, re.M):
        found.setdefault(name, set()).update(re.findall(r'([a-z_]+)="', labels))
    return found


def expressions():
    """(where, expression) of every panel, alert and variable."""
    with open(os.path.join(FOLDER, "dashboard.json"), encoding="utf-8") as f:
        board = json.load(f)
    ids = [p["id"] for p in board["panels"]]
    check("each panel of the dashboard has its number", len(ids) == len(set(ids)) > 10)
    cells = [(x, y) for p in board["panels"] for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
             for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])]
    check("and its place, within 24 columns", len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24)
    for p in board["panels"]:
        for t in p["targets"]:
            yield p["title"], t["expr"]
    for v in board["templating"]["list"]:
        if v["type"] == "query":
            inside = re.fullmatch(r"label_values\((.*), ([a-z_]+)\)", v["query"]["query"])
            yield "variable " + v["name"], "count by (%s) (%s)" % (inside[2], inside[1])
    with open(os.path.join(FOLDER, "alerts.yml"), encoding="utf-8") as f:
        text = f.read()
    for name, expr in re.findall(r"- alert: (\w+)\n +expr: (?:>\n)?((?:.|\n)*?)\n +(?:for|labels):", text):
        yield name, " ".join(expr.split())


def names_of(expr):
    """(metric, labels that it is asked for) of each selector; and the labels by which is summed."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    summed = {w for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", bare) for w in re.findall(r"[a-z_]+", group)}
    metrics = {m: set(re.findall(r"([a-z_]+)(?==)", labels or ""))
               for m, labels in re.findall(r"\b((?:wedge|toxiproxy|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?", bare)}
    return metrics, summed


def all_exists(found, wanted):
    have = dict(found, **{m: set() for m in OWN})
    impaired = {"wedge_impairment_sessions_total", "wedge_impairment_sessions_acted_total"}
    for where, expr in wanted:
        metrics, summed = names_of(expr)
        check("%s asks for a metric" % where, bool(metrics), expr)
        for m, labels in metrics.items():
            if m in impaired and not has_impairments():
                continue
            check("%s: %s is answered" % (where, m), m in have, "" if m in have else ", ".join(have))
            lacks = (labels | summed) - have.get(m, set()) - ADDED
            check("    with its labels", not lacks or not metrics.get(m), " ".join(lacks))


def grafana_free(expr):
    for name, value in (("$__rate_interval", "1m"), ("$__range", "30m"), ("$instance", ".*"), ("$proxy", ".*"), ("$job", "wedge")):
        expr = expr.replace(name, value)
    return expr


def promtool(*words):
    p = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False)
    check("promtool " + " ".join(w for w in words if not w.startswith("/")), p.returncode == 0, p.stdout[-500:] + p.stderr[-500:] if p.returncode else "")


def promtool_reads(wanted):
    if not shutil.which("promtool"):
        print("no promtool here: the expressions are read by nobody")
        return
    promtool("check", "rules", "alerts.yml")
    promtool("test", "rules", "alerts_test.yml")
    promtool("check", "config", "--syntax-only", "prometheus.yml")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panels.yml")
        rules = [{"record": "panel:%d" % i, "expr": grafana_free(expr)} for i, (_, expr) in enumerate(wanted)]
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"groups": [{"name": "panels", "rules": rules}]}, f)
        promtool("check", "rules", path)


def the_names_are_all_there(wanted, found):
    """The other way round: what wedge counts is shown, or alerts; and the check itself tells what there isn't."""
    used = {m for _, expr in wanted for m in names_of(expr)[0]}
    shown = {re.sub(r"_(sum|count)$", "_bucket", m) for m in found}
    check("each of wedge's metrics is shown somewhere", not shown - used, " ".join(shown - used))
    check("a metric that there isn't would be found", names_of('rate(wedge_no_such{a="b"}[5m])')[0] == {"wedge_no_such": {"a"}})


WANTED = list(expressions())
FOUND = scrape()
all_exists(FOUND, WANTED)
the_names_are_all_there(WANTED, FOUND)
promtool_reads(WANTED)
finish()
