"""client_servers - the real servers of client_cards.py. Cells are played at once in labs that share the files, so a server
is a script that makes a folder of its own first. Their users are root and nobody, whom every machine has."""
import os
import shutil
import subprocess

NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
SAMBA = """[global]
private dir = $D/smb
lock directory = $D/smb
state directory = $D/smb
cache directory = $D/smb
ncalrpc dir = $D/smb
pid directory = $D/smb
log file = $D/smb/log
guest account = nobody
map to guest = bad user
disable netbios = yes
load printers = no
smb ports = $1
[files]
path = $K/files
guest ok = yes
"""
# $1 is the port, $K the folder of what is made once, $D that of one server.
SCRIPTS = {
    "git": "exec /usr/bin/python3 -m http.server $1 -d $K/www",
    "postgres": f"cp -r $K/pg/. $D; chown -R 65534:65534 $D; chmod 700 $D; exec {NOBODY} $PG/postgres -D $D -p $1 "
                "-c listen_addresses=* -c fsync=off -c shared_buffers=1MB -c max_connections=10 -k $D",
    "redis": "cd $D; exec redis-server --port $1 --bind '*' --protected-mode no --save '' --dir $D",
    "sshd": "mkdir -p /run/sshd; exec /usr/sbin/sshd -D -f /dev/null -p $1 -h $K/host -o UsePAM=no -o PidFile=none "
            "-o StrictModes=no -o PermitRootLogin=yes -o AuthorizedKeysFile=$K/id.pub",
    "smbd": f"mkdir $D/smb; cat >$D/smb.conf <<END\n{SAMBA}END\nexec smbd -F --no-process-group -s $D/smb.conf",
}


class Servers:
    """folder is there, and its owner removes it."""

    def __init__(self, folder):
        os.chmod(folder, 0o755)
        self.folder = folder
        self.pg = os.path.dirname(os.path.realpath(shutil.which("pg_ctl") or self._find_postgres()))
        self._make("mkdir -p files www servers; i=0; while [ $i -lt 1024 ]; do printf '%062d\\n\\n' $i; i=$((i + 1)); done >files/body; "
                   "ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f id")
        self._make("git init -q work; head -c 65536 /dev/urandom >work/body; cd work; git add body; git -c user.name=a -c "
                   "user.email=a@b commit -qm a; git clone -q --bare . ../www/repo.git; cd ../www/repo.git; git repack -qad; "
                   "git update-server-info")
        if self.pg:
            self._make(f"mkdir pg; chown 65534:65534 pg; {NOBODY} {self.pg}/initdb -N -A trust -U probe pg >/dev/null; "
                       "echo 'host all all all trust' >>pg/pg_hba.conf")

    def _find_postgres(self):
        versions = sorted(os.listdir("/usr/lib/postgresql")) if os.path.isdir("/usr/lib/postgresql") else []
        return f"/usr/lib/postgresql/{versions[-1]}/bin/pg_ctl" if versions else ""

    def _make(self, text):
        subprocess.run(["sh", "-ec", text], cwd=self.folder, check=True, stdin=subprocess.DEVNULL)

    def command(self, name):
        """The value of --server."""
        script = os.path.join(self.folder, name + ".sh")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f"set -e\nK={self.folder}\nPG={self.pg}\nD=$(mktemp -d $K/servers/XXXXXX)\n{SCRIPTS[name]}\n")
        return f"sh {script} {{port}}"
