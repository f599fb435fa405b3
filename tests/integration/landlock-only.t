#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --landlock-only: the command takes our place, held by Landlock and a filter
# that asks nobody. What that cannot do is refused, all of it in one line.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise

base=$TMP/only
mkdir "$base" "$base/read" "$base/write" "$base/closed"
echo inside >"$base/read/file"
echo secret >"$base/closed/file"
echo single >"$base/single"
chmod 777 "$base/write"
cd "$base" || exit 99

flags="--landlock-only --allow-fs-metadata --allow-addons"
grants="--allow-fs-read=$base/read,$base/single --allow-fs-write=$base/write"

# only ARG...: what the target says, by operation.
# shellcheck disable=SC2086 # words without blanks
only() {
	sandbox $flags $grants "$@"
}

# shellcheck disable=SC2086 # words without blanks
holds() {
	rm -rf "$base"/write/*
	only -- "$target" read:read/file read:closed/file read:/etc/shadow \
		read:single list:read list:closed create:write/new \
		write:read/file:x create:closed/x rename:write/new:write/n2 \
		rename:read/file:write/f mkdir:write/d unlink:read/file \
		truncro:read/file truncate:closed/file:0 mknod:write/dev \
		chmod:write/n2:0600 utimens:write/n2 stat:closed/file \
		read:/proc/self/maps read:/proc/self/net/dev \
		read:/proc/1/status list:/proc write:/dev/null:x fork vfork \
		exec:/bin/true become:"$target" memfdexec socket:inet \
		socket:unix unix:/run/systemd/journal/socket kill:1:0 caps \
		exit:3
	is "$STATUS" 3 "$WHO: the status is the command's own"
	is "$(printf '%s\n' "$OUT" | sed "s,$base/,,; s,$target,TARGET,; s, b=.*,,")" \
		"$(cat <<-'END'
			read read/file: OK
			read closed/file: EACCES
			read /etc/shadow: EACCES
			read single: OK
			list read: file
			list closed: EACCES
			create write/new: OK
			write read/file x: EACCES
			create closed/x: EACCES
			rename write/new write/n2: OK
			rename read/file write/f: EACCES
			mkdir write/d: OK
			unlink read/file: EACCES
			truncro read/file: EACCES
			truncate closed/file 0: EACCES
			mknod write/dev: EACCES
			chmod write/n2 0600: EACCES
			utimens write/n2: EACCES
			stat closed/file: OK
			read /proc/self/maps: OK
			read /proc/self/net/dev: EACCES
			read /proc/1/status: EACCES
			list /proc: EACCES
			write /dev/null x: OK
			fork: EACCES
			vfork: EACCES
			exec /bin/true: EACCES
			become TARGET: EACCES
			memfdexec: ENOSYS
			socket inet: EACCES
			socket unix: EACCES
			unix /run/systemd/journal/socket: EACCES
			kill 1 0: EPERM
			caps: e=00 p=00 i=00
		END
		)" "$WHO: what the flags say holds"
}
for WHO in $(identities); do
	holds
done
WHO=

# In our place: the same process, with nothing of us left.
# shellcheck disable=SC2016,SC2086 # for that shell; words without blanks
spawn "$base" "$NSSUPERVISE" $flags $grants -- /bin/sh -c \
	'echo $$; read -r n </proc/self/comm; echo "$n"; exec sleep 1 || read -r x'
wait_for "$TMP/spawn.out" sh
is "$(sed -n 1p "$TMP/spawn.out")" "$PID" "the command is our process"
reap
# shellcheck disable=SC2086 # words without blanks
only -- "$target" fds
is "$OUT" "fds: 0 1 2" "nothing of ours stays open"
# shellcheck disable=SC2086 # words without blanks
run timeout -k 5 20 "$NSSUPERVISE" $flags $grants --pass-fd=7 -- "$target" fds \
	7</dev/null
is "$OUT" "fds: 0 1 2 7" "--pass-fd passes one on"
run sh -c 'echo piped | "$@"' sh "$NSSUPERVISE" --landlock-only \
	--allow-fs-metadata --allow-addons -- "$target" line:/dev/stdin
is "$OUT" "line /dev/stdin: piped" "standard input can be opened again"
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" $flags $grants -- /bin/sh -c 'kill -TERM $$'
is "$STATUS" 143 "a signal ends the command itself"
run "$NSSUPERVISE" --landlock-only --allow-fs-metadata --allow-addons -- \
	"$base/none"
is "$STATUS" 127 "not found: 127"
: >"$base/plain"
run "$NSSUPERVISE" --landlock-only --allow-fs-metadata --allow-addons -- \
	"$base/plain"
is "$STATUS" 126 "not executable: 126"

# The start is the one execve: no argument, and no luck, makes a second one.
only -- "$target" call:59:0:0:0:0:0:0 call:59:1:2:3:4:5:6 call:322:-100:0:0:0:0
is "$(printf '%s\n' "$OUT" | grep -c ': EACCES$')" 3 "no second execve"

# Children have what the command has.
# shellcheck disable=SC2086 # words without blanks
children="--allow-child-process --allow-worker --allow-wasi"
# shellcheck disable=SC2086 # words without blanks
only $children -- /bin/sh -c "cat read/file; cat closed/file; echo x >write/c;
	cat <read/file | cat; sh -c 'cat /etc/shadow' || echo no"
is "$OUT" "inside
inside
no" "children: what the flags say holds"
# shellcheck disable=SC2086 # words without blanks
only $children -- "$target" memfdexec
like "$OUT" 'ENOSYS$' "children: no programs in memory"

# Reading or writing everything.
run "$NSSUPERVISE" --landlock-only --allow-addons --allow-fs-read='*' -- \
	"$target" read:/etc/passwd read:/proc/1/status create:write/no
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK OK EACCES " \
	"read *: everything, metadata too"
: >"$base/write/m"
run "$NSSUPERVISE" --landlock-only --allow-addons --allow-fs-metadata \
	--allow-fs-write='*' -- "$target" chmod:"$base/write/m":0640
like "$OUT" ': OK$' "write *: attributes can be changed"

# A file grant is the file that is there now.
echo old >"$base/replaced"
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" $flags --allow-fs-read="$base/replaced" \
	--allow-fs-write="$base" -- "$target" read:"$base/replaced" \
	rename:"$base/single":"$base/replaced" read:"$base/replaced"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "OK OK EACCES " \
	"a file grant is on the file, not on its name"
echo single >"$base/single"

# Everything that is refused is told at once.
# refused NAME ERE FLAG...
refused() {
	refused_name=$1
	refused_ere=$2
	shift 2
	run timeout -k 5 20 "$NSSUPERVISE" --landlock-only "$@" -- "$target" \
		create:"$base/write/started"
	is "$STATUS" 125 "$refused_name: refused"
	like "$ERR" "^nssupervise: .*--landlock-only.*$refused_ere|$refused_ere.*--landlock-only" \
		"$refused_name: says so"
	ok "$refused_name: the command is not started" \
		test ! -e "$base/write/started"
}
echo '{}' >"$base/policy.json"
# shellcheck disable=SC2086 # words without blanks
refusals() {
	set -- --allow-fs-metadata --allow-addons
	refused "guarded metadata" 'add them: --allow-fs-metadata$' \
		--allow-addons
	refused "code from files" 'add them: --allow-addons$' \
		--allow-fs-metadata
	refused "children" 'add them: --allow-worker' "$@" \
		--allow-child-process
	refused "a carve-out" 'needed for --deny-fs-read=' "$@" $grants \
		--deny-fs-read="$base/read/file"
	refused "a pattern" 'the pattern --allow-fs-read=' "$@" \
		--allow-fs-read="$base/*.txt"
	refused "a path that is not there" 'which does not exist' "$@" \
		--allow-fs-write="$base/later"
	refused "a log" 'needed for --log' "$@" --log="$base/log"
	refused "a status descriptor" '--status-fd' "$@" --status-fd=1
	refused "waiting for all" '--wait-all' "$@" --wait-all
	refused "report only" '--report-only' "$@" --report-only
	refused "learning" 'report-only' "$@" --learn="$base/learned"
	refused "rules for the network" '--allow-net=RULE' "$@" \
		--allow-net=:443
	refused "unix sockets" '--allow-unix' "$@" --allow-unix="$base/s"
	refused "a list of programs" '--allow-child-process=PROGRAM' "$@" \
		--allow-child-process=/bin/true --allow-worker --allow-wasi
	refused "several things" \
		'--wait-all, --deny-fs-read=.*; and .*--allow-fs-metadata, --allow-addons$' \
		--wait-all $grants --deny-fs-read="$base/read/file"
}
refusals

# Inside another one: the outer one keeps its say.
for WHO in $(identities); do
	sandbox --allow-child-process --allow-fs-metadata \
		--allow-fs-read="$base/read,$base/closed,${NSSUPERVISE%/*}" \
		--allow-fs-read="${target%/*}" -- "$NSSUPERVISE" \
		--landlock-only --allow-fs-metadata --allow-addons \
		--allow-fs-read="$base/read,$base/single" -- "$target" \
		read:"$base/read/file" read:"$base/closed/file" \
		read:"$base/single" fork
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"OK EACCES EACCES EACCES " "$WHO: nested: both hold"
	# What the outer one opens itself the inner one would not hold.
	sandbox --quiet --allow-child-process --allow-fs-metadata \
		--allow-fs-read="$base/read,$base/single,${NSSUPERVISE%/*}" \
		--allow-fs-read="${target%/*}" -- "$NSSUPERVISE" \
		--landlock-only --allow-fs-metadata --allow-addons \
		--allow-fs-read="$base/read" -- "$target" \
		read:"$base/read/file" read:"$base/single"
	is "$STATUS $OUT" '125 ' "$WHO: nested where it would not hold: refused"
	like "$ERR" 'nssupervise around' "$WHO: nested where it would not hold: told why"
done
WHO=
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" $flags $children $grants \
	--allow-fs-read="${NSSUPERVISE%/*}" -- "$NSSUPERVISE" $flags \
	--allow-fs-read="$base/read" -- "$target" read:"$base/read/file" \
	read:"$base/single" fork
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"OK EACCES EACCES " "one in another, both alone"

# --explain shows this plan.
# shellcheck disable=SC2086 # words without blanks
run "$NSSUPERVISE" --explain $flags $grants -- "$target"
is "$STATUS" 0 "--explain: status 0"
like "$OUT" '^Mode +landlock-only$' "--explain: the mode"
unlike "$OUT" '\(D1\)' "--explain: there is no supervisor's domain"
unlike "$OUT" ' notified: ' "--explain: nothing is asked"
like "$OUT" 'attributes refused: Landlock has no right for it' \
	"--explain: what is refused instead"

node=$(default_node)
if [ -n "$node" ]; then
	node=$(reachable "$node")
	echo 'console.log(require("fs").readFileSync("file", "utf8").trim());
		try { require("fs").readFileSync("../closed/file"); }
		catch (e) { console.log(e.code); }
		new (require("worker_threads").Worker)("", { eval: true });' \
		>"$base/read/app.js"
	cd "$base/read" || exit 99
	# shellcheck disable=SC2086 # words without blanks
	run "$NSSUPERVISE" $flags $grants -- "$node" app.js
	like "$ERR" 'add them: --allow-worker, --allow-wasi' \
		"node: what cannot be refused has to be allowed"
	# shellcheck disable=SC2086 # words without blanks
	run timeout -k 5 60 "$NSSUPERVISE" $flags $grants --allow-worker \
		--allow-wasi -- "$node" app.js
	is "$STATUS $OUT" "0 inside
EACCES" "node: runs"
else
	skip "node: there is none"
fi

done_testing
