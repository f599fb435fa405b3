#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One nsverifyd for many runs: nssupervise --verifier=SOCKET.
# shellcheck disable=SC2086 # $python is a list of arguments
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise
[ -x /usr/bin/python3 ] || skip_all 'no /usr/bin/python3 here'
# Without what the distribution adds to each start.
python='/usr/bin/python3 -S -B'
ulimit -f 2000000

dir=$USER_TMP/shared
client=$dir/verifier-client.py
mkdir "$dir" "$dir/run" "$dir/app"
cp "$top_srcdir/tests/integration/verifier-client.py" "$client"
socket=$dir/run/socket
SERVICE=

write_app() {
	echo 'x = 1' >"$dir/app/b.py"
	echo 'import b; print("ran", b.x)' >"$dir/app/a.py"
	cat >"$dir/app/wait.py" <<-'END'
		import os, sys, time
		print("waits", flush=True)
		while not os.path.exists(os.path.dirname(__file__) + "/go"):
		    time.sleep(0.05)
		import c
		print("ran", c.x, flush=True)
	END
	# Too large to be verified before it is asked for.
	{
		echo 'x = 1'
		head -c 1100000 /dev/zero | tr '\0' '#'
		echo
	} >"$dir/app/c.py"
}

# entries FILE...: of a manifest beside the files
entries() {
	separator=
	for name in "$@"; do
		printf '%s"./%s": { "integrity": "%s" }' "$separator" "$name" \
			"$(sri "$dir/app/$name")"
		separator=,
	done
}

write_app
printf '{ "resources": { %s } }\n' "$(entries a.py b.py c.py wait.py)" \
	>"$dir/app/p.json"
printf '{ "resources": { %s } }\n' "$(entries a.py)" >"$dir/app/few.json"
chmod -R a+rwX "$dir"
[ "$(id -u)" -ne 0 ] || chown -R "$tap_uid:$tap_uid" "$dir"

# serve [ARG]...: start the service as $WHO and wait for its socket
serve() {
	rm -f "$socket"
	# Should the test end before it does.
	start_service "$NSVERIFYD" --listen="$socket" --idle=200 "$@"
}

# start_service COMMAND...: itself a child of this shell
start_service() {
	if [ "$WHO" = user ] && is_root; then
		# shellcheck disable=SC2154 # set by tap.sh
		set -- setpriv --reuid="$tap_uid" --regid="$tap_uid" \
			--clear-groups "$@"
	fi
	(exec "$@") 2>"$TMP/service.err" &
	SERVICE=$!
	for _ in $(seq 100); do
		[ ! -S "$socket" ] || break
		sleep 0.05
	done
	sleep 0.1
}

# stop: how the service ended is in $ENDED
stop() {
	kill -TERM "$SERVICE" 2>/dev/null
	ENDED=0
	wait "$SERVICE" 2>/dev/null || ENDED=$?
}

# under ARG...: the app with $POLICY, below --verifier
POLICY=p.json
under() {
	cd "$dir/app" || exit 99
	sandbox --policy="$POLICY" --verifier="$socket" --allow-fs-read="$dir" \
		"$@"
	cd "$TMP" || exit 99
}

ask() {
	run as_who timeout 60 /usr/bin/python3 "$client" "$@"
}

runs() {
	serve
	under -- $python a.py
	is "$STATUS:$OUT:$ERR" '0:ran 1:' "$WHO: a run"
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' "$WHO: another one"

	sleep 0.02
	cp -p "$dir/app/b.py" "$dir/b.saved"
	echo 'x = 2' >"$dir/app/b.py"
	touch -r "$dir/b.saved" "$dir/app/b.py"
	under -- $python a.py
	is "$STATUS:$OUT" '1:' "$WHO: a changed file of the same size and time"
	like "$ERR" 'b\.py.* its content is sha' 'is refused for its content'
	write_app
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' "$WHO: and accepted when it is as it was"

	for i in 1 2 3 4; do
		(cd "$dir/app" && as_who timeout 60 "$NSSUPERVISE" --quiet \
			--policy=p.json --verifier="$socket" \
			--allow-fs-read="$dir" -- $python a.py \
			>"$TMP/out.$i" 2>&1) &
		eval "one_$i=$!"
		(cd "$dir/app" && as_who timeout 60 "$NSSUPERVISE" --quiet \
			--policy=few.json --verifier="$socket" \
			--allow-fs-read="$dir" -- $python a.py \
			>"$TMP/few.$i" 2>&1) &
		eval "two_$i=$!"
	done
	for i in 1 2 3 4; do
		eval "wait \$one_$i \$two_$i"
	done
	is "$(cat "$TMP"/out.?)" "$(printf 'ran 1\nran 1\nran 1\nran 1')" \
		"$WHO: four at once"
	is "$(grep -c '^PermissionError' "$TMP/few.1" "$TMP/few.2" \
		"$TMP/few.3" "$TMP/few.4" | grep -c ':1$')" 4 \
		'with four of another manifest, which lists less'

	under --policy-integrity="$(sri "$dir/app/few.json")" -- $python a.py
	is "$STATUS:$OUT" '125:' "$WHO: --policy-integrity of another manifest"
	like "$ERR" 'ERR_MANIFEST_ASSERT_INTEGRITY' 'although it is loaded'
	stop
}

node_runs() {
	node=$(node_path 18) || node=
	if [ -z "$node" ]; then
		skip "$WHO: no node 18 here"
		return
	fi
	echo 'console.log("ran", require("./b.js"))' >"$dir/app/a.js"
	echo 'module.exports = 1' >"$dir/app/b.js"
	printf '{ "resources": { %s } }\n' "$(entries a.js b.js)" \
		>"$dir/app/node.json"
	serve
	POLICY=node.json
	under --quiet -- "$node" a.js
	is "$STATUS:$OUT" '0:ran 1' "$WHO: node"
	echo 'module.exports = 2' >"$dir/app/b.js"
	under --quiet -- "$node" a.js
	is "$STATUS:$OUT" '1:' "$WHO: node, a changed file"
	POLICY=p.json
	stop
}

sharing() {
	serve
	ask ask "$socket" "$dir/app/p.json" "$dir/app/b.py"
	first=$OUT
	ask ask "$socket" "$dir/app/p.json" "$dir/app/b.py"
	like "$first" '^MATCH [0-9]+$' "$WHO: a copy"
	is "$OUT" "$first" 'is the same one in the next session'
	ask load "$socket" "$dir/app/p.json" "$(sri "$dir/app/few.json")"
	is "$OUT" REFUSED 'a hash that the manifest does not have'
	stop
	is "$ENDED" 143 'a service ends when it is told to'
}

memory() {
	for i in 1 2 3 4 5 6 7 8; do
		head -c 900000 /dev/zero >"$dir/app/large.$i"
	done
	printf '{ "resources": { %s } }\n' "$(entries large.1 large.2 large.3 \
		large.4 large.5 large.6 large.7 large.8)" >"$dir/app/large.json"
	set -- "$dir/app/large.1" "$dir/app/large.2" "$dir/app/large.3" \
		"$dir/app/large.4" "$dir/app/large.5" "$dir/app/large.6" \
		"$dir/app/large.7" "$dir/app/large.8"
	serve --memory=4M
	ask ask "$socket" "$dir/app/large.json" "$@"
	printf '%s\n' "$OUT" >"$TMP/before"
	is "$(grep -c '^MATCH' "$TMP/before")" 8 "$WHO: more than it may keep"
	ask ask "$socket" "$dir/app/large.json" "$dir/app/large.8" \
		"$dir/app/large.1"
	is "$(printf '%s\n' "$OUT" | head -n 1)" "$(tail -n 1 "$TMP/before")" \
		'the last is still there'
	unlike "$(printf '%s\n' "$OUT" | tail -n 1)" \
		"^$(head -n 1 "$TMP/before")\$" 'the first is not'
	if is_root; then
		kept=0
		for fd in /proc/"$SERVICE"/fd/*; do
			case $(readlink "$fd") in
			*memfd:*) kept=$((kept + $(stat -L -c %s "$fd"))) ;;
			esac
		done
		ok "it holds $kept bytes" [ "$kept" -gt 900000 -a "$kept" -lt 4194304 ]
	else
		skip 'only root can look at its descriptors'
	fi
	stop
	head -c 3000000 /dev/zero | tr '\0' ' ' >"$dir/app/blank.json"
	cat "$dir/app/p.json" >>"$dir/app/blank.json"
	serve --memory=4M
	POLICY=blank.json
	under -- $python a.py
	POLICY=p.json
	is "$STATUS:$OUT" '125:' "$WHO: a manifest that is too large for it"
	like "$ERR" 'no memory left for this manifest: see --memory' 'says why'
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' 'and does not concern the others'
	stop
	rm -f "$dir"/app/large.* "$dir/app/blank.json"
}

sessions() {
	serve --sessions=2
	mkfifo "$TMP/more.$WHO"
	for i in 1 2; do
		as_who /usr/bin/python3 "$client" hold "$socket" \
			"$dir/app/p.json" x <"$TMP/more.$WHO" >"$TMP/held.$i" &
		eval "held_$i=$!"
	done
	exec 9>"$TMP/more.$WHO"
	wait_for "$TMP/held.1" LOADED
	wait_for "$TMP/held.2" LOADED
	under -- $python a.py
	is "$STATUS:$OUT" '125:' "$WHO: one session too many"
	like "$ERR" 'has as many sessions as it may: see --sessions' 'says why'
	exec 9>&-
	# shellcheck disable=SC2154 # set by eval
	wait "$held_1" "$held_2"
	sleep 0.2
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' 'there is room again'
	stop
}

hostile() {
	serve
	ask attack "$socket" "$dir/app/p.json" "$dir/app/b.py"
	is "$OUT" 'LOADED, 0 bad, in time' "$WHO: a hostile client"
	[ "$STATUS" -eq 0 ] || diag "$ERR" "$(cat "$TMP/service.err")"
	ok 'the service lives' kill -0 "$SERVICE"
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' 'and serves'

	truncate -s 200M "$dir/app/large.1"
	printf '{ "resources": { %s } }\n' "$(entries large.1 b.py)" \
		>"$dir/app/large.json"
	ask slow "$socket" "$dir/app/large.json" "$dir/app/large.1" \
		"$dir/app/b.py"
	like "$OUT" '^MATCH in time$' "$WHO: large files of others"
	like "$OUT" 'MATCH' 'which are verified, too'
	unlike "$OUT" 'MISMATCH|END' 'or told to wait'
	rm -f "$dir"/app/large.*
	stop
}

# The service is gone in the middle of a run; systemd starts another one.
restarts() {
	serve
	for many in 1 2; do
		rm -f "$dir/app/go"
		spawn "$dir/app" "$NSSUPERVISE" --quiet --policy=p.json \
			--verifier="$socket" --allow-fs-read="$dir" -- \
			$python wait.py
		wait_for "$TMP/spawn.out" '^waits'
		kill -KILL "$SERVICE"
		wait "$SERVICE" 2>/dev/null
		[ "$many" = 2 ] || serve
		: >"$dir/app/go"
		reap
		if [ "$many" = 1 ]; then
			is "$STATUS:$(tail -n 1 "$TMP/spawn.out")" '0:ran 1' \
				"$WHO: another service takes over"
			like "$(cat "$TMP/spawn.err")" \
				'the verifier service failed; connecting again' \
				'and it is said'
		else
			is "$STATUS:$(tail -n 1 "$TMP/spawn.out")" '125:waits' \
				"$WHO: none does, and the run ends"
		fi
	done
	rm -f "$dir/app/go"
}

reach() {
	serve
	cd "$dir" || exit 99
	for option in --allow-fs-write="$socket" --allow-fs-write="$dir/run" \
		'--allow-fs-write=*' --allow-unix="$socket" \
		--allow-unix="$dir/run/*"; do
		under "$option" -- $python a.py
		is "$STATUS:$OUT" '125:' "$WHO: $option"
		like "$ERR" 'lies inside|the command could (replace|reach) the socket' \
			'is refused'
	done
	cat >"$dir/app/reach.py" <<-END
		import socket
		try:
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect("$socket")
		    print("connected")
		except OSError as error:
		    print(type(error).__name__)
	END
	run as_who /usr/bin/python3 "$dir/app/reach.py"
	is "$OUT" connected "$WHO: a process of the user reaches it"
	printf '{ "resources": { %s } }\n' "$(entries reach.py)" \
		>"$dir/app/reach.json"
	POLICY=reach.json
	under --allow-net --quiet -- $python reach.py
	is "$STATUS:$OUT" '0:PermissionError' 'the command does not'
	POLICY=p.json
	under --allow-fs-read='*' --quiet -- \
		"$target" "read:/proc/$SERVICE/status"
	like "$OUT" 'EACCES$' 'nor does it see its process'
	stop
	under -- $python a.py
	is "$STATUS:$OUT" '125:' "$WHO: nobody there"
	like "$ERR" "verifier service '$socket' cannot be used: Connection refused" \
		'says so'
	sandbox --verifier="$socket" -- true
	is "$STATUS" 125 "$WHO: without a manifest"
	like "$ERR" "'--verifier' needs '--policy'" 'is a usage error'
}

by_systemd() {
	rm -f "$socket"
	start_service /usr/bin/python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen(16)
fd = os.dup(s.fileno())
if fd != 3 and s.fileno() != 3:
    os.dup2(fd, 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execl(sys.argv[2], "nsverifyd", "--idle=1")' "$socket" "$NSVERIFYD"
	under -- $python a.py
	is "$STATUS:$OUT" '0:ran 1' "$WHO: started with a socket"
	if wait_gone "$SERVICE"; then
		ENDED=0
		wait "$SERVICE" || ENDED=$?
		is "$ENDED" 0 "$WHO: --idle ends it, status 0"
	else
		stop
		fail "$WHO: --idle ends it"
	fi
}

for WHO in $(identities); do
	runs
	node_runs
	sharing
	memory
	sessions
	hostile
	restarts
	reach
	by_systemd
done

# ---- several users

if is_root; then
	WHO=user
	serve
	WHO=root
	under -- $python a.py
	is "$STATUS:$OUT" '125:' "the service of a user, for root"
	like "$ERR" "another user's: who answers there" 'is not trusted'
	stop
	rm -f "$socket"
	serve
	chmod 666 "$socket"
	WHO=user
	under -- $python a.py
	is "$STATUS:$OUT" '125:' "root's own service, for a user"
	like "$ERR" "the verifier service is another user's" 'turns away'
	WHO=root
	stop
	rm -f "$socket"
	serve --any-user
	for WHO in root user; do
		under -- $python a.py
		is "$STATUS:$OUT" '0:ran 1' "root's service for all, for $WHO"
		ask ask "$socket" "$dir/app/p.json" "$dir/app/b.py"
		like "$OUT" '^MATCH' 'has a copy'
		echo "$OUT" >"$TMP/copy.$WHO"
	done
	ok 'but not the same' [ "$(cat "$TMP/copy.root")" != "$(cat "$TMP/copy.user")" ]
	WHO=root
	stop
else
	skip 'several users: not root'
fi

# ---- arguments

for argument in --memory=1 --memory=x --memory=1T --memory=-1 --sessions=0 \
	--sessions=9999 --idle=0 --idle= --snapshots=1K --sessions=1x; do
	run "$NSVERIFYD" --listen="$TMP/none" "$argument"
	is "$STATUS" 125 "$argument: status 125"
	like "$ERR" "^nsverifyd: '$argument': (not a number|out of range)$" 'says why'
done
run "$NSVERIFYD" --listen="$TMP/nowhere/socket"
is "$STATUS" 125 'a socket that cannot be made'
: >"$TMP/file"
run "$NSVERIFYD" --listen="$TMP/file"
is "$STATUS" 125 'a file is not replaced'
ok 'it is still there' [ -f "$TMP/file" ]
run "$NSVERIFYD" --any-user 3<&-
is "$STATUS" 125 'no socket at all'
like "$ERR" 'not a listening SOCK_SEQPACKET socket' 'says so'

done_testing
