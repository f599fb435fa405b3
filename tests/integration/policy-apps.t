#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real programs under manifests from nspolicy generate, with maps of
# dependencies where they ask for modules: servers, a compiler, a bundler, a
# test runner on every Node; a Python program with its caches.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

# shellcheck disable=SC2154 # tap_uid is set by tap.sh
tools=$(tap_cache)/tools/node_modules
apps=$(tap_cache)/apps/node_modules
WHO=user
unset PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX

own() {
	chmod -R u+w,go+rX "$1"
	! is_root || chown -R "$tap_uid:$tap_uid" "$1"
}

# manifest DIR CODE: of all code there, changed by python code.
manifest() {
	(cd "$1" && "$NSPOLICY" generate --root=. --output=p.json) ||
		diag "nspolicy failed in $1"
	edit_json "$1/p.json" "
base = '$1/'
def deps(name, value):
    m['resources'].get(base + name, m['resources'].get('./' + name))['dependencies'] = value
$2"
	own "$1"
}

# in_sandbox DIR ARG...
in_sandbox() {
	in_dir=$1
	shift
	mkdir -p "$in_dir/tmp"
	own "$in_dir/tmp"
	run env -C "$in_dir" TMPDIR="$in_dir/tmp" NO_COLOR=1 CI=1 \
		setpriv --reuid="$in_uid" --regid="$in_uid" --clear-groups \
		timeout -k 5 90 "$NSSUPERVISE" --policy=p.json \
		--allow-fs-read="$in_dir" --allow-fs-write="$in_dir/tmp" "$@"
}
in_uid=$tap_uid
is_root || in_uid=$(id -u)
is_root || in_sandbox() {
	in_dir=$1
	shift
	mkdir -p "$in_dir/tmp"
	run env -C "$in_dir" TMPDIR="$in_dir/tmp" NO_COLOR=1 CI=1 \
		timeout -k 5 90 "$NSSUPERVISE" --policy=p.json \
		--allow-fs-read="$in_dir" --allow-fs-write="$in_dir/tmp" "$@"
}

node_of() {
	of=$(node_path "$1") && reachable_node "$1" "$of"
}

# All are called node: one directory for each.
reachable_node() {
	mkdir -p "$TMP/node-$1"
	[ -e "$TMP/node-$1/node" ] || ln "$2" "$TMP/node-$1/node" 2>/dev/null ||
		cp "$2" "$TMP/node-$1/node"
	echo "$TMP/node-$1/node"
}

# ---- servers: who may ask for what

servers() {
	dir=$USER_TMP/servers
	mkdir "$dir"
	cp -R "$apps" "$dir/node_modules"
	cat >"$dir/express.js" <<-'END'
		const app = require('express')();
		app.get('/', (q, r) => r.send('hello'));
		const server = app.listen(0, '127.0.0.1', async () => {
		  const r = await fetch(`http://127.0.0.1:${server.address().port}/`);
		  console.log(await r.text());
		  try { require('child_process'); } catch (e) { console.log(e.code); }
		  server.close();
		  server.closeAllConnections?.();
		});
	END
	cat >"$dir/fastify.js" <<-'END'
		const app = require('fastify')();
		app.get('/', async () => 'hello');
		app.inject('/').then((r) => {
		  console.log(r.body);
		  try { require('child_process'); } catch (e) { console.log(e.code); }
		});
	END
	manifest "$dir" "
deps('express.js', { 'express': True })
deps('fastify.js', { 'fastify': True })"
	for version in 20 22 24 26; do
		node=$(node_of "$version") || { skip "no Node $version"; continue; }
		for name in express fastify; do
			in_sandbox "$dir" --allow-net -- "$node" $name.js
			is "$STATUS:$OUT" "0:hello
ERR_MANIFEST_DEPENDENCY_MISSING" "$name on Node $version" ||
				diag "$ERR"
		done
	done
	echo '// changed' >>"$dir/node_modules/express/lib/express.js"
	in_sandbox "$dir" --allow-net -- "$node" express.js
	is "$STATUS:$OUT" '1:' 'express, changed, does not start'
	like "$ERR" 'ERR_MANIFEST_ASSERT_INTEGRITY' 'and says why'
	rm -rf "$dir"
}

# ---- a compiler, a bundler, a test runner

make_project() {
	dir=$USER_TMP/project
	mkdir -p "$dir/src" "$dir/web" "$dir/t"
	cp -R "$tools" "$dir/node_modules"
	cat >"$dir/tsconfig.json" <<-'END'
		{ "compilerOptions": { "outDir": "tmp/out", "rootDir": "src",
		  "strict": true, "module": "commonjs", "types": [] },
		  "include": ["src"] }
	END
	echo 'export const add = (a: number, b: number): number => a + b;' \
		>"$dir/src/add.ts"
	echo '<!doctype html><script type="module" src="/main.js"></script>' \
		>"$dir/web/index.html"
	echo 'import { x } from "./x.js"; console.log(x);' >"$dir/web/main.js"
	echo 'export const x = "bundled";' >"$dir/web/x.js"
	cat >"$dir/t/add.test.js" <<-'END'
		import { expect, test } from 'vitest';
		import { x } from '../web/x.js';
		test('adds', () => expect(x).toBe('bundled'));
	END
	manifest "$dir" "
deps('node_modules/typescript/bin/tsc', { './node_modules/typescript/lib/tsc.js': True })
deps('node_modules/vitest/vitest.mjs', { './node_modules/vitest/dist/cli.js': True })
deps('t/add.test.js', { 'vitest': True, './web/x.js': True })"
}

compile() {
	rm -rf "$dir/tmp"
	in_sandbox "$dir" -- "$1" node_modules/typescript/bin/tsc -p .
	is "$STATUS:$OUT" '0:' "tsc on Node $version" || diag "$ERR"
	like "$(cat "$dir/tmp/out/add.js" 2>&1)" 'exports.add' 'and has compiled'
}

bundle() {
	rm -rf "$dir/tmp"
	in_sandbox "$dir" --allow-child-process --allow-worker -- "$1" \
		node_modules/vite/bin/vite.js build web --configLoader runner \
		--outDir "$dir/tmp/dist"
	is "$STATUS" 0 "vite build on Node $version" || diag "$ERR"
	like "$(cat "$dir"/tmp/dist/assets/*.js 2>&1)" 'bundled' 'and has bundled'
}

run_tests() {
	rm -rf "$dir/tmp"
	in_sandbox "$dir" --allow-child-process --allow-worker --allow-net -- \
		"$1" node_modules/vitest/vitest.mjs run t/add.test.js \
		--configLoader runner
	is "$STATUS" 0 "vitest on Node $version" || diag "$OUT $ERR"
	like "$OUT" 'Tests  1 passed' 'and its test passes' || diag "$OUT"
}

project() {
	make_project
	for version in 20 22 24 26; do
		node=$(node_of "$version") || { skip "no Node $version"; continue; }
		compile "$node"
		bundle "$node"
		run_tests "$node"
	done
	cp -p "$dir/web/x.js" "$dir/x.js.good"
	echo '// changed' >>"$dir/web/x.js"
	in_sandbox "$dir" --allow-child-process --allow-worker -- "$node" \
		node_modules/vite/bin/vite.js build web --configLoader runner \
		--outDir "$dir/tmp/dist2"
	ok 'vite build does not bundle a changed file' test "$STATUS" -ne 0
	cp -p "$dir/x.js.good" "$dir/web/x.js"
	echo '// changed' >>"$dir/node_modules/typescript/lib/_tsc.js"
	in_sandbox "$dir" -- "$node" node_modules/typescript/bin/tsc -p .
	ok 'a changed compiler does not run' test "$STATUS" -ne 0
	rm -rf "$dir"
}

# ---- Python: what is imported, and what was compiled before

python_program() {
	dir=$USER_TMP/python
	mkdir -p "$dir/pkg"
	echo 'import pkg.mod; print(pkg.mod.x)' >"$dir/main.py"
	: >"$dir/pkg/__init__.py"
	echo 'x = "good"' >"$dir/pkg/mod.py"
	manifest "$dir" ''
	in_sandbox "$dir" -- "$python" main.py
	is "$STATUS:$OUT" '0:good' 'python: as listed' || diag "$ERR"

	# A .pyc of another text that says it is of this very file.
	touch -d '2001-01-01 00:00:00' "$dir/pkg/mod.py"
	cp -p "$dir/pkg/mod.py" "$dir/mod.good"
	echo 'x = "evil"' >"$dir/pkg/mod.py"
	touch -d '2001-01-01 00:00:00' "$dir/pkg/mod.py"
	(cd "$dir" && "$python" -m py_compile pkg/mod.py)
	cp -p "$dir/mod.good" "$dir/pkg/mod.py"
	own "$dir"
	is "$(cd "$dir" && "$python" main.py)" evil \
		'python: without nssupervise the stale .pyc stands in'
	in_sandbox "$dir" -- "$python" main.py
	is "$STATUS:$OUT" '0:good' 'python: a stale .pyc does not' || diag "$ERR"
	rm "$dir/pkg/mod.py"
	mv "$dir"/pkg/__pycache__/mod.*.pyc "$dir/pkg/mod.pyc"
	is "$(cd "$dir" && "$python" main.py)" evil \
		'python: without nssupervise a .pyc needs no source'
	in_sandbox "$dir" -- "$python" main.py
	is "$OUT" '' 'python: nor without its source'
	ok 'and that is an error' test "$STATUS" -ne 0
	rm "$dir/pkg/mod.pyc"
	echo 'x = "evil"' >"$dir/pkg/mod.py"
	own "$dir"
	in_sandbox "$dir" -- "$python" main.py
	is "$STATUS:$OUT" '1:' 'python: a changed module is refused'
	like "$ERR" 'mod.py .*its content is sha384-' 'and it is said why'
}

if [ -d "$apps/fastify" ]; then
	servers
else
	skip 'no fastify and express here; tools/setup --tests brings them'
fi
if [ -d "$tools/vitest" ]; then
	project
else
	skip 'no typescript, vite and vitest here; tools/setup --tests brings them'
fi
if python=$(find_python); then
	python_program
else
	skip 'no python here'
fi

done_testing
