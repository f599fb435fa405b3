#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bench works: it builds, measures and reports. No figure is judged.
. "${top_srcdir:-.}/tests/lib/tap.sh"

bench=$top_srcdir/tests/bench

command -v python3 >/dev/null 2>&1 || skip_all 'python3 is not installed'
${CC:-cc} --version >/dev/null 2>&1 || skip_all 'no compiler'

build() {
	# shellcheck disable=SC2086 # CC may have arguments
	${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 -pthread -I"$top_srcdir/src" \
		-o "$TMP/$1" "$bench/$1.c" ${2:+"$2"}
}

# timed TEXT: every line is a name and a number that is not 0.
timed() {
	printf '%s\n' "$1" | awk '
		NF != 2 || !($2 > 0) { bad = 1 }
		END { exit bad || NR == 0 }'
}

ok 'floor builds' build floor "$top_srcdir/src/common/fdpass.c"
ok 'micro builds' build micro
ok 'load builds' build load

echo text >"$TMP/file"
run "$TMP/micro" --ms=1 open="$TMP/file" denied="$TMP/file" load="$TMP/file" \
	stat="$TMP/file" getppid
is "$STATUS" 0 'micro runs'
ok 'micro prints a time for each operation' timed "$OUT"
run "$TMP/micro" --ms=1 --threads=2 open="$TMP/file"
ok 'micro measures threads' timed "$OUT"
run "$TMP/micro" --ms=1 --think=10 open="$TMP/file"
ok 'micro computes between calls' timed "$OUT"
run "$TMP/micro" open="$TMP/absent"
is "$STATUS" 1 'micro gives up when its file does not open'
run "$TMP/micro" --ms=1 nothing
is "$STATUS" 2 'micro refuses an operation it does not know'

run "$TMP/floor" --mode=continue -- true
if [ "$STATUS" -eq 125 ]; then
	skip "user notification does not work here: $ERR"
else
	for mode in continue broker pin errno; do
		run "$TMP/floor" --mode=$mode -- cat "$TMP/file"
		is "$STATUS $OUT" '0 text' "floor $mode lets a file be read"
	done
	run "$TMP/floor" --mode=broker --nosync -- sh -c "cd / && cat '${TMP#/}/file'"
	is "$STATUS $OUT" '0 text' 'floor broker resolves a relative path'
	run "$TMP/floor" --mode=errno --deny="$TMP/file" -- cat "$TMP/file"
	like "$ERR" 'Permission denied' 'floor errno refuses what it was told to'
	run "$TMP/floor" --mode=broker -- sh -c 'exit 7'
	is "$STATUS" 7 'floor returns the status of the command'
fi
run "$TMP/floor" --mode=landlock --read=/ -- cat "$TMP/file"
if [ "$STATUS" -eq 125 ]; then
	skip "Landlock does not work here: $ERR"
else
	is "$STATUS $OUT" '0 text' 'floor landlock lets a file be read'
fi

run "$bench/modules" 3 "$TMP/app"
is "$STATUS" 0 'modules makes an application'
like "$(cat "$TMP/app/policy.json")" 'm/2\.js' 'its manifest lists a module'

run "$bench/run" --only='^(micro|start)$' --modes='bare|floor' --rounds=1 \
	--json="$TMP/json"
is "$STATUS" 0 'the runner runs'
like "$OUT" '^  bare' 'it prints a table'
ok 'it writes JSON' python3 -c '
import json, sys
found = json.load(open(sys.argv[1]))
assert found["families"]["micro"]["samples"][0]["bare"]["open_ns"] > 0
assert len(found["targets"]) > 20
' "$TMP/json"
run "$bench/run" --list
like "$OUT" '^modules' 'it lists what it measures'

done_testing
