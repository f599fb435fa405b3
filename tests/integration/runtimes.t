#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ordinary programs of each runtime work with the flags that they need, and
# nothing is reported; native code is loaded only where that is allowed.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

dir=$TMP/run
mkdir "$dir" "$dir/write"
echo inside >"$dir/file"
python=$(find_python)

# works NAME WANT COMMAND...: prints WANT, status 0, nothing on stderr.
works() {
	works_name=$1
	works_want=$2
	shift 2
	run timeout -k 5 60 "$NSSUPERVISE" --allow-fs-read="$dir" \
		--allow-fs-write="$dir/write" "$@"
	is "$OUT" "$works_want" "$works_name: works"
	is "$STATUS-$ERR" "0-" "$works_name: nothing is reported"
}

cat >"$dir/main.mjs" <<-END
	import fs from 'node:fs';
	import { value } from './lib.mjs';
	const late = await import('./lib.cjs');
	fs.writeFileSync('$dir/write/mjs', value + late.default.value);
	console.log(fs.readFileSync('$dir/write/mjs', 'utf8'));
END
echo "export const value = 'from ';" >"$dir/lib.mjs"
echo "exports.value = 'modules';" >"$dir/lib.cjs"
cat >"$dir/worker.js" <<-END
	const { Worker, isMainThread } = require('worker_threads');
	if (isMainThread)
	  new Worker(__filename).on('exit', (code) => console.log('exit', code));
	else
	  console.log(require('fs').readFileSync('$dir/file', 'utf8').trim());
END
cat >"$dir/child.js" <<-END
	const cp = require('child_process');
	if (process.send) {
	  process.send('hello from the child');
	  process.disconnect();
	} else {
	  console.log(cp.execSync('cat $dir/file | tr a-z A-Z', { encoding: 'utf8' }).trim());
	  cp.fork(__filename).on('message', (text) => console.log(text));
	}
END
cat >"$dir/net.js" <<-END
	const net = require('net');
	const server = net.createServer((socket) => socket.end('served'));
	server.listen(0, '127.0.0.1', () => {
	  net.connect(server.address().port, '127.0.0.1')
	    .on('data', (data) => console.log(String(data)))
	    .on('close', () => server.close());
	}).on('error', (error) => console.log(error.code));
END
cat >"$dir/streams.js" <<-END
	const fs = require('fs');
	const { pipeline } = require('stream/promises');
	const zlib = require('zlib');
	(async () => {
	  await pipeline(fs.createReadStream('$dir/file'), zlib.createGzip(),
	    fs.createWriteStream('$dir/write/gz'));
	  await pipeline(fs.createReadStream('$dir/write/gz'),
	    zlib.createGunzip(), process.stdout);
	  await fs.promises.rename('$dir/write/gz', '$dir/write/gz2');
	  await fs.promises.mkdtemp('$dir/write/tmp-');
	  await fs.promises.copyFile('$dir/file', '$dir/write/copy');
	  await fs.promises.rm('$dir/write/gz2');
	  console.log((await fs.promises.readdir('$dir/write')).includes('copy'));
	})();
END
for version in system 20 22 24 26; do
	if [ "$version" = system ]; then
		node=$(command -v node)
	else
		node=$(node_path "$version") || {
			skip "node $version is not in the cache"
			continue
		}
	fi
	works "node $version, ES modules" 'from modules' -- "$node" "$dir/main.mjs"
	works "node $version, a worker" "$(printf 'inside\nexit 0')" \
		--allow-worker -- "$node" "$dir/worker.js"
	works "node $version, streams and promises" "$(printf 'inside\ntrue')" -- \
		"$node" "$dir/streams.js"
	works "node $version, TCP" served --allow-net -- "$node" "$dir/net.js"
	run "$NSSUPERVISE" --allow-fs-read="$dir" -- "$node" "$dir/net.js"
	like "$OUT" '^(EACCES|EPERM)$' "node $version, TCP without --allow-net"
	rm -rf "$dir/write"
	mkdir "$dir/write"
done
works "node, child processes" "$(printf 'INSIDE\nhello from the child')" \
	--allow-child-process -- "$(default_node)" "$dir/child.js"

cat >"$dir/main.py" <<-END
	import bz2, ctypes, decimal, json, lzma, os, socket, sqlite3, ssl, subprocess
	import sys, tempfile, threading, uuid, zlib
	base = sqlite3.connect("$dir/write/base")
	base.execute("create table t (x)")
	base.execute("insert into t values ('row')")
	base.commit()
	print(base.execute("select x from t").fetchone()[0])
	with tempfile.TemporaryDirectory(dir="$dir/write") as name:
	    with open(os.path.join(name, "x"), "w") as file:
	        file.write("x")
	thread = threading.Thread(target=lambda: print(open("$dir/file").read().strip()))
	thread.start()
	thread.join()
	print(subprocess.run(["cat", "$dir/file"], capture_output=True, text=True).stdout.strip())
	def refused(action):
	    try:
	        action()
	        print("not refused")
	    except OSError as error:
	        print(error.strerror)
	refused(lambda: socket.socket())
END
works "python" "$(printf 'row\ninside\ninside\nPermission denied')" \
	--allow-child-process --runtime=python -- "$python" "$dir/main.py"

cat >"$dir/main.sh" <<-END
	set -e
	cd $dir/write
	mkdir -p a/b
	for name in one two three; do echo \$name >a/b/\$name; done
	cat a/b/* | sort | tr '\n' ' '
	ln -s b a/link
	cp a/link/one a/copy
	chmod 600 a/copy
	mv a/copy a/moved
	test -f a/moved && test ! -e a/copy
	find a -name t\* | sort | tr '\n' ' '
	tar cf x.tar a && tar tf x.tar | wc -l
	rm -r a x.tar
	x=\$(cat <$dir/file) && echo "\$x"
END
rm -rf "$dir/write"
mkdir "$dir/write"
works "a shell and its tools" "$(printf 'one three two a/b/three a/b/two 7\ninside')" \
	--allow-child-process --runtime=shell --allow-fs-read=/etc/passwd \
	--allow-fs-read=/etc/group --allow-fs-read=/etc/nsswitch.conf -- \
	/bin/sh "$dir/main.sh"

# Native code besides the runtime's own.
native() {
	cat >"$TMP/lib.c" <<-'END'
		#include <stdio.h>
		__attribute__((constructor)) static void start(void)
		{
			puts("native code");
		}
	END
	cat >"$TMP/load.c" <<-'END'
		#include <dlfcn.h>
		int main(int argc, char **argv)
		{
			return argc == 2 && dlopen(argv[1], RTLD_NOW) ? 0 : 1;
		}
	END
	# shellcheck disable=SC2086 # CC may have options
	${CC:-cc} -shared -fPIC -o "$dir/lib.so" "$TMP/lib.c" &&
		${CC:-cc} -o "$dir/load" "$TMP/load.c" -ldl
}
echo "try { process.dlopen({ exports: {} }, '$dir/lib.so'); } catch { }" \
	>"$dir/addon.js"
run "$NSSUPERVISE" --allow-addons -- "$target" pid
if [ "$STATUS" -eq 125 ]; then
	skip "native code: $ERR"
elif native >"$TMP/native.log" 2>&1; then
	run "$dir/load" "$dir/lib.so"
	is "$OUT" "native code" "native code: runs without us"
	run "$NSSUPERVISE" --allow-fs-read="$dir" -- "$dir/load" "$dir/lib.so"
	is "$OUT" "" "native code: is not loaded"
	run "$NSSUPERVISE" --allow-fs-read="$dir" -- "$(default_node)" "$dir/addon.js"
	is "$OUT" "" "native code: nor by node"
	run "$NSSUPERVISE" --allow-addons --allow-fs-read="$dir" -- "$dir/load" \
		"$dir/lib.so"
	is "$OUT" "native code" "native code: is, with --allow-addons"
else
	skip "native code: no compiler here"
fi

done_testing
