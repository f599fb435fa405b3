#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who blocks the supervisor's threads, or takes those it needs, keeps nobody
# waiting beyond the deadline.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/review-threads" ] || skip_all "it is not built"
threads=$(reachable "$top_builddir/tests/attack/review-threads")
# A user that runs nothing else, so that the limit is known.
tap_uid=64999
dir=$USER_TMP/threads
WHO=user

is_root || skip_all "needs a user that runs nothing else"
chown -R "$tap_uid:$tap_uid" "$USER_TMP"
as_who mkdir -p "$dir/closed"
as_who mkfifo "$dir/fifo"
echo x >"$dir/file"

# check NAME WAY COMMAND...: COMMAND runs nssupervise.
check() {
	check_name=$1
	check_way=$2
	shift 2
	run as_who "$@" timeout -s KILL 60 "$NSSUPERVISE" --quiet \
		--allow-fs-read="$dir" --deny-fs-read="$dir/closed" -- \
		"$threads" "$check_way" "$dir/fifo" "$dir/file" 25
	is "$OUT" 'worst: within the deadline' "$check_name"
	diag "$ERR"
}

check 'the sandbox takes every thread' take prlimit --nproc=150
check 'hundreds of threads wait for a FIFO' block
done_testing
