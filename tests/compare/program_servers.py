"""program_servers - the real servers of programs.py, each started by a function of its name on a host of its own, with its
files in a folder of its own. All but samba's run as the user PROBE, who is made in this mount namespace only."""
import os
import re
import shutil
import subprocess
import time

UID = 23456
PROBE = ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups"]
PYTHON = "/usr/bin/python3"  # The system's, which has what Debian's packages bring.
PAGE = ("<body><script>x = new XMLHttpRequest(); x.open('GET', '/hex', false); x.send(); "
        "document.body.textContent = x.responseText</script></body>")
NGINX = """daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/nginx.log; events {{}}
http {{ default_type text/html; access_log off; client_body_temp_path {0}/t; proxy_temp_path {0}/t; fastcgi_temp_path {0}/t;
uwsgi_temp_path {0}/t; scgi_temp_path {0}/t; server {{ listen [::]:80 ipv6only=off; root {0}/files; }} }}
"""
VSFTPD = """listen_ipv6=YES
background=NO
run_as_launching_user=YES
anonymous_enable=YES
no_anon_password=YES
ftp_username=probe
anon_root={0}/files
secure_chroot_dir={0}/empty
xferlog_enable=NO
seccomp_sandbox=NO
"""
RSYNCD = "use chroot = no\nport = 873\nreverse lookup = no\npid file = {0}/rsyncd.pid\n[files]\npath = {0}/files\n"
SAMBA = """[global]
private dir = {0}/smb
lock directory = {0}/smb
state directory = {0}/smb
cache directory = {0}/smb
ncalrpc dir = {0}/smb
pid directory = {0}/smb
log file = {0}/smb/log
guest account = probe
map to guest = bad user
disable netbios = yes
load printers = no
smb ports = 445
[files]
path = {0}/files
guest ok = yes
"""
# Answers a message with the SHA-256 of its lines, and takes none before STARTTLS.
MAIL = """import hashlib, ssl, sys, time
from aiosmtpd.controller import Controller
class Handler:
    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.partition(b"\\r\\n\\r\\n")[2].replace(b"\\r\\n", b"")
        return "250 " + hashlib.sha256(text).hexdigest()
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("cert.pem", "key.pem")
for address in "0.0.0.0", "::":
    Controller(Handler(), address, 25, tls_context=tls, require_starttls=True, data_size_limit=10**8).start()
time.sleep(3600)
"""


def make_user(folder, address):
    """probe, with a shell, and a host named server, in this mount namespace only."""
    for name, line in (("passwd", f"probe:x:{UID}:{UID}::{folder}/user:/bin/sh"), ("group", f"probe:x:{UID}:"),
                       ("hosts", f"{address} server")):
        with open(f"/etc/{name}", encoding="utf-8") as f, open(f"{folder}/{name}", "w", encoding="utf-8") as own:
            own.write(f.read() + line + "\n")
        subprocess.run(["mount", "--bind", f"{folder}/{name}", f"/etc/{name}"], check=True)
    os.mkdir("/run/sshd")


class Servers:
    """host is a gateway_rig.Gateway; what is started runs on its host "server"."""

    def __init__(self, gateway, folder):
        self.gateway, self.folder, self.started = gateway, folder, set()
        self.log = open(f"{folder}/servers.log", "w", encoding="utf-8")
        gateway.sh("server", "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start")

    def start(self, name):
        """Starts it, once, and comes back when its port listens; False if it doesn't within 20 s."""
        if name not in self.started:
            self.started.add(name)
            port = getattr(self, name)()
            end = time.monotonic() + 20
            while not self.gateway.sh("server", f"ss -Htln 'sport = {port}'") and time.monotonic() < end:
                time.sleep(0.05)

    def _write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as f:
            f.write(text.format(self.folder) if name != "mail.py" else text)
        return f"{self.folder}/{name}"

    def _run(self, *words, before=PROBE):
        self.gateway.start("server", *before, *words, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)

    def _make(self, text):
        subprocess.run([*PROBE, "sh", "-ec", text], cwd=self.folder, check=False, stdout=self.log, stderr=self.log,
                       stdin=subprocess.DEVNULL, env=dict(os.environ, HOME=f"{self.folder}/user"))

    def nginx(self):
        self._write("files/page", PAGE.replace("{", "{{").replace("}", "}}"))
        self._run("nginx", "-c", self._write("nginx.conf", NGINX))
        return 80

    def vsftpd(self):
        os.makedirs(f"{self.folder}/empty", exist_ok=True)
        path = self._write("vsftpd.conf", VSFTPD)
        os.chown(path, UID, UID)
        self._run("vsftpd", path)
        return 21

    def sshd(self):
        self._make("ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f id; git init -q --bare repo; "
                   "git clone -q repo work; cp files/body work; cd work; git add body; "
                   "git -c user.name=a -c user.email=a@b commit -qm a; git push -q origin HEAD")
        self._run("/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", f"{self.folder}/host", "-o", "UsePAM=no", "-o",
                  f"AuthorizedKeysFile={self.folder}/id.pub", "-o", "StrictModes=no", "-o", "PidFile=none")
        return 22

    def rsyncd(self):
        self._run("rsync", "--daemon", "--no-detach", f"--config={self._write('rsyncd.conf', RSYNCD)}")
        return 873

    def smbd(self):
        os.mkdir(f"{self.folder}/smb")
        self._run("smbd", "-F", "--no-process-group", "-s", self._write("smb.conf", SAMBA), before=[])
        return 445

    def aiosmtpd(self):
        self._make_certificate()
        self._run(PYTHON, self._write("mail.py", MAIL))
        return 25

    def postgres(self):
        self._make_certificate()
        with open(f"{self.folder}/files/hex", encoding="utf-8") as h:
            self._write("hex.sql", f"create table t (body text); insert into t values ('{h.read()}');\n")
        bin_ = os.path.dirname(os.path.realpath(shutil.which("pg_ctl")))
        self._make(f"{bin_}/initdb -N -A trust -U probe pg; "
                   "echo 'hostssl all all all trust' >>pg/pg_hba.conf; tr '\\n' ' ' <hex.sql | "
                   f"{bin_}/postgres --single -D pg postgres")
        self._run(f"{bin_}/postgres", "-D", f"{self.folder}/pg", "-c", "ssl=on", "-c", f"ssl_cert_file={self.folder}/cert.pem",
                  "-c", f"ssl_key_file={self.folder}/key.pem", "-c", "listen_addresses=*", "-c", "fsync=off", "-k",
                  self.folder)
        return 5432

    def mariadbd(self):
        self._make_certificate()
        with open(f"{self.folder}/files/hex", encoding="utf-8") as h:
            # mariadbd alters longer lines of such a file.
            pieces = re.findall(".{1,10000}", h.read())
        self._write("init.sql", "create database d;\ncreate table d.t (body longtext);\ninsert into d.t values ('');\n" +
                    "".join(f"update d.t set body = concat(body, '{piece}');\n" for piece in pieces) +
                    "create user plain@'%';\ngrant all on d.* to plain@'%';\n"
                    "create user tls@'%' require ssl;\ngrant all on d.* to tls@'%';\n")
        self._make("mariadb-install-db --no-defaults --datadir=$PWD/my --auth-root-authentication-method=normal --skip-test-db")
        self._run("mariadbd", "--no-defaults", f"--datadir={self.folder}/my", f"--socket={self.folder}/my.sock", "--port=3306",
                  f"--init-file={self.folder}/init.sql", "--bind-address=*", f"--ssl-cert={self.folder}/cert.pem",
                  f"--ssl-key={self.folder}/key.pem", f"--pid-file={self.folder}/my.pid", "--skip-name-resolve",
                  "--max-allowed-packet=64M")
        return 3306

    def _make_certificate(self):
        if not os.path.exists(f"{self.folder}/cert.pem"):
            self._make("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=server")
