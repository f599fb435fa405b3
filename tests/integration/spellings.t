#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One path in many words: what a flag means by it, what --why says of it, and
# what is opened, where these once differed. tests/conformance/why.t does this
# at random.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

make_tree() {
	rm -rf "${top:?}"
	mkdir -p "$top/open/sub" "$top/else/.ssh/keys" "$top/else/x.d"
	echo OPEN >"$top/open/file"
	echo SUB >"$top/open/sub/file"
	echo ELSE >"$top/else/file.txt"
	echo SECRET >"$top/else/.ssh/keys/id"
	echo SECRET >"$top/else/x.d/key"
	ln -s ../else/file.txt "$top/open/to-else"
	ln -s sub "$top/open/to-sub"
	ln -s later "$top/open/nowhere"
	ln -s loop "$top/open/loop"
	cp /bin/true "$top/open/program"
	# shellcheck disable=SC2154 # set by tap.sh
	[ "$WHO" = root ] || ! is_root || chown -hR "$tap_uid:$tap_uid" "$top"
}

# one NAME WHY PATH OPERATION RESULT FLAG...: --why and the operation agree.
one() {
	one_name=$1
	one_why=$2
	one_path=$3
	one_operation=$4
	one_result=$5
	shift 5
	sandbox --quiet "$@" -- "$target" "$one_operation"
	is "${OUT##*: }" "$one_result" "$WHO: $one_name"
	sandbox "$@" --why="$one_why:$one_path" -- "$target"
	case $one_result in
	EACCES) one_status=1 ;;
	*) one_status=0 ;;
	esac
	is "$STATUS" "$one_status" "$WHO: $one_name: --why says so"
	diag "$OUT$ERR"
}

reads() {
	reads_name=$1
	reads_path=$2
	reads_result=$3
	shift 3
	one "$reads_name" read "$reads_path" "line:$reads_path" "$reads_result" \
		"$@"
}

check_links() {
	reads 'a link to what only we can open' "$top/open/to-else" ELSE \
		--allow-fs-metadata --allow-fs-read="$top/open" \
		"--allow-fs-read=$top/else/*.txt"
	reads 'the same, not granted' "$top/open/to-else" EACCES \
		--allow-fs-metadata --allow-fs-read="$top/open"
	reads 'everything, and a link to its own entries' /etc/mtab \
		"$(head -n 1 /proc/self/mounts)" '--allow-fs-read=*'
	reads 'a link that leads nowhere yet' "$top/open/nowhere" ENOENT \
		--allow-fs-read="$top/open/nowhere"
	one 'what is made by way of it' write "$top/open/nowhere" \
		"opencreate:$top/open/nowhere" OK \
		--allow-fs-write="$top/open/nowhere"
	rm -f "$top/open/later"
	reads 'up from behind a link' "$top/open/to-sub/../file" OPEN \
		--allow-fs-read="$top/open/to-sub/../file" \
		--allow-fs-read="$top/open/to-sub"
	reads 'up from behind a link to what is not there' \
		"$top/open/to-sub/../none" ENOENT \
		--allow-fs-read="$top/open/to-sub/../none" \
		--allow-fs-read="$top/open/to-sub"
}

check_ways() {
	reads 'by way of what may not be known' "$top/else/../open/file" EACCES \
		--allow-fs-read="$top/open"
	reads 'by way of nothing, which must look alike' \
		"$top/none/../open/file" EACCES --allow-fs-read="$top/open"
	reads 'by way of what may be written' "$top/else/../open/file" OPEN \
		--allow-fs-read="$top/open" --allow-fs-write="$top/else"
	reads 'without a guard for metadata' "$top/else/../open/file" OPEN \
		--allow-fs-metadata --allow-fs-read="$top/open" \
		--deny-fs-read="$top/else"
	reads 'three dots are a name' "$top/open/.../x" ENOENT \
		--allow-fs-read="$top/open"
	reads 'its own entries of /proc' /proc/self/fd/../status \
		"$(printf 'Name:\ttarget')" --allow-fs-read="$top/open"
	one 'and to write to them' write /proc/self/oom_score_adj \
		"write:/proc/self/oom_score_adj:0" EACCES '--allow-fs-write=*'
	one "another's" read /proc/1/environ "read:/proc/1/environ" EACCES \
		--allow-fs-read="$top/open"
	sandbox --allow-fs-read="$top/open" --why="read:$top/open/loop"
	is "$STATUS" 125 "$WHO: of a loop there is nothing to say"
}

check_patterns() {
	reads 'a pattern of carve-outs takes what lies beneath' \
		"$top/else/.ssh/keys/id" EACCES --allow-fs-read="$top" \
		"--deny-fs-read=$top/*/.ssh"
	reads 'also with a slash at its end' "$top/else/.ssh/keys/id" EACCES \
		--allow-fs-read="$top" "--deny-fs-read=$top/*/.ssh/"
	reads 'also with one too many' "$top/else/.ssh/keys/id" EACCES \
		--allow-fs-read="$top" "--deny-fs-read=$top/*//.ssh/./keys"
	reads 'and leaves what only begins so' "$top/else/file.txt" ELSE \
		--allow-fs-read="$top" "--deny-fs-read=$top/*/fil"
	reads 'a pattern of grants takes nothing along' "$top/else/x.d/key" \
		EACCES "--allow-fs-read=$top/else/*.d"
	for flag in "--deny-fs-read=$top/*/../else" \
		"--allow-fs-read=$top/*/.." "--allow-fs-read=$top/$(printf '\001')"; do
		sandbox "$flag" -- "$target"
		is "$STATUS" 125 "$WHO: what has no meaning is refused: ${flag##*/}"
	done
}

check_programs() {
	one 'a program with a carve-out beneath its name' exec \
		"$top/open/program" "exec:$top/open/program" OK \
		--allow-fs-read="$top/open" --allow-child-process \
		--deny-fs-read="$top/open/program/x"
	one 'a program beside a pattern that ends elsewhere' exec \
		"$top/open/program" "exec:$top/open/program" OK \
		--allow-fs-read="$top" --allow-child-process \
		"--deny-fs-read=$top/open/programs*"
	one 'a program that is carved out' exec "$top/open/program" \
		"exec:$top/open/program" EACCES --allow-fs-read="$top" \
		--allow-child-process --deny-fs-read="$top/open/program"
}

for WHO in $(identities); do
	top=$TMP/spellings-$WHO
	mkdir -p "$top"
	make_tree
	check_links
	check_ways
	check_patterns
	check_programs
done
done_testing
