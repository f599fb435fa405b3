#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Threads and code that a runtime does not need for itself: what JavaScript and
# native code try to get more, without the help of the preload that says no
# first. Each succeeds without us.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/attack-runtime" ] ||
	skip_all "attack-runtime is not built"
native=$(reachable "$top_builddir/tests/attack/attack-runtime")
dir=$USER_TMP/runtime
mkdir "$dir"
# A program that is taken for Node by its name, and one that is not.
cp "$native" "$dir/node"
cp "$native" "$dir/native"
echo 'ulimit -s 8192; exec "$@"' >"$dir/run"

cat >"$dir/library.c" <<-'END'
	#include <unistd.h>
	__attribute__((constructor)) static void loaded(void)
	{
	  static const char text[] = "LOADED\n";
	  if (write(1, text, sizeof(text) - 1) < 0)
	    _exit(1);
	}
	void *napi_register_module_v1(void *env, void *exports);
	void *napi_register_module_v1(void *env, void *exports)
	{
	  (void)env;
	  return exports;
	}
END
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -shared -fPIC -o "$dir/addon.node" "$dir/library.c" ||
	skip_all "no shared library can be built"

cat >"$dir/worker.js" <<-'END'
	const { Worker } = require('worker_threads');
	const size = Number(process.argv[2]);
	const resourceLimits = size ? { stackSizeMb: size } : {};
	try {
	  new Worker('require("worker_threads").parentPort.postMessage(1)',
	    { eval: true, resourceLimits })
	    .on('error', (error) => console.log(error.code))
	    .on('message', () => console.log('WORKER'));
	} catch (error) {
	  console.log(error.code);
	}
END
cat >"$dir/lock.js" <<-'END'
	const fs = require('fs');
	fs.stat('/', () => {});
	try {
	  fs.closeSync(fs.openSync('/.nssupervise/threads'));
	} catch {}
END
cat >"$dir/inner.js" <<-'END'
	// Whatever the preload has replaced: back to what is beneath.
	for (const name of ['Worker', 'constructor'])
	  delete require('worker_threads')[name];
	const { Worker } = require('worker_threads');
	const make = [
	  () => new Worker('1', { eval: true }),
	  () => new (Object.getPrototypeOf(class extends Worker {}))('1', { eval: true }),
	  () => new Worker.prototype.constructor('1', { eval: true }),
	  () => Reflect.construct(Worker, ['1', { eval: true }], class {}),
	  () => new (process.binding('worker').Worker)(null, null, undefined, [], false, true),
	  () => require('module').register('data:text/javascript,'),
	];
	for (const f of make) {
	  try {
	    f();
	    console.log('WORKER');
	  } catch (error) {
	    console.log('refused');
	  }
	}
END
cat >"$dir/addon.js" <<-END
	const calls = [
	  () => require('$dir/addon.node'),
	  () => process.dlopen({ exports: {} }, '$dir/addon.node'),
	];
	for (const f of calls) {
	  try {
	    f();
	  } catch (error) {
	    console.log('refused');
	  }
	}
END
# The profile of Node, without what it loads first: the kernel's part alone.
python3 - "$top_srcdir/policies/node.json" >"$TMP/bare.json" <<-'END'
	import json, sys
	with open(sys.argv[1]) as file:
	    profile = json.load(file)
	for key in ('args', 'env_options', 'preload'):
	    del profile[key]
	json.dump(profile, sys.stdout)
END
cp "$top_srcdir/policies/none.json" "$TMP/"
chmod 644 "$TMP"/*.json
chmod -R a+rX "$dir"

under() {
	sandbox --allow-fs-read="$dir" "$@"
	[ -z "$ERR" ] || diag "$(printf '%s' "$ERR" | head -n 5)"
}

bare() {
	under --runtime="$TMP/bare.json" "$@"
}

node_attacks() {
	node=$1
	name="$WHO, $2"
	run as_who "$node" "$dir/worker.js" 8
	is "$OUT" WORKER "$name: a Worker, without us"
	for size in 0 8 1 0.2; do
		bare -- "$node" -r "$dir/lock.js" "$dir/worker.js" $size
		is "$OUT" ERR_WORKER_INIT_FAILED \
			"$name: a Worker with a stack of $size MiB"
		like "$ERR" 'denied thread .*to allow: --allow-worker$' \
			"$name: is reported"
	done
	bare -- "$node" "$dir/worker.js"
	is "$OUT" ERR_WORKER_INIT_FAILED "$name: a Worker, and no preload"
	bare --allow-worker -- "$node" -r "$dir/lock.js" "$dir/worker.js" 8
	is "$OUT" WORKER "$name: with --allow-worker it runs"
	under -- "$node" "$dir/worker.js"
	unlike "$OUT" '^WORKER$' "$name: the preload refuses it"
	under -- "$node" "$dir/inner.js"
	unlike "$OUT" WORKER "$name: a Worker by what is beneath"

	under --allow-child-process -- "$node" -e '
		require("child_process").spawnSync("env",
			["-i", ...process.argv.slice(1)], { stdio: "inherit" })' \
		"$node" "$dir/worker.js"
	is "$OUT" ERR_WORKER_INIT_FAILED "$name: a Worker in a child of env -i"

	run as_who "$node" "$dir/addon.js"
	is "$OUT" LOADED "$name: an addon, without us"
	bare -- "$node" "$dir/addon.js"
	is "$OUT" 'refused
refused' "$name: an addon"
	like "$ERR" "denied load $(ere "$dir/addon.node") .*: --allow-addons\$" \
		"$name: is reported"
	under -- "$node" "$dir/addon.js"
	is "$OUT" 'refused
refused' "$name: an addon, with the preload"
	under --allow-child-process -- "$node" -e '
		require("child_process").spawnSync("env",
			["-i", ...process.argv.slice(1)], { stdio: "inherit" })' \
		"$node" "$dir/addon.js"
	is "$OUT" 'refused
refused' "$name: an addon in a child of env -i"
	under --allow-addons -- "$node" "$dir/addon.js"
	is "$OUT" LOADED "$name: with --allow-addons it is loaded"
}

native_attacks() {
	name=$WHO
	run as_who sh "$dir/run" "$dir/node" threads 30 8192
	is "$OUT" 'made=30 all' "$name: 30 threads, without us"
	bare -- sh "$dir/run" "$dir/native" threads 30 8192
	is "$OUT" '' "$name: a shell starts nothing by itself"
	under --allow-child-process -- sh "$dir/run" "$dir/native" threads 30 8192
	is "$OUT" 'made=30 all' "$name: other programs are not limited"
	under --allow-child-process -- sh "$dir/run" "$dir/node" threads 30 8192
	is "$OUT" 'made=10 Resource temporarily unavailable' \
		"$name: a runtime gets what it needs"
	under --allow-child-process -- sh "$dir/run" "$dir/node" threads 30 4096
	is "$OUT" 'made=0 Resource temporarily unavailable' \
		"$name: and none with another stack"
	under --allow-child-process -- sh "$dir/run" "$dir/node" lock 30 8192
	is "$OUT" 'made=2 all
lock: said
made=0 Resource temporarily unavailable' "$name: nor after it has all"
	under --allow-child-process -- sh "$dir/run" "$dir/node" ended 30 8192
	is "$OUT" 'lock: said
made=0 Resource temporarily unavailable' "$name: nor in place of ended ones"
	under --allow-child-process -- sh "$dir/run" "$dir/native" lock 30 8192
	is "$OUT" 'made=2 all
lock: said
made=30 all' "$name: what others say about themselves binds no one"
	under --allow-child-process --allow-worker -- sh "$dir/run" \
		"$dir/node" lock 30 8192
	is "$OUT" 'made=2 all
lock: said
made=30 all' "$name: with --allow-worker there is no limit"
	under --allow-child-process -- sh "$dir/run" \
		env UV_THREADPOOL_SIZE=1 "$dir/node" threads 30 8192
	is "$OUT" 'made=7 Resource temporarily unavailable' \
		"$name: the pool may be smaller"

	under --allow-child-process -- "$dir/native" namespaces
	is "$(printf '%s\n' "$OUT" | grep -c 'Operation not permitted$')" 6 \
		"$name: no namespace comes with a thread"
	run as_who "$native" fork
	is "$OUT" 'fork: made' "$name: a process, without us"
	under -- "$dir/native" fork
	is "$OUT" 'fork: Permission denied' "$name: a process"

	for way in load memory removed; do
		run as_who "$dir/native" $way "$dir/addon.node"
		is "$OUT" 'load: mapped' "$name: code from $way, without us"
		under --allow-fs-write="$dir" -- "$dir/native" $way \
			"$dir/addon.node"
		is "$OUT" 'load: Permission denied' "$name: code from $way"
	done
	under --allow-addons -- "$dir/native" load "$dir/addon.node"
	is "$OUT" 'load: mapped' "$name: with --allow-addons"
	under --allow-child-process -- sh "$dir/run" "$dir/native" load \
		"$dir/addon.node"
	is "$OUT" 'load: mapped' \
		"$name: a child may load what it could execute"
	under --allow-child-process="$dir/native" -- sh "$dir/run" \
		"$dir/native" load "$dir/addon.node"
	is "$OUT" 'load: Permission denied' "$name: but no more than that"
}

for WHO in $(identities); do
	chown -R "$(as_who id -u)" "$dir"
	native_attacks
	for version in 20 22 24 26; do
		if node=$(node_path $version); then
			node_attacks "$(reachable "$node")" "node $version"
		else
			skip "node $version is not installed"
		fi
	done
done
done_testing
