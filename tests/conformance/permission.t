#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Node's own permission model and nssupervise give the same outcomes, row by
# row, but for the differences of doc/CONFORMANCE.md, which all do come up.
#
#   PERMISSION_NODES="20 26" tests/conformance/permission.t    these versions
#   CASES='^fs.read' tests/conformance/permission.t            these grants

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

nodes=
newest=
for version in ${PERMISSION_NODES:-20 22 24 26}; do
	node=$(node_path "$version") || {
		skip "there is no Node.js $version"
		continue
	}
	newest=$(reachable "$node")
	nodes="$nodes $newest"
done
[ -n "$nodes" ] || skip_all 'there is no Node.js to compare with'

echo 'int napi_register_module_v1(void *e, void *x) { (void)e; (void)x; return 0; }' \
	>"$TMP/addon.c"
${CC:-cc} -shared -fPIC -o "$TMP/addon.node" "$TMP/addon.c" ||
	skip_all 'no shared objects here'

# compare DIRECTORY NODE...
compare() {
	compare_dir=$1
	shift
	mkdir "$compare_dir"
	cp "$top_srcdir"/tests/conformance/permission*.js "$compare_dir/"
	mkdir "$compare_dir/run"
	! [ "$WHO" = user ] || ! is_root ||
		chown -R "$tap_uid:$tap_uid" "$compare_dir"
	OUT=$(as_who timeout -k 5 300 "$newest" "$compare_dir/permission.js" \
		compare "$NSSUPERVISE" "$compare_dir/run" "$TMP/addon.node" \
		"$@" 2>"$TMP/err") || diag "$(cat "$TMP/err")"
}

# number NAME: of a count.
number() {
	printf '%s\n' "$OUT" | sed -n "s/^$1 \([0-9]*\)\$/\1/p"
}

check() {
	is "$(printf '%s\n' "$OUT" | grep -a -A 2 '^differs' | head -n 60)" '' \
		"$WHO: no difference that is not listed"
	is "$(printf '%s\n' "$OUT" | grep -a '^contradicts')" '' \
		"$WHO: has() says what happens"
	is "$(printf '%s\n' "$OUT" | grep -a '^stale')" '' \
		"$WHO: every listed difference came up"
	is "$(number different)" 0 "$WHO: the table was read to its end"
	diag "$WHO: $(number rows) rows by versions, $(number equal) equal,\
 $(number deliberate) different on purpose"
	diag "$(printf '%s\n' "$OUT" | grep -a '^on purpose')"
}

for WHO in $(identities); do
	if [ "$WHO" = root ]; then
		# The same decisions: one version shows that.
		CASES=${CASES-'^(zones|inherit)'} compare \
			"$TMP/conformance" "$newest"
	else
		# shellcheck disable=SC2086 # a list of paths without blanks
		compare "$USER_TMP/conformance" $nodes
	fi
	check
done

is "$("$newest" "$top_srcdir/tests/conformance/permission.js" doc |
	diff - "$top_srcdir/doc/CONFORMANCE.md")" '' \
	'doc/CONFORMANCE.md is the list of differences'

done_testing
