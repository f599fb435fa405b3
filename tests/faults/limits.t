#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing is left for the supervisor: descriptors (T172), memory, room for the
# log or a reader of it (T175); and files that are too large for a verified
# copy, or opened very often (T127, T128).

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
. "$top_srcdir/tests/faults/common.sh"
need_nssupervise
command -v prlimit >/dev/null 2>&1 || skip_all "no prlimit"
make_world
skip_leaks
mkfifo "$world/read/go"
chmod 666 "$world/read/go"

# waiting LIMIT... -- ARG...: a run whose supervisor gets these limits once the
# command waits for a line, and then goes on.
waiting() {
	limits=
	while [ "$1" != -- ]; do
		limits="$limits $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words without blanks
	spawn "$world" "$NSSUPERVISE" $grants "$@" -- "$target" \
		"line:$world/read/file" "line:$world/read/go" \
		"line:$world/read/file" "line:$world/read/closed/secret" \
		"line:$world/closed/secret" "rdwr:$world/read/file" \
		"create:$world/write/new" "stat:$world/read/file" \
		"chmod:$world/closed/secret:0777" "unlink:$world/closed/secret" \
		"list:$world/closed" exit:3
	wait_for "$TMP/spawn.out" ': inside$'
	sleep 0.3
	for limit in $limits; do
		limit=$(echo "$limit" | sed "s/VSZ/$(($(sed -n \
			's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' \
			"/proc/$PID/status") * 1024))/g")
		as_who prlimit --pid "$PID" "$limit" || diag "no $limit"
	done
	timeout 20 sh -c "echo went >$world/read/go"
	reap
	OUT=$(cat "$TMP/spawn.out")
	ERR=$(cat "$TMP/spawn.err")
}

# What came of it: errors, or what is right.
answered() {
	is "$STATUS" 3 "$WHO, $1: the command's status"
	is "$(printf '%s\n' "$OUT" | wc -l)" 11 "$WHO, $1: each is answered"
	none_told "$WHO, $1"
	is "$(printf '%s\n' "$OUT" |
		grep -E '/closed|rdwr ' | grep -Ev ': E[A-Z0-9]+$')" '' \
		"$WHO, $1: what is denied stays denied"
	is "$(printf '%s\n' "$OUT" | grep 'read/file: ' | grep -v rdwr |
		grep -Ev ': (inside|OK|file|E[A-Z]+|[0-9].*)$')" '' \
		"$WHO, $1: what is granted is right, or an error"
	is "$(cat "$world/closed/secret")" "$secret" "$WHO, $1: unchanged"
	rm -f "$world/write/new"
}

for WHO in $(identities); do
	for n in 3 8 14 18 21 24 28; do
		waiting "--nofile=$n:$n" --
		answered "$n descriptors"
	done
	if is_sanitized; then
		skip "$WHO, no more memory: a sanitizer ends without it"
	else
		waiting "--as=VSZ:VSZ" --
		answered "no more memory"
		waiting "--as=VSZ:VSZ" "--nofile=16:16" --
		answered "neither"
	fi
	waiting "--fsize=0:0" -- --log="$USER_TMP/log"
	answered "no byte can be written"
	rm -f "$USER_TMP/log"
done
WHO=$(identities | tail -n 1)

# T175: the log has no room, no reader, or fails.
lines=$(i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); echo "stat:/none$i"; done)
logged() {
	logged_name=$1
	began=$(date +%s)
	# shellcheck disable=SC2086 # words without blanks
	run as_who timeout -k 5 60 sh -c "$2" "$USER_TMP/fifo" "$NSSUPERVISE" \
		--allow-fs-read="$world/read" --deny-fs-read="$world/read/closed" \
		"$3" -- "$target" "line:$world/read/file" \
		"line:$world/closed/secret" $lines exit:3
	is "$STATUS" 3 "T175, $logged_name: the command's status"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | sort | uniq -c |
		tr -s ' \n' ' ')" " 1001 EACCES 1 inside " \
		"T175, $logged_name: the same answers"
	ok "T175, $logged_name: no wait" test $(($(date +%s) - began)) -le 30
}
# shellcheck disable=SC2016 # for the other shell
full_pipe='mkfifo "$0"; exec 9<>"$0"; rm "$0"; dd if=/dev/zero bs=65536 count=1 >&9'
missing='^nssupervise: --log: [1-9][0-9]* events are missing'
# shellcheck disable=SC2016 # for the other shell
{
	logged "no room" 'exec "$@"' --log=/dev/full
	like "$ERR" "$missing" "T175, no room: told"
	logged "nobody reads" "$full_pipe"'; exec "$@"' --log=fd:9
	logged "no reader" 'mkfifo "$0"; exec 8<>"$0"; exec 9>"$0" 8<&-; rm "$0"
		exec "$@"' --log=fd:9
	like "$ERR" "$missing" "T175, no reader: told"
	logged "stderr is not read" "$full_pipe"'; exec "$@" 2>&9' --log=stderr
	logged "neither log nor stderr" "$full_pipe"'; exec "$@" 2>&9' \
		--log=/dev/full
	logged "the status is not read" "$full_pipe"'; exec "$@" 2>&9' \
		--status-fd=9
}
if is_root && unshare --mount true 2>/dev/null; then
	WHO=root
	# shellcheck disable=SC2016 # for the other shell
	logged "a full file system" 'unshare --mount sh -c '"'"'mkdir -p "$0"
		mount -t tmpfs -o size=4096 none "$0"
		dd if=/dev/zero of="$0/x" bs=4096 count=2 2>/dev/null
		exec "$@"'"'"' "$0" "$@"' --log="$USER_TMP/fifo/log"
	like "$ERR" "$missing" "T175, a full file system: told"
	WHO=user
fi

# A verified copy that finds no room is a denial; the verifier is not to blame.
app=$TMP/few
mkdir "$app"
for n in 1 2 3; do
	echo "// $n" >"$app/m$n.js"
done
"$NSPOLICY" generate --root="$app" >"$TMP/p.json" && mv "$TMP/p.json" "$app/"
mkfifo -m 666 "$app/go"
n_refused=0
for n in 12 14 15 16 17 18 19 20 21 22 24 40; do
	spawn "$app" "$NSSUPERVISE" --allow-fs-read="$app" \
		--policy="$app/p.json" -- "$target" fork "line:$app/go" \
		"line:$app/m1.js" "line:$app/m2.js" "line:$app/m3.js" exit:3
	wait_for "$TMP/spawn.out" '^fork'
	as_who prlimit --pid "$PID" --nofile="$n:$n"
	timeout 20 sh -c "echo went >$app/go"
	reap
	is "$STATUS" 3 "no room for a copy, $n descriptors: the run goes on"
	is "$(grep 'm[123].js: ' "$TMP/spawn.out" |
		grep -Ev ': (// [123]|E[A-Z]+)$')" '' \
		"no room for a copy, $n descriptors: the right bytes or none"
	n_refused=$((n_refused + $(grep -c 'm[123].js: E' "$TMP/spawn.out")))
done
ok "no room for a copy: it happened" test "$n_refused" -gt 0

# T127, T128: listed files that are huge, or asked for often.
app=$TMP/app
mkdir "$app"
echo "// small" >"$app/small.js"
dd if=/dev/zero of="$app/large.js" bs=1048576 count=40 2>/dev/null
echo "// huge" >"$app/huge.js"
"$NSPOLICY" generate --root="$app" >"$TMP/p.json" && mv "$TMP/p.json" "$app/"
truncate -s 1T "$app/huge.js" 2>/dev/null || truncate -s 8G "$app/huge.js"
mkfifo "$TMP/go"
chmod 666 "$TMP/go"
many=$(i=0; while [ $i -lt 200 ]; do echo "read:$app/large.js"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # words without blanks
spawn "$app" "$NSSUPERVISE" --allow-fs-read="$app,$TMP/go" \
	--policy="$app/p.json" -- "$target" "line:$app/huge.js" $many \
	"line:$TMP/go" exit:3
wait_for "$TMP/spawn.out" 'large.js: OK$'
ok "T128: it is opened 200 times" sh -c "i=0
	while [ \$i -lt 200 ]; do
		[ \$(grep -c 'large.js: OK' $TMP/spawn.out) -lt 200 ] || exit 0
		i=\$((i + 1)); sleep 0.1
	done; exit 1"
memory() {
	for pid in "$PID" $(cat "/proc/$PID"/task/*/children); do
		sed -n 's/^Rss[AF].*:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
	done | awk '{ n += $1 } END { print n + 0 }'
}
kb=$(memory)
ok "T127, T128: memory does not grow with it ($kb kB)" test "$kb" -lt 65536
n=$(find "/proc/$PID/fd" -lname '*nssupervise-verified*' 2>/dev/null | wc -l)
ok "T128: one copy is kept of it ($n of all)" test "$n" -le 3
timeout 20 sh -c "echo went >$TMP/go"
reap
is "$STATUS" 3 "T127, T128: the command's status"
like "$(cat "$TMP/spawn.out")" 'huge.js: EACCES$' "T127: too large is refused"
like "$(cat "$TMP/spawn.err")" '^nssupervise: denied .*huge.js.*512 MiB' \
	"T127: which is told"

done_testing
