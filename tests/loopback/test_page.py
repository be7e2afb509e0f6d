#!/usr/bin/env python3
"""The live page in a real browser on real traffic: the figures that it shows are the client's and tshark's; what is held is
shown as held, and since when; a switch that is clicked and a field that is typed into change the wire; its button captures.
Exit 77: there is no Chromium. tests/loopback/test_page.py DIR writes screenshots to DIR."""
import glob
import json
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
from browser import Browser, need_browser  # noqa: E402
from config_rig import has_impairments  # noqa: E402
from live_rig import frames, leg  # noqa: E402
from proxy_rig import check, connect, listener  # noqa: E402
from toxi_rig import Serve  # noqa: E402

V1 = "/wedge/v1"
PICTURES = sys.argv[1] if len(sys.argv) > 1 else None
EVIL = """<img src=x onerror="window.evil=1">"""


def shown_bytes(n):
    """As proxy/api/page/units.js writes it."""
    units = ["B", "KiB", "MiB"]
    i, x = 0, float(n)
    while x >= 1024 and i < 2:
        x /= 1024
        i += 1
    if i == 0:
        return "%d B" % n
    text = "%.0f" % x if x >= 100 else re.sub(r"\.0$", "", "%.1f" % x) if x >= 10 else re.sub(r"\.?0+$", "", "%.2f" % x)
    return text + " " + units[i]


def place(server):
    return "127.0.0.1:%d" % server.getsockname()[1]


def proxy(w, name, server, *impairments):
    a = w.ask("PUT", V1 + "/proxies/" + name, {"name": name, "listen": "127.0.0.1:0", "upstream": place(server), "impairments": list(impairments)})
    assert a.status == 201, a
    return int(a.json()["listen"].rsplit(":", 1)[1])


def row(number):
    return "document.querySelector('.session[data-key=\"%d\"]')" % number


def lane_text(b, number, way, part):
    return b.run("%s?.querySelector('.lane.%s %s').textContent" % (row(number), way, part))


def wait_lane(b, number, way, part, wanted):
    b.wait("%s?.querySelector('.lane.%s %s')?.textContent === %s" % (row(number), way, part, json.dumps(wanted)))
    return lane_text(b, number, way, part)


def session_of(w, client):
    me = "127.0.0.1:%d" % client.getsockname()[1]
    found = rig.wait_for(lambda: [s for s in w.ask("GET", V1 + "/sessions").json()["sessions"] if s["client"] == me])
    return found[0]["session"]


def receive(s, n):
    got = 0
    while got < n:
        data = s.recv(min(65536, n - got))
        if not data:
            break
        got += len(data)
    return got


def picture(b, name, heights=((1280, 1500), (820, 1900), (400, 2600))):
    if not PICTURES:
        return
    for dark in (False, True):
        b.dark(dark)
        for width, height in heights:
            b.resize(width, height)
            time.sleep(0.6)
            b.screenshot(os.path.join(PICTURES, "%s-%s-%d.png" % (name, "dark" if dark else "light", width)))
    b.dark(False)
    b.resize(1280, 900)


def figures(w, b):
    """What is moved is shown; the capture that the page's button makes has it, too."""
    server = listener()
    port = proxy(w, "plain", server)
    if capture_works(w):
        b.click("document.getElementById('capture-button')")
        check("the button says that it captures", b.wait("document.getElementById('capture-button').textContent.startsWith('Stop capture')"), b.run("document.getElementById('capture').textContent"))
    up, down = 100_000, 1_500_000
    with connect(port) as c:
        s = rig.accept(server)
        number = session_of(w, c)
        c.sendall(b"u" * up)
        check("the server got it", receive(s, up) == up)
        s.settimeout(20)
        s.sendall(b"d" * 4096)
        receive(c, 4096)
        sent = 4096
        while sent < down:
            n = min(65536, down - sent)
            s.sendall(b"d" * n)
            receive(c, n)
            sent += n
        for way, n in (("up", up), ("down", down)):
            for wire in (":nth-child(1) b", ":nth-child(3) b"):
                said = wait_lane(b, number, way, wire, shown_bytes(n))
                check("%s%s shows the %d bytes that the client counts" % (way, wire[:13], n), said == shown_bytes(n), said)
        stats = next(p for p in w.ask("GET", V1 + "/stats").json()["proxies"] if p["name"] == "plain")
        check("so do the sums", [stats[d][k] for d in ("upstream", "downstream") for k in ("received", "sent")] == [up, up, down, down], stats)
        s.close()
    check("a session that has ended isn't shown", b.wait("!" + row(number)))
    if capture_works(w):
        b.click("document.getElementById('capture-button')")
        check("the button's file is downloaded", b.wait("document.querySelector('#capture-list li')") and
              rig.wait_for(lambda: glob.glob(b.downloads + "/wedge-*.pcapng")), os.listdir(b.downloads))
        path = glob.glob(b.downloads + "/wedge-*.pcapng")[0]
        rig.wait_for(lambda: os.path.getsize(path) == w.ask("GET", V1 + "/captures").json()["captures"][0]["files"][0]["bytes"])
        for name, number_ in (("client", port), ("server", server.getsockname()[1])):
            sums = {True: 0, False: 0}
            for f in frames(path, leg(name)):
                sums[f["tcp.dstport"] == str(number_)] += 0 if f["tcp.analysis.retransmission"] else int(f["tcp.len"] or 0)
            check("tshark: the same bytes on the %s leg" % name, sums == {True: up, False: down}, sums)
    w.ask("DELETE", V1 + "/proxies/plain")
    server.close()


def capture_works(w):
    if not hasattr(w, "captures"):
        a = w.ask("POST", V1 + "/captures")
        w.captures = a.status == 201
        if not w.captures:
            print("without captures here:", a.json()["detail"])
        else:
            number = a.json()["capture"]
            rig.wait_for(lambda: w.ask("GET", V1 + "/captures/%d" % number).json()["state"] != "starting")
            w.ask("DELETE", V1 + "/captures/%d" % number)
    return w.captures


def held_and_switched(w, b):
    server = listener()
    port = proxy(w, "web", server, "stall{direction=upstream,side=write}", "latency{delay=50ms,direction=downstream}")
    with connect(port) as c:
        s = rig.accept(server)
        number = session_of(w, c)
        c.sendall(b"h" * 3000)
        said = b.wait("(/^holds 2.93 KiB by stall, for/.exec(%s?.querySelector('.lane.up .node').textContent) || [''])[0]" % row(number))
        check("what is held is shown as held, by whom, and since when", said, lane_text(b, number, "up", ".node"))
        b.wait("parseFloat(/for ([\\d.]+) s/.exec(%s.querySelector('.lane.up .node').textContent)?.[1]) > 1" % row(number))
        shown = float(re.search(r"for ([\d.]+) s", lane_text(b, number, "up", ".node") or "for -1 s").group(1))
        real = w.ask("GET", V1 + "/sessions/%d" % number).json()["upstream"]["waiting"]
        check("for so long", 0 <= real - shown < 1.5, "%s %s" % (shown, real))
        s.settimeout(0.2)
        try:
            got = s.recv(10000)
        except TimeoutError:
            got = None
        check("the wire has none of it", got is None, got)
        shown_ends = [lane_text(b, number, "up", ":nth-child(%d) b" % i) for i in (1, 3)]
        check("and so it is shown", shown_ends == ["2.93 KiB", "0 B"], shown_ends)
        b.click(row(number) + ".querySelector('.name')")
        check("it opens", b.wait(row(number) + ".querySelector('.ladder .bar')"), "no bar")
        picture(b, "held")
        b.click("document.querySelector('.switch[aria-label=\"stall is on\"]')")
        s.settimeout(20)
        check("a click on its switch lets it go", receive(s, 3000) == 3000)
        check("and wedge says that it is off", rig.wait_for(lambda: "enabled=false" in w.ask("GET", V1 + "/proxies/web").json()["impairments"][0]["text"]))
        field = "document.querySelectorAll('.impairment')[1].querySelector('.slide input[type=text]')"
        b.type(field, "300ms")
        rig.wait_for(lambda: "delay=300ms" in w.ask("GET", V1 + "/proxies/web").json()["impairments"][1]["text"])
        before = next(p for p in w.ask("GET", V1 + "/stats").json()["proxies"] if p["name"] == "web")["downstream"]
        began = time.monotonic()
        s.sendall(b"late")
        receive(c, 4)
        took = time.monotonic() - began
        check("what is typed into a field is the wire's delay", 0.299 <= took < 0.6, took)
        after = next(p for p in w.ask("GET", V1 + "/stats").json()["proxies"] if p["name"] == "web")["downstream"]
        mean = (after["waited"] - before["waited"]) / (after["left"] - before["left"])
        check("and the delay that wedge measures", 0.299 <= mean <= took + 0.001, "%s %s" % (mean, took))
        tile = b.wait("(/^3\\d\\d ms$/.exec(document.getElementById('chart-delay').getAttribute('aria-label').split(', ').map((t) => t.replace('to clients ', ''))[0]) || [''])[0]", 3)
        print("the chart said:", tile or "nothing any more")
        b.type(field, "nonsense")
        check("what wedge refuses is said in its words", b.wait("document.querySelectorAll('.impairment')[1].querySelector('.refused:not([hidden])')?.textContent.includes('duration')"))
        check("and taken back", b.wait(field + ".value === '300ms'"), b.run(field + ".value"))
        slider = "document.querySelectorAll('.impairment')[1].querySelector('input[type=range]')"
        b.run(slider + ".focus()")
        b.key("Home")
        check("a slider is moved by the keyboard", rig.wait_for(lambda: "delay=0ns" in w.ask("GET", V1 + "/proxies/web").json()["impairments"][1]["text"] or
              "delay=0s" in w.ask("GET", V1 + "/proxies/web").json()["impairments"][1]["text"]), w.ask("GET", V1 + "/proxies/web").json()["impairments"])
        alone(w, b, number, c, s)
        s.close()
    w.ask("DELETE", V1 + "/proxies/web")
    server.close()


def unread(w, b):
    """What isn't read waits in the kernel: the page says how much, and for how long."""
    server = listener()
    port = proxy(w, "reads", server, "stall{direction=upstream,window=0}")
    with connect(port) as c:
        s = rig.accept(server)
        number = session_of(w, c)
        c.sendall(b"n" * 5000)
        said = b.wait("(/^not read by stall, for/.exec(%s?.querySelector('.lane.up .node').textContent) || [''])[0]" % row(number))
        check("what isn't read is shown as not read", said, lane_text(b, number, "up", ".node"))
        said = wait_lane(b, number, "up", ".pending", "4.88 KiB wait unread at the client’s end")
        check("and how much", said.startswith("4.88 KiB wait"), said)
        s.close()
    w.ask("DELETE", V1 + "/proxies/reads")
    server.close()


def alone(w, b, number, c, s):
    """By the form: this session is impaired, and another one isn't."""
    b.click(row(number) + ".querySelector('.detail button')")
    b.wait("document.getElementById('add-dialog').open")
    b.run("(() => { const k = document.getElementById('form-kind'); k.value = 'stall'; k.dispatchEvent(new Event('change')); })()")
    b.run("document.getElementById('form-direction').value = 'downstream'")
    for name in ("after", "for", "side"):
        b.run("(() => { const f = document.getElementById('form-%s'); if (f) f.value = '%s'; })()" % (name, {"after": "0", "for": "auto", "side": "write"}[name]))
    picture(b, "form", ((1280, 900), (400, 800)))
    b.click("document.querySelector('#add-dialog button[type=submit]')")
    own = rig.wait_for(lambda: w.ask("GET", V1 + "/sessions/%d/impairments" % number).json()["impairments"])
    check("the form has impaired it", own and own[0]["kind"] == "stall", own or b.run("document.querySelector('#add-dialog').textContent"))
    s.sendall(b"kept")
    said = b.wait("(/^holds 4 B by stall/.exec(%s?.querySelector('.lane.down .node').textContent) || [''])[0]" % row(number))
    check("it alone", said, lane_text(b, number, "down", ".node"))
    b.click(row(number) + ".querySelector('.own button')")
    check("removed, it lets go", receive(c, 4) == 4)


def hostile_names(w, b):
    server = listener()
    a = w.ask("POST", "/proxies", {"name": EVIL, "listen": "127.0.0.1:0", "upstream": place(server)})
    assert a.status == 201, a
    check("a name is a text", b.wait("[...document.querySelectorAll('.proxy h3')].some((h) => h.textContent === %s)" % json.dumps(EVIL)))
    check("and does nothing", b.run("window.evil === undefined && !document.querySelector('main img')"))
    w.ask("DELETE", "/proxies/" + EVIL.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace('"', "%22"))
    server.close()


def for_everybody(w, b):
    server = listener()
    port = proxy(w, "wide", server, "latency{delay=1ms}", "bandwidth{rate=10MB/s}")
    c = connect(port)
    s = rig.accept(server)
    number = session_of(w, c)
    b.wait(row(number))
    b.wait("document.querySelectorAll('.switch').length === 2")
    b.click(row(number) + ".querySelector('.name')")
    for width in (1280, 820, 400, 320):
        b.resize(width, 900)
        got = b.run("new Promise((r) => requestAnimationFrame(() => r([document.documentElement.scrollWidth, innerWidth])))")
        check("it fits %d pixels" % width, got[0] <= width, got)
    b.resize(1280, 900)
    unnamed = b.run("""[...document.querySelectorAll('button, input, select, [tabindex]')].filter((e) => e.offsetParent &&
        !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 100))""")
    check("every control has a name", unnamed == [], unnamed)
    b.run("(document.activeElement.blur(), window.scrollTo(0, 0))")
    seen = set()
    for _ in range(60):
        b.key("Tab")
        seen.add(b.run("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))
    check("the keyboard gets to them", {"capture-button", "chart-proxy", "add-proxy", "journal-filter", "journal-pause", "switch"} <= seen, seen)
    journal = b.run("[...document.querySelectorAll('#journal-list b')].map((e) => e.textContent)")
    check("the journal has what was done", {"session open", "config changed"} <= set(journal), journal[:20])
    c.close()
    s.close()
    w.ask("DELETE", V1 + "/proxies/wide")
    server.close()


def headers(w):
    a = w.ask("GET", "/", headers=["Accept: text/html", "User-Agent: Mozilla/5.0"])
    policy = a.headers.get("content-security-policy", "")
    check("the page has a strict policy", a.status == 200 and "default-src 'none'" in policy and "unsafe" not in policy and "script-src 'self'" in policy, a)
    check("and no script in it", b"<script>" not in a.body and b"onclick" not in a.body and b"style=" not in a.body)
    for name in re.findall(rb'/page/[a-z.]+', a.body):
        check(name.decode(), w.ask("GET", name.decode()).status == 200)
    check("another site's page gets none", w.ask("GET", "/", headers=["Accept: text/html", "Sec-Fetch-Site: cross-site"]).status == 403)
    check("nor under another name", w.http.ask("GET", "/page/main.js", headers=["Origin: http://evil.example"]).status == 403)
    said = [l for l in w.lines if "by hand, on http://127.0.0.1:%d/" % w.port in l]
    check("its address is printed", said, w.lines)


def with_token(folder):
    path = os.path.join(folder, "token")
    with open(path, "w") as f:
        f.write("a-token-of-twenty-four-x\n")
    with Serve("--api-token", path) as w, Browser() as b:
        b.open("http://127.0.0.1:%d/" % w.port)
        check("it asks for the token", b.wait("document.getElementById('token-dialog')?.open"))
        b.type("document.getElementById('token')", "a wrong token that is long")
        check("again, when it is wrong", b.wait("document.getElementById('token-dialog').open && document.getElementById('token').value === ''"))
        b.type("document.getElementById('token')", "a-token-of-twenty-four-x")
        check("and works with it", b.wait("document.getElementById('state').textContent === 'live'"))
        check("which stays in the tab", b.run("sessionStorage.length === 1 && localStorage.length === 0"))


need_browser()
if not has_impairments():
    print("skipped: this wedge has no impairments")
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder_, Serve() as wedge:
    headers(wedge)
    with Browser() as browser:
        browser.open("http://127.0.0.1:%d/" % wedge.port)
        check("it is live", browser.wait("document.getElementById('state')?.textContent === 'live'"), browser.errors)
        for test in (figures, held_and_switched, unread, hostile_names, for_everybody):
            print(test.__name__, flush=True)
            test(wedge, browser)
        allowed = [e for e in browser.errors if "400 (Bad Request)" in e]  # what was typed in to be refused
        check("the browser has nothing to complain about", len(allowed) <= 1 and browser.errors == allowed, browser.errors)
    with_token(folder_)
rig.finish()
