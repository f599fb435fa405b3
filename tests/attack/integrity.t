#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on a manifest that go past what is checked: what is on disk changes
# once it is mapped, a file has its old time again, directories change places, a
# cache has other code than its source, modules lie in front of others. Each is
# first done without us, where the wrong bytes arrive.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

mapped=$top_builddir/tests/attack/attack-mapped
[ -x "$mapped" ] || skip_all "the attacks are not built"
mapped=$(reachable "$mapped")
app=$TMP/app
fifo=$TMP/go

manifest() {
	"$NSPOLICY" generate --root="$app" >"$TMP/p.new" &&
		mv "$TMP/p.new" "$app/p.json"
	! is_root || chown -R "$tap_uid:$tap_uid" "$app"
}

new_app() {
	rm -rf "$app" "$fifo"
	mkdir "$app"
	mkfifo "$fifo"
	chmod 666 "$fifo"
}

# meanwhile CHANGE COMMAND...: CHANGE runs when the command has printed a line
# and waits for one on its standard input. $OUT, $ERR, $STATUS.
meanwhile() {
	change=$1
	shift
	sleep 100 >"$fifo" &
	holder=$!
	STDIN=$fifo
	spawn "$app" "$@"
	STDIN=
	wait_for "$TMP/spawn.out" . || diag "$(cat "$TMP/spawn.err")"
	$change
	timeout 20 sh -c "echo go >$fifo"
	kill "$holder" 2>/dev/null
	reap
	OUT=$(cat "$TMP/spawn.out")
	ERR=$(cat "$TMP/spawn.err")
}

# T126: a library is overwritten while it is mapped.
library() {
	new_app
	echo "const char *word(void) { return \"$1\"; }" >"$TMP/word.c"
	# shellcheck disable=SC2086 # CC may have options
	${CC:-cc} -shared -fPIC -o "$app/word.so" "$TMP/word.c"
	manifest
}
overwrite_library() {
	at=$(grep -obUa 'listed' "$app/word.so" | head -n 1 | cut -d: -f1)
	printf 'forged' | dd of="$app/word.so" bs=1 seek="$at" conv=notrunc \
		2>/dev/null
}
for WHO in $(identities); do
	library listed
	meanwhile overwrite_library "$mapped" "$app/word.so"
	is "$OUT" "$(printf 'before=listed\nafter=forged')" \
		"$WHO, T126 without us: what is mapped changes"
	library listed
	meanwhile overwrite_library "$NSSUPERVISE" --runtime=node --allow-addons \
		--allow-fs-read="$app" --policy="$app/p.json" -- \
		"$mapped" "$app/word.so"
	is "$OUT" "$(printf 'before=listed\nafter=listed')" \
		"$WHO, T126: a mapped library stays as it was verified" || diag "$ERR"
	"$NSSUPERVISE" --runtime=node --allow-addons --allow-fs-read="$app" \
		--policy="$app/p.json" -- "$mapped" "$app/word.so" \
		</dev/null >"$TMP/out" 2>&1
	like "$(cat "$TMP/out")" '^refused: ' "$WHO, T126: once changed it does not load"
done

# T132: other bytes, the same size and time.
restore_time() {
	touch -r "$app/a.js" "$TMP/time"
	printf 'forged' | dd of="$app/a.js" bs=1 conv=notrunc 2>/dev/null
	touch -r "$TMP/time" "$app/a.js"
}
# T133: what is asked for by one name is another directory's.
exchange_directories() {
	mv "$app/one" "$app/three"
	mv "$app/two" "$app/one"
	mv "$app/three" "$app/two"
}
sources() {
	new_app
	mkdir "$app/one" "$app/two"
	echo listed >"$app/a.js"
	echo listed >"$app/one/a.js"
	echo second >"$app/two/a.js"
	manifest
}
twice() {
	sources
	meanwhile "$1" "$target" "line:$2" line:/dev/stdin "line:$2"
	like "$OUT" "^line $2: $3" "$WHO, $4 without us: other bytes arrive"
	sources
	meanwhile "$1" "$NSSUPERVISE" --runtime=node --allow-fs-read="$app" \
		--policy="$app/p.json" -- "$target" "line:$2" line:/dev/stdin \
		"line:$2"
	like "$OUT" "^line $2: listed" "$WHO, $4: it is read before"
	like "$(printf '%s\n' "$OUT" | tail -n 1)" "^line $2: (EACCES|listed)$" \
		"$WHO, $4: and after, or refused"
	unlike "$OUT" "$3" "$WHO, $4: no other bytes arrive"
}
for WHO in $(identities); do
	twice restore_time "$app/a.js" forged "T132 the old time"
	twice exchange_directories "$app/one/a.js" second "T133 directories exchanged"
done

# T136: Node's own cache, made from another text of the same length, and its
# entry changed so that it seems to belong to the listed one.
cache_app() {
	new_app
	echo 'require("./b.js");' >"$app/main.js"
	echo 'console.log("forged");' >"$app/b.js"
	NODE_COMPILE_CACHE=$app/cache "$1" "$app/main.js" >/dev/null
	cp "$app/b.js" "$TMP/forged.js"
	echo 'console.log("listed");' >"$app/b.js"
	"$python" - "$app/cache" "$TMP/forged.js" "$app/b.js" <<-'END'
		import os, struct, sys, zlib
		old, new = (struct.pack('<I', zlib.crc32(open(p, 'rb').read()))
		            for p in sys.argv[2:])
		for folder, _, names in os.walk(sys.argv[1]):
		    for name in names:
		        path = os.path.join(folder, name)
		        content = open(path, 'rb').read()
		        if old in content[:24]:
		            open(path, 'wb').write(content.replace(old, new, 1))
	END
	manifest
}
python=$(find_python)
WHO=
cached=0
for version in 20 22 24 26; do
	node=$(node_path "$version") || continue
	node=$(reachable "$node")
	cache_app "$node"
	OUT=$(NODE_COMPILE_CACHE=$app/cache "$node" "$app/main.js")
	[ "$OUT" = forged ] || {
		diag "node $version does not take it: $OUT"
		continue
	}
	cached=$((cached + 1))
	pass "node $version, T136 without us: the forged cache runs"
	for allowed in PATH PATH,NODE_COMPILE_CACHE; do
		OUT=$(NODE_COMPILE_CACHE=$app/cache "$NSSUPERVISE" --quiet \
			--allow-env="$allowed" --allow-fs-read="$app" \
			--policy="$app/p.json" -- "$node" "$app/main.js")
		is "$OUT" listed "node $version, T136: not under a manifest ($allowed)"
	done
done
[ "$cached" -gt 0 ] || skip "no Node.js here that takes a forged cache"

# T134: modules that are found before the listed ones, and are not listed.
new_app
mkdir -p "$app/src" "$app/node_modules/p" "$TMP/w"
echo 'console.log(require("p"));' >"$app/src/main.js"
echo 'module.exports = "listed";' >"$app/node_modules/p/index.js"
echo 'import colorsys; print(getattr(colorsys, "word", "listed"))' >"$app/main.py"
manifest
mkdir -p "$app/src/node_modules/p"
echo 'module.exports = "forged";' >"$app/src/node_modules/p/index.js"
echo 'word = "forged"' >"$TMP/w/colorsys.py"
node=$(reachable "$(default_node)")
OUT=$("$node" "$app/src/main.js")
is "$OUT" forged "T134 without us: a nearer module"
sandbox --allow-fs-read="$app" --policy="$app/p.json" -- "$node" "$app/src/main.js"
unlike "$OUT" forged "T134: a nearer module that is not listed does not load"
OUT=$(PYTHONPATH=$TMP/w "$python" "$app/main.py")
is "$OUT" forged "T134 without us: PYTHONPATH"
run env PYTHONPATH="$TMP/w" "$NSSUPERVISE" --allow-env=PYTHONPATH,PATH \
	--allow-fs-read="$app,$TMP/w" --policy="$app/p.json" -- \
	"$python" "$app/main.py"
unlike "$OUT" forged "T134: nor one that PYTHONPATH leads to"
run env PYTHONPATH="$TMP/w" "$NSSUPERVISE" --allow-fs-read="$app,$TMP/w" \
	--policy="$app/p.json" -- "$python" "$app/main.py"
is "$OUT" listed "T134: which is dropped where it is not asked for" || diag "$ERR"

done_testing
