#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starting and ending: signals, the terminal, descriptors, what is left behind,
# privileges, #! chains, and what holds when the supervisor is killed.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

dir=$TMP/launch
mkdir "$dir"
echo inside >"$dir/file"
pty="$(find_python) $top_srcdir/tests/integration/terminal.py"

# Standard streams are the command's own.
printf 'one\ntwo\n' >"$dir/in"
run "$NSSUPERVISE" -- /bin/cat <"$dir/in"
is "$OUT" "$(cat "$dir/in")" "standard input and output pass through"
run timeout -k 5 20 sh -c '"$@" | head -n 1' sh "$NSSUPERVISE" -- \
	/bin/sh -c 'while echo line; do :; done'
is "$OUT-$STATUS" line-0 "a reader that goes away ends the command"
run "$NSSUPERVISE" --allow-fs-read="$dir" -- /bin/cat "$dir/file" "$dir/none"
is "$OUT" inside "standard output holds what the command printed"
like "$ERR" 'none: No such file' "standard error holds what it said"
run sh -c '"$@" <&-' sh "$NSSUPERVISE" -- "$target" env:NOTHING
is "$OUT" "env NOTHING: (unset)" "starts with standard input closed"

# Descriptors.
exec 7<"$dir/in" 8<"$dir/in"
run "$NSSUPERVISE" -- "$target" fds fdline:7
is "$OUT" "$(printf 'fds: 0 1 2\nfdline 7: EBADF')" \
	"no descriptor but 0, 1 and 2 is passed on"
run "$NSSUPERVISE" --pass-fd=8 -- "$target" fds fdline:8
is "$OUT" "$(printf 'fds: 0 1 2 8\nfdline 8: one')" "--pass-fd passes one"
exec 7<&- 8<&-
run "$NSSUPERVISE" --allow-fs-read="$dir" -- "$target" listeners parentfd
is "$OUT" "$(printf 'listeners: 0\nparentfd: EPERM')" \
	"the listener is not within reach"
run sh -c 'exec 3<"$1" 4<"$1"; LISTEN_FDS=2 LISTEN_PID=$$ WATCHDOG_PID=$$ WATCHDOG_USEC=9000000
	export LISTEN_FDS LISTEN_PID WATCHDOG_PID WATCHDOG_USEC; shift; exec "$@"' sh \
	"$dir/in" "$NSSUPERVISE" -- "$target" fds pid env:LISTEN_PID \
	env:LISTEN_FDS env:WATCHDOG_PID
pid=$(printf '%s\n' "$OUT" | sed -n 's/^pid: //p')
is "$OUT" "fds: 0 1 2 3 4
pid: $pid
env LISTEN_PID: $pid
env LISTEN_FDS: 2
env WATCHDOG_PID: $pid" "LISTEN_FDS are passed, for the command's own pid"
for option in --status-fd=4 --log=fd:4; do
	# shellcheck disable=SC2016 # for another shell
	run sh -c 'LISTEN_FDS=2 LISTEN_PID=$$; export LISTEN_FDS LISTEN_PID
		exec "$@"' sh "$NSSUPERVISE" "$option" -- "$target" fds \
		3<"$dir/in" 4>"$dir/status"
	is "$STATUS $OUT" '125 ' "$option: what we write to is not one of them"
done

# Privileges.
run "$NSSUPERVISE" -- "$target" caps
# Only root can empty the bounding set; without it nothing can be gained anyway.
bounding='b=0'
is_root || bounding='b=[0-9]+'
like "$OUT" "^caps: e=00 p=00 i=00 $bounding a=0 nnp=1\$" "no capability is left"
WHO=user
sandbox -- "$target" caps
like "$OUT" 'e=00 p=00 i=00 .* nnp=1$' "nor for an ordinary user"
WHO=

# Environment.
run env LD_PRELOAD= LD_LIBRARY_PATH=/nowhere NODE_OPTIONS=--no-warnings \
	BASH_ENV=/nowhere ENV=/nowhere PYTHONPATH=/nowhere PLAIN=kept \
	"$NSSUPERVISE" -- "$target" env:PLAIN env:LD_LIBRARY_PATH \
	env:NODE_OPTIONS env:BASH_ENV env:ENV env:PYTHONPATH
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"kept (unset) (unset) (unset) (unset) (unset) " \
	"variables that inject code are dropped, others are kept"
run env ONE=1 TWO=2 TWOMORE=3 "$NSSUPERVISE" --allow-env=ONE,TWO* -- \
	"$target" env:ONE env:TWO env:TWOMORE env:PATH
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "1 2 3 (unset) " \
	"--allow-env passes only what it names"

# Signals.
for signal in TERM:15 HUP:1 INT:2 USR2:12 QUIT:3; do
	spawn "$dir" "$NSSUPERVISE" -- "$target" "count:${signal#*:}:1500"
	wait_for "$TMP/spawn.err" ready
	kill -s "${signal%:*}" "$PID"
	reap
	is "$(cat "$TMP/spawn.out")" "count ${signal#*:} 1500: 1" \
		"SIG${signal%:*} reaches the command once"
done
spawn "$dir" "$NSSUPERVISE" -- "$target" sleep:20000
sleep 0.5
kill -TERM "$PID"
reap
is "$STATUS" 143 "a command that a signal ends: nssupervise ends by it too"

# The terminal.
# shellcheck disable=SC2086,SC2016 # words without blanks; for another shell
{
	run $pty interrupt "$NSSUPERVISE" -- "$target" count:2:1500
	like "$OUT" '^count 2 1500: 1$' "^C reaches the command once"
	like "$OUT" '^status 0$' "and only the command decides what follows"
	run $pty interrupt "$NSSUPERVISE" -- /bin/sh -c 'echo ready; read x; sleep 30'
	like "$OUT" '^(signal 2|status 130)$' "^C ends a command that does not mind it"
	run $pty suspend "$NSSUPERVISE" -- /bin/sh -c 'echo ready; read x; read x'
	like "$OUT" '^stopped$' "^Z stops the command and us"
	like "$OUT" '^continued' "and both go on"
	like "$OUT" '^(signal 2|status 130)$' "and end by ^C"
	run $pty type "$NSSUPERVISE" -- /bin/sh -c \
		'echo ready; read x; echo "got $x"; stty -a >/dev/null; test -t 0 && echo tty'
	like "$OUT" '^got typed$' "what is typed is read"
	like "$OUT" '^tty$' "and standard input is a terminal"
	run $pty type "$NSSUPERVISE" -- /bin/sh -c \
		'echo ready; read x </dev/tty; echo "got $x"'
	like "$OUT" '^got typed$' "/dev/tty is the command's terminal"
	run $pty nothing "$NSSUPERVISE" -- "$target" tiocsti tiocsti:high
	is "$(printf '%s\n' "$OUT" | grep -c 'tiocsti.*: EPERM')" 2 \
		"nothing can be typed into the terminal"
}
run "$target" group
here=$OUT
run env "$NSSUPERVISE" -- "$target" group
is "$OUT" "$here" "the command stays in our process group and session"

# Scripts.
script() {
	# shellcheck disable=SC2016 # for the script
	printf '%s\n' "$2" 'echo "ran with $1"' >"$dir/$1"
	chmod +x "$dir/$1"
}
script plain '#!/bin/sh'
script by-env '#!/usr/bin/env sh'
script by-env-s '#!/usr/bin/env -S sh -e'
printf '#!%s\n' "$dir/plain" >"$dir/chain"
chmod +x "$dir/chain"
for name in plain by-env by-env-s; do
	run "$NSSUPERVISE" -- "$dir/$name" word
	is "$OUT" "ran with word" "#! $name: runs, its script is readable"
done
run "$NSSUPERVISE" -- "$dir/chain" word
is "$OUT" "ran with $dir/chain" "#! of a script whose interpreter is a script"
if npm=$(command -v npm); then
	mkdir "$dir/npm"
	echo '{ "name": "x", "version": "1.0.0", "scripts": { "hi": "echo npm ran this" } }' \
		>"$dir/npm/package.json"
	run env -C "$dir/npm" HOME="$dir/npm" npm_config_globalconfig=/dev/null \
		npm_config_update_notifier=false timeout -k 5 60 "$NSSUPERVISE" \
		--allow-fs-read="$dir/npm" --allow-fs-write="$dir/npm" \
		--allow-fs-read="$(dirname "$(dirname "$(realpath "$npm")")")" \
		--allow-child-process -- npm run hi
	like "$OUT" '^npm ran this$' "npm, by its #!/usr/bin/env, runs a script"
	[ "$STATUS" -eq 0 ] || diag "$ERR"
else
	skip "npm is not here"
fi

# Children, and what they leave behind.
run "$NSSUPERVISE" -- "$target" fork vfork thread exec:/bin/true
is "$(printf '%s\n' "$OUT" | sed 's/EACCES/EPERM/')" "fork: EPERM
vfork: EPERM
thread: OK
exec /bin/true: EPERM" "without --allow-child-process there is no child"
run "$NSSUPERVISE" --allow-child-process -- "$target" fork vfork \
	exec:/bin/true exec:/bin/false
is "$OUT" "fork: OK
vfork: OK
exec /bin/true: OK
exec /bin/false: status 1" "with it there is"
run "$NSSUPERVISE" --allow-child-process=/bin/true -- "$target" \
	exec:/bin/true exec:/bin/false memfdexec:/bin/false
is "$(printf '%s\n' "$OUT" | head -n 2)" "exec /bin/true: OK
exec /bin/false: EACCES" "with a list, only the programs in it"
like "$OUT" '^memfdexec .*: E(ACCES|PERM|NOSYS)$' "and none from memory"
cp /bin/true "$dir/own"
run "$NSSUPERVISE" --allow-child-process=/bin/true --allow-fs-read="$dir" \
	--allow-fs-write="$dir" -- "$target" "exec:$dir/own" \
	"exec:/bin/true" "exec:/lib64/ld-linux-x86-64.so.2:$dir/own"
like "$OUT" '^exec .*own: EACCES$' "nor a file of a writable directory"
like "$OUT" '^exec .*ld-linux.*own: (EACCES|status [0-9]+)$' \
	"nor by the ELF interpreter"

leftover="$dir/leftover"
spawn "$dir" "$NSSUPERVISE" --allow-child-process --allow-fs-write="$leftover" \
	-- /bin/sh -c 'trap "" HUP; sleep 60 & echo $! >'"$leftover"'; exit 5'
reap
is "$STATUS" 5 "a command that leaves a child: its status"
left=$(cat "$leftover")
ok "what it left is ended" wait_gone "${left:-1}"
spawn "$dir" "$NSSUPERVISE" --allow-child-process --allow-fs-write="$leftover" \
	-- /bin/sh -c '(trap "" TERM; sleep 60 & echo $! >'"$leftover"'; wait) & sleep 0.3; exit 0'
reap
left=$(cat "$leftover")
ok "also when it ignores SIGTERM" wait_gone "${left:-1}"
rm -f "$leftover"
spawn "$dir" "$NSSUPERVISE" --wait-all --allow-child-process \
	--allow-fs-write="$leftover" -- /bin/sh -c \
	'(sleep 1; echo done >'"$leftover"') & exit 0'
reap
is "$(cat "$leftover" 2>/dev/null)" "done" "--wait-all waits for it"

# The supervisor is killed: nobody can open anything any more.
cat >"$dir/orphan.sh" <<-END
	echo \$\$
	while :; do
	  if { read -r x <$dir/file; } 2>/dev/null; then echo opened; else echo refused; fi
	  sleep 0.1
	done
END
spawn "$dir" "$NSSUPERVISE" --allow-child-process --allow-fs-read="$dir" -- \
	/bin/sh "$dir/orphan.sh"
wait_for "$TMP/spawn.out" '^opened$' || diag "$(cat "$TMP/spawn.err")"
child=$(head -n 1 "$TMP/spawn.out")
kill -KILL "$PID"
wait "$PID" 2>/dev/null
PID=
sleep 0.5
: >"$TMP/spawn.out"
sleep 0.5
is "$(grep -c opened "$TMP/spawn.out")" 0 \
	"after kill -9 of the supervisor nothing can be opened"
ok "and the command has ended" wait_gone "$child"
kill -KILL "$child" 2>/dev/null

# What the command can do to the supervisor.
run "$NSSUPERVISE" --allow-fs-read='*' --allow-fs-write='*' --quiet -- "$target" \
	parent:kill parent:tgkill parent:sigqueue parent:ptrace \
	parent:prlimit parent:read parent:write parent:nice \
	parent:scheduler parent:affinity parent:ioprio
for how in kill tgkill sigqueue ptrace prlimit read write nice scheduler \
	affinity ioprio; do
	like "$OUT" "^parent $how: E(PERM|ACCES|SRCH|NOSYS)\$" \
		"the supervisor is out of reach of $how"
done
run "$NSSUPERVISE" --allow-fs-read='*' --allow-fs-write='*' --quiet -- "$target" \
	parentfile:mem parentfile:maps parentfile:environ parentfile:oom_score_adj:w \
	parentfile:fd/0 parentfile:cmdline parentfile:status parentfile:mem:w
is "$(printf '%s\n' "$OUT" | grep -Evc ': (EACCES|ENOENT|EPERM)$')" 0 \
	"no grant reaches the supervisor's /proc entries" ||
	diag "$OUT"

done_testing
