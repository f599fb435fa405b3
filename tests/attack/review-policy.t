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

check_descriptions
check_linked_package
check_many
check_script
check_names
done_testing
