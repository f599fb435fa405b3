#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the supervisor and the verifier have given up, seen from outside, and
# that the target can do nothing to them: neither as root nor as a user, though
# every path is granted. The attacks first succeed on a supervisor that is not
# their own.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/attack-supervisor" ] ||
	skip_all "the attack is not built"
attack=$(reachable "$top_builddir/tests/attack/attack-supervisor")
dir=$TMP/supervisor
mkdir "$dir"
echo inside >"$dir/file"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' "$dir/file" \
	"$(sri "$dir/file")" >"$dir/p.json"
rm -f "$dir/in"
mkfifo "$dir/in"
chmod 666 "$dir/in"

# With sanitizers there is no filter; see src/supervise/self_filter.c.
is_sanitized() {
	grep -Eq '__(asan|tsan)_init' "$NSSUPERVISE"
}

# start NAME ARG...: the attack waits in $PID, in a session of its own, because
# it also signals the process group that it shares with its supervisor.
start() {
	exec 9<>"$dir/in"
	STDIN=$dir/in
	start_log=$TMP/spawn.out
	spawn "$dir" setsid "$NSSUPERVISE" --quiet "$@" -- "$attack"
	STDIN=
	wait_for "$start_log" '^ready$' ||
		diag "not ready: $(cat "$TMP/spawn.out" "$TMP/spawn.err")"
}

# A child that took the sandbox's way is not of ours: its filters are more.
helpers() {
	helpers_all=$(cat "/proc/$PID"/task/*/children)
	for helper in $helpers_all; do
		case $(cat "/proc/$helper/comm") in
		nsverifyd | nssupervise) echo "$helper" ;;
		esac
	done
}

threads() {
	for thread in "/proc/$1"/task/*; do
		echo "${thread##*/}"
	done
}

# What others could have changed: once for the process, and for each thread.
vitals() {
	cat "/proc/$1/limits" "/proc/$1/oom_score_adj" "/proc/$1/cgroup" \
		"/proc/$1/coredump_filter" 2>&1
	cat "/proc/$1/autogroup" 2>/dev/null
	for vital in $(threads "$1"); do
		cat "/proc/$1/task/$vital/comm"
		sed 's/.*) //' "/proc/$1/task/$vital/stat" |
			cut -d ' ' -f 16,17,38,39
		grep -E '^(TracerPid|Cpus_allowed|Mems_allowed|Sig[PIC]|ShdPnd)' \
			"/proc/$1/task/$vital/status"
		chrt -p "$vital"
		ionice -p "$vital"
	done 2>&1
}

# given_up PID WHAT: no capability, nothing to gain, a filter on each thread.
given_up() {
	# Only who has capabilities can take them from the bounding set.
	given_sets='Inh\|Prm\|Eff\|Amb'
	[ "$WHO" = user ] || given_sets="$given_sets\\|Bnd"
	is "$(sed -n "s/^Cap\\($given_sets\\):[[:space:]]*//p" \
		"/proc/$1/status" | sort -u)" 0000000000000000 \
		"$2 has no capability"
	like "$(cat "/proc/$1/limits")" '^Max core file size +0 +0 ' \
		"$2 leaves no core"
	# The kernel gives the files of who is not dumpable to root.
	if [ "$WHO" = user ]; then
		is "$(stat -c %u "/proc/$1/environ")" 0 "$2 is not dumpable"
	fi
	if is_sanitized && [ "$2" = "$WHO: the supervisor" ]; then
		skip "$2: a build with sanitizers has no filter"
		return
	fi
	for given_thread in $(threads "$1"); do
		sed -n 's/^\(NoNewPrivs\|Seccomp\):[[:space:]]*//p' \
			"/proc/$1/task/$given_thread/status"
	done >"$TMP/filters"
	is "$(sort -u "$TMP/filters" | tr '\n' ' ')" '1 2 ' \
		"$2: each of $(($(wc -l <"$TMP/filters") / 2)) threads is behind a filter"
}

# Without us: the victim is a supervisor, but not of the attacker.
check_baseline() {
	spawn "$dir" setsid "$NSSUPERVISE" --quiet -- "$target" sleep:20000
	baseline_left=50
	until [ "$(threads "$PID" | wc -l)" -ge 3 ] ||
		[ "$baseline_left" -eq 0 ]; do
		baseline_left=$((baseline_left - 1))
		sleep 0.1
	done
	run as_who "$attack" --gently <<-END
		$PID
	END
	kill -KILL "$PID"
	reap
	for baseline_name in kill stop tkill tgkill sigqueue tgsigqueue \
		pidfd-signal limits cpu-limit nice io-priority affinity \
		scheduler sched-param sched-attr; do
		like "$OUT" " $baseline_name OK\$" \
			"$WHO: $baseline_name succeeds without us"
	done
	[ "$WHO" = root ] || return 0
	for baseline_name in ptrace read-memory write-memory take-descriptor \
		/proc/PID/oom_score_adj /proc/PID/mem /proc/PID/environ; do
		like "$OUT" " $baseline_name OK\$" \
			"$WHO: $baseline_name succeeds without us"
	done
}

# survives NAME ARG...
survives() {
	survives_name=$1
	shift
	start "$@"
	survives_helpers=$(helpers)
	given_up "$PID" "$WHO: the supervisor"
	for survives_pid in "$PID" $survives_helpers; do
		vitals "$survives_pid" >"$TMP/before-$survives_pid"
	done
	for survives_pid in "$PID" $survives_helpers; do
		echo "$survives_pid"
		threads "$survives_pid" | grep -vx "$survives_pid"
	done >"$TMP/numbers"
	cat "$TMP/numbers" >&9
	echo 0 >&9
	wait_for "$TMP/spawn.out" ' own-all ' || diag "it did not come to an end"
	survives_out=$(cat "$TMP/spawn.out")
	is "$(printf '%s\n' "$survives_out" | grep -c ' kill [A-Z]')" \
		"$(wc -l <"$TMP/numbers")" \
		"$WHO, $survives_name: $(wc -l <"$TMP/numbers") processes and threads are attacked"
	is "$(printf '%s\n' "$survives_out" | grep ' OK$' | grep -v ' own-')" \
		'' "$WHO, $survives_name: nothing succeeds"
	reap
	is "$STATUS" 7 "$WHO, $survives_name: the program ends as it wants"
	exec 9>&-
}

# As survives(), but the program goes on, so that its victims can be looked at.
unharmed() {
	unharmed_name=$1
	shift
	start "$@"
	unharmed_helpers=$(helpers)
	for unharmed_pid in "$PID" $unharmed_helpers; do
		vitals "$unharmed_pid" >"$TMP/before-$unharmed_pid"
	done
	for unharmed_pid in "$PID" $unharmed_helpers; do
		echo "$unharmed_pid"
		threads "$unharmed_pid" | grep -vx "$unharmed_pid"
	done >&9
	unharmed_last=$(threads "$PID" | tail -n 1)
	[ -z "$unharmed_helpers" ] || unharmed_last=$(printf '%s\n' \
		"$unharmed_helpers" | tail -n 1)
	wait_for "$TMP/spawn.out" "^$unharmed_last /proc/PID/io " ||
		diag "the attack did not come to an end"
	for unharmed_pid in "$PID" $unharmed_helpers; do
		vitals "$unharmed_pid" >"$TMP/after-$unharmed_pid"
		ok "$WHO, $unharmed_name: $(cat "/proc/$unharmed_pid/comm") is as it was" \
			diff "$TMP/before-$unharmed_pid" "$TMP/after-$unharmed_pid"
	done
	echo 0 >&9
	reap
	is "$STATUS" 7 "$WHO, $unharmed_name: it still answers"
	exec 9>&-
}

for WHO in $(identities); do
	check_baseline
	survives "every path granted" --allow-fs-read='*' --allow-fs-write='*'
	survives "and child processes" --allow-fs-read='*' \
		--allow-fs-write='*' --allow-child-process
	unharmed "no flag"
	unharmed "every path granted" --allow-fs-read='*' --allow-fs-write='*'
	# A manifest excludes write grants on what it lists.
	unharmed "a manifest" --allow-fs-read="$dir" --policy="$dir/p.json"
done

WHO=user
start --allow-fs-read="$dir" --policy="$dir/p.json"
is "$(helpers | wc -l)" 2 "with a manifest there are a verifier and its spare"
for helper in $(helpers); do
	case $(cat "/proc/$helper/comm") in
	nsverifyd) given_up "$helper" "$WHO: the verifier" ;;
	*)
		if is_root; then
			is "$(find "/proc/$helper/fd" -mindepth 1 | wc -l)" 4 \
				"the spare has its socket and three more"
		else
			skip "the descriptors of the spare cannot be seen"
		fi
		;;
	esac
done
echo 0 >&9
reap
exec 9>&-

done_testing
