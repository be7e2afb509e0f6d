#!/usr/bin/env python3
"""The workload "freebusy" on loopback: curl asks our server for the availability of rooms, and an XML parser reads what it
says; our client's requests are documents, too, go from room to room and from day to day, and it tells answers that fail."""
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
RECORDS = 6  # of an exchange, as workload.h has it


def post(port, body, *words):
    done = subprocess.run(["curl", "-s", "-i", "--max-time", "10", "-H", "Content-Type: text/xml; charset=utf-8", "--data-binary",
                           "@-", *words, "http://127.0.0.1:%d/EWS/Exchange.asmx" % port],
                          input=body, stdout=subprocess.PIPE, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return head.decode(), body


def requests_of_our_client(*words, count):
    """What it sends, to a server that says nothing of use."""
    found = []

    def answer(sock, _):
        data = b""
        while b"</soap:Envelope>\n" not in data:
            data += sock.recv(65536)
        found.append(data)
        sock.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")

    with rpc.scripted(answer) as address:
        result = rpc.client("exchanges=%d" % count, *words, address, kind="freebusy")
    check("an error is a failure", result["failed"] == count and "status 500" in result["errors"][0], result["errors"])
    return found


def rooms_of(request):
    head, _, body = request.partition(b"\r\n\r\n")
    check("a POST of a SOAP document", re.match(rb"POST /EWS/Exchange.asmx HTTP/1.1\r\n", head) and
          b"\r\nSOAPAction: \"http://schemas.microsoft.com/exchange/services/2006/messages/GetUserAvailability\"" in head and
          b"\r\nContent-Length: %d" % len(body) in head, len(request))
    tree = ElementTree.fromstring(body)
    return [a.text for a in tree.iter(T + "Address")], tree.find(".//" + T + "StartTime").text, body


def main():
    if not shutil.which("curl"):
        rpc.skip("curl is not installed")
    asked_bytes = requests_of_our_client("rooms=2", count=3)
    asked = [rooms_of(r) for r in asked_bytes]
    check("a request fits into a segment", all(len(r) < 1448 for r in asked_bytes))
    check("room by room, then the next day", [(a[0], a[1][:10]) for a in asked] ==
          [(["room001@example.com"], "2015-03-02"), (["room002@example.com"], "2015-03-02"),
           (["room001@example.com"], "2015-03-03")], [a[:2] for a in asked])
    rooms, _, body = rooms_of(requests_of_our_client("rooms=6", "per_request=3", count=1)[0])
    with rpc.Server(kind="freebusy") as server:
        head, text = post(server.port, body)
        tree = ElementTree.fromstring(text)
        answers = list(tree.iter(M + "FreeBusyResponse"))
        views = [a.find(f"{M}FreeBusyView/{T}MergedFreeBusy").text for a in answers]
        check("an answer a room", head.startswith("HTTP/1.1 200 ") and "\r\nContent-Type: text/xml" in head and
              len(answers) == len(rooms) == 3 and all(a.find(f"{M}ResponseMessage/{M}ResponseCode").text == "NoError" for a in answers))
        check("48 half hours, at night free", all(re.fullmatch("0{16}[02]{20}0{12}", v) for v in views) and
              len(set(views)) == 3, views)
        check("the same again", post(server.port, body)[1] == text)
        head, text = post(server.port, b"<a/>")
        check("a fault for what is no question", head.startswith("HTTP/1.1 500 ") and ElementTree.fromstring(text)
              .find(".//faultstring") is not None)
        check("GET is not for this", post(server.port, b"", "-X", "GET")[0].startswith("HTTP/1.1 405 "))
        result = rpc.client("rooms=10", "exchanges=30", "127.0.0.1:%d" % server.port, kind="freebusy")
        check("our client is answered", result["completed"] == 30 and all(x[RECORDS] == 1 for x in result["exchanges"]),
              result["errors"])


main()
