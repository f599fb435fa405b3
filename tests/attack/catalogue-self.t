#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What runs the catalogue of attacks: it sees every kind of effect, and takes
# nothing for held that did not happen.
. "${top_srcdir:-.}/tests/lib/tap.sh"

command -v python3 >/dev/null 2>&1 || skip_all "python3 is not installed"
folder=$top_srcdir/tests/attack/catalogue
rows=$TMP/self.py
cp "$folder/self.py" "$rows"

# The first python of the PATH may lie in a private home.
python=$(command -v /usr/bin/python3 || command -v python3)
sed -i "1s|.*|#!$python|" "$rows"

# catalogue SANDBOX [ARG]...: its verdicts, "S01 root BROKEN", in $OUT.
catalogue() {
	sandbox=$1
	shift
	"$python" -B "$folder/catalogue.py" --catalogue "$rows" --sandbox "$sandbox" \
		--limit 3 --verbose "$@" >"$TMP/out" 2>"$TMP/err"
	STATUS=$?
	OUT=$(sed -n 's/^\(.*[^ ]\)  *\([SN][0-9][0-9]\)  *\([a-z]*\)  *[0-9.]* s .*/\2 \3 \1/p' "$TMP/out")
	ALL=$(cat "$TMP/out" "$TMP/err")
}

who=user
! is_root || who='root user'

# want ROWS VERDICT: a line for each that may be tried by these identities.
want() {
	"$rows" list | cut -f 1,4 | while read -r id only; do
		# shellcheck disable=SC2254 # a pattern
		case $id in
		$1) ;;
		*) continue ;;
		esac
		for identity in $who; do
			case $only in
			all | "$identity") echo "$id $identity $2" ;;
			esac
		done
	done | sort
}

lines() {
	printf '%s\n' "$OUT" | sort | grep "^$1"
}

# A sandbox that is none.
catalogue env
is "$STATUS" 1 "no sandbox: the run fails"
is "$(lines S)" "$(want 'S*' BROKEN)" "every kind of effect is seen" ||
	diag "$ALL"
is "$(lines N01)" "$(want N01 'no baseline')" "nothing is no baseline"
is "$(lines N02)" "$(want N02 'no baseline')" \
	"nor is the reading of what may be read"
is "$(lines N03)" "$(want N03 skipped)" "what cannot be shown is skipped"
is "$(lines N04)" "$(want N04 BROKEN)" "what has had its effect may hang"
like "$ALL" '^all  *0 / [0-9]+' "nothing is held"

# Sandboxes in which the attack does not happen; what is granted works.
cat >"$TMP/no-attack" <<'EOF2'
#!/bin/sh
# Does what is granted; runs nothing else, as $TRICK says.
case $2-$TRICK in
work-*) exec "$@" ;;
run-silent) exit 0 ;;
run-killed) kill -9 $$ ;;
run-held) echo attacking >&2 ;;
run-hung) echo attacking >&2; exec sleep 1000 ;;
esac
EOF2
chmod 755 "$TMP/no-attack"
for trick in 'silent:did not run' 'killed:did not run' held:held hung:hung; do
	catalogue "env TRICK=${trick%%:*} $TMP/no-attack" S01 S33 N04
	is "$(lines '[SN]')" "$(for row in S01 S33 N04; do
		want "$row" "${trick#*:}"
	done | sort)" "a sandbox: ${trick#*:} (${trick%%:*})" || diag "$ALL"
	case $trick in
	held:*) is "$STATUS" 0 "all held: status 0" ;;
	*) is "$STATUS" 1 "${trick%%:*}: status 1" ;;
	esac
done

catalogue true S01
is "$STATUS" 1 "a sandbox that does nothing fails"
like "$ALL" 'does not do here what is granted' "and is not said to hold"
catalogue "$TMP/none" S01
like "$ALL" 'does not do here what is granted' "nor one that is not there"

# Words for what is granted beside.
like "$("$python" -B - "$folder" <<-'END'
	import collections, sys
	sys.path.insert(0, sys.argv[1])
	import catalogue
	class place:
	    read, write, outside, base = '/r', '/w', '/o', '/b'
	    secret_in = staticmethod(lambda name: '/s/' + name)
	words = catalogue.read_template(
	    '# a comment\nbox {read} --w={write} {secret} {child:-c} {!child:-n}')
	print(*catalogue.fill(words, place, []))
	print(*catalogue.fill(words, place, ['child']))
END
)" '^box /r --w=/w /s -n$' "a word for what is not granted"

done_testing
