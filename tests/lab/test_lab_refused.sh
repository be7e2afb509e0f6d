#!/bin/sh
# Where user namespaces are forbidden, one line names the switch and what still works.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need unshare

# A user namespace around it, in which the limit applies to it alone.
inside='echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --inh-caps=-all --ambient-caps=-all '
for user in $users; do
	as=$(as $user)
	[ "$user" = root ] && continue # root builds its lab without one
	out=$($as unshare --user --map-user=1000 --map-group=1000 --keep-caps \
		sh -c "$inside $probe probe") && fail "$user: a lab although forbidden"
	echo "$out"
	[ "$(echo "$out" | wc -l)" = 1 ] || fail "$user: more than one line"
	for part in "sysctl user.max_user_namespaces is 0" "wedge proxy works without one, on loopback"; do
		echo "$out" | grep -qF "$part" || fail "$user: doesn't say: $part"
	done
done

# Root without the right to make namespaces, as in a container.
if [ "$(id -u)" = 0 ]; then
	out=$(setpriv --bounding-set=-sys_admin "$probe" probe) && fail "a lab without CAP_SYS_ADMIN"
	echo "$out"
	echo "$out" | grep -qF "CAP_SYS_ADMIN" || fail "doesn't name the capability"
fi
