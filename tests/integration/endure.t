#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes wrong while a program runs ends in a refusal or in its end: a
# verifier that dies or hangs, a supervisor under load, a stopped program.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

node=$(default_node)
dir=$TMP/endure
mkdir "$dir"
echo inside >"$dir/file"

# The app loads one more module for each line that it reads.
make_app() {
	app=$dir/app
	rm -rf "$app"
	mkdir "$app"
	cat >"$app/main.js" <<-'END'
		'use strict';
		const fs = require('fs');
		console.log('ready');
		const byte = Buffer.alloc(1);
		let n = 0;
		while (fs.readSync(0, byte) === 1) {
		  n++;
		  try {
		    console.log(`${n}: ${require(`./m${n}.js`)}`);
		  } catch (error) {
		    console.log(`${n}: ${error.code}`);
		  }
		}
	END
	for n in 1 2 3 4; do
		echo "module.exports = 'loaded';" >"$app/m$n.js"
	done
	"$NSPOLICY" generate --root="$app" >"$dir/p.json"
}

start_app() {
	make_app
	rm -f "$dir/stdin"
	mkfifo "$dir/stdin"
	STDIN=$dir/stdin
	exec 9<>"$dir/stdin"
	spawn "$app" "$NSSUPERVISE" --allow-fs-read="$app" \
		--policy="$dir/p.json" -- "$node" main.js
	STDIN=
	wait_for "$TMP/spawn.out" '^ready$' ||
		diag "not ready: $(cat "$TMP/spawn.err")"
}

children() {
	cat "/proc/$PID"/task/*/children
}

verifier() {
	verifier_pids=$(children)
	for verifier_pid in $verifier_pids; do
		! grep -q '^nsverifyd$' "/proc/$verifier_pid/comm" ||
			echo "$verifier_pid"
	done
}

# Every module but the first is changed just before, so that what was verified
# ahead is of no use: it must never load, whatever happens to the verifier.
next_module() {
	[ "$1" = 1 ] || echo '// changed' >>"$app/m$1.js"
	printf x >&9
	wait_for "$TMP/spawn.out" "^$1: " || diag "no answer for module $1"
	grep "^$1: " "$TMP/spawn.out"
}

for signal in KILL STOP; do
	start_app
	is "$(next_module 1)" '1: loaded' "verifier, SIG$signal: it works before"
	first=$(verifier)
	ok "verifier, SIG$signal: it is a child of ours" test -n "$first"
	kill -s "$signal" "$first"
	before=$(date +%s)
	like "$(next_module 2)" '^2: (EACCES|ERR_)' \
		"verifier, SIG$signal: a changed module does not load"
	like "$(next_module 3)" '^3: (EACCES|ERR_)' \
		"verifier, SIG$signal: nor the next one"
	ok "verifier, SIG$signal: answered within ten seconds" \
		test $(($(date +%s) - before)) -le 12
	second=$(verifier)
	if [ -n "$second" ] && [ "$second" != "$first" ]; then
		kill -s "$signal" "$second"
		echo '// changed' >>"$app/m4.js"
		printf x >&9
		reap
		is "$STATUS" 125 "verifier, SIG$signal: twice ends the sandbox, 125"
		like "$(cat "$TMP/spawn.err")" '^nssupervise: .*verifier' \
			"verifier, SIG$signal: and is told"
	else
		fail "verifier, SIG$signal: it was started again"
		diag "first $first, then '$second'; $(cat "$TMP/spawn.err")"
		kill -KILL "$PID"
		reap
	fi
	exec 9>&-
done

# The program is stopped and goes on.
spawn "$dir" "$NSSUPERVISE" --allow-fs-read="$dir" -- "$target" sleep:1000 \
	"line:$dir/file"
sleep 0.3
stopped=$(children)
for child in $stopped; do
	kill -STOP "$child"
	sleep 0.3
	kill -CONT "$child"
done
reap
like "$(cat "$TMP/spawn.out")" 'file: inside$' \
	"a program that was stopped goes on as before"

# Nothing piles up in the supervisor.
mkfifo "$dir/go"
cat >"$dir/many.sh" <<-END
	echo ready
	read -r x <$dir/go
	i=0
	while [ \$i -lt 3000 ]; do
	  i=\$((i + 1))
	  { read -r x <$dir/file; } 2>/dev/null
	  { read -r x <$TMP/none\$i; } 2>/dev/null
	  { echo x >$dir/new; } 2>/dev/null
	done
	echo done
	read -r x <$dir/go
END
spawn "$dir" "$NSSUPERVISE" --allow-fs-read="$dir" --allow-fs-write="$dir" \
	--quiet -- /bin/sh "$dir/many.sh"
usage() {
	usage_fds=$(find "/proc/$PID/fd" -mindepth 1 | wc -l)
	usage_kb=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$PID/status")
}
wait_for "$TMP/spawn.out" '^ready$'
usage
fds=$usage_fds
kb=$usage_kb
timeout 20 sh -c "echo go >$dir/go"
wait_for "$TMP/spawn.out" '^done$'
usage
if is_root || [ "$fds" -gt 0 ]; then
	ok "9000 requests leave no descriptor ($fds, $usage_fds)" \
		test "$usage_fds" -le $((fds + 4))
else
	skip "the supervisor's descriptors cannot be seen"
fi
ok "nor memory ($kb kB, $usage_kb kB)" test "$usage_kb" -le $((kb + 8192))
timeout 20 sh -c "echo go >$dir/go"
reap
is "$STATUS" 0 "and it ends as it should"

# Many grants, and many processes at once.
n=0
options=
while [ $n -lt 500 ]; do
	n=$((n + 1))
	options="$options --allow-fs-read=$dir/grant$n --deny-fs-read=$dir/file/$n"
done
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" $options --allow-fs-read="$dir" -- "$target" "line:$dir/file"
like "$OUT" ': inside$' "a thousand flags"
# Through a pipe: cat copies from file to file without locking the offset.
# shellcheck disable=SC2016 # for the other shells
run timeout -k 5 60 sh -c '"$@" | cat' sh "$NSSUPERVISE" --allow-child-process \
	--allow-fs-read="$dir" -- /bin/sh -c \
	'i=0; while [ $i -lt 60 ]; do i=$((i + 1)); cat "$0" & done; wait' "$dir/file"
is "$(printf '%s\n' "$OUT" | grep -c '^inside$')" 60 "sixty processes at once"

done_testing
