#!/usr/bin/env python3
"""The capture of a running 'wedge proxy', both legs over loopback: every packet once and on its leg, as tcpdump and tshark
see them; comments at the packets concerned; unrelated traffic left out; servers that refuse; IPv6, names, several proxies,
a changed configuration. In a network namespace of its own."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import proxy_rig as rig  # noqa: E402
from capture_rig import enter_namespace  # noqa: E402
from config_rig import Config, has_impairments, proxies, proxy  # noqa: E402
from live_rig import FIN, RST, SYN, Tcpdump, comments, flags, frames, leg, need_capture, packets, to_or_from  # noqa: E402
from proxy_rig import accept, check, connect, listener  # noqa: E402

need_capture()
enter_namespace()
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def exchange(c, s, request=b"request", answer=b"x" * 50):
    c.sendall(request)
    s.recv(len(request))
    for part in (answer[:20], answer[20:]):
        s.sendall(part)
    got = b""
    while len(got) < len(answer):
        got += c.recv(1000)


def left_behind(folder, *expected):
    names = set(os.listdir(folder)) - set(expected)
    check("nothing else is in the folder", not names, str(names))


def every_packet_once():
    for host in ("127.0.0.1", "::1"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.pcapng")
            server, other = listener(host), listener(host)
            shown = "[::1]" if ":" in host else host
            dump = Tcpdump(os.path.join(folder, "lo.pcap"), "lo")
            with rig.Proxy("%s:%d" % (shown, server.getsockname()[1]), "--capture", path, listen=":0" if ":" in host else
                           "127.0.0.1:0") as p:
                check("nothing is in the folder while it runs", os.listdir(folder) == ["lo.pcap"])
                pairs = []
                for _ in range(3):
                    c = connect(p.port, host)
                    pairs.append((c, accept(server)))
                unrelated = connect(other.getsockname()[1], host), accept(other)
                for c, s in [*pairs, unrelated]:
                    exchange(c, s)
                    c.close()
                    s.close()
                rig.wait_for(lambda: len(p.sessions()) == 3)
            dump.stop()
            port, up = p.port, server.getsockname()[1]
            for name, number in (("client", port), ("server", up)):
                theirs, ours = packets(dump.path, to_or_from(number)), packets(path, leg(name))
                check("%s: the %s leg has tcpdump's packets" % (host, name), theirs == ours and len(ours) >= 24,
                      "%d, %d" % (len(theirs), len(ours)))
            check("and nothing else is in it", not frames(path, lambda f: not leg("client")(f) and not leg("server")(f)))
            check("they are in the order of time", (lambda t: t == sorted(t))([float(f["frame.time_epoch"]) for f in frames(path)]))
            check("tshark sees nothing wrong",
                  not frames(path, lambda f: f["tcp.analysis.flags"] and not f["tcp.analysis.window_update"]))
            left_behind(folder, "out.pcapng", "lo.pcap")


def comments_stand_at_their_packets():
    with tempfile.TemporaryDirectory() as folder:
        path, journal = os.path.join(folder, "out.pcapng"), os.path.join(folder, "j")
        server = listener()
        with open(journal, "w", encoding="utf-8") as f:  # another wedge's, whose sessions have the same numbers
            f.write('{"t":0.0,"wall":%f,"event":"journal"}\n{"t":0.1,"event":"ack_dropped","session":1,"stage":"foreign"}\n'
                    % time.time())
        with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path, "--journal", journal, "--impair",
                       "delayed_ack{direction=downstream,timer=200ms}", "--impair",
                       "stall{direction=downstream,after=300B,for=100ms}") as p:
            c = connect(p.port)
            s = accept(server)
            for _ in range(8):
                exchange(c, s)
            c.close()
            s.close()
            rig.wait_for(p.sessions)
        told = comments(path)
        late = [int(f["frame.number"]) for f in frames(path, leg("server")) if f["tcp.len"] == "0" and not flags(f) & (FIN | SYN) and
                float(f["tcp.analysis.ack_rtt"] or 0) >= 0.190]
        held = [n for n, name, text in told if name == "server leg" and text.endswith("released by its timer")]
        check("the ACKs that tshark sees late have the comment", held == late and len(held) >= 5, "%s %s" % (held, late))
        stalls = [(n, name) for n, name, text in told if text.startswith("stall begun by stall")]
        check("the stall is told once, on the client leg", [name for _, name in stalls] == ["client leg"], str(stalls))
        if stalls:
            until = frames(path)[:stalls[0][0]]
            sent = sum(int(f["tcp.len"]) for f in until if leg("client")(f) and f["tcp.srcport"] == str(p.port))
            check("beside the bytes that had passed until then", sent <= 300, "%d bytes, %s" % (sent, until[-1]["tcp.srcport"]))
        check("an older part of the journal isn't told", not [t for t in told if "foreign" in t[2]])
        events = [json.loads(line)["event"] for line in open(journal, encoding="utf-8")]
        check("the journal that was asked for is there, too", events.count("ack_released") >= len(held), "%s %s" % (events.count("ack_released"), held))
        left_behind(folder, "out.pcapng", "j")


def a_server_that_refuses():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        closed = listener()
        port = closed.getsockname()[1]
        closed.close()
        with rig.Proxy("localhost:%d" % port, "--capture", path) as p:
            c = connect(p.port)
            rig.read_to_end(c)
            rig.wait_for(p.sessions)
        seen = [f["tcp.flags"] for f in frames(path, leg("server"))]
        check("its SYN and RST are on the server leg, of each address that was tried",
              seen and seen == ["0x0002", "0x0014"] * (len(seen) // 2), str(seen))
        check("and the client's connection on its leg", len(frames(path, leg("client"))) >= 4)
        told = [int(n) for n, _, text in comments(path) if "turned away" in text and "Connection refused" in text]
        resets = [int(f["frame.number"]) for f in frames(path, leg("client")) if flags(f) & RST]
        check("its RST tells why", told == resets and len(told) == 1, "%s, %s" % (told, resets))


def a_client_that_a_header_names():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        server = listener()
        with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--proxy-protocol-in", "--capture", path) as p:
            c = connect(p.port)
            c.sendall(b"PROXY TCP4 192.0.2.1 198.51.100.1 1234 80\r\n")
            s = accept(server)
            exchange(c, s)
            c.close()
            s.close()
            rig.wait_for(p.sessions)
        check("what is captured is its own connection all the same", len(frames(path, leg("client"))) >= 8)


def a_client_that_has_gone_at_once():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        server = listener()
        with rig.Proxy("127.0.0.1:%d" % server.getsockname()[1], "--capture", path) as p:
            p.p.send_signal(signal.SIGSTOP)
            rig.reset(connect(p.port))
            p.p.send_signal(signal.SIGCONT)
            rig.wait_for(p.sessions)
        seen = [f["tcp.flags"] for f in frames(path, leg("client"))]
        check("its connection is there", seen == ["0x0002", "0x0012", "0x0010", "0x0014"], str(seen))


def several_and_changed():
    """The second proxy comes by SIGHUP."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.pcapng")
        a, b = listener(), listener()
        text = lambda *list_: proxies(*list_, top="capture: %s\n" % path)
        with Config(text(proxy("a", a)), "-v") as w:
            first = connect(w.port("a")), accept(a)
            exchange(*first)
            check("SIGHUP", w.changed(text(proxy("a", a), proxy("b", b))) == (1, 0, 0))
            second = connect(w.port("b")), accept(b)
            for pair in (first, second):
                exchange(*pair)
                for s in pair:
                    s.close()
            port = w.port("b")
            said, _ = w.change(proxies(proxy("a", a), top="capture: elsewhere.pcapng\n"))
            check("another capture is refused while it runs", "capture: it can't become" in said, said)
            rig.wait_for(lambda: len(w.logged("wedge: session ")) == 2)
        for n in (w.ports["a"], port):
            check("both handshakes are there", len([f for f in frames(path, to_or_from(n)) if flags(f) & SYN]) == 2)
        left_behind(folder, "out.pcapng")


every_packet_once()
if has_impairments():
    comments_stand_at_their_packets()
a_server_that_refuses()
a_client_that_a_header_names()
a_client_that_has_gone_at_once()
several_and_changed()
rig.finish()
