#!/usr/bin/env python3
"""report.html in a real browser without a network: it opens with nothing on its console, shows the figures of result.json, takes hostile
texts as texts, fits a phone and prints. Exit 77: there is no Chromium, or no lab can be built."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
import page  # noqa: E402
from run_rig import Rig, check, need, tshark  # noqa: E402

EVIL = """<script>console.error(1)</script><img src=x onerror="console.error(2)">"' & &lt; </title></style> <!--"""
SCENARIO = f"""name: evil
title: {json.dumps("T " + EVIL)}
source: {json.dumps("S " + EVIL)}
story: {json.dumps("Once " + EVIL)}
server: {{app: rpc, response: 60KiB}}
lab: {{intercept: forward}}
client: {{app: rpc, exchanges: 8, think: 1ms}}
phases:
  baseline: []
  impaired: [{{loss: {{mode: nth, n: 9, direction: downstream}}}}]
expect:
  - {{that: impaired.client_app.response.p50 >= 1us, documented: {json.dumps("D " + EVIL)}}}
  - baseline.client_app.failed == 0
  - impaired.client_app.failed == 1
"""
UNITS = {"": 1, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "%": 0.01, "B": 1, "kB": 1e3, "KiB": 1024, "MB": 1e6, "x": 1}

need("chromium", "tshark")
rig = Rig()


def number(text):
    m = re.fullmatch(r"<?([\d.e+-]+) ?([a-zA-Z%]*)", text)
    return float(m.group(1)) * UNITS[m.group(2)] if m and m.group(2) in UNITS else None


def same(text, value):
    if value is None:
        return text == "-"
    shown = number(text)
    return shown is not None and abs(shown - value) <= 0.006 * abs(value) + 1e-9


def squeezed(text):
    return " ".join(text.split())


def judge(what, folder, result):
    root, console = page.opened(os.path.join(folder, "report.html"))
    check(not console, f"{what}: nothing on the browser's console {console[:2]}")
    check(not root.all("script") and not root.all("img") and not root.all("link"), f"{what}: no script, no picture from elsewhere")
    elsewhere = [e.attributes[a] for e in root for a in ("href", "src") if not e.attributes.get(a, "./").startswith(("./", "#"))]
    check(not elsewhere, f"{what}: every link leads into the folder {elsewhere[:3]}")
    lost = [e.attributes["href"] for e in root.all("a") if not os.path.exists(os.path.join(folder, e.attributes["href"][2:]))]
    check(not lost, f"{what}: and to a file that is there {lost[:3]}")
    check(root.all("h1")[0].text == result["title"], f"{what}: the title")
    check(root.by_id("verdict").text.lower().replace(" ", "-") == result["verdict"], f"{what}: the verdict {result['verdict']}")
    check(squeezed(root.by_id("why").text) == squeezed(result["why"]), f"{what}: why")
    check(root.by_id("seed").text == str(result["seed"]), f"{what}: the seed")
    check(result["command"] in root.by_id("again").text, f"{what}: how to run it again")
    judge_expectations(what, root, result)
    judge_table(what, root, result)
    judge_distribution(what, root, result)
    judge_vantages(what, root, folder, result)
    judge_connection(what, root, folder, result["connection"])
    width = page.widths(os.path.join(folder, "report.html"), 390)
    check(width[0] == width[1] <= 390, f"{what}: as wide as a phone, {width}")
    pdf = page.printed(os.path.join(folder, "report.html"), rig.path("page.pdf"))
    check(pdf.startswith(b"%PDF") and len(pdf) > 20000, f"{what}: printed, {len(pdf)} bytes")


def judge_expectations(what, root, result):
    shown = {(row.all("code")[0].text, row.all("td", class_="measured")[0].text,
              bool(row.all("td", class_="holds"))) for row in root.all("tr") if row.all("code")}
    wanted = {(x["text"], x["measured"], x["ok"]) for x in result["expectations"]}
    wanted |= {(x["text"], x["why"], False) for x in result["not_judged"]}
    check(shown == wanted, f"{what}: {len(wanted)} expectations with what was measured {list(shown ^ wanted)[:2]}")
    quoted = {row.all("td")[0].text for row in root.by_id("documented").all("tr") if row.all("td")}
    check(quoted == {x["documented"] for x in result["expectations"] if x["documented"]}, f"{what}: {len(quoted)} documented figures")


def judge_table(what, root, result):
    names, cells = [], {}
    for table in root.by_id("phases").all("table"):
        names_here = [e.text for e in table.all("tr")[0].all("th")[1:]]
        names += names_here
        for row in table.all("tr")[1:]:
            for name, cell in zip(names_here, row.all("td")):
                cells[row.all("th")[0].text, name] = cell.text
    wrong = [(row["label"], name, cells.get((row["label"], name)), value) for row in result["table"]
             for name, value in row["values"].items() if not same(cells.get((row["label"], name), "none"), value)]
    check(names == [p["name"] for p in result["phases"]] and not wrong, f"{what}: {len(cells)} figures of the table {wrong[:2]}")


def judge_distribution(what, root, result):
    d = result["distribution"]
    strips = root.by_id("distribution").all("svg", role="img")
    drawn = [[int(t.text.split(":")[0]) for t in strip.all("title")] for strip in strips]
    counted = [[n for n in d["counts"][p["name"]] if n] for p in result["phases"]]
    check(drawn == [c for c in counted if c], f"{what}: {sum(map(len, drawn))} bars")
    for p in result["phases"]:
        check(sum(d["counts"][p["name"]]) == p["metrics"].get("client_app.response.count", 0), f"{what}: every response of {p['name']}")


def wire_exchanges(capture):
    """(first request segment, last response segment, bytes) of every exchange on the wire, by tshark."""
    found, under_way, seen = [], {}, set()
    for stream, sport, at, size, seq in tshark(capture, "tcp.len > 0", "tcp.stream", "tcp.srcport", "frame.time_epoch",
                                               "tcp.len", "tcp.seq"):
        if (stream, sport, seq) in seen:
            continue  # sent again
        seen.add((stream, sport, seq))
        if int(sport) > 40000:
            if stream not in under_way or under_way[stream][2]:
                under_way[stream] = [float(at), None, set()]
                found.append(under_way[stream])
        elif stream in under_way:
            under_way[stream][1] = float(at)
            under_way[stream][2].add((int(seq), int(size)))
    return [(x[0], x[1], sum(size for _, size in x[2])) for x in found]


def judge_vantages(what, root, folder, result):
    """One exchange from the outside inward: the wire's figures are tshark's, the shares add up, the page shows them."""
    for t in result["transactions"]:
        phase = next(p for p in result["phases"] if p["name"] == t["phase"])
        for place, capture in (("client_wire", phase["captures"]["client"]), ("server_wire", phase["captures"]["server"])):
            if t[place]["state"] == "answered":
                lasted = [end - start for start, end, size in wire_exchanges(os.path.join(folder, capture)) if end and size == t[place]["bytes"]]
                check(any(abs(x - t[place]["seconds"]) < 2e-6 for x in lasted), f"{what}: {t['phase']}, exchange {t['exchange']} at {place} by tshark")
        shares = [t["client_host"], t["between"], t["server_host"]]
        if None not in shares:
            check(t["ok"] and abs(sum(shares) + t["server_app"]["seconds"] - t["client_app"]["seconds"]) < 1e-8, f"{what}: {t['phase']}, shares add up")
    text = root.by_id("vantage").text
    wrong = [t["phase"] for t in result["transactions"] if f"{t['exchange']} of {t['exchanges']}" not in text]
    check(len(result["transactions"]) == len(result["phases"]) and not wrong, f"{what}: a transaction of each phase {wrong}")


def sent_twice(rows, end):
    """The data segments of one side whose first byte had been sent before."""
    seen, again = set(), []
    for row in rows:
        if f"{row[2]}:{row[3]}" == end and int(row[1]):
            if int(row[5]) in seen:
                again.append(f"frame {row[0]}")
            seen.add(int(row[5]))
    return again


def judge_connection(what, root, folder, c):
    """The diagrams and the ladder beside tshark's reading of the same connection."""
    rows = tshark(os.path.join(folder, c["capture"]), f"tcp.stream == {c['stream']}", "frame.number", "tcp.len", "ip.src", "tcp.srcport",
                  "tcp.time_relative", "tcp.seq", "tcp.flags.push", "frame.comment", "tcp.flags.reset", "tcp.flags.fin",
                  "tcp.flags.syn")
    frames = [int(row[0]) for row in rows]
    at = frames.index(c["frames"][0])
    check(frames[at:at + len(c["frames"])] == c["frames"] and len(frames) == c["packets"], f"{what}: {len(c['frames'])} of {c['packets']} packets")
    shown = [row for row in rows if int(row[0]) in c["frames"]]
    diagrams = {d.attributes["aria-label"].split(", ")[1]: d for d in root.by_id("sequence").all("svg", role="img")}
    for way, end in (("client to server", c["client"]), ("server to client", c["server"])):
        sent = [row for row in shown if f"{row[2]}:{row[3]}" == end]
        if not any(int(row[1]) for row in sent):
            check(way not in diagrams, f"{what}: no diagram {way}, where is no data")
            continue
        titles = [t.text for mark in diagrams[way].all("svg") for t in mark.all("title") if mark.all("path", class_="data") + mark.all("path", class_="again")]
        data = [row[0] for row in sent if int(row[1]) or "1" in row[9:11] or "True" in row[9:11]]
        check([t.split(",")[0] for t in titles] == [f"frame {f}" for f in data], f"{what}: {way}, {len(data)} segments")
        again = [t.text.split(",")[0] for mark in diagrams[way].all("svg") for t in mark.all("title") if any(x.text == "R" for x in mark.all("text"))]
        check(again == [f for f in sent_twice(rows, end) if f in {f"frame {row[0]}" for row in sent}], f"{what}: {way}, {len(again)} retransmissions")
        pushed = len(diagrams[way].all("path", class_="solid"))
        check(pushed == sum(row[6] in ("1", "True") for row in sent if (int(row[1]) or "1" in row[9:11])), f"{what}: {way}, {pushed} with PSH")
        events = [t.text.partition(": ")[::2] for g in diagrams[way].all("g", class_="event") for t in g.all("title")]
        check([f for f, _ in events] == [f"frame {row[0]}" for row in shown if row[7]], f"{what}: {way}, {len(events)} events of the journal")
    drawn = [(int(li.all("span", class_="frame")[0].text), li) for li in root.by_id("ladder").all("li") if li.attributes["class"].split()[0] in ("up", "down")]
    by_frame = {int(row[0]): row for row in rows}
    wrong = [f for f, li in drawn if abs(float(li.all("span", class_="at")[0].text) - float(by_frame[f][4])) > 2e-6
             or f"Seq={by_frame[f][5]} " not in li.text or f"Len={by_frame[f][1]}" not in li.text
             or ("up" in li.attributes["class"].split()) != (f"{by_frame[f][2]}:{by_frame[f][3]}" == c["client"])
             or squeezed(by_frame[f][7].replace("\\n", " "))[:40] not in squeezed(li.text)]
    check(drawn and not wrong, f"{what}: {len(drawn)} packets of the ladder {wrong[:3]}")


evil = rig.path("evil.yaml")
with open(evil, "w", encoding="utf-8") as f:
    f.write(SCENARIO)
played, _, at = rig.scenario(rig.ordinary, evil, out="evil", good=lambda *_: True)
check(EVIL in played["title"], "the hostile title has come into the result")
judge("hostile texts", at, played)
check(played["connection"]["phase"] == "impaired" and not played["connection"]["by_signature"], "the connection that paused longest")
played, _, at = rig.scenario(rig.ordinary, "dropped-after-connect", "--quick", "--phase", "baseline", "--phase", "impaired", out="catalogue")
judge("dropped-after-connect", at, played)
proving = [int(frame) for frame in played["looks"][0]["frames"].split(", ")]
check(played["connection"]["by_signature"] and proving[0] in played["connection"]["frames"], f"the connection of frame {proving[0]}")
played, _, at = rig.scenario(rig.ordinary, "measured-at-one-end", "--quick", "--phase", "baseline", "--phase", "impaired", "--phase", "server_thinks",
                             "--phase", "acks_held", out="ends")
told = {t["phase"]: t for t in played["transactions"]}
shares = {name: {"server_app": t["server_app"]["seconds"], **{k: t[k] for k in ("client_host", "between", "server_host")}} for name, t in told.items()}
for name, owner in (("impaired", "between"), ("server_thinks", "server_app"), ("acks_held", "server_host")):
    longest = max(shares[name], key=lambda k: shares[name][k] or 0)
    check(longest == owner and 0.19 < shares[name][owner] < 0.25, f"measured-at-one-end: {name}, whose time it was: {longest} {shares[name]}")
