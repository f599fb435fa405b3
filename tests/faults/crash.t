#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The supervisor dies, stops, or is slow while it answers: T020, T117, T006; and
# a part of it that cannot go on ends the whole. That it may happen at any step
# is shown by sweep.t.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
. "$top_srcdir/tests/faults/common.sh"
need_nssupervise
need_fault
make_world
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -D_GNU_SOURCE -O2 -static -o "$TMP/orphan" \
	"$top_srcdir/tests/faults/orphan.c" 2>"$TMP/cc" ||
	skip_all "no static program: $(cat "$TMP/cc")"

children() {
	cat "/proc/$PID"/task/*/children 2>/dev/null
}

# T020, T117: what outlives a killed supervisor opens and starts nothing.
kill_supervisor() {
	chmod 755 "$world/closed"
	# shellcheck disable=SC2086 # words without blanks
	spawn "$world" "$NSSUPERVISE" --quiet $grants "$@" -- "$TMP/orphan" \
		"$world/read/file" "$world/closed/secret" /bin/true
	ok "$name: it is ready" wait_for "$TMP/spawn.out" '^ready$'
	orphans=$(children)
	kill -KILL "$PID"
	reap
	is "$STATUS" 137 "$name: the supervisor is killed"
	ok "$name: the command goes on" wait_for "$TMP/spawn.out" '^end$'
	is "$(grep -c ': OK$' "$TMP/spawn.out")" 0 "$name: nothing succeeds"
	is "$(sed -n 's/^open[a-z0-9]* .*: //p; s/^stat .*: //p' \
		"$TMP/spawn.out" | sort -u)" ENOSYS "$name: ENOSYS, whatever is tried"
	is "$(cat "$world/closed/secret")" "$secret" "$name: nothing is changed"
	for pid in $orphans; do
		ok "$name: no process is left" wait_gone "$pid"
	done
}
for WHO in $(identities); do
	name="T020 $WHO"
	kill_supervisor
	name="T020 $WHO, with children"
	kill_supervisor --allow-child-process
done

# T006: who asked is gone when the answer is ready.
WHO=$(identities | tail -n 1)
for call in process_vm_readv openat2 ioctl; do
	name="T006, in $call"
	rm -f "$USER_TMP/report"
	# shellcheck disable=SC2086 # words without blanks
	spawn "$world" "$FAULT" -o "$USER_TMP/report" -r receiver -c "$call" \
		-n 40 -d 1500 -- "$NSSUPERVISE" --quiet $grants -- \
		/bin/sh -c 'while :; do read -r x <read/file; done'
	ok "$name: a request is on its way" wait_for "$USER_TMP/report" '^hit$'
	for supervisor in $(children); do
		# shellcheck disable=SC2046 # numbers
		kill -KILL $(cat "/proc/$supervisor"/task/*/children)
	done
	reap
	ok "$name: it ends as its command" wait_for "$USER_TMP/report" \
		'^signal 9$'
	unlike "$(cat "$USER_TMP/report")" '^(left|hang)' "$name: nothing is left"
	unlike "$(cat "$TMP/spawn.err")" 'nssupervise: ' "$name: nothing is said"
done

# ends NAME ERE STATUS: the run ended, nothing was told and nothing is left.
ends() {
	is "$STATUS" "$3" "$1: status $3"
	[ -z "$2" ] || like "$ERR" "^nssupervise: .*$2" "$1: which is told"
	none_told "$1"
	is "$LEFT" '' "$1: nothing is left"
}

# A part that cannot go on: never half alive.
at() {
	at_name="$WHO, $1 $2 $3 $4"
	# shellcheck disable=SC2086 # words without blanks
	fault -r "$1" -c "$2" -n "$3" $4 -- --quiet $grants -- "$target" \
		"line:$world/read/file" "line:$world/read/closed/secret" \
		"line:$world/closed/secret" "create:$world/write/new" \
		"line:$world/read/file" exit:3
	ok "$at_name: it was reached" test "$HIT" -gt 0
}
for WHO in $(identities); do
	# The first ioctl of a receiver is to receive.
	at receiver ioctl 1 '-a -e EIO'
	ends "$at_name" "(received|answered)" 125
	at other wait4 1 '-a -e EPERM'
	ends "$at_name" "waited for" 125
	at receiver process_vm_readv 2 -x
	ends "$at_name" '' 139
	at receiver process_vm_readv 2 -k
	ends "$at_name" '' 137
	# A thread that never comes back: the request is denied in time.
	at receiver openat2 3 -h
	ends "$at_name" '' 3
done

# What the command leaves behind is ended, also when it cannot be counted.
WHO=$(identities | tail -n 1)
for call in getdents64 openat kill; do
	for n in 1 2; do
		name="leftovers, $call $n"
		# shellcheck disable=SC2086 # words without blanks
		fault -r other -c $call -n $n -e EIO -- --quiet $grants \
			--allow-child-process -- /bin/sh -c \
			'(trap "" TERM HUP; while :; do sleep 1; done) & exit 3'
		like "$STATUS" '^(3|125)$' "$name: it ends"
		is "$LEFT" '' "$name: nothing is left"
	done
done

done_testing
