#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The configurations that people start from work for what they are for.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

presets=$(dirname "$NSSUPERVISE")/policies
[ -d "$presets" ] || presets=$top_srcdir/policies
node=$(reachable "$(default_node)")

# in_place PRESET COMMAND...: as the comments of the presets say.
in_place() {
	in_preset=$presets/$1.json
	shift
	run as_place "$NSSUPERVISE" --config="$in_preset" -- "$@"
}

as_place() {
	(cd "$place" && as_who env HOME="$place/home" TMPDIR="$place/.tmp" \
		npm_config_cache="$place/.npm" PATH=/usr/bin:/bin \
		timeout -k 5 60 "$@")
}

make_place() {
	place=$TMP/place-$WHO
	mkdir -p "$place/.tmp" "$place/.npm" "$place/home" "$place/package" \
		"$place/.git"
	echo secret >"$TMP/outside"
	echo secret >"$place/.env"
	echo history >"$place/.git/HEAD"
	cat >"$place/Makefile" <<-'END'
		.RECIPEPREFIX = >
		check: hello
		> ./hello
		hello: hello.c
		> $(CC) -o $@ hello.c
	END
	cat >"$place/hello.c" <<-'END'
		#include <stdio.h>
		int main(void)
		{
			puts("hello");
			return 0;
		}
	END
	cat >"$place/package.json" <<-'END'
		{ "name": "case", "version": "1.0.0",
		  "dependencies": { "dep": "file:dep.tgz" },
		  "scripts": { "test": "node test.js" } }
	END
	cat >"$place/package/package.json" <<-'END'
		{ "name": "dep", "version": "1.0.0",
		  "scripts": { "install": "node install.js" } }
	END
	echo "require('fs').writeFileSync('made', 'by the script')" \
		>"$place/package/install.js"
	echo "module.exports = 7" >"$place/package/index.js"
	(cd "$place" && tar -czf dep.tgz package && rm -r package)
	cat >"$place/test.js" <<-'END'
		const http = require('http');
		const { Worker } = require('worker_threads');
		const server = http.createServer((q, r) => r.end('dep ' + require('dep')));
		server.listen(0, 'localhost', () => http.get(
		  { port: server.address().port, host: 'localhost' },
		  (answer) => answer.on('data', (data) => {
		    console.log(String(data));
		    server.close();
		    server.closeAllConnections();
		    new Worker('console.log("worker")', { eval: true });
		  })));
	END
	cat >"$place/server.js" <<-'END'
		const http = require('http');
		const fs = require('fs');
		const server = http.createServer((q, r) => r.end(fs.readFileSync('hello.c')));
		server.listen(0, '127.0.0.1', () => http.get(
		  { port: server.address().port, host: '127.0.0.1' },
		  (answer) => answer.on('data', (data) => {
		    console.log(String(data).includes('puts'));
		    process.exit();
		  })));
	END
	[ "$WHO" != user ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$place"
}

refuses() {
	run as_place sh -c 'cat ../outside'
	is "$OUT" secret "$1: without us, a file outside can be read, as $WHO"
	in_place "$1" sh -c 'cat ../outside; echo x >.git/HEAD'
	is "$OUT" '' "$1: no file outside can be read, as $WHO"
	is "$(cat "$place/.git/HEAD")" history \
		"$1: the history cannot be changed, as $WHO"
}

for WHO in $(identities); do
	make_place
	in_place build make -s check
	is "$STATUS-$OUT-$ERR" '0-hello-' "build: make, as $WHO"
	refuses build
	if [ -x /usr/bin/npm ]; then
		in_place npm-install npm install --offline --no-audit --no-fund
		is "$STATUS" 0 "npm-install: npm install, as $WHO" || diag "$ERR"
		unlike "$ERR" '^nssupervise: denied' \
			"npm-install: nothing is denied, as $WHO"
		ok "npm-install: the package is there, as $WHO" \
			test -e "$place/node_modules/dep/index.js"
		refuses npm-install
		in_place ci npm test --silent
		is "$STATUS-$OUT" '0-dep 7
worker' "ci: npm test, as $WHO" || diag "$ERR"
		refuses ci
	else
		skip 'there is no npm'
	fi
	if [ -n "$node" ]; then
		run as_place "$NSSUPERVISE" --config="$presets/http-server.json" \
			-- "$node" server.js
		is "$STATUS-$OUT" 0-true "http-server: a server, as $WHO" ||
			diag "$ERR"
	else
		skip 'there is no Node'
	fi
done

done_testing
