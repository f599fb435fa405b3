#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nspolicy: manifests of a tree, what has changed since, what a manifest says.
. "${top_srcdir:-.}/tests/lib/tap.sh"

[ -x "$NSPOLICY" ] || skip_all 'nspolicy is not built'

app=$TMP/app

make_app() {
	rm -rf "$app"
	mkdir -p "$app/lib" "$app/bin" "$app/node_modules/p" "$app/we ird"
	echo 'module.exports = 1;' >"$app/lib/one.js"
	cat >"$app/main.js" <<-'END'
		const fs = require('fs');
		const one = require('./lib/one');
		const odd = require('./we ird/a#b%41é~[1].js');
		const p = require('p');
		console.log(one, odd, p, require('./data.json').x, typeof fs);
	END
	echo 'module.exports = 2;' >"$app/we ird/a#b%41é~[1].js"
	echo '{"x": 4}' >"$app/data.json"
	printf '\357\273\277{"name": "app"}\n' >"$app/package.json"
	echo '{"name": "p", "main": "m.cjs"}' >"$app/node_modules/p/package.json"
	echo 'module.exports = 3;' >"$app/node_modules/p/m.cjs"
	printf '#!/usr/bin/env node\nrequire("../main.js");\n' >"$app/bin/www"
	chmod +x "$app/bin/www"
	echo 'just text' >"$app/readme.txt"
	printf '#!/bin/sh\n' >"$app/not-executable"
	ln -s main.js "$app/link.js"
	ln -s /etc "$app/etc"
}

# keys FILE: of the resources, one a line.
keys() {
	sed -n 's/^\t\t"\(.*\)": { "integrity": .*/\1/p' "$1"
}

# sri ALGORITHM FILE: its integrity string, not by our own program.
sri() {
	printf '%s-%s\n' "$1" "$(openssl dgst "-$1" -binary "$2" | base64 -w0)"
}

# entry KEY SRI: the line of a resource, as extended regular expression.
entry() {
	printf '"%s": { "integrity": "%s", "dependencies": true }' "$1" "$2" |
		sed 's/[+{}.]/[&]/g'
}

all='bin/www
data.json
lib/one.js
main.js
node_modules/p/m.cjs
node_modules/p/package.json
package.json
we%20ird/a%23b%2541%C3%A9%7E%5B1%5D.js'

# listed PREFIX: all keys behind PREFIX.
listed() {
	printf '%s\n' "$all" | sed "s|^|$1|"
}

generates_a_manifest() {
	make_app
	run sh -c "cd \"\$1\" && \"\$2\" generate --root=\"\$1\" >p.json" - \
		"$app" "$NSPOLICY"
	is "$STATUS $ERR" '0 ' 'generate: status 0, nothing to say'
	is "$(keys "$app/p.json")" "$(listed "$app/")" \
		'generate: code only, sorted, absolute, without p.json'
	like "$(cat "$app/p.json")" \
		"$(entry "$app/main.js" "$(sri sha384 "$app/main.js")")" \
		'generate: SHA-384 and dependencies'
	cp "$app/p.json" "$TMP/first.json"
	(cd "$app" && "$NSPOLICY" generate >"$app/p.json")
	ok 'generate: the same again, by default from the working directory' \
		cmp "$app/p.json" "$TMP/first.json"
	(cd "$app" && "$NSPOLICY" generate --jobs=1 >"$app/p.json")
	ok 'generate: the same with one job' cmp "$app/p.json" "$TMP/first.json"
	for algorithm in sha256 sha512; do
		"$NSPOLICY" generate --root="$app" --algorithm=$algorithm \
			--exclude=p.json >"$TMP/p.json"
		like "$(cat "$TMP/p.json")" \
			"$(entry "$app/main.js" "$(sri $algorithm "$app/main.js")")" \
			"generate: $algorithm"
	done
}

writes_a_file() {
	make_app
	run "$NSPOLICY" generate --root="$app" --output="$app/p.json"
	is "$STATUS $OUT$ERR" '0 ' '--output: status 0, nothing printed'
	is "$(keys "$app/p.json")" "$(listed ./)" \
		'--output: keys from its directory'
	is "$(stat -c %a "$app/p.json")" 644 '--output: mode by the umask'
	run "$NSPOLICY" generate --root="$app" --output="$app/p.json"
	is "$(keys "$app/p.json")" "$(listed ./)" \
		'--output: the manifest does not list itself'
	mkdir "$TMP/elsewhere"
	"$NSPOLICY" generate --root="$app" --output="$TMP/elsewhere/p.json" \
		--exclude=p.json
	is "$(keys "$TMP/elsewhere/p.json")" "$(listed "$app/")" \
		'--output elsewhere: absolute keys'
	"$NSPOLICY" generate --root="$app" --relative --exclude=p.json >"$TMP/p.json"
	is "$(keys "$TMP/p.json")" "$(listed ./)" '--relative: keys from the root'
	"$NSPOLICY" generate --root="$app" --relative="$TMP" --exclude=p.json \
		>"$TMP/p.json"
	is "$(keys "$TMP/p.json")" "$(listed ./app/)" '--relative=DIR'
	ln -s "$app/p.json" "$TMP/link.json"
	"$NSPOLICY" generate --root="$app" --output="$TMP/link.json"
	ok '--output through a link writes the file' test -L "$TMP/link.json"
	run "$NSPOLICY" generate --root="$app" --output=/dev/null
	ok '--output=/dev/null leaves the device alone' test -c /dev/null
}

runs_under_node() {
	node=$(node_path 20) || node=$(command -v node) || node=
	case $("${node:-false}" --version 2>/dev/null) in
	v20.*) ;;
	*)
		skip 'no Node.js 20 to load the manifest'
		return
		;;
	esac
	make_app
	"$NSPOLICY" generate --root="$app" --output="$app/p.json"
	run "$node" --no-warnings --experimental-policy="$app/p.json" \
		"$app/main.js"
	is "$STATUS $OUT$ERR" '0 1 2 3 4 object' \
		'Node.js 20 accepts the manifest and all it lists'
	"$NSPOLICY" generate --root="$app" --exclude=p.json >"$TMP/p.json"
	run "$node" --no-warnings --experimental-policy="$TMP/p.json" \
		--policy-integrity="$("$NSPOLICY" hash "$TMP/p.json" | cut -d' ' -f1)" \
		"$app/bin/www"
	is "$STATUS $OUT$ERR" '0 1 2 3 4 object' \
		'and with absolute keys, and by its own hash'
	echo >>"$app/lib/one.js"
	run "$node" --no-warnings --experimental-policy="$TMP/p.json" \
		"$app/main.js"
	is "$STATUS" 1 'and refuses what has changed'
}

says_what_changed() {
	make_app
	"$NSPOLICY" generate --root="$app" --output="$app/p.json"
	run "$NSPOLICY" check "$app/p.json"
	is "$STATUS $OUT$ERR" '0 8 good, 0 changed, 0 missing, 0 unlisted' \
		'check: nothing'
	echo >>"$app/lib/one.js"
	rm "$app/data.json"
	echo 'evil' >"$app/node_modules/p/new.js"
	echo 'more text' >>"$app/readme.txt"
	run "$NSPOLICY" check "$app/p.json"
	is "$STATUS $ERR" '1 ' 'check: status 1'
	is "$OUT" "missing   $app/data.json
changed   $app/lib/one.js
unlisted  $app/node_modules/p/new.js
6 good, 1 changed, 1 missing, 1 unlisted" 'check: what and where'
	mv "$app" "$TMP/moved"
	run "$NSPOLICY" check "$TMP/moved/p.json"
	like "$OUT" '^6 good, 1 changed, 1 missing, 1 unlisted$' \
		'check: relative keys move with the tree'
	mv "$TMP/moved" "$app"
}

checks_other_manifests() {
	make_app
	cat >"$app/p.json" <<-END
		{ "resources": { "./main.js": { "integrity": true },
			"./lib/one.js": {}, "./bin/www": { "cascade": true } },
		  "scopes": { "./node_modules/": { "integrity": true } } }
	END
	run "$NSPOLICY" check "$app/p.json"
	is "$STATUS $OUT" "1 refused   $app/lib/one.js
unlisted  $app/data.json
unlisted  $app/package.json
unlisted  $app/we ird/a#b%41é~[1].js
2 good, 0 changed, 0 missing, 3 unlisted, 1 refused" \
		'check: a manifest by hand, with scopes'
	rm "$app/main.js"
	mkfifo "$app/main.js"
	run "$NSPOLICY" check "$app/p.json"
	is "$STATUS" 125 'check: a FIFO in the place of a file is a failure'
	like "$ERR" "^nspolicy: cannot read '$app/main.js': not a regular file\$" \
		'check: which it names'
	echo '{"resources": {"/etc/passwd": {}, "/usr/bin/env": {}}}' >"$TMP/p.json"
	run "$NSPOLICY" check "$TMP/p.json"
	like "$ERR" 'have no directory in common' \
		'check: it does not search the whole machine'
	echo '{"resources": {"./a?b": {}, "data:,x": {}}}' >"$TMP/p.json"
	run "$NSPOLICY" check "$TMP/p.json"
	like "$ERR" ': 2 of its keys name no file: only Node.js can ask' \
		'check: keys without effect are mentioned'
}

explains() {
	make_app
	"$NSPOLICY" generate --root="$app" --output="$app/p.json"
	echo >>"$app/lib/one.js"
	rm "$app/data.json"
	run "$NSPOLICY" explain "$app/p.json" "$app/link.js" "$app/lib/one.js" \
		"$app/data.json" "$app/readme.txt"
	is "$STATUS $ERR" '1 ' 'explain: status 1 when one is not accepted'
	is "$(printf '%s\n' "$OUT" | grep -v '^ ')" "match     $app/main.js
mismatch  $app/lib/one.js
missing   $app/data.json
unlisted  $app/readme.txt" 'explain: one word each, links resolved'
	run "$NSPOLICY" explain "$app/p.json" "$app/main.js"
	is "$STATUS" 0 'explain: status 0 when all are accepted'
}

hashes() {
	make_app
	for algorithm in sha256 sha384 sha512; do
		is "$("$NSPOLICY" hash --algorithm=$algorithm "$app/main.js")" \
			"$(sri $algorithm "$app/main.js")  $app/main.js" \
			"hash: $algorithm"
	done
	is "$("$NSPOLICY" hash - <"$app/main.js")" \
		"$(sri sha384 "$app/main.js")  -" 'hash: the standard input'
	escape=$(printf '\033')
	printf '{"scopes":{"./\\u001b[2J/":{"integrity":true}}}' >"$app/esc.json"
	mkdir "$app/${escape}[2J"
	echo 1 >"$app/${escape}[2J/a.js"
	run "$NSPOLICY" explain "$app/esc.json" "$app/${escape}[2J/a.js"
	like "$OUT" 'scopes\["\./\\x1b\[2J/"\]' \
		'explain: control characters are made visible'
	unlike "$OUT" "$escape" 'explain: all of them'
	touch "$app/a${escape}b"
	like "$("$NSPOLICY" hash "$app/a${escape}b")" 'a\\x1bb$' \
		'hash: control characters are made visible'
	run "$NSPOLICY" hash "$app/main.js" "$app/nope" "$app/data.json"
	is "$STATUS" 125 'hash: status 125 if one cannot be read'
	is "$ERR" "nspolicy: cannot read '$app/nope': No such file or directory" \
		'hash: which it names'
	is "$(printf '%s\n' "$OUT" | wc -l)" 2 'hash: the others are printed'
	dd if=/dev/zero of="$TMP/big" bs=1M count=3 2>/dev/null
	is "$("$NSPOLICY" hash "$TMP/big")" "$(sri sha384 "$TMP/big")  $TMP/big" \
		'hash: a larger file'
}

leaves_nothing_half_done() {
	make_app
	# shellcheck disable=SC2154 # set by tap.sh
	! is_root || chown -Rh "$tap_uid" "$app"
	chmod 000 "$app/data.json"
	run as_user "$NSPOLICY" generate --root="$app"
	is "$STATUS $OUT" '125 ' 'an unreadable file: status 125, no output'
	is "$ERR" "nspolicy: cannot read '$app/data.json': Permission denied" \
		'an unreadable file is named with the reason'
	chmod 644 "$app/data.json"
	chmod 000 "$app/lib"
	run as_user "$NSPOLICY" generate --root="$app" --output="$USER_TMP/p.json"
	is "$STATUS" 125 'an unreadable directory: status 125'
	is "$(ls "$USER_TMP")" '' 'and no file'
	chmod 755 "$app/lib"
	run sh -c "\"$NSPOLICY\" generate --root=\"$app\" >/dev/full"
	is "$STATUS" 125 'output that cannot be written: status 125'
	run "$NSPOLICY" generate --root="$app" --output="$TMP/no/such/dir.json"
	is "$STATUS" 125 'a directory that is not there: status 125'
	run "$NSPOLICY" generate --root="$app" --output="$app/lib"
	is "$STATUS" 125 'a directory in the place of the file: status 125'
	is "$(find "$app" "$TMP" -maxdepth 1 -name '*.json.*')" '' \
		'no temporary file is left'
}

takes_patterns() {
	make_app
	echo x >"$app/lib/x.tpl"
	echo x >"$app/x.tpl"
	"$NSPOLICY" generate --root="$app" --output="$app/p.json" \
		--code='lib/*.tpl' --exclude=node_modules --exclude='we*/*'
	is "$(keys "$app/p.json")" './bin/www
./data.json
./lib/one.js
./lib/x.tpl
./main.js
./package.json' '--code and --exclude'
	run "$NSPOLICY" check "$app/p.json"
	is "$STATUS" 0 'check looks with the same patterns'
	echo y >"$app/lib/y.tpl"
	run "$NSPOLICY" check "$app/p.json"
	like "$OUT" "^unlisted  $app/lib/y.tpl\$" 'and finds what is new by them'
	run "$NSPOLICY" generate --root="$app" --code="$(printf 'a\377')"
	is "$STATUS" 125 'a pattern that is not UTF-8: status 125'
	"$NSPOLICY" generate --root="$app/lib" --root="$app" --root="$app/bin" \
		--relative="$app" --exclude=p.json --exclude='*.tpl' >"$TMP/p.json"
	is "$(keys "$TMP/p.json")" "$(listed ./)" \
		'roots inside each other: each file once'
}

# What a runtime's profile calls code must be listed, or it could not load.
knows_the_code_of_the_profiles() {
	"$NSPOLICY" generate --help | sed -n '/^Code is/,$p' | tr ' ' '\n' |
		grep '[*]' | sort -u >"$TMP/known"
	ok 'the patterns are printed by --help' test -s "$TMP/known"
	for profile in "$top_srcdir"/policies/*.json; do
		tr -d '\n\t ' <"$profile" | sed -n 's/.*"code":\[\([^]]*\)\].*/\1/p' |
			tr -d '"' | tr ',' '\n'
		echo
	done | grep '^[*]' | grep -v '^\*\.py[co]$' | sort -u >"$TMP/wanted"
	ok 'the profiles have some' test -s "$TMP/wanted"
	is "$(comm -13 "$TMP/known" "$TMP/wanted")" '' \
		'code for a profile is code for nspolicy'
}

# usage TEXT ARGUMENT...: is refused, and TEXT is said.
usage() {
	usage_text=$1
	shift
	run "$NSPOLICY" "$@"
	is "$STATUS $OUT" '125 ' "usage: $*: status 125"
	like "$ERR" "^nspolicy: .*$usage_text" "usage: $*: $usage_text"
}

refuses_bad_usage() {
	usage 'a command is missing'
	usage "unknown command 'nope'" nope
	usage "unknown option '--nope'" generate --nope
	usage "unknown option '-x'" hash -x
	usage '--root needs a value' generate --root
	usage '--root needs a value' generate --root=
	usage "unexpected 'dir': use --root=dir" generate dir
	usage '--jobs=0: must be a number' generate --jobs=0
	usage '--jobs=3x: must be a number' generate --jobs=3x
	usage '--jobs=-1: must be a number' hash --jobs=-1 x
	usage '--algorithm=sha1: must be sha256' generate --algorithm=sha1
	usage '--root=/nonexistent: No such file' generate --root=/nonexistent
	usage '--root=/etc/passwd: Not a directory' generate --root=/etc/passwd
	usage 'one manifest is needed' check
	usage 'one manifest is needed' check a b
	usage "cannot open '/nonexistent'" check /nonexistent
	usage 'a FILE is missing' hash
	usage 'a manifest and a file are needed' explain x
	printf '{\n "resources": {\n  "a.js": {} } }' >"$TMP/bad.json"
	usage "$TMP/bad.json:3:11: resources\[\"a.js\"\]: ERR_INVALID_URL: " \
		check "$TMP/bad.json"
	printf '{} x' >"$TMP/bad.json"
	usage "$TMP/bad.json:1:4: text after the end" explain "$TMP/bad.json" x
}

helps() {
	for command in '' generate check explain hash; do
		# shellcheck disable=SC2086 # nothing, or one word
		run "$NSPOLICY" $command --help
		is "$STATUS $ERR" '0 ' "$command --help: status 0"
		like "$OUT" "^Usage: nspolicy ${command:-COMMAND} " \
			"$command --help: the usage"
	done
	run "$NSPOLICY" --version
	like "$STATUS $OUT" '^0 nspolicy [0-9]' '--version'
	cd "$TMP" || exit 99
	echo x >--odd.js
	run "$NSPOLICY" hash -- --odd.js
	is "$STATUS" 0 'operands after --'
}

generates_a_manifest
writes_a_file
runs_under_node
says_what_changed
checks_other_manifests
explains
hashes
leaves_nothing_half_done
takes_patterns
knows_the_code_of_the_profiles
refuses_bad_usage
helps
done_testing
