#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Single executable applications: Node.js and a script in one program are
# guarded as Node.js is, and their arguments are left alone.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

postject=$(tap_cache)/tools/node_modules/postject/dist/cli.js
[ -f "$postject" ] ||
	skip_all "no postject here; tools/setup --tests brings it"
fuse=NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2

make_app() { # NODE
	cat >app.js <<-'END'
		console.log(process.argv.slice(2).join(' '), process.execArgv.length,
		  typeof process.permission);
		try { require('fs').readFileSync('/etc/shadow'); }
		catch (e) { console.log(e.code); }
		const { createRequire } = require('module');
		const outside = createRequire(process.cwd() + '/');
		try { outside('./b.js'); } catch (e) { console.log(e.code); }
	END
	echo 'console.log("b");' >b.js
	cat >sea.json <<-'END'
		{ "main": "app.js", "output": "app.blob",
		  "disableExperimentalSEAWarning": true }
	END
	"$1" --experimental-sea-config sea.json >/dev/null 2>make.err || return
	cp "$1" app
	"$1" "$postject" app NODE_SEA_BLOB app.blob --sentinel-fuse "$fuse" \
		>/dev/null 2>make.err || return
	chmod -R a+rX .
}

WHO=user
for version in 22 24; do
	node=$(node_path "$version") || { skip "no Node $version"; continue; }
	dir=$USER_TMP/sea-$version
	mkdir "$dir"
	cd "$dir" || exit 99
	if ! make_app "$node"; then
		skip "Node $version makes no such program: $(tail -n 1 make.err)"
		continue
	fi
	name="Node $version"
	is "$(as_user ./app -e x | head -n 1)" '-e x 0 undefined' \
		"$name: the program runs without nssupervise"
	sandbox --allow-fs-read="$dir" -- "$dir/app" -e x --inspect
	is "$STATUS:$OUT" '0:-e x --inspect 0 object
ERR_ACCESS_DENIED
b' "$name: as Node, with all its arguments" || diag "$ERR"

	echo "{ \"resources\": { \"./app\": { \"integrity\": \"$(sri app)\" } } }" \
		>p.json
	chmod a+r p.json
	sandbox --allow-fs-read="$dir" --policy=p.json -- "$dir/app" - x
	is "$STATUS:$OUT" '0:- x 0 object
ERR_ACCESS_DENIED
ERR_MANIFEST_ASSERT_INTEGRITY' "$name: with a manifest" || diag "$ERR"

	# Its script is a part of it.
	sed 's/argv.slice(2)/argv.slice(1)/' app >changed
	cmp -s app changed && fail "$name: nothing was changed"
	cat changed >app
	sandbox --allow-fs-read="$dir" --policy=p.json -- "$dir/app" x
	is "$OUT" '' "$name: with another script it does not run"
	ok 'and that is a failure' test "$STATUS" -ne 0
	cd / || exit 99
	rm -rf "$dir"
done

done_testing
