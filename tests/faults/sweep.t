#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# T228: the n-th system call of the supervisor, of a child before its execve, or
# of the verifier fails, or the process crashes, hangs or is slow there. Here some
# of each; NSSUPERVISE_FAULTS=all tries every one with every error (an hour and more), and
# NSSUPERVISE_FAULTS='all NAME' those of one scenario of world.py.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
. "$top_srcdir/tests/faults/common.sh"
need_nssupervise
need_fault
build_static
[ -x "$target_static" ] || skip_all "no static program"
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -D_GNU_SOURCE -O2 -static -o "$TMP/netops" \
	"$top_srcdir/tests/faults/netops.c" 2>"$TMP/cc" ||
	skip_all "no static program: $(cat "$TMP/cc")"
python=$(find_python) || skip_all "no python3"
cp "$top_srcdir"/tests/faults/*.py "$TMP/"

# A user's run is the usual one; as root some of it once more.
for WHO in $(identities); do
	set --
	[ "$WHO" = user ] || set -- files manifest landlock-only
	mkdir -m 777 "$TMP/sweep-$WHO"
	# shellcheck disable=SC2086 # words: the size, a scenario
	as_who "$python" -B "$TMP/sweep.py" "$TMP/sweep-$WHO" "$FAULT" \
		"$NSSUPERVISE" "$target_static" "$TMP/netops" \
		${NSSUPERVISE_FAULTS:-few} "$@" >"$TMP/results" 2>&1 ||
		fail "$WHO, sweep.py"
	while read -r verdict text; do
		case $verdict in
		pass) pass "$WHO, $text" ;;
		fail) fail "$WHO, $text" ;;
		skip) skip "$WHO, $text" ;;
		*) diag "$text" ;;
		esac
	done <"$TMP/results"
done

done_testing
