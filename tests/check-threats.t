#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The threat model names tests: each file is there, and has the words in it.
. "${top_srcdir:-.}/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

# "FILE<tab>WORDS" for each; a file is named once for several words.
folders='attack|integration|conformance|unit|fuzz|faults|load'
grep -oE "\`($folders)/[a-z0-9-]+\.[a-z]+\`|\"[^\"]*\"" doc/THREAT-MODEL.md | awk '
	/^`/ { file = substr($0, 2, length($0) - 2); next }
	file { print file "\t" substr($0, 2, length($0) - 2) }
' >"$TMP/named"
ok "the threat model names tests" test "$(wc -l <"$TMP/named")" -gt 50

while read -r line; do
	file=tests/${line%%	*}
	words=${line#*	}
	[ -f "$file" ] || echo "$file is not there"
	grep -qF -e "$words" "$file" 2>/dev/null || echo "$file: $words"
done <"$TMP/named" >"$TMP/missing"
is "$(cat "$TMP/missing")" '' "each of them is there"

# Every promise ends in a test: no row of its tables is without one.
is "$(sed -n '/^## The promises/,/^## What/p' doc/THREAT-MODEL.md |
	grep '^|' | grep -Ev '^\|( against \||---)' |
	grep -Ev "\`($folders)/")" '' \
	"no promise is without a test"

# The verifier's list has none of the calls that end the supervisor.
grep -oE 'HOSTILE\([a-z0-9_]+' src/supervise/self_calls.def | sed 's/.*(//' |
	sort -u >"$TMP/hostile"
grep -oE '(ANY|WHEN)\([a-z0-9_]+' src/verify/confine.c | sed 's/.*(//' |
	sort -u >"$TMP/verifier"
ok "there are lists to compare" test -s "$TMP/hostile" -a -s "$TMP/verifier"
is "$(comm -12 "$TMP/hostile" "$TMP/verifier")" '' \
	"the verifier may do nothing that is hostile"

# What is linked to from the two pages exists.
for page in SECURITY.md doc/THREAT-MODEL.md; do
	grep -oE '\]\([^)#]+\)' "$page" | sed 's/^](//; s/)$//' |
		while read -r target; do
			[ -e "$(dirname "$page")/$target" ] || echo "$page: $target"
		done
done >"$TMP/links"
is "$(cat "$TMP/links")" '' "their links lead somewhere"

done_testing
