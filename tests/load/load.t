#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many at once, and every result is what it is when nothing else goes on; an
# honest process beside one that floods the supervisor is served.
# No figure is judged: `make soak` and doc/PERFORMANCE.md have them.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
. "$top_srcdir/tests/load/load.sh"
need_nssupervise

load=$top_builddir/tests/load/load
[ -x "$load" ] || skip_all 'tests/load/load is not built'
load=$(reachable "$load")
python=$(find_python) || skip_all 'python3 is not installed'
LISTED=40
# Some threads of a storm, and the processes: the limit of a user holds.
STORM='64 200 2'

# start_listener DIR: somebody to connect to, in the world.
start_listener() {
	as_who "$python" -c '
import os, select, socket, sys
sockets = []
for path in sys.argv[1:]:
    sockets.append(socket.socket(socket.AF_UNIX))
    sockets[-1].bind(path)
    sockets[-1].listen(512)
print("ready", flush=True)
while os.getppid() > 1:
    for ready in select.select(sockets, [], [], 1)[0]:
        ready.accept()[0].close()
' "$1/socket" "$1/closed/socket" >"$TMP/listener.out" &
	LISTENER=$!
	wait_for "$TMP/listener.out" '^ready$' || diag 'no listener'
}

stop_listener() {
	kill "$LISTENER" 2>/dev/null
	wait "$LISTENER" 2>/dev/null
}

new_world() {
	dir=$USER_TMP/world-$WHO
	# shellcheck disable=SC2016 # for the other shell
	as_who env load="$load" NSPOLICY="$NSPOLICY" sh -ec '
		. "$0/tests/load/load.sh"
		make_world "$1" "$2" 20000000
		list_world "$1"' "$top_srcdir" "$dir" "$LISTED"
	FLAGS=$(grants "$dir")
	POLICY="--policy=$dir/policy.json --runtime=node --allow-worker
		--allow-addons"
}

# at_work WORDS... -- COMMAND...: load COMMAND in the world under us.
at_work() {
	at_flags=
	at_options=
	while [ "$1" != -- ]; do
		case $1 in
		policy)
			at_flags=$POLICY
			at_options=--listed=$LISTED
			;;
		*) at_flags="$at_flags $1" ;;
		esac
		shift
	done
	shift
	# shellcheck disable=SC2086 # words without blanks
	run as_who timeout -k 5 170 "$NSSUPERVISE" $FLAGS $at_flags -- \
		"$dir/program" $at_options "$dir" "$@"
}

# A wrong result is a line that starts with "# 17:".
judge_storm() {
	is "$(printf '%s\n' "$OUT" | sed -n 's/^wrong: //p')" 0 \
		"$WHO: $1: every result is right"
	diag "$(printf '%s\n' "$OUT" | head -n 20)"
	[ "$STATUS" -eq 0 ] || diag "status $STATUS: $ERR"
}

storm() {
	# shellcheck disable=SC2086 # three numbers
	at_work -- storm $STORM
	judge_storm '64 threads and 200 processes'
	like "$ERR" 'denials, [0-9]+ distinct' "$WHO: denials are counted"
	# shellcheck disable=SC2086
	at_work policy -- storm $STORM
	judge_storm 'the same with a manifest'
}

# The same without us: what is forbidden succeeds, so that the storm would see
# a wrong result.
free_storm() {
	run as_who timeout -k 5 100 "$dir/program" "$dir" storm 2 2 1
	like "$OUT" '^# [0-9]+: read, denied: 0, not -13$' \
		"$WHO: without us the forbidden is read, and the storm says so"
	like "$OUT" '^wrong: [1-9]' "$WHO: and counts it"
}

# It asks 200 times, alone and beside the flood; starved it would give up.
neighbour() {
	neighbour_file=carved/plain
	[ -z "$2" ] || neighbour_file=listed/m1.js
	# shellcheck disable=SC2086 # one word or none
	at_work $2 --quiet -- neighbour "$dir/$neighbour_file" "$1" 200
	is "$(printf '%s\n' "$OUT" | sed -n 's/^failed: //p')" 0 \
		"$WHO: beside the flood '$1'${2:+ (listed)} all are served"
	like "$OUT" '^flood: n 200 ' "$WHO: '$1'${2:+ (listed)}: none is starved"
	diag "$(printf '%s\n' "$OUT" | grep -E '^(quiet|flood):' | tr '\n' ';')"
}

neighbours() {
	for kind in $("$load" "$dir" floods); do
		case $kind in
		none) ;;
		large)
			neighbour large ''
			neighbour large policy
			;;
		*) neighbour "$kind" '' ;;
		esac
	done
}

for WHO in $(identities); do
	new_world
	start_listener "$dir"
	storm
	free_storm
	[ "$WHO" = root ] || neighbours
	stop_listener
done

done_testing
