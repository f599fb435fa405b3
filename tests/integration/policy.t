#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manifest on every Node: what policy-cases*.js lists, row by row.
#
#   POLICY_NODES="20 26" tests/integration/policy.t    these versions
#   CASES='^10 ' tests/integration/policy.t            these rows

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

nodes=
newest=
for version in ${POLICY_NODES:-20 22 24 26}; do
	node=$(node_path "$version") || {
		skip "there is no Node.js $version"
		continue
	}
	mkdir "$TMP/node-$version"
	ln "$node" "$TMP/node-$version/node" 2>/dev/null ||
		cp "$node" "$TMP/node-$version/node"
	newest="$version=$TMP/node-$version/node"
	nodes="$nodes $newest"
done
[ -n "$nodes" ] || skip_all 'there is no Node.js to run'

cp "$top_srcdir"/tests/integration/policy-*.js "$TMP/"

# rows DIRECTORY VERSION=NODE...: a result for each row.
rows() {
	rows_dir=$1
	shift
	rows_ended=
	mkdir "$rows_dir"
	! [ "$WHO" = user ] || ! is_root ||
		chown "$tap_uid:$tap_uid" "$rows_dir"
	as_who timeout -k 5 600 "${newest#*=}" "$TMP/policy-run.js" \
		"$NSSUPERVISE" "$rows_dir" "$@" >"$TMP/rows" 2>"$TMP/rows.err"
	while IFS= read -r row; do
		case $row in
		'ok '*) pass "$WHO: ${row#ok }" ;;
		'not ok '*) fail "$WHO: ${row#not ok }" ;;
		'end '*) rows_ended=1 ;;
		*) diag "$row" ;;
		esac
	done <"$TMP/rows"
	is "$rows_ended" 1 "$WHO: all rows were run"
	[ ! -s "$TMP/rows.err" ] || diag "$(cat "$TMP/rows.err")"
}

for WHO in $(identities); do
	if [ "$WHO" = root ]; then
		# The same decisions: one version shows that.
		rows "$TMP/rows.root" "$newest"
	else
		# shellcheck disable=SC2086 # a list of paths without blanks
		rows "$USER_TMP/rows.user" $nodes
	fi
done

done_testing
