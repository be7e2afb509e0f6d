"""harvest - every command that a test runs and that ends by itself, told on both binaries. The tests are given a script
for their WEDGE: it runs the one before the change, as the test wants it, and when that has refused something or only
told something, it runs both again in the same place, with the same files and environment, and writes down where they
differ. So the tests' bad input is compared whole, where the tests look for some words of it."""
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
# Those that refuse much and need no time. They are run as they are, and must pass.
SCRIPTS = ("loopback/test_catalog_commands.py", "loopback/test_config_check.py", "loopback/test_config_packets.py",
           "loopback/test_config_refused.py", "loopback/test_config_reload.py", "loopback/test_proxy_protocol_refused.py",
           "loopback/test_tls_refused.py", "lab/test_run_bad_input.py")

RECORDER = r"""#!/bin/bash
# Runs the wedge before the change in its own place; then, if that has told or refused something, both for the record.
trap 'kill -TERM $p; caught=1 signals=1' TERM
trap 'kill -INT $p; caught=1 signals=1' INT
trap 'kill -HUP $p; caught=1 signals=1' HUP
setpriv --pdeathsig KILL "$FOLDER/before/wedge" "$@" <&0 &
p=$!
caught=1
while [ -n "$caught" ]; do  # a signal ends wait, too
	caught=
	wait $p
	status=$?
done
again() {
	timeout 20 "$FOLDER/$1/wedge" "${@:3}" </dev/null >"$2/$1.stdout" 2>"$2/$1.stderr"
	echo $? >"$2/$1.status"
}
case " $* " in
*" --check "* | *" --print-rules "* | *" --help "* | " list "* | " show "* | " impairments "*) tells=1 ;;
esac
if [ -z "$signals" ] && { [ $status = 2 ] || [ -n "$tells" ]; }; then
	place=$(mktemp -d "$FOLDER/record/XXXXXXXX")
	chmod 755 "$place"
	printf '%s\0' "$@" >"$place/words"
	again before "$place" "$@"
	again after "$place" "$@"
fi
exit $status
"""


def recorder(folder):
    """A script that may be copied and run by anybody; the folder has before/wedge and after/wedge."""
    (folder / "record").mkdir()
    (folder / "record").chmod(0o777)
    script = folder / "recorder"
    script.write_text(RECORDER.replace("$FOLDER", str(folder)))
    script.chmod(0o755)
    return script


def recorded(place):
    """(words, before's outcome, after's) of one command."""
    outcomes = [{what: (place / f"{side}.{what}").read_bytes() for what in ("status", "stdout", "stderr")}
                for side in ("before", "after")]
    return (place / "words").read_text().split("\0")[:-1], *outcomes


def harvest(folder, build):
    """(script, [(words, before's outcome, after's)], what went wrong, or None) of each test."""
    run = recorder(folder)
    env = dict(os.environ, WEDGE=str(run), SOURCE_DIR=str(ROOT), BINARY_DIR=str(build), TMPDIR=str(folder))
    for script in SCRIPTS:
        p = subprocess.run([ROOT / "tests" / script], env=env, capture_output=True, text=True, check=False,
                           stdin=subprocess.DEVNULL, timeout=300)
        places = sorted((folder / "record").iterdir(), key=lambda place: place.stat().st_mtime_ns)
        found, wrong = [recorded(place) for place in places], None
        for place in places:
            shutil.rmtree(place)
        if p.returncode or not found:
            wrong = f"exit {p.returncode}, {len(found)} commands: " + (p.stdout + p.stderr).strip().rpartition("\n")[2]
        yield script, found, wrong
