#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is found by looking at the text: nothing, by any of the tools that are
# here. Their next versions have other opinions, so those do not count.
. "${top_srcdir:-.}/tests/lib/tap.sh"

LLVM=14 # of Debian 12, as gcc 12 is, whose analyzer is wanted

[ -e "$top_srcdir/.git" ] || skip_all 'these are the files of a release'
[ "$top_srcdir" = "$top_builddir" ] ||
	skip_all 'the build is in a directory of its own'

# Without the jobs of the make that runs this, which would be waited for.
target() {
	run env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
		make -s -C "$top_builddir" -f Makefile "$1"
	is "$STATUS" 0 "make $1"
	[ "$STATUS" = 0 ] || diag "$(printf '%s\n%s\n' "$OUT" "$ERR" | head -n 60)"
}

# look TARGET TOOL [VERSION]: with that tool, of that version.
look() {
	if ! command -v "$2" >/dev/null 2>&1; then
		skip "make $1: $2 is not installed"
	elif ! "$2" --version | grep -qE "(^|[^.0-9])${3:-[0-9]+}\."; then
		skip "make $1: wants $2 of version $3"
	else
		target "$1"
	fi
}

look check-scripts shellcheck
look check-format clang-format "$LLVM"
look check-cppcheck cppcheck
look analyze "${CC:-gcc}" 12
look check-tidy clang-tidy "$LLVM"

done_testing
