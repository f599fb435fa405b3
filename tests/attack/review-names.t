#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Carve-outs beside grants, as races and renames see them.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/attack-open" ] || skip_all "it is not built"
race=$(reachable "$top_builddir/tests/attack/attack-open")

make_tree() {
	chmod -R u+rwx "${dir:?}" 2>/dev/null
	rm -rf "${dir:?}"
	mkdir -p "$dir/a/sub" "$dir/a/closed/in" "$dir/a/alosed/in" \
		"$dir/b/open"
	echo SECRET >"$dir/a/sub/one.key"
	echo FINE >"$dir/a/sub/one.txt"
	echo SECRET >"$dir/a/closed/in/file"
	echo ALLOWED >"$dir/a/alosed/in/file"
	if [ "$WHO" = user ] && is_root; then
		# shellcheck disable=SC2154 # set by tap.sh
		chown -R "$tap_uid:$tap_uid" "$dir"
	fi
}

# Each word of the outcome of the operations: OK, EACCES.
outcome() {
	printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' '
}

# moved NAME FROM TO FILE FLAG...: FROM becomes TO, then FILE cannot be read.
moved() {
	moved_name=$1
	moved_from=$2
	moved_to=$3
	moved_file=$4
	shift 4
	make_tree
	sandbox --quiet "$@" -- "$target" "rename:$moved_from:$moved_to" \
		"read:$moved_file"
	unlike "$(outcome)" 'OK $' "$WHO: $moved_name"
	diag "$OUT"
	make_tree
	as_who mkdir -p "$moved_to"
	sandbox --quiet "$@" -- "$target" "exchange:$moved_from:$moved_to" \
		"read:$moved_file"
	unlike "$(outcome)" 'OK $' "$WHO: $moved_name, by an exchange"
	diag "$OUT"
}

check_moves() {
	moved 'a directory out of a carved out pattern' "$dir/a/sub" \
		"$dir/b/sub" "$dir/b/sub/one.key" --allow-fs-read="$dir" \
		--allow-fs-write="$dir" "--deny-fs-read=$dir/a/*.key"
	moved 'the same, with a directory in the pattern' "$dir/a/sub" \
		"$dir/a/other" "$dir/a/other/one.key" --allow-fs-read="$dir" \
		--allow-fs-write="$dir" "--deny-fs-read=$dir/*/sub/*.key"
	moved 'a directory into a granted pattern' "$dir/a/sub" "$dir/a/open" \
		"$dir/a/open/one.txt" "--allow-fs-read=$dir/*/open/*.txt" \
		--allow-fs-write="$dir"
	# A carve-out beside makes all of it ours to do, not the kernel's.
	moved 'a directory that a pattern grants without what is in it' \
		"$dir/a/sub" "$dir/b/sub" "$dir/b/sub/one.key" \
		"--allow-fs-read=$dir/a/s*b" --allow-fs-read="$dir/b" \
		--allow-fs-write="$dir" \
		--deny-fs-write="$dir/a/none,$dir/b/none"
	moved 'a directory to where a file is granted that is not there yet' \
		"$dir/a/sub" "$dir/a/new" "$dir/a/new/one.txt" \
		--allow-fs-read="$dir/a/new/one.txt" --allow-fs-write="$dir"
}

# What must not be written is moved away, changed, and moved back.
check_borrowed() {
	make_tree
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
		"--deny-fs-write=$dir/a/*.key" -- "$target" \
		"write:$dir/a/sub/one.key" "rename:$dir/a/sub:$dir/b/sub" \
		"trunc:$dir/b/sub/one.key" "rename:$dir/b/sub:$dir/a/sub"
	diag "$OUT"
	is "$(cat "$dir/a/sub/one.key")" SECRET \
		"$WHO: a pattern that must not be written keeps what is in it"
}

# A directory may be changed and what others put into it may not.
check_written() {
	make_tree
	rmdir "$dir/b/open"
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir/b/new" \
		--allow-fs-write="$dir/a" --deny-fs-write="$dir/a/none" -- \
		"$target" "mkdir:$dir/b/new" "rename:$dir/b/new:$dir/a/new"
	is "$(outcome)" 'OK EACCES ' \
		"$WHO: a directory granted alone stays where it is"
}

# What still has to work.
check_allowed_moves() {
	make_tree
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
		"--deny-fs-read=$dir/*.key" -- "$target" \
		"rename:$dir/a/sub:$dir/a/moved" "read:$dir/a/moved/one.txt" \
		"read:$dir/a/moved/one.key"
	is "$(outcome)" 'OK OK EACCES ' \
		"$WHO: within a pattern of names directories move"
	make_tree
	sandbox --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
		"--allow-fs-read=$dir/a/m*d/x" --deny-fs-write="$dir/none" -- \
		"$target" "rename:$dir/a/sub:$dir/a/moved" \
		"line:$dir/a/moved/one.txt"
	is "$(outcome)" 'OK FINE ' \
		"$WHO: what could be read anyway may move to where more is granted"
}

# race_closed NAME FLAG...: a/closed/in/file is never opened. The races need two
# paths that differ in one byte.
race_closed() {
	race_name=$1
	shift
	make_tree
	sandbox --quiet "$@" -- "$race" thread "$dir/a/alosed/in/file" \
		"$dir/a/closed/in/file" 20000
	like "$OUT" 'allowed=[1-9].* secret=0$' "$WHO: $race_name"
}

check_races() {
	race_closed 'a grant that is carved out as well' \
		--allow-fs-read="$dir/a/alosed" \
		--allow-fs-read="$dir/a/closed" --deny-fs-read="$dir/a/closed"
	race_closed 'a grant beneath a carve-out' \
		--allow-fs-read="$dir/a/alosed" \
		--allow-fs-read="$dir/a/closed/in" \
		--deny-fs-read="$dir/a/closed"
}

for WHO in $(identities); do
	dir=$TMP/names-$WHO
	check_moves
	check_borrowed
	check_written
	check_allowed_moves
	check_races
done
done_testing
