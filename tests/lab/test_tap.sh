#!/bin/sh
# The tap's file as Wireshark reads it: every packet, right checksums, segments of one MSS.
. "$SOURCE_DIR/tests/lab/lab_common.sh"
need tshark capinfos

shark() { tshark -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE "$@" 2>>tshark.log; }

for user in $users; do
	as=$(as $user)
	for family in 4 6; do
		f=$user-$family.pcapng
		$as "$probe" exchange forward $family 200 tap "$dir/$f" >said.json
		json 'j[1]["dropped"] == 0 and j[1]["received"] == j[1]["written"]' said.json >/dev/null ||
			fail "$user: $(cat said.json)"
		# The handshake's 3, then the request and the two writes of each exchange.
		n=$(shark -r "$f" -Y "tcp.len > 0" | wc -l)
		[ "$n" = 600 ] || fail "$user IPv$family: $n data segments, not 600"
		[ "$(shark -r "$f" -Y "tcp.flags.syn == 1" | wc -l)" = 2 ] || fail "$user: no handshake"
		[ "$(shark -r "$f" -Y "tcp.flags.fin == 1" | wc -l)" -ge 1 ] || fail "$user: no end"
		bad=$(shark -r "$f" -Y "tcp.analysis.flags && !tcp.analysis.window_update")
		[ -z "$bad" ] || fail "$user IPv$family: $bad"
	done
	f=$user-bulk.pcapng
	$as "$probe" exchange forward 4 10 bulk tap "$dir/$f" >said.json
	# 0xffff is how Linux writes a checksum that comes out as 0; tshark marks it, wrongly for TCP.
	bad=$(shark -r "$f" -Y "(tcp.checksum.status != 1 && tcp.checksum != 0xffff)
		|| ip.checksum.status != 1 || frame.len > 1514" | head -3)
	[ -z "$bad" ] || fail "$user: $bad"
	n=$(shark -r "$f" -Y "tcp.srcport == 8080" -T fields -e tcp.len | awk '{n += $1} END {print n}')
	[ "$n" = 10485760 ] || fail "$user: $n bytes in the capture, not 10 MiB"
	capinfos "$f" >info 2>>tshark.log
	grep -q "nanoseconds" info || fail "$user: $(cat info)"
	grep -q "Number of stat entries = 1" info || fail "$user: no statistics: $(cat info)"
	echo "$user: $(json 'j[1]' said.json)"
done

# A filter is libpcap's; what can't be captured is told in one line.
"$probe" exchange forward 4 5 tap "$dir/none.pcapng" filter "udp port 9" >said.json
json 'j[1]["written"] == 0' said.json >/dev/null || fail "filter: $(cat said.json)"
[ -z "$(shark -r none.pcapng)" ] || fail "packets in spite of the filter"
refused() {
	words=$1
	shift
	"$probe" exchange forward 4 5 "$@" >/dev/null 2>said && fail "no error: $*"
	grep -qF "$words" said || fail "$*: $(cat said)"
}
refused "creating /nowhere/x: No such file" tap /nowhere/x
refused "writing /dev/full: No space left" tap /dev/full
refused "capture on nope0: No such device exists\"" tap "$dir/x" on nope0
refused 'filter \"gibberish\": ' tap "$dir/x" filter gibberish
