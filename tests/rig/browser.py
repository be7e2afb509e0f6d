"""browser - a page in headless Chromium that is used as people use it: clicked, typed into, looked at. Driven by the
DevTools protocol over a pipe, so that no port is open."""
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def need_browser():
    if not shutil.which("chromium"):
        print("skipped: no chromium here")
        sys.exit(77)


class Browser:
    def __init__(self, width=1280, height=900):
        self.home = tempfile.mkdtemp(prefix="browser-")
        self.downloads = os.path.join(self.home, "downloads")
        os.mkdir(self.downloads)
        to_read, self.out = os.pipe()
        self.into, to_write = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_read, to_write)]
        words = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--disable-extensions",
                 "--disable-background-networking", "--no-first-run", "--disable-dev-shm-usage", "--mute-audio", "--hide-scrollbars",
                 "--user-data-dir=" + self.home, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
        self.p = subprocess.Popen(["bash", "-c", 'exec "$@" 3<&%d 4>&%d' % tuple(ends), "-", *words], pass_fds=ends, start_new_session=True,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.home, TMPDIR=self.home))
        for fd in (to_read, to_write, *ends):
            os.close(fd)
        self.rest, self.number, self.session, self.errors, self.answers = b"", 0, None, [], {}
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")
        self.call("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": self.downloads})
        self.resize(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.p.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.home, ignore_errors=True)

    def _read(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.into], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser doesn't answer")
            data = os.read(self.into, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def _note(self, m):
        method, p = m.get("method"), m.get("params", {})
        if method == "Runtime.exceptionThrown":
            d = p["exceptionDetails"]
            self.errors.append(d.get("exception", {}).get("description") or d["text"])
        elif method == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description"))) for a in p["args"]))
        elif method == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
            self.errors.append(p["entry"]["text"] + " " + p["entry"].get("url", ""))

    def call(self, method, params=None):
        self.number += 1
        m = {"id": self.number, "method": method, "params": params or {}}
        if self.session:
            m["sessionId"] = self.session
        os.write(self.out, json.dumps(m).encode() + b"\0")
        until = time.monotonic() + 60
        while True:
            got = self._read(until)
            if got.get("id") == m["id"]:
                if "error" in got:
                    raise RuntimeError("%s: %s" % (method, got["error"]))
                return got["result"]
            self._note(got)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def dark(self, on):
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]})

    def open(self, url):
        self.call("Page.navigate", {"url": url})

    def run(self, script):
        """What an expression comes to; a promise is awaited, and an element is true."""
        script = "Promise.resolve(%s).then((v) => v instanceof Node ? true : v)" % script
        got = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in got:
            raise RuntimeError(script + ": " + json.dumps(got["exceptionDetails"].get("exception", {}).get("description", "")))
        return got["result"].get("value")

    def wait(self, script, seconds=20):
        """Until the expression is true; returns its last value."""
        until = time.monotonic() + seconds
        while True:
            value = self.run(script)
            if value or time.monotonic() > until:
                return value
            time.sleep(0.05)

    def click(self, element):
        """element: an expression. Clicks where it is, as a mouse does."""
        x, y = self.run("""(() => { const e = %s; e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2]; })()""" % element)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "none" if kind == "mouseMoved" else "left",
                                                   "clickCount": 0 if kind == "mouseMoved" else 1})

    def key(self, name, code=None):
        number = {"Enter": 13, "Tab": 9, "End": 35, "Home": 36, "ArrowRight": 39, "ArrowLeft": 37, " ": 32}[name]
        text = {"Enter": "\r", " ": " "}.get(name)
        for kind in ("keyDown", "keyUp"):
            m = {"type": kind, "key": name, "code": code or name, "windowsVirtualKeyCode": number}
            if text and kind == "keyDown":
                m["text"] = text
            self.call("Input.dispatchKeyEvent", m)

    def type(self, element, text):
        """Puts a text in the place of what is in a field, by the keyboard, and presses Enter."""
        self.run("(() => { const e = %s; e.scrollIntoView({block: 'center'}); e.focus(); e.select(); })()" % element)
        self.call("Input.insertText", {"text": text})
        self.key("Enter")

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})["data"]))
