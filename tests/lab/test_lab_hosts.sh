#!/bin/sh
# A lab with a second host on each side: every host has its own addresses, which tshark sees on
# wedge's one interface of the side; one that is unplugged is silent, and talks when it is plugged in.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need tshark

fields() { # FILTER FIELD...: one line a packet
	filter=$1
	shift
	tshark -r hosts.pcapng -Y "$filter" -T fields $(printf -- '-e %s ' "$@") 2>/dev/null
}

for user in $users; do
	for family in 4 6; do
		net=192.0.2. servers=198.51.100. ip=ip
		[ "$family" = 4 ] || { net=2001:db8:1:: servers=2001:db8:2:: ip=ipv6; }
		rm -f hosts.pcapng
		$(as $user) "$probe" hosts $family "$dir/hosts.pcapng" >hosts.json
		json 'j[0]["hosts"] == {"client": ["192.0.2.2", "2001:db8:1::2"],
			"server": ["198.51.100.2", "2001:db8:2::2"],
			"bob": ["192.0.2.3", "2001:db8:1::3"],
			"edge": ["198.51.100.3", "2001:db8:2::3"]}
			and j[0]["sysctls"]["net.ipv4.tcp_timestamps"]["bob"] == "0"
			and j[0]["sysctls"]["net.ipv4.tcp_timestamps"]["client"] == "1"
			and not any(j[0]["offloads"]["veth"].values())' hosts.json >/dev/null ||
			fail "$user: environment: $(cat hosts.json)"

		fields 'tcp.flags.syn == 1 && tcp.flags.ack == 0' $ip.src $ip.dst >syns
		printf '%s2\t%s2\n%s3\t%s3\n' $net $servers $net $servers | cmp - syns ||
			fail "$user, IPv$family: SYNs: $(cat syns)"
		# The control: bob's SYN came only after the cable was back, so it was sent again.
		fields 'tcp.flags.syn == 1 && tcp.flags.ack == 0' frame.time_relative >times
		python3 -c 'import sys; a, b = map(float, open("times").read().split())
sys.exit(not b - a > 0.3)' || fail "$user: bob spoke while unplugged: $(cat times)"
		[ -z "$(fields "$ip.addr == ${net}3 && tcp.options.timestamp.tsval" frame.number)" ] ||
			fail "$user: bob has time stamps"
		[ -n "$(fields "$ip.addr == ${net}2 && tcp.options.timestamp.tsval" frame.number)" ] ||
			fail "$user: the client has none"
		[ -z "$(tshark -r hosts.pcapng -o tcp.check_checksum:TRUE -Y 'tcp.checksum.status == 0' \
			2>/dev/null)" ] || fail "$user: checksums on the bridge"
		[ -z "$(fields 'tcp && frame.len > 1514' frame.number)" ] || fail "$user: merged segments"
	done
	echo "$user: both families, addresses, cables"
done
