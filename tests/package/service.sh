#!/bin/sh
# service.sh - wedge.service under a real systemd, which debian12.sh has booted: as installed, with what needs
# capabilities and files, and with a reload. Its last line is "all is well", or says what isn't.
set -u

fail() {
	echo "not well: $1"
	systemctl --no-pager status wedge
	journalctl --no-pager -u wedge -n 20
	exit 1
}

# A server on port 80, and a client that tells what it took: "seconds answer".
cat >/run/server.py <<'END'
import socket
s = socket.create_server(("127.0.0.1", 80))
while True:
    c, _ = s.accept()
    c.sendall(b"answer to " + c.recv(100))
    c.close()
END
cat >/run/client.py <<'END'
import socket, time
limit = time.monotonic() + 20
while True:  # wedge is "active" before it listens
    t = time.monotonic()
    try:
        c = socket.create_connection(("127.0.0.1", 8080))
        break
    except ConnectionRefusedError:
        if t > limit:
            raise
        time.sleep(0.1)
c.sendall(b"request")
print(c.recv(100).decode(), "slow" if time.monotonic() - t >= 0.2 else "fast")
END

configure() {
	cat >/etc/wedge/wedge.yaml
	systemctl "$1" wedge || fail "$1"
}

ask() {
	answer=$(python3 /run/client.py)
	[ "$answer" = "answer to request $1" ] || fail "'$answer', expected $1"
}

python3 /run/server.py &
server=$!
sleep 1
[ "$(systemctl is-enabled wedge)" = disabled ] || fail "it is enabled by its installation"
[ "$(systemctl is-active wedge)" = inactive ] || fail "it is started by its installation"
cp /etc/wedge/wedge.yaml /run/as_installed.yaml
systemctl enable --now wedge || fail "enable --now"
ask slow
echo "as installed: 100 ms each way"
[ "$(stat -c %U "/proc/$(systemctl show -P MainPID wedge)")" != root ] || fail "it runs as root"

# Reading the file again; packet impairments need the packet queue, and both files /var/lib/wedge.
configure reload <<'END'
log: info
proxies:
  - {name: web, listen: 127.0.0.1:8080, upstream: 127.0.0.1:80}
END
ask fast
echo "reload: nothing is delayed"
configure restart <<'END'
journal: wedge.jsonl
capture: wedge.pcapng
proxies:
  - name: web
    listen: 127.0.0.1:8080
    upstream: 127.0.0.1:80
    impairments: [delay: {delay: 200ms, direction: upstream, leg: client}]
  - name: own
    mode: redirect
    port: 8443
    map_upstream: {":8443": "127.0.0.1:80"}
  - name: tls
    listen: 127.0.0.1:8081
    upstream: 127.0.0.1:80
    tls: terminate
END
ask slow
echo "packets: a segment is held for 200 ms"
sed -i 's/"127.0.0.1", 8080/"127.0.0.1", 8443/' /run/client.py
ask fast
echo "redirect: a connection to port 8443 is taken"
systemctl stop wedge || fail "stop"
for file in wedge.jsonl wedge.pcapng; do
	[ -s /var/lib/wedge/$file ] || fail "no $file"
done
[ -n "$(ls /var/lib/wedge/*.pem /var/lib/wedge/*.crt 2>/dev/null)" ] || echo "CA files: $(ls /var/lib/wedge)"
[ "$(systemctl is-failed wedge)" = inactive ] || fail "it ended badly"
echo "stop: journal and capture are written"
systemd-analyze security --no-pager wedge.service | tail -n 1
systemctl start wedge || fail "start"
cp /run/as_installed.yaml /etc/wedge/wedge.yaml
kill "$server"
echo "all is well"
