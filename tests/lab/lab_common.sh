# lab_common.sh - what the lab's scripts share: a private folder, lab_probe in it (an ordinary user
# may not be able to enter the build folder), and the users to test as.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 777 "$dir"
cp "$BINARY_DIR/tests/lab_probe" "$dir/"
chmod 755 "$dir/lab_probe"
probe=$dir/lab_probe
export HOME="$dir" # tshark's preferences are nobody's here
cd "$dir"

# Root tests as itself and as nobody; an ordinary user as itself.
if [ "$(id -u)" = 0 ]; then users="root nobody"; else users="self"; fi

# Words to put before a command so that it runs as the user.
as() {
	[ "$1" != nobody ] || echo "setpriv --reuid 65534 --regid 65534 --clear-groups"
}

fail() {
	echo "FAILED: $*"
	exit 1
}

need() {
	for tool; do
		command -v "$tool" >/dev/null || { echo "skipped: no $tool here"; exit 77; }
	done
}

# json EXPRESSION FILE: a Python expression over j, the objects in the file; its value, or failure
# when it is False.
json() {
	python3 -c '
import json, sys
text, j, at = open(sys.argv[2]).read().strip(), [], 0
while at < len(text):
	value, end = json.JSONDecoder().raw_decode(text[at:])
	j.append(value)
	at += end + len(text[at + end:]) - len(text[at + end:].lstrip())
value = eval("(" + sys.argv[1] + ")")
print(value)
sys.exit(value is False)' "$@"
}

need python3 setpriv
for user in $users; do
	$(as $user) "$probe" probe >"$dir/why" || { echo "skipped, as $user: $(cat "$dir/why")"; exit 77; }
done
