#!/bin/sh
# A runner killed with SIGKILL leaves no process after a second, orphans and daemons included; so
# no namespace either, since nothing but its processes holds one.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need ps

# The pids of every process that inherited the mark from the runner; a zombie's is empty.
marked() {
	grep -lz "^WEDGE_MARK=$1\$" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

for user in $users; do
	as=$(as $user)
	mark=$$-$user
	mkfifo out
	WEDGE_MARK=$mark $as "$probe" hold >out &
	runner=$!
	read -r line <out || fail "$user: no lab"
	[ "$line" = ready ] || fail "$user: $line"
	# The runner, the lab's init, a role, and what the ended role left: a child and a daemon. A process has no
	# environment for a moment while it executes another program.
	for i in 1 2 3 4 5 6 7 8 9 10; do
		pids=$(marked $mark)
		n=$(echo "$pids" | wc -l)
		[ "$n" != 5 ] || break
		sleep 0.1
	done
	[ "$n" = 5 ] || fail "$user: $n processes, not 5"
	spaces=$(for p in $pids; do readlink /proc/$p/ns/net; done | sort -u | wc -l)
	[ "$spaces" -ge 3 ] || fail "$user: $spaces network namespaces"

	kill -9 $runner
	for i in 1 2 3 4 5 6 7 8 9 10; do
		left=$(marked $mark)
		[ -n "$left" ] || break
		sleep 0.1
	done
	[ -z "$left" ] || fail "$user: processes outlive the runner: $left"
	wait $runner 2>/dev/null || true
	echo "$user: $n processes gone at the latest after $i x 0.1 s"

	# If somebody kills the lab under its runner, the runner is told of every role.
	$as "$probe" lost >out &
	runner=$!
	read -r line <out && [ "$line" = ready ] || fail "$user: no lab"
	kill -9 $(ps -o pid= --ppid $runner)
	wait $runner || fail "$user: roles of a killed lab"
	rm out
done
