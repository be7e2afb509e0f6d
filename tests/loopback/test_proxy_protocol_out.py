#!/usr/bin/env python3
"""The PROXY header that a server is sent says who the client is and where it went, for nginx, haproxy and tshark; it comes
before anything else, also before TLS, and counts as no byte of the session's."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import capture_rig
import config_rig
import proxy_protocol_rig as pp
import proxy_rig as rig
import tls_rig as tls


def wedge(port, version, *args, **more):
    return rig.Proxy("127.0.0.1:%d" % port, "--proxy-protocol-out", version, *args, **more)


def nginx_sees(nginx):
    """All that the header says is true: curl and nginx agree."""
    for version in ("v1", "v2"):
        for listen, host in (("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "[::1]")):
            mark = "%s-%d" % (version, host.count(":"))
            with wedge(pp.HEADER, version, listen=listen) as w:
                body, own, said = pp.curl("http://%s:%d/body?%s" % (host, w.port, mark))
            rig.check("%s, %s: nginx serves" % (version, host), body == pp.BODY, said)
            saw = nginx.saw(mark)
            rig.check("%s, %s: nginx reads the client's and the wanted address" % (version, host), saw == [own],
                      "%s %s" % (saw, own))


def before_tls(nginx, folder):
    """In clear text before the handshake; a client in clear text or with TLS."""
    ca = folder + "/ca/ca.pem"
    for version in ("v1", "v2"):
        for mode, port in (("terminate", pp.HEADER), ("originate", pp.HEADER_TLS), ("intercept", pp.HEADER_TLS)):
            mark = version + mode
            args = ("--tls", mode, *(() if mode == "originate" else ("--tls-ca", folder + "/ca")))
            with wedge(port, version, *args) as w:
                if mode == "originate":
                    body, own, said = pp.curl("http://127.0.0.1:%d/body?%s" % (w.port, mark))
                else:
                    body, own, said = pp.curl("https://%s:%d/body?%s" % (pp.NAME, w.port, mark), *pp.https(w.port, ca=ca))
            rig.check("%s, %s: nginx serves" % (version, mode), body == pp.BODY, said)
            rig.check("%s, %s: and has read the header" % (version, mode), nginx.saw(mark) == [own])


def haproxy_sees(haproxy, folder):
    ca = folder + "/ca/ca.pem"
    for version in ("v1", "v2"):
        for mode, port, name in (("passthrough", pp.HA, "-"), ("terminate", pp.HA, pp.NAME),
                                 ("intercept", pp.HA_TLS, pp.NAME)):
            args = ("--tls", mode, *(() if mode == "passthrough" else ("--tls-ca", folder + "/ca")))
            with wedge(port, version, *args) as w:
                if mode == "passthrough":
                    body, own, said = pp.curl("http://127.0.0.1:%d/body" % w.port)
                else:
                    body, own, said = pp.curl("https://%s:%d/body" % (pp.NAME, w.port), *pp.https(w.port, ca=ca))
            rig.check("%s, %s: through haproxy" % (version, mode), body == pp.BODY, said)
            saw = haproxy.saw(own.client)[-1:] # ports come round
            want = [(own.target, "[%s]" % (name if version == "v2" else "-"))]
            rig.check("%s, %s: haproxy reads addresses, and the name that the client asked for" % (version, mode),
                      saw == want, "%s %s" % (saw, want))


FIELDS = ("proxy.version", "proxy.v1.proto", "proxy.src.ipv4", "proxy.srcport", "proxy.dst.ipv4", "proxy.dstport", "proxy.v2.cmd",
          "proxy.v2.tlv.type", "proxy.v2.tlv.ssl.client", "proxy.v2.tlv.ssl.version", "proxy.v2.tlv.ssl.cipher",
          "proxy.header.length_too_small", "proxy.bad_format")


def dissect(path, port):
    """The fields of the headers in what the client of that port has been sent to the server."""
    words = ["tshark", "-r", path, "--enable-heuristic", "proxy_tcp", "-Y", "proxy && tcp.dstport == %d" % port, "-T",
             "fields"]
    for field in FIELDS:
        words += ["-e", field]
    out = subprocess.run(words, capture_output=True, text=True, timeout=60).stdout
    return [line.split("\t") for line in out.splitlines()]


def tshark_sees(folder):
    path, ca = folder + "/lo.pcap", folder + "/ca/ca.pem"
    with capture_rig.Capture(path, "lo"):
        with wedge(pp.HEADER, "v1") as w:
            v1 = pp.curl("http://127.0.0.1:%d/body" % w.port)[1]
        with wedge(pp.HEADER, "v2", "--tls", "terminate", "--tls-ca", folder + "/ca", "--tls-version", "1.2") as w:
            v2 = pp.curl("https://%s:%d/body" % (pp.NAME, w.port), *pp.https(w.port, ca=ca))[1]
    rows = dissect(path, pp.HEADER)
    rig.check("tshark finds two headers", len(rows) == 2, repr(rows))
    if len(rows) != 2:
        return
    rows = [dict(zip(FIELDS, row)) for row in rows]
    rig.check("tshark: one of each version", rows[0]["proxy.v1.proto"] == "TCP4" and rows[1]["proxy.version"] == "2", repr(rows))
    for row, version, own in zip(rows, ("1", "2"), (v1, v2)):
        said = pp.Sight("%(proxy.src.ipv4)s %(proxy.srcport)s" % row, "%(proxy.dst.ipv4)s %(proxy.dstport)s" % row)
        rig.check("tshark, v%s: it says the client's addresses" % version, said == own, repr(row))
        rig.check("tshark, v%s: and finds no fault" % version, not row["proxy.bad_format"] and
                  not row["proxy.header.length_too_small"])
    tlvs, cipher = rows[1]["proxy.v2.tlv.type"].split(","), rows[1]["proxy.v2.tlv.ssl.cipher"]
    rig.check("tshark: TLVs with the name and the client's TLS", [int(t, 0) for t in tlvs][:2] == [2, 0x20], repr(tlvs))
    rig.check("tshark: TLS 1.2 and its cipher suite", rows[1]["proxy.v2.tlv.ssl.version"] == "TLSv1.2" and
              cipher.startswith("ECDHE-ECDSA-"), repr(rows[1]))


def served(version, *args, send=b"", **more):
    """Everything that a server gets from a client that sends that and then FIN; and wedge's line."""
    server = rig.listener()
    with wedge(server.getsockname()[1], version, *args, **more) as w:
        c = rig.connect(w.port)
        c.sendall(send)
        c.shutdown(1)
        s = rig.accept(server)
        got = rig.read_to_end(s)
        s.close()
        c.close()
        lines = rig.wait_for(w.sessions)
    server.close()
    return got, lines[0]


def counts_for_nothing():
    for version, pattern, length in (("v1", rb"PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n", None),
                                     ("v2", rb"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c.{12}", 28)):
        (got, end), line = served(version)
        rig.check("%s: a server gets it, though the client never sent a byte" % version,
                  re.fullmatch(pattern, got, re.S) and end == "FIN", repr(got))
        rig.check("%s: and it is nobody's byte" % version, " 0 B up, 0 B down" in line, line)
        data = os.urandom(300000)
        (got, end), line = served(version, send=data)
        header = re.match(pattern, got, re.S)
        rig.check("%s: the bytes behind it are the client's" % version, header and got[header.end():] == data and
                  end == "FIN", "%d bytes" % len(got))
        rig.check("%s: which alone are counted" % version, " 300000 B up" in line, line)


def faults_act_behind_it():
    server = rig.listener()
    with wedge(server.getsockname()[1], "v2", "--impair", "stall{direction=upstream,after=10KB}") as w:
        c = rig.connect(w.port)
        s = rig.accept(server)
        c.sendall(b"x" * 20000)
        got = bytearray()
        while len(got) < 28 + 10000:
            got += s.recv(65536)
        s.settimeout(0.3)
        try:
            got += s.recv(65536)
        except TimeoutError:
            pass
        rig.check("stall{after=10KB}: 10000 bytes of the client's come behind the header", len(got) == 28 + 10000,
                  str(len(got)))
        s.close()
        c.close()
    server.close()
    (got, end), _ = served("v1", "--impair", "cut{direction=upstream,after=5B}", send=b"0123456789")
    rig.check("cut{after=5B}: the header and five bytes", re.fullmatch(rb"PROXY [^\r]*\r\n01234", got) and end == "FIN",
              repr(got))
    (got, _), _ = served("v1", "--impair", "slicer{size=1B,gap=1ms,direction=upstream}", send=b"0123456789")
    rig.check("slicer: the header is whole", got.startswith(b"PROXY TCP4 ") and got.endswith(b"\r\n0123456789"), repr(got))


def server_speaks_first():
    server = rig.listener()
    with wedge(server.getsockname()[1], "v1") as w:
        c = rig.connect(w.port)
        s = rig.accept(server)
        line = s.makefile("rb").readline()
        s.sendall(b"220 ready\r\n")
        rig.check("a server that speaks first has the header before the client has said a word",
                  line.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d" % (c.getsockname()[1], w.port)) and
                  c.recv(100) == b"220 ready\r\n", repr(line))
        s.close()
        c.close()
    server.close()


pp.enter()
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    cert, key = tls.make_certificate(folder, pp.NAME)
    nginx = pp.Nginx(folder, cert, key)
    haproxy = pp.HAPROXY and pp.Haproxy(folder, cert, key, 9)
    try:
        nginx_sees(nginx)
        before_tls(nginx, folder)
        tshark_sees(folder)
        if haproxy:
            haproxy_sees(haproxy, folder)
        else:
            print("haproxy isn't installed: it is left out")
    finally:
        nginx.close()
        if haproxy:
            haproxy.close()
counts_for_nothing()
server_speaks_first()
if config_rig.has_impairments():
    faults_act_behind_it()
rig.finish()
