#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What may not be read answers the same whether or not it is there, to every
# call and however the path gets there.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/review-oracle" ] || skip_all "it is not built"
oracle=$(reachable "$top_builddir/tests/attack/review-oracle")

make_tree() {
	chmod -R u+rwx "${dir:?}" 2>/dev/null
	rm -rf "${dir:?}"
	mkdir -p "$dir/unknown/dir/x" "$dir/unknown/closed" "$dir/known"
	echo x >"$dir/unknown/file"
	mkfifo "$dir/unknown/fifo"
	echo x >"$dir/known/file"
	ln -s loop "$dir/known/loop"
	if [ "$WHO" = user ] && is_root; then
		# shellcheck disable=SC2154 # set by tap.sh
		chown -R "$tap_uid:$tap_uid" "$dir"
	fi
	chmod 000 "$dir/unknown/closed"
}

# check NAME FLAG...
check() {
	check_name=$1
	shift
	make_tree
	cd / || exit 99
	sandbox --quiet --allow-fs-read="$dir/known" \
		--allow-fs-write="$dir/known" "$@" -- "$oracle" "$dir/unknown" \
		"$dir/known"
	is "$(printf '%s\n' "$OUT" | tail -n 1)" 'differences: 0' \
		"$WHO, $check_name: nothing tells what is there"
	diag "$(printf '%s\n' "$OUT" | head -n 20)"
}

for WHO in $(identities); do
	dir=$TMP/oracle-$WHO
	make_tree
	rm "$dir/unknown/fifo" # without us, to open it is to wait
	run as_who timeout -k 5 60 "$oracle" "$dir/unknown" "$dir/known"
	like "$OUT" '^differences: [1-9]' "$WHO: without us much does"
	check 'not granted'
	check 'with programs' --allow-child-process
	check 'carved out' --allow-fs-read="$dir" \
		--deny-fs-read="$dir/unknown"
done
done_testing
