#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A manifest decides which bytes a program loads: one byte changed before the
# start and while it runs, unlisted code, onerror, the manifest's own hash.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

node=$(reachable "$(default_node)")
identities=$(identities)
WHO=user

# The app; late.js is loaded when a line arrives on standard input.
make_app() {
	app=$TMP/app
	rm -rf "$app"
	mkdir -p "$app/lib" "$app/data"
	cat >"$app/main.js" <<-'END'
		'use strict';
		const fs = require('fs');
		function load(name) {
		  try {
		    console.log(`${name}: ${require(name)}`);
		  } catch (error) {
		    console.log(`${name}: ${error.code}`);
		  }
		}
		process.on('exit', () => console.log('exit handler'));
		for (const name of process.argv.slice(2)) {
		  if (name === 'wait') {
		    console.log('waiting');
		    fs.readSync(0, Buffer.alloc(1));
		  } else {
		    load(name);
		  }
		}
		console.log('end of main');
	END
	echo "module.exports = 'early 1';" >"$app/lib/early.js"
	echo "module.exports = 'late 1';" >"$app/lib/late.js"
	echo "just text" >"$app/data/text.txt"
	"$NSPOLICY" generate --root="$app" >"$TMP/p.new" && mv "$TMP/p.new" "$app/p.json"
	[ "$WHO" != user ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$app"
}

tamper() {
	printf '%s' 2 | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

app_run() {
	sandbox --allow-fs-read="$app" --policy="$app/p.json" "$@"
}

# The one line that names the resource, both hashes and what to do next.
check_mismatch() {
	mismatch_line=$(printf '%s\n' "$ERR" | grep '^nssupervise: ' |
		grep -F -m 1 "$1")
	like "$mismatch_line" "^nssupervise: .*$(ere "$1")" "$4: the resource is named"
	like "$mismatch_line" "$(ere "$2")" "$4: with the hash of the manifest"
	like "$mismatch_line" "$(ere "$3")" "$4: and the hash of the file"
	like "$mismatch_line" 'nspolicy' "$4: and what to do next"
}

untouched() {
	make_app
	app_run -- "$node" "$app/main.js" ./lib/early.js ./lib/late.js
	is "$STATUS" 0 "$WHO, untouched: status 0"
	like "$OUT" '^./lib/early.js: early 1$' "$WHO, untouched: early loads"
	like "$OUT" '^./lib/late.js: late 1$' "$WHO, untouched: late loads"
	is "$ERR" "" "$WHO, untouched: nothing is reported"
}

tampered_before() {
	make_app
	want=$(sri "$app/lib/early.js")
	tamper "$app/lib/early.js" 24
	got=$(sri "$app/lib/early.js")
	app_run -- "$node" "$app/main.js" ./lib/early.js ./lib/late.js
	like "$OUT" '^./lib/early.js: (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY)$' \
		"$WHO, tampered before: early is refused"
	unlike "$OUT" 'early 2' "$WHO, tampered before: its bytes do not arrive"
	like "$OUT" '^./lib/late.js: late 1$' "$WHO, tampered before: late loads"
	check_mismatch "$app/lib/early.js" "$want" "$got" "$WHO, tampered before"
}

tampered_main() {
	make_app
	want=$(sri "$app/main.js")
	echo '// one more line' >>"$app/main.js"
	app_run -- "$node" "$app/main.js" ./lib/early.js
	unlike "$OUT" . "$WHO, tampered entry: nothing of it runs"
	check_mismatch "$app/main.js" "$want" "$(sri "$app/main.js")" \
		"$WHO, tampered entry"
	ok "$WHO, tampered entry: status is not 0" [ "$STATUS" -ne 0 ]
}

# start_waiting WORD...: main.js in the background, up to its word "wait".
start_waiting() {
	rm -f "$TMP/stdin"
	mkfifo "$TMP/stdin"
	chmod 666 "$TMP/stdin"
	STDIN=$TMP/stdin
	sleep 100 >"$TMP/stdin" &
	holder=$!
	spawn "$app" "$NSSUPERVISE" --allow-fs-read="$app" \
		--policy="$app/p.json" -- "$node" main.js "$@"
	STDIN=
	wait_for "$TMP/spawn.out" '^waiting$' ||
		diag "not waiting: $(cat "$TMP/spawn.err")"
}

go_on() {
	echo go >"$TMP/stdin"
	kill "$holder" 2>/dev/null
	reap
	OUT=$(cat "$TMP/spawn.out")
	ERR=$(cat "$TMP/spawn.err")
}

tampered_during() {
	make_app
	start_waiting ./lib/early.js wait ./lib/late.js
	want=$(sri "$app/lib/late.js")
	tamper "$app/lib/late.js" 23
	got=$(sri "$app/lib/late.js")
	go_on
	like "$OUT" '^./lib/early.js: early 1$' "$WHO, tampered during: early loads"
	like "$OUT" '^./lib/late.js: (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY|late 1)$' \
		"$WHO, tampered during: late is refused, or its verified copy"
	unlike "$OUT" 'late 2' "$WHO, tampered during: its bytes do not arrive"
	like "$OUT" '^end of main$' "$WHO, tampered during: the program goes on"
	unlike "$OUT" 'late 1' "$WHO, tampered during: late is refused"
	check_mismatch "$app/lib/late.js" "$want" "$got" "$WHO, tampered during"
}

on_error_log() {
	make_app
	edit_json "$app/p.json" 'm["onerror"] = "log"'
	want=$(sri "$app/lib/early.js")
	tamper "$app/lib/early.js" 24
	app_run -- "$node" "$app/main.js" ./lib/early.js ./lib/late.js
	like "$OUT" '^./lib/early.js: early 2$' "$WHO, onerror log: early loads"
	is "$STATUS" 0 "$WHO, onerror log: status 0"
	check_mismatch "$app/lib/early.js" "$want" \
		"$(sri "$app/lib/early.js")" "$WHO, onerror log"
}

on_error_exit() {
	make_app
	edit_json "$app/p.json" 'm["onerror"] = "exit"'
	want=$(sri "$app/lib/early.js")
	tamper "$app/lib/early.js" 24
	app_run -- "$node" "$app/main.js" ./lib/late.js ./lib/early.js ./lib/late.js
	is "$STATUS" 1 "$WHO, onerror exit: status 1"
	unlike "$OUT" 'early|end of main|exit handler' \
		"$WHO, onerror exit: nothing runs after it"
	check_mismatch "$app/lib/early.js" "$want" \
		"$(sri "$app/lib/early.js")" "$WHO, onerror exit"
}

on_error_throw() {
	make_app
	edit_json "$app/p.json" 'm["onerror"] = "throw"'
	tamper "$app/lib/early.js" 24
	app_run -- "$node" "$app/main.js" ./lib/early.js
	like "$OUT" '^end of main$' "$WHO, onerror throw: the program can go on"
	unlike "$OUT" 'early 2' "$WHO, onerror throw: early is refused"
}

for WHO in $identities; do
	untouched
	tampered_before
	tampered_main
	tampered_during
	on_error_throw
	on_error_log
	on_error_exit
done

# From here as we are.
WHO=

# Code that is not listed.
make_app
echo "module.exports = 'planted';" >"$app/lib/new.js"
cp "$app/lib/new.js" "$app/data/new.txt"
ln -s new.js "$app/lib/link.txt"
ln -s ../data/new.txt "$app/lib/alias.js"
ln "$app/lib/new.js" "$app/lib/hard.js"
app_run -- "$node" "$app/main.js" ./lib/new.js ./lib/link.txt ./lib/hard.js \
	./lib/early.js
unlike "$OUT" planted "unlisted code does not run"
like "$OUT" '^./lib/new.js: (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY)$' \
	"unlisted: refused by its name"
like "$OUT" '^./lib/link.txt: (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY)$' \
	"unlisted: refused by the name that a symlink resolves to"
like "$OUT" '^./lib/hard.js: (EACCES|ERR_MANIFEST_ASSERT_INTEGRITY)$' \
	"unlisted: refused by the name of a hard link"
like "$OUT" '^./lib/early.js: early 1$' "unlisted: listed code still runs"
like "$ERR" "$(ere "$app/lib/new.js").*manifest" "unlisted: the message says why"

app_run --runtime=node -- "$target" "line:$app/data/text.txt" \
	"line:$app/lib/new.js" "line:$app/lib/alias.js" "line:$app/lib/link.txt"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"just text EACCES EACCES EACCES " \
	"a data file needs no entry; code by the name asked for or resolved does"

# Planted where the program may write, nearer than the real one.
make_app
mkdir "$TMP/w"
cat >"$app/plant.js" <<-END
	const fs = require('fs');
	fs.mkdirSync('$TMP/w/node_modules/p', { recursive: true });
	const file = '$TMP/w/node_modules/p/index.js';
	fs.writeFileSync(file, 'console.log("planted")');
	try { require(file); } catch (error) { console.log(error.code); }
	try { require('module').createRequire('$TMP/w/x')('p'); } catch (error) { console.log(error.code); }
	import(file).catch((error) => console.log(error.code));
END
"$NSPOLICY" generate --root="$app" >"$TMP/p.json"
mv "$TMP/p.json" "$app/p.json"
app_run --allow-fs-write="$TMP/w" --allow-fs-read="$TMP/w" -- \
	"$node" "$app/plant.js"
ok "planted: the program could write the file" \
	test -e "$TMP/w/node_modules/p/index.js"
unlike "$OUT" planted "planted: what the program wrote does not run"
is "$(printf '%s\n' "$OUT" | grep -Ec '^[A-Z_]+$')" 3 \
	"planted: all three loads are refused"

# integrity true, and scopes.
make_app
edit_json "$app/p.json" '
for name in m["resources"]:
    if name.endswith("early.js"):
        m["resources"][name]["integrity"] = True
m["scopes"] = {"file://'"$app"'/lib/more/": {"integrity": True}}'
tamper "$app/lib/early.js" 24
mkdir -p "$app/lib/more"
echo "module.exports = 'by scope';" >"$app/lib/more/x.js"
echo "module.exports = 'planted';" >"$app/lib/y.js"
app_run -- "$node" "$app/main.js" ./lib/early.js ./lib/more/x.js ./lib/y.js
like "$OUT" '^./lib/early.js: early 2$' "integrity true accepts any content"
like "$OUT" '^./lib/more/x.js: by scope$' "a scope accepts what lies in it"
unlike "$OUT" planted "a scope accepts nothing beside it"

# A package.json that the manifest refuses.
package_json() {
	make_app
	mkdir -p "$app/node_modules/p"
	echo '{ "main": "good.js" }' >"$app/node_modules/p/package.json"
	echo "module.exports = 'good';" >"$app/node_modules/p/good.js"
	echo "module.exports = 'evil';" >"$app/node_modules/p/evil.js"
	echo "module.exports = 'index';" >"$app/node_modules/p/index.js"
	"$NSPOLICY" generate --root="$app" >"$TMP/p.json"
	mv "$TMP/p.json" "$app/p.json"
	app_run -- "$2" "$app/main.js" p
	like "$OUT" '^p: good$' "package.json, node $1: untouched it works"
	echo '{ "main": "evil.js" }' >"$app/node_modules/p/package.json"
	app_run -- "$2" "$app/main.js" p
	unlike "$OUT" 'p: (good|evil|index)' \
		"package.json, node $1: tampered, the load fails"
}

package_json default "$node"
for version in 22 24 26; do
	if path=$(node_path "$version"); then
		package_json "$version" "$path"
	else
		skip "package.json: node $version is not in the cache"
	fi
done

# The manifest's own hash.
make_app
good=$(sri "$app/p.json" sha256)
bad=$(sri "$app/main.js" sha256)
for value in "$good" "$(sri "$app/p.json" sha512)" "$bad $good"; do
	app_run --policy-integrity="$value" -- "$node" "$app/main.js"
	is "$STATUS" 0 "policy-integrity: ${value%%-*} of the manifest is accepted"
done
refused_start() {
	is "$STATUS" 125 "$1: status 125"
	is "$OUT" "" "$1: the command is not started"
	is "$(printf '%s\n' "$ERR" | wc -l)" 1 "$1: one line"
	like "$ERR" "$2" "$1: says why"
}
app_run --policy-integrity="$bad" -- "$node" "$app/main.js"
refused_start "policy-integrity of other bytes" "$(ere "$good")"
echo >>"$app/p.json"
app_run --policy-integrity="$good" -- "$node" "$app/main.js"
refused_start "policy-integrity, the manifest changed" 'p\.json'
app_run --policy-integrity=sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= -- "$node" "$app/main.js"
refused_start "policy-integrity of another algorithm" sha1
sandbox --allow-fs-read="$app" --policy-integrity="$good" -- "$node" "$app/main.js"
refused_start "policy-integrity without a policy" 'policy'

# A manifest or a listed file that the program could change.
make_app
for grant in "$app" "$app/p.json" "$TMP/*" '*'; do
	app_run --allow-fs-write="$grant" -- "$node" "$app/main.js"
	refused_start "the manifest inside the write grant ${grant#"$TMP/"}" \
		'p\.json'
done
cp "$app/p.json" "$TMP/outside.json"
edit_json "$TMP/outside.json" '
m["resources"] = {"file://'"$app"'/lib/early.js": {"integrity": True}}'
sandbox --allow-fs-read="$app" --allow-fs-write="$app/lib" \
	--policy="$TMP/outside.json" -- "$node" "$app/main.js"
refused_start "a listed file inside a write grant" 'early\.js'

# A manifest that is replaced while the program runs changes nothing.
make_app
start_waiting ./lib/early.js wait ./lib/late.js
edit_json "$app/p.json" '
for name in m["resources"]:
    m["resources"][name]["integrity"] = True'
tamper "$app/lib/late.js" 23
go_on
unlike "$OUT" 'late 2' "a manifest replaced during the run has no effect"
like "$OUT" '^end of main$' "the program goes on"

# A listed file that grew into a huge hole is refused, soon.
make_app
truncate -s 1T "$app/lib/early.js" && {
	app_run -- "$node" "$app/main.js" ./lib/early.js ./lib/late.js
	like "$OUT" '^./lib/late.js: late 1$' "a huge listed file stalls nothing else"
	unlike "$OUT" '^./lib/early.js: (early|undefined)' "a huge listed file is refused"
}

# Code that no file delivers cannot be checked: such commands are refused.
make_app
for option in '-e' '--eval' '-p' '--print'; do
	app_run -- "$node" "$option" 'console.log("evaluated")'
	is "$STATUS" 125 "node $option under a manifest: status 125"
	unlike "$OUT" evaluated "node $option under a manifest: not run"
done

# OpenSSL configuration cannot reach the verifier.
make_app
printf 'openssl_conf = x\n[x]\nproviders = y\n[y]\nz = w\n[w]\nmodule = %s\nactivate = 1\n' \
	"$TMP/evil.so" >"$TMP/evil.cnf"
tamper "$app/lib/early.js" 24
run env OPENSSL_CONF="$TMP/evil.cnf" OPENSSL_MODULES="$TMP" "$NSSUPERVISE" \
	--allow-fs-read="$app" --policy="$app/p.json" -- \
	"$node" "$app/main.js" ./lib/early.js ./lib/late.js
like "$OUT" '^./lib/late.js: late 1$' "OPENSSL_CONF: good code still loads"
unlike "$OUT" 'early 2' "OPENSSL_CONF: changed code is still refused"

# Python: a poisoned cache of byte code is not preferred to verified source.
python=$(find_python)
py=$TMP/py
mkdir "$py"
cat >"$py/main.py" <<-'END'
	import sys
	sys.path.insert(0, sys.argv[1])
	try:
	    import mod
	    print("mod is", mod.name)
	except Exception as error:
	    print("mod:", type(error).__name__)
END
echo 'name = "good"' >"$py/mod.py"
"$NSPOLICY" generate --root="$py" >"$TMP/py.json"
mv "$TMP/py.json" "$py/p.json"
sandbox --allow-fs-read="$py" --policy="$py/p.json" --runtime=python -- \
	"$python" "$py/main.py" "$py"
like "$OUT" '^mod is good$' "python: a listed module loads"
"$python" - "$py" <<-'END'
	import importlib.util, marshal, os, struct, sys
	source = sys.argv[1] + "/mod.py"
	stat = os.stat(source)
	cache = importlib.util.cache_from_source(source)
	os.makedirs(os.path.dirname(cache), exist_ok=True)
	with open(cache, "wb") as file:
	    file.write(importlib.util.MAGIC_NUMBER + struct.pack(
	        "<III", 0, int(stat.st_mtime), stat.st_size))
	    marshal.dump(compile('name = "poisoned"', source, "exec"), file)
END
is "$("$python" "$py/main.py" "$py")" "mod is poisoned" \
	"python: without us the poisoned byte code runs"
sandbox --allow-fs-read="$py" --policy="$py/p.json" --runtime=python -- \
	"$python" "$py/main.py" "$py"
unlike "$OUT" poisoned "python: poisoned byte code does not run"
rm -rf "$py/__pycache__"
want=$(sri "$py/mod.py")
echo 'name = "evil"' >"$py/mod.py"
sandbox --allow-fs-read="$py" --policy="$py/p.json" --runtime=python -- \
	"$python" "$py/main.py" "$py"
unlike "$OUT" 'mod is' "python: a changed module is refused"
check_mismatch "$py/mod.py" "$want" "$(sri "$py/mod.py")" "python"

# Shell: the script that is sourced.
sh_app=$TMP/sh
mkdir "$sh_app"
printf '. %s/lib.sh\necho end\n' "$sh_app" >"$sh_app/main.sh"
echo 'echo from lib 1' >"$sh_app/lib.sh"
"$NSPOLICY" generate --root="$sh_app" >"$TMP/sh.json" && mv "$TMP/sh.json" "$sh_app/p.json"
edit_json "$sh_app/p.json" '
m["resources"] = {"./main.sh": {"integrity": "'"$(sri "$sh_app/main.sh")"'"},
                  "./lib.sh": {"integrity": "'"$(sri "$sh_app/lib.sh")"'"}}'
sandbox --allow-fs-read="$sh_app" --policy="$sh_app/p.json" --runtime=shell -- \
	/bin/sh "$sh_app/main.sh"
like "$OUT" '^from lib 1$' "shell: a listed script is sourced"
tamper "$sh_app/lib.sh" 14
sandbox --allow-fs-read="$sh_app" --policy="$sh_app/p.json" --runtime=shell -- \
	/bin/sh "$sh_app/main.sh"
unlike "$OUT" 'from lib' "shell: a changed script is refused"
like "$ERR" "$(ere "$sh_app/lib.sh")" "shell: and named"

done_testing
