#!/usr/bin/env python3
"""The workload's client against servers of other people's (nginx, python3 -m http.server), and the
command roles: curl as client, those servers as server, started, measured, ended with their group."""
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["SOURCE_DIR"], "tests", "rig"))
import rpc

NGINX_CONF = """daemon off; pid {dir}/pid; error_log {dir}/error.log; worker_processes 1;
events {{}}
http {{
    access_log off; client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
    uwsgi_temp_path {dir}; scgi_temp_path {dir};
    server {{ listen 127.0.0.1:{port}; root {dir}/www; autoindex on; keepalive_requests 10; }}
}}
"""


def run_command(role, address, *program, output=None):
    words = [rpc.RUN, "command", role] + (["output=" + output] if output else [])
    return subprocess.run([*words, address, "--", *program], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, timeout=60)


def nginx(folder):
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not binary:
        return None
    port = rpc.free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(NGINX_CONF.format(dir=folder, port=port))
    return rpc.Server("output=" + os.path.join(folder, "out"), kind="command",
                      address="127.0.0.1:%d" % port,
                      program=[binary, "-e", folder + "/error.log", "-p", folder, "-c", conf])


def client_talks_to(server, name, connections):
    address = "127.0.0.1:%d" % server.port
    result = rpc.client("exchanges=25", "path=/page", address)
    rpc.check(name + " answers every exchange", result["completed"] == 25, result["errors"])
    rpc.check("connections to " + name, result["connections"] == connections, result["connections"])
    result = rpc.client("exchanges=4", "path=/", address)
    rpc.check(name + " lists its folder", result["completed"] == 4, result["errors"])
    result = rpc.client("exchanges=1", "path=/none", address)
    rpc.check(name + " has no such page", "status 404" in result["errors"][0])


def curl_is_measured(server, folder, page):
    address = "127.0.0.1:%d" % server.port
    output = os.path.join(folder, "curl.out")
    done = run_command("client", address, "curl", "-s", "http://{host}:{port}/page", output=output)
    result = rpc.json.loads(done.stdout)
    rpc.check("curl's status, bytes and hash are told",
              (result["exit_status"], result["completed"], result["output_bytes"],
               result["sha256"]) == (0, 1, len(page), hashlib.sha256(page).hexdigest()))
    with open(output, "rb") as f:
        rpc.check("curl's output is kept", f.read() == page)
    done = run_command("client", address, "curl", "-sf", "http://{host}:{port}/none")
    result = rpc.json.loads(done.stdout)
    rpc.check("a failed program is a failed one",
              (result["exit_status"], result["completed"], result["failed"]) == (22, 0, 1))


def ended(pid, seconds=3):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii") as f:
                if f.read().split()[2] in "ZX":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def stopped_program_leaves_nobody(folder):
    script = "trap '' TERM; sleep 300 & echo $! >%s/child; wait" % folder
    done = subprocess.run([rpc.RUN, "command", "client", "stop=300ms", "127.0.0.1:1", "--", "sh",
                           "-c", script], stdout=subprocess.PIPE, text=True, timeout=30)
    result = rpc.json.loads(done.stdout)
    rpc.check("a deaf program is killed", result["exit_status"] == 128 + signal.SIGKILL)
    rpc.check("and says so", result["stopped"] is True)
    with open(folder + "/child", encoding="ascii") as f:
        rpc.check("its child went with it", ended(f.read().strip()))


def runner_gone_means_end(folder):
    script = "echo $$ >%s/orphan; sleep 300" % folder
    rig = subprocess.Popen([rpc.RUN, "command", "client", "127.0.0.1:1", "--", "sh", "-c", script])
    path = folder + "/orphan"
    for _ in range(250):
        if os.path.exists(path) and os.path.getsize(path):
            break
        time.sleep(0.02)
    rig.kill()
    rig.wait()
    with open(path, encoding="ascii") as f:
        rpc.check("without its runner a program ends", ended(f.read().strip(), 6))


def broken_programs_are_told():
    done = run_command("client", "127.0.0.1:1", "/no/such/program")
    rpc.check("a missing program is an error", done.returncode == 1 and
              "/no/such/program" in rpc.json.loads(done.stdout)["text"], done.stdout.strip())
    done = run_command("server", "127.0.0.1:%d" % rpc.free_port(), "sh", "-c", "exit 3")
    rpc.check("a server that ends early is an error",
              "ended with status 3" in rpc.json.loads(done.stdout)["text"], done.stdout.strip())


def main():
    if not shutil.which("curl"):
        rpc.skip("curl is not installed")
    broken_programs_are_told()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(folder + "/www")
        page = os.urandom(70000)
        with open(folder + "/www/page", "wb") as f:
            f.write(page)
        stopped_program_leaves_nobody(folder)
        runner_gone_means_end(folder)
        port = rpc.free_port()
        with rpc.Server(kind="command", address="127.0.0.1:%d" % port,
                        program=[sys.executable, "-m", "http.server", "--bind", "{host}",
                                 "--directory", folder + "/www", "{port}"]) as server:
            client_talks_to(server, "http.server", 25)
            curl_is_measured(server, folder, page)
            told = server.stop()
        rpc.check("a stopped server says how it ended",
                  told["stopped"] and told["exit_status"] == 128 + signal.SIGTERM)
        server = nginx(folder)
        if not server:
            rpc.skip("nginx is not installed; all else passed")
        with server:
            client_talks_to(server, "nginx", 3)
            curl_is_measured(server, folder, page)
            told = server.stop()
        rpc.check("nginx ended in order", told["exit_status"] == 0 and told["stopped"])


main()
