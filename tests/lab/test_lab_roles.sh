#!/bin/sh
# A role has its own descriptors, privileges and end; labs don't disturb each other.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need ip

for user in $users; do
	as=$(as $user)
	$as "$probe" ends || fail "$user: ends of roles"
	$as "$probe" two || fail "$user: two labs at once"

	# Only stdin, stdout, stderr and the message socket, though the runner has more; 3 is ls's own.
	$as "$probe" run client 'readlink /proc/self/fd/0; ls /proc/self/fd' 7</dev/null >fds
	[ "$(tr '\n' ' ' <fds)" = "/dev/null 0 1 2 3 " ] || fail "$user: descriptors: $(cat fds)"

	# Programs of a role keep its capabilities; none of a program of the user's has any.
	$as "$probe" run wedge 'ip link set server0 mtu 1400' || fail "$user: no capabilities"
	$as "$probe" drop client 'grep ^Cap /proc/self/status; id -u' >caps
	[ "$(tail -1 caps)" = "$($as id -u)" ] || fail "$user: another uid: $(cat caps)"
	if [ "$(tail -1 caps)" != 0 ]; then
		[ "$(grep -c '0000000000000000$' caps)" = 5 ] || fail "$user: $(cat caps)"
		$as "$probe" drop client 'ip link set eth0 down' 2>/dev/null &&
			fail "$user: could still configure the network"
	fi
	$as "$probe" drop client 'python3 -c "
import socket
socket.socket().bind((\"192.0.2.2\", 80))"' || fail "$user: port 80 is not for everyone"

	# The lab's processes see each other only.
	n=$($as "$probe" run client 'ls -d /proc/[0-9]* | wc -l')
	[ "$n" -le 4 ] || fail "$user: $n processes to be seen"
done
