#!/bin/sh
# The packet rules hold nothing back and outlive nobody: gone with SIGTERM, gone within a second of
# kill -9, swept by the next start when the guard was killed, too; with iptables over nf_tables and
# legacy, as root and as an ordinary user. Without the right to set them wedge says so in one line.
set -eu

in_namespace() {
	ip link set lo up
	if [ "$1" = legacy ]; then
		mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi
	fi
	python3=/usr/bin/python3
	mkdir -p web
	echo hello >web/f
	for address in 127.0.0.1 ::1; do
		$python3 -m http.server -d web --bind $address 9000 >/dev/null 2>&1 &
	done
	wait_for 2 :9000
	start
	[ "$(rules)" -gt 20 ] || fail "$(rules) rules while it runs"
	fetch
	kill -9 $wedge
	wait $wedge 2>/dev/null || true
	sleep 1
	[ "$(rules)" = 0 ] || fail "$(rules) rules a second after kill -9"

	start
	one=$(rules)
	# The guard first: it acts when wedge is gone, and wedge does nothing when the guard is.
	kill -9 $(pgrep -P $wedge -x wedge-guard)
	kill -9 $wedge
	wait $wedge 2>/dev/null || true
	sleep 0.3
	[ "$(rules)" = "$one" ] || fail "the guard was killed, and the rules are gone"
	curl -s http://127.0.0.1:9000/f >/dev/null || fail "rules without their wedge block the host"
	start
	[ "$(rules)" = "$one" ] || fail "the next start left $(rules) rules, not $one"

	# A FIN right behind the data lets its ACK go at once: not every answer has one to hold.
	for i in $(seq 20); do fetch; done
	first=$wedge
	listen=:8081 start
	kill $first
	wait $first || fail "SIGTERM ended it with $?"
	grep -q '"ack_held"' journal || fail "no ACK was held"
	[ "$(rules)" = "$one" ] || fail "one wedge's end left $(rules) of the other's $one rules"
	kill $wedge
	wait $wedge || fail "SIGTERM ended it with $?"
	[ "$(rules)" = 0 ] || fail "$(rules) rules after SIGTERM"
}

fail() {
	echo "FAILED: $*"
	cat log
	exit 1
}

fetch() {
	for address in 127.0.0.1 '[::1]'; do
		got=$(curl -sS "http://$address:8080/f" 2>&1) || true
		[ "$got" = hello ] || fail "$address gave '$got'"
	done
}

rules() {
	{ iptables-save -t raw; ip6tables-save -t raw; } 2>/dev/null | grep -c wedge- || true
}

# Starts a wedge and waits until it listens.
start() {
	port=${listen:-:8080}
	./wedge proxy --listen "$port" --upstream "localhost:9000" --journal journal \
		--impair delayed_ack >log 2>&1 &
	wedge=$!
	wait_for 1 "$port"
}

wait_for() {
	for i in $(seq 200); do
		[ "$(ss -Htln "sport = $2" | wc -l)" -ge "$1" ] && return
		sleep 0.05
	done
	fail "nobody listens on $2"
}

if [ "${1:-}" = inside ]; then
	# Not $(jobs -p): in a command substitution dash knows no jobs.
	trap 'jobs -p >jobs; kill $(cat jobs) 2>/dev/null || true; rm jobs' EXIT
	in_namespace "$2"
	exit 0
fi

for tool in iptables-save curl ss unshare setpriv; do
	command -v $tool >/dev/null || { echo "skipped: no $tool here"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 777 "$dir"
cp "$WEDGE" "$dir/wedge"
cp "$0" "$dir/test"
cd "$dir"
nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
[ "$(id -u)" = 0 ] || nobody=
user="$nobody unshare --user --map-current-user --keep-caps --net --mount"

rc=0
$nobody ./wedge proxy --listen 127.0.0.1:0 --upstream 127.0.0.1:1 --impair delayed_ack 2>said || rc=$?
if [ $rc != 2 ] || [ "$(wc -l <said)" != 1 ]; then
	echo "FAILED: without the right: status $rc, said: $(cat said)"
	exit 1
fi
for flavour in nf_tables legacy; do
	if [ $flavour = legacy ] && [ ! -e /usr/sbin/xtables-legacy-multi ]; then continue; fi
	if [ "$(id -u)" = 0 ]; then
		unshare --net --mount ./test inside $flavour
		rm -f journal log
		rm -rf web
	fi
	$user ./test inside $flavour
	rm -f journal log
	rm -rf web
done
