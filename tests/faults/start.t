#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What fails before the command runs: it does not run then, the status is 125,
# and one line says what, why, and what to do.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
. "$top_srcdir/tests/faults/common.sh"
need_nssupervise
need_fault
make_world

# refused NAME ERE: it did not start, and a line says so.
refused() {
	is "$STATUS" 125 "$WHO, $1: 125"
	is "$OUT" '' "$WHO, $1: the command does not run"
	like "$ERR" "^nssupervise: .*$2" "$WHO, $1: which is told"
	is "$LEFT" '' "$WHO, $1: nothing is left"
}

# shellcheck disable=SC2086 # words without blanks
injected() {
	LEFT=
	fault -r "$1" -c "$2" -n "$3" $4 -- $grants -- "$target" \
		"line:$world/read/file" exit:3
	is "$HIT" 1 "$WHO, $1 $2 $3 $4: it was reached"
	refused "$1 $2 $3 $4" "$5"
}

# Where; which call; which of these; what it does; what is said of it.
faults() {
	cat <<-'END'
		child landlock_restrict_self 1 -e|E2BIG landlock: at most 16 layers
		child landlock_restrict_self 1 -e|EPERM landlock: 
		start landlock_restrict_self 1 -e|E2BIG (own Landlock domain|Landlock)
		start landlock_restrict_self 2 -e|EPERM (Landlock|start|Operation not permitted)
		start landlock_create_ruleset 1 -e|ENOSYS landlock.*--check
		start landlock_create_ruleset 2 -e|ENOSYS landlock.*--check
		start landlock_create_ruleset 2 -e|EOPNOTSUPP landlock.*lsm=
		start landlock_add_rule 1 -e|ENOMEM Landlock rules
		child seccomp 1 -e|EINVAL seccomp: 
		child seccomp 1 -e|EACCES seccomp: 
		child seccomp 1 -e|ENOMEM seccomp: 
		child seccomp 1 -e|EBUSY a supervisor already watches
		start seccomp 1 -e|EINVAL Linux 5.19
		child prctl 3 -e|EPERM no_new_privs: 
		child capget 1 -e|EPERM capabilities: 
		child sendmsg 1 -e|EIO handover: 
		child close_range 1 -e|EPERM close
		start capset 1 -e|EPERM capabilities cannot be dropped
		start fstatfs 1 -e|EIO (/proc|procfs)
		start signalfd4 1 -e|EMFILE signals: 
		start eventfd2 1 -e|EMFILE signals: 
		start pipe2 1 -e|EMFILE start: 
		start socketpair 1 -e|EMFILE start: 
		start pidfd_open 1 -e|EMFILE start: 
		child kill 1 -z self-test scope: 
		child kill 2 -z self-test signal: 
		child prlimit64 3 -z self-test limits: 
		child ptrace 1 -z self-test ptrace: 
		child fcntl 1 -z self-test listener: 
		child openat 1 -z self-test open: 
		child seccomp 1 -z (supervisor failed|seccomp|handover|self-test)
	END
}
for WHO in $(identities); do
	faults | sed 's/^[[:space:]]*//' >"$TMP/faults"
	while read -r role call n how text; do
		injected "$role" "$call" "$n" "$(echo "$how" | tr '|' ' ')" "$text"
	done <"$TMP/faults"
done

# A descriptor that cannot be executed is an error of the command's.
WHO=$(identities | tail -n 1)
# shellcheck disable=SC2086 # words without blanks
fault -r child -c execve -n 1 -e ENOMEM -- $grants -- "$target" exit:3
is "$STATUS" 126 "execve fails: 126"
like "$ERR" "^nssupervise: '.*': Cannot allocate memory$" "execve fails: told"

# 16 layers of Landlock around us, which is all there may be: T095.
cat >"$TMP/layers.py" <<'END'
import ctypes, os, sys
call = ctypes.CDLL(None, use_errno=True).syscall
handled = ctypes.c_uint64(1)  # execution, of which everything is granted
PR_SET_NO_NEW_PRIVS, CREATE, ADD, RESTRICT, PRCTL = 38, 444, 445, 446, 157
call(PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
for _ in range(int(sys.argv[1])):
    ruleset = call(CREATE, ctypes.byref(handled), 8, 0)
    rule = ctypes.create_string_buffer(
        (1).to_bytes(8, "little") +
        os.open("/", os.O_PATH).to_bytes(4, "little"), 12)
    if call(ADD, ruleset, 1, rule, 0) or call(RESTRICT, ruleset, 0):
        sys.exit("no layer")
    os.close(ruleset)
os.execv(sys.argv[2], sys.argv[2:])
END
LEFT=
layers() {
	# shellcheck disable=SC2086 # words without blanks
	run as_who timeout -k 5 60 "$(find_python)" "$TMP/layers.py" "$1" \
		"$NSSUPERVISE" $grants -- "$target" "line:$world/read/file" \
		"line:$world/closed/secret" exit:3
	none_told "T095, $1 layers"
}
layers 13
is "$STATUS" 3 "T095: 13 layers around us leave room for three"
for n in 14 15 16; do
	layers "$n"
	refused "T095, $n layers" "(16|layers|Landlock)"
done

# /proc is something else, is not there, or hides: T206.
proc_is() {
	proc_name=$1
	proc_how=$2
	# shellcheck disable=SC2086 # words without blanks
	run timeout -k 5 60 unshare --mount --pid --fork sh -c "$proc_how"'
		shift; exec "$@"' sh - setpriv --reuid="$tap_uid" \
		--regid="$tap_uid" --clear-groups "$NSSUPERVISE" $grants -- \
		"$target" "line:$world/read/file" "line:$world/closed/secret" \
		exit:3
	none_told "T206, $proc_name"
}
if is_root && unshare --mount --pid --fork true 2>/dev/null; then
	WHO=user
	proc_is "not procfs" 'mount -t tmpfs none /proc || exit 98;'
	refused "T206, not procfs" "/proc"
	proc_is "another PID namespace's" ''
	refused "T206, another PID namespace's" "/proc"
	proc_is "covered" 'mount --bind /sys /proc || exit 98;'
	refused "T206, covered" "/proc"
	for how in hidepid=1 hidepid=2 hidepid=4 subset=pid; do
		proc_is "$how" "mount -t proc -o $how proc /proc || exit 98;"
		case $STATUS in
		98) skip "T206, $how: this kernel does not know it" ;;
		3) like "$OUT" 'closed/secret: EACCES$' "T206, $how: it works" ;;
		*) refused "T206, $how" "(/proc|procfs|self-test)" ;;
		esac
	done
else
	skip "T206: no mount namespace can be made"
fi

# The manifest: T138 to T143, T147. Nothing of it is guessed at.
app=$TMP/app
mkdir "$app"
echo "// good" >"$app/good.js"
good="\"./good.js\": {\"integrity\": \"$(sri "$app/good.js")\"}"
LEFT=
manifest() {
	# shellcheck disable=SC2086 # a word, or none
	run as_who timeout -k 5 60 "$NSSUPERVISE" --allow-fs-read="$app" \
		--policy="$TMP/p.json" ${3-} -- "$target" "line:$app/good.js" exit:3
	[ "$2" = runs ] || refused "$1" "$2"
	rm -rf "$TMP/p.json"
}
text() {
	# shellcheck disable=SC2059 # with escapes
	printf "$1" >"$TMP/p.json"
	manifest "$2" "${3-p.json}"
}
WHO=$(identities | tail -n 1)
text "{\"resources\": {$good}}" "as it should be" runs
is "$STATUS" 3 "a manifest as it should be: the command runs"
manifest "no manifest" "p.json.*No such file"
mkdir "$TMP/p.json"
manifest "a directory" "p.json"
mkfifo -m 666 "$TMP/p.json"
manifest "a FIFO" "p.json"
: >"$TMP/p.json" && chmod 000 "$TMP/p.json"
manifest "unreadable" "p.json.*Permission denied"
truncate -s 70M "$TMP/p.json"
manifest "too large" "p.json.*(large|64 MiB)"
text "" "empty"
text "null" "no object"
text "{\"resources\": {$good, $good}}" "T138, a key twice" "twice"
text "{\"resources\": {$good}, \"resources\": {}}" "T138, resources twice" twice
text "{\"resources\": {\"./a\\\\u0000.js\": true, $good}}" "T139, an escaped NUL"
text "{\"resources\": {\"./a\\000.js\": true, $good}}" "T139, a NUL"
text "{'resources': {$good}}" "T140, single quotes"
text "{\"resources\": {$good,}}" "T140, a comma too many"
text "{\"resources\": {$good}} x" "T140, more behind it"
text "{/* */\"resources\": {$good}}" "T140, a comment"
text "{\"resources\": {\"./\\377.js\": true, $good}}" "T140, no UTF-8"
text "{\"resources\": {\"./\\\\ud800.js\": true, $good}}" "T140, half a pair"
text "{\"x\": $(printf '%0100d' 0 | tr 0 '[')1$(printf '%0100d' 0 | tr 0 ']')}" \
	"T140, deep"
text "{\"resources\": {$good}}" "T147" runs
printf '{"resources": {%s}}' "$good" >"$TMP/p.json"
manifest "T147, in reach of the command" "allow-fs-write" \
	"--allow-fs-write=$TMP/p.json"

done_testing
