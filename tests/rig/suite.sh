#!/bin/sh
# suite.sh FOLDER - all tests of that build, two and a half at once for each processor: a lab mostly waits. What failed is
# tried again, one test after the other: the load of the others or of somebody else spoils a measurement, and a defect is
# there the second time, too.
set -u
failed=$1/Testing/Temporary/LastTestsFailed.log
rm -f "$failed"
ctest --test-dir "$1" --output-on-failure -j "$((5 * $(nproc) / 2))" && exit
[ -s "$failed" ] || exit 1
echo "suite: once more, one after the other: $(wc -l <"$failed") that failed"
exec ctest --test-dir "$1" --output-on-failure --rerun-failed -j 1
