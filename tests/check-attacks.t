#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of attacks: all of them are on it, each with something that shows
# it, and what it names is there.
. "${top_srcdir:-.}/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

page=doc/ATTACKS.md
folders='attack|integration|conformance|unit|fuzz|faults|load|transparent|bench'
catalogue=$top_builddir/tests/attack/catalogue/catalogue

# Number, attack, severity, shown by; with tabs between them.
sed -n 's/^| \(T[0-9]*\) | \(.*\) | \([CHML]\) | \(.*\) |$/\1	\2	\3	\4/p' \
	"$page" >"$TMP/rows"
is "$(grep -c '^| *T[0-9]' "$page")" "$(wc -l <"$TMP/rows")" \
	"every row has a number, a name, a severity and what shows it"
seq -f 'T%03g' 1 230 >"$TMP/numbers"
is "$(cut -f 1 "$TMP/rows" | diff "$TMP/numbers" - | grep '^[<>]')" '' \
	"all 230 are there, once, in their order"
is "$(cut -f 1,4 "$TMP/rows" |
	grep -Ev "catalogue T[0-9]|\`($folders)/|not shown here: .")" '' \
	"each has something that shows it, or why nothing does"

# "FILE<tab>WORDS": a file is named once for several words.
cut -f 4 "$TMP/rows" | awk '{ print "."; print }' |
	grep -oE "^\.$|\`[^\`]*\`|\"[^\"]*\"" | awk '
	/^\.$/ { file = "" }
	/^`/ { file = substr($0, 2, length($0) - 2); next }
	/^"/ { print (file ? file : "no file") "\t" substr($0, 2, length($0) - 2) }
' >"$TMP/named"
ok "it names tests" test "$(wc -l <"$TMP/named")" -gt 100
while IFS='	' read -r file words; do
	grep -qF -e "$words" "tests/$file" 2>/dev/null || echo "$file: $words"
done <"$TMP/named" >"$TMP/missing"
is "$(cat "$TMP/missing")" '' "each of them is there"
# A file alone says nothing: which of its tests is it?
is "$(cut -f 1,4 "$TMP/rows" | grep -E "\`($folders)/[^\`]*\`([^ ]| [^\"]|$)")" \
	'' "each file is named with words"

# The rows of the catalogue that a number has, and those that it names.
if [ -x "$catalogue" ]; then
	"$catalogue" list | cut -f 1 | sort >"$TMP/listed"
	cut -f 4 "$TMP/rows" | grep -oE 'catalogue T[0-9]{3}[a-z]*(, T[0-9]{3}[a-z]*)*' |
		grep -oE 'T[0-9]{3}[a-z]*' | sort -u >"$TMP/paged"
	ok "the catalogue has rows" test -s "$TMP/listed"
	is "$(comm -13 "$TMP/listed" "$TMP/paged")" '' \
		"every row that is named is in the catalogue"
	is "$(comm -23 "$TMP/listed" "$TMP/paged")" '' \
		"every row of the catalogue is on the page"
	n=$(wc -l <"$TMP/listed")
	ok "the figures are of these $n rows" \
		grep -q "^$n of the attacks are written so" README.md
	ok "on the page as well" grep -q "^$n rows, those" "$page"
else
	skip "the catalogue is not built"
fi

done_testing
