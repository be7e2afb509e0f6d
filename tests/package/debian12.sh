#!/bin/sh
# debian12.sh BUILD - the whole life of wedge's package in a Debian 12 that has nothing else: builds the
# package from the build folder, bootstraps a Debian, installs the package there, plays the demo as
# root and as nobody, runs the service under a systemd of its own, purges it, and compares what is left
# with what was there. For people with some minutes, root, debootstrap and a mirror; for the service
# systemd-nspawn (package systemd-container). Exit status: 0, 1 (something isn't as it should be), 2.
# MIRROR is Debian's mirror; ROOT a tar file that keeps the bootstrapped Debian from one run to the next.
set -eu

die() {
	echo "debian12: $1" >&2
	exit 2
}

say() {
	printf '== %s\n' "$1"
}

[ $# = 1 ] && [ -d "$1" ] || die "usage: tests/package/debian12.sh BUILD"
[ "$(id -u)" = 0 ] || die "a Debian is bootstrapped by root"
command -v debootstrap >/dev/null || die "debootstrap is missing; apt-get install debootstrap"
here=$(cd "$(dirname "$0")" && pwd -P)
build=$(cd "$1" && pwd -P)
work=$(mktemp -d)
# All mounts below are in a mount namespace of the commands that need them, so they end with these.
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 2' INT TERM
root=$work/root

# Runs a command in the Debian: as its only root folder, not by chroot, in which the kernel makes
# nobody a user namespace; with processes of its own, which end with it.
inside() {
	unshare --mount --pid --fork --kill-child --propagation private sh -euc '
		root=$1
		shift
		mount --bind "$root" "$root"
		mount -t proc proc "$root/proc"
		mount -t sysfs sysfs "$root/sys"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/run"
		mkdir -p "$root/.old"
		cd "$root"
		pivot_root . .old
		cd /
		umount -l /.old
		rmdir /.old
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
	' sh "$root" "$@"
}

# What there is, but for the notes of dpkg, apt and systemd, logs and what is mounted.
files() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp \
		-o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/lib/systemd -o -path ./var/cache \
		-o -path ./var/log -o -path ./etc/hosts \) -prune -o -printf '%p %l\n' | sort)
}

say "making the package" # of what is built: with this generator cpack doesn't build everything once more
(cd "$build" && cpack -G DEB -B "$work/package" -D CPACK_CMAKE_GENERATOR=Ninja) >"$work/cpack.log" || die "no package: $(cat "$work/cpack.log")"
package=$(echo "$work"/package/*.deb)

say "bootstrapping Debian 12"
if [ -n "${ROOT:-}" ] && [ -f "$ROOT" ]; then
	mkdir "$root" && tar -C "$root" -xf "$ROOT"
else
	debootstrap --variant=minbase --include=systemd,systemd-sysv,python3-minimal,iptables bookworm "$root" \
		"${MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" ||
		die "debootstrap: $(tail -n 5 "$work/debootstrap.log")"
	[ -z "${ROOT:-}" ] || tar -C "$root" -cf "$ROOT" .
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside apt-get -q update >"$work/apt.log"
files >"$work/before"

say "installing"
cp "$package" "$root/tmp/wedge.deb"
chmod 644 "$root/tmp/wedge.deb"
inside apt-get -qy --no-install-recommends install /tmp/wedge.deb >"$work/apt.log" 2>&1 || {
	cat "$work/apt.log"
	exit 1
}
inside wedge version

status=0
# A busy machine can spoil a measurement: as in tests/lab the same run is played three times at most.
play() {
	inside runuser -u "$1" -- wedge run --quick exchange-delayed-ack --out "/tmp/report-$1" >"$work/demo" || true
	head -n 1 "$work/demo"
	grep -q ': REPRODUCED' "$work/demo"
}

for user in root nobody; do
	say "the demo as $user"
	play "$user" || play "$user" || play "$user" || status=1
done

if command -v systemd-nspawn >/dev/null; then
	say "the service"
	cp "$here/service.sh" "$root/tmp/service.sh"
	cat >"$root/etc/systemd/system/service-test.service" <<-END
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh /opt/service.sh
		StandardOutput=file:/opt/service.log
		StandardError=inherit
		ExecStopPost=/bin/systemctl --no-block poweroff
	END
	mkdir -p "$root/opt"
	mv "$root/tmp/service.sh" "$root/opt/service.sh"
	ln -s ../service-test.service "$root/etc/systemd/system/multi-user.target.wants/service-test.service"
	timeout 180 systemd-nspawn --quiet --register=no --keep-unit --private-network --machine=wedge-package \
		--console=pipe --directory="$root" --boot </dev/null >"$work/boot.log" 2>&1 || true
	cat "$root/opt/service.log" || tail -n 30 "$work/boot.log"
	grep -qx 'all is well' "$root/opt/service.log" || status=1
	rm -f "$root/opt/service.sh" "$root/opt/service.log" "$root/etc/systemd/system/service-test.service" \
		"$root/etc/systemd/system/multi-user.target.wants/service-test.service"
else
	say "the service isn't tried: systemd-nspawn is missing; apt-get install systemd-container"
fi

say "removing"
inside apt-get -qy --purge --autoremove purge wedge >"$work/apt.log" 2>&1 || {
	cat "$work/apt.log"
	status=1
}
files >"$work/after"
if ! diff "$work/before" "$work/after"; then
	echo "the lines above are what the package has left (>) or taken along (<)"
	status=1
fi
[ "$status" = 0 ] && say "all is as it should be" || say "something is not as it should be"
exit "$status"
