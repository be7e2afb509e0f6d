#!/usr/bin/env python3
"""wedge list and wedge show print the catalogue, wedge workloads what it is made of; what they can't do is one line and exit status 2."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

WEDGE = os.environ["WEDGE"]
CATALOG = pathlib.Path(os.environ["SOURCE_DIR"]) / "scenarios" / "catalog"


def wedge(*arguments):
    return subprocess.run([WEDGE, *arguments], capture_output=True, text=True, timeout=30)


def printed(*arguments):
    done = wedge(*arguments)
    assert done.returncode == 0 and not done.stderr, (arguments, done)
    return done.stdout


def refused(words, *arguments):
    done = wedge(*arguments)
    lines = done.stderr.splitlines()
    assert done.returncode == 2 and not done.stdout and len(lines) == 1, (arguments, done)
    assert lines[0].startswith("wedge: ") and words in lines[0], (arguments, lines[0])


def check_workloads():
    """Every parameter that a scenario has is explained, in text, JSON and the reference alike."""
    told = {w["name"]: w for w in json.loads(printed("workloads", "--json"))}
    assert printed("workloads").split()[0] in told
    for name, workload in told.items():
        text, markdown = printed("workloads", name), printed("workloads", name, "--markdown")
        assert json.loads(printed("workloads", name, "--json")) == [workload]
        assert markdown in printed("workloads", "--markdown") and max(map(len, text.splitlines())) <= 100, name
        for p in workload["client"] + workload["server"]:
            assert f"\n  {p['name']}: {p['accepts']}; default " in text and f"| `{p['name']}` | {p['accepts']} |" in markdown, p
            assert p["help"].split()[0] in text and len(p["help"]) > 10, p
    for path in CATALOG.glob("*.yaml"):
        for traffic in json.loads(printed("show", path.stem, "--json"))["phases"][0]["traffic"]:
            for role in ("client", "server"):
                if traffic["app"]:
                    assert set(traffic[role]) == {p["name"] for p in told[traffic["app"]][role]}, (path, role)
    refused("'rcp' is no workload; did you mean 'rpc'?", "workloads", "rcp")
    refused("one name, 'b' is one too many", "workloads", "rpc", "b")
    refused("either --json or --markdown", "workloads", "--json", "--markdown")
    refused("unknown option", "workloads", "--jsn")


def check_own_catalogue():
    """The file that docs/adding-a-scenario.md shows is one."""
    text = (CATALOG.parents[1] / "docs" / "adding-a-scenario.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "proxy-drops-idle.yaml").write_text(example, encoding="utf-8")
        assert [s["name"] for s in json.loads(printed("list", "--catalog", folder, "--json"))] == ["proxy-drops-idle"]
        assert "F90 proxy-drops-idle" in printed("list", "--catalog", folder, "--markdown")
        assert "vanish{" in printed("show", "--catalog", folder, "proxy-drops-idle")
    refused("either --json or --markdown", "list", "--json", "--markdown")


def main():
    if "is no command" in wedge("list").stderr:
        print("skipped: wedge was built without scenarios/")
        return 77
    names = sorted(path.stem for path in CATALOG.glob("*.yaml"))
    assert [s["name"] for s in json.loads(printed("list", "--json"))] == names
    assert printed("list", "--catalog", str(CATALOG)) == printed("list")
    check_own_catalogue()
    for name in names:
        shown = json.loads(printed("show", name, "--json"))
        assert shown["name"] == name and shown["phases"][0]["impairments"] == "none"
        text = printed("show", name)
        assert max(map(len, text.splitlines())) <= 100, name
        for expectation in shown["expectations"]:
            assert expectation["text"].split()[0] in text
        assert printed("show", name, "--yaml") == (CATALOG / f"{name}.yaml").read_text()
        assert json.loads(printed("show", str(CATALOG / f"{name}.yaml"), "--json")) == shown

    check_workloads()
    refused("(did you mean 'exchange-delayed-ack'?)", "show", "exchange-delayed-akc")
    assert printed("show", "F14", "--yaml") == (CATALOG / "sync-dies-mid-stream.yaml").read_text()
    assert printed("show", "f14") == printed("show", "sync-dies-mid-stream")
    refused("'F99' is no failure of the catalogue", "show", "F99")
    refused("'F99' is no failure of the catalogue", "run", "F99")
    refused("name one scenario", "show")
    refused("unknown option", "show", "--jsn", names[0])
    refused("either --json or --yaml", "show", "--json", "--yaml", names[0])
    refused("needs a value", "list", "--catalog")
    refused("/nowhere", "list", "--catalog", "/nowhere")
    refused("No such file", "show", "./nowhere.yaml")
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder) / "bad.yaml"
        good = (CATALOG / "exchange-delayed-ack.yaml").read_text()
        for old, new, words in (
            ("title:", "titel:", ":2:1: unknown key 'titel' (did you mean 'title'?)"),
            ("ack_delay_max_per_exchange.p50", "ack_dely.p50", "no metric 'ack_dely'"),
            ("impaired.client_wire.stall_cv", "impaired.stall_cv", "names its vantage"),
            ("timer: 200ms", "timer: 200", "timer"),
            ("exchanges: 60", "exchanges: 0", "exchanges"),
        ):
            assert old in good, old
            bad.write_text(good.replace(old, new, 1))
            refused(words, "show", str(bad))
            refused(str(bad), "show", str(bad))
        bad.write_bytes(bytes(range(256)) * 16)
        refused(f"{bad}:1:", "show", str(bad))
        refused(f"{bad}:1:", "list", "--catalog", folder)
    print(f"{len(names)} scenarios listed and shown")


sys.exit(main())
