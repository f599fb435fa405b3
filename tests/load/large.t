#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Large manifests and large files: 20,000 entries, listed files of 200 MB, one
# of a tebibyte without blocks (T127). Right answers, bounded memory; times
# are told, never judged.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

load=$top_builddir/tests/load/load
[ -x "$load" ] || skip_all 'tests/load/load is not built'
load=$(reachable "$load")
python=$(find_python) || skip_all 'python3 is not installed'
WHO=user
dir=$USER_TMP/large
SIZE=200000000

now_ms() {
	date +%s%3N
}

# timed NAME COMMAND...: run, and tell how long it took.
timed() {
	timed_name=$1
	shift
	timed_start=$(now_ms)
	run as_who timeout -k 5 120 "$@"
	diag "$timed_name: $(($(now_ms) - timed_start)) ms"
}

# 20,000 entries.
as_who "$python" -c '
import os, sys
for p in range(200):
    path = f"{sys.argv[1]}/app/node_modules/p{p}"
    os.makedirs(path)
    for m in range(100):
        with open(f"{path}/m{m}.js", "w") as file:
            file.write(f"module.exports = {p * 100 + m};\n")
' "$dir"
timed generate "$NSPOLICY" generate --root="$dir/app"
cp "$TMP/.out" "$dir/policy.json"
is "$(grep -c '"integrity"' "$dir/policy.json")" 20000 'generate lists 20,000 files'
timed check "$NSPOLICY" check --root="$dir/app" "$dir/policy.json"
like "$OUT" '^20000 good, 0 changed, 0 missing, 0 unlisted' 'check finds all of them'
timed explain "$NSPOLICY" explain "$dir/policy.json" \
	"$dir/app/node_modules/p150/m42.js"
like "$OUT" '^match .*/p150/m42\.js$' 'explain finds one of them'
echo '// changed' >>"$dir/app/node_modules/p199/m99.js"
echo 'x' >"$dir/app/node_modules/p7/new.js"
timed 'check, changed' "$NSPOLICY" check --root="$dir/app" "$dir/policy.json"
like "$OUT" '19999 good, 1 changed, 0 missing, 1 unlisted' 'check finds what was changed'

# One in a hundred, all over the manifest, and the three that are not as listed.
cat >"$dir/app/read.py" <<-'END'
	import sys, time
	app, want, start, right = sys.argv[1], {}, time.time(), 0
	def read(name):
	    try:
	        with open(f"{app}/node_modules/{name}") as file:
	            return file.read().strip()
	    except PermissionError:
	        return "refused"
	for n in range(0, 20000, 20):
	    right += read(f"p{n // 100}/m{n % 100}.js") == f"module.exports = {n};"
	took = (time.time() - start) / len(range(0, 20000, 20)) * 1e6
	print("right", right, "of", len(range(0, 20000, 20)))
	print("changed", read("p199/m99.js"))
	print("good", read("p199/m98.js"))
	with open("/proc/self/stat") as file:
	    parent = file.read().rsplit(")", 1)[1].split()[1]
	print("us each", round(took))
	sys.stdout.flush()
	sys.stdin.read()
END
edit_json "$dir/policy.json" \
	"m['resources']['$dir/app/read.py'] = {'integrity': '$(sri "$dir/app/read.py")'}"
mkfifo "$dir/stdin"
chmod 666 "$dir/stdin"
STDIN=$dir/stdin
exec 9<>"$dir/stdin"
started=$(now_ms)
spawn "$dir" "$NSSUPERVISE" --policy="$dir/policy.json" --quiet \
	--allow-fs-read="$dir" -- "$python" "$dir/app/read.py" "$dir/app"
wait_for "$TMP/spawn.out" '^us each' || diag "$(cat "$TMP/spawn.err")"
diag "started and read: $(($(now_ms) - started)) ms; $(grep '^us' "$TMP/spawn.out")"
like "$(cat "$TMP/spawn.out")" '^right 1000 of 1000$' '20,000 entries: each file is its own'
like "$(cat "$TMP/spawn.out")" '^changed refused$' '20,000 entries: the changed one is refused'
like "$(cat "$TMP/spawn.out")" '^good module.exports = 19998;$' 'and the one beside it is read'
memory_kb() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}
verifier=
children=$(cat "/proc/$PID"/task/*/children)
for child in $children; do
	! grep -q '^nsverifyd$' "/proc/$child/comm" || verifier=${verifier:-$child}
done
if is_sanitized; then
	skip 'memory: a sanitizer takes some of its own'
else
	ok 'the supervisor takes less than 64 MB' \
		test "$(memory_kb "$PID")" -lt 65536
	ok 'the verifier takes less than 128 MB' \
		test "$(memory_kb "$verifier")" -lt 131072
fi
diag "supervisor $(memory_kb "$PID") kB, verifier $(memory_kb "$verifier") kB"
exec 9>&-
STDIN=
kill "$PID"
reap

# Listed files of 200 MB: four threads each.
as_who mkdir "$dir/big"
for n in 1 2 3; do
	as_who truncate -s $SIZE "$dir/big/f$n.js"
	# shellcheck disable=SC2016 # for the other shell
	as_who sh -c 'echo "// $1" >>"$0"' "$dir/big/f$n.js" "$n"
done
echo '// huge' >"$dir/big/huge.js"
chmod 666 "$dir/big/huge.js"
echo '// small' >"$dir/big/small.js"
timed 'hash of 600 MB' "$NSPOLICY" generate --root="$dir/big"
cp "$TMP/.out" "$dir/big.json"
echo 'x' >>"$dir/big/f2.js"
as_who truncate -s 1T "$dir/big/huge.js"

# Whoever waits longer than the deadline is refused, on a very busy machine; what
# was verified meanwhile is kept. So: until it is served, but not for ever.
# shellcheck disable=SC2016 # for the other shell
until_served='until_served() {
	n=0
	while [ $n -lt 8 ] && [ "$("$load" x read "$1" 1)" = EACCES ]; do
		n=$((n + 1))
	done
	"$load" x read "$1" "$2"
}
load=$0
'
big() {
	big_name=$1
	shift
	timed "$big_name" "$NSSUPERVISE" --policy="$dir/big.json" \
		--allow-fs-read="$dir/big" --allow-fs-read="$load" \
		--allow-child-process -- "$@"
	diag "$(printf '%s\n' "$OUT" | tr '\n' ';')"
}
# shellcheck disable=SC2016 # for the other shell
big 'good, four threads' /bin/sh -c "$until_served"'
	until_served "$1" 4' "$load" "$dir/big/f1.js"
is "$(printf '%s\n' "$OUT" | grep -c "^$((SIZE + 5)) ")" 4 \
	'a good file of 200 MB is served to all'
big 'changed, four threads' "$load" "$dir" read "$dir/big/f2.js" 4
is "$(printf '%s\n' "$OUT" | grep -c '^EACCES$')" 4 'a changed one to nobody'
unlike "$ERR" 'verifier failed' 'and the verifier is well'
# shellcheck disable=SC2016 # for the other shell
big 'several at once' /bin/sh -c "$until_served"'
	for f in f1 f3; do until_served "$1/$f.js" 2 & done
	for f in huge small; do "$0" x read "$1/$f.js" 2 & done; wait' \
	"$load" "$dir/big"
is "$(printf '%s\n' "$OUT" | grep -c "^$((SIZE + 5)) ")" 4 'several: the good ones are served'
is "$(printf '%s\n' "$OUT" | grep -c '^9 ')" 2 'the small one as well'
is "$(printf '%s\n' "$OUT" | grep -c '^EACCES$')" 2 'the one that is too large is refused'
like "$ERR" 'huge\.js .*larger than 512 MiB' 'T127: a tebibyte is refused, and told why'
unlike "$ERR" 'verifier failed' 'several: the verifier is well'

done_testing
