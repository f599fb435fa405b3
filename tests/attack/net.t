#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Attacks on the rules of the network and of unix sockets. Each succeeds without
# us; under us what the servers outside saw decides. The names in brackets are
# those of the catalogue of attacks.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

attack=$top_builddir/tests/attack/attack-net
[ -x "$attack" ] || skip_all "the attack is not built"
python=$(find_python) || skip_all "there is no Python"
client=$top_srcdir/tests/integration/net-client.py
rounds=500
servers=

stop_servers() {
	for server in $servers; do
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
	done
	servers=
}

# Two addresses with one port each; what they saw is in $SEEN at the end.
serve_both() {
	: >"$TMP/both"
	"$attack" serve >"$TMP/both" &
	servers="$servers $!"
	wait_for "$TMP/both" '^listening' || diag "no server"
	port=$(sed -n 's/^listening.*://p' "$TMP/both")
}

seen_both() {
	stop_servers
	SEEN=$(cat "$TMP/both")
	diag "the servers saw: $(printf '%s' "$SEEN" | tail -n +2 | tr '\n' ' ')"
}

race() {
	race_what=$1
	shift
	serve_both
	run timeout -k 5 60 "$attack" "$race_what" "$port" "$rounds"
	seen_both
	like "$SEEN" 'secret=[1-9]' "$race_what: without us it arrives"
	serve_both
	run timeout -k 5 60 "$NSSUPERVISE" --quiet \
		--allow-net="127.0.0.1:$port" -- "$attack" "$race_what" \
		"$port" "$rounds"
	diag "$OUT"
	like "$OUT" 'allowed=[1-9]' "$race_what: the allowed address is served"
	like "$OUT" 'refused=[1-9]' "$race_what: the forbidden one is met"
	seen_both
	is "$(printf '%s\n' "$SEEN" | grep -c 'secret=0$')" 2 \
		"$race_what: nothing arrives at the forbidden one"
}

# T158, T159: the address rewritten, the number pointed elsewhere.
for what in connect sendto sendmsg sendmmsg number; do
	race "$what"
done

# The world outside.
mkdir -m 777 "$TMP/a" "$TMP/b" "$TMP/here"
for place in a b; do
	"$python" "$top_srcdir/tests/integration/net-server.py" "$TMP/$place" \
		>"$TMP/$place.out" &
	servers="$servers $!"
done
for place in a b; do
	wait_for "$TMP/$place.out" '^listening' ||
		skip_all "the servers do not start"
done
read -r _ _ tcp udp tcp6 <"$TMP/a.out"
read -r _ _ tcp_b udp_b _ <"$TMP/b.out"

# T155: a path, and a symbolic link, that lead elsewhere.
in_here() {
	(cd "$TMP/here" && run "$@" && printf '%s\n' "$OUT") || true
}
for what in unix link; do
	: >"$TMP/b/log"
	in_here timeout -k 5 60 "$attack" "$what" "$TMP/a/stream" \
		"$TMP/b/stream" "$rounds" >"$TMP/got"
	like "$(cat "$TMP/got")" 'secret=[1-9]' "$what: without us it connects"
	sleep 0.5
	: >"$TMP/b/log"
	rm -f "$TMP/here/link" "$TMP/here/new"
	in_here timeout -k 5 60 "$NSSUPERVISE" --quiet \
		--allow-unix="$TMP/a" --allow-fs-read="$TMP/here" \
		--allow-fs-write="$TMP/here" -- "$attack" "$what" \
		"$TMP/a/stream" "$TMP/b/stream" "$rounds" >"$TMP/got"
	diag "$(cat "$TMP/got")"
	like "$(cat "$TMP/got")" 'allowed=[1-9].*secret=0$' \
		"T155 $what: only the allowed socket is reached"
	is "$(cat "$TMP/b/log")" '' "$what: the other server saw nobody"
done

# try RESULT NAME OPTION... -- ACTION: what the client prints, without us it
# succeeds, and the server at b sees nobody.
try() {
	try_want=$1
	try_name=$2
	shift 2
	: >"$TMP/b/log"
	for last in "$@"; do :; done
	in_here timeout -k 5 30 "$python" "$client" "$last" >"$TMP/got"
	like "$(cat "$TMP/got")" ': (None|hello|echo|[0-9]|listens|OK|made)' \
		"$try_name: succeeds without us"
	sleep 0.1
	: >"$TMP/b/log"
	in_here timeout -k 5 30 "$NSSUPERVISE" --quiet '--allow-fs-read=*' \
		"$@" >"$TMP/got"
	like "$(cat "$TMP/got")" ": ($try_want)\$" "$try_name: $try_want"
	is "$(cat "$TMP/b/log")" '' "$try_name: the server saw nobody"
}

py() {
	try "$1" "$2" "$3" -- "$python" "$client" "$4"
}

net=--allow-net=127.0.0.1:$tcp,127.0.0.1:$udp
hex() {
	printf '%04x' "$1"
}
py EACCES "another port" "$net" "tcp,127.0.0.1,$tcp_b"
py EACCES "UDP to another port" "$net" "udp,127.0.0.1,$udp_b"
py EACCES "T159 the address without a family" "$net" \
	"raw_send,2,0000$(hex "$udp_b")7f0000010000000000000000"
py EACCES "T159 mapped" "$net" \
	"raw_connect,10,0a00$(hex "$tcp_b")0000000000000000000000000000ffff7f00000100000000"
py EACCES "T159 0.0.0.0" "$net" "tcp,0.0.0.0,$tcp_b"
py EACCES "T159 IPv4 on a socket of IPv6" "$net" \
	"raw_send,10,0200$(hex "$udp_b")7f0000010000000000000000"
py 'ENOTSUP|EOPNOTSUPP' "T151 fast open" "$net" "fast_open,127.0.0.1,$tcp_b"
py 'ENOTSUP|EOPNOTSUPP' "T151 fast open where it may go" "$net" \
	"fast_open,127.0.0.1,$tcp"
# passed OPTION...: with a socket that listens as standard input.
passed() {
	"$python" -c 'import os, socket, sys
listening = socket.create_server(("127.0.0.1", 0))
os.dup2(listening.fileno(), 0)
os.execv(sys.argv[1], sys.argv[1:])' "$@" "$python" "$client" \
		"fast_open_passed,127.0.0.1,$tcp_b" >"$TMP/got"
	GOT=$(cat "$TMP/got")
}
passed /usr/bin/env
like "$GOT" ': 4$' "T151 fast open by a socket passed in: succeeds without us"
: >"$TMP/b/log"
for option in --allow-unix="$TMP/a" --allow-child-process --landlock-only; do
	passed "$NSSUPERVISE" --quiet '--allow-fs-read=*' --allow-addons \
		--allow-worker "$option" --
	like "$GOT" ': (ENOTSUP|EOPNOTSUPP)$' \
		"T151 fast open by a socket passed in, $option"
done
is "$(cat "$TMP/b/log")" '' "... and the server saw nobody"
py EACCES "T153 listen without bind" "$net" listen_unbound
py EACCES "listen at a port" "$net" listen,127.0.0.1,0
if is_root; then
	py EPERM "a source route in a message" "$net" \
		"udp_options,127.0.0.1,$udp"
else
	skip "a source route in a message: nobody else may send one"
fi
py EPERM "a source route as an option" "$net" ip_options
py EPROTONOSUPPORT "T152 MPTCP" "$net" sockets,2,1,262
py EACCES "no rule, no unix socket" "$net" "stream,$TMP/b/stream"
py EACCES "T156 a pair of datagrams" "$net" "pair,$TMP/b/dgram"
if is_root; then
	py 'EACCES|EPROTONOSUPPORT' "T154 raw" "$net" sockets,2,3,255
	py EACCES "T154 packets" "$net" sockets,17,3,0
	py 'EACCES|EPROTONOSUPPORT' "T154 ICMP" "$net" sockets,2,3,1
else
	skip "raw sockets need root without us"
fi
py EPROTONOSUPPORT "T163 socket diagnosis" "$net" sockets,16,3,4

unix=--allow-unix=$TMP/a
ln -s "$TMP/b/stream" "$TMP/here/alias"
py EACCES "another socket" "$unix" "stream,$TMP/b/stream"
py EACCES "T155 by a link" "$unix" "stream,$TMP/here/alias"
py EACCES "by .." "$unix" "stream,$TMP/a/../b/stream"
py EACCES "relative" "$unix" "stream,../b/stream"
py EACCES "by a descriptor of the directory" "$unix" "by_fd,$TMP/b,stream"
py EACCES "seqpacket" "$unix" "seq,$TMP/b/seq"
py EACCES "datagram" "$unix" "dgram,$TMP/b/dgram"
py EACCES "T156 a pair of datagrams" "$unix" "pair,$TMP/b/dgram"
py EACCES "abstract" "$unix" "stream,@$TMP/b/stream"
py EACCES "abstract datagram" "$unix" "dgram,@$TMP/b/dgram"
py EACCES "another abstract one" "--allow-unix=@$TMP/a/*" "stream,@$TMP/b/stream"
py EACCES "a pair to an abstract one" "$unix" "pair,@$TMP/b/dgram"
py EACCES "no rule, no internet" "$unix" "tcp,127.0.0.1,$tcp_b"

# A socket may not come to be called by an allowed name.
: >"$TMP/b/log"
run "$NSSUPERVISE" --quiet '--allow-fs-read=*' --allow-fs-write="$TMP" \
	--allow-unix="$TMP/a" -- "$python" "$client" \
	"renamed,$TMP/b/stream,$TMP/a/moved" "linked,$TMP/b/stream,$TMP/a/linked"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" 'EACCES EACCES ' \
	"no other socket gets an allowed name"
is "$(cat "$TMP/b/log")" '' "... and its server saw nobody"

# A name is made where it was judged, whatever writing allows.
run "$NSSUPERVISE" --quiet '--allow-fs-read=*' --allow-fs-write="$TMP/here" \
	--allow-unix="$TMP/a" -- "$python" "$client" "unix_bind,$TMP/here/own"
like "$OUT" ': EACCES$' "bind where only writing is allowed"
run "$NSSUPERVISE" --quiet '--allow-fs-read=*' --allow-unix="$TMP/here" \
	--deny-fs-write="$TMP/here" -- "$python" "$client" \
	"unix_bind,$TMP/here/own"
like "$OUT" ': EACCES$' "bind in a carve-out"
ok "no name was made" test ! -e "$TMP/here/own"

# The allowed way still works, and says which one it was.
run "$NSSUPERVISE" --quiet '--allow-fs-read=*' "$net" "$unix" -- "$python" \
	"$client" "tcp,127.0.0.1,$tcp" "udp,127.0.0.1,$udp" \
	"stream,$TMP/a/stream"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
	'hello echo datagram hello ' "what is allowed works"
diag "IPv6 at ${tcp6:-none}"

stop_servers
done_testing
