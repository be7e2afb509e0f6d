#!/usr/bin/env python3
"""The workload "sessions" on loopback: our client calls our server in fragments and whole, is refused beyond the limit and comes in
when a place is free; impacket and rpcclient ask our endpoint mapper; tshark names every PDU; what isn't DCE/RPC is told."""
import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

BYTES = 4  # of an exchange, as workload.h has it
MAILBOX = "e871cfc1-3513-4f54-9d2d-e89d1fb8cdbf"
NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860"
BIND, BIND_ACK, BIND_NAK, REQUEST, RESPONSE, FAULT = 11, 12, 13, 0, 2, 3
FIRST, LAST = 1, 2
TOO_BUSY = "0x1c010014"
TCP_REPAIR = 19  # linux/tcp.h

# Asks the port for each interface; prints where it is, or the status.
IMPACKET = """
import sys
from impacket.dcerpc.v5 import epm, transport
from impacket.uuid import uuidtup_to_bin
for uuid, version in (x.split(",") for x in sys.argv[2:]):
    dce = transport.DCERPCTransportFactory("ncacn_ip_tcp:127.0.0.1[%s]" % sys.argv[1]).get_dce_rpc()
    dce.connect()
    try:
        print(epm.hept_map("127.0.0.1", uuidtup_to_bin((uuid, version)), protocol="ncacn_ip_tcp", dce=dce))
    except Exception as e:
        print(e)
"""


def uuid_bytes(text):
    a, b, c, d, e = text.split("-")
    return struct.pack("<IHH", int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e)


def pdu(kind, body, call=1, flags=FIRST | LAST, auth=0):
    return struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, 16 + len(body), auth, call) + body


def bind(interface=MAILBOX, transfer=NDR, fragment=5840):
    return pdu(BIND, struct.pack("<HHIIHH", fragment, fragment, 0, 1, 0, 1) + uuid_bytes(interface) + struct.pack("<I", 1) +
               uuid_bytes(transfer) + struct.pack("<I", 2))


def request(opnum, stub, **more):
    return pdu(REQUEST, struct.pack("<IHH", len(stub), 0, opnum) + stub, **more)


def logon(name):
    return request(0, struct.pack("<III", len(name) + 1, 0, len(name) + 1) + name + b"\0")


def read_pdu(sock):
    """(type, what is behind the header), or None: the connection has ended."""
    data = b""
    while len(data) < 16 or len(data) < struct.unpack("<H", data[8:10])[0]:
        piece = sock.recv((struct.unpack("<H", data[8:10])[0] if len(data) >= 16 else 16) - len(data))
        if not piece:
            return None
        data += piece
    return data[2], data[16:]


def status_of(answer):
    return "0x%08x" % struct.unpack("<I", answer[1][8:12]) if answer and answer[0] == FAULT else answer


@contextlib.contextmanager
def connected(port, bound=True):
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.settimeout(20)
        if bound:
            sock.sendall(bind())
            check("bound", read_pdu(sock)[0] == BIND_ACK)
        yield sock


def ours_calls_ours():
    with rpc.Server("response=4B,100KiB", kind="sessions") as server:
        at, calls = "127.0.0.1:%d" % server.port, 0
        for words, connections in (((), 1), (("per_connection=1",), 6), (("per_connection=2", "close=shutdown"), 3),
                                   (("connections=3", "request=4B"), 3), (("request=100,20000",), 1), (("request=1MiB",), 1),
                                   (("interface=endpoint_mapper",), 1), (("interface=endpoint_mapper", "per_connection=2"), 3)):
            result = rpc.client("exchanges=6", *words, at, kind="sessions")
            calls += result["completed"]
            check("calls are answered " + " ".join(words), result["completed"] == 6 and result["connections"] == connections,
                  result["errors"])
        told = server.stop()
    check("and counted", told["completed"] == calls == 48 and not told["errors"], told["errors"])
    for size in (4, 5816, 5817, 12000, 1 << 20):
        with rpc.Server("response=%d" % size, "service=5ms", "service_varies=50%", kind="sessions") as server:
            result = rpc.client("exchanges=2", "request=%d" % size, "127.0.0.1:%d" % server.port, kind="sessions")
        pdus = -(-size // 5816)
        check("%d bytes come in %d PDUs" % (size, pdus), [x[BYTES] for x in result["exchanges"]] ==
              [60 + 28 + size + 24 * pdus, size + 24 * pdus], [x[BYTES] for x in result["exchanges"]])


def users_are_limited():
    with rpc.Server("limit=2", kind="sessions") as server:
        at = "127.0.0.1:%d" % server.port
        result = rpc.client("exchanges=12", "connections=3", "think=50ms", at, kind="sessions")
        check("the third session is refused", 1 <= result["failed"] == result["failed_other"] and result["completed"] >= 8 and
              result["errors"] == ["the server answers the logon by fault " + TOO_BUSY] and result["connections"] == 3, result["errors"])
        result = rpc.client("exchanges=6", "connections=3", "per_connection=1", "retries=100", at, kind="sessions")
        check("logoffs make room for retries", result["completed"] == 6, result["errors"])
        with connected(server.port) as one, connected(server.port) as two, connected(server.port) as three:
            for sock in (one, two, three):
                sock.sendall(logon(b"ann"))
            check("two are in", read_pdu(one)[0] == read_pdu(two)[0] == RESPONSE)
            check("the third is told", status_of(read_pdu(three)) == TOO_BUSY)
            three.sendall(logon(b"bob"))
            check("as somebody else it comes in", read_pdu(three)[0] == RESPONSE)
            with connected(server.port) as four:
                one.close()
                time.sleep(0.2)
                four.sendall(logon(b"ann"))
                check("a place is free when a connection has ended", read_pdu(four)[0] == RESPONSE)
        told = server.stop()
    check("the server has told of them", all(TOO_BUSY in x for x in told["errors"]) and told["failed"] >= 2, told["errors"])


def the_dead_keep_their_places():
    """Who goes without a segment, as a process does whose socket was in TCP_REPAIR."""
    if os.geteuid() != 0:
        print("ok  a socket that goes without a segment needs root: left out")
        return
    with rpc.Server("limit=1", "keepalive=1s", "keepalive_probes=1", kind="sessions") as server:
        with connected(server.port) as dead, connected(server.port) as next_one:
            dead.sendall(logon(b"ann"))
            check("in", read_pdu(dead)[0] == RESPONSE)
            dead.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            dead.close()
            next_one.sendall(logon(b"ann"))
            check("the place is kept", status_of(read_pdu(next_one)) == TOO_BUSY)
            time.sleep(2.5)
            next_one.sendall(logon(b"ann"))
            check("until the server's keep-alive finds out", read_pdu(next_one)[0] == RESPONSE)


def steps_have_an_order():
    call, status = request(1, struct.pack("<I", 1) + b"x"), []
    with rpc.Server(kind="sessions") as server:
        with connected(server.port) as sock:
            for ask in (call, request(2, b""), request(7, b""), request(0, b"\xff" * 12), logon(b"ann"), logon(b"ann"),
                        request(1, b"\x09\0\0\0x"), request(1, b"x"), pdu(18, b""), call):
                sock.sendall(ask)
                if ask[2] == REQUEST:
                    status.append(status_of(read_pdu(sock)))
            pieces = [b"\0" * 5816] * 190
            for i, piece in enumerate(pieces):
                flags = (FIRST if i == 0 else 0) | (LAST if i == len(pieces) - 1 else 0)
                sock.sendall(request(1, piece, flags=flags))
            status.append(status_of(read_pdu(sock)))
            sock.sendall(call)
            check("what was too long ends the call alone", read_pdu(sock)[0] == RESPONSE)
        check("faults tell what isn't taken", status[:4] + status[5:8] + status[9:] == [
            "0x00000005", "0x00000005", "0x1c010002", "0x000006f7", "0x1c00001a", "0x000006f7", "0x000006f7", "0x1c00001b"] and
            status[4][0] == status[8][0] == RESPONSE, status)


def binds_are_judged():
    with rpc.Server(kind="sessions") as server:
        for what, ask, result in (("an unknown interface", bind(NDR), (2, 1)),
                                  ("NDR64", bind(transfer="71710533-beba-4937-8319-b5dbef9ccc36"), (2, 2))):
            with connected(server.port, bound=False) as sock:
                sock.sendall(ask)
                kind, body = read_pdu(sock)
                check(what, kind == BIND_ACK and struct.unpack("<HH", body[-24:-20]) == result, body)
                sock.sendall(logon(b"ann"))
                check("isn't called", status_of(read_pdu(sock)) == "0x1c010003")
        big = struct.pack(">BBBBIHHI", 5, 0, BIND, 3, 0, 16, 0, 1)
        for what, ask in (("authentication", bind()[:10] + b"\x08\0" + bind()[12:]), ("big-endian numbers", big),
                          ("small fragments", bind(fragment=100)), ("no contexts", pdu(BIND, bytes(12))),
                          ("255 contexts", pdu(BIND, bytes(8) + b"\xff" * 60))):
            with connected(server.port, bound=False) as sock:
                sock.sendall(ask)
                check("bind_nak: " + what, read_pdu(sock)[0] == BIND_NAK and read_pdu(sock) is None)
        for what, ask in (("a call before a bind", request(1, b"")), ("a second fragment", bind() + request(1, b"", flags=LAST)),
                          ("a response", bind() + pdu(RESPONSE, bytes(8))), ("a short request", bind() + pdu(REQUEST, b"")),
                          ("a big-endian request", struct.pack(">BBBBIHHI", 5, 0, REQUEST, 3, 0, 16, 0, 1))):
            with connected(server.port, bound=False) as sock:
                sock.sendall(ask)
                answers = [read_pdu(sock) for _ in range(ask.count(b"\x05\0\x0b") + 1)]
                check("protocol error: " + what, status_of(answers[-1]) == "0x1c01000b" and read_pdu(sock) is None, answers)
        for what, ask in (("HTTP", b"GET / HTTP/1.1\r\n\r\n"), ("zeros", bytes(100)), ("a length of 3", b"\5\0\x0b\3\x10\0\0\0\3" + bytes(7)),
                          ("a length of 65535", b"\5\0\x0b\3\x10\0\0\0\xff\xff" + bytes(90))):
            with connected(server.port, bound=False) as sock:
                sock.sendall(ask)
                with contextlib.suppress(ConnectionResetError):
                    check("who sends is left: " + what, read_pdu(sock) is None)
        told = server.stop()
    check("all of it is told", len(told["errors"]) >= 10, told["errors"])


def answer_by(*replies):
    """Lets a connection say one reply after the other, each once something has come."""
    def answer(sock, _):
        for reply in replies:
            if not sock.recv(100000) or not reply:
                return
            sock.sendall(reply)
        sock.recv(100000)
    return answer


def what_goes_wrong_is_told():
    ack = pdu(BIND_ACK, struct.pack("<HHIH", 5840, 5840, 1, 4) + b"135\0" + b"\0\0" + struct.pack("<IHH", 1, 0, 0) + uuid_bytes(NDR) +
              struct.pack("<I", 2))
    rejected = pdu(BIND_ACK, struct.pack("<HHIH", 5840, 5840, 1, 4) + b"135\0" + b"\0\0" + struct.pack("<IHH", 1, 2, 1) + bytes(20))
    fault = pdu(FAULT, struct.pack("<IHHII", 0, 0, 0, 0x1c010014, 0), call=2)
    taken = pdu(RESPONSE, bytes(12), call=2)
    for what, words, replies, error in (
            ("a bind_nak", (), (pdu(BIND_NAK, b"\2\0"),), "by bind_nak, reason 0x2"),
            ("a rejected bind", (), (rejected,), "result 0x2, reason 0x1"),
            ("a fault", (), (ack, fault), "answers the logon by fault " + TOO_BUSY),
            ("what isn't DCE/RPC", (), (b"HTTP/1.1 400 Bad Request\r\n\r\n",), "not a PDU of DCE/RPC"),
            ("an ack that lies", (), (ack[:25] + b"\xff" + ack[26:],), "a bind_ack that is none"),
            ("another call's answer", (), (ack, pdu(RESPONSE, bytes(12), call=9)), "isn't under way"),
            ("big-endian numbers", (), (struct.pack(">BBBBIHHI", 5, 0, BIND_ACK, 3, 0, 16, 0, 1),), "in big-endian numbers"),
            ("an answer that is none", (), (ack, taken, pdu(RESPONSE, bytes(8) + b"\xff" * 8, call=3)), "isn't mailbox's"),
            ("a bind_ack later", (), (ack, pdu(BIND_ACK, bytes(60), call=2)), "a PDU of type 12"),
            ("a map that lies", ("interface=endpoint_mapper",), (ack, pdu(RESPONSE, bytes(28) + b"\xff" * 40, call=2)),
             "an answer of the endpoint mapper that is none"),
            ("an end in the middle", (), (ack, b""), "the server ended the connection")):
        with rpc.scripted(lambda sock, n, r=replies: answer_by(*r)(sock, n)) as address:
            result = rpc.client("exchanges=1", "timeout=5s", *words, address, kind="sessions")
        check(what, result["failed"] == 1 and error in result["errors"][0], result["errors"])


def impacket_asks():
    python = next((p for p in (sys.executable, "/usr/bin/python3") if subprocess.run(
        [p, "-c", "from impacket.dcerpc.v5 import epm"], stderr=subprocess.DEVNULL, check=False).returncode == 0), None)
    if not python:
        print("ok  impacket is not installed: left out")
        return
    with rpc.Server(kind="sessions") as server:
        done = subprocess.run([python, "-c", IMPACKET, str(server.port), MAILBOX + ",1.0", "a4f1db00-ca47-1067-b31f-00dd010662da,0.81"],
                              stdout=subprocess.PIPE, text=True, timeout=60, check=False)
        said = done.stdout.splitlines()
        check("impacket finds mailbox", said[0] == "ncacn_ip_tcp:127.0.0.1[%d]" % server.port, said)
        check("and nothing else", "0x16c9a0d6" in said[1], said)


def rpcclient_asks():
    if not shutil.which("rpcclient") or os.geteuid() != 0:
        print("ok  rpcclient is not installed, or port 135 can't be had by others than root: left out")
        return
    with rpc.Server(kind="sessions", address="127.0.0.135:135") as server:
        said = [subprocess.run(["rpcclient", "-U%", "ncacn_ip_tcp:127.0.0.135", "-c", "epmmap %s ncacn_ip_tcp" % x], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, timeout=60, check=False).stdout for x in ("epmapper", "lsarpc")]
        told = server.stop()
    check("rpcclient finds the endpoint mapper", "127.0.0.135[135" in said[0], said)
    check("and no other", "127.0.0.135[135" not in said[1] and told["completed"] == 2 and not told["errors"], (said, told["errors"]))


def capture_sessions(file):
    """Captures one of everything, a fault and fragments too. False: not permitted."""
    with rpc.Server("response=10000", "limit=1", kind="sessions") as server:
        at = "127.0.0.1:%d" % server.port
        # With --immediate-mode each packet takes up a slot of the largest one's size: 2 MB are few.
        capture = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-B", "16384", "-w", file,
                                    "tcp port %d" % server.port], stderr=subprocess.PIPE, text=True)
        if not any("listening" in line for line in capture.stderr):
            capture.wait()
            return False
        drain = threading.Thread(target=capture.stderr.read, daemon=True)
        drain.start()
        rpc.client("exchanges=4", "per_connection=2", "request=4,12000", at, kind="sessions")
        rpc.client("exchanges=4", "connections=2", "think=50ms", at, kind="sessions")
        rpc.client("exchanges=2", "interface=endpoint_mapper", at, kind="sessions")
        with connected(server.port, bound=False) as sock:
            sock.sendall(bind(fragment=100))
            read_pdu(sock)
        time.sleep(0.5)
        capture.send_signal(signal.SIGINT)
        capture.wait()
    return True


def tshark_names_all():
    if not shutil.which("tshark") or not shutil.which("tcpdump"):
        print("ok  tshark or tcpdump is not installed: left out")
        return

    def tshark(file, shown, *fields):
        # The server's port, any that was free, may be one that tshark takes for another protocol's.
        return subprocess.run(["tshark", "-r", file, "-o", "tcp.try_heuristic_first:TRUE", "-Y", shown, "-T", "fields",
                               *(x for f in fields for x in ("-e", f))], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True).stdout.splitlines()

    with tempfile.TemporaryDirectory() as folder:
        file = folder + "/sessions.pcap"
        if not capture_sessions(file):
            print("ok  tcpdump may not capture: left out")
            return
        found = set(",".join(tshark(file, "dcerpc", "dcerpc.pkt_type")).split(","))
        check("every PDU is named", found == {"0", "2", "3", "11", "12", "13"}, found)
        data = tshark(file, "tcp.len > 0 && !dcerpc && !tcp.reassembled_in && !tcp.segment", "frame.number")
        check("nothing but PDUs", not data, data)
        check("nothing is malformed", not tshark(file, "_ws.malformed || _ws.short", "frame.number"))
        # 0x00600000 is a warning, which tshark has of every bind_nak; a fault is a note.
        found = tshark(file, "_ws.expert.severity >= 0x00600000 && dcerpc.pkt_type != 13", "frame.number", "_ws.expert.message")
        check("nothing to warn of", not found, found)
        found = tshark(file, "epm.opnum == 3", "epm.tower.proto_id", "epm.proto.tcp_port")
        check("the endpoint mapper's towers are read", len(found) == 4, found)
        check("the fault is " + TOO_BUSY, set(tshark(file, "dcerpc.cn_status", "dcerpc.cn_status")) == {TOO_BUSY})


ours_calls_ours()
users_are_limited()
the_dead_keep_their_places()
steps_have_an_order()
binds_are_judged()
what_goes_wrong_is_told()
impacket_asks()
rpcclient_asks()
tshark_names_all()
