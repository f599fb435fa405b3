#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The preload for Node: what the flags refuse looks as under Node's own
# permission model, what they allow as without us; and the kernel refuses
# what a program does that undoes it.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

dir=$TMP/shim
mkdir "$dir" "$dir/open" "$dir/closed" "$dir/write"
cp "$top_srcdir"/tests/integration/shim-*.js "$dir/"
echo inside >"$dir/open/file"
for name in secret secret.js secret.mjs; do
	echo "exports.secret = 'secret';" >"$dir/closed/$name"
done
ln -s ../closed/secret "$dir/open/link"
chmod 777 "$dir/open" "$dir/write"

# node_run FLAG... -- FILE [ARG]...: with the flags, the files may be read.
node_run() {
	node_flags=
	while [ "$1" != -- ]; do
		node_flags="$node_flags $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # no flag has a blank
	sandbox --quiet --allow-fs-read="$dir/*.js" $node_flags -- "$node" "$@"
}

# refusal NAME PERMISSION RESOURCE FLAG: a line of shim-refused.js
refusal() {
	echo "$1: Error; ERR_ACCESS_DENIED; code,permission,resource; $2; '$3';" \
		"Access to this API has been restricted. Use --allow-$4 to manage" \
		"permissions."
}

refusals=$(
	refusal child ChildProcess program child-process
	refusal shell ChildProcess /bin/sh child-process
	refusal fork ChildProcess program child-process
	refusal worker WorkerThreads '' worker
	refusal inspector Inspector '' inspector
	refusal wasi WASI '' wasi
	refusal cluster ChildProcess program child-process
	echo "addon: Error; ERR_DLOPEN_DISABLED; code; ; undefined;" \
		"Cannot load native addon because loading addons is disabled."
)
workers=$(
	for name in plain execArgv env both shared 'own options' \
		'without, plain' 'without, execArgv' 'without, shared'; do
		echo "$name object,ERR_ACCESS_DENIED,done"
	done
	echo '{"execArgv":[],"env":{}}'
	echo 'true true true Worker 1 true'
	echo 'ERR_INVALID_ARG_TYPE ERR_WORKER_PATH ERR_INVALID_ARG_TYPE'
)
children=$(
	for name in execFileSync execSync spawnSync 'spawnSync, shell' execFile \
		exec spawn fork cluster NODE_OPTIONS=; do
		echo "$name object,ERR_ACCESS_DENIED"
	done
	echo 'the same true'
	echo 'NODE_OPTIONS=--no-warnings object,ERR_ACCESS_DENIED'
	echo 'the same true'
	echo 'deleted object,ERR_ACCESS_DENIED'
	echo 'the same {"execArgv":[],"env":{}}'
	echo 'execve object,ERR_ACCESS_DENIED'
)
programs='absolute done
PATH done
its own PATH done
directory done
runtime done
other ERR_ACCESS_DENIED ChildProcess /bin/cat
other by PATH ERR_ACCESS_DENIED ChildProcess cat
spawn ERR_ACCESS_DENIED ChildProcess cat
shell ERR_ACCESS_DENIED ChildProcess /bin/sh
has undefined true
has /bin/echo true
has echo true
has /bin/cat false
has cat false
has  false'
signals='none 0 false
ours
one 1 true
removed 0 false
once
once 0 false
after 0 false
nothing left 0 false'
hostile='binding ERR_ACCESS_DENIED
rebound EACCES|ERR_ACCESS_DENIED
worker ERR_WORKER_INIT_FAILED
after the lock asked
the pool works'

# What the file functions say is the same with the preload and without it.
check_same() {
	for same_runtime in none auto; do
		rm -rf "$dir/write/same"
		as_who mkdir "$dir/write/same"
		run as_who env -C "$dir/write/same" timeout -k 5 60 "$NSSUPERVISE" --quiet \
			--runtime=$same_runtime --allow-worker --allow-fs-read='*' \
			--allow-fs-write="$dir/write" -- "$node" "$dir/shim-same.js"
		[ "$STATUS" -eq 0 ] || diag "$ERR"
		printf '%s\n' "$OUT" >"$TMP/same.$same_runtime"
	done
	ok "$1, what is allowed: as without the preload" \
		diff -a "$TMP/same.none" "$TMP/same.auto"
	ok "$1, what is allowed: there is something" \
		grep -q '^createReadStream ERROR' "$TMP/same.auto"
}

check_version() {
	node_run --allow-fs-read="$dir/open" -- "$dir/shim-denials.js" \
		"$dir/open" "$dir/closed"
	is "$OUT$ERR" 'all as in Node' "$1, denied files"
	node_run --allow-fs-read="$dir/open,$dir/write" \
		--allow-fs-write="$dir/write" -- \
		"$dir/shim-has.js" "$dir/open" "$dir/write" "$dir/closed"
	is "$OUT$ERR" 'all as in Node' "$1, process.permission"
	node_run -- --no-warnings "$dir/shim-refused.js"
	is "$OUT$ERR" "$refusals" "$1, what has flags of its own"
	node_run --allow-worker -- "$dir/shim-workers.js" "$dir/closed/secret"
	is "$OUT$ERR" "$workers" "$1, workers"
	node_run --allow-child-process -- --no-warnings \
		"$dir/shim-children.js" "$dir/closed/secret"
	is "$OUT$ERR" "$children" "$1, children"
	check_same "$1"
}

check_once() {
	node_run --allow-child-process=/bin/echo -- "$dir/shim-programs.js"
	is "$OUT$ERR" "$programs" "$1, a list of programs"
	node_run -- "$dir/shim-signal.js"
	is "$OUT$ERR$STATUS" "${signals}0" "$1, SIGUSR1"
	node_run -- --expose-internals "$dir/shim-hostile.js" "$dir/closed/secret"
	is "$(echo "$OUT" | sed 's/^rebound .*/rebound EACCES|ERR_ACCESS_DENIED/')" \
		"$hostile" "$1, the preload undone"
	unlike "$OUT$ERR" 'exports.secret|a Worker ran' "$1, and nothing got through"
}

# Nothing of the preload shows where nothing is refused.
check_quiet() {
	run env NODE_PENDING_DEPRECATION=1 "$NSSUPERVISE" \
		--allow-env='*,NODE_PENDING_DEPRECATION' -- "$node" -p 1+1
	is "$OUT-$ERR" 2- "$1, -p"
	echo 'console.log(typeof process.permission)' >"$TMP/input"
	STATUS=0
	OUT=$("$NSSUPERVISE" -- "$node" <"$TMP/input" 2>&1) || STATUS=$?
	is "$OUT-$STATUS" object-0 "$1, a script on standard input"
	run "$NSSUPERVISE" -- "$node" -e 'process.exitCode = 3'
	is "$OUT$ERR-$STATUS" -3 "$1, the exit code"
	echo '6 * 7' >"$TMP/input"
	OUT=$("$NSSUPERVISE" -- "$node" -i <"$TMP/input" 2>&1)
	like "$OUT" '42$' "$1, the prompt"
	run "$NSSUPERVISE" -- "$node" -e 'const { runInNewContext } =
		require("vm"); console.log(runInNewContext("6 * 7"), runInNewContext(
		"5", {}, { breakOnSigint: true })); try { runInNewContext("1", {},
		{ timeout: 1000 }); } catch ({ permission }) {
		console.log(permission); }'
	is "$OUT$ERR-$STATUS" '42 5
WorkerThreads-0' "$1, other contexts"
	run "$NSSUPERVISE" --allow-fs-read='*' -- "$node" -e \
		'require("fs").readFileSync("/none")'
	like "$ERR" "^Error: ENOENT: .* '/none'" "$1, an uncaught error"
	unlike "$ERR" 'shim' "$1, does not mention the preload"
	run "$NSSUPERVISE" --report-only --quiet -- "$node" -e \
		'console.log(require("child_process").execSync("echo done") + "",
		process.permission.has("child"))'
	is "$OUT" "done
 false" "$1, --report-only"
	run "$node" --require="$top_srcdir/src/shim/node-shim.cjs" -p \
		'typeof process.permission'
	is "$OUT-$ERR" undefined- "$1, without nssupervise"
}

for version in system 20 22 24 26; do
	if [ "$version" = system ]; then
		node=$(command -v node)
	else
		node=$(node_path "$version") || {
			skip "node $version is not in the cache"
			continue
		}
	fi
	for WHO in $(identities); do
		check_version "node $version, $WHO"
	done
	check_once "node $version"
	WHO=
	check_quiet "node $version"
done

done_testing
