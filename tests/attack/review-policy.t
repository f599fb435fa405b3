#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ways round a manifest: what takes effect before it is verified, what is code
# though its name does not say so, descriptions that cannot be read.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

# The older versions go on without a description that they cannot read.
node=$(default_node) || skip_all "there is no node"
node=$(reachable "$node")
WHO=user
dir=$USER_TMP/app
package=$dir/node_modules/package

# A program, and a package whose description names another main file than the
# default one.
make_app() {
	chmod -R u+rwx "${dir:?}" 2>/dev/null
	rm -rf "${dir:?}"
	mkdir -p "$package" "$dir/out"
	cat >"$dir/main.js" <<-'END'
		console.log(require('package'));
	END
	cat >"$dir/reader.js" <<-'END'
		const fs = require('fs');
		for (let i = 0; i < 300; i++) {
			const name = __dirname + '/out/' + i;
			fs.mkdirSync(name);
			fs.writeFileSync(name + '/package.json', '{}');
			try {
				fs.readFileSync(name + '/package.json');
			} catch {
			}
		}
		require('./main.js');
	END
	printf '#!%s\nconsole.log("script");\n' "$node" >"$dir/script.js"
	chmod 755 "$dir/script.js"
	echo 'console.log("UNLISTED");' >"$dir/data.txt"
	echo '{ "name": "package", "main": "safe.js" }' >"$package/package.json"
	echo 'module.exports = "safe";' >"$package/safe.js"
	echo 'module.exports = "OTHER";' >"$package/index.js"
	"$NSPOLICY" generate --root="$dir" --output="$USER_TMP/policy.json" ||
		diag "no manifest"
	own_it
}

own_it() {
	! is_root || chown -Rh "$tap_uid:$tap_uid" "$dir"
}

guarded() {
	sandbox --policy="$USER_TMP/policy.json" --allow-fs-read="$dir" "$@"
	diag "$(printf '%s\n' "$OUT" "$ERR" | grep -v '^ ' | head -n 4)"
}

# description NAME: what became of it must not go unnoticed.
description() {
	own_it
	guarded -- "$node" "$dir/main.js"
	unlike "$OUT" 'OTHER' "a description that is $1: not gone on without"
}

check_descriptions() {
	make_app
	guarded -- "$node" "$dir/main.js"
	is "$OUT" safe "the package loads as it is described"
	mv "$package/package.json" "$package/other.txt"
	description "gone"
	ln -s other.txt "$package/package.json"
	description "a link to another file"
	ln -sf /etc/hostname "$package/package.json"
	description "a link to what may not be read"
	ln -sf package.json "$package/package.json"
	description "a link to itself"
	rm "$package/package.json"
	mkfifo "$package/package.json"
	description "a FIFO"
	rm "$package/package.json"
	mkdir "$package/package.json"
	description "a directory"
	make_app
	chmod 000 "$package/package.json"
	description "closed by its mode"
}

# The same, with the package's directory behind a link.
check_linked_package() {
	make_app
	mv "$package" "$dir/store"
	ln -s ../store "$package"
	"$NSPOLICY" generate --root="$dir" --output="$USER_TMP/policy.json"
	own_it
	guarded -- "$node" "$dir/main.js"
	is "$OUT" safe "a linked package loads as it is described"
	mv "$dir/store/package.json" "$dir/store/other.txt"
	description "gone, in a linked package"
	ln -s other.txt "$dir/store/package.json"
	description "a link, in a linked package"
}

check_many() {
	make_app
	echo '{ "main": "index.js" }' >"$package/package.json"
	own_it
	guarded --quiet --allow-fs-write="$dir/out" -- "$node" "$dir/reader.js"
	unlike "$OUT" 'OTHER' "however many others were refused before"
}

check_script() {
	make_app
	guarded -- "$dir/script.js"
	is "$OUT" script "a listed script runs"
	printf '#!%s --require=%s\nconsole.log("script");\n' "$node" \
		"$dir/data.txt" >"$dir/script.js"
	guarded -- "$dir/script.js"
	unlike "$OUT" 'UNLISTED' "its first line has no effect when it was changed"
	printf '#!/usr/bin/env -S NODE_OPTIONS=--require=%s %s\n' \
		"$dir/data.txt" "$node" >"$dir/script.js"
	guarded -- "$dir/script.js"
	unlike "$OUT" 'UNLISTED' "nor what it would put into the environment"
	printf '#!/usr/bin/perl -eprint("UNLISTED\\n");\n' >"$dir/script.js"
	guarded -- "$dir/script.js"
	unlike "$OUT" 'UNLISTED' "nor when it names another program"
	guarded -- "$node" "$dir/data.txt"
	unlike "$OUT" 'UNLISTED' "the entry is code whatever its name"
}

check_names() {
	make_app
	ln -sf /proc/self/fd/0 "$package/safe.js"
	own_it
	run as_who sh -c 'echo "module.exports = \"UNLISTED\";" | "$@"' - \
		timeout -k 5 60 "$NSSUPERVISE" --policy="$USER_TMP/policy.json" \
		--allow-fs-read="$dir" -- "$node" --preserve-symlinks \
		"$dir/main.js"
	unlike "$OUT" 'UNLISTED' "a listed name that leads to a pipe delivers nothing"
	make_app
	ln -s data.txt "$dir/link.js"
	own_it
	guarded --runtime=node -- "$target" "read:$dir/link.js" \
		"openat2:$dir:link.js:beneath"
	unlike "$OUT" ': OK|UNLISTED' "the name asked for counts for openat2 as well"
}

# versions: each Node there is, as NODE and VERSION.
versions() {
	for version in 20 22 24 26; do
		if node_path "$version" >/dev/null; then
			NODE=$(reachable "$(node_path "$version")")
			VERSION=$version
			"$@"
		else
			skip "there is no Node $version"
		fi
	done
}

# What a module is called says nothing: what a loader loads is code.
modules() {
	run as_who "$NODE" "$dir/loader.js"
	is "$OUT" 'UNLISTED UNLISTED' "$VERSION: modules of any name load without us"
	guarded -- "$NODE" "$dir/loader.js"
	is "$OUT" 'ERR_MANIFEST_ASSERT_INTEGRITY ERR_MANIFEST_ASSERT_INTEGRITY' \
		"$VERSION: a module is code whatever its name"
	like "$ERR" 'denied verify .*/data\.mod ' "$VERSION: it is said"
	guarded --report-only -- "$NODE" "$dir/loader.js"
	is "$OUT" 'UNLISTED UNLISTED' "$VERSION: with --report-only it is only said"
	guarded -- "$NODE" --require="$dir/data.mod" "$dir/loader.js"
	unlike "$OUT" 'UNLISTED' "$VERSION: nor is it preloaded"
	cp "$USER_TMP/policy.json" "$USER_TMP/all.json"
	edit_json "$USER_TMP/all.json" \
		"m['resources']['./app/data.mod'] = {'integrity': True}; m['scopes'] = {'./app/': {'integrity': True}}"
	sandbox --policy="$USER_TMP/all.json" --allow-fs-read="$dir" -- \
		"$NODE" "$dir/loader.js"
	is "$OUT" 'UNLISTED UNLISTED' "$VERSION: listed, or in a scope, they load"
}

check_modules() {
	make_app
	rm "$dir/data.txt"
	cat >"$dir/loader.js" <<-'END'
		const load = (name) => {
			try {
				return require(name);
			} catch (error) {
				return error.code;
			}
		};
		console.log(load('./data.mod'), load('./bare'));
	END
	"$NSPOLICY" generate --root="$dir" --output="$USER_TMP/policy.json"
	echo 'module.exports = "UNLISTED";' | tee "$dir/data.mod" >"$dir/bare"
	own_it
	versions modules
}

# What a child executes is read by the kernel, in no open that we see.
starts() {
	guarded --quiet --allow-child-process "$@" -- /bin/sh "$dir/main.sh"
}

check_children() {
	make_app
	cp /bin/true "$dir/tool"
	printf '#!/bin/sh\necho SCRIPT\n' >"$dir/tool.sh"
	printf './tool && echo PROGRAM\n./tool.sh\n' >"$dir/main.sh"
	chmod 755 "$dir/tool" "$dir/tool.sh"
	cd "$dir" || exit 99
	"$NSPOLICY" generate --root="$dir" --output="$USER_TMP/policy.json"
	own_it
	starts
	is "$OUT" "$(printf 'PROGRAM\nSCRIPT')" "children: listed ones start"
	echo >>"$dir/tool"
	printf '#!/usr/bin/perl -eprint("UNLISTED\\n");exit\n' >"$dir/tool.sh"
	is "$(/bin/sh "$dir/main.sh")" "$(printf 'PROGRAM\nUNLISTED')" \
		"children: changed ones start without us"
	for grant in --quiet '--allow-fs-read=*' \
		"--allow-child-process=/bin/sh,./tool,./tool.sh,/usr/bin/perl"; do
		starts "$grant"
		is "$OUT" '' "children: a changed program does not start, $grant"
	done
	starts --report-only
	is "$OUT" "$(printf 'PROGRAM\nUNLISTED')" \
		"children: but with --report-only"
	cp "$dir/tool.sh" "$dir/other.sh"
	own_it
	guarded --quiet --allow-child-process --runtime=shell -- /bin/sh -c \
		"$dir/other.sh"
	unlike "$OUT" UNLISTED "children: nor an unlisted script, by its first line"
	cd / || exit 99
}

# A URL's scheme has letters of any case; blanks before it and line ends
# within it are dropped.
arguments() {
	code='text/javascript,console.log("UNLISTED")'
	tab=$(printf '\t')
	for word in "--import=DATA:$code" "--import= data:$code" \
		"--import=da${tab}ta:$code" "--loader=Data:$code" \
		"--experimental-loader=${tab}data:$code"; do
		guarded --allow-worker -- "$NODE" --no-warnings "$word" \
			"$dir/main.js"
		is "$STATUS $OUT" '125 ' "$VERSION: no code in $word"
	done
	guarded --allow-worker -- "$NODE" --import "DATA:$code" "$dir/main.js"
	is "$STATUS $OUT" '125 ' "$VERSION: nor in a word of its own"
	guarded --allow-worker -- env NODE_OPTIONS="--import=DATA:$code" \
		"$NODE" "$dir/main.js"
	is "$STATUS $OUT" '125 ' "$VERSION: nor in a variable"
}

check_arguments() {
	make_app
	versions arguments
}

# Its own libraries are no code of the application, whatever else covers them.
check_python() {
	make_app
	echo 'print("ran")' >"$dir/a.py"
	printf '{ "resources": { "./app/a.py": { "integrity": "%s" } } }\n' \
		"$(sri "$dir/a.py")" >"$USER_TMP/policy.json"
	own_it
	for grant in --quiet --allow-fs-read=/usr '--allow-fs-read=*' \
		--allow-child-process; do
		guarded "$grant" -- /usr/bin/python3 -S "$dir/a.py"
		is "$STATUS $OUT" '0 ran' "Python starts with a manifest and $grant"
	done
	mkfifo "$dir/fifo"
	for word in - /dev/stdin /proc/self/fd/0 "$dir/fifo"; do
		# shellcheck disable=SC2016 # for another shell
		run as_who timeout -k 5 60 sh -c 'echo "print(\"UNLISTED\")" |
			"$@"' sh "$NSSUPERVISE" --allow-fs-read="$dir" \
			--policy="$USER_TMP/policy.json" -- /usr/bin/python3 "$word"
		is "$STATUS $OUT" '125 ' "Python: no program from ${word##*/}"
	done
}

check_descriptions
check_linked_package
check_many
check_script
check_names
check_modules
check_children
check_arguments
if [ -x /usr/bin/python3 ]; then
	check_python
else
	skip "there is no Python"
fi
done_testing
