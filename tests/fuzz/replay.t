#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target takes every file of its corpus; none may crash it.
. "${top_srcdir:-.}/tests/lib/tap.sh"

for source in "$top_srcdir"/tests/fuzz/fuzz-*.c; do
	name=${source##*/fuzz-}
	name=${name%.c}
	program=$top_builddir/tests/fuzz/fuzz-$name
	set -- "$top_srcdir/tests/fuzz/corpus/$name"/*
	[ -e "$1" ] || {
		fail "$name has a corpus"
		continue
	}
	run "$program" "$@"
	is "$STATUS" 0 "$name takes all $# files" || diag "$ERR"
done

done_testing
