#!/usr/bin/env python3
"""wedge check --target: a curl that gives up after 2 s, against a web server outside. The packet plane lets go of a dead connection only seconds
after the command's end, beyond the limit: that isn't the command's. Exit 77: there is no curl, or no lab can be built."""
import functools
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from run_rig import Rig, check, need  # noqa: E402

POINTS = ["T02", "T09", "T13", "T24"]
LIMIT, MAX_TIME = 4, 2
BODY = bytes(range(256)) * 800

need("curl")
rig = Rig()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A connection that is reset is what the test is for."""


server = Server(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
play = functools.partial(rig.run, rig.ordinary, "check", "--json", "--limit", f"{LIMIT}s", "--only", ",".join(POINTS), "--target",
                         f"127.0.0.1:{server.server_port}", "--", "curl", "-sS")

status, out, err = play("--max-time", str(MAX_TIME), "{url}")
card = json.loads(out)
cells = {c["id"]: c for c in card["cells"]}
check(card["target"] == f"127.0.0.1:{server.server_port}" and not {"server", "ready", "then"} & set(card), "the card tells --target, and no more")
check(status == 0 and list(cells) == POINTS, f"the card is complete: exit status {status} {err}")
for name, cell in cells.items():
    run = cell["runs"][0]
    check(cell["grade"] == "DETECTED" and run["exit_status"] == (7 if name == "T02" else 28), f"{name}: {cell['grade']}: {cell['why']}")
    # curl's 2 s count from its own start, the fault a little later; 0.5 s more for a busy machine.
    check(cell["seconds"] < 1 if name == "T02" else MAX_TIME - 0.5 < cell["seconds"] < MAX_TIME + 0.5, f"{name}: after {cell['seconds']:.3f} s")

status, out, err = play("{url}")
cells = {c["id"]: c for c in json.loads(out)["cells"]}
check([c["grade"] for c in cells.values()] == ["DETECTED", "HUNG", "HUNG", "HUNG"], f"without --max-time it hangs {[c['why'] for c in cells.values()]}")
check(all(c["runs"][0]["limited"] for name, c in cells.items() if name != "T02"), "and the limit has ended it")
