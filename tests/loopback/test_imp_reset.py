#!/usr/bin/env python3
"""reset on real sockets: who gets the RST, behind which bytes, and everybody in the same instant.
QUIET: it judges tens of milliseconds."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests/rig"))
from proxy_rig import Proxy, accept, check, connect, finish, listener, read_to_end, served_since, wait_for

server = listener()
UPSTREAM = "127.0.0.1:%d" % server.getsockname()[1]


class Proxied(Proxy):
    def __init__(self, impairment):
        super().__init__(UPSTREAM, "--impair", impairment)

    def pair(self):
        c = connect(self.port)
        return c, accept(server)


for side, expected in (("client", ["RST", "nothing"]), ("server", ["nothing", "RST"]), ("both", ["RST", "RST"])):
    with Proxied("reset{side=%s,after=5B}" % side) as proxy:
        c, s = proxy.pair()
        s.sendall(b"12345")
        ends = []
        for end in (c, s):
            end.settimeout(0.5)
            ends.append(read_to_end(end)[1])
        check("reset of side %s" % side, ends == expected, ends)

with Proxied("reset{side=client,when=delivered,after=1MB}") as proxy:
    c, s = proxy.pair()
    try:
        s.sendall(b"x" * 2000000)
    except ConnectionError:
        pass  # wedge may be done with the server before it has said all
    got, how = read_to_end(c)
    check("when=delivered: exactly what was delivered before, then RST", how == "RST" and len(got) == 1000000,
          "%d bytes, %s" % (len(got), how))

with Proxied("reset{side=both,all_at_once=true,refuse_for=500ms,after=5B}") as proxy:
    pairs = [proxy.pair() for _ in range(100)]
    began = time.monotonic()
    pairs[50][1].sendall(b"12345")
    hows = [read_to_end(end)[1] for pair in pairs for end in pair]
    took = time.monotonic() - began
    others = [(i, how) for i, how in enumerate(hows) if how != "RST"]
    check("all at once: 100 sessions, both ends, within 100 ms", not others and took < 0.1, "%.4f s %s" % (took, others))

    took = (wait_for(lambda: served_since(proxy.port)) or 0) - began
    check("all at once: new clients are refused for refuse_for and then served", 0.499 <= took < 0.6, "%.3f s" % took)
    check("all at once: the log says why", wait_for(lambda: proxy.logged("refused for a while")))

finish()
