#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Places that are not what they seem: mounts, overlays, a hung file system, a
# false /proc, links and names that change while the program runs. The names in
# brackets are those of doc/ATTACKS.md.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

self=$top_builddir/tests/attack/attack-self
[ -x "$self" ] || skip_all "attack-self is not built"
self=$(reachable "$self")
dir=$TMP/places
python=$(find_python)

make_tree() {
	rm -rf "$dir"
	mkdir -p "$dir/open" "$dir/closed" "$dir/write"
	echo ALLOWED >"$dir/open/file"
	echo SECRET >"$dir/closed/file"
	chmod 777 "$dir/write"
}

without_us() {
	run as_who timeout -k 5 30 "$@"
	NATIVE=$OUT
	diag "without us: $(printf '%s' "$OUT" | tr '\n' ';')"
}

# T062: /proc says "NAME (deleted)" of what is gone; nobody may take that for a
# path. Nor is memory that is called like one a file.
for WHO in $(identities); do
	make_tree
	without_us "$self" deleted "$dir/write" "$dir/closed"
	rm -rf "${dir:?}/write"/*
	sandbox --quiet --allow-fs-read="$dir/write" \
		--allow-fs-write="$dir/write" -- "$self" deleted \
		"$dir/write" "$dir/closed"
	is "$(printf '%s\n' "$OUT" | sed 's/EACCES/ENOENT/')" "$NATIVE" \
		"T062, $WHO: names of what is gone lead nowhere"
	unlike "$OUT" SECRET "T062, $WHO: and never to what is called so"
done
WHO=

# T090: entries of /proc are those of who asks.
for WHO in $(identities); do
	without_us "$self" maps
	is "$(printf '%s\n' "$OUT" | grep -c ': OK$')" 4 \
		"T090, $WHO: all can be read without us"
	sandbox --quiet --allow-child-process -- "$self" maps
	is "$(printf '%s\n' "$OUT" | sort)" "of a sibling: EACCES
of its parent: EACCES
own of a child: OK
own: OK" "T090, $WHO: each process reads its own maps"
done
WHO=

# T092: a grant is what its link led to at the start.
make_tree
ln -s open "$dir/link"
swap() {
	sleep 1
	ln -sfn closed "$dir/link"
}
swap &
swapper=$!
run "$NSSUPERVISE" --quiet --allow-fs-read="$dir/link" -- "$target" \
	"line:$dir/link/file" sleep:2500 "line:$dir/link/file" \
	"line:$dir/closed/file" "line:$dir/open/file"
wait "$swapper"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"ALLOWED OK EACCES EACCES ALLOWED " \
	"T092: a link that is exchanged later gives nothing"

# T089: a granted file is the path, not what it once was.
make_tree
ln "$dir/open/file" "$dir/closed/alias"
echo REPLACED >"$dir/open/new"
run "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open/file" -- "$target" \
	"line:$dir/open/file" "line:$dir/closed/alias"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"ALLOWED EACCES " "T089: another name of a granted file is none"
mv "$dir/open/new" "$dir/open/file"
run "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open/file" -- "$target" \
	"line:$dir/open/file" "line:$dir/closed/alias"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	"REPLACED EACCES " "T089: nor what it was before"

# Only root needs no user namespace for mounts of its own.
mounts=-m
is_root || mounts=-rm
if ! unshare "$mounts" mount --bind "$dir" "$dir" 2>/dev/null; then
	skip "no mounts of one's own here: T061, T065, T072, T093"
	done_testing
fi

# in_mounts SCRIPT ARG...: as a shell script where mounts are its own.
in_mounts() {
	in_script=$1
	shift
	run timeout -k 5 90 unshare "$mounts" sh -c "$in_script" sh "$@"
}

# T061: a file system that hangs.
skip_leaks
make_tree
mkdir "$dir/open/mnt"
run timeout -k 5 90 unshare "$mounts" "$python" \
	"$top_srcdir/tests/attack/hang-fuse.py" "$dir/open/mnt" \
	timeout -s KILL 3 "$target" "line:$dir/open/file" "line:$dir/open/mnt/x"
if printf '%s\n' "$OUT" | grep -q '^cannot mount'; then
	skip "T061: $OUT"
else
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"ALLOWED -9 " "T061: without us whoever asks it hangs"
	# shellcheck disable=SC2016 # for the other shell
	run timeout -k 5 90 unshare "$mounts" "$python" \
		"$top_srcdir/tests/attack/hang-fuse.py" "$dir/open/mnt" \
		"$NSSUPERVISE" --quiet --allow-child-process="$target" \
		--allow-fs-read="$dir/op*" -- /bin/sh -c '
			for n in 1 2 3 4 5 6 7 8; do "$1" "line:$2/mnt/x" & done
			sleep 1
			"$1" "line:$2/file"
			"$1" "list:$2"
			kill -9 $(jobs -p) 2>/dev/null
			exit 7' sh "$target" "$dir/open"
	like "$OUT" 'open/file: ALLOWED$' "T061: others are served meanwhile"
	like "$OUT" '^status: 7$' "T061: and the run ends"
	unlike "$OUT" 'mnt/x: [^E]' "T061: who asked it got nothing"
fi

# T066: a carve-out that has other names as well.
make_tree
mkdir "$dir/open/mnt"
fold() {
	run timeout -k 5 90 unshare "$mounts" "$python" \
		"$top_srcdir/tests/attack/folding-fuse.py" "$dir/open/mnt" "$@"
}
fold "$target" "line:$dir/open/mnt/SECRET"
if printf '%s\n' "$OUT" | grep -q '^cannot mount'; then
	skip "T066: $OUT"
else
	like "$OUT" ': SECRET$' "T066: without us SECRET is secret"
	for carved in secret absent 'sec*' '*.key'; do
		fold "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open" \
			--deny-fs-read="$dir/open/mnt/$carved" -- \
			"$target" "line:$dir/open/mnt/SECRET"
		is "$OUT" 'status: 125' "T066: nothing is carved out there: $carved"
		like "$ERR" 'upper and lower case' "T066: told why: $carved"
	done
	fold "$NSSUPERVISE" --quiet --allow-fs-read="$dir/open/mnt/public" -- \
		"$target" "line:$dir/open/mnt/public" "line:$dir/open/mnt/SECRET"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"ALLOWED EACCES 0 " "T066: what is granted there is that alone"
fi

# A mount on which no link is followed, by whom so ever.
make_tree
# shellcheck disable=SC2016 # for the other shell
in_mounts '
	base=$1 nssupervise=$2 target=$3
	mount -t tmpfs -o nosymfollow,mode=755 none "$base/open" || exit 77
	echo SECRET >"$base/open/file"
	ln -s file "$base/open/link"
	"$target" "line:$base/open/link"
	"$nssupervise" --quiet --allow-fs-read="$base/op*" -- \
		"$target" "line:$base/open/link" "line:$base/open/file"' \
	"$dir" "$NSSUPERVISE" "$target"
if [ "$STATUS" = 77 ]; then
	skip "no mount without links: $ERR"
else
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"ELOOP ELOOP SECRET " "nosymfollow: no link is followed for it"
fi

# T065: what is beneath an overlay, and a copy that is made by writing.
make_tree
mkdir "$dir/lower" "$dir/upper" "$dir/work" "$dir/merged"
printf 'good = 1\n' >"$dir/lower/code.js"
printf '{ "resources": { "%s": { "integrity": "%s" } } }\n' \
	"$dir/merged/code.js" "$(sri "$dir/lower/code.js")" >"$dir/p.json"
# shellcheck disable=SC2016 # for the other shell
in_mounts '
	base=$1 nssupervise=$2 target=$3
	mount -t overlay -o "lowerdir=$base/lower,upperdir=$base/upper,workdir=$base/work" \
		none "$base/merged" || { echo "cannot mount"; exit; }
	look() {
		"$nssupervise" --quiet --policy="$base/p.json" --runtime=node \
			--allow-fs-read="$base/merged" "$@" -- "$target" \
			"line:$base/merged/code.js" "line:$base/lower/code.js"
	}
	look
	look --allow-fs-read="$base/lower"
	echo "evil = 1" >"$base/merged/code.js"
	look --allow-fs-read="$base/lower"' "$dir" "$NSSUPERVISE" "$target"
if [ "$OUT" = "cannot mount" ]; then
	skip "T065: no overlay here"
else
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ';')" \
		"good = 1;EACCES;good = 1;EACCES;EACCES;EACCES;" \
		"T065: a copy made by writing is noticed, the layer beneath is no way around" ||
		diag "$ERR"
fi

# T072: something else is put over /proc while it runs; every number there is a
# link to the secret.
make_tree
mkdir -p "$dir/junk/self/fd"
for n in $(seq 0 64); do
	ln -s "$dir/closed/file" "$dir/junk/self/fd/$n"
done
# shellcheck disable=SC2016 # for the other shell
in_mounts '
	"$2" --quiet --allow-fs-read="$1/open/f*" -- "$3" "line:$1/open/file" \
		sleep:3000 "line:$1/open/file" "read:$1/closed/file" &
	sleep 1.5
	mount --bind "$1/junk" /proc && cat /proc/self/fd/9
	wait' "$dir" "$NSSUPERVISE" "$target"
like "$OUT" '^SECRET$' "T072: /proc is false"
is "$(printf '%s\n' "$OUT" | grep : | sed 's/.*: //' | tr '\n' ' ')" \
	"ALLOWED OK ALLOWED EACCES " "T072: nothing is opened by it" || diag "$ERR"

# T093: a directory leaves the mount that it was granted in.
make_tree
mkdir -p "$dir/source/sub/d" "$dir/mnt"
echo LEFT >"$dir/source/sub/d/file"
for how in without with; do
	# shellcheck disable=SC2016 # for the other shells
	in_mounts '
		mount --bind "$1/source/sub" "$1/mnt"
		set -- "$1" "$2" "$3" "$1/fifo"
		rm -f "$4" && mkfifo "$4"
		if [ "$2" ]; then
			"$2" --quiet --allow-fs-read="$1/mnt" -- "$3" hold "$1/mnt/d" file <"$4" &
		else
			"$3" hold "$1/mnt/d" file <"$4" &
		fi
		exec 5>"$4"
		sleep 1.5
		mv "$1/source/sub/d" "$1/source/d"
		echo >&5
		wait
		mv "$1/source/d" "$1/source/sub/d"' "$dir" \
		"$([ "$how" = without ] || echo "$NSSUPERVISE")" "$self"
	case $how in
	without) is "$(printf '%s\n' "$OUT" | tr '\n' ';')" \
		"held: OK;beneath: LEFT;chdir: OK;relative: LEFT;" \
		"T093: without us it can still be read" ;;
	with)
		like "$OUT" '^held: OK$' "T093: it was open"
		unlike "$OUT" LEFT "T093: a directory that left its mount is none of ours"
		;;
	esac
done

done_testing
