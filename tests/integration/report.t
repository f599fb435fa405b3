#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --report-only decides and reports as usual and lets everything through; the
# file of --learn is there whole or not at all.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

node=$(reachable "$(default_node)")

# would OPERATION PATH: the line of a denial that did not happen.
would() {
	printf '%s' "^nssupervise: would deny $1 $(ere "$2")( ->| \()"
}

make_place() {
	dir=$TMP/place-$WHO
	mkdir -p "$dir/there"
	echo inside >"$dir/there/file"
	ln -s there/file "$dir/link"
	printf '#!/bin/sh\necho ran\n' >"$dir/tool"
	chmod 755 "$dir/tool"
	[ "$WHO" != user ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$dir"
}

reports() {
	sandbox --report-only "$@"
}

test_files() {
	reports -- "$target" "line:$dir/link" "create:$dir/new" \
		"rename:$dir/new:$dir/newer" "stat:$dir/newer" \
		"chmod:$dir/newer" "mkdir:$dir/d" "rmdir:$dir/d" \
		"unlink:$dir/newer" "list:$dir/there" "stat:$dir/none"
	is "$(printf '%s\n' "$OUT" | grep -c ': OK')" 7 \
		"files: everything is done, as $WHO" || diag "$OUT"
	like "$OUT" "^stat $(ere "$dir")/none: ENOENT" \
		"files: what is not there is not there, as $WHO"
	is "$STATUS" 0 "files: the status is the command's, as $WHO"
	ok "files: nothing is left, as $WHO" test ! -e "$dir/newer"
	like "$ERR" "^nssupervise: would deny read $(ere "$dir/link") -> $(ere "$dir/there/file") \(.+\[[0-9]+\] [a-z0-9]+\): no --allow-fs-read covers it; to allow: --allow-fs-read=$(ere "$dir/there/file")\$" \
		"files: a reading is reported, as $WHO"
	for file in new newer d; do
		like "$ERR" "$(would write "$dir/$file")" \
			"files: writing $file is reported, as $WHO"
	done
	like "$ERR" "$(would stat "$dir/none")" \
		"files: also what is not there, as $WHO"
	like "$ERR" '^nssupervise: [0-9]+ denials would have happened, [0-9]+ distinct; first: (read|stat) ' \
		"files: the summary says so, as $WHO"
	unlike "$ERR" '^nssupervise: denied' "files: nothing is denied, as $WHO"

	sandbox -- "$target" "line:$dir/link"
	like "$OUT" 'EACCES' "files: without the option it is, as $WHO"
}

test_json() {
	reports --log-format=json --log="$dir/log" -- "$target" \
		"line:$dir/link" "line:$dir/link"
	is "$(grep -c '"event":"denied".*"decision":"reported"' "$dir/log")" 2 \
		"JSON: each is there, as reported, as $WHO"
	like "$(cat "$dir/log")" '"event":"exit".*"denials":2' \
		"JSON: and counted, as $WHO"
	ok "JSON: fits the schema, as $WHO" python3 - "$dir/log" \
		"$top_srcdir/policies/events.schema.json" <<-'END'
		import json, sys
		with open(sys.argv[2]) as file:
		    allowed = json.load(file)["properties"]
		with open(sys.argv[1]) as file:
		    for line in file:
		        for key, value in json.loads(line).items():
		            assert value in allowed[key].get("enum", [value]), line
	END
	rm -f "$dir/log"
}

test_processes() {
	reports -- sh -c "\"$dir/tool\"; true | cat"
	is "$OUT" ran "programs: they run, as $WHO"
	like "$ERR" "$(would fork /usr/bin/dash)|$(would fork /bin/sh)|would deny fork " \
		"programs: a process is reported, as $WHO"
	like "$ERR" "$(would exec "$dir/tool")" \
		"programs: and which program, as $WHO"
	unlike "$ERR" 'would deny exec .*/cat.*/cat' \
		"programs: but no place where it is not, as $WHO"
	reports -- "$target" fork:exit thread "memfdexec:$target"
	unlike "$OUT" 'EACCES|EPERM|ENOSYS' \
		"programs: also from memory, as $WHO" || diag "$OUT"
	like "$ERR" 'would deny exec .*: a program is started by its name only' \
		"programs: and that is reported, as $WHO"
}

# Without a list of programs, what may be read may be run.
test_hint_of_exec() {
	sandbox --allow-child-process -- sh -c "'$dir/tool'"
	like "$ERR" "denied exec $(ere "$dir/tool") .*no --allow-fs-read covers it; to allow: --allow-fs-read=$(ere "$dir/tool")\$" \
		"programs: any of them, the hint says --allow-fs-read, as $WHO"
	sandbox --allow-child-process --allow-fs-read="$dir/tool" -- sh -c "'$dir/tool'"
	is "$OUT-$ERR" ran- "programs: and with that it runs, as $WHO"
	sandbox --allow-child-process="$(command -v cat)" -- sh -c "'$dir/tool'"
	like "$ERR" "to allow: --allow-child-process=$(ere "$dir/tool")\$" \
		"programs: beside a list it says --allow-child-process, as $WHO"
}

# The filter could refuse a process as well; then nobody would know why.
test_hint_of_fork() {
	sandbox -- sh -c 'true | cat'
	like "$ERR" 'denied fork .*; to allow: --allow-child-process$' \
		"processes: the hint says --allow-child-process, as $WHO"
	sandbox --quiet -- sh -c 'true | cat'
	unlike "$STATUS-$ERR" '^0-|nssupervise: denied' \
		"processes: refused in silence as well, as $WHO"
}

# Those of us stay closed, and the signals stay inside.
test_supervisor() {
	# shellcheck disable=SC2016 # expanded inside
	reports -- sh -c 'cat /proc/$PPID/oom_score_adj; kill -0 "$1"; kill -0 $PPID' \
		sh $$
	is "$OUT" '' "supervisor: its entries stay closed, as $WHO"
	like "$ERR" "nssupervise: denied read /proc/[0-9]+/oom_score_adj .*the supervisor's own entries" \
		"supervisor: and that is a denial, as $WHO"
	is "$(printf '%s\n' "$ERR" | grep -ic 'kill.*not permitted')" 2 \
		"supervisor: signals do not leave the sandbox, as $WHO"
}

test_network() {
	cat >"$dir/net.js" <<-'END'
		const net = require('net');
		const server = net.createServer((c) => c.end('served'));
		server.listen(0, '127.0.0.1', () =>
		  net.connect(server.address().port, '127.0.0.1')
		    .on('data', (data) => console.log(String(data)))
		    .on('close', () => {
		      server.close();
		      const local = net.createServer((c) => c.end('local'));
		      local.listen(__dirname + '/socket', () =>
		        net.connect(__dirname + '/socket')
		          .on('data', (data) => console.log(String(data)))
		          .on('close', () => local.close()));
		    }));
	END
	want='served
local'
	for flag in --quiet --allow-net --allow-net=127.0.0.1 \
		"--allow-unix=$dir/socket"; do
		reports "$flag" -- "$node" "$dir/net.js"
		is "$OUT" "$want" "network: $flag, all of it works, as $WHO" ||
			diag "$ERR"
		case $flag in
		--allow-net)
			unlike "$ERR" 'would deny (connect|listen) ' \
				"network: $flag, what is allowed is not reported, as $WHO"
			like "$ERR" "$(would unix "$dir/socket")" \
				"network: $flag, a socket is, as $WHO"
			;;
		--allow-unix=*)
			like "$ERR" 'would deny connect 127\.0\.0\.1:[0-9]+ ' \
				"network: $flag, an address is reported, as $WHO"
			unlike "$ERR" 'would deny unix ' \
				"network: $flag, the socket is not, as $WHO"
			;;
		esac
	done
}

test_runtime() {
	mkdir -p "$dir/app/node_modules/dep"
	echo '{ "name": "app" }' >"$dir/package.json"
	echo "exports.a = 1" >"$dir/app/node_modules/dep/index.js"
	echo "console.log(require('dep').a, require('fs').readFileSync('/etc/passwd').length > 0)" \
		>"$dir/app/main.js"
	reports -- "$node" "$dir/app/main.js"
	is "$OUT" '1 true' "Node: probes find what is there, as $WHO"
	unlike "$ERR" 'node_modules:|/package\.json ' \
		"Node: and are not reported, as $WHO"
	reports -- "$node" --inspect=0 -e 'console.log(1)'
	is "$OUT" 1 "Node: --inspect starts, as $WHO"
	like "$ERR" "needs --allow-inspector" "Node: and it is said, as $WHO"
	reports -- cat /etc/resolv.conf
	[ ! -e /etc/resolv.conf ] ||
		like "$ERR" 'resolv.conf .*to allow: --allow-net$' \
			"what the network needs: the hint says --allow-net, as $WHO"
	sandbox -- cat /proc/net/dev
	like "$ERR" "to allow: '--allow-fs-read=/proc/\*/net/dev'\$" \
		"what has a number of its own in each run: the hint has none, as $WHO"
	sandbox '--allow-fs-read=/proc/*/net/dev' -- cat /proc/net/dev
	is "$STATUS-$ERR" 0- "and what the hint says works, as $WHO"
	sandbox -- sh -c 'echo 0x3f >/proc/self/coredump_filter'
	like "$ERR" 'ermission denied' "coredump_filter is refused, as $WHO"
	unlike "$ERR" '^nssupervise: denied' "but not reported, as $WHO"
}

test_manifest() {
	app=$dir/listed
	mkdir -p "$app/node_modules/dep"
	echo "module.exports = 'good'" >"$app/node_modules/dep/index.js"
	echo '{ "name": "dep", "main": "index.js" }' \
		>"$app/node_modules/dep/package.json"
	echo "console.log(require('dep'), require('./extra'))" >"$app/main.js"
	"$NSPOLICY" generate --root="$app" --output="$app/policy.json"
	echo "module.exports = 'changed'" >"$app/node_modules/dep/index.js"
	echo '{ "name": "dep", "main": "index.js", "version": "2.0.0" }' \
		>"$app/node_modules/dep/package.json"
	echo "module.exports = 'unlisted'" >"$app/extra.js"
	chmod -R go+rX "$app"
	for onerror in throw exit; do
		edit_json "$app/policy.json" "m['onerror'] = '$onerror'"
		chmod go+r "$app/policy.json"
		reports --policy="$app/policy.json" --allow-fs-read="$app" \
			-- "$node" "$app/main.js"
		is "$STATUS-$OUT" '0-changed unlisted' \
			"manifest, $onerror: it loads what is there, as $WHO" ||
			diag "$ERR"
		for file in node_modules/dep/package.json \
			node_modules/dep/index.js extra.js; do
			like "$ERR" "$(would verify "$app/$file")" \
				"manifest, $onerror: $file is reported, as $WHO"
		done
		unlike "$ERR" 'as onerror says' \
			"manifest, $onerror: and nothing else is promised, as $WHO"
	done
	sandbox --policy="$app/policy.json" --allow-fs-read="$app" \
		-- "$node" "$app/main.js"
	is "$STATUS" 1 "manifest: without the option the run ends, as $WHO"
}

in_dir() {
	run as_who timeout -k 5 60 "$NSSUPERVISE" "$@"
}

test_learn_file() {
	file=$dir/learned.json
	in_dir --quiet --learn="$file" --allow-fs-read="$dir/th*,$dir/none" \
		--deny-fs-read="$dir/tool" --allow-net --allow-env=A,PATH \
		-- "$target" "line:$dir/there/file" "line:$dir/tool" \
		"write:$dir/gone" "unlink:$dir/gone"
	is "$STATUS-$(stat -c %a "$file")" 0-600 \
		"learn: a file of its owner's, as $WHO"
	is "$(python3 -c '
import json, sys
m = json.load(open(sys.argv[1]))
print(m["allow-fs-read"], m["deny-fs-read"], m["allow-net"], m["allow-env"],
      m["allow-fs-write"])' "$file")" \
		"['$dir/th*', '$dir/none'] ['$dir/tool'] True ['A', 'PATH'] ['$dir/gone']" \
		"learn: what was given and what was needed, as $WHO"
	like "$(cat "$file")" "\"read $(ere "$dir")/tool " \
		"learn: a carve-out is not taken away, as $WHO"
	is "$(find "$dir" -name 'learned.json.*')" '' \
		"learn: nothing else is left, as $WHO"

	# shellcheck disable=SC2016 # expanded inside
	in_dir --quiet --learn="$file" -- sh -c 'read -r x <"$1"; kill -TERM $$' \
		sh "$dir/there/file"
	is "$STATUS" 143 "learn: a run that a signal ends, as $WHO"
	like "$(cat "$file")" "there/file" "learn: is learned as well, as $WHO"

	for bad in "$dir/none/file" "$dir" "$dir/symlink" /dev/null; do
		ln -sf there/file "$dir/symlink"
		in_dir --learn="$bad" -- touch "$dir/started"
		is "$STATUS" 125 "learn: not to $bad, as $WHO"
		like "$ERR" "^nssupervise: --learn: cannot write '$(ere "$bad")': " \
			"learn: and it says why, as $WHO"
		ok "learn: nothing was started, as $WHO" test ! -e "$dir/started"
	done
	is "$(cat "$dir/there/file")" inside "learn: no link is followed, as $WHO"
}

# Not about denials that are reported, but about those that need not be.
test_relatives() {
	# shellcheck disable=SC2016 # expanded inside
	sandbox --allow-child-process -- sh -c '
		sleep 60 &
		for try in 1 2 3 4 5 6 7 8 9 10; do # until it is one
			[ "$(cat /proc/$!/comm)" = sh ] || break
			sleep 0.2
		done
		cat /proc/$!/comm
		cut -d " " -f 4 /proc/$!/stat | grep -c "^$$\$"
		tr "\0" " " </proc/$!/cmdline
		echo
		cat /proc/$!/environ /proc/$!/maps
		cat "/proc/$1/comm" /proc/$PPID/comm
		kill $!' sh $$
	is "$OUT" 'sleep
1
sleep 60 ' "relatives: a descendant can be looked at, as $WHO"
	is "$(printf '%s\n' "$ERR" | grep -c 'Permission denied')" 4 \
		"relatives: but its memory cannot, and nobody else, as $WHO" ||
		diag "$ERR"
}

for WHO in $(identities); do
	make_place
	test_relatives
	test_files
	test_json
	test_processes
	test_hint_of_exec
	test_hint_of_fork
	test_supervisor
	if [ -n "$node" ]; then
		test_network
		test_runtime
		test_manifest
	else
		skip 'there is no Node'
	fi
	test_learn_file
done

for option in --report-only --learn="$TMP/learned"; do
	run "$NSSUPERVISE" "$option" --landlock-only --allow-fs-metadata -- true
	is "$STATUS" 125 "$option does not go with --landlock-only"
	like "$ERR" 'nothing would be there to report' "$option: says why"
done

done_testing
