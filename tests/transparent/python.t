#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Python's own test suite, outside and inside: the same result of every test.
# Debian has it in libpython3.11-testsuite. What differs on purpose is in
# differences.py.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

here=$top_srcdir/tests/transparent
interpreter=/usr/bin/python3
# A few seconds each; more of them can be named in TRANSPARENT_TESTS.
tests=${TRANSPARENT_TESTS-test_os test_posix test_shutil test_pathlib
test_tempfile test_fileio test_glob test_mmap test_fcntl test_stat test_mailbox
test_dbm_dumb test_genericpath test_posixpath test_filecmp test_fileinput
test_openpty test_pty test_popen test_file test_zipimport test_pkgutil
test_import test_runpy test_poll}

"$interpreter" -c 'import test.test_os' 2>/dev/null ||
	skip_all "Python's test suite is not installed"

# test_fexecve goes on with the suite in its child when it is refused.
suite() {
	place=$USER_TMP/$1
	as_user mkdir -p "$place/files" "$place/home"
	case $1 in
	bare) set -- "$1" ;;
	carve) set -- "$1" "$NSSUPERVISE" --quiet --allow-child-process \
		--allow-worker --allow-addons --allow-fs-read=/ \
		--allow-fs-write="$place,/dev/ptmx,/dev/pts,/dev/null,/dev/tty" \
		--deny-fs-read="$place/none" --deny-fs-write="$place/none" \
		--allow-net --allow-unix="$place" -- ;;
	esac
	name=$1
	shift
	# shellcheck disable=SC2086 # tests are words
	(cd "$place/files" && as_user env TMPDIR="$place/files" \
		HOME="$place/home" PYTHONDONTWRITEBYTECODE=1 \
		setpriv --no-new-privs timeout -k 5 280 \
		"$@" "$interpreter" -B -m test -v -i test_fexecve \
		-u curses,subprocess --timeout 120 $tests) \
		>"$TMP/$name.out" 2>&1 </dev/null &
}

: >"$TMP/used"
suite bare
suite carve
wait
for kind in bare carve; do
	ok "$kind: the suite has come to its end" \
		grep -q '^Tests\{0,1\} result: ' "$TMP/$kind.out"
done
run "$interpreter" -B "$here/compare.py" tests "$TMP/bare.out" \
	"$TMP/carve.out" python "$TMP/used"
is "$STATUS" 0 "the same results ($(grep -c ' \.\.\. ok$' "$TMP/carve.out") ok)"
[ "$STATUS" -eq 0 ] || diag "$(printf '%s\n' "$OUT" "$ERR" | head -n 90)"

done_testing
