#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a reading of the code found: names that changed between the look at them
# and the use.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

for program in moves gain; do
	[ -x "$top_builddir/tests/attack/review-$program" ] ||
		skip_all "review-$program is not built"
done
moves=$(reachable "$top_builddir/tests/attack/review-moves")
gain=$(reachable "$top_builddir/tests/attack/review-gain")
dir=

# Empty, and the identity's own.
fresh() {
	rm -rf "${dir:?}"
	mkdir -p "$dir"
	[ "$WHO" = root ] || ! is_root || chown "$tap_uid:$tap_uid" "$dir"
}

first_line() {
	printf '%s\n' "$OUT" | sed -n 1p
}

# The supervisor itself moves it: there is a carve-out.
check_carried() {
	fresh
	run as_who timeout -k 5 120 "$moves" "$dir" 4 "$NSSUPERVISE" --quiet \
		--allow-fs-read="$dir" --allow-fs-write="$dir" \
		--deny-fs-read="$dir/priv" -- "$moves" "$dir" 4
	is "$STATUS $(first_line)" '0 none' \
		"$WHO: a directory goes into a carve-out while a file leaves it"
	diag "$OUT" "$ERR"
}

# check_flipped WAY NAME FLAG...: x.txt in a tree that is written may be read.
check_flipped() {
	flipped_way=$1
	flipped_name=$2
	shift 2
	fresh
	echo SECRET | as_who tee "$dir/s.txt" >/dev/null
	sandbox --quiet "$@" --allow-fs-write="$dir" -- \
		"$gain" "$flipped_way" "$dir/s.txt" "$dir/x.txt" "$dir/y.txt"
	is "$STATUS $(first_line)" '0 none' \
		"$WHO: $flipped_way to a raced name, $flipped_name"
	diag "$OUT" "$ERR"
}

check_descriptor() {
	fresh
	as_who mkdir -p "$dir/priv/d"
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
		--deny-fs-read="$dir/priv" --allow-fs-metadata -- \
		"$gain" descriptor "$dir/priv/d"
	is "$OUT" "name: EACCES
directory: EACCES" "$WHO: what was opened with O_PATH is not read as a directory"
	diag "$ERR"
}

check_bound() {
	fresh
	as_who mkdir "$dir/ro"
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
		--deny-fs-write="$dir/ro" --allow-unix="$dir" -- \
		"$gain" bind "$dir"
	is "$STATUS $(first_line)" '0 none' \
		"$WHO: a socket is not bound in a carve-out by a raced link"
	like "$OUT" "^name: $dir/s\$" "$WHO: it has the name that was proven"
	diag "$OUT" "$ERR"
}

for WHO in $(identities); do
	dir=$USER_TMP/$WHO
	check_carried
	check_flipped rename 'one file may be read' --allow-fs-read="$dir/x.txt"
	check_flipped link 'one file may be read' --allow-fs-read="$dir/x.txt"
	check_flipped rename 'a pattern may be read' "--allow-fs-read=$dir/x.*"
	check_descriptor
	check_bound
done
done_testing
