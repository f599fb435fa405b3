#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target takes every file of its corpus, and then some thousand
# inputs made from these files: the same ones in each run (fuzz-main.c). In a
# build with libFuzzer a few seconds of fuzzing from there.
. "${top_srcdir:-.}/tests/lib/tap.sh"

# How many inputs are made; fewer where one takes milliseconds.
mutations() {
	case $1 in
	signature) echo 60 ;;
	*) echo 10000 ;;
	esac
}

# Prints what the target said at its end: where it stopped, and the input.
take() {
	program=$top_builddir/tests/fuzz/fuzz-$1
	corpus=$top_srcdir/tests/fuzz/corpus/$1
	if "$program" -help=1 >/dev/null 2>&1; then
		mkdir -p "$TMP/$1"
		run "$program" -close_fd_mask=3 -max_total_time=3 -seed=1 \
			-artifact_prefix="$TMP/$1/" "$TMP/$1" "$corpus"
	else
		run "$program" -mutations="$(mutations "$1")" "$corpus"/*
	fi
	is "$STATUS" 0 "$1 takes its corpus and what comes of it" ||
		diag "$(printf '%s\n' "$ERR" | tail -n 60)"
}

for source in "$top_srcdir"/tests/fuzz/fuzz-*.c; do
	name=${source##*/fuzz-}
	name=${name%.c}
	set -- "$top_srcdir/tests/fuzz/corpus/$name"/*
	if [ -e "$1" ]; then
		take "$name"
	else
		fail "$name has a corpus"
	fi
done

done_testing
