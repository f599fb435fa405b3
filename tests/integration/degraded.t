#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A kernel, or a place, that lacks something: refused, unless --degraded says
# that the rest will do. What is lost is told, and the rest holds. On a kernel
# that has everything the lack is played by a preloaded library, see
# older-kernel.c; on one that is really older, this is what it is tested with.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

"$NSSUPERVISE" --check --allow-fs-read=/ >"$TMP/native" 2>&1 ||
	grep -q '^with --degraded  ' "$TMP/native" || need_nssupervise
is_sanitized &&
	skip_all "a library cannot be preloaded into a sanitized program"
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -shared -fPIC -O2 -D_GNU_SOURCE -o "$TMP/older.so" \
	"$top_srcdir/tests/integration/older-kernel.c" -ldl 2>"$TMP/cc" ||
	skip_all "no compiler: $(cat "$TMP/cc")"

base=$TMP/degraded
mkdir "$base" "$base/read" "$base/write" "$base/closed"
chmod 777 "$base/write"
echo inside >"$base/read/file"
echo secret >"$base/closed/file"
cd "$base" || exit 99
grants="--allow-fs-read=$base/read,$base/write --allow-fs-write=$base/write"

# older SETTING... -- ARG...: nssupervise ARG... on such a kernel, as $WHO.
older() {
	older_settings=
	while [ "$1" != -- ]; do
		older_settings="$older_settings $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # one word each
	run as_who env $older_settings LD_PRELOAD="$TMP/older.so" \
		ASAN_OPTIONS=detect_leaks=0 timeout -k 5 60 "$NSSUPERVISE" "$@"
}

# lost NAME...: exactly these were told as lost.
lost() {
	is "$(printf '%s\n' "$ERR" |
		sed -n 's/^nssupervise: degraded: \([a-z-]*\): ..*/\1/p' |
		tr '\n' ' ')" "$1" "$2"
}

# Each ABI loses what the next one brought; the flags hold with all of them.
#   landlock ABI LOST RENAME UNLINK: how a rename to another directory ends
# shellcheck disable=SC2086 # words without blanks
landlock() {
	landlock_setting=OLDER_LANDLOCK=$1
	[ "$1" != native ] || landlock_setting=
	older $landlock_setting -- $grants -- "$target" create:write/started
	is "$STATUS" 125 "$WHO, ABI $1: refused without --degraded"
	like "$ERR" '^nssupervise: landlock: .*--check' "$WHO, ABI $1: says so"
	ok "$WHO, ABI $1: the command is not started" \
		test ! -e "$base/write/started"
	rm -rf "$base"/write/*
	older $landlock_setting -- --degraded --quiet $grants -- "$target" \
		read:read/file read:closed/file read:/etc/shadow list:read \
		create:write/new create:closed/x write:read/file:x \
		truncro:read/file truncate:read/file:0 truncate:closed/file:0 \
		rename:write/new:write/n2 rename:read/file:write/f \
		mkdir:write/d rename:write/n2:write/d/n3 unlink:write/d/n3 \
		chmod:closed/file:0666 stat:closed/file fork \
		become:/bin/true memfdexec socket:inet exit:3
	is "$STATUS" 3 "$WHO, ABI $1: the command runs"
	lost "$2" "$WHO, ABI $1: what is lost"
	is "$(printf '%s\n' "$OUT" | sed "s,$base/,,")" "$(cat <<-END
		read read/file: OK
		read closed/file: EACCES
		read /etc/shadow: EACCES
		list read: file
		create write/new: OK
		create closed/x: EACCES
		write read/file x: EACCES
		truncro read/file: EACCES
		truncate read/file 0: EACCES
		truncate closed/file 0: EACCES
		rename write/new write/n2: OK
		rename read/file write/f: EACCES
		mkdir write/d: OK
		rename write/n2 write/d/n3: $3
		unlink write/d/n3: $4
		chmod closed/file 0666: EACCES
		stat closed/file: EACCES
		fork: EACCES
		become /bin/true: EACCES
		memfdexec: ENOSYS
		socket inet: EACCES
	END
	)" "$WHO, ABI $1: the flags hold"
	is "$(cat "$base/read/file" "$base/closed/file")" "inside
secret" "$WHO, ABI $1: and nothing was emptied"
}
native=$(sed -n 's/^with --degraded *\([a-z-]*\): ..*/\1/p' "$TMP/native" |
	tr '\n' ' ')
if [ -n "$native" ]; then
	target=$(reachable "$target")
	for WHO in $(identities); do
		case $native in
		*moving*) landlock native "$native" EXDEV ENOENT ;;
		*) landlock native "$native" OK OK ;;
		esac
	done
	diag "this kernel really lacks: $native"
	done_testing
fi

last="signals abstract-sockets "
for WHO in $(identities); do
	landlock 0 "landlock tcp device-ioctls $last" OK OK
	landlock 1 "moving truncation tcp device-ioctls $last" EXDEV ENOENT
	landlock 2 "truncation tcp device-ioctls $last" OK OK
	landlock 3 "tcp device-ioctls $last" OK OK
	landlock 4 "device-ioctls $last" OK OK
	landlock 5 "$last" OK OK
done
WHO=
# shellcheck disable=SC2086 # words without blanks
older OLDER_LANDLOCK=6 -- --degraded --quiet $grants -- "$target" \
	read:read/file
is "$STATUS $ERR" "0 " "nothing is lost: nothing is told"

# Without a layer around it the sandbox still ends with its command.
# shellcheck disable=SC2086 # words without blanks
older OLDER_LANDLOCK=4 -- --degraded --quiet --allow-child-process $grants -- \
	/bin/sh -c '(trap "" TERM; (trap "" TERM; exec sleep 1000) &
		echo $! >write/pid; exec sleep 1000) & wait_for=1
		while [ ! -s write/pid ]; do :; done; exit 4'
is "$STATUS" 4 "leftovers: the status is the command's"
ok "leftovers: they are ended" wait_gone "$(cat "$base/write/pid")"

# What a script names is opened by the kernel, which refuses nothing here.
cp /bin/true "$base/closed/true"
printf '#!%s\n' "$base/closed/true" >"$base/read/script"
printf '#!%s\n' "$base/read/script" >"$base/read/outer"
chmod 755 "$base/read/script" "$base/read/outer"
# shellcheck disable=SC2086 # words without blanks
older OLDER_LANDLOCK=0 -- --degraded --quiet --allow-child-process $grants -- \
	"$target" exec:read/script exec:read/outer exec:/bin/true
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"EACCES EACCES OK " "a script's interpreter is judged as well"

# Signals that repeat a call.
# shellcheck disable=SC2086 # words without blanks
older OLDER_SECCOMP=unkillable -- --degraded --quiet $grants -- "$target" \
	read:read/file read:closed/file
lost "wait-killable " "signals during an answer: told"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK EACCES " \
	"signals during an answer: the flags hold"
# shellcheck disable=SC2086 # words without blanks
older OLDER_SECCOMP=unkillable -- $grants -- "$target" read:read/file
is "$STATUS" 125 "signals during an answer: refused without --degraded"

# No supervisor: Landlock alone, if that is enough.
# shellcheck disable=SC2086 # words without blanks
for how in busy none; do
	older OLDER_SECCOMP=$how -- $grants -- "$target" read:read/file
	is "$STATUS" 125 "$how: refused without --degraded"
	older OLDER_SECCOMP=$how -- --degraded $grants -- "$target" \
		read:read/file
	is "$STATUS" 125 "$how: refused where a supervisor is needed"
	like "$ERR" '^nssupervise: --degraded: no supervisor .*--allow-fs-metadata, --allow-addons' \
		"$how: says what for"
	older OLDER_SECCOMP=$how -- --degraded --allow-fs-metadata \
		--allow-addons $grants -- "$target" read:read/file \
		read:closed/file fork
	is "$STATUS" 0 "$how: Landlock alone will do"
	lost "supervisor " "$how: told"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"OK EACCES EACCES " "$how: the flags hold"
done
# shellcheck disable=SC2086 # words without blanks
older OLDER_SECCOMP=none OLDER_LANDLOCK=0 -- --degraded --allow-fs-metadata \
	--allow-addons $grants -- "$target" read:read/file
is "$STATUS" 125 "neither: refused"
like "$ERR" 'nothing holds' "neither: says so"

# The real thing: one inside of another.
for WHO in $(identities); do
	# shellcheck disable=SC2086 # words without blanks
	sandbox --quiet --allow-child-process --allow-fs-metadata $grants \
		--allow-fs-read="${NSSUPERVISE%/*},${target%/*}" -- \
		"$NSSUPERVISE" --degraded --allow-fs-metadata --allow-addons \
		--allow-fs-read="$base/read,$base/closed" -- "$target" \
		read:"$base/read/file" read:"$base/closed/file" \
		create:"$base/write/y"
	like "$ERR" '^nssupervise: degraded: supervisor: another' \
		"$WHO, nested: told"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"OK EACCES EACCES " "$WHO, nested: both hold"
done
WHO=

# --check and --explain say the same.
older OLDER_LANDLOCK=5 -- --check --allow-fs-read=/
is "$STATUS" 1 "--check: not every flag can be enforced"
like "$OUT" '^not enforceable  --allow-fs-read +landlock: ' "--check: which"
like "$OUT" '^with --degraded  signals: ' "--check: what would be lost"
unlike "$OUT" '^with --degraded  tcp: ' "--check: and only that"
older OLDER_LANDLOCK=6 -- --check
is "$STATUS" 0 "--check: all flags can be enforced"
is "$(printf '%s\n' "$OUT" | grep -vc '^ok               --')" 1 \
	"--check: one line each, and one for all"
older OLDER_GETFD=1 -- --check
is "$STATUS" 1 "--check, no pidfd_getfd: one flag cannot"
like "$OUT" '^not enforceable  --allow-net=RULE  +pidfd-getfd: ' \
	"--check, no pidfd_getfd: which"
like "$OUT" '^ok               --allow-fs-read  +but no inotify' \
	"--check, no pidfd_getfd: what works in part"
older OLDER_GETFD=1 -- --check --allow-fs-write=/
is "$STATUS" 0 "--check: only the flags that are given"
older OLDER_LANDLOCK=0 -- --check --verbose
like "$OUT" '^missing landlock: ' "--check --verbose: the features"
like "$OUT" '^ok      seccomp-addfd: ' "--check --verbose: all of them"
# shellcheck disable=SC2086 # words without blanks
older OLDER_LANDLOCK=5 -- --explain $grants -- "$target"
like "$OUT" '^What is missing here \(refused without --degraded\)$' \
	"--explain: what is missing"
like "$OUT" '^  signals: ' "--explain: each"
# shellcheck disable=SC2086 # words without blanks
older OLDER_SECCOMP=busy -- --explain --degraded --allow-fs-metadata \
	--allow-addons $grants -- "$target"
like "$OUT" '^Mode +landlock-only$' "--explain: the plan that would be used"
like "$OUT" '^  supervisor: another' "--explain: and why"

done_testing
