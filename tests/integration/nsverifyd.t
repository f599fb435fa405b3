#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The nsverifyd program by hand: without a socket all it does is explain itself.
# What it does for a supervisor is in tests/unit/test-verifyd.c, for several in
# tests/integration/shared.t.
. "${top_srcdir:-.}/tests/lib/tap.sh"

[ -x "$NSVERIFYD" ] || skip_all 'nsverifyd is not built'

run "$NSVERIFYD" --version
is "$STATUS $ERR" '0 ' '--version: status 0'
like "$OUT" '^nsverifyd [0-9]' '--version: name and version'

run "$NSVERIFYD" --help
is "$STATUS $ERR" '0 ' '--help: status 0'
like "$OUT" '^Usage: nsverifyd \[OPTION\]' '--help: the usage'

for arguments in --nope x '--help --version' '--version=1'; do
	# shellcheck disable=SC2086 # a list of arguments
	run "$NSVERIFYD" $arguments
	is "$STATUS" 125 "$arguments: status 125"
	like "$ERR" "^nsverifyd: unknown argument '" "$arguments: says so"
done

not_a_socket='^nsverifyd: descriptor 3 is not a SOCK_SEQPACKET socket'

run "$NSVERIFYD" 3<&-
is "$STATUS" 125 'no descriptor 3: status 125'
like "$ERR" "$not_a_socket" 'no descriptor 3: says so'

run "$NSVERIFYD" 3</dev/null
is "$STATUS" 125 'a device: status 125'
like "$ERR" "$not_a_socket" 'a device: says so'

if command -v python3 >/dev/null; then
	run python3 -c '
import os, socket, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
os.dup2(a.fileno(), 3)
os.execl(sys.argv[1], "nsverifyd")' "$NSVERIFYD"
	is "$STATUS" 125 'a stream socket: status 125'
	like "$ERR" "$not_a_socket" 'a stream socket: says so'
else
	skip 'no python3 to make a stream socket'
fi

run sh -c "\"$NSVERIFYD\" --help >/dev/full"
is "$STATUS" 125 'output that cannot be written: status 125'

done_testing
