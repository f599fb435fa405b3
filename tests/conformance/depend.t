#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# More than a hundred thousand questions about random dependency maps: Node.js
# 20, the last to have policies, and nspolicy answer the same, but for the
# differences named here.
. "${top_srcdir:-.}/tests/lib/tap.sh"

SEEDS=${DEPEND_SEEDS:-1 2 3}
COUNT=${DEPEND_COUNT:-400}

[ -x "$NSPOLICY" ] || skip_all 'nspolicy is not built'
node=$(node_path 20) || node=$(command -v node) || skip_all 'no Node.js 20 here'
case $("$node" --version) in
v20.*) ;;
*) skip_all 'no Node.js 20 here, the last line that has policies' ;;
esac

mkdir "$TMP/app"
total=0
for seed in $SEEDS; do
	run "$node" --no-warnings --expose-internals \
		"$top_srcdir/tests/conformance/depend-oracle.js" \
		"$NSPOLICY" "$TMP/app" "$seed" "$COUNT"
	is "$STATUS $ERR" '0 ' "seed $seed: runs"
	is "$(printf '%s\n' "$OUT" | grep -A 3 '^differs' | head -n 40)" '' \
		"seed $seed: no unexpected difference"
	for kind in default redirect missing invalid; do
		like "$OUT" "^kind [0-9]{3,}.* $kind\$" "seed $seed: many are $kind"
	done
	total=$((total + $(printf '%s\n' "$OUT" | sed -n 's/^decisions //p')))
	printf '%s\n' "$OUT" >>"$TMP/all"
done
diag "$total decisions"
ok 'at least 100,000 decisions' [ "$total" -ge 100000 ]

# Each deliberate difference came up, so that the list stays true.
while read -r name; do
	ok "on purpose: $name" grep -q "^expected [0-9]* $name\$" "$TMP/all"
done <<'END'
a builtin is the same with and without node:
true asks the dependencies at the top
without an active condition it is missing
keys of one specifier are refused
END

done_testing
