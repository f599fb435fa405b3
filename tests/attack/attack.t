#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks, and above all races. Each runs first without us, to show that it
# would succeed, and then under us, where it must not. The names in brackets
# are those of the catalogue of attacks.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

attacks=$top_builddir/tests/attack
[ -x "$attacks/attack-open" ] || skip_all "the attacks are not built"
dir=$TMP/attack
rounds=2000

# Both trees differ in one letter of their name, as the races need it.
make_tree() {
	chmod -R u+rwx "$dir" 2>/dev/null
	rm -rf "$dir"
	mkdir -p "$dir/tree-a/sub" "$dir/tree-b/sub"
	echo ALLOWED >"$dir/tree-a/file"
	echo SECRET >"$dir/tree-b/file"
	chmod 600 "$dir/tree-b/file"
}

# baseline NAME ERE COMMAND...: without us the attack succeeds; it may need
# more than one attempt where the machine is busy.
baseline() {
	baseline_name=$1
	baseline_want=$2
	shift 2
	for baseline_try in 1 2 3 4 5; do
		run timeout -k 5 60 "$@"
		! printf '%s\n' "$OUT" | grep -Eq -e "$baseline_want" || break
	done
	like "$OUT" "$baseline_want" "$baseline_name: succeeds without us"
	diag "try $baseline_try: $OUT"
}

under() {
	run timeout -k 5 100 "$NSSUPERVISE" "$@"
	diag "under us: $(printf '%s' "$OUT" | head -n 5)"
	[ -z "$OUT" ] || return 0
	diag "status $STATUS: $(printf '%s' "$ERR" | head -n 5)"
}

# The race was one: both the allowed and the forbidden path were met.
was_race() {
	like "$OUT" '(allowed|done)=[1-9]' "$1: the allowed path is served"
	like "$OUT" 'refused=[1-9]' "$1: the forbidden one is met"
}

race_open() {
	make_tree
	baseline "$1" 'allowed=[1-9].* secret=[1-9]' "$attacks/attack-open" \
		"$2" "$dir/tree-a/file" "$dir/tree-b/file" "$rounds"
	under --allow-fs-read="$dir/tree-a" ${3:+"$3"} ${4:+"$4"} -- \
		"$attacks/attack-open" "$2" "$dir/tree-a/file" \
		"$dir/tree-b/file" "$rounds"
	was_race "$1"
	like "$OUT" ' secret=0$' "$1: the forbidden file is never opened"
	unlike "$ERR" "denied .*tree-a" "$1: what is reported is what was refused"
}

race_open "T001 open, path rewritten by a thread" thread
race_open "T122 open, path rewritten by a process" process --allow-child-process
race_open "T001 the same, metadata not guarded" thread --allow-fs-metadata
race_open "T002 open, the forbidden file carved out" thread \
	--allow-fs-read="$dir" --deny-fs-read="$dir/tree-b"
race_open "T002 open, only a pattern allowed" thread \
	--allow-fs-read="$dir/none" "--allow-fs-read=$dir/tree-a/f*"

# T002: the forbidden file is listed with another hash, the other one is not
# code at all.
make_tree
echo ALLOWED >"$dir/tree-a/file.js"
echo SECRET >"$dir/tree-b/file.js"
edit_json_text='{ "resources": { "'$dir'/tree-b/file.js": { "integrity": "sha256-'
printf '%s%s' "$edit_json_text" \
	'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },' >"$dir/p.json"
printf '"%s": { "integrity": "%s" } } }\n' "$dir/tree-a/file.js" \
	"$(sri "$dir/tree-a/file.js")" >>"$dir/p.json"
baseline "T002 listed file" 'allowed=[1-9].* secret=[1-9]' \
	"$attacks/attack-open" thread "$dir/tree-a/file.js" \
	"$dir/tree-b/file.js" "$rounds"
under --allow-fs-read="$dir" --policy="$dir/p.json" -- "$attacks/attack-open" \
	thread "$dir/tree-a/file.js" "$dir/tree-b/file.js" "$rounds"
was_race "T002 listed file"
like "$OUT" ' secret=0$' "T002 listed file: bytes of another hash never arrive"

# T003, T004: metadata and names.
race_change() {
	make_tree
	baseline "$1" 'done=[1-9]' "$attacks/attack-change" "$2" \
		"$dir/tree-a/file" "$dir/tree-b/file" "$rounds"
	$3
	is "$FOUND" yes "$1: without us the forbidden file is changed"
	make_tree
	under --allow-fs-read="$dir" --allow-fs-write="$dir/tree-a" --quiet -- \
		"$attacks/attack-change" "$2" "$dir/tree-a/file" \
		"$dir/tree-b/file" "$rounds"
	was_race "$1"
	$3
	is "$FOUND" no "$1: the forbidden file is unchanged"
}
# shellcheck disable=SC2317 # called by race_change
found() {
	FOUND=no
	! "$@" || FOUND=yes
}
# shellcheck disable=SC2317
mode_changed() {
	found [ "$(stat -c %a "$dir/tree-b/file")" != 600 ]
}
# shellcheck disable=SC2317
times_changed() {
	found [ "$(stat -c %Y "$dir/tree-b/file")" -gt 86400 ]
	touch -d @1 "$dir/tree-b/file"
}
# shellcheck disable=SC2317
size_changed() {
	found [ "$(stat -c %s "$dir/tree-b/file")" != 7 ]
}
race_change "T003 chmod" mode mode_changed
race_change "T004 fchmod of a descriptor number" fd-mode mode_changed
race_change "T003 truncate" truncate size_changed
make_tree
touch -d @1 "$dir/tree-b/file"
under --allow-fs-read="$dir" --allow-fs-write="$dir/tree-a" --quiet -- \
	"$attacks/attack-change" times "$dir/tree-a/file" "$dir/tree-b/file" 500
times_changed
is "$FOUND" no "T003 utimensat: the forbidden file is unchanged"
make_tree
baseline "T077 stat" 'secret=[1-9]' "$attacks/attack-change" stat \
	"$dir/tree-a/file" "$dir/tree-b/file" "$rounds"
under --allow-fs-read="$dir/tree-a" --quiet -- "$attacks/attack-change" stat \
	"$dir/tree-a/file" "$dir/tree-b/file" "$rounds"
was_race "T077 stat"
like "$OUT" ' secret=0$' "T077 stat: says nothing of the forbidden file"

# T048: a directory and a symlink change places.
race_directory() {
	make_tree
	mkdir "$dir/tree-a/place"
	echo ALLOWED >"$dir/tree-a/place/file"
	ln -s ../tree-b "$dir/tree-a/other"
}
race_directory
baseline "T048 directory against symlink" 'allowed=[1-9].* secret=[1-9]' \
	"$attacks/attack-directory" "$dir/tree-a" "$rounds"
race_directory
under --allow-fs-read="$dir/tree-a" --allow-fs-write="$dir/tree-a" --quiet -- \
	"$attacks/attack-directory" "$dir/tree-a" "$rounds"
was_race "T048 directory against symlink"
like "$OUT" ' secret=0 exchanged=yes$' "T048: the forbidden file is never opened"

# T043: the flags of openat2.
make_tree
baseline "T043 flags of openat2" 'secret=[1-9]' "$attacks/attack-how" \
	"$dir/tree-a/file" "$rounds"
is "$(stat -c %s "$dir/tree-a/file")" 0 "T043: without us the file is truncated"
make_tree
under --allow-fs-read="$dir/tree-a" --quiet -- "$attacks/attack-how" \
	"$dir/tree-a/file" "$rounds"
was_race "T043 flags of openat2"
like "$OUT" ' secret=0$' "T043: never open for writing"
is "$(stat -c %s "$dir/tree-a/file")" 8 "T043: the file is not truncated"

# T111: which program is executed.
make_tree
cp /bin/true "$dir/tree-a/program"
cp /bin/false "$dir/tree-b/program"
baseline "T111 execve" 'allowed=[1-9].* secret=[1-9]' "$attacks/attack-exec" \
	"$dir/tree-a/program" "$dir/tree-b/program" 200
under --allow-child-process="$dir/tree-a/program" --allow-fs-read="$dir" \
	--quiet -- "$attacks/attack-exec" "$dir/tree-a/program" \
	"$dir/tree-b/program" 200
was_race "T111 execve"
like "$OUT" ' secret=0 ' "T111: the forbidden program never runs"

# T036, T037: a thread with descriptors and a working directory of its own.
views() {
	make_tree
	mkdir "$dir/mine" "$dir/theirs" "$dir/denied"
	echo mine >"$dir/mine/file"
	echo theirs >"$dir/theirs/file"
	echo SECRET >"$dir/denied/file"
}
views
baseline "T036 thread of its own" '^upwards: SECRET$' \
	"$attacks/attack-thread" "$dir/mine" "$dir/theirs"
native=$(printf '%s\n' "$OUT" | sed 's/SECRET/refused/')
views
under --allow-fs-read="$dir/mine" --allow-fs-read="$dir/theirs" \
	--allow-fs-write="$dir/theirs" --quiet -- "$attacks/attack-thread" \
	"$dir/mine" "$dir/theirs"
is "$OUT" "$native" "T036, T037: each thread is judged by what it sees"

# T058, T059: whoever waits, waits alone.
make_tree
mkfifo "$dir/tree-a/fifo"
echo hello >"$dir/tree-a/leased"
for kind in fifo lease; do
	object=$dir/tree-a/fifo
	[ "$kind" = fifo ] || object=$dir/tree-a/leased
	baseline "T058 $kind" '^result: 1$' "$attacks/attack-stall" "$kind" \
		"$object" "$dir/tree-a/file"
	native=$OUT
	under --allow-fs-read="$dir/tree-a" --allow-fs-write="$dir/tree-a" -- \
		"$attacks/attack-stall" "$kind" "$object" "$dir/tree-a/file"
	is "$OUT" "$native" "T058, T059 $kind: the open waits, others are served"
done

# T104: two readers of one listed file do not share an offset.
make_tree
python3 -c 'print("x = 1;\n" * 1000)' >"$dir/tree-a/code.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/tree-a/code.js" "$(sri "$dir/tree-a/code.js")" >"$dir/p.json"
baseline "T104 two readers" '^bytes: 7001 7001$' "$attacks/attack-readers" \
	twice "$dir/tree-a/code.js"
native=$OUT
under --allow-fs-read="$dir" --policy="$dir/p.json" -- \
	"$attacks/attack-readers" twice "$dir/tree-a/code.js"
is "$OUT" "$native" "T104: each descriptor has its own offset and flags"
under --allow-fs-read="$dir" --policy="$dir/p.json" -- "$target" \
	"rdwr:$dir/tree-a/code.js" "fchmod:$dir/tree-a/code.js" \
	"fsetxattr:$dir/tree-a/code.js" "futimens:$dir/tree-a/code.js"
is "$(printf '%s\n' "$OUT" | grep -Ec ': (EACCES|EPERM)$')" 4 \
	"T129: a verified copy cannot be changed"

# T124: the content changes all the time.
make_tree
good=GOODGOODGOODGOOD
printf '%s' "$good" >"$dir/tree-a/code.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/tree-a/code.js" "$(sri "$dir/tree-a/code.js")" >"$dir/p.json"
"$attacks/attack-rewrite" "$dir/tree-a/code.js" "$good" EVILEVILEVILEVIL &
PID=$!
baseline "T124 content rewritten" 'good=[1-9].* other=[1-9]' \
	"$attacks/attack-readers" loop "$dir/tree-a/code.js" "$good" "$rounds"
under --allow-fs-read="$dir" --policy="$dir/p.json" --quiet -- \
	"$attacks/attack-readers" loop "$dir/tree-a/code.js" "$good" "$rounds"
like "$OUT" '(good|refused)=[1-9]' "T124: it was read or refused"
like "$OUT" ' other=0$' "T124: only bytes of the listed hash arrive"
kill "$PID"
reap

# T007, T017: signals all the time.
make_tree
mkdir "$dir/tree-a/storm"
baseline "T007 storm of signals" '^made: all$' "$attacks/attack-storm" \
	"$dir/tree-a/storm" 300
rm -rf "$dir/tree-a/storm"
mkdir "$dir/tree-a/storm"
under --allow-fs-read="$dir/tree-a" --allow-fs-write="$dir/tree-a" -- \
	"$attacks/attack-storm" "$dir/tree-a/storm" 300
is "$OUT" "$(printf 'made: all\nleft over: 0')" \
	"T007, T017: each file is made once, no descriptor is left over"

# T171, T227: threads that ask as fast as they can.
make_tree
baseline "T171 flood" '^slow: no$' "$attacks/attack-flood" \
	"$dir/tree-a/file" "$dir/tree-b/file" 64
native=$OUT
under --allow-fs-read="$dir/tree-a" -- "$attacks/attack-flood" \
	"$dir/tree-a/file" "$dir/tree-b/file" 64
is "$OUT" "$native" "T171, T227: others are served all the same"
is "$(printf '%s\n' "$ERR" | grep -c '^nssupervise: denied')" 1 \
	"T171: and it is reported once"

# T021, T022: a filter of its own.
make_tree
baseline "T022 own listener" '^listener: OK$' "$attacks/attack-filter" \
	"$dir/tree-a" "$dir/tree-b/file"
under --allow-fs-read="$dir/tree-a" --quiet -- "$attacks/attack-filter" \
	"$dir/tree-a" "$dir/tree-b/file"
is "$OUT" "$(printf 'chdir: 0\nopen: refused\nlistener: refused')" \
	"T021, T022: its own filter hides nothing and gets no listener"

# T033, T034: memory that cannot be read is a refusal, never a way through.
make_tree
baseline "T033 not dumpable" 'prctl OK, open OK$' "$target" \
	"dumpable:$dir/tree-b/file"
under --allow-fs-read="$dir/tree-a" --quiet -- "$target" \
	"dumpable:$dir/tree-b/file" "dumpable:$dir/tree-a/file"
like "$OUT" 'tree-b/file: EACCES$' "T033: the forbidden file stays closed"
WHO=user
chmod 644 "$dir/tree-b/file"
cp "$target" "$dir/hidden"
chmod 711 "$dir/hidden"
sandbox --allow-fs-read="$dir/tree-a" --quiet -- "$dir/hidden" \
	"read:$dir/tree-b/file"
unlike "$OUT" ': OK$' "T034: a program that cannot be read opens nothing else"
WHO=

# T015: no descriptor is left for the answer.
make_tree
under --allow-fs-read="$dir/tree-a" --quiet -- "$target" \
	"nofile:$dir/tree-a/file" "nofile:$dir/tree-b/file" "read:$dir/tree-a/file"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ' | sed 's/EACCES/EMFILE/')" \
	"EMFILE EMFILE OK " "T015: EMFILE, and nothing else"

# T184, T185, T187: other entries, other numbers.
make_tree
baseline "T184 int 0x80" ': OK$' "$target" "int80:$dir/tree-b/file"
under --allow-fs-read="$dir/tree-a" --quiet -- "$target" \
	"int80:$dir/tree-a/file" exit:0
unlike "$OUT" ': OK$' "T184: a 32-bit system call opens nothing"
is "$STATUS" 159 "T184: it ends the command by SIGSYS"
under --allow-fs-read="$dir/tree-a" --quiet -- "$target" \
	"x32:$dir/tree-a/file" call:470 call:600 call:1000
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | sort -u)" ENOSYS \
	"T185, T187: x32 and unknown calls: ENOSYS"

# Calls that nobody needs here, by number: what each must answer.
refused_calls() {
	cat <<-'END'
		425:1:0 ENOSYS io_uring_setup
		323:0 ENOSYS userfaultfd
		321:0 EPERM bpf
		298:0 EPERM perf_event_open
		248:0:0:0 ENOSYS add_key
		250:0 ENOSYS keyctl
		165:0:0:0 EPERM mount
		166:0 EPERM umount2
		155:0:0 EPERM pivot_root
		161:0 EPERM chroot
		428:0 ENOSYS open_tree
		430:0 ENOSYS fsopen
		442:0 ENOSYS mount_setattr
		272:268435456 EPERM unshare-newuser
		272:131072 EPERM unshare-newns
		308:0:0 EPERM setns
		303:0 ENOSYS name_to_handle_at
		304:0 EPERM open_by_handle_at
		300:0 ENOSYS fanotify_init
		135:262144 EPERM personality
		29:0:4096:896 EPERM shmget
		68:0:896 EPERM msgget
		64:0:1:896 EPERM semget
		310:1 EPERM process_vm_readv
		311:1 EPERM process_vm_writev
		312:1:1:1 EPERM kcmp
		435:0:0 ENOSYS clone3
		175:0 EPERM init_module
		246:0 EPERM kexec_load
		169:0 EPERM reboot
		170:0 EPERM sethostname
		172:3 EPERM iopl
		167:0 EPERM swapon
		463:0 ENOSYS setxattrat
		467:0 ENOSYS open_tree_attr
	END
}
refused_calls | while read -r call error name; do
	echo "call:$call $error $name"
done >"$TMP/calls"
# shellcheck disable=SC2046 # one word each
under --allow-fs-read='*' --allow-fs-write='*' --allow-net \
	--allow-child-process --quiet -- "$target" \
	$(cut -d ' ' -f 1 "$TMP/calls")
printf '%s\n' "$OUT" | sed 's/.*: //' >"$TMP/answers"
while read -r call error name; do
	read -r answer <&3
	case $name in
	# Without a grant for these they may as well be judged and refused.
	setxattrat) like "$answer" 'ENOSYS|EFAULT|EACCES|EINVAL' "$name: $answer" ;;
	*) is "$answer" "$error" "$name ($call)" ;;
	esac
done <"$TMP/calls" 3<"$TMP/answers"

# T063, T068, T069: other names for what is denied or listed.
make_tree
echo evil >"$dir/tree-a/evil.js"
echo listed >"$dir/tree-b/code.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/tree-b/code.js" "$(sri "$dir/tree-b/code.js")" >"$dir/p.json"
under --allow-fs-read="$dir" --allow-fs-write="$dir/tree-a" \
	--policy="$dir/p.json" --quiet -- "$target" \
	"rename:$dir/tree-a/evil.js:$dir/tree-b/code.js" \
	"exchange:$dir/tree-a/evil.js:$dir/tree-b/code.js" \
	"link:$dir/tree-b/code.js:$dir/tree-a/alias.js" \
	"link:$dir/tree-b/code.js:$dir/tree-a/alias.txt" \
	"write:$dir/tree-b/code.js:x" "trunc:$dir/tree-b/code.js" \
	"rdwr:$dir/tree-b/code.js" "unlink:$dir/tree-b/code.js" \
	"rename:$dir/tree-b:$dir/tree-c"
is "$(printf '%s\n' "$OUT" | grep -Ec ': (EACCES|EXDEV|EPERM)$')" 9 \
	"T063, T068, T069, T131: no name and no content of a listed file changes" ||
	diag "$OUT"
is "$(cat "$dir/tree-b/code.js")" listed "and it does not"

# T155, T156: unix sockets of others.
make_tree
python3 - "$dir/tree-a/socket" <<-'END' &
	import socket, sys
	server = socket.socket(socket.AF_UNIX)
	server.bind(sys.argv[1])
	server.listen()
	server.settimeout(40)
	try:
	    while True:
	        server.accept()
	except OSError:
	    pass
END
PID=$!
wait_left=100
until [ -S "$dir/tree-a/socket" ] || [ "$wait_left" -eq 0 ]; do
	wait_left=$((wait_left - 1))
	sleep 0.1
done
baseline "T155 unix socket" ': OK$' "$target" "unix:$dir/tree-a/socket"
under --allow-fs-read='*' --allow-fs-write='*' --allow-net --quiet -- \
	"$target" "unix:$dir/tree-a/socket"
like "$OUT" ': E(ACCES|PERM|AFNOSUPPORT)$' "T155: it is out of reach"
kill "$PID"
reap

# T064: the same file by a bind mount.
make_tree
mkdir "$dir/mnt"
echo listed >"$dir/tree-b/code.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/tree-b/code.js" "$(sri "$dir/tree-b/code.js")" >"$dir/p.json"
echo changed >"$dir/tree-b/code.js"
# Only root needs no user namespace for mounts of its own.
mounts=-m
is_root || mounts=-rm
# shellcheck disable=SC2016 # for the other shell
if unshare "$mounts" mount --bind "$dir/tree-b" "$dir/mnt" 2>/dev/null; then
	run unshare "$mounts" sh -c 'mount --bind "$1/tree-b" "$1/mnt" && shift &&
		exec "$@"' sh "$dir" "$NSSUPERVISE" --allow-fs-read="$dir" \
		--policy="$dir/p.json" --runtime=node --quiet -- "$target" \
		"line:$dir/mnt/code.js" "line:$dir/tree-b/code.js" \
		"line:$dir/mnt/../tree-a/file"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"EACCES EACCES ALLOWED " "T064: a bind mount is no way around"
else
	skip "T064: no mount namespace here"
fi

# T174: what a name can do to the log.
make_tree
name=$(printf 'x\n{"event":"start"}\033[2J')
under --allow-fs-read="$dir/tree-a" --log="$dir/log" --log-format=json -- \
	"$target" "read:$dir/tree-b/$name"
ok "T174: every line of the log is one object" python3 -c '
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    assert json.loads(line)["event"] in ("start", "denied", "exit"), line' \
	"$dir/log"
under --allow-fs-read="$dir/tree-a" -- "$target" "read:$dir/tree-b/$name"
unlike "$ERR" "$(printf '\033')" "T174: no control character reaches the terminal"

under --allow-fs-read="$dir/tree-a" -- "$target" \
	"comm:$(printf '\n\033[1mx')" "read:$dir/tree-b/file"
unlike "$ERR" "$(printf '\033')" "T174: nor by the name of a thread"
is "$(printf '%s\n' "$ERR" | grep -vc '^nssupervise: ')" 0 \
	"T174: and every line is ours"

# T168: processes of others.
sleep 60 &
PID=$!
baseline "T168 kill" ': OK$' "$target" "kill:$PID:0"
under --allow-child-process --quiet -- "$target" "kill:$PID:0" "kill:$PID:15" \
	"kill:1:0" "call:424:$PID:0" "exec:/bin/sh:-c:kill -9 $PID" \
	"exec:/bin/sh:-c:sleep 9 & kill \$! && wait"
is "$(printf '%s\n' "$OUT" | head -n 3 | sed 's/.*: //' | sort -u)" EPERM \
	"T168: processes outside cannot be signalled" || diag "$OUT"
like "$OUT" 'wait: OK$|wait: status 143$' "T168: its own children can"
ok "T168: the process outside is alive" kill -0 "$PID"
kill "$PID"
reap

# T156: datagrams by a pair of sockets.
under --allow-net --quiet -- "$target" socket:1:2:0 socketpair
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "EACCES OK " \
	"T155, T156: pairs, but no unix socket" || diag "$OUT"

# T170: nobody can speak to the verifier.
make_tree
spawn "$dir" "$NSSUPERVISE" --allow-fs-read="$dir" --policy="$dir/p.json" -- \
	"$target" sleep:3000
sleep 1
# But for sockets of other tests.
is "$(grep nssupervise /proc/net/unix | grep -Evc 'nssupervise-(test|attack)')" 0 "T170: no socket has a name"
reap

# An interrupted supervisor: with SECCOMP_ADDFD_FLAG_SEND the kernel answered
# the open with 0, standard input, when the supervisor was stopped in between.
make_tree
"$NSSUPERVISE" --allow-fs-read="$dir/tree-a/file" --quiet -- \
	"$attacks/attack-zero" "$dir/tree-a/file" 40000 >"$TMP/zero.out" \
	2>/dev/null &
PID=$!
stops=0
while [ "$stops" -lt 400 ] && kill -STOP "$PID" 2>/dev/null; do
	kill -CONT "$PID" 2>/dev/null
	stops=$((stops + 1))
done
kill -CONT "$PID" 2>/dev/null
reap
diag "stopped $stops times"
is "$(cat "$TMP/zero.out")" "rounds=40000 zero=0 failed=0" \
	"a stopped supervisor never makes an open return 0"

# Findings of a review, each closed since.
make_tree
mkdir -p "$dir/tree-a/pub" "$dir/tree-a/priv" "$dir/tree-c"
echo SECRET >"$dir/tree-a/priv/secret"
echo SECRET >"$dir/tree-a/sub/a.key"
# shellcheck disable=SC2016 # for the other shell
under --quiet --allow-fs-read="$dir/tree-a" --deny-fs-read="$dir/tree-a/priv" \
	-- /bin/sh -c 'exec 7<"$1"; read -r a <"$2"; read -r b <"/proc/self/fd/7/../priv/secret"; echo "$a $b"' \
	sh "$dir/tree-a/pub" "$dir/tree-a/file"
unlike "$OUT" SECRET "a descriptor's right ends where a path goes on from it"
# shellcheck disable=SC2016 # for the other shell
under --quiet --allow-fs-read="$dir/tree-a" --deny-fs-read="$dir/tree-a/priv" \
	--allow-child-process -- /bin/sh -c \
	'exec 7<"$1"; cat "/proc/self/fd/7/../priv/secret"; stat /proc/self/fd/7/../../tree-b/file' \
	sh "$dir/tree-a/pub"
is "$OUT" "" "nor beside programs of its own"
# shellcheck disable=SC2016 # for the other shell
under --quiet --allow-fs-read="$dir" --allow-fs-write="$dir" \
	--allow-child-process --deny-fs-read="$dir/tree-a/priv" \
	--deny-fs-read="$dir/tree-a/sub/*.key" -- /bin/sh -c \
	'mv "$1/tree-a/sub" "$1/tree-c/sub"; mv "$1/tree-a" "$1/tree-d"; cat "$1"/tree-*/sub/a.key "$1"/tree-*/priv/secret' \
	sh "$dir"
is "$OUT" "" "renamed directories carry nothing out of a carve-out"
for there in "$dir/tree-b" "$dir/tree-x"; do
	under --quiet --allow-fs-read="$dir/tree-a" -- "$target" \
		"read:$there/../../../../../../../proc/self/status" \
		"stat:$there/$(printf '%0299d' 0)" "chdir:$there/../tree-a"
	printf '%s\n' "$OUT" | sed "s|$there|DIR|g" >"$TMP/oracle-${there##*-}"
done
ok "errors do not tell whether a hidden directory is there" \
	cmp "$TMP/oracle-b" "$TMP/oracle-x"
under --quiet --allow-fs-read="$dir/tree-a" -- "$target" \
	"read:/proc/self/net/tcp" "readlink:/proc/self"
like "$OUT" 'net/tcp: EACCES' "the host's sockets are not its own"
like "$OUT" 'readlink /proc/self: [0-9]+' "but its own entry is"

done_testing
