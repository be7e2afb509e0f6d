#!/usr/bin/env python3
"""The workloads "sip" and "relay" on loopback, with other people's programs for the other end: sipp (sip-tester) calls our
server and is called by our client, coturn gives our client allocations; servers that err; relays that say nothing."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

FOLDER = tempfile.mkdtemp()  # of files that other people's programs leave
RINGING, ANSWERED, BEEPS = 10, 11, 12  # of an exchange that is a call, as workload.h has it


def sip_server(*words):
    return rpc.Server("ring_after=100ms", "answer_after=50ms", *words, kind="sip")


def sip(*words):
    return rpc.client("timeout=2s", *words, kind="sip")


def at(server):
    return "127.0.0.1:%d" % server.port


def calls_ring_and_are_answered():
    with sip_server() as server, rpc.Server(kind="relay") as relay:
        result = sip("exchanges=6", "connections=2", "hold=50ms", "beep=50ms", "relay_port=%d" % relay.port, at(server))
        sip("exchanges=4", "exchange=message", at(server))
        sip("exchanges=2", "exchange=register", "sign_in=false", at(server))
        sip("exchanges=3", "exchange=publish", "sign_in=false", at(server))
        told, lent = server.stop(), relay.stop()
    check("all calls succeed", result["completed"] == 6 and not result["errors"], result["errors"])
    check("each rings after its time", all(0.1 <= x[RINGING] - x[0] < 0.3 and x[BEEPS] >= 2 for x in result["exchanges"]))
    check("and is answered", all(0.05 <= x[ANSWERED] - x[RINGING] < 0.2 for x in result["exchanges"]))
    check("the server has 6 calls, 4 messages, 5 registrations, 3 states of presence", told["completed"] == 18 and not told["failed"], told)
    check("the relay has 6 allocations", lent["completed"] == 6 and lent["connections"] == 6)


def sipp(*words):
    if not shutil.which("sipp"):
        rpc.skip("sipp isn't installed (sip-tester)")
    return subprocess.Popen(["sipp", "-t", "t1", "-i", "127.0.0.1", "-nostdin", *words], cwd=FOLDER,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def sipp_calls_our_server():
    with sip_server() as server:
        caller = sipp("-sn", "uac", "-m", "8", "-r", "20", "-d", "100", "-p", str(rpc.free_port()), "-timeout", "10s", at(server))
        out = caller.communicate(timeout=20)[0]
        told = server.stop()
    check("sipp finds nothing wrong", caller.returncode == 0, out[-400:] if caller.returncode else "")
    check("all its calls were answered", told["completed"] == 8 and not told["errors"], told["errors"])


REGISTERS = """<?xml version="1.0"?>
<scenario name="register">
  <send><![CDATA[
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP [local_ip]:[local_port];branch=[branch]
From: <sip:user1@example.com>;tag=[call_number]
To: <sip:user1@example.com>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:user1@[local_ip]:[local_port];transport=tcp>
Content-Length: 0

  ]]></send>
  <recv response="401" auth="true"/>
  <send><![CDATA[
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP [local_ip]:[local_port];branch=[branch]
From: <sip:user1@example.com>;tag=[call_number]
To: <sip:user1@example.com>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:user1@[local_ip]:[local_port];transport=tcp>
[authentication username=user1 password=PASSWORD]
Content-Length: 0

  ]]></send>
  <recv response="STATUS"/>
</scenario>
"""

REGISTRAR = """<?xml version="1.0"?>
<scenario name="registrar">
  <recv request="REGISTER"/>
  <send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="sipp", nonce="47364c23432d2e131a5fb210812c", opaque="so, so", qop="auth", algorithm=MD5
Content-Length: 0

  ]]></send>
  <recv request="REGISTER">
    <action>
      <ereg regexp="Digest.*username" search_in="hdr" header="Authorization:" check_it="true" assign_to="1"/>
      <verifyauth assign_to="2" username="user1" password="PASSWORD"/>
    </action>
  </recv>
  <nop hide="true" test="2" next="good"/>
  <send next="end"><![CDATA[
SIP/2.0 403 Forbidden
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

  ]]></send>
  <label id="good"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

  ]]></send>
  <label id="end"/>
  <Reference variables="1"/>
</scenario>
"""


def scenario(text, **words):
    for old, new in words.items():
        text = text.replace(old, new)
    path = os.path.join(FOLDER, "scenario.xml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def await_listener(port):
    for _ in range(100):
        with socket.socket() as s:
            if not s.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)


def sipp_signs_in():
    for password, status, done in (("secret", "200", (3, 0)), ("wrong", "403", (0, 3))):
        with sip_server() as server:
            user = sipp("-sf", scenario(REGISTERS, PASSWORD=password, STATUS=status), "-m", "3", "-r", "20", "-p", str(rpc.free_port()),
                        "-timeout", "10s", at(server))
            out = user.communicate(timeout=20)[0]
            told = server.stop()
        check("sipp with the password %s is answered 401, then %s" % (password, status), user.returncode == 0, out[-400:])
        check("a challenge is no exchange", (told["completed"], told["failed"]) == done, told)


def our_client_signs_in_at_sipp():
    for password, done in (("secret", (1, 0)), ("another", (0, 1))):
        port = rpc.free_port()
        registrar = sipp("-sf", scenario(REGISTRAR, PASSWORD=password), "-p", str(port), "-m", "1", "-timeout", "8s")
        await_listener(port)
        result = sip("sign_in=false", "exchange=register", "exchanges=1", "127.0.0.1:%d" % port)
        out = registrar.communicate(timeout=20)[0]
        check("sipp, whose password is %s, judges ours" % password, (result["completed"], result["failed"]) == done,
              (result["errors"], out[-400:]))
        check("and says 403 when it is another", password == "secret" or "answered with 403" in result["errors"][0], result["errors"])


def credentials_are_asked_for():
    with sip_server() as server, rpc.Server(kind="relay") as relay:
        result = sip("exchanges=2", "password=wrong", "exchange=message", at(server))
        check("a wrong password is refused", result["failed"] == 2 and "403" in result["errors"][0], result["errors"])
        result = rpc.client("exchanges=2", "password=wrong", at(relay), kind="relay")
        check("by the relay, too", result["failed"] == 2 and "401" in result["errors"][0], result["errors"])
        result = sip("exchanges=2", "hold=50ms", "relay_port=%d" % relay.port, "relay_password=wrong", "relay_silent=drop", at(server))
        check("and a call that needs it isn't made", result["failed"] == 2, result["errors"])
        result = sip("exchanges=4", "exchange=register", "sign_in=false", at(server))
        check("one challenge is enough for a connection", result["completed"] == 4, result["errors"])
        told, lent = server.stop(), relay.stop()
    check("the server has refused 2, and taken 4, and the one by whom the calls' user signs in",
          (told["failed"], told["completed"]) == (2, 5), told)
    check("the relay has refused 4", lent["failed"] == 4 and lent["completed"] == 0, lent)
    with sip_server("password=") as server:
        result = sip("exchanges=2", "exchange=message", "password=any", at(server))
        check("without a password nobody is asked", result["completed"] == 2, result["errors"])


def our_client_calls_sipp():
    port = rpc.free_port()
    callee = sipp("-sn", "uas", "-p", str(port), "-timeout", "3s")
    await_listener(port)
    result = sip("sign_in=false", "exchanges=6", "connections=2", "hold=50ms", "127.0.0.1:%d" % port)
    check("sipp answers every call", result["completed"] == 6 and not result["errors"], result["errors"])
    out = callee.communicate(timeout=20)[0]
    rows = {}
    for way, what, numbers in re.findall(r"(-+>|<-+) +(\w+)(?: +E-RTD1)?((?: +\d+)+)", out):
        rows[way[0] + what] = [int(n) for n in numbers.split()]
    check("its own count: 6 INVITEs, ACKs and BYEs, and nothing that it didn't expect",
          all(rows["-" + what][0] == 6 and rows["-" + what][-1] == 0 for what in ("INVITE", "ACK", "BYE")), rows)


def coturn_gives_allocations():
    if not shutil.which("turnserver"):
        print("note: turnserver isn't installed (coturn)")
        return
    port = rpc.free_port()
    turn = subprocess.Popen(["turnserver", "-n", "--lt-cred-mech", "-u", "user1:secret", "-r", "example.org", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", str(port), "--no-udp",
                             "--no-tls", "--no-dtls", "--no-cli", "--pidfile", FOLDER + "/pid", "--userdb", FOLDER + "/db",
                             "--log-file", "stdout"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_listener(port)
        result = rpc.client("exchanges=5", "timeout=3s", "127.0.0.1:%d" % port, kind="relay")
        check("coturn gives what is asked for", result["completed"] == 5 and not result["errors"], result["errors"])
        result = rpc.client("exchanges=2", "password=wrong", "timeout=3s", "127.0.0.1:%d" % port, kind="relay")
        check("but not by a wrong password", result["failed"] == 2 and "401" in result["errors"][0], result["errors"])
        result = rpc.client("exchanges=3", "timeout=3s", "hold=300ms", "media=20kB/s", "127.0.0.1:%d" % port, kind="relay")
        # The lab's own addresses are open to peers; coturn keeps loopback from them (403), which is its answer to a permission.
        check("coturn has something against a peer on loopback", result["failed"] == 3 and "403" in result["errors"][0], result["errors"])
    finally:
        turn.terminate()
        turn.wait()


def stun_request(method, *attributes, cookie=b"\x21\x12\xa4\x42"):
    body = b"".join(attributes)
    return method.to_bytes(2, "big") + len(body).to_bytes(2, "big") + cookie + b"transaction!" + body


def allocations_carry_media():
    with rpc.Server(kind="relay") as server:
        used = rpc.client("exchanges=3", "hold=300ms", at(server), kind="relay")
        sent = rpc.client("exchanges=3", "hold=300ms", "media=100kB/s", at(server), kind="relay")
        told = server.stop()
    check("all are granted, used and given back", used["completed"] == sent["completed"] == 3 and told["failed"] == 0, told)
    check("the relay has 3 * 2 requests, then 3 * 3", told["completed"] == 15, told)
    check("each lasts as long as it is held", all(0.3 <= x[2] - x[0] < 0.5 for x in used["exchanges"] + sent["exchanges"]))
    # 16 packets of 2000 bytes in 300 ms, each in two indications with a head of 36 bytes
    check("so much media is sent", 3 * 14 * 2072 < sent["bytes_out"] - used["bytes_out"] < 3 * 17 * 2072 + 300, sent["bytes_out"])


def health_checks_ask():
    with sip_server() as server:
        result = rpc.client("check=options", "exchanges=3", at(server), kind="probe")
        check("a SIP server answers OPTIONS", result["completed"] == 3 and not result["errors"], result["errors"])
    with rpc.Server(kind="probe") as server:
        result = rpc.client("check=allocate", "exchanges=3", "close=shutdown", at(server), kind="probe")
        check("the workload's own server is asked", result["completed"] == 3 and not result["errors"], result["errors"])
        check("and ends each connection", len(result["closing"]) == 3 and result["close_timeouts"] == 0)
    result = rpc.client("exchanges=2", "127.0.0.1:%d" % rpc.free_port(), kind="probe")
    check("where nobody listens each check fails", result["failed_connect"] == 2, result)
    with rpc.scripted(lambda sock, _: (sock.recv(4096), sock.sendall(b"SIP/2.0 503 Service Unavailable\r\n\r\n"))) as address:
        result = rpc.client("check=options", "exchanges=1", address, kind="probe")
        check("another answer is none", result["failed"] == 1, result["errors"])


def closes_that_never_end():
    """A relay that has answered and then hangs: its clients wait for its FIN as long as they may."""
    def hang(sock, _):
        request = sock.recv(4096)
        address = b"\0\x01" + (9 ^ 0x2112).to_bytes(2, "big") + bytes(a ^ b for a, b in zip((127, 0, 0, 1), b"\x21\x12\xa4\x42"))
        body = b"\0\x16\0\x08" + address
        sock.sendall(b"\x01\x03" + len(body).to_bytes(2, "big") + request[4:20] + body)
        time.sleep(1.5)

    with rpc.scripted(hang) as address:
        result = rpc.client("exchanges=1", "close=shutdown", "close_timeout=500ms", address, kind="relay")
    check("one call, whose close is given up", (result["completed"], result["close_timeouts"], result["closing"]) == (1, 1, []), result)
    check("which the client says", any("timed out in close" in e for e in result["errors"]), result["errors"])


def relay_refuses_what_it_must():
    udp, tcp = b"\0\x19\0\x04\x11\0\0\0", b"\0\x19\0\x04\x06\0\0\0"
    with rpc.Server("password=", kind="relay") as server:
        def ask(*requests):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as s:
                s.sendall(b"".join(requests))
                s.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: s.recv(4096), b""))
        for what, request, error in (("no transport", (stun_request(3),), b"\0\0\x04\0"),
                                     ("TCP", (stun_request(3, tcp),), b"\0\0\x04\x2a"),
                                     ("what it doesn't know", (stun_request(3, udp, b"\x01\x23\0\0"),), b"\0\0\x04\x14"),
                                     ("a second one", (stun_request(3, udp), stun_request(3, udp)), b"\0\0\x04\x25")):
            answer = ask(*request)
            check("an error for " + what, b"\x01\x13" in answer and error in answer, answer)
        check("nothing for what is no STUN", ask(stun_request(3, cookie=b"none")) == b"")
        told = server.stop()
    check("each counts as failed", told["failed"] == 5 and told["completed"] == 1, told)


def quiet(sock, _):
    while sock.recv(4096):
        pass


def calls_without_a_relay():
    with sip_server() as server, rpc.scripted(quiet) as silent:
        port = silent.split(":")[1]
        for when, silence, words in (("before_invite", "go_on", (3, 0, 0)), ("after_answer", "go_on", (3, 0, 0)),
                                     ("before_invite", "drop", (0, 3, 0)), ("after_answer", "drop", (0, 3, 3))):
            result = sip("exchanges=3", "hold=10ms", "relay_port=" + port, "relay_when=" + when, "relay_timeout=300ms",
                         "relay_silent=" + silence, "beep=100ms", at(server))
            rang = sum(len(x) > RINGING and x[RINGING] > 0 for x in result["exchanges"])
            check("%s, %s" % (when, silence), (result["completed"], result["failed_timeout"]) == words[:2] and
                  rang == words[0] + words[2], result["errors"])
            if when == "before_invite" and silence == "go_on":
                check("the silence delays the ringing", all(0.4 <= x[RINGING] - x[0] < 0.7 for x in result["exchanges"]))
            if words[2]:
                check("a dropped call ends when the relay's time is up",
                      all(0.3 <= x[2] - x[ANSWERED] < 0.5 for x in result["exchanges"]))
                check("over one connection to the server, and three to the relay", result["connections"] == 4)
        result = sip("exchanges=2", "hold=10ms", "relay_port=%d" % rpc.free_port(), at(server))
        check("a relay that isn't there delays nothing", all(x[RINGING] - x[0] < 0.3 for x in result["exchanges"]))


def answer_to(request, status, more=b"", body=b""):
    """An answer with the request's own lines."""
    lines = [x for x in request.split(b"\r\n") if re.match(rb"(Via|From|To|Call-ID|CSeq):", x)]
    return b"SIP/2.0 " + status + b"\r\n" + b"\r\n".join(lines) + b"\r\n" + more + b"Content-Length: 0\r\n\r\n"


def servers_that_err():
    heard = []

    def answer(sock, number):
        request = sock.recv(65536)
        if number == 0:
            sock.sendall(answer_to(request, b"486 Busy Here"))
            heard.append(sock.recv(65536))
            sock.sendall(answer_to(sock.recv(65536), b"180 Ringing"))
        elif number == 1:
            sock.sendall(b"SIP/2.0 200 OK\r\n\r\n")
            sock.recv(1)
        elif number == 2:
            sock.sendall(b"\0" * 70000)
            sock.recv(1)
        elif number == 3:
            for i in range(0, 3):
                sock.sendall(answer_to(request.replace(b"Call-ID: ", b"Call-ID: x"), b"200 OK"))
            sock.recv(1)
        else:
            ok = answer_to(request, b"200 OK", b"Contact: <sip:there@127.0.0.1>\r\n")
            sock.sendall(ok)
            heard.append(sock.recv(65536))
            sock.sendall(ok)  # as if the ACK had been lost
            heard.append(sock.recv(65536))
            call = re.search(rb"Call-ID: (\S+)", request).group(1)
            sock.sendall(b"BYE sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKb\r\nFrom: <sip:b@x>;tag=1\r\n"
                         b"To: <sip:a@x>;tag=2\r\nCall-ID: " + call + b"\r\nCSeq: 7 BYE\r\nl: 0\r\n\r\n")
            heard.append(sock.recv(65536))

    with rpc.scripted(answer) as address:
        result = rpc.client("sign_in=false", "exchanges=6", "think=20ms", "hold=1s", "timeout=500ms", address, kind="sip")
        for _ in range(100):  # the last answer is on its way when the client has ended
            if len(heard) == 4:
                break
            time.sleep(0.02)
    check("none succeeds", result["failed"] == 6, result)
    for text in ("answered with 486", "ended the connection", "needs Via", "begins so|more than|NUL", "without a final answer",
                 "other side hung up"):
        check("an error says: " + text, any(re.search(text, e) for e in result["errors"]), result["errors"])
    check("a refusal is acknowledged in its own transaction", heard[0].startswith(b"ACK sip:phone1@"), heard[0][:80])
    check("an answer at the address that it names", heard[1].startswith(b"ACK sip:there@127.0.0.1 SIP/2.0"), heard[1][:80])
    check("and again when it comes again", heard[2].startswith(b"ACK sip:there@"), heard[2][:80])
    check("who hangs up gets 200", heard[3].startswith(b"SIP/2.0 200"), heard[3][:80])


def server_answers_what_it_cant_do():
    def request(method, call, more=b""):
        return (method + b" sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\n"
                b"Call-ID: " + call + b"\r\nCSeq: 1 " + method + b"\r\n" + more + b"Content-Length: 0\r\n\r\n")

    with sip_server() as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as s:
            for text, status in ((request(b"OPTIONS", b"1"), b"200"), (request(b"BYE", b"2"), b"481"), (request(b"CANCEL", b"3"), b"481"),
                                 (request(b"SUBSCRIBE", b"4"), b"501"), (b"\r\n\r\n" + request(b"MESSAGE", b"5"), b"200")):
                s.sendall(text)
                got = s.recv(65536)
                check("%s for %s" % (status.decode(), text.split()[0].decode()), got.startswith(b"SIP/2.0 " + status), got[:60])
            s.sendall(request(b"INVITE", b"6") + request(b"CANCEL", b"6"))
            got = b""
            while got.count(b"\r\n\r\n") < 3:
                got += s.recv(65536)
            check("a cancelled call", re.findall(rb"SIP/2.0 (\d+)", got) == [b"100", b"200", b"487"], got)
            s.sendall(request(b"INVITE", b"7"))
            got, begun = b"", time.monotonic()
            while got.count(b"200 OK") < 3:
                got += s.recv(65536)
            check("without an ACK the answer comes again after T1, then 2 * T1", 1.5 <= time.monotonic() - begun - 0.15 < 2)
            s.sendall(b"nonsense\r\n\r\n")
            check("nonsense ends the connection", s.recv(65536) == b"")
        told = server.stop()
    check("what it can't read counts as failed", told["failed"] == 2, told)


try:
    calls_ring_and_are_answered()
    allocations_carry_media()
    health_checks_ask()
    closes_that_never_end()
    relay_refuses_what_it_must()
    calls_without_a_relay()
    servers_that_err()
    server_answers_what_it_cant_do()
    coturn_gives_allocations()
    credentials_are_asked_for()
    sipp_calls_our_server()
    sipp_signs_in()
    our_client_signs_in_at_sipp()
    our_client_calls_sipp()
finally:
    shutil.rmtree(FOLDER)
