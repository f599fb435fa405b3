#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line as the manual gives it: statuses, mistakes, files that are
# read before the start, --why, --explain, --check, and where events go.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

[ -x "$NSSUPERVISE" ] || skip_all "nssupervise is not built"

# --check must not say no where the kernel has everything.
run "$NSSUPERVISE" --check
abi=$("$target" call:444:0:0:1 2>/dev/null | sed -n 's/^call.*: //p')
if [ "$STATUS" -ne 0 ] && [ "$abi" = OK ] &&
	[ "${NSSUPERVISE_TEST_NEEDS_KERNEL-1}" = 1 ] &&
	! grep -q '^Seccomp:.*[12]' /proc/self/status; then
	fail "--check exits 0 where the kernel has Landlock and no filter is on us"
	diag "$OUT$ERR"
else
	pass "--check exits 0 where every flag can be enforced"
fi
need_nssupervise

dir=$TMP/cli
mkdir "$dir" "$dir/read" "$dir/empty"
echo inside >"$dir/read/file"
echo SECRET >"$dir/secret"
mkdir "$TMP/marks"
started=$TMP/marks/started
mark="$target create:$started"

# Our own failures: one line, status 125, and the command is not started.
own_failure() {
	own_name=$1
	own_text=$2
	shift 2
	rm -f "$started"
	run timeout -k 5 20 "$NSSUPERVISE" "$@"
	is "$STATUS" 125 "$own_name: status 125"
	is "$(printf '%s\n' "$ERR" | wc -l)" 1 "$own_name: one line"
	like "$ERR" "^nssupervise: .*$own_text" "$own_name: says what is wrong"
	is "$OUT" "" "$own_name: nothing on standard output"
	ok "$own_name: the command is not started" test ! -e "$started"
}

allow="--allow-fs-write=$TMP/marks --allow-fs-read=$dir"
# shellcheck disable=SC2086 # words without blanks
mistakes() {
	own_failure "no command" 'command'
	own_failure "no command after --" 'command' --
	own_failure "an unknown option" 'allow-fs-rea' --allow-fs-rea=/ -- $mark
	own_failure "an unknown short option" '-x' -x -- $mark
	own_failure "a value that is missing" 'allow-fs-read' --allow-fs-read -- $mark
	own_failure "a value as a word of its own" 'allow-fs-read' \
		--allow-fs-read "$dir" -- $mark
	own_failure "an empty value" 'allow-fs-read' --allow-fs-read= -- $mark
	own_failure "a value where none is taken" 'allow-fs-metadata' \
		--allow-fs-metadata=yes -- $mark
	own_failure "a policy that is not there" 'nowhere' $allow \
		--policy="$dir/nowhere" -- $mark
	own_failure "a policy that is a directory" 'read' $allow \
		--policy="$dir/read" -- $mark
	own_failure "a config that is not there" 'nowhere' \
		--config="$dir/nowhere" -- $mark
	own_failure "a runtime that is not known" 'nowhere' \
		--runtime=nowhere -- $mark
	own_failure "a log format that is not known" 'xml' \
		--log-format=xml -- $mark
	own_failure "a status descriptor that is closed" '77' \
		--status-fd=77 -- $mark
	own_failure "a descriptor that is no number" 'status-fd' \
		--status-fd=x -- $mark
	own_failure "a descriptor to pass that is closed" '78' \
		--pass-fd=78 -- $mark
	own_failure "a log file that cannot be made" 'nowhere' \
		--log="$dir/nowhere/log" -- $mark
	own_failure "why without a kind" 'why' --why=/etc/passwd
	own_failure "why of an unknown kind" 'dance' --why=dance:/etc/passwd
	for option in --allow-worker --allow-wasi --allow-inspector \
		--allow-net=example.org --allow-unix=/run/x --report-only \
		--learn="$dir/learned" --verifier=/run/x --landlock-only; do
		run timeout -k 5 20 "$NSSUPERVISE" $allow "$option" -- $mark
		case $STATUS in
		125)
			own_failure "${option%%=*}, not available" \
				"${option%%=*}" $allow "$option" -- $mark
			;;
		0) pass "${option%%=*} is available" ;;
		*) fail "${option%%=*}: status $STATUS" ;;
		esac
	done
}
mistakes

# Options end at -- and at the first word that is none.
sandbox -- "$target" env:HOME --allow-fs-read=/ 2>/dev/null
is "$STATUS" 99 "what follows the command belongs to it"
cp "$target" "$dir/--allow-fs-read=*"
sandbox -- "$dir/--allow-fs-read=*" "read:$dir/secret"
like "$OUT" 'EACCES$' "a command that looks like an option is none"
sandbox --allow-fs-read="$dir/read" "$target" "read:$dir/read/file"
like "$OUT" ': OK$' "-- may be left out"

# Path lists.
touch "$dir/read/a,b" "$dir/read/c*d"
sandbox --allow-fs-read="$dir/read/file,$dir/secret" -- "$target" \
	"read:$dir/read/file" "read:$dir/secret" "read:$dir/read/a,b"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK OK EACCES " \
	"a list of paths"
sandbox --allow-fs-read="$dir/read/a,b" -- "$target" "read:$dir/read/a,b"
like "$OUT" ': OK$' "an existing path that contains a comma"
sandbox --allow-fs-read="$dir/read/a\\,b,$dir/secret" -- "$target" \
	"read:$dir/read/a,b" "read:$dir/secret"
is "$(printf '%s\n' "$OUT" | grep -c ': OK')" 2 "an escaped comma"
sandbox --allow-fs-read="$dir/read/c\\*d" -- "$target" "read:$dir/read/c*d" \
	"read:$dir/read/file"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK EACCES " \
	"an escaped star"
run env -C "$dir" "$NSSUPERVISE" --allow-fs-read=read -- "$target" \
	"read:$dir/read/file" read:secret
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK EACCES " \
	"a relative path is of the working directory"

# Statuses.
for n in 0 1 2 42 125 126 127 255; do
	sandbox -- "$target" "exit:$n"
	is "$STATUS" "$n" "the command's status $n is ours"
done
for n in 1 9 15; do
	sandbox -- "$target" "raise:$n"
	is "$STATUS" $((128 + n)) "the command ended by signal $n: status 128+$n"
done
run "$NSSUPERVISE" -- "$dir/nothing"
is "$STATUS" 127 "a command that is not found: status 127"
like "$ERR" "^nssupervise: .*$(ere "$dir/nothing")" "and a line that names it"
run env PATH=/usr/bin:/bin "$NSSUPERVISE" -- nothing-of-this-name
is "$STATUS" 127 "a command that is not found in PATH: status 127"
run "$NSSUPERVISE" -- "$dir/secret"
is "$STATUS" 126 "a command that is not executable: status 126"
run "$NSSUPERVISE" -- "$dir/read"
is "$STATUS" 126 "a command that is a directory: status 126"
printf '#!%s/nothing\n' "$dir" >"$dir/bad-script"
chmod +x "$dir/bad-script"
run "$NSSUPERVISE" -- "$dir/bad-script"
ok "a script whose interpreter is missing: status 126 or 127" \
	test "$STATUS" = 126 -o "$STATUS" = 127

run "$NSSUPERVISE" --version
is "$STATUS" 0 "--version: status 0"
like "$OUT" '^nssupervise [0-9]+\.[0-9]+' "--version prints it"
run "$NSSUPERVISE" --help=man
unlike "$(printf '%s' "$OUT" | tr '\n' ' ')" '[.]Bl -tag -width Ds [.]El' \
	"the manual: no list without items"
run "$NSSUPERVISE" --help
is "$STATUS" 0 "--help: status 0"
for option in allow-fs-read allow-fs-write deny-fs-read policy status-fd why; do
	like "$OUT" "--$option" "--help names --$option"
done

# Files in JSON: where the mistake is.
json_mistake() {
	printf '%s' "$3" >"$dir/bad.json"
	# shellcheck disable=SC2086 # words without blanks
	own_failure "$1" "$(ere "$dir/bad.json"):$4" $allow \
		"$2=$dir/bad.json" -- $mark
}
json_mistakes() {
	json_mistake "$1, empty" "$2" '' '1:1'
	json_mistake "$1, not JSON" "$2" '{ x }' '1:3'
	json_mistake "$1, cut short" "$2" '{"a":' '1:[56]'
	json_mistake "$1, rest behind it" "$2" '{}
	x' '2:2'
	json_mistake "$1, null" "$2" null '1:1'
	json_mistake "$1, a key twice" "$2" '{
	 "comment": 1,
	 "comment": 2 }' '3:[0-9]+: comment'
	json_mistake "$1, single quotes" "$2" "{'a': 1}" '1:2'
	json_mistake "$1, a NUL in a key" "$2" '{"a\u0000b": 1}' '1:[0-9]+'
	json_mistake "$1, too deep" "$2" \
		'[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]' '1:[0-9]+'
}
json_mistakes "config" --config
json_mistakes "manifest" --policy
json_mistakes "profile" --runtime
json_mistake "config, an unknown key" --config '{
  "allow-fs-raed": ["/srv"] }' '2:[0-9]+: allow-fs-raed'
json_mistake "config, a wrong type" --config '{
  "allow-fs-read": 5 }' '2:[0-9]+: allow-fs-read'
json_mistake "config, a wrong type in a list" --config \
	'{ "allow-fs-read": ["/srv", 5] }' '1:[0-9]+: allow-fs-read\[1\]'
json_mistake "config, a flag that is no boolean" --config \
	'{ "allow-net": "yes please" }' '1:[0-9]+: allow-net'
json_mistake "config, a list" --config '[]' '1:1'
json_mistake "profile, a list" --runtime '[]' '1:1'
json_mistake "manifest, a wrong type" --policy '{ "resources": "x" }' \
	'1:[0-9]+: resources'
json_mistake "manifest, a wrong onerror" --policy \
	'{ "onerror": "panic", "resources": {} }' '1:[0-9]+: onerror'
json_mistake "manifest, a wrong integrity" --policy '{ "resources": {
  "./a.js": { "integrity": 5 } } }' '2:[0-9]+: resources\["\./a\.js"\]\.integrity'
json_mistake "profile, a wrong type" --runtime '{
  "name": 7 }' '2:[0-9]+: name'

# A config that is right.
cat >"$dir/good.json" <<-END
	{ "comment": ["why", { "x": 1 }],
	  "allow-fs-read": ["$dir/read"],
	  "allow-fs-metadata": true, "allow-child-process": false }
END
sandbox --config="$dir/good.json" -- "$target" "read:$dir/read/file" \
	"read:$dir/secret" "stat:$dir/secret" fork
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK EACCES OK EACCES " \
	"a config grants what it says"
sandbox --config="$dir/good.json" --allow-fs-read="$dir/secret" -- "$target" \
	"read:$dir/read/file" "read:$dir/secret"
is "$(printf '%s\n' "$OUT" | grep -c ': OK')" 2 "the command line adds to it"

# --why needs no command, and says what enforcement does.
why() {
	run "$NSSUPERVISE" --allow-fs-read="$dir/read" --allow-fs-read="$dir/p/*.log" \
		--deny-fs-read="$dir/read/closed" --allow-fs-write="$dir/new" \
		--why="$1"
	is "$STATUS" "$2" "--why=${1%%:*}:${1##*/}: status $2"
	like "$OUT$ERR" "$3" "--why=${1%%:*}:${1##*/}: the rule"
}
why "read:$dir/read/file" 0 'allow-fs-read'
why "read:$dir/read" 0 'allow-fs-read'
why "read:$dir/read/closed" 1 'deny-fs-read'
why "read:$dir/secret" 1 'allow-fs-read'
why "read:$dir/p/x/y.log" 0 'allow-fs-read'
why "read:$dir/p/key.pem" 1 'allow-fs-read'
why "write:$dir/new" 0 'allow-fs-write'
why "write:$dir/read/file" 1 'allow-fs-write'
why "exec:/bin/true" 1 'allow-child-process'
run "$NSSUPERVISE" --allow-child-process=/bin/true --why=exec:/bin/true
is "$STATUS" 0 "--why=exec of a listed program: status 0"
run "$NSSUPERVISE" --allow-net --why=net:example.org:443
is "$STATUS" 0 "--why=net with --allow-net: status 0"
run "$NSSUPERVISE" --why=net:example.org:443
is "$STATUS" 1 "--why=net without it: status 1"
sandbox --allow-fs-read="$dir/read" --deny-fs-read="$dir/read/file" -- \
	"$target" "read:$dir/read/file"
like "$OUT" 'EACCES$' "and enforcement says the same of a carve-out"

# --explain prints the plan and runs nothing.
rm -f "$started"
# shellcheck disable=SC2086 # words without blanks
run env LD_PRELOAD= NODE_OPTIONS=--no-warnings "$NSSUPERVISE" --explain $allow -- $mark
is "$STATUS" 0 "--explain: status 0"
ok "--explain: the command is not started" test ! -e "$started"
like "$OUT" "$(ere "$TMP/marks")" "--explain names the grants"
like "$OUT" 'openat' "--explain names the notified calls"
like "$OUT" 'NODE_OPTIONS' "--explain names the dropped variables"
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" --explain=json $allow -- $mark
printf '%s\n' "$OUT" >"$TMP/explain.json"
ok "--explain=json is JSON" python3 -m json.tool "$TMP/explain.json" /dev/null

# Where the words go.
run "$NSSUPERVISE" -- "$target" "read:$dir/secret" "read:$dir/secret"
is "$(printf '%s\n' "$ERR" | grep -c '^nssupervise: denied read')" 1 \
	"a denial is reported once"
like "$ERR" '^nssupervise: .*2.*den' "a summary counts them at the end"
run "$NSSUPERVISE" --quiet -- "$target" "read:$dir/secret"
is "$ERR" "" "--quiet: no denials and no summary"
like "$OUT" 'EACCES$' "--quiet: but denied"
run "$NSSUPERVISE" --quiet --allow-fs-rea=/
like "$ERR" . "--quiet: our own mistakes are told"
run "$NSSUPERVISE" --log="$dir/log" -- "$target" "read:$dir/secret"
is "$ERR" "" "--log=FILE: nothing on stderr"
like "$(cat "$dir/log")" "$(denial read "$dir/secret" | tr -d '^')" \
	"--log=FILE: the denial is in the file"
run "$NSSUPERVISE" --log=fd:7 -- "$target" "read:$dir/secret" 7>"$dir/log7"
like "$(cat "$dir/log7")" 'denied read' "--log=fd:7: the denial is there"

# shellcheck disable=SC2317 # called by run
json_lines() {
	python3 - "$1" <<-'END'
		import json, sys
		for line in open(sys.argv[1], encoding="utf-8"):
		    event = json.loads(line)
		    assert isinstance(event, dict) and "event" in event, line
		    print(" ".join(f"{key}={event[key]}" for key in (
		        "event", "syscall", "operation", "path", "resolved",
		        "decision", "status", "denials", "hint") if key in event))
	END
}
ln -s secret "$dir/to-secret"
run "$NSSUPERVISE" --log="$dir/json" --log-format=json -- "$target" \
	"read:$dir/to-secret" exit:3
run json_lines "$dir/json"
is "$STATUS" 0 "--log-format=json: every line is an object"
like "$OUT" '^event=start' "--log-format=json: start"
like "$OUT" "^event=denied syscall=openat operation=read path=$(ere "$dir/to-secret") resolved=$(ere "$dir/secret") decision=denied .*hint=.*--allow-fs-read=$(ere "$dir/secret")" \
	"--log-format=json: the denial with all it has"
like "$OUT" '^event=exit.* status=3.* denials=1' "--log-format=json: exit"

run "$NSSUPERVISE" --status-fd=9 --quiet -- "$target" "read:$dir/secret" fds \
	exit:4 9>"$dir/status"
like "$OUT" '^fds: 0 1 2$' "--status-fd is not passed on"
run json_lines "$dir/status"
is "$STATUS" 0 "--status-fd: every line is an object"
like "$OUT" '^event=start' "--status-fd: started"
like "$OUT" '^event=denied' "--status-fd: the first denial"
like "$OUT" '^event=exit.* status=4' "--status-fd: the exit"

# A log that nobody reads stalls nothing.
mkfifo "$dir/fifo"
sleep 30 <>"$dir/fifo" &
holder=$!
python3 -c '
import sys
print("\n".join("read:%s/none%d" % (sys.argv[1], i) for i in range(3000)))' \
	"$dir" >"$dir/many"
# shellcheck disable=SC2046 # one word each
run timeout -k 5 25 "$NSSUPERVISE" --log=fd:8 -- "$target" \
	$(cat "$dir/many") 8<>"$dir/fifo"
is "$(printf '%s\n' "$OUT" | grep -c EACCES)" 3000 \
	"a log that nobody reads stalls no request"
is "$STATUS" 0 "nor the end"
kill "$holder"

# Inside another one: refused, never silently weaker. (A leak check would want
# to trace, which the outer one refuses.)
sandbox --allow-fs-read="$dir/read,${NSSUPERVISE%/*},${target%/*}" \
	--allow-fs-metadata --allow-child-process --quiet -- \
	env ASAN_OPTIONS=detect_leaks=0 "$NSSUPERVISE" \
	--allow-fs-read="$dir/read" -- "$target" "read:$dir/read/file"
is "$STATUS" 125 "nested: the inner one refuses"
like "$ERR" '^nssupervise: a supervisor is active around us' \
	"nested: and says so"
unlike "$OUT" OK "nested: its command is not started"

done_testing
