#!/bin/sh
# Two roles talk over each path of the lab, IPv4 and IPv6, and its quickack routes are what makes a
# write-write-read exchange fast.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need ip

for user in $users; do
	as=$(as $user)
	for mode in explicit forward; do
		for family in 4 6; do
			$as "$probe" exchange $mode $family 100 >result
			echo "$user $mode IPv$family: median $(json 'j[0]["median_ms"]' result) ms"
			json 'j[0]["median_ms"] < 10' result >/dev/null || fail "slow with quickack"
		done
	done
	# The control: the kernel's own delayed ACK comes back with an ordinary route.
	$as "$probe" exchange forward 4 20 before "ip route replace default via 192.0.2.1" >result
	echo "$user forward without quickack: median $(json 'j[0]["median_ms"]' result) ms"
	json 'j[0]["median_ms"] > 38' result >/dev/null || fail "no exchange waits for its ACK"

	for host in client wedge; do
		$as "$probe" run $host "ip route; ip -6 route show proto static" >routes
		[ "$(grep -c 'rto_min lock 400ms quickack 1' routes)" = 4 ] ||
			fail "$user: routes of $host: $(cat routes)"
	done
	$as "$probe" run wedge "ip -d link show client0; ip -d link show server0" >links
	[ "$(grep -c 'gso_max_segs 1 ' links)" = 2 ] || fail "$user: links: $(cat links)"
	$as "$probe" run server "cat /proc/sys/net/ipv4/tcp_congestion_control" >cc
	[ "$(cat cc)" = reno ] || fail "congestion control: $(cat cc)"
	# On two processors a connection's segments would overtake each other, and be sent again.
	for host in client wedge server; do
		$as "$probe" run $host "grep Cpus_allowed_list /proc/self/status" >cpus
		grep -q 'list:[[:space:]]*[0-9]*$' cpus || fail "$user: $host runs on $(cat cpus)"
	done

	$as "$probe" build 1 >env.json 2>took
	echo "$user: $(cat took)"
	json 'j[0]["pinned"]["rto_min"].startswith("400 ms") and "quickack" in j[0]["pinned"] and j[0]["mtu"] == 1500
		and not any(j[0]["offloads"]["veth"].values())
		and j[0]["sysctls"]["net.ipv4.tcp_congestion_control"] == "reno"
		and j[0]["sysctls"]["net.ipv4.ip_forward"] ==
			{"client": "0", "wedge": "1", "server": "0"}' env.json >/dev/null ||
		fail "environment: $(cat env.json)"
done
