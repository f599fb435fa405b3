#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where Landlock alone says what the flags say, and nobody wants to hear of
# denials, the kernel answers opens and names without us: the answers must be
# those of the supervisor, and everything that needs it must bring it back.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise

base=$TMP/planner
mkdir "$base"
cd "$base" || exit 99

plain="--allow-fs-metadata --quiet"

# plan NAME FLAG...: the line on opens, without running anything.
plan() {
	run "$NSSUPERVISE" --explain "$@"
	sed -n 's/^  open  *//p' "$TMP/.out"
}

# A directory of the machine may hold what has to stay hidden.
# shellcheck disable=SC2086 # words without blanks
why=$(plan $plain --allow-fs-read="$base" -- "$target")
case $why in
*"above the grants"*) skip_all "on this machine $why" ;;
esac

# setup: the tree of the comparison, made anew.
setup() {
	rm -rf "$base/tree"
	mkdir "$base/tree"
	cd "$base/tree" || exit 99
	mkdir read write only closed read/sub write/sub
	echo inside >read/file
	echo secret >closed/file
	echo w >write/file
	echo o >only/file
	echo g >write/sub/g
	ln -s ../closed/file read/link
	ln -s file read/good
	ln -s nowhere read/dangling
	ln closed/file read/hard
	chmod -R a+rwX .
	[ "$WHO" != user ] || ! is_root || chown -R "$tap_uid" .
}

reads="read:read/file line:read/file read:read/link read:read/good
	read:read/dangling read:read/hard read:closed/file read:closed/none
	read:read/none list:read list:closed list:. list:write
	opath:closed/file opath:read/file directory:read/file
	nofollow:read/good openat:read:file openat:closed:file
	openat2:read:file:beneath reopen:read/file
	read:/etc/passwd read:/etc/shadow read:/proc/self/cwd/read/file
	read:/proc/self/root/etc/passwd read:/proc/self/exe"
writes="write:read/file:x write:write/file:x append:write/file:y
	create:write/new create:read/new create:closed/new
	opencreate:write/new2 truncro:read/file truncro:write/file
	trunc:write/file truncate:read/file truncate:write/file:0
	truncate:closed/file rdwr:read/file rdwr:write/file rdwr:only/file
	read:only/file write:only/file:z accmode3:read/file tmpfile:write
	tmpfile:read write:/dev/null:x read:/dev/null"
names="rename:write/new:write/newer rename:write/newer:write/sub/newer
	rename:write/sub/newer:only/x rename:only/x:write/y
	rename:read/file:write/z rename:write/file:read/z
	rename:closed/file:write/c link:read/file:write/l
	link:write/file:write/l2 link:closed/file:write/l3
	symlink:../closed/file:write/sl read:write/sl mkdir:write/d
	rmdir:write/d mkdir:closed/d unlink:write/l2 unlink:read/file
	unlink:closed/file unlink:closed/none mknod:write/dev
	mkfifo:write/ff rename:write/sub:write/sub2
	exchange:write/file:write/new2 rename:write:write2 rmdir:write/sub2"
own="read:/proc/self/maps line:/proc/self/comm read:/proc/self/net/dev
	read:/proc/thread-self/net/dev read:/proc/1/status
	read:/proc/1/environ list:/proc list:/proc/self list:/proc/self/fd
	list:/proc/self/task read:/proc/meminfo read:/proc/version
	read:/proc/cpuinfo write:/proc/self/oom_score_adj:0
	rdwr:/proc/self/mem write:/proc/self/fd/1: read:/dev/stdin
	read:/dev/kmsg"
others="chmod:write/file:0600 chmod:read/file:0600 utimens:write/file
	utimens:read/file fork exec:/bin/true become:/bin/true memfdexec
	socket:inet badopen badmkdir"

# What differs: errors, and what of /proc/self Landlock cannot take out.
differences() {
	cat <<-'END'
		accmode3 read/file: EACCES|OK
		link closed/file write/l3: EACCES|EXDEV
		link read/file write/l: EACCES|EXDEV
		list /proc/self/task: N|EACCES
		list /proc/self: NAMES|EACCES
		mknod write/dev: EPERM|EACCES
		read closed/none: EACCES|ENOENT
		rename only/x write/y: EACCES|EXDEV
		unlink closed/none: EACCES|ENOENT
	END
}

# battery FLAG...: all operations, standard output a pipe.
battery() {
	setup
	# shellcheck disable=SC2086 # one word each
	as_who timeout -k 5 60 "$NSSUPERVISE" --allow-fs-metadata "$@" \
		--allow-fs-read="$base/tree/read,$base/tree/write" \
		--allow-fs-write="$base/tree/write,$base/tree/only" -- \
		"$target" $reads $writes $names $own $others \
		</etc/hostname 2>"$TMP/battery.err" | cat
}

compare() {
	battery --quiet >"$TMP/kernel"
	chmod 755 "$base"
	battery --log=fd:9 9>"$TMP/events" >"$TMP/supervisor"
	for side in supervisor kernel; do
		sed -e 's/: \([^:]*\)$/|\1/' \
			-e 's/^\(list .proc.self\)|arch.*/\1|NAMES/' \
			-e 's/^\(list .proc.self.task\)|[0-9 ]*$/\1|N/' \
			"$TMP/$side" | sort >"$TMP/$side.sorted"
	done
	is "$(wc -l <"$TMP/kernel")" "$(wc -l <"$TMP/supervisor")" \
		"$WHO: both came to the end"
	is "$(join -t '|' "$TMP/supervisor.sorted" "$TMP/kernel.sorted" |
		awk -F '|' '$2 != $3 { print $1 ": " $2 "|" $3 }' | sort)" \
		"$(differences)" "$WHO: the kernel answers what we would"
	ok "$WHO: the supervisor has answered in one of them" \
		test -s "$TMP/events"
}
for WHO in $(identities); do
	compare
done
WHO=
setup

# What is asked, and why. NAME, ERE of the line, FLAG...
asked() {
	asked_name=$1
	asked_ere=$2
	shift 2
	like "$(plan "$@" -- "$target")" "$asked_ere" "$asked_name"
}
grants="--allow-fs-read=$base/tree/read --allow-fs-write=$base/tree/write"
# shellcheck disable=SC2086 # words without blanks
reasons() {
	asked "the kernel alone" '^by its arguments: Landlock alone' \
		$plain $grants
	asked "denials are reported" '^notified: .*--quiet' \
		--allow-fs-metadata $grants
	asked "metadata are guarded" '^notified: .*--allow-fs-metadata' \
		--quiet $grants
	asked "a log" '^notified: .*--log' $plain $grants --log="$TMP/log"
	asked "a status descriptor" '^notified: .*--status-fd' $plain $grants \
		--status-fd=1
	asked "report only" '^notified: --report-only' $plain $grants \
		--report-only
	asked "children" '^notified: --allow-child-process' $plain $grants \
		--allow-child-process
	asked "a carve-out" '^notified: --deny-fs-read=.*exceptions' $plain \
		$grants --deny-fs-read="$base/tree/read/sub"
	asked "a pattern" '^notified: .*patterns' $plain $grants \
		--allow-fs-read="$base/tree/*.txt"
	asked "a single file" '^notified: .*replaced' $plain $grants \
		--allow-fs-read="$base/tree/closed/file"
	asked "what is not there yet" '^notified: .*made' $plain $grants \
		--allow-fs-read="$base/tree/later"
	asked "a grant in what may only be written" '^notified: .*moved' \
		$plain --allow-fs-write="$base/tree" \
		--allow-fs-read="$base/tree/read"
	asked "everything, /proc too" '^notified: .*/proc' $plain \
		--allow-fs-read='*'
	asked "all of /proc" '^notified: .*/proc' $plain --allow-fs-read=/proc
}
reasons

# What has to look as if it were missing, above a grant.
mkdir "$base/tree/walk" "$base/tree/walk/app"
touch "$base/tree/walk/.git"
asked "a probe above a grant" "^notified: '$(ere "$base/tree/walk/.git")'" \
	--allow-fs-metadata --quiet --allow-fs-read="$base/tree/walk/app"
asked "a probe inside of a grant" '^by its arguments' \
	--allow-fs-metadata --quiet --allow-fs-read="$base/tree/walk"
run "$NSSUPERVISE" --allow-fs-metadata --quiet \
	--allow-fs-read="$base/tree/walk/app" -- "$target" \
	"read:$base/tree/walk/.git"
like "$OUT" 'ENOENT$' "and it does look so"

# Every group says what becomes of it.
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" --explain=json $plain $grants -- "$target"
printf '%s\n' "$OUT" >"$TMP/plan.json"
run python3 -c '
import json, sys
plan = json.load(open(sys.argv[1], encoding="utf-8"))
for group in plan["notified"]:
    print(group["group"], group["notified"], group["otherwise"])
' "$TMP/plan.json"
is "$OUT" "open False by its arguments
metadata False the kernel decides
names False the kernel decides
watch True None
attributes True None
exec True None
fork False refused
threads False by its arguments
code True None
network False refused" "what each group becomes"

# A rule belongs to an inode; entries of /proc get new ones.
cat >"$TMP/entries.sh" <<'END'
read -r a </proc/self/stat && read -r b </proc/meminfo && echo before
read -r go
read -r a </proc/self/stat && read -r b </proc/meminfo && echo after
END
if [ -w /proc/sys/vm/drop_caches ]; then
	mkfifo "$TMP/go"
	chmod 644 "$TMP/entries.sh"
	# shellcheck disable=SC2086 # words without blanks
	STDIN=$TMP/go
	exec 8<>"$TMP/go"
	# shellcheck disable=SC2086 # words without blanks
	spawn "$base" "$NSSUPERVISE" $plain $grants -- /bin/sh "$TMP/entries.sh"
	ok "entries of /proc: can be read" wait_for "$TMP/spawn.out" before
	echo 2 >/proc/sys/vm/drop_caches
	echo go >&8
	reap
	exec 8>&-
	like "$(cat "$TMP/spawn.out")" after \
		"entries of /proc: also when their names have left the cache"
else
	skip "the cache of names: only root can empty it"
fi

# Whoever changes the name servers makes a new file. In a mount namespace of
# our own, with an /etc that is ours.
cat >"$TMP/servers.sh" <<'END'
read -r a </etc/resolv.conf && echo "before $a"
read -r go
read -r a </etc/resolv.conf && echo "after $a"
END
mkdir "$TMP/etc" && cp -L /etc/ld.so.cache /etc/passwd "$TMP/etc/"
cat >"$TMP/servers" <<END
mount --bind "$TMP/etc" /etc || exit 77
echo one >/etc/resolv.conf
mkfifo "$TMP/ask"
exec 8<>"$TMP/ask"
"$NSSUPERVISE" "\$@" -- /bin/sh "$TMP/servers.sh" <"$TMP/ask" >"$TMP/answers" &
sleep 1
echo two >/etc/new && mv /etc/new /etc/resolv.conf
echo go >&8
wait
END
# shellcheck disable=SC2086 # words without blanks
for flags in "" "$plain"; do
	rm -f "$TMP/ask" "$TMP/answers"
	run timeout -k 5 30 unshare -m sh "$TMP/servers" $flags --allow-net \
		--allow-fs-read="$base/tree/read"
	if is_root && [ "$STATUS" -eq 0 ]; then
		is "$(cat "$TMP/answers")" "before one
after two" "name servers: a new file is seen (${flags:-no flags})"
	else
		skip "name servers: this needs a mount namespace"
	fi
done

# Names of files that may not be read are not learned by a watch either.
if command -v inotifywait >/dev/null 2>&1; then
	# shellcheck disable=SC2086 # words without blanks
	run "$NSSUPERVISE" $plain $grants -- inotifywait -t 1 \
		"$base/tree/closed"
	like "$ERR" 'ermission denied' "a watch is refused"
fi

# A marked open is asked, and is granted no more for it.
python=$(find_python)
if [ -n "$python" ]; then
	cat >"$base/tree/read/mark.py" <<-'END'
		import os, sys
		for name in sys.argv[1:]:
		    try:
		        print(os.read(os.open(name, 0x40000000), 99))
		    except OSError as e:
		        print(e.strerror)
	END
	cd "$base/tree/read" || exit 99
	# shellcheck disable=SC2086 # words without blanks
	run "$NSSUPERVISE" $plain $grants -- "$python" mark.py file \
		../closed/file /etc/shadow /.nssupervise/has/fs.read
	is "$OUT" "b'inside\\n'
Permission denied
Permission denied
Permission denied" "a marked open gets no more"
else
	skip "a marked open: there is no python"
fi

# The runtime's own way to ask still reaches the supervisor.
node=$(default_node)
if [ -n "$node" ]; then
	node=$(reachable "$node")
	echo 'console.log(process.permission &&
		[process.permission.has("fs.read", process.argv[2]),
		process.permission.has("fs.read", "/etc/shadow")].join())' \
		>"$base/tree/read/has.js"
	cd "$base/tree/read" || exit 99
	# shellcheck disable=SC2086 # words without blanks
	case $(plan $plain $grants -- "$node" has.js) in
	notified*) skip "process.permission: opens are asked here" ;;
	*)
		# shellcheck disable=SC2086 # words without blanks
		run "$NSSUPERVISE" $plain $grants -- "$node" has.js \
			"$base/tree/read/file"
		is "$OUT" "true,false" "process.permission has its answers"
		;;
	esac
else
	skip "process.permission: there is no node"
fi

done_testing
