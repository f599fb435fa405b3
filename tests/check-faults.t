#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of faults names tests: each file is there, and has the words in it.
. "${top_srcdir:-.}/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

# "FILE<tab>WORDS" for each; a file is named once for several words.
folders='attack|integration|conformance|unit|fuzz|faults'
grep -oE "\`($folders)/[a-z0-9-]+\.[a-z]+\`|\"[^\"]*\"" doc/FAULTS.md | awk '
	/^`/ { file = substr($0, 2, length($0) - 2); next }
	file { print file "\t" substr($0, 2, length($0) - 2) }
' | sed 's/\\|/|/g' >"$TMP/named"
ok "the page names tests" test "$(wc -l <"$TMP/named")" -gt 50
while read -r line; do
	file=tests/${line%%	*}
	words=${line#*	}
	[ -f "$file" ] || echo "$file is not there"
	grep -qF -e "$words" "$file" 2>/dev/null || echo "$file: $words"
done <"$TMP/named" >"$TMP/missing"
is "$(cat "$TMP/missing")" '' "each of them is there"
is "$(sed '/^## Where it differs/,$d' doc/FAULTS.md |
	grep '^|' | grep -Ev '^\|( failure \||---)' |
	grep -Ev "\`($folders)/")" '' "no row is without a test"

# All attacks that the matrix names.
for number in 006 015 020 022 032 033 034 061 091 095 096 117 127 128 138 139 \
	140 141 142 143 144 145 146 147 148 172 175 178 187 199 204 205 206 208 228; do
	echo "$number"
done >"$TMP/wanted"
grep -oE 'T[0-9]{3} to T[0-9]{3}|T[0-9]{3}' doc/FAULTS.md | sed 's/T//g' |
	awk '{ for (n = $1; n <= ($3 ? $3 : $1); n++) printf "%03d\n", n }' |
	sort -u >"$TMP/there"
is "$(grep -vxF -f "$TMP/there" "$TMP/wanted")" '' \
	"every attack that the matrix names has a row"

done_testing
