# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of nssupervise share; read after tests/lib/tap.sh.
#
#   need_nssupervise       skips the test where the kernel lacks something
#   is_sanitized           is this a build with one of the sanitizers?
#   skip_leaks             LeakSanitizer, which waits for every thread and opens
#                          files, does not look for leaks from now on
#   sandbox ARG...         run nssupervise ARG..., as $WHO, at most 60 s
#   spawn DIR COMMAND...   start it in DIR, as $WHO, in the background: $PID,
#                          output in $TMP/spawn.out, errors in $TMP/spawn.err
#   wait_for FILE ERE      until a line of FILE matches, at most 20 s
#   wait_gone PID          until the process is no more, at most 10 s
#   reap                   waits for $PID (at most 30 s); $STATUS
#   start_server DIR C...  spawn, and wait until it listens: $PORT
#   get PATH               the answer of that server
#   sri FILE [ALGORITHM]   its integrity string, not by our own programs
#   edit_json FILE CODE    python code that changes "m", the loaded FILE
#   reachable FILE         a path of FILE that as_user can run
#   build_static           makes $target_static, the target as a static program
#   identities             "root user" when we are root, else "user"

# shellcheck disable=SC2154 # set by tap.sh
target=$top_builddir/tests/target
WHO=
PID=

need_nssupervise() {
	[ -x "$NSSUPERVISE" ] || skip_all "nssupervise is not built"
	# Not all flags: containers often refuse what rules for addresses need.
	if ! "$NSSUPERVISE" --check --allow-fs-read=/ >"$TMP/.check" 2>&1; then
		diag "$(cat "$TMP/.check")"
		skip_all "this kernel or place cannot run nssupervise"
	fi
	[ -x "$target" ] || skip_all "tests/target is not built"
	target=$(reachable "$target")
}

is_sanitized() {
	grep -q fsanitize "$top_builddir/config.status" 2>/dev/null
}

skip_leaks() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	export ASAN_OPTIONS
}

build_static() {
	target_static=$TMP/target-static
	# shellcheck disable=SC2086 # CC may have options
	${CC:-cc} -D_GNU_SOURCE -O2 -static -pthread -o "$target_static" \
		"$top_srcdir"/tests/target*.c 2>"$TMP/.static" ||
		diag "$(cat "$TMP/.static")"
}

identities() {
	is_root && echo root
	echo user
}

# As in tap.sh, and nothing that hangs keeps the test.
# shellcheck disable=SC2034 # for the test
run() {
	[ "$1" != "$NSSUPERVISE" ] || set -- timeout -k 5 60 "$@"
	STATUS=0
	"$@" >"$TMP/.out" 2>"$TMP/.err" || STATUS=$?
	OUT=$(cat "$TMP/.out")
	ERR=$(cat "$TMP/.err")
}

as_who() {
	if [ "$WHO" = user ]; then
		as_user "$@"
	else
		"$@"
	fi
}

sandbox() {
	run as_who timeout -k 5 60 "$NSSUPERVISE" "$@"
}

spawn() {
	spawn_dir=$1
	shift
	if [ "$WHO" = user ] && is_root; then
		# shellcheck disable=SC2154 # set by tap.sh
		set -- setpriv --reuid="$tap_uid" --regid="$tap_uid" \
			--clear-groups env HOME="$USER_TMP" "$@"
	fi
	: >"$TMP/spawn.out"
	: >"$TMP/spawn.err"
	(cd "$spawn_dir" && exec "$@") <"${STDIN:-/dev/null}" \
		>"$TMP/spawn.out" 2>"$TMP/spawn.err" &
	PID=$!
}

wait_for() {
	wait_left=200
	until grep -Eq -e "$2" "$1" 2>/dev/null; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# A zombie has ended, though nobody has asked for its status yet.
is_gone() {
	! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null
}

wait_gone() {
	wait_left=100
	until is_gone "$1"; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# shellcheck disable=SC2034 # STATUS is for the test
reap() {
	reap_left=300
	while ! is_gone "$PID" && [ "$reap_left" -gt 0 ]; do
		reap_left=$((reap_left - 1))
		sleep 0.1
	done
	[ "$reap_left" -gt 0 ] || kill -KILL "$PID" 2>/dev/null
	STATUS=0
	wait "$PID" 2>/dev/null || STATUS=$?
	PID=
}

start_server() {
	spawn "$@"
	PORT=
	if wait_for "$TMP/spawn.out" '^listening on '; then
		PORT=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$TMP/spawn.out")
	else
		diag "no server: $(cat "$TMP/spawn.out" "$TMP/spawn.err")"
		return 1
	fi
}

get() {
	curl --silent --globoff --max-time 20 "http://127.0.0.1:$PORT$1"
}

sri() {
	python3 -c '
import base64, hashlib, sys
name = sys.argv[2]
with open(sys.argv[1], "rb") as file:
    digest = hashlib.new(name, file.read()).digest()
print(name + "-" + base64.b64encode(digest).decode())' "$1" "${2:-sha384}"
}

edit_json() {
	python3 -c '
import json, sys
with open(sys.argv[1]) as file:
    m = json.load(file)
exec(sys.argv[2])
with open(sys.argv[1], "w") as file:
    json.dump(m, file, indent=1)' "$1" "$2"
}

reachable() {
	if as_user test -x "$1"; then
		echo "$1"
		return
	fi
	mkdir -p "$TMP/reachable"
	[ -e "$TMP/reachable/${1##*/}" ] || cp -L "$1" "$TMP/reachable/"
	echo "$TMP/reachable/${1##*/}"
}

# The Node to test with: the oracle where it is there, else the system's.
default_node() {
	node_path 20 || command -v node
}

# Not a shim that picks a version: the program itself.
find_python() {
	command -v /usr/bin/python3 || command -v python3
}

# What a denial line must say; the arguments are an operation and paths.
#   denial OPERATION ASKED [RESOLVED]
denial() {
	denial_flag=--allow-fs-read
	[ "$1" != write ] || denial_flag=--allow-fs-write
	denial_to=$(ere "${3:-$2}")
	denial_text="^nssupervise: denied $1 $(ere "$2")"
	[ -z "${3-}" ] || denial_text="$denial_text -> $denial_to"
	printf '%s' "$denial_text \(.+\[[0-9]+\] [a-z0-9_]+\): " \
		"no $denial_flag covers it; " \
		"to allow: $denial_flag=$denial_to\$"
}

# The text as an extended regular expression.
ere() {
	printf '%s' "$1" | sed 's/[][\\.*^$+?(){}|]/\\&/g'
}

end_of_test() {
	end_status=$?
	[ -z "$PID" ] || kill -KILL "$PID" 2>/dev/null
	(exit "$end_status")
	tap_exit
}
trap end_of_test EXIT
