#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# systemd accepts the unit, its filter lets nssupervise work, and the example
# is a valid configuration.
. "${top_srcdir:-.}/tests/lib/tap.sh"

unit=$TMP/nssupervise@.service

command -v systemd-analyze >/dev/null 2>&1 ||
	skip_all 'systemd-analyze is not installed'

# verify wants the program to exist, so the unit of the build tree.
mkdir "$TMP/bin"
ln -s "$top_builddir/nssupervise" "$TMP/bin/nssupervise"
sed "s|@bindir@|$TMP/bin|g" \
	"$top_srcdir/contrib/systemd/nssupervise@.service.in" >"$unit"

run systemd-analyze verify --man=no "$unit"
is "$STATUS $OUT$ERR" '0 ' 'systemd-analyze verify has nothing to say'

run systemd-analyze security --offline=yes --threshold=25 "$unit"
is "$STATUS" 0 'the exposure is at most 2.5'

# The verifier for all users, and the one of a user; each with its socket.
ln -s "$top_builddir/nsverifyd" "$TMP/bin/nsverifyd"
for folder in . user; do
	mkdir -p "$TMP/$folder"
	sed "s|@pkglibexecdir@|$TMP/bin|g" \
		"$top_srcdir/contrib/systemd/$folder/nsverifyd.service.in" \
		>"$TMP/$folder/nsverifyd.service"
	cp "$top_srcdir/contrib/systemd/$folder/nsverifyd.socket" "$TMP/$folder/"
	run systemd-analyze verify --man=no "$TMP/$folder/nsverifyd.service" \
		"$TMP/$folder/nsverifyd.socket"
	is "$STATUS $OUT$ERR" '0 ' "$folder/nsverifyd: nothing to say"
done
run systemd-analyze security --offline=yes --threshold=15 \
	"$TMP/nsverifyd.service"
is "$STATUS" 0 "the verifier's exposure is at most 1.5"

# allowed CALL: it is in the unit's lists, or in a set that they name.
allowed() {
	sed -n 's/^SystemCallFilter=\([^~]\)/\1/p' "$unit" | tr ' ' '\n' >"$TMP/todo"
	: >"$TMP/allowed"
	while [ -s "$TMP/todo" ]; do
		grep -v '^@' "$TMP/todo" >>"$TMP/allowed"
		grep '^@' "$TMP/todo" | while read -r set; do
			systemd-analyze syscall-filter --no-pager "$set" |
				sed -n '2,$s/^ *\([@a-z]\)/\1/p'
		done >"$TMP/next"
		mv "$TMP/next" "$TMP/todo"
	done
}
allowed
for call in seccomp landlock_create_ruleset landlock_add_rule \
	landlock_restrict_self process_vm_readv process_vm_writev \
	pidfd_open pidfd_send_signal memfd_create openat2 close_range \
	prctl execve ioctl; do
	ok "the filter allows $call" grep -qx "$call" "$TMP/allowed"
done

done_testing
