#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What holds for every file of the tree: listed, short, finished, portable.
. "${top_srcdir:-.}/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

MAX_FILE=400
MAX_FUNCTION=60

if git rev-parse --is-inside-work-tree >/dev/null 2>&1 &&
	[ "$(git rev-parse --show-toplevel)" = "$top_srcdir" ]; then
	ok 'sources.am lists every file' tools/sources --check
	git ls-files --cached --others --exclude-standard |
		while read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done >"$TMP/files"
else
	skip 'sources.am lists every file: this is not a git tree'
	find src bpf tests doc policies contrib tools -type f \
		! -name '*.o' ! -name '*.log' ! -name '*.trs' >"$TMP/files"
fi

grep -E '^(src|bpf)/.*\.([ch]|cjs|mjs)$' "$TMP/files" >"$TMP/code"
ok 'there is code to look at' test -s "$TMP/code"

is "$(xargs -r wc -l <"$TMP/code" |
	awk -v max=$MAX_FILE '$2 != "total" && $1 > max { print $2 ": " $1 }')" \
	'' "no source file is longer than $MAX_FILE lines"

is "$(grep '\.c$' "$TMP/code" | xargs -r awk -v max=$MAX_FUNCTION '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && FNR - start - 1 > max)
			print FILENAME ":" start ": " FNR - start - 1
		start = 0
	}')" '' "no function is longer than $MAX_FUNCTION lines"

grep -Ev '(^|/)package-lock\.json$|/corpus/|/golden/' "$TMP/files" >"$TMP/text"

# Split, so that this file does not contain what it looks for.
is "$(xargs -r grep -nwE 'TO''DO|FIX''ME|X''XX|not impl''emented|for n''ow' \
	<"$TMP/text")" '' 'nothing is left to do'
is "$(xargs -r grep -nE '/wo''rk/|/fa''rm/|/ro''ot/\.' <"$TMP/files")" '' \
	'no path of a machine'
is "$(grep -E '(^|/)package-lock\.json$' "$TMP/files" |
	xargs -r grep -n '"resolved":')" '' \
	'no lock file names a registry'
is "$(grep -E '\.([chst]|cjs|mjs|sh|py|am|ac)$' "$TMP/text" |
	while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
			echo "$file"
	done)" '' 'every source names its licence'
is "$(xargs -r grep -lE -m 1 '^#!' <"$TMP/text" |
	while read -r file; do
		case $(head -c 2 "$file") in
		'#!') [ -x "$file" ] || echo "$file" ;;
		esac
	done)" '' 'every script can be executed'

done_testing
