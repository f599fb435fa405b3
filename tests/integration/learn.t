#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --learn=FILE lets everything through and writes the options that the run
# would have needed. The proof: with --config=FILE the same run works as it does
# without us, and nothing is denied.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

python=$(find_python)
node=$(reachable "$(default_node)")
modules=$(tap_cache)/apps/node_modules

# The directory in which $WHO works, and the file that is learned.
make_place() {
	place=$TMP/place-$WHO
	learned=$place/learned.json
	mkdir -p "$place/case" "$place/tmp"
	cp -R "$TMP/cases/." "$place/case"
	[ "$WHO" != user ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$place"
}

# in_place COMMAND...: as $WHO, there, with its own place for temporary files.
in_place() {
	(cd "$place/case" && as_who env HOME="$place" TMPDIR="$place/tmp" \
		PATH=/usr/bin:/bin timeout -k 5 60 "$@")
}

# What every run starts from.
reset() {
	rm -rf "$place/case/out" "$place/case/__pycache__" "$place/tmp"
	rm -f "$place/case/"*.o "$place/case/hello" "$place/case/log.txt" \
		"$place/case/data"*.json "$place/case/piped"
	as_who mkdir "$place/tmp" "$place/case/out"
	echo old | as_who tee "$place/case/out/old" >"$TMP/.null"
}

# learns NAME COMMAND...
learns() {
	learns_name="$1, as $WHO"
	shift
	reset
	run in_place "$@"
	plain_out=$OUT
	plain_status=$STATUS
	reset
	run in_place "$NSSUPERVISE" --learn="$learned" --quiet -- "$@"
	is "$STATUS-$OUT" "$plain_status-$plain_out" \
		"$learns_name: a run that learns is like one without us"
	[ -n "${LEARN_KEEP-}" ] && cp "$learned" "$LEARN_KEEP/"
	reset
	run in_place "$NSSUPERVISE" --config="$learned" -- "$@"
	is "$STATUS-$OUT" "$plain_status-$plain_out" \
		"$learns_name: what it learned is enough" ||
		diag "$ERR
$(cat "$learned")"
	is "$(printf '%s\n' "$ERR" | grep '^nssupervise: ')" '' \
		"$learns_name: and nothing is denied"
}

# value CODE: prints the python expression of "m", the learned file.
value() {
	python3 -c '
import json, sys
with open(sys.argv[1]) as file:
    m = json.load(file)
print(eval(sys.argv[2]))' "$learned" "$1"
}

make_cases() {
	mkdir -p "$TMP/cases/views" "$TMP/cases/lib" "$TMP/cases/bin"
	for name in one two three; do
		echo "view $name" >"$TMP/cases/views/$name.txt"
		echo "module.exports = '$name';" >"$TMP/cases/lib/$name.js"
	done
	cat >"$TMP/cases/package.json" <<-'END'
		{ "name": "case", "version": "1.0.0",
		  "scripts": { "hello": "echo hello && ls views | sort" } }
	END
	cat >"$TMP/cases/server.js" <<-'END'
		const fs = require('fs');
		const http = require('http');
		const express = require('express');
		const lib = ['one', 'two', 'three'].map((name) => require('./lib/' + name));
		const app = express();
		app.get('/', (request, response) => response.send(fs.readdirSync('views')
		  .map((name) => fs.readFileSync('views/' + name, 'utf8')).join('')));
		const server = app.listen(0, '127.0.0.1', () =>
		  http.get({ port: server.address().port, host: '127.0.0.1' }, (answer) => {
		    answer.on('data', (data) => console.log(String(data), lib.join()));
		    answer.on('end', () => {
		      fs.appendFileSync('log.txt', 'served');
		      server.close();
		      server.closeAllConnections();
		    });
		  }));
	END
	cat >"$TMP/cases/worker.js" <<-'END'
		const { Worker } = require('worker_threads');
		new Worker('console.log("in a worker")', { eval: true });
	END
	echo 'value = 5' >"$TMP/cases/mod.py"
	cat >"$TMP/cases/work.py" <<-'END'
		import json, os, subprocess, tempfile
		import mod
		print(mod.value)
		with open('data.json', 'w') as file:
		    json.dump({'a': 1}, file)
		print(json.load(open('data.json')))
		os.replace('data.json', 'data2.json')
		directory = tempfile.mkdtemp()
		open(directory + '/x', 'w').close()
		os.remove(directory + '/x')
		os.rmdir(directory)
		with tempfile.NamedTemporaryFile() as file:
		    file.write(b'x')
		os.makedirs('out/deep', exist_ok=True)
		for i in range(12):
		    with open('out/deep/%d.txt' % i, 'w') as file:
		        file.write(str(i))
		print(sorted(os.listdir('out/deep')))
		print(os.path.exists('/etc/is-not-there'), os.stat('/etc/passwd').st_uid)
		print(subprocess.check_output(['sh', '-c', 'ls out/deep | wc -l']))
	END
	cat >"$TMP/cases/fork.py" <<-'END'
		import os
		if os.fork() == 0:
		    os._exit(3)
		print(os.waitstatus_to_exitcode(os.wait()[1]))
	END
	cat >"$TMP/cases/work.sh" <<-'END'
		rm -rf out
		mkdir out
		echo a >out/a
		mv out/a out/b
		cat out/*
		printf 'b\na\n' | sort | tr a-z A-Z >piped
		cat piped - <<-HERE
		here
		HERE
		[ -r /etc/passwd ] && head -n 1 /etc/passwd | cut -d : -f 1
		bin/tool
	END
	printf '#!/bin/sh\necho tool\n' >"$TMP/cases/bin/tool"
	chmod 755 "$TMP/cases/bin/tool"
	cat >"$TMP/cases/Makefile" <<-'END'
		.RECIPEPREFIX = >
		check: hello
		> ./hello
		hello: hello.o
		> $(CC) -o $@ hello.o
		hello.o: hello.c
		> $(CC) -c hello.c
	END
	cat >"$TMP/cases/hello.c" <<-'END'
		#include <stdio.h>
		int main(void)
		{
			puts("hello");
			return 0;
		}
	END
	[ ! -d "$modules" ] || cp -R "$modules" "$TMP/cases/"
}
make_cases

for WHO in $(identities); do
	make_place
	if [ -d "$modules" ] && [ -n "$node" ]; then
		learns 'a server of Node' "$node" server.js
		like "$(value 'm["allow-fs-read"]')" "/case/node_modules'" \
			"node_modules is learned as a whole, as $WHO"
		unlike "$(value 'm["allow-fs-read"]')" "/case'" \
			"but not all of the application, as $WHO"
		learns 'a Worker' "$node" worker.js
		is "$(value 'm["allow-worker"]')" True "a Worker is learned, as $WHO"
	else
		skip 'there is no Node with modules'
	fi
	if [ -x /usr/bin/npm ]; then
		learns 'npm run' npm run hello
	else
		skip 'there is no npm'
	fi
	learns 'a script of Python' "$python" work.py
	like "$(value 'm["allow-fs-write"]')" "/place-$WHO/tmp'" \
		"temporary files are learned as their directory, as $WHO"
	like "$(value 'm["comment"]["allow-fs-write"]')" 'another one each time' \
		"and it is said why, as $WHO"
	learns 'a fork' "$python" fork.py
	is "$(value 'm["allow-child-process"]')" \
		"['$(readlink -f "$python")']" \
		"a fork allows no other program, as $WHO"
	learns 'a shell' sh work.sh
	like "$(value 'm["allow-child-process"]')" "/bin/tool'" \
		"programs are learned by name, as $WHO"
	learns 'a build' make -s check
	is "$(value 'm["allow-child-process"]')" True \
		"a program that the run makes needs any, as $WHO"
done

done_testing
