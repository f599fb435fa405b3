#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs and manifests made by chance: what each require() and import() gets
# under nssupervise is what Node.js 20 gives it under its own policies, on every
# Node, but for the differences that policy-programs.js names.
#
#   SEED=7 COUNT=1000 tests/conformance/policy-programs.t

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

oracle=$(node_path 20) || skip_all 'there is no Node.js 20, the one with policies'
oracle=$(reachable "$oracle")
nodes=
for version in 20 22 24 26; do
	node=$(node_path "$version") || continue
	mkdir "$TMP/node-$version"
	ln "$node" "$TMP/node-$version/node" 2>/dev/null ||
		cp "$node" "$TMP/node-$version/node"
	nodes="$nodes $version=$TMP/node-$version/node"
done

cp "$top_srcdir/tests/conformance/policy-programs.js" "$TMP/"
mkdir "$USER_TMP/programs"
! is_root || chown "$tap_uid:$tap_uid" "$USER_TMP/programs"
# shellcheck disable=SC2086 # a list of paths without blanks
as_user timeout -k 5 900 "$oracle" "$TMP/policy-programs.js" "$NSSUPERVISE" \
	"$USER_TMP/programs" "${SEED:-1}" "${COUNT:-150}" "$oracle" $nodes \
	>"$TMP/out" 2>"$TMP/err"
is "$(grep -A 20 '^differs' "$TMP/out" | head -n 60)" '' \
	'no difference that is not named'
like "$(cat "$TMP/out")" '^programs [0-9]+ runs [0-9]+ same [0-9]+ ' \
	'all programs were run'
diag "$(grep -E '^(programs|on purpose)' "$TMP/out")"
[ ! -s "$TMP/err" ] || diag "$(cat "$TMP/err")"

done_testing
