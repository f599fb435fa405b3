#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a process may be made of: threads, code, a debugger, what is loaded
# first. Ordinary programs work without flags that they do not need, and with
# the flags what they allow works.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

dir=$USER_TMP/processes
mkdir "$dir" "$dir/with blank"
echo inside >"$dir/file"

cat >"$dir/work.js" <<-'END'
	// Everything that libuv's threads do, and modules of both kinds.
	const fs = require('fs');
	const crypto = require('crypto');
	const zlib = require('zlib');
	const done = (text) => (error) => console.log(text, error?.code ?? 'done');
	Promise.all([
	  fs.promises.readFile(__filename),
	  process.permission.has('net') &&
	    new Promise((r) => require('dns').lookup('localhost', r)),
	  new Promise((r) => crypto.pbkdf2('a', 'b', 1000, 32, 'sha256', r)),
	  new Promise((r) => crypto.randomBytes(64, r)),
	  new Promise((r) => zlib.gzip('abc', r)),
	  Promise.all([...Array(40)].map((_, i) => fs.promises.stat(__filename))),
	  import('./module.mjs'),
	  WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
	]).then(() => done('work')(), done('work'));
	process.on('exit', (code) => console.log('exit', code));
END
echo "export const value = 1;" >"$dir/module.mjs"
cat >"$dir/worker.js" <<-'END'
	const { Worker } = require('worker_threads');
	const code = 'require("worker_threads").parentPort.postMessage("WORKER")';
	try {
	  new Worker(code, { eval: true }).on('message', console.log);
	} catch (error) {
	  console.log(error.code);
	}
END
cat >"$dir/children.js" <<-'END'
	const cp = require('child_process');
	const code = 'console.log(process.permission.has("worker"))';
	const node = process.execPath;
	const run = (file, args, options) => console.log(
	  cp.execFileSync(file, args, { encoding: 'utf8', ...options }).trim());
	run(node, ['-e', code]);
	run(node, ['-e', code], { env: {} });
	run('/bin/sh', ['-c', '"$0" -e "$1"', node, code]);
	cp.fork(process.argv[2]).on('exit', (code) => console.log('exit', code));
END
cat >"$dir/inspect.js" <<-'END'
	const inspector = require('inspector');
	try {
	  if (process.argv[2])
	    inspector.open(Number(process.argv[2]), '127.0.0.1');
	  console.log(inspector.url() ? 'open' : 'closed');
	} catch (error) {
	  console.log(error.code);
	}
	process.exit();
END
cat >"$dir/signal.js" <<-'END'
	process.kill(process.pid, 'SIGUSR1');
	setTimeout(() => {
	  console.log(require('inspector').url() ? 'open' : 'closed');
	  process.exit();
	}, 300);
END
cat >"$dir/options.js" <<-'END'
	const preload = /--require=.*node-shim.cjs/;
	console.log(process.execArgv.some((word) => preload.test(word)),
	  preload.test(process.env.NODE_OPTIONS), process.argv.slice(2).join());
END
echo "console.log('preloaded');" >"$dir/with blank/first.js"
cat >"$dir/loaded.c" <<-'END'
	#include <unistd.h>
	__attribute__((constructor)) static void loaded(void)
	{
	  static const char text[] = "LOADED\n";
	  if (write(1, text, sizeof(text) - 1) < 0)
	    _exit(1);
	}
	int sqlite3_loaded_init(void);
	int sqlite3_loaded_init(void)
	{
	  return 0;
	}
END
cat >"$dir/load.cnf" <<-END
	openssl_conf = init
	[init]
	providers = providers
	[providers]
	ours = ours
	[ours]
	module = $dir/loaded.so
	activate = 1
END
cat >"$dir/load.py" <<-'END'
	import ctypes, sqlite3, sys
	def attempt(load):
	    try:
	        load()
	    except (OSError, sqlite3.OperationalError, AttributeError):
	        print('refused', flush=True)
	library = sys.argv[1]
	attempt(lambda: ctypes.CDLL(library))
	connection = sqlite3.connect(':memory:')
	connection.enable_load_extension(True)
	attempt(lambda: connection.load_extension(library))
END
cat >"$dir/libraries.py" <<-'END'
	import bz2, ctypes, decimal, hashlib, json, lzma, multiprocessing
	import sqlite3, ssl, zlib
	ctypes.CDLL('libc.so.6').getpid()
	sqlite3.connect(':memory:').execute('select 1')
	ssl.create_default_context
	print('libraries')
END
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -shared -fPIC -o "$dir/loaded.so" "$dir/loaded.c" || {
	diag "no shared library can be built"
	rm -f "$dir/loaded.so"
}
chmod -R a+rX "$dir"

# prints NAME WANT ARG...: WANT is printed, and nothing is reported.
prints() {
	prints_name=$1
	prints_want=$2
	shift 2
	sandbox --allow-fs-read="$dir" "$@"
	is "$OUT" "$prints_want" "$name: $prints_name"
	is "$(printf '%s\n' "$ERR" | grep '^nssupervise: denied')" '' \
		"$name: $prints_name: nothing is reported"
}

refuses() {
	refuses_name=$1
	refuses_want=$2
	shift 2
	sandbox --allow-fs-read="$dir" "$@"
	is "$STATUS" 125 "$name: $refuses_name: is not started"
	like "$ERR" "$refuses_want" "$name: $refuses_name: says why"
}

node_works() {
	node=$1
	name="$WHO, $2"
	prints "its own threads" 'work done
exit 0' -- "$node" "$dir/work.js"
	prints "name resolution as well" 'work done
exit 0' --allow-net -- "$node" "$dir/work.js"
	for size in 1 16; do
		prints "a pool of $size" 'work done
exit 0' -- env UV_THREADPOOL_SIZE=$size "$node" "$dir/work.js"
		prints "V8 with $size" 'work done
exit 0' -- "$node" --v8-pool-size=$size "$dir/work.js"
	done
	for size in 1024 unlimited; do
		run as_who sh -c "ulimit -s $size; exec \"\$@\"" sh \
			"$NSSUPERVISE" --allow-fs-read="$dir" -- "$node" \
			"$dir/work.js"
		is "$OUT-$ERR" 'work done
exit 0-' "$name: stacks of $size KiB"
	done
	prints "a Worker" ERR_ACCESS_DENIED -- "$node" "$dir/worker.js"
	prints "a Worker with --allow-worker" WORKER --allow-worker -- "$node" \
		"$dir/worker.js"
	prints "its children ask as well" 'false
false
false
work done
exit 0
exit 0' --allow-child-process -- "$node" "$dir/children.js" "$dir/work.js"
	prints "what is inserted" 'true true a,b' -- "$node" \
		"$dir/options.js" a b
	prints "certificates of its own" 'work done
exit 0' --allow-net -- env NODE_EXTRA_CA_CERTS=/etc/ssl/cert.pem "$node" \
		-r tls "$dir/work.js"

	sandbox --allow-fs-read="$dir" --allow-env=NODE_OPTIONS,PATH -- "$node" \
		-e 0
	is "$STATUS-$ERR" 0- "$name: no NODE_OPTIONS of the user's"
	run as_who env NODE_OPTIONS="-r \"$dir/with blank/first.js\"" \
		"$NSSUPERVISE" --allow-fs-read="$dir" \
		--allow-env=NODE_OPTIONS,PATH -- "$node" "$dir/options.js" c
	is "$OUT" 'preloaded
true true c' "$name: the user's NODE_OPTIONS come after ours"

	refuses "--inspect" "'--inspect=0': .* --allow-inspector\$" -- "$node" \
		--inspect=0 "$dir/inspect.js"
	run as_who env NODE_OPTIONS="--max-old-space-size=100 --inspect-brk" \
		"$NSSUPERVISE" --allow-env=NODE_OPTIONS -- "$node" \
		"$dir/inspect.js"
	is "$STATUS" 125 "$name: --inspect in NODE_OPTIONS: is not started"
	like "$ERR" "^nssupervise: NODE_OPTIONS: '--inspect-brk': " \
		"$name: --inspect in NODE_OPTIONS: says where"
	prints "inspector.open()" ERR_ACCESS_DENIED -- "$node" \
		"$dir/inspect.js" 0
	prints "inspector.open() beside --allow-net" ERR_ACCESS_DENIED \
		--allow-net -- "$node" "$dir/inspect.js" 0
	prints "the signal of the debugger" closed --allow-net -- "$node" \
		"$dir/signal.js"
	sandbox --allow-fs-read="$dir" --allow-inspector -- "$node" \
		--inspect=127.0.0.1:0 "$dir/inspect.js"
	is "$OUT" open "$name: --allow-inspector: it listens where it is told"
	sandbox --allow-fs-read="$dir" --allow-inspector -- "$node" \
		--inspect-port=0 "$dir/inspect.js" 0
	is "$OUT" open "$name: --allow-inspector: or where it says itself"
}

python_works() {
	python=$(find_python)
	name="$WHO, python"
	prints "its libraries" libraries -- "$python" "$dir/libraries.py"
	[ -f "$dir/loaded.so" ] || return 0
	if ! "$python" -c 'import sqlite3
sqlite3.connect(":memory:").enable_load_extension' 2>/dev/null; then
		skip "this Python loads no extensions into SQLite"
		return
	fi
	run as_who "$python" "$dir/load.py" "$dir/loaded.so"
	is "$OUT" 'LOADED' "$name: two ways to load, without us"
	sandbox --allow-fs-read="$dir" -- "$python" "$dir/load.py" \
		"$dir/loaded.so"
	is "$OUT" 'refused
refused' "$name: neither loads"
	like "$ERR" "denied load $(ere "$dir/loaded.so") .*: --allow-addons\$" \
		"$name: is reported"
	prints "with --allow-addons" LOADED --allow-addons -- "$python" \
		"$dir/load.py" "$dir/loaded.so"
}

others_work() {
	name="$WHO, others"
	prints "a shell" inside --allow-child-process -- sh -c \
		"cat '$dir/file' | cat"
	prints "perl with a library" 3 --allow-fs-read=/usr -- perl -MList::Util=sum \
		-MPOSIX -e 'print sum(1, 2), "\n"'
	prints "names of the system" root --allow-fs-read=/etc --allow-child-process \
		-- sh -c 'getent passwd 0 | cut -d: -f1'
	prints "another character set" ä --allow-child-process -- sh -c \
		"printf '\\344' | iconv -f latin1 -t utf-8"
	if [ -f "$dir/loaded.so" ] && command -v openssl >/dev/null; then
		run as_who env OPENSSL_CONF="$dir/load.cnf" openssl version
		like "$OUT" LOADED "$name: a provider of OpenSSL, without us"
		run as_who env OPENSSL_CONF="$dir/load.cnf" "$NSSUPERVISE" \
			--allow-fs-read="$dir" --allow-env=OPENSSL_CONF,PATH -- \
			openssl version
		unlike "$OUT" LOADED "$name: a provider of OpenSSL"
		run as_who env OPENSSL_CONF="$dir/load.cnf" "$NSSUPERVISE" \
			--allow-fs-read="$dir" --allow-env=OPENSSL_CONF,PATH \
			--allow-addons -- openssl version
		like "$OUT" LOADED "$name: with --allow-addons"
	else
		skip "there is no openssl"
	fi
}

npm_works() {
	name="$WHO, npm"
	command -v npm >/dev/null || {
		skip "there is no npm"
		return
	}
	mkdir -p "$dir/package"
	cat >"$dir/package/package.json" <<-END
		{ "name": "x", "version": "1.0.0", "scripts": {
		  "test": "node -p 'process.permission.has(\"child\")'" } }
	END
	npm_dir=$(realpath "$(command -v npm)")
	sandbox --allow-fs-read="$dir" --allow-child-process \
		--allow-fs-read="${npm_dir%/bin/*}" -- npm \
		--prefix "$dir/package" --silent --no-update-notifier \
		--logs-max=0 test
	is "$OUT" true "$name: its script is a child of a child"
	unlike "$ERR" 'denied (exec|fork|load|thread)' "$name: which needs no more"
}

for WHO in $(identities); do
	others_work
	python_works
	npm_works
	for version in 20 22 24 26; do
		if node=$(node_path $version); then
			node_works "$(reachable "$node")" "node $version"
		else
			skip "node $version is not installed"
		fi
	done
done

# A part of nssupervise that is missing is no reason to go on without it.
mkdir "$TMP/alone"
cp "$NSSUPERVISE" "$TMP/alone/"
cp -RL "$top_srcdir/policies" "$TMP/alone/policies"
mkdir "$TMP/alone/src" "$TMP/alone/src/shim"
run "$TMP/alone/nssupervise" -- "$(default_node)" -e 0
is "$STATUS" 125 "without the preload nothing is started"
like "$ERR" "node-shim.cjs': .*part of nssupervise" "and it is said why"
done_testing
