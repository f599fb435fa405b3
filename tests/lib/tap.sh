# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Test Anything Protocol for shell tests. A test starts with
#     . "${top_srcdir:-.}/tests/lib/tap.sh"
# (so by hand it runs from the top of the tree) and ends with done_testing.
#
#   ok NAME COMMAND [ARG]...   passes when the command exits 0
#   is GOT WANT NAME           the two strings are equal
#   like TEXT ERE NAME         a line of TEXT matches; unlike: none does
#   pass NAME, fail NAME       a result found by the test's own code
#   skip REASON                one test that cannot run here
#   skip_all REASON            none can; ends the test
#   diag TEXT                  explanation, never a result
#   run COMMAND [ARG]...       output in $OUT, errors in $ERR, status in $STATUS
#   as_user COMMAND [ARG]...   without privileges, also when we are root
#   node_path N                prints the path of node N; fails if it is missing
#   done_testing               prints the plan and ends the test
#
# Set for the test: $TMP (a directory of its own, removed at exit), $USER_TMP
# (in it, writable for as_user), $NSSUPERVISE, $NSPOLICY, $NSVERIFYD (absolute
# paths that as_user can run), $top_srcdir and $top_builddir (absolute).

set -u
LC_ALL=C
export LC_ALL
umask 022

top_srcdir=$(cd "${top_srcdir:-.}" && pwd -P) || exit 99
top_builddir=$(cd "${top_builddir:-.}" && pwd -P) || exit 99
export top_srcdir top_builddir

tap_run=0
tap_failed=0
tap_is_done=

TMP=$(mktemp -d "${TMPDIR:-/tmp}/nssupervise-test.XXXXXX") || exit 99
TMP=$(cd "$TMP" && pwd -P) || exit 99
chmod 755 "$TMP"
USER_TMP=$TMP/user
mkdir "$USER_TMP"
export TMP USER_TMP

tap_exit() {
	tap_status=$?
	trap - EXIT
	cd / || exit 99
	chmod -R u+rwx "$TMP" 2>/dev/null
	rm -rf "$TMP"
	if [ -z "$tap_is_done" ]; then
		echo "Bail out! the test ended early (status $tap_status)"
		exit 99
	fi
	exit "$tap_status"
}
trap tap_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A '#' would start a directive and a newline the next line.
tap_text() {
	printf '%s' "$1" | tr '\n\t' '  ' | sed 's/#/\\#/g'
}

diag() {
	printf '%s\n' "$1" | sed 's/^/# /'
}

pass() {
	tap_run=$((tap_run + 1))
	printf 'ok %d - %s\n' "$tap_run" "$(tap_text "$1")"
}

fail() {
	tap_run=$((tap_run + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_run" "$(tap_text "$1")"
	return 1
}

ok() {
	tap_name=$1
	shift
	if "$@"; then
		pass "$tap_name"
	else
		tap_status=$?
		fail "$tap_name"
		diag "status $tap_status of: $*"
		return 1
	fi
}

is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		diag "got  '$1'"
		diag "want '$2'"
		return 1
	fi
}

like() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		pass "$3"
	else
		fail "$3"
		diag "no line matches '$2' in:"
		diag "$1"
		return 1
	fi
}

unlike() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		fail "$3"
		diag "a line matches '$2' in:"
		diag "$1"
		return 1
	fi
	pass "$3"
}

skip() {
	tap_run=$((tap_run + 1))
	printf 'ok %d # SKIP %s\n' "$tap_run" "$(tap_text "$1")"
}

skip_all() {
	tap_is_done=1
	printf '1..0 # SKIP %s\n' "$(tap_text "$1")"
	exit 0
}

done_testing() {
	tap_is_done=1
	echo "1..$tap_run"
	[ "$tap_failed" -eq 0 ] && [ "$tap_run" -gt 0 ]
	exit
}

# shellcheck disable=SC2034 # OUT, ERR and STATUS are for the test
run() {
	STATUS=0
	# A program that never stops printing must not fill the disk.
	(ulimit -f 131072 2>/dev/null; "$@") >"$TMP/.out" 2>"$TMP/.err" || STATUS=$?
	OUT=$(cat "$TMP/.out")
	ERR=$(cat "$TMP/.err")
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# 'nobody' everywhere we know; the number needs no entry in /etc/passwd.
tap_uid=65534

as_user() {
	if is_root; then
		setpriv --reuid="$tap_uid" --regid="$tap_uid" --clear-groups \
			env HOME="$USER_TMP" USER=nobody LOGNAME=nobody "$@"
	else
		"$@"
	fi
}

# The cache of tools/setup; empty when it was never filled.
tap_cache() {
	if [ -z "${NSSUPERVISE_TEST_CACHE-}" ]; then
		NSSUPERVISE_TEST_CACHE=$("$top_srcdir/tools/setup" --cache)
		export NSSUPERVISE_TEST_CACHE
	fi
	printf '%s\n' "$NSSUPERVISE_TEST_CACHE"
}

node_path() {
	tap_node=$(tap_cache)/node-$1/bin/node
	[ -x "$tap_node" ] && printf '%s\n' "$tap_node"
}

# A tree below a private home is closed to as_user: let it run a copy.
tap_bindir=$top_builddir
if is_root; then
	chown "$tap_uid:$tap_uid" "$USER_TMP"
	if ! as_user test -r "$top_builddir/policies/." 2>/dev/null; then
		tap_bindir=$TMP/tree
		mkdir "$tap_bindir"
		for tap_file in nssupervise nsverifyd nspolicy; do
			[ ! -x "$top_builddir/$tap_file" ] ||
				cp "$top_builddir/$tap_file" "$tap_bindir/"
		done
		cp -RL "$top_srcdir/policies" "$tap_bindir/policies"
		[ ! -d "$top_srcdir/src/shim" ] || {
			mkdir "$tap_bindir/src"
			cp -RL "$top_srcdir/src/shim" "$tap_bindir/src/shim"
		}
	fi
fi
NSSUPERVISE=$tap_bindir/nssupervise
NSPOLICY=$tap_bindir/nspolicy
NSVERIFYD=$tap_bindir/nsverifyd
export NSSUPERVISE NSPOLICY NSVERIFYD
