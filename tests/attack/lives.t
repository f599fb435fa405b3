#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Processes and threads that begin and end where nobody expects it, and what
# goes with them: privileges, core files, locks, descriptors. The names in
# brackets are those of doc/ATTACKS.md.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/attack-lives" ] ||
	skip_all "the attack is not built"
lives=$(reachable "$top_builddir/tests/attack/attack-lives")
chmod 755 "$TMP"
dir=$USER_TMP/lives
WHO=$(identities | tail -n 1)
as_who mkdir "$dir" "$dir/read" "$dir/write"
echo inside >"$dir/read/file"
mkfifo "$dir/read/fifo"

# same NAME ARG...: of the attack, as without us. $options are ours.
same() {
	same_name=$1
	shift
	run as_who timeout -k 5 60 "$lives" "$@"
	same_out=$OUT-$STATUS
	# shellcheck disable=SC2086 # words without blanks
	sandbox --allow-fs-read="$dir/read" --quiet ${options-} -- "$lives" "$@"
	is "$OUT-$STATUS" "$same_out" "$same_name" || diag "$ERR"
}

# T108, T110: the kernel's own way, and with a descriptor of ours: what a
# pattern grants is opened by the supervisor.
for options in "" --allow-fs-read="$dir/read/f*le"; do
	same "T108: closed on exec as asked ${options:+(by us)}" \
		cloexec "$dir/read/file"
	same "T110: a lock ends with its descriptor ${options:+(by us)}" \
		lock "$dir/read/file"
done

# T121: a question is not an execution, but has the same answer.
run as_who "$lives" check /bin/true
if [ "$OUT" = "check: OK" ]; then
	sandbox --quiet -- "$lives" check /bin/true
	like "$OUT" '^check: E(ACCES|PERM)$' "T121: asked, without children"
	sandbox --quiet --allow-child-process=/bin/true -- "$lives" check /bin/true
	is "$OUT" "check: OK" "T121: asked for what may be executed"
	sandbox --quiet --allow-child-process=/bin/true -- "$lives" check /bin/false
	like "$OUT" '^check: E(ACCES|PERM)$' "T121: and for what may not"
else
	skip "T121: this kernel cannot be asked"
fi

# T112: the kernel opens what a script names; the right to the script is not one
# to that.
printf '#!/bin/true\n' >"$dir/read/script"
printf '#!%s\n' "$dir/read/script" >"$dir/read/outer"
chmod 755 "$dir/read/script" "$dir/read/outer"
real=$(realpath /bin/true)
for name in script outer; do
	sandbox --allow-fs-read="$dir/read" \
		--allow-child-process="$dir/read/outer,$dir/read/script" -- \
		"$target" "exec:$dir/read/$name"
	like "$OUT" ': EACCES$' "T112: $name: its interpreter may not run"
	like "$ERR" "denied exec .*--allow-child-process=$(ere "$real")\$" \
		"T112: $name: and that is said"
	sandbox --allow-fs-read="$dir/read" --allow-child-process="$(
		printf '%s,' "$dir/read/outer" "$dir/read/script")$real" -- \
		"$target" "exec:$dir/read/$name"
	like "$OUT" ': OK$' "T112: $name: with it, it runs" || diag "$ERR"
done

# T123: the thread that waits disappears, its number is another's.
options=--allow-child-process
same "T123: a thread becomes a program while another one waits" \
	become "$dir/read/fifo" /bin/true

# T183: bounded, so that only we are tried.
same "T183: a fork bomb, and then we answer as before" bomb 400 \
	"$dir/read/file"
is "$STATUS" 0 "T183: and it ends as it should"
options=

# A child of our own that we never made.
spawn "$dir" "$NSSUPERVISE" --quiet --allow-child-process -- "$lives" sibling
reap
is "$STATUS" 7 "T117: the end of a sibling is not the command's"
sibling=$(sed -n 's/^sibling: //p' "$TMP/spawn.out")
ok "T117: and one that stays is ended" wait_gone "${sibling:-1}"

# T118: programs with the rights of others.
if is_root && cp "$(command -v id)" "$dir/id" && chmod 4755 "$dir/id" &&
	[ "$(as_user "$dir/id" -u)" = 0 ]; then
	WHO=user
	sandbox --quiet --allow-child-process --allow-fs-read="$dir" -- \
		/bin/sh -c "$dir/id -u; $dir/id -ru"
	is "$OUT" "$(printf '%s\n%s' "$tap_uid" "$tap_uid")" \
		"T118: a set-user-ID program has our rights"
	sandbox --quiet --allow-fs-read="$dir" -- "$dir/id" -u
	is "$OUT" "$tap_uid" "T118: also as the command itself"
else
	skip "T118: no set-user-ID program can be made here"
fi

# T119: where options end, the command begins, whatever it is called.
run "$NSSUPERVISE" --quiet -- '--allow-fs-read=*' /bin/cat "$dir/read/file"
# Or 126, where a directory of the path is closed.
like "$STATUS-$OUT" '^12[67]-$' "T119: a command that looks like an option is none"
run "$NSSUPERVISE" --quiet -- /bin/cat '--allow-fs-read=*' "$dir/read/file"
unlike "$OUT" inside "T119: nor are its arguments"
run "$NSSUPERVISE" --quiet /bin/cat "$dir/read/file" '--allow-fs-read=*'
unlike "$OUT" inside "T119: also without the two dashes"

# T120: what is left of a program that crashes, in a place it may not write to,
# and in one it may.
# shellcheck disable=SC3045 # every sh has it
ulimit -c unlimited 2>/dev/null
crash() {
	rm -f "$dir"/write/core* "$dir"/read/core*
	(cd "$1" && shift && run as_who timeout -k 5 60 "$@")
	find "$dir/read" "$dir/write" -name 'core*' | wc -l
}
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ] &&
	[ "$(crash "$dir/write" "$target" raise:6)" = 1 ]; then
	for where in read write; do
		is "$(crash "$dir/$where" "$NSSUPERVISE" --quiet \
			--allow-fs-read="$dir" --allow-fs-write="$dir/write" \
			-- "$target" raise:6)" 0 "T120: no core file ($where)"
	done
else
	skip "T120: no core file is written here anyway"
fi
rm -f "$dir"/write/core* "$dir"/read/core*

# T176: a listed file that becomes shorter while it is copied.
app=$dir/app
mkdir "$app"
python3 -c 'print("GOOD" * 500000, end="")' >"$app/code.js"
cp "$app/code.js" "$TMP/whole.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$app/code.js" "$(sri "$app/code.js")" >"$dir/p.json"
while :; do
	truncate -s 1000 "$app/code.js"
	cat "$TMP/whole.js" >"$app/code.js"
	sleep 0.02
done &
PID=$!
run timeout -k 5 100 "$NSSUPERVISE" --allow-fs-read="$app" --quiet \
	--policy="$dir/p.json" -- "$top_builddir/tests/attack/attack-readers" \
	loop "$app/code.js" "$(head -c 4096 "$TMP/whole.js")" 1000
is "$STATUS" 0 "T176: a file that shrinks ends nobody"
kill "$PID"
reap
like "$OUT" 'good=[1-9]' "T176: it is read when it is whole"
like "$OUT" ' other=0$' "T176: nor does another byte arrive"
diag "$OUT"

done_testing
