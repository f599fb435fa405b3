#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The filter, privileges, and containers: what a program may still do with
# itself, and what nobody gets. The names in brackets are those of
# doc/ATTACKS.md.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

self=$top_builddir/tests/attack/attack-self
[ -x "$self" ] || skip_all "attack-self is not built"
self=$(reachable "$self")
python=$(find_python)
dir=$TMP/privilege
mkdir -p "$dir/open" "$dir/closed"
echo ALLOWED >"$dir/open/file"
echo SECRET >"$dir/closed/file"

answers() {
	printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' '
}

# T190: every namespace, by unshare and clone.
sandbox --quiet --allow-child-process -- "$self" namespaces
is "$(printf '%s\n' "$OUT" | sort | uniq -c | tr -s ' ')" " 8 clone: EPERM
 8 unshare: EPERM" "T190: no namespace, the one for time included"

# T192: a call that is begun again after a stop.
# shellcheck disable=SC2016 # for the other shell
stopped='"$1" sleep:1500 & "$1" sleep:500; kill -STOP $!; "$1" sleep:500; kill -CONT $!; wait $!; echo "status $?"'
run timeout -k 5 30 "$NSSUPERVISE" --quiet --allow-child-process="$target" -- \
	/bin/sh -c "$stopped" sh "$target"
is "$OUT" "sleep 500: OK
sleep 500: OK
sleep 1500: OK
status 0" "T192: a sleep that was stopped goes on"

# T193: tracing fails, and nothing hangs.
run timeout -k 5 30 "$self" trace
is "$(answers)" "OK EPERM OK " "T193: without us a child is traced"
run timeout -k 5 30 "$NSSUPERVISE" --quiet --allow-child-process -- "$self" trace
is "$(answers)" "EPERM EPERM EPERM " "T193: with us nobody traces"
if strace=$(command -v strace); then
	run timeout -k 5 30 "$NSSUPERVISE" --quiet --allow-child-process -- \
		"$strace" /bin/true
	like "$ERR" 'Operation not permitted' "T193: strace says so, and ends"
else
	skip "T193: there is no strace"
fi

# T194: filters until the kernel takes no more.
for WHO in $(identities); do
	sandbox --quiet --allow-fs-read="$dir/open/fi*" -- "$self" stack \
		"$dir/open/file" "$dir/closed/file"
	is "$OUT" "stacked: many
file: ALLOWED
secret: EACCES" "T194, $WHO: thousands of filters of its own change nothing"
done
WHO=

# T198: programs that limit themselves.
run timeout -k 5 30 "$self" limit "$dir/open/file" "$target"
native=$OUT
like "$native" '^its call: EPERM$' "T198: without us a program limits itself"
like "$native" '^other: EACCES$' "T198: to some of its files, too"
sandbox --quiet --allow-fs-read="$dir" -- \
	"$self" limit "$dir/open/file" "$dir/closed/file"
like "$OUT" '^domain: OK$' "T198: a domain of its own"
like "$OUT" '^its call: EPERM$' "T198: and a filter hold with us"
like "$OUT" '^file: ALLOWED$' "T198: what both allow is read"
like "$OUT" '^other: EACCES$' "T198: what only we allow is not"
# What the supervisor opens its own domain would not hold: it is told so.
for grants in "$dir/*e" "$dir/open/file,$dir/closed/file" / '*'; do
	sandbox --quiet --allow-fs-read="$grants" -- \
		"$self" limit "$dir/open/file" "$dir/closed/file"
	like "$OUT" '^domain: (EOPNOTSUPP|ENOTSUP)$' \
		"T198: no domain where it would not hold"
	like "$OUT" '^its call: EPERM$' "T198: a filter all the same"
done

# T102: denials do not fill the kernel's log.
before=$(dmesg 2>/dev/null | wc -l)
if [ "$before" -gt 0 ]; then
	run timeout -k 5 60 "$NSSUPERVISE" --quiet --allow-fs-metadata \
		--allow-fs-read="$dir/open" -- "$self" many \
		"$dir/closed/file" 50000
	is "$OUT" "refused: 50000" "T102: the kernel refuses alone"
	after=$(dmesg | wc -l)
	ok "T102: its log does not grow with that" \
		test "$((after - before))" -lt 500 || diag "$before, $after"
else
	skip "T102: the kernel's log cannot be read"
fi

# T157: a server sees the user, whoever connects for him.
cat >"$TMP/peer.py" <<-'END'
	import os, socket, struct, sys
	server = socket.socket(socket.AF_UNIX)
	server.bind(sys.argv[1])
	os.chmod(sys.argv[1], 0o777)
	server.listen()
	server.settimeout(30)
	print("listening", flush=True)
	for _ in range(2):
	    peer = server.accept()[0]
	    found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
	    print("uid %d gid %d" % struct.unpack("iII", found)[1:], flush=True)
END
for WHO in $(identities); do
	: >"$TMP/peer.out"
	"$python" "$TMP/peer.py" "$dir/socket-$WHO" >"$TMP/peer.out" &
	server=$!
	wait_for "$TMP/peer.out" listening
	run as_who "$target" "unix:$dir/socket-$WHO"
	sandbox --quiet --allow-unix="$dir" -- "$target" "unix:$dir/socket-$WHO"
	like "$OUT" ': OK$' "T157, $WHO: it connects"
	wait "$server"
	is "$(sed -n 3p "$TMP/peer.out")" "$(sed -n 2p "$TMP/peer.out")" \
		"T157, $WHO: the server sees the same user as without us" ||
		diag "$(cat "$TMP/peer.out")"
done
WHO=

# T202: within a container, which refuses calls that we might want. What is
# created has the umask of who asks for it.
for WHO in $(identities); do
	rm -rf "$dir/write"
	mkdir -m 777 "$dir/write"
	run as_who timeout -k 5 60 "$self" container "$NSSUPERVISE" --quiet \
		--allow-child-process=/bin/true --allow-fs-read="$dir/open" \
		--allow-fs-read="$dir/wr*" --allow-fs-write="$dir/wr*" -- \
		"$target" "line:$dir/open/file" "line:$dir/closed/file" \
		"stat:$dir/closed/file" exec:/bin/true fork umask:027 \
		"create:$dir/write/file:0666" "mkdir:$dir/write/directory" \
		"mkfifo:$dir/write/fifo" umask:0 "create:$dir/write/all:0666"
	is "$(answers)" "ALLOWED EACCES EACCES OK OK OK OK OK OK OK OK " \
		"T202, $WHO: it holds in a container" ||
		diag "$STATUS $OUT $ERR"
	is "$(cd "$dir/write" && stat -c '%n %a' all directory fifo file | tr '\n' ' ')" \
		"all 666 directory 750 fifo 640 file 640 " \
		"T202, $WHO: and files have the mode that was asked for"
done
WHO=

# T209: installed with the s bit it does not run.
if is_root; then
	mkdir "$USER_TMP/installed"
	cp "$NSSUPERVISE" "$USER_TMP/installed/nssupervise"
	run as_user "$USER_TMP/installed/nssupervise" --version
	is "$STATUS" 0 "T209: the copy runs"
	chown 0:0 "$USER_TMP/installed/nssupervise"
	chmod 4755 "$USER_TMP/installed/nssupervise"
	run as_user "$USER_TMP/installed/nssupervise" -- /bin/echo RAN
	is "$STATUS" 125 "T209: not with the s bit" || diag "$OUT $ERR"
	unlike "$OUT" RAN "T209: and starts nothing"
else
	skip "T209: only root can give a file away"
fi

# T219: what the loader and the C library read stays as it is, also as root.
for file in /etc/ld.so.cache /etc/nsswitch.conf /etc/ld.so.conf /etc/resolv.conf; do
	[ -e "$file" ] || continue
	run "$NSSUPERVISE" --quiet --allow-net --allow-fs-write="$dir" -- \
		"$target" "rdwr:$file" "utimens:$file" "rename:$file:$file"
	is "$(printf '%s\n' "$OUT" | grep -Ec ': (EACCES|EXDEV)$')" 3 \
		"T219: $file cannot be changed" || diag "$OUT"
done

# T217: what Python executes before the program, from a directory of the user.
pth=$dir/home/.local/lib/$("$python" -c \
	'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages
mkdir -p "$pth"
echo 'import sys; print("PTH RAN")' >"$pth/evil.pth"
echo 'print("main")' >"$dir/open/main.py"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/open/main.py" "$(sri "$dir/open/main.py")" >"$dir/p.json"
run env HOME="$dir/home" timeout -k 5 60 "$python" "$dir/open/main.py"
like "$OUT" '^PTH RAN$' "T217: without us a .pth file runs"
run env HOME="$dir/home" "$NSSUPERVISE" --quiet --allow-fs-read="$dir" \
	--policy="$dir/p.json" --runtime=python -- "$python" "$dir/open/main.py"
unlike "$OUT" '^PTH RAN$' "T217: a .pth file does not run under a manifest"
run env HOME="$dir/home" "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open" \
	--runtime=python -- "$python" "$dir/open/main.py"
is "$OUT" main "T217: nor where it is not granted"

# T213: what Node opens before there is any permission model in it.
node=$(node_path 20) || {
	skip "T212, T213: there is no Node 20"
	done_testing
}
echo 'KEY=SECRET' >"$dir/closed/env"
echo 'console.log("SECRET")' >"$dir/closed/code.js"
echo 'console.log("SECRET")' >"$dir/closed/code.mjs"
echo 'process.emitWarning("x"); console.log(process.env.KEY)' >"$dir/open/main.js"
# The options, and whether they read or write.
cat >"$TMP/options" <<-END
	reads --env-file=$dir/closed/env
	reads --require=$dir/closed/code.js
	reads --import=$dir/closed/code.mjs
	reads --experimental-loader=$dir/closed/code.mjs
	writes --redirect-warnings=$dir/closed/out
	writes --cpu-prof --cpu-prof-dir=$dir/closed/out
	writes --heap-prof --heap-prof-dir=$dir/closed/out
	writes --trace-events-enabled --trace-event-file-pattern=$dir/closed/out
END
while read -r effect options; do
	name=${options%%"$dir"*}
	rm -rf "$dir/closed/out"
	# shellcheck disable=SC2086 # several words
	run timeout -k 5 60 "$node" $options "$dir/open/main.js"
	case $effect in
	reads) like "$OUT" SECRET "T213, $name: works without us" ;;
	*) ok "T213, $name: works without us" test -e "$dir/closed/out" ;;
	esac
	rm -rf "$dir/closed/out"
	# shellcheck disable=SC2086
	run "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open" --allow-worker \
		-- "$node" $options "$dir/open/main.js"
	unlike "$OUT" SECRET "T213, $name: reads nothing"
	ok "T213, $name: writes nothing" test ! -e "$dir/closed/out"
done <"$TMP/options"

# T212: the same by variables, whether they are passed on or not.
for variable in NODE_OPTIONS="--require=$dir/closed/code.js" \
	NODE_REDIRECT_WARNINGS="$dir/closed/out" \
	NODE_V8_COVERAGE="$dir/closed/out"; do
	name=${variable%%=*}
	rm -rf "$dir/closed/out"
	run env "$variable" timeout -k 5 60 "$node" "$dir/open/main.js"
	ok "T212, $name: works without us" \
		test -e "$dir/closed/out" -o "${OUT%%SECRET*}" != "$OUT"
	for passed in no yes; do
		rm -rf "$dir/closed/out"
		set --
		[ "$passed" = no ] || set -- --allow-env="$name,PATH"
		run env "$variable" timeout -k 5 60 "$NSSUPERVISE" --quiet "$@" \
			--allow-fs-read="$dir/open" -- "$node" "$dir/open/main.js"
		unlike "$OUT" SECRET "T212, $name, passed on $passed: reads nothing"
		ok "T212, $name, passed on $passed: writes nothing" \
			test ! -e "$dir/closed/out"
	done
done

done_testing
