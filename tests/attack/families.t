#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every system call about files, in every way to name one (families.c), on
# files that are not granted, that may be read, and that may be changed. Each
# row is done without us as well.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/attack/families" ] || skip_all "it is not built"
families=$(reachable "$top_builddir/tests/attack/families")

# What asks the supervisor about files, as the table says.
is "$(sed -n 's/^NOTIFY([0-9]*, \([a-z0-9_]*\), \(OPEN\|NAMES\|ATTRS\|METADATA\|WATCH\),.*/\1/p' \
	"$top_srcdir/bpf/syscalls.def" | sort -u)" \
	"$("$families" list | sort -u)" \
	'every call of the table that is about files has a row here, and no other'

# Calls that are answered ENOSYS: their older twins do the same.
twins='setxattrat|getxattrat|listxattrat|removexattrat|file_getattr|file_setattr'

# Root without capabilities, as it is under us.
no_caps=
! is_root || no_caps="setpriv --bounding-set=-all --inh-caps=-all"

# The same fixture for each way; they work in $top.
make_tree() {
	rm -rf "${top:?}"
	mkdir -p "$top/files"
	echo held >"$top/files/held"
	chmod 640 "$top/files/held"
	touch -d @1000000000 "$top/files/held"
	# shellcheck disable=SC2154 # set by tap.sh
	[ "$WHO" = root ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$top"
	as_who env -C "$top" "$families" prepare files
}

show() {
	as_who env -C "$top" "$families" show files
	stat -c '%n %a %u:%g %h %s %Y' "$top/files/held"
}

# To have looked at a link shows in its access time.
remember() {
	show | sed 's/ atime [^ ]*//' >"$TMP/before"
}

unchanged() {
	show | sed 's/ atime [^ ]*//' >"$TMP/after"
	is "$(diff "$TMP/before" "$TMP/after" | head -n 20)" '' \
		"$1: nothing has changed"
}

alone() {
	# shellcheck disable=SC2086 # words without blanks
	run as_who $no_caps env -C "$top" timeout -k 5 60 "$families" "$@"
}

# guarded FLAG... -- MODE DIRECTORY
guarded() {
	run as_who env -C "$top" timeout -k 5 60 "$NSSUPERVISE" "$@"
}

# other ERE: the rows of $OUT that do not match it.
other() {
	printf '%s\n' "$OUT" | grep -Ev -e "$1" -e "^($twins) .*: ENOSYS\$"
}

# Here a row must do something, or it shows nothing: without us all work.
check_alone() {
	make_tree
	alone run files
	rows=$(printf '%s\n' "$OUT" | wc -l)
	diag "$WHO: $rows rows"
	ok "$WHO: there are rows" test "$rows" -gt 250
	is "$(other ' gone (read|write): ENOENT$|: OK$')" '' \
		"$WHO: without us all that is there can be read and changed"
	printf '%s\n' "$OUT" >"$TMP/alone.out"
	show >"$TMP/alone.tree"
}

check_denied() {
	for way in 'not granted' 'carved out' 'by a pattern' 'with metadata' \
		'with metadata, quiet'; do
		make_tree
		remember
		case $way in
		'not granted') set -- ;;
		'carved out') set -- --allow-fs-read="$top" \
			--allow-fs-write="$top" --deny-fs-read="$top/files" \
			--deny-fs-write="$top/files" ;;
		'by a pattern') set -- --allow-fs-read="$top" \
			--allow-fs-write="$top" "--deny-fs-read=$top/fi*s" \
			"--deny-fs-write=$top/fi*s" ;;
		'with metadata') set -- --allow-fs-metadata ;;
		*) set -- --allow-fs-metadata --quiet ;;
		esac
		guarded "$@" -- "$families" held files <"$top/files/held"
		is "$(other "$(may_denied)")" '' \
			"$WHO, $way: whether or not it is there, EACCES"
		is "$(printf '%s\n' "$OUT" | wc -l)" "$rows" \
			"$WHO, $way: every row was tried"
		unchanged "$WHO, $way"
	done
}

# What may be done with a file of which only a descriptor was handed over, and
# where metadata is not guarded. Then --quiet leaves nothing to ask for but
# changes of metadata, and the kernel says by itself that nothing is there.
may_denied() {
	printf '%s' ': EACCES$|(proc|empty) read: (OK|ENODATA|ENOTDIR)$'
	case $way in
	'with metadata'*)
		printf '%s' '|^(stat|lstat|newfstatat|statx|access|faccessat2?|' \
			'readlink|readlinkat|chdir|statfs|l?getxattr|' \
			'l?listxattr|open place) .*: (OK|ENOENT)$|' \
			'^access write|^(getxattrat|listxattrat|file_getattr) '
		;;
	esac
	case $way in
	*quiet) printf '%s' '| gone (read|write): ENOENT$' ;;
	esac
}

check_read_only() {
	make_tree
	remember
	guarded --allow-fs-read="$top" -- "$families" run files
	is "$(other ' write: EACCES$| gone read: ENOENT$| read: OK$')" '' \
		"$WHO, read-only: it is read and not changed, by no descriptor"
	is "$(printf '%s\n' "$OUT" | wc -l)" "$rows" \
		"$WHO, read-only: every row was tried"
	unchanged "$WHO, read-only"
}

check_writable() {
	for way in tree pattern carved; do
		make_tree
		case $way in
		tree) set -- --allow-fs-read="$top" --allow-fs-write="$top" ;;
		pattern) set -- "--allow-fs-read=$top*" "--allow-fs-write=$top*" ;;
		carved) set -- --allow-fs-read="$top" --allow-fs-write="$top" \
			--deny-fs-read="$top/none" --deny-fs-write="$top/none" ;;
		esac
		guarded "$@" -- "$families" run files
		printf '%s\n' "$OUT" >"$TMP/guarded.out"
		show >"$TMP/guarded.tree"
		for kind in out tree; do
			# What is answered ENOSYS has no effect either.
			is "$(diff "$TMP/alone.$kind" "$TMP/guarded.$kind" |
				grep -Ev -e "^[<>] ($twins)[ -]" -e '^[-0-9]' | head -n 20)" '' \
				"$WHO, writable, $way: as without us: $kind"
		done
	done
}

for WHO in $(identities); do
	top=$TMP/families-$WHO
	mkdir -p "$top"
	chmod 755 "$top"
	check_alone
	check_denied
	check_read_only
	check_writable
done
done_testing
