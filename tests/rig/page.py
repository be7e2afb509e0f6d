"""page - a page of wedge in headless Chromium: what a browser made of it, what its console said, how wide it is on a
phone, and what its printer gives."""
import functools
import html.parser
import http.server
import os
import subprocess
import tempfile
import threading

VOID = {"meta", "link", "img", "br", "hr", "input", "base", "embed", "source"}


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.parts = tag, dict(attributes), []

    def __iter__(self):
        for part in self.parts:
            if isinstance(part, Element):
                yield part
                yield from part

    @property
    def text(self):
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def all(self, tag, **attributes):
        """Every element of that kind below this one; class_ is one of its classes."""
        wanted = attributes.pop("class_", None)
        return [e for e in self if e.tag == tag and all(e.attributes.get(k) == v for k, v in attributes.items())
                and (wanted is None or wanted in (e.attributes.get("class") or "").split())]

    def by_id(self, name):
        found = [e for e in self if e.attributes.get("id") == name]
        return found[0] if len(found) == 1 else None


class Tree(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = [Element("", [])]
        self.feed(text)
        self.close()
        self.root = self.open[0]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs)
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].parts.append(Element(tag, attrs))

    def handle_endtag(self, tag):
        if tag not in VOID:
            while len(self.open) > 1 and self.open.pop().tag != tag:
                pass

    def handle_data(self, data):
        self.open[-1].parts.append(data)


def chromium(*words):
    """(standard output, lines of the browser's console); without a network."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                               "--user-data-dir=" + home, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", *words],
                              capture_output=True, text=True, timeout=120, env=dict(os.environ, HOME=home), check=False)
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def opened(path):
    """(the page as the browser has it, lines of its console)."""
    text, console = chromium("--dump-dom", "file://" + path)
    return Tree(text).root, console


MEASURE = """<iframe id=f src="%s" width="%d" height="800" style="border:0"></iframe><script>
onload = () => { const d = f.contentDocument.documentElement; document.title = d.scrollWidth + " " + d.clientWidth; }
</script>"""


def widths(path, width):
    """(how wide the page is, how wide its window is) in a window of that width."""
    folder, name = os.path.split(path)
    with tempfile.NamedTemporaryFile("w", suffix=".html", dir=folder) as frame:
        frame.write(MEASURE % (name, width))
        frame.flush()

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        text, _ = chromium("--dump-dom", f"http://127.0.0.1:{server.server_port}/{os.path.basename(frame.name)}")
        server.shutdown()
        server.server_close()
    return tuple(int(word) for word in Tree(text).root.all("title")[0].text.split())


def printed(path, into):
    """The bytes of the page as PDF."""
    chromium("--print-to-pdf=" + into, "file://" + path)
    with open(into, "rb") as f:
        return f.read()
