#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A descriptor gives the right to what it refers to, as it was opened; its
# entry in /proc must not give more.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/review-own" ] || skip_all "it is not built"
own=$(reachable "$top_builddir/tests/attack/review-own")

# A tree that belongs to $WHO: "closed" is carved out of "open".
make_tree() {
	chmod -R u+rwx "${dir:?}" 2>/dev/null
	rm -rf "${dir:?}"
	mkdir -p "$dir/open/closed" "$dir/open/given" "$dir/else" "$dir/mine"
	echo SECRET >"$dir/open/closed/secret"
	echo NEAR >"$dir/open/near"
	echo ELSE >"$dir/else/file"
	echo MINE >"$dir/mine/file"
	chmod 644 "$dir/else/file"
	if [ "$WHO" = user ] && is_root; then
		# shellcheck disable=SC2154 # set by tap.sh
		chown -R "$tap_uid:$tap_uid" "$dir"
	fi
}

alone() {
	run as_who timeout -k 5 60 "$own" "$@"
}

# all_refused NAME: $OUT has lines, and each ends in "refused".
all_refused() {
	like "$OUT" ': refused$' "$1: it was tried"
	unlike "$OUT" ': OK$' "$1: nothing succeeds"
}

check_onward() {
	make_tree
	alone onward "$dir/open/given" ../closed/secret
	unlike "$OUT" 'refused' "$WHO: /proc/self/fd/N/../FILE works without us"
	sandbox --quiet --allow-fs-read="$dir/open" \
		--deny-fs-read="$dir/open/closed" -- "$own" onward \
		"$dir/open/given" ../closed/secret
	all_refused "$WHO: to a carve-out through a granted directory"
	sandbox --quiet --allow-fs-read="$dir/open/given" \
		--allow-fs-read="$dir/open/near" -- "$own" onward \
		"$dir/open/given" ../../else/file
	all_refused "$WHO: to anything through a granted directory"
	sandbox --quiet "--allow-fs-read=$dir/open/n*" \
		--allow-fs-read="$dir/open/given" -- "$own" onward \
		"$dir/open/given" ../closed/secret
	all_refused "$WHO: to what lies beside the files of a pattern"
	sandbox --quiet --allow-fs-read="$dir/open" -- "$own" onward \
		"$dir/open/given" ../near
	unlike "$OUT" 'refused' "$WHO: to a granted file it leads as ever"
}

check_table() {
	make_tree
	alone table "$dir/else/file"
	like "$OUT" '^mode: OK$' "$WHO: another thread's table: without us"
	make_tree
	sandbox --quiet --allow-fs-read="$dir/else" \
		--allow-fs-write="$dir/else" \
		--deny-fs-write="$dir/else/file" -- "$own" table \
		"$dir/else/file"
	like "$OUT" '^read: OK$' "$WHO: another thread's table: read as it was"
	is "$(printf '%s\n' "$OUT" | grep -c ': refused$')" 5 \
		"$WHO: another thread's table: and nothing more"
	is "$(stat -c '%a %s' "$dir/else/file")" '644 5' \
		"$WHO: another thread's table: the file is unchanged"
}

check_swap() {
	make_tree
	alone swap "$dir/mine/file" "$dir/else/file" 500
	like "$OUT" 'secret=1$' "$WHO: a number pointed elsewhere: without us"
	make_tree
	sandbox --quiet --allow-fs-read="$dir/else" --allow-fs-read="$dir/mine" \
		--allow-fs-write="$dir/mine" -- "$own" swap "$dir/mine/file" \
		"$dir/else/file" 20000
	like "$OUT" 'done=[1-9].* refused=[1-9]' "$WHO: both files are met"
	like "$OUT" 'secret=0$' "$WHO: only the one that may be changed is"
}

check_unnamed() {
	make_tree
	alone unnamed "$dir/open/closed/secret" "$dir/open/closed/spare" \
		"$dir/open/new"
	like "$OUT" '^read: OK$' "$WHO: a name for what has lost its own: without us"
	make_tree
	sandbox --quiet --allow-fs-read="$dir/open" --allow-fs-write="$dir/open" \
		--deny-fs-read="$dir/open/closed" -- "$own" unnamed \
		"$dir/open/closed/secret" "$dir/open/closed/spare" \
		"$dir/open/new"
	is "$(printf '%s\n' "$OUT" | grep -E 'linkfd|linkproc|read')" \
		"$(printf 'linkfd: refused\nlinkproc: refused\nread: refused')" \
		"$WHO: nothing leaves a carve-out without a name"
	sandbox --quiet --allow-fs-read="$dir/open" --allow-fs-write="$dir/open" \
		--deny-fs-read="$dir/open/closed" -- "$target" \
		"tmplink:$dir/open:$dir/open/made"
	like "$OUT" ': OK$' "$WHO: what never had a name gets one"
}

check_cwd() {
	make_tree
	alone cwd "$dir/open/given" "$dir/open/closed" 500
	like "$OUT" 'secret=[1-9]' "$WHO: a working directory that changes: without us"
	sandbox --quiet --allow-fs-metadata --allow-fs-read="$dir/open" \
		--deny-fs-read="$dir/open/closed" -- "$own" cwd \
		"$dir/open/given" "$dir/open/closed" 100000
	like "$OUT" 'allowed=[1-9].* secret=0$' \
		"$WHO: the one that may not be read is not listed"
}

# Another mount of procfs would show the supervisor as "self".
check_mount() {
	make_tree
	if ! is_root || ! mount --bind /proc "$dir/else" 2>/dev/null; then
		skip "$WHO: procfs cannot be mounted here"
		return
	fi
	sandbox --quiet --allow-fs-read="$dir" -- "$target" \
		"read:$dir/else/self/environ" "read:$dir/else/self/status" \
		"read:$dir/open/near"
	umount "$dir/else"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		'EACCES EACCES OK ' "$WHO: another mount of procfs stays closed"
}

for WHO in $(identities); do
	dir=$TMP/own-$WHO
	check_onward
	check_table
	check_swap
	check_unnamed
	check_cwd
	check_mount
done
done_testing
