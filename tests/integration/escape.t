#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ways out of a granted directory: every one is refused, reported in the form
# that the manual gives, and the flag that the report suggests allows it.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

node=$(reachable "$(default_node)")
python=$(find_python)
build_static
scripts=$TMP/scripts
mkdir "$scripts"
cp "$top_srcdir"/tests/integration/escape.* "$scripts/"

make_tree() {
	top=$TMP/$WHO
	app=$top/app
	write=$top/write
	secret=$top/secret
	home=$top/home
	mkdir -p "$app/sub" "$write" "$secret" "$home/.ssh"
	echo inside >"$app/inside"
	echo SECRET >"$secret/file"
	echo SECRET >"$home/.ssh/id_ed25519"
	ln -s "$secret/file" "$app/link"
	ln -s ../secret "$app/linkdir"
	ln -s link "$app/link2"
	ln -s /etc/shadow "$app/shadow"
	[ "$WHO" = root ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$top"
}

# start RUNTIME [OPTION...] -- OP...: in $app, with $app readable and $write
# writable.
start() {
	start_runtime=$1
	shift
	start_options=
	while [ "$1" != -- ]; do
		start_options="$start_options $1"
		shift
	done
	shift
	case $start_runtime in
	node) set -- "$node" "$scripts/escape.js" "$@" ;;
	python) set -- "$python" "$scripts/escape.py" "$@" ;;
	shell) set -- /bin/sh "$scripts/escape.sh" "$@" ;;
	static) set -- "$target_static" "$@" ;;
	esac
	[ "$start_runtime" != python ] ||
		start_options="$start_options --runtime=python"
	[ "$start_runtime" != shell ] ||
		start_options="$start_options --runtime=shell"
	# shellcheck disable=SC2086 # words without blanks
	run as_who env -C "$app" PWD="$app" HOME="$home" timeout -k 5 60 "$NSSUPERVISE" \
		--allow-fs-read="$app" --allow-fs-read="$write" \
		--allow-fs-write="$write" $start_options -- "$@"
}

# The flag that the last denial suggests.
suggested() {
	printf '%s\n' "$ERR" | sed -n 's/^nssupervise: denied .*; to allow: //p' |
		tail -n 1
}

# How the runtimes call it.
denied='(EACCES|ERR_ACCESS_DENIED)'

# refused RUNTIME NAME PATH ASKED RESOLVED: reading PATH, which a report calls
# ASKED and which is RESOLVED (empty: the same).
refused() {
	refused_name="$1, $WHO: $2"
	start "$1" -- "line:$3"
	like "$OUT" "^line $(ere "$3"): $denied\$" "$refused_name is refused"
	unlike "$OUT" 'SECRET|root:' "$refused_name delivers nothing"
	like "$ERR" "$(denial read "$4" ${5:+"$5"})" "$refused_name is reported"
	refused_flag=$(suggested)
	[ "$WHO" = root ] || [ "${5:-$4}" != /etc/shadow ] || return 0
	start "$1" "$refused_flag" -- "read:$3"
	like "$OUT" "^read $(ere "$3"): OK\$" "$refused_name works with the flag"
	unlike "$ERR" denied "$refused_name works without a report"
}

ways_to_read() {
	refused "$1" "an absolute path" /etc/shadow /etc/shadow
	refused "$1" "a key in the home directory" "$home/.ssh/id_ed25519" \
		"$home/.ssh/id_ed25519"
	refused "$1" "a symlink" "$app/link" "$app/link" "$secret/file"
	refused "$1" "a symlink to /etc/shadow" shadow "$app/shadow" /etc/shadow
	refused "$1" "a symlink to a symlink" link2 "$app/link2" "$secret/file"
	refused "$1" "a symlinked directory" linkdir/file "$app/linkdir/file" \
		"$secret/file"
	refused "$1" "dots" "$app/../secret/file" "$app/../secret/file" \
		"$secret/file"
	refused "$1" "dots behind a symlink" linkdir/../secret/file \
		"$app/linkdir/../secret/file" "$secret/file"
	refused "$1" "/proc/self/root" "/proc/self/root$secret/file" \
		"/proc/self/root$secret/file" "$secret/file"
	refused "$1" "/proc/self/cwd" /proc/self/cwd/../secret/file \
		/proc/self/cwd/../secret/file "$secret/file"
	refused "$1" "/proc/thread-self/root" \
		"/proc/thread-self/root$secret/file" \
		"/proc/thread-self/root$secret/file" "$secret/file"
}

allowed_things() {
	start "$1" -- line:inside "line:$app/sub/../inside" \
		"line:/proc/self/cwd/inside" "line:/proc/self/root$app/inside"
	is "$(printf '%s\n' "$OUT" | grep -c ': inside$')" 4 \
		"$1, $WHO: the same ways lead to what is granted"
	is "$ERR" "" "$1, $WHO: and nothing is reported"
}

# Links that the program itself tries to make.
links() {
	rm -rf "${write:?}"/*
	start "$1" -- "link:$secret/file:$write/hard" "line:$write/hard"
	like "$OUT" "^link .*: ($denied|EXDEV|EPERM)\$" \
		"$1, $WHO: a hard link out is refused"
	unlike "$OUT" SECRET "$1, $WHO: a hard link out delivers nothing"
	ok "$1, $WHO: a hard link out is not made" test ! -e "$write/hard"
	like "$ERR" '^nssupervise: denied .*secret/file' \
		"$1, $WHO: a hard link out is reported"

	start "$1" -- "link:$app/link:$write/hard2" "line:$write/hard2"
	unlike "$OUT" SECRET "$1, $WHO: a hard link to a symlink leads nowhere"

	start "$1" -- "symlink:$secret/file:$write/soft" "line:$write/soft" \
		"symlink:$secret:$write/dir" "line:$write/dir/file"
	like "$OUT" '^symlink .*soft: OK$' "$1, $WHO: a symlink may be made"
	like "$OUT" "^line .*soft: $denied\$" "$1, $WHO: following it is refused"
	like "$OUT" "^line .*dir/file: $denied\$" \
		"$1, $WHO: as is following one to a directory"
	like "$ERR" "$(denial read "$write/soft" "$secret/file")" \
		"$1, $WHO: and reported"

	start "$1" -- "rename:$secret/file:$write/moved" \
		"rename:$secret:$write/secret"
	like "$OUT" "^rename .*moved: ($denied|EXDEV|EPERM)\$" \
		"$1, $WHO: a rename from outside is refused"
	ok "$1, $WHO: the file stays where it was" test -e "$secret/file"

	start "$1" -- "write:$app/inside:changed" "write:$secret/new:x"
	like "$OUT" "^write .*app/inside changed: $denied\$" \
		"$1, $WHO: writing what is only readable is refused"
	like "$OUT" "^write .*secret/new x: $denied\$" \
		"$1, $WHO: creating a file outside is refused"
	is "$(cat "$app/inside")" inside "$1, $WHO: the file is unchanged"
	like "$ERR" "$(denial write "$app/inside")" "$1, $WHO: writing is reported"
}

for WHO in $(identities); do
	make_tree
	for runtime in node python shell static; do
		[ "$runtime" != static ] || [ -x "$target_static" ] || {
			skip "static C, $WHO: it was not built"
			continue
		}
		allowed_things "$runtime"
		ways_to_read "$runtime"
		case $runtime in
		shell)
			# What a shell cannot do itself, its children cannot do either.
			start shell --allow-child-process -- "line:$app/link"
			like "$OUT" ': EACCES$' "shell, $WHO: also with children"
			;;
		*) links "$runtime" ;;
		esac
	done
done

# Names that a shell or our own lists would take apart.
WHO=$(identities | head -n 1)
odd="$secret/a,b c*d\\e'f\"g"
echo SECRET >"$odd"
run "$NSSUPERVISE" -- "$target" "line:$odd"
like "$OUT" ': EACCES$' "an odd name is refused"
flag=$(suggested)
diag "suggested: $flag"
run sh -c "\"\$0\" $flag -- \"\$@\"" "$NSSUPERVISE" "$target" "line:$odd"
like "$OUT" ': SECRET$' "the flag for an odd name works when pasted"
newline="$secret/x
nssupervise denied nothing"
echo SECRET >"$newline"
run "$NSSUPERVISE" -- "$target" "line:$newline"
unlike "$ERR" '^nssupervise denied nothing' "a name with a newline is one line"
like "$ERR" 'x\\x0anssupervise denied nothing' "with the newline escaped"

# Node's own ways in, each of which once went around its permission model.
cat >"$app/cve.js" <<-END
	'use strict';
	const fs = require('fs');
	const path = '$secret/file';
	const dir = '$secret';
	function attempt(name, action) {
	  try {
	    const value = action();
	    console.log(name + ': ' + (value === undefined ? 'OK' : value));
	  } catch (error) {
	    console.log(name + ': ' + (error.code || error.message));
	  }
	}
	attempt('mkdtemp', () => fs.mkdtempSync(dir + '/x'));
	attempt('statfs', () => { fs.statfsSync(dir); });
	attempt('lstat', () => { fs.lstatSync(path); });
	attempt('realpath.native', () => { fs.realpathSync.native(path); });
	attempt('utimes', () => { fs.utimesSync(path, 1, 1); });
	attempt('lutimes', () => { fs.lutimesSync(path, 1, 1); });
	attempt('chmod', () => { fs.chmodSync('$app/inside', 0o777); });
	attempt('fchmod', () => { fs.fchmodSync(fs.openSync('$app/inside'), 0o777); });
	attempt('fchown', () => { fs.fchownSync(fs.openSync('$app/inside'), 0, 0); });
	attempt('futimes', () => { fs.futimesSync(fs.openSync('$app/inside'), 1, 1); });
	attempt('access', () => { fs.accessSync(path); });
	attempt('opendir', () => { fs.opendirSync(dir); });
	attempt('copy in', () => { fs.copyFileSync(path, '$write/copy'); });
	attempt('copy out', () => { fs.copyFileSync('$app/inside', dir + '/copy'); });
	attempt('cp', () => { fs.cpSync(dir, '$write/tree', { recursive: true }); });
	attempt('watch', () => { fs.watch(dir).close(); });
	attempt('buffer path', () => { fs.readFileSync(Buffer.from(path)); });
	attempt('url path', () => { fs.readFileSync(new URL('file://' + path)); });
	attempt('binding', () => { if (!process.binding('fs').internalModuleReadJSON(path)[0]) throw new Error('EACCES'); });
	attempt('dlopen', () => { process.dlopen({ exports: {} }, path); });
	attempt('report', () => { process.report.writeReport(dir + '/report'); if (!fs.existsSync(dir + '/report')) throw new Error('EACCES'); });
	attempt('heap', () => { require('v8').writeHeapSnapshot(dir + '/heap'); });
	attempt('fork', () => {
	  const child = require('child_process').spawnSync('/bin/cat', [path]);
	  if (child.error) throw child.error;
	});
	attempt('worker', () => {
	  new (require('worker_threads').Worker)(
	    "const { parentPort } = require('worker_threads');" +
	    "try { require('fs').readFileSync('" + path + "'); console.log('in worker: OK'); }" +
	    "catch (error) { console.log('in worker: ' + error.code); }", { eval: true })
	    .on('error', () => console.log('in worker: refused'));
	});
END
before=$(cd "$top" && find . -printf '%p %m %s %T@ %U\n' | grep -v '/write' | sort)
run env -C "$app" "$NSSUPERVISE" \
	--allow-fs-read="$app" --allow-fs-read="$write" \
	--allow-fs-write="$write" --allow-worker -- "$node" cve.js
for name in mkdtemp statfs lstat realpath.native utimes lutimes chmod fchmod \
	fchown futimes access opendir 'copy in' 'copy out' cp watch 'buffer path' \
	'url path' binding dlopen report heap fork 'in worker'; do
	found=$(printf '%s\n' "$OUT" | grep "^$name: ")
	like "$found" '^[a-zA-Z. ]+: ' "node: $name was tried"
	unlike "$found" ': (OK|[0-9/])' "node: $name is refused"
done
ok "node: nothing was copied in" test ! -e "$write/copy" -a ! -e "$write/tree/file"
is "$(cd "$top" && find . -printf '%p %m %s %T@ %U\n' | grep -v '/write' | sort)" \
	"$before" "node: nothing changed outside the write grant"

done_testing
