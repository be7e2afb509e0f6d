#!/usr/bin/env python3
"""Every metric of the tables is told of: those of the wire in docs/rules.md with their unit and the
table's own words, those of applications in docs/scenario-format.md; every function and statistic of
expectations there, too; the figures of signatures in docs/signatures.md."""
import os
import re
import sys

ROOT = os.environ.get("SOURCE_DIR", ".")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def rows(path, table):
    """(name, unit, words) of each row of a table of metrics."""
    body = read(path)
    body = body[body.index(table):]
    body = body[:body.index("{.name = NULL}")]
    found = re.findall(r'\{"(\w+)",\s*"([\w/]+)",\s*(?:true,|false,)?\s*((?:"[^"]*"\s*)+)', body)
    return [(n, u, "".join(re.findall(r'"([^"]*)"', words))) for n, u, words in found]


def main():
    findings = []
    rules, language = read("docs/rules.md"), read("docs/scenario-format.md")
    wire = rows("scenarios/analysis/wire_metrics.c", "wire_metrics[] = {")
    app = rows("scenarios/run/app_metrics.c", "app_metrics[] = {")
    for name, unit, words in wire:
        if not re.search(rf"^\| `{name}` \| {unit}, .* \| {re.escape(words)} \|$", rules, re.M):
            findings.append(f"docs/rules.md: no row '{name}', {unit}: {words}")
    findings += [f"docs/scenario-format.md: no metric '{name}'" for name, _, _ in app
                 if f"`{name}`" not in language]
    functions = re.findall(r'\{"(\w+)", NODE_', read("scenarios/scenario/expect_functions.c"))
    statistics = re.findall(r'\{"(\w+)", \w+, (?:0|\'.\')\}', read("scenarios/run/metric_statistic.c"))
    findings += [f"docs/scenario-format.md: no '{name}'" for name in functions + statistics
                 if not re.search(rf"\b{name}\b", language)]
    figures, signatures = read("scenarios/match/figures.c"), read("docs/signatures.md")
    figures = re.findall(r'\{"(\w+)", (?:COUNT|BOTH|FINDING_|offsetof|\'.\',)', figures)
    findings += [f"docs/signatures.md: no figure or statistic '{name}'" for name in figures
                 if f"`{name}`" not in signatures]
    if len(figures) < 30:
        findings.append("the figures aren't found any more")
    if len(wire) < 40 or len(app) < 20 or len(functions) < 10 or len(statistics) < 5:
        findings.append("the tables aren't found any more")
    for text in findings:
        print(text)
    print(f"{len(wire) + len(app)} metrics, {len(functions)} functions, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
