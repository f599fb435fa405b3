#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Some thousands of decisions about random manifests: Node.js 20, the last to
# have policies, and nspolicy say the same, but for the differences named here.
. "${top_srcdir:-.}/tests/lib/tap.sh"

SEEDS=${MANIFEST_SEEDS:-1 2}
COUNT=${MANIFEST_COUNT:-300}

[ -x "$NSPOLICY" ] || skip_all 'nspolicy is not built'
node=$(node_path 20) || node=$(command -v node) || skip_all 'no Node.js 20 here'
case $("$node" --version) in
v20.*) ;;
*) skip_all 'no Node.js 20 here, the last line that has policies' ;;
esac

mkdir "$TMP/app"
for seed in $SEEDS; do
	run "$node" --no-warnings --expose-internals \
		"$top_srcdir/tests/conformance/manifest-oracle.js" \
		"$NSPOLICY" "$TMP/app" "$seed" "$COUNT"
	is "$STATUS $ERR" '0 ' "seed $seed: runs"
	is "$(printf '%s\n' "$OUT" | grep -A 2 '^differs')" '' \
		"seed $seed: no unexpected difference"
	like "$OUT" '^decisions [0-9]{4,}$' "seed $seed: thousands of decisions"
	like "$OUT" '^accepted [0-9]{3,}$' "seed $seed: many of them accept"
	printf '%s\n' "$OUT" >>"$TMP/all"
	diag "$OUT"
done

# Each deliberate difference came up, so that the list stays true.
while read -r name; do
	ok "on purpose: $name" grep -q "^expected [0-9]* $name\$" "$TMP/all"
done <<'END'
integrity strings are parsed at the start
dependencies at the top are checked like all others
keys of one file with different values are refused
keys may be escaped in more than one way
an escaped slash or NUL in a key is refused
integrity cascades into the scope ""
a scope may have integrity null
END

done_testing
