#!/usr/bin/env python3
"""The workload "foldersync" on loopback: cadaver and curl list our server's folders and fetch an item, an XML parser reads
its multistatus, chunked and with a length; our client counts what nginx's WebDAV has, and tells what isn't a list."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc
from rpc import check

DAV_MODULE = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"
NGINX_CONF = """load_module %s; daemon off; pid {dir}/pid; error_log {dir}/error.log; worker_processes 1;
events {{}}
http {{
    access_log off; client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
    uwsgi_temp_path {dir}; scgi_temp_path {dir};
    server {{ listen 127.0.0.1:{port}; root {dir}/www; dav_ext_methods PROPFIND OPTIONS; }}
}}
""" % DAV_MODULE
RECORDS, ASKED = 6, 7  # of an exchange, as workload.h has it
D = "{DAV:}"


def curl(port, path, *words):
    done = subprocess.run(["curl", "-s", "-i", "--max-time", "10", *words, "http://127.0.0.1:%d%s" % (port, path)],
                          stdout=subprocess.PIPE, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return head.decode(), body


def propfind(port, path, depth):
    return curl(port, path, "-X", "PROPFIND", "-H", "Depth: " + depth)


def lists_are_what_the_folders_hold():
    for encoding, field in (("chunked", "Transfer-Encoding: chunked"), ("length", "Content-Length: ")):
        with rpc.Server("items=300,20", "encoding=" + encoding, "item=1000B,1300B", kind="foldersync") as server:
            head, body = propfind(server.port, "/exchange/meyer/Contacts/", "1")
            entries = ElementTree.fromstring(body).findall(D + "response")
            names = [e.find(D + "href").text for e in entries]
            check("207 with a list, " + encoding, head.startswith("HTTP/1.1 207 ") and field in head and
                  len(entries) == 21 and names[0] == "/exchange/meyer/Contacts/" and
                  all(re.fullmatch(names[0] + r"\d{5}\.EML", n) for n in names[1:]), names[:2])
            sizes = [len(part) + len("</D:response>\n") for part in body.split(b"</D:response>\n")[1:-1]]
            check("entries as large as asked for", all(1000 <= s <= 1300 for s in sizes) and len(set(sizes)) > 5)
            check("the same list again", propfind(server.port, "/exchange/meyer/Contacts/", "1")[1] == body)
            check("another's is another", propfind(server.port, "/exchange/baker/Contacts/", "1")[1] != body)
            check("depth 0: the folder alone", propfind(server.port, "/exchange/meyer/Contacts", "0")[1]
                  .count(b"</D:response>") == 1)
            check("an item alone", b"00007.EML</D:href>" in propfind(server.port, names[7], "0")[1])
            size = int(entries[7].find(f"{D}propstat/{D}prop/{D}getcontentlength").text)
            check("an item has the size of its entry", len(curl(server.port, names[7])[1]) == size, size)
            check("no such item", propfind(server.port, "/exchange/meyer/Contacts/00021.EML", "0")[0].split()[1] == "404")
            check("infinity is refused", b"propfind-finite-depth" in curl(server.port, "/", "-X", "PROPFIND")[1])
            check("who can't is told what can", "\r\nAllow: OPTIONS, GET, HEAD, PROPFIND\r\n" in
                  curl(server.port, "/", "-X", "LOCK")[0] + "\r\n")
            result = rpc.client("folders=2", "exchanges=8", "connections=4", "127.0.0.1:%d" % server.port, kind="foldersync")
            check("our client reads both", result["completed"] == 8 and
                  sorted(x[RECORDS] for x in result["exchanges"]) == [20] * 4 + [300] * 4 and
                  all(x[RECORDS] == x[ASKED] for x in result["exchanges"]), result["errors"])


def cadaver_browses():
    if not shutil.which("cadaver"):
        print("ok  cadaver is not installed")
        return
    with rpc.Server("items=12", kind="foldersync") as server, tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["cadaver", "http://127.0.0.1:%d/" % server.port], stdout=subprocess.PIPE, cwd=folder,
                              input="ls exchange/lane/Inbox\ncd exchange/lane/Inbox\nget 00012.EML\nquit\n",
                              text=True, timeout=30, env=dict(os.environ, HOME=folder))
        check("cadaver lists 12 items", len(re.findall(r"^ +\d{5}\.EML +\d+", done.stdout, re.M)) == 12)
        check("cadaver fetches one", os.path.getsize(folder + "/00012.EML") > 1000)


def our_client_reads_nginx():
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin") or not os.path.exists(DAV_MODULE):
        print("ok  nginx's WebDAV is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.makedirs(folder + "/www/dav/adams/Inbox")
        for i in range(70):
            with open(folder + "/www/dav/adams/Inbox/%d.eml" % i, "wb") as f:
                f.write(b"x" * i)
        port = rpc.free_port()
        with open(folder + "/nginx.conf", "w", encoding="ascii") as f:
            f.write(NGINX_CONF.format(dir=folder, port=port))
        with rpc.Server("output=" + folder + "/out", kind="command", address="127.0.0.1:%d" % port,
                        program=[shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-e", folder + "/error.log",
                                 "-p", folder, "-c", folder + "/nginx.conf"]):
            address = "127.0.0.1:%d" % port
            result = rpc.client("path=/dav", "exchanges=3", address, kind="foldersync")
            check("of nginx's folder 70 items", [x[RECORDS] for x in result["exchanges"]] == [70] * 3, result["errors"])
            result = rpc.client("path=/dav", "folder=1", "exchanges=1", address, kind="foldersync")
            check("one that isn't there has failed", "status 404" in result["errors"][0], result["errors"])


def what_is_no_list_is_told():
    begin = "<?xml version='1.0'?><a:multistatus xmlns:a='DAV:'><a:response><a:childcount>2</a:childcount></a:response>"
    for body, status, word in ((begin + "<a:response/></a:multistatus>", "207 Multi-Status", "a list of 1 items of a folder that has 2"),
                               (begin, "207 Multi-Status", "isn't a whole multistatus"),
                               ("hello", "200 OK", "status 200, not 207")):
        def answer(sock, _, text="HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)):
            data = b""
            while not data.endswith(b"</D:propfind>\n"):
                data += sock.recv(65536)
            sock.sendall(text.encode())

        with rpc.scripted(answer) as address:
            result = rpc.client("exchanges=1", address, kind="foldersync")
        check("told: " + word, result["failed"] == 1 and word in result["errors"][0], result["errors"])


def main():
    if not shutil.which("curl"):
        rpc.skip("curl is not installed")
    lists_are_what_the_folders_hold()
    cadaver_browses()
    our_client_reads_nginx()
    what_is_no_list_is_told()


main()
