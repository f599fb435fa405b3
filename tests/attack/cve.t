#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The known ways round Node's permission model and its policies, each once:
# first without us, to see that it works, then under nssupervise. What happened
# is judged from outside, by the secrets in the output and by the files.
#
#   CVE_NODES="20 26" tests/attack/cve.t    only these versions
#

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

native=$top_builddir/tests/attack/cve-native
[ -x "$native" ] || skip_all "cve-native is not built"
native=$(reachable "$native")
native_pid=
moving_pid=
servers_pid=
victim_pid=

# What an attack that has succeeded printed or changed. Its secret is the text
# of its file, the time of that file, or the number of blocks.
SECRET_TIME=981173106

# An attack is made three times: under the flags of the files alone, the same
# without the preload of the profile, and ("all") without the preload but with
# every flag that is not about files, so that only the files' rules are in the
# way.
file_attacks='
CVE-2023-30582:all	watchFile is checked
CVE-2023-30583:all	openAsBlob is checked
CVE-2023-30584:all	dots in a path
CVE-2023-30586:-	setEngine maps no native code
CVE-2023-30587:all	an internal Worker, made by the inspector
CVE-2023-32003:all	mkdtemp with dots
CVE-2023-32004:all	dots in a Buffer
CVE-2023-32005:all	statfs is checked
CVE-2023-32558:all	process.binding with dots
CVE-2023-39331:all	path.resolve is replaced
CVE-2023-39332:all	dots in an Uint8Array
CVE-2024-21891:all	path.normalize, toString and startsWith are replaced
CVE-2024-21896:all	Buffer.prototype.utf8Write is replaced
CVE-2024-22018:all	lstat is checked
CVE-2024-36137:all	fchmod and fchown by a descriptor for reading
CVE-2025-23083:all	the constructor of internal Workers, leaked by a channel
CVE-2025-55130:all	chains of relative links
CVE-2025-55132:all	futimes by a descriptor for reading
CVE-2026-21636:all	a unix socket, by connect
CVE-2026-21636-granted:all	a unix socket in a directory that may be written
CVE-2026-21711:all	a unix socket, by listen
CVE-2026-21715:all	realpath.native is checked
CVE-2026-21716:all	FileHandle.chmod and chown
CVE-2026-48617:all	a report where the working directory is closed
CVE-2026-58039:all	a report in a closed directory
CVE-2026-48935:all	FileHandle.utimes
CVE-2026-48936:all	a pipe is made and its mode changed
sqlite:all	a database is a file
sqlite-attach:all	so is an attached one
link-made-before:all	a link inside a grant leads nowhere else
directory-link-made-before:all	nor does one to a directory
link-made-here:all	nor one that the program makes
hard-link:all	no hard link to what may not be read
rename-in:all	nothing is moved into a grant
copy:all	nothing is copied into one
proc-root:all	/proc/self/root
proc-thread-root:all	/proc/thread-self/root
proc-task-root:all	/proc/self/task/TID/root
proc-cwd:all	/proc/self/cwd with dots
proc-fd:all	/proc/self/fd/N with dots
path-only:all	a descriptor with O_PATH
inherited:all	a descriptor of the caller
moved-directory:all	a directory that moves while it is the current one
create-and-link:all	a new file gets a name where nothing may be written
uring:all	UV_USE_IO_URING
kill:all	a process outside is not signalled
dlopen:-	dlopen maps no native code
abstract:all	an abstract socket outside
worker:all	a Worker without the preload
worker-shared-env:all	a Worker with other NODE_OPTIONS
child:all	another program
child-shell:all	a shell that drops NODE_OPTIONS
child-env:all	a child with an empty environment
child-flags:all	a child that grants itself everything
child-execve:all	execve with an empty environment
child-directory:all	a shell in a granted directory
'

module_attacks='
CVE-2023-23918	process.mainModule.require
CVE-2023-30581	process.mainModule.__proto__.require
CVE-2023-32002	Module._load
CVE-2023-32006	module.constructor.createRequire
CVE-2023-32559	process.binding("spawn_sync")
CVE-2023-38552	the digest is replaced
tampered	a listed file with other content
require	require
import	import()
create-require	createRequire
new-module	new Module
extension	Module._extensions
wrapped-loader	fs.readFileSync is replaced
resolve-filename	Module._resolveFilename is replaced
eval-of-a-file	eval
vm-of-a-file	vm
worker	a Worker without the preload
child	a child without the preload
child-stdin	a child, on its standard input
addon	a native addon
'

bare_title=
raw_title=', without the preload'
wide_title=', without it, with other flags'
all_flags='--allow-child-process --allow-worker --allow-addons --allow-wasi
	--allow-inspector --allow-net'

# With children a shell can drop what the profile sets for them.
# shellcheck disable=SC2016 # for that shell
bare_start='unset NODE_OPTIONS; exec "$0" "$@"'

# rows TABLE: the first column of a table.
rows() {
	printf '%s\n' "$1" | sed -n 's/^\([^	 ]*\)	.*/\1/p'
}

own_tree() {
	# shellcheck disable=SC2154 # set by tap.sh
	[ "$WHO" != user ] || ! is_root || chown -Rh "$tap_uid:$tap_uid" "$1"
}

# An object that prints a secret as soon as it is loaded.
build_addon() {
	cat >"$TMP/addon.c" <<-'END'
		#include <string.h>
		#include <unistd.h>
		__attribute__((constructor)) static void loaded(void)
		{
			const char *text = NAME ": SECRET-" NAME "\n";
			if (write(1, text, strlen(text)) < 0)
				_exit(1);
		}
		void *napi_register_module_v1(void *env, void *exports)
		{
			(void)env;
			return exports;
		}
	END
	${CC:-cc} -shared -fPIC "-DNAME=\"$1\"" -o "$2" "$TMP/addon.c"
}

for name in CVE-2023-30586 dlopen addon; do
	build_addon "$name" "$TMP/$name.so" || skip_all "no shared objects here"
done

# The files of all attacks, made once: every run starts from a copy.
make_template() {
	template=$base/template
	[ ! -d "$template" ] || return
	mkdir -p "$template/closed/moving" "$template/drop"
	for id in $(rows "$file_attacks"); do
		id=${id%:*}
		mkdir -p "$template/closed/$id" "$template/open/$id" \
			"$template/ro/$id"
		echo "SECRET-$id" >"$template/closed/$id/secret"
		echo "SECRET-$id" >"$template/closed/$id/SECRET-$id"
		ln -s "SECRET-$id" "$template/closed/$id/link"
		echo own >"$template/open/$id/own"
		echo text >"$template/ro/$id/file"
	done
	touch -d "@$SECRET_TIME" "$template"/closed/*/secret
	touch "$template/closed/moving/file"
	ln -s ../../closed/link-made-before/secret \
		"$template/open/link-made-before/before"
	ln -s ../.. "$template/open/directory-link-made-before/up"
	echo SECRET-moved-directory >"$template/drop/secret"
	cp "$TMP/CVE-2023-30586.so" "$template/open/CVE-2023-30586/engine.so"
	cp "$TMP/dlopen.so" "$template/open/dlopen/addon.node"
	own_tree "$template"
}

make_tree() {
	make_template
	rm -rf "${dir:?}"
	cp -a "$template" "$dir"
}

# Everything about the files that may not be changed, each line with the name
# of the attack that they belong to.
snapshot() {
	(cd "$dir" && {
		find closed ro -mindepth 2 -printf '%p %y %m %U %s %T@\n'
		find closed -name secret -exec grep -H . {} +
		find open -type s -name served -print
	}) | sort | sed 's|^[a-z]*/\([^/ :]*\)|\1: &|'
}

# A file that changes its time, again and again, for as long as we look.
start_moving() {
	(
		n=0
		while [ "$n" -lt 1500 ]; do
			n=$((n + 1))
			touch -d "@$SECRET_TIME" "$dir/closed/moving/file" || exit
			sleep 0.03
			touch -d "@$((SECRET_TIME + 1))" \
				"$dir/closed/moving/file" || exit
			sleep 0.03
		done
	) 2>/dev/null &
	moving_pid=$!
}

# Sockets outside that say a secret to whoever connects.
start_servers() {
	cat >"$TMP/servers.py" <<-'END'
		import os, socket, sys, threading
		base = sys.argv[1]

		def serve(address, secret):
		    s = socket.socket(socket.AF_UNIX)
		    s.bind(address)
		    if not address.startswith("\0"):
		        os.chmod(address, 0o777)
		    s.listen(8)
		    def answer():
		        while True:
		            c, _ = s.accept()
		            c.sendall(secret.encode())
		            c.close()
		    threading.Thread(target=answer).start()

		serve(base + "/closed/CVE-2026-21636/socket", "SECRET-CVE-2026-21636")
		serve(base + "/open/CVE-2026-21636-granted/socket",
		      "SECRET-CVE-2026-21636-granted")
		serve("\0" + base + "/abstract", "SECRET-abstract")
		print("ready", flush=True)
	END
	rm -f "$TMP/servers.out"
	python3 "$TMP/servers.py" "$dir" >"$TMP/servers.out" 2>&1 &
	servers_pid=$!
	wait_for "$TMP/servers.out" '^ready' || diag "$(cat "$TMP/servers.out")"
}

# A process outside that writes down when it is ended.
start_victim() {
	# shellcheck disable=SC2016 # for that shell
	as_who sh -c '
		trap "echo killed >\"$1\"; exit" TERM
		echo $$ >"$2"
		n=0
		while [ "$n" -lt 600 ]; do n=$((n + 1)); sleep 0.1; done' - \
		"$dir/closed/kill/killed" "$dir/drop/victim" >/dev/null 2>&1 &
	victim_pid=$!
	wait_for "$dir/drop/victim" '^[0-9]'
	VICTIM=$(cat "$dir/drop/victim")
}

stop_all() {
	for stop_pid in $moving_pid $servers_pid $victim_pid $native_pid; do
		kill "$stop_pid" 2>/dev/null
		wait "$stop_pid" 2>/dev/null
	done
	moving_pid=
	servers_pid=
	victim_pid=
	native_pid=
}

# file_run OUTPUT COMMAND...: all attacks in one process. OUTPUT has what it
# printed, OUTPUT.won the names of those that got or changed what they wanted.
file_run() {
	file_out=$1
	shift
	make_tree
	start_servers
	start_moving
	start_victim
	snapshot >"$TMP/before"
	(
		cd "$dir/ro/proc-cwd" || exit
		ulimit -f 65536
		as_who timeout -k 5 60 env DIR="$dir" VICTIM="$VICTIM" \
			UV_USE_IO_URING=1 NODE_NO_WARNINGS=1 "$@" \
			</dev/null 7<"$dir/closed/inherited/secret"
	) >"$file_out" 2>"$file_out.err"
	stop_all
	{
		snapshot | diff "$TMP/before" - |
			sed -n 's/^[<>] \([^:]*\): .*/\1/p'
		told "$file_out" "$(stat -f -c %b "$dir")"
	} | sort -u >"$file_out.won"
}

# told OUTPUT BLOCKS: the attacks that printed their secret.
told() {
	tr -d '\000' <"$1" | awk -v time="$SECRET_TIME" -v blocks="BLOCKS-$2" '
		{
			id = $1
			sub(/:$/, "", id)
			if (index($0, "SECRET-" id) || index($0, blocks) ||
			    index($0, time) || index($0, time + 1) ||
			    index($0, "inspector: ws:"))
				print id
		}'
}

# judge TABLE OUTPUT WHO ONLY: a result for each attack that succeeds without us.
judge() {
	tr -d '\000' <"$2" | sed -n 's/^\([^ :]*\): .*/\1/p' | sort -u >"$TMP/tried"
	printf '%s\n' "$1" >"$TMP/table"
	while IFS='	' read -r row text; do
		id=${row%:*}
		case $row in
		'') continue ;;
		*:"$4") continue ;;
		esac
		if ! grep -qxF "$id" "$TMP/plain.won"; then
			case $2 in
			*bare) diag "$3: $id: $text: nothing to refuse here: \
$(grep -a "^$id: " "$TMP/plain" | cut -c 1-60)" ;;
			esac
			continue
		fi
		seen="$seen $id"
		if grep -qxF "$id" "$2.won"; then
			fail "$3: $id: $text"
			diag "$(grep -a "^$id: " "$2")"
		elif ! grep -qxF "$id" "$TMP/tried"; then
			fail "$3: $id: $text: it was not tried"
			diag "$(tail -n 3 "$2" "$2.err")"
		else
			pass "$3: $id: $text"
		fi
	done <"$TMP/table"
}

check_files() {
	files="--quiet --allow-fs-read=$dir/open --allow-fs-write=$dir/open
		--allow-fs-read=$dir/ro --allow-fs-write=$dir/drop"
	file_run "$TMP/plain" "$node" "$base/cve-files.js"
	# shellcheck disable=SC2086 # lists of flags
	{
		file_run "$TMP/bare" "$NSSUPERVISE" $files -- "$node" \
			"$base/cve-files.js"
		file_run "$TMP/raw" "$NSSUPERVISE" $files $raw -- "$node" \
			"$base/cve-files.js"
		file_run "$TMP/wide" "$NSSUPERVISE" $files $raw $all_flags \
			--allow-fs-read="$base/cve-files.js" \
			--allow-fs-read="$node" -- \
			/bin/sh -c "$bare_start" "$node" "$base/cve-files.js"
	}
	judge "$file_attacks" "$TMP/bare" "$who$bare_title" none
	judge "$file_attacks" "$TMP/raw" "$who$raw_title" none
	judge "$file_attacks" "$TMP/wide" "$who$wide_title" -
}

# The profile of Node without its preload: what is refused then is refused by
# the kernel and the supervisor.
make_raw() {
	cp "$top_srcdir/policies/node.json" "$TMP/raw.json"
	# shellcheck disable=SC2016 # for python
	edit_json "$TMP/raw.json" '
for key in "$schema", "args", "preload", "env_options":
    m.pop(key, None)
m["name"] = "raw"'
	chmod 644 "$TMP/raw.json"
	raw=--runtime=$TMP/raw.json
}

make_app() {
	rm -rf "${dir:?}"
	mkdir -p "$dir"
	cp "$top_srcdir/tests/attack/cve-modules.js" "$dir/main.js"
	for name in dep dep2 dep3; do
		echo 'module.exports = "own";' >"$dir/$name.js"
	done
	echo 'module.exports = "as listed";' >"$dir/tampered.js"
	"$NSPOLICY" generate --root="$dir" --output="$dir.json" ||
		diag "no manifest"
	DIGEST=$(sri "$dir/tampered.js" sha384)
	DIGEST=${DIGEST#*-}
	echo 'console.log("tampered: SECRET-tampered");
		console.log("CVE-2023-38552: SECRET-CVE-2023-38552");
		module.exports = "";' >"$dir/tampered.js"
	mkdir "$dir/evil"
	for id in $(rows "$module_attacks"); do
		echo "console.log('$id: SECRET-$id');" >"$dir/evil/$id.js"
	done
	cp "$TMP/addon.so" "$dir/evil/addon.node"
	own_tree "$dir"
}

# module_run OUTPUT COMMAND...
module_run() {
	module_out=$1
	shift
	(
		cd "$dir" || exit
		ulimit -f 65536
		as_who timeout -k 5 60 env LISTED_DIGEST="$DIGEST" \
			NODE_NO_WARNINGS=1 "$@" </dev/null
	) >"$module_out" 2>"$module_out.err"
	told "$module_out" none | sort -u >"$module_out.won"
}

check_modules() {
	make_app
	module_run "$TMP/plain" "$node" "$dir/main.js"
	files="--quiet --policy=$dir.json --allow-fs-read=$dir"
	# shellcheck disable=SC2086 # lists of flags
	{
		module_run "$TMP/bare" "$NSSUPERVISE" $files -- "$node" \
			"$dir/main.js"
		module_run "$TMP/raw" "$NSSUPERVISE" $files $raw -- "$node" \
			"$dir/main.js"
		module_run "$TMP/wide" "$NSSUPERVISE" $files $raw $all_flags \
			--allow-fs-read="$node" -- \
			/bin/sh -c "$bare_start" "$node" "$dir/main.js"
	}
	judge "$module_attacks" "$TMP/bare" "$who$bare_title" none
	judge "$module_attacks" "$TMP/raw" "$who$raw_title" none
	judge "$module_attacks" "$TMP/wide" "$who$wide_title" none
}

# secret_run NAME DIRECTORY FLAGS -- ARGUMENTS: Node prints a secret without
# us; with us it must not.
secret_run() {
	secret_name=$1
	secret_dir=$2
	secret_flags=
	shift 2
	while [ "$1" != -- ]; do
		secret_flags="$secret_flags $1"
		shift
	done
	shift
	run as_who env -C "$secret_dir" timeout -k 5 60 "$node" "$@" \
		<"${STDIN:-/dev/null}"
	if ! like "$OUT" 'SECRET' "$who: $secret_name: without us"; then
		diag "$ERR"
		return
	fi
	# shellcheck disable=SC2086 # a list of flags
	run as_who env -C "$secret_dir" timeout -k 5 60 "$NSSUPERVISE" --quiet \
		$secret_flags -- "$node" "$@" <"${STDIN:-/dev/null}"
	like "$OUT" '^started' "$who: $secret_name: it runs" || diag "$ERR"
	unlike "$OUT" 'SECRET' "$who: $secret_name"
}

# Grants that are wider in Node than they look.
check_grants() {
	rm -rf "${dir:?}"
	mkdir -p "$dir/pattern" "$dir/app" "$dir/allowed" "$dir/closed"
	echo SECRET >"$dir/pattern/secret.key"
	echo SECRET >"$dir/app/private.txt"
	echo SECRET >"$dir/closed/secret"
	echo '{ "main": "main.js" }' >"$dir/app/package.json"
	cat >"$dir/app/main.js" <<-'END'
		console.log('started');
		console.log(require('fs').readFileSync('private.txt', 'utf8'));
	END
	cat >"$dir/read.js" <<-'END'
		console.log('started');
		console.log(require('fs').readFileSync(process.argv[2], 'utf8'));
	END
	cat >"$dir/list.js" <<-'END'
		console.log('started');
		const names = require('fs').readdirSync('/');
		if (names.includes('etc')) console.log('SECRET');
		console.log(require('fs').readFileSync(process.argv[2], 'utf8'));
	END
	own_tree "$dir"
	secret_run 'CVE-2024-21890: text after a star counts' "$dir" \
		"--allow-fs-read=$dir/pattern/*.log" -- "$dir/read.js" \
		"$dir/pattern/secret.key"
	secret_run 'CVE-2026-58043: three grants do not make their ancestor one' \
		"$dir" --allow-fs-read=/usr/lib --allow-fs-read=/usr/share \
		--allow-fs-read="$dir/allowed" -- "$dir/list.js" \
		"$dir/closed/secret"
	secret_run 'node . does not grant the directory' "$dir/app" \
		"--allow-fs-read=$dir/app/main.js" \
		"--allow-fs-read=$dir/app/package.json" -- .
	STDIN=$dir/app/main.js
	secret_run 'a script on standard input does not either' "$dir/app" -- -
	STDIN=
}

# ran TEXT ERE: nothing, when the program did start and TEXT does not match.
ran() {
	[ "$STATUS" -ne 125 ] || echo "nothing ran: $ERR"
	printf '%s\n' "$1" | grep -E -e "$2"
}

# Each in a process of its own: without its preload Node may end when it gets no
# thread for its inspector, and that is a refusal too.
check_inspector() {
	mkdir -p "$dir"
	own_tree "$dir"
	for id in sigusr1 inspector-open; do
		run as_who timeout -k 5 20 "$node" "$base/cve-files.js" "$id"
		like "$OUT" 'inspector: ws:' "$who: $id: without us"
		for flags in --quiet "$raw"; do
			sandbox --quiet "$flags" -- "$node" \
				"$base/cve-files.js" "$id"
			is "$(ran "$OUT$ERR" ws:)" '' \
				"$who: $id: no inspector, $flags"
		done
	done
}

# Node writes the log of its events into the working directory.
check_trace() {
	mkdir -p "$dir/ro"
	own_tree "$dir"
	trace_log=$dir/ro/node_trace.1.log
	run as_who env -C "$dir/ro" timeout -k 1 5 "$node" \
		"$base/cve-files.js" trace
	ok "$who: CVE-2026-56847: a trace log is written without us" \
		test -s "$trace_log"
	for flags in --quiet "$all_flags"; do
		rm -f "$trace_log"
		# shellcheck disable=SC2086 # a list of flags
		run as_who env -C "$dir/ro" timeout -k 1 2 "$NSSUPERVISE" \
			--quiet $flags --allow-fs-read="$dir/ro" -- "$node" \
			"$base/cve-files.js" trace
		is "$(ran "$(ls "$dir/ro")" .)" '' \
			"$who: CVE-2026-56847: not where nothing may be written"
	done
}

# The supervisor is the parent; without us it is a shell.
check_parent() {
	cat >"$dir/parent.js" <<-'END'
		for (const signal of ['SIGTERM', 'SIGKILL']) {
			try {
				process.kill(process.ppid, signal);
				console.log(signal + ': sent');
			} catch (error) {
				console.log(signal + ': ' + error.code);
			}
		}
		setTimeout(() => {
			require('fs').writeFileSync(process.argv[2], 'alive');
		}, 200);
	END
	own_tree "$dir"
	# shellcheck disable=SC2016 # for that shell
	run as_who sh -c '"$@"; echo the parent lives' - "$node" \
		"$dir/parent.js" "$dir/out"
	unlike "$OUT" 'parent lives' "$who: a parent is killed, without us"
	sandbox --quiet --allow-child-process --allow-fs-write="$dir/out" -- \
		"$node" "$dir/parent.js" "$dir/out"
	is "$STATUS $OUT" "$(printf '0 SIGTERM: EPERM\nSIGKILL: EPERM')" \
		"$who: the supervisor is not signalled"
}

# As root a baseline would change the mounts of everybody.
alone() {
	[ "$WHO" = user ] || ! command -v unshare >"$TMP/unshare" ||
		set -- unshare --mount "$@"
	run as_who "$@"
}

# What plain JavaScript cannot reach, but a child or an addon can.
check_native() {
	rm -rf "${dir:?}"
	mkdir -p "$dir/open/mounted" "$dir/closed"
	echo SECRET >"$dir/closed/secret"
	own_tree "$dir"
	as_who "$native" victim "$dir/closed/secret" >"$TMP/victim" 2>&1 &
	native_pid=$!
	wait_for "$TMP/victim" '^[0-9]' || diag "no victim"
	victim=$(pgrep -f -n "^$native victim" || echo "$native_pid")
	for name in dirfd opath tmpfile memfd handle mount unshare pivot chroot \
		ptrace vmread vmwrite mem getfd procfd selfmem; do
		set -- "$native" "$name" "$dir" "$victim" "$(cat "$TMP/victim")"
		alone "$@"
		case $OUT in
		"$name: SECRET"*) ;;
		*)
			diag "$who: $name: nothing to refuse: $OUT"
			continue
			;;
		esac
		for flags in --quiet "--allow-child-process=$native" \
			"--allow-fs-metadata --allow-net"; do
			# shellcheck disable=SC2086 # a list of flags
			sandbox --quiet $flags --allow-fs-read="$dir/open" \
				--allow-fs-write="$dir/open" --allow-fs-read=/bin \
				--allow-fs-read=/usr/bin -- "$@"
			like "$OUT" "^$name: [A-Z][a-z]" \
				"$who: native: $name, $flags"
		done
	done
	sandbox --quiet --allow-fs-read=/ --allow-fs-write=/ -- "$native" \
		selfmem "$dir"
	like "$OUT" '^selfmem: [A-Z][a-z]' "$who: native: selfmem, every file"
	stop_all
}

end_of_cve() {
	end_status=$?
	stop_all
	(exit "$end_status")
	end_of_test
}
trap end_of_cve EXIT

diag 'CVE-2024-37372: no meaning here: UNC paths, which only Windows has'
diag 'a hard link made before: no attack here: it is a name of the file like
any other, and who made it inside a grant has granted it'
seen=
make_raw
for version in ${CVE_NODES:-20 22 24 26}; do
	node=$(node_path "$version") || {
		skip "there is no Node.js $version"
		continue
	}
	node=$(reachable "$node")
	for WHO in $(identities); do
		# The same decisions: one version shows that.
		[ "$WHO" = user ] || [ "$version" = 26 ] || continue
		who="v$version, $WHO"
		base=$USER_TMP
		[ "$WHO" = user ] || base=$TMP
		dir=$base/cve
		cp "$top_srcdir/tests/attack/cve-files.js" "$base"
		check_files
		check_modules
		check_grants
		check_inspector
		check_trace
		check_parent
	done
done
for WHO in $(identities); do
	who=$WHO
	check_native
done

# No attack of the tables has lost its meaning on every version.
if [ -z "${CVE_NODES-}" ]; then
	for row in $(rows "$file_attacks") $(rows "$module_attacks"); do
		case "$seen " in
		*" ${row%:*} "*) ;;
		*) fail "${row%:*} works without us on some version" ;;
		esac
	done
fi
done_testing
