#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Notifications under stress: signals on both sides, the freezer, neighbours,
# pipelines, many starts. What is asked is done once or refused, and nobody waits
# for ever. The names in brackets are those of doc/ATTACKS.md.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

attacks=$top_builddir/tests/attack
[ -x "$attacks/attack-storm" ] || skip_all "the attacks are not built"
dir=$TMP/protocol
mkdir "$dir" "$dir/mine" "$dir/theirs"
echo mine >"$dir/mine/file"
echo theirs >"$dir/theirs/file"

# T009: a kernel that forgets an answer makes a file and says EINTR, or EEXIST
# when it asks again.
mkdir "$dir/storm"
run timeout -k 5 100 "$NSSUPERVISE" --allow-fs-read="$dir" \
	--allow-fs-write="$dir/storm" --allow-fs-metadata -- \
	"$attacks/attack-storm" "$dir/storm" 10000
is "$OUT" "$(printf 'made: all\nleft over: 0')" \
	"T009: ten thousand files under a storm of signals, each once"
rm -rf "$dir/storm"

# T008: a handler that runs before anybody has heard of the call.
# shellcheck disable=SC2016 # for the other shell
pipelines='trap : CHLD
i=0
while [ "$i" -lt 100 ]; do
	echo "$i" | cat | cat
	i=$((i + 1))
done'
run timeout -k 5 100 "$NSSUPERVISE" --allow-child-process \
	--allow-fs-read="$dir" -- /bin/dash -c "$pipelines"
is "$OUT" "$(seq 0 99)" "T008: a hundred pipelines under SIGCHLD"

# T018: signals to the supervisor, which it passes on; the command does not
# mind these.
"$NSSUPERVISE" --allow-fs-read="$dir/mine" --quiet -- \
	"$attacks/attack-zero" "$dir/mine/file" 20000 >"$TMP/zero.out" \
	2>/dev/null &
PID=$!
sent=0
while [ "$sent" -lt 3000 ] && kill -WINCH "$PID" 2>/dev/null; do
	kill -URG "$PID" 2>/dev/null
	sent=$((sent + 1))
done
reap
diag "sent $sent of each"
is "$(cat "$TMP/zero.out")-$STATUS" "rounds=20000 zero=0 failed=0-0" \
	"T018: a supervisor under signals answers all the same"

# T026: two sandboxes at once have nothing of each other.
for who in mine theirs; do
	[ "$who" = mine ] && other=theirs || other=mine
	# shellcheck disable=SC2016 # for the other shell
	timeout -k 5 60 "$NSSUPERVISE" --quiet --allow-fs-read="$dir/$who" -- \
		/bin/sh -c 'i=0
	while [ "$i" -lt 3000 ]; do
		i=$((i + 1))
		{ read -r a <"$1" && echo "$a"; } 2>/dev/null
		{ read -r b <"$2" && echo "$b"; } 2>/dev/null
	done' sh "$dir/$who/file" "$dir/$other/file" >"$TMP/$who.out" 2>&1 &
done
wait
for who in mine theirs; do
	is "$(sort "$TMP/$who.out" | uniq -c | tr -s ' ')" " 3000 $who" \
		"T026: two at once, each has its own"
done

# T025: frozen while it waits for an answer.
frozen=
freeze() {
	if [ -w "$frozen/cgroup.freeze" ]; then
		echo "$1" >"$frozen/cgroup.freeze"
	elif [ "$1" = 1 ]; then
		echo FROZEN >"$frozen/freezer.state"
	else
		echo THAWED >"$frozen/freezer.state"
	fi
}
make_group() {
	is_root || return 1
	for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/freezer; do
		frozen=$top/nssupervise-test-$$
		mkdir "$frozen" 2>/dev/null || continue
		if [ -e "$frozen/cgroup.freeze" ] ||
			[ -e "$frozen/freezer.state" ]; then
			return 0
		fi
		rmdir "$frozen"
	done
	return 1
}
if make_group; then
	mkfifo "$dir/mine/fifo"
	spawn "$dir" "$NSSUPERVISE" --allow-fs-read="$dir/mine" -- "$target" \
		sleep:300 "line:$dir/mine/fifo" "line:$dir/mine/file" fds
	sleep 0.6
	cat "/proc/$PID"/task/*/children | tr ' ' '\n' | while read -r child; do
		[ -z "$child" ] || echo "$child" >"$frozen/cgroup.procs"
	done
	freeze 1
	sleep 0.3
	# Whoever writes waits until the reader has been let in.
	timeout 20 sh -c "echo hello >$dir/mine/fifo" &
	sleep 0.3
	freeze 0
	reap
	is "$(sed 's/.*: //' "$TMP/spawn.out" | tr '\n' ',')" \
		"OK,hello,mine,0 1 2," \
		"T025: frozen in a request, it goes on with one descriptor"
	wait
	rmdir "$frozen"
else
	skip "T025: no control group can be made here"
fi

# T023: between the filter and the hand-over nothing may be asked that nobody
# answers yet.
started=0
while [ "$started" -lt 200 ]; do
	MALLOC_PERTURB_=$((started % 255 + 1)) timeout -k 5 20 \
		"$NSSUPERVISE" -- /bin/true </dev/null >"$TMP/start" 2>&1 || break
	started=$((started + 1))
done
is "$started" 200 "T023: two hundred starts, none hangs" || cat "$TMP/start"

done_testing
