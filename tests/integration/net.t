#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules of the network and of unix sockets: real programs against servers
# outside, native results against those under us.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise
python=$(find_python) || skip_all "there is no Python"
node=$(default_node) || node=
parts=$top_srcdir/tests/integration
client=$parts/net-client.py
server=
slow=
dns=

stop_net() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	[ -z "$dns" ] || kill "$dns" 2>/dev/null
	[ -z "$slow" ] || kill "$slow" 2>/dev/null
	end_of_test
}
trap stop_net EXIT

mkdir -m 777 "$TMP/out" "$TMP/in"
"$python" "$parts/net-server.py" "$TMP/out" >"$TMP/server" &
server=$!
wait_for "$TMP/server" '^listening' || skip_all "the server does not start"
read -r _ _ tcp udp tcp6 <"$TMP/server"
free=$("$python" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
host=$(uname -n)

# results: what follows the colon of each line, in one line.
results() {
	printf '%s\n' "$OUT" | sed 's/^[^:]*\(:[0-9:]*,[^:]*\)*: //' | tr '\n' '|'
}

# client_run OPTION... -- ACTION...
client_run() {
	options=
	# shellcheck disable=SC2089 # no option here has a blank or a quote
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	set -f
	# shellcheck disable=SC2086,SC2090
	sandbox --allow-fs-read=* $options -- "$python" "$client" "$@"
	set +f
}

# Everything a program may do with sockets, native and under us.
everything() {
	rm -f "$TMP"/in/*
	set -- "tcp,127.0.0.1,$tcp" "tcp_blocking,127.0.0.1,$tcp" \
		"tcp_twice,127.0.0.1,$tcp" "tcp_async,127.0.0.1,$tcp" \
		"tcp_async,127.0.0.1,$free" "tcp,127.0.0.1,$free" \
		"tcp_name,localhost,$tcp" "again,127.0.0.1,$tcp" \
		"tcp,0.0.0.0,$tcp" "udp,127.0.0.1,$udp" \
		"udp_connected,127.0.0.1,$udp" "udp_big,127.0.0.1,$udp,60000" \
		"udp_big,127.0.0.1,$udp,70000" udp_route,127.0.0.1 \
		"udp_message,127.0.0.1,$udp" "many,$udp,$udp" "many,$udp" \
		"listen,127.0.0.1,$free" listen,127.0.0.1,0 listen_unbound \
		"bind_udp,127.0.0.1,$free" "served,$free" \
		"stream,$TMP/out/stream" "seq,$TMP/out/seq" \
		"dgram,$TMP/out/dgram" "stream,@$TMP/out/stream" \
		"seq,@$TMP/out/seq" "dgram,@$TMP/out/dgram" \
		"dgram_reply,$TMP/out/dgram,$TMP/in/me" \
		"dgram_auto,$TMP/out/dgram" "pair,$TMP/out/dgram" \
		"stream,$TMP/out/none" "stream,$TMP/out/log" \
		"unix_bind,$TMP/in/bound" "unix_bind,$TMP/in/bound" \
		unix_bind,relative "unix_bind,$TMP/in/none/x" \
		"unix_bind,@$TMP/in/abstract" "unix_served,$TMP/in/served" \
		descriptors descriptors,200 bad_descriptor credentials,own \
		interfaces ifaddrs pipe_signal slow_reader would_block table \
		errors multiprocess
	[ "$tcp6" -eq 0 ] || set -- "$@" "tcp,::1,$tcp6"
	cd "$TMP/in" || exit 99
	run as_who timeout 60 "$python" "$client" "$@"
	native=$OUT
	rm -f "$TMP"/in/*
	sandbox '--allow-fs-read=*' --allow-fs-write=/dev/shm \
		--allow-child-process --allow-worker --allow-addons \
		"--allow-net=127.0.0.1,[::1],listen:*" \
		"--allow-unix=$TMP/out,$TMP/in,@$TMP/*" -- "$python" \
		"$client" "$@"
	cd "$top_builddir" || exit 99
	is "$OUT" "$native" "$WHO: whatever is allowed works as without us"
	diag "$(printf '%s' "$native" | grep -c .) actions"
	unlike "$ERR" denied "$WHO: and nothing is denied"
}

# Which rule allows what.
rules() {
	client_run --quiet "--allow-net=127.0.0.1:$tcp" -- \
		"tcp,127.0.0.1,$tcp" "tcp,127.0.0.1,$free" \
		"udp,127.0.0.1,$udp" listen_unbound interfaces
	is "$(results)" 'hello|EACCES|EACCES|EACCES|lo|' \
		"$WHO: an address and a port"
	client_run --quiet "--allow-net=:$tcp,:$udp" -- "tcp,127.0.0.1,$tcp" \
		"udp,127.0.0.1,$udp" "tcp,127.0.0.1,$free"
	is "$(results)" 'hello|echo datagram|EACCES|' "$WHO: a port"
	client_run --quiet --allow-net=127.0.0.0/8 -- "tcp,127.0.0.1,$tcp" \
		"tcp_async,127.9.9.9,$free" "tcp,::1,$free"
	is "$(results)" 'hello|EINPROGRESS 111|EACCES|' "$WHO: a network"
	client_run --quiet "--allow-net=localhost:$tcp" -- \
		"tcp_name,localhost,$tcp" "tcp,127.0.0.1,$udp"
	is "$(results)" 'hello|EACCES|' "$WHO: localhost"
	client_run --quiet "--allow-net=listen:$free" -- \
		"listen,127.0.0.1,$free" "listen,0.0.0.0,$free" \
		listen,127.0.0.1,0 listen_unbound "bind_udp,127.0.0.1,$free" \
		"tcp,127.0.0.1,$tcp" bind_udp,127.0.0.1,0
	is "$(results)" 'listens|listens|EACCES|EACCES|bound|EACCES|bound|' \
		"$WHO: a port to listen at"
	client_run --quiet "--allow-net=listen:127.0.0.1:$free" -- \
		"listen,127.0.0.1,$free" "listen,0.0.0.0,$free"
	is "$(results)" 'listens|EACCES|' "$WHO: ... at one address"
	client_run --quiet --allow-net=listen:0 -- "listen,127.0.0.1,$free" \
		listen,127.0.0.1,0 listen_unbound
	is "$(results)" 'EACCES|listens|listens|' \
		"$WHO: a port that the kernel chooses"
	client_run --quiet "--allow-unix=$TMP/out/stream" -- \
		"stream,$TMP/out/stream" "dgram,$TMP/out/dgram" \
		"tcp,127.0.0.1,$tcp" "stream,@$TMP/out/stream"
	is "$(results)" 'hello|EACCES|EACCES|EACCES|' "$WHO: a unix socket"
	client_run --quiet "--allow-unix=$TMP/out/s*" -- \
		"stream,$TMP/out/stream" "seq,$TMP/out/seq" \
		"dgram,$TMP/out/dgram"
	is "$(results)" 'hello|hello|EACCES|' "$WHO: a pattern of them"
	client_run --quiet --allow-net "--allow-unix=$TMP/out/stream" -- \
		"tcp,127.0.0.1,$tcp" "udp,127.0.0.1,$udp" listen,127.0.0.1,0 \
		listen_unbound "stream,$TMP/out/stream" "dgram,$TMP/out/dgram"
	is "$(results)" 'hello|echo datagram|listens|listens|hello|EACCES|' \
		"$WHO: all of the network beside a unix socket"
}

# A name of this machine, as /etc/hosts or a name server has it.
names() {
	if ! "$python" "$client" "tcp_name,$host,$tcp" | grep -q hello; then
		skip "$WHO: $host does not lead to this machine"
		return
	fi
	client_run --quiet "--allow-net=$host:$tcp" -- "tcp_name,$host,$tcp" \
		"tcp,127.0.0.1,$tcp" "tcp,127.0.0.1,$free"
	like "$(results)" '^hello\|hello\|EACCES' \
		"$WHO: a name is looked up when it connects"
	client_run --quiet "--allow-net=$host:$free" -- "tcp_name,$host,$tcp"
	like "$(results)" '^EACCES' "$WHO: and is good for its port only"
}

# Names by a name server of our own, in a mount namespace of our own.
with_dns() {
	dns_at=127.0.0.99
	: >"$TMP/dns.out"
	printf 'nameserver %s\n' "$dns_at" >"$TMP/resolv.conf"
	printf 'hosts: files dns\n' >"$TMP/nsswitch.conf"
	"$python" "$parts/net-dns.py" "$dns_at" "$TMP/zone" >"$TMP/dns.out" \
		2>/dev/null &
	dns=$!
	if ! is_root || ! wait_for "$TMP/dns.out" '^listening' ||
		! unshare -m true 2>/dev/null; then
		kill "$dns" 2>/dev/null
		dns=
		skip "a name server needs root, port 53 and a mount namespace"
		return
	fi
	dns_tests
	kill "$dns"
	dns=
}

# dns_run OPTION... -- ACTION...: behind that name server.
dns_run() {
	# shellcheck disable=SC2016 # for the inner shell
	run timeout -k 5 60 unshare -m sh -c '
		mount --make-rprivate / &&
		mount --bind "$1" /etc/resolv.conf &&
		mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"' \
		sh "$TMP/resolv.conf" "$TMP/nsswitch.conf" "$NSSUPERVISE" \
		'--allow-fs-read=*' --quiet "$@"
}

dns_tests() {
	printf 'one.example 127.0.0.1\ntwo.example 127.0.0.2 127.0.0.1\n' \
		>"$TMP/zone"
	dns_run "--allow-net=one.example:$tcp" -- "$python" "$client" \
		"tcp_name,one.example,$tcp" "tcp,127.0.0.1,$tcp" \
		"tcp,127.0.0.1,$udp" "tcp_async,127.0.0.2,$tcp" \
		"udp,$dns_at,54" "tcp_name,other.example,$tcp"
	is "$(results)" 'hello|hello|EACCES|EACCES 0|EACCES|-2|' \
		"DNS: a name, and nothing else" || diag "$ERR"
	dns_run "--allow-net=two.example:$tcp" -- "$python" "$client" \
		"tcp_async,127.0.0.2,$tcp" "tcp,127.0.0.1,$tcp"
	is "$(results)" 'EINPROGRESS 111|hello|' "DNS: all of its addresses"
	dns_run --allow-net="silent.example:$tcp,one.example:$tcp" -- \
		"$python" "$client" "tcp,127.0.0.3,$tcp" "tcp,127.0.0.1,$tcp"
	is "$(results)" 'EACCES|hello|' "DNS: a dead name keeps nobody waiting"
	# The name moves while the program runs.
	dns_run "--allow-net=one.example:$tcp" --allow-fs-write="$TMP/zone" -- \
		"$python" -c '
import socket, sys, time
def reach(host):
    with socket.socket() as sock:
        try:
            sock.connect((host, int(sys.argv[1])))
            return "reached"
        except PermissionError:
            return "denied"
        except ConnectionRefusedError:
            return "reached"
print(reach("127.0.0.1"), reach("127.0.0.7"))
with open(sys.argv[2], "w") as file:
    file.write("one.example 127.0.0.7\n")
time.sleep(1.1)
print(reach("127.0.0.7"), reach("127.0.0.1"))' "$tcp" "$TMP/zone"
	is "$OUT" "$(printf 'reached denied\nreached reached')" \
		"DNS: an address that is new, and one that was seen"
}

# denied OPERATION OBJECT SYSCALL OPTION
denied() {
	denied_flag=${4%%=*}
	denied_flag=${denied_flag#\'}
	like "$ERR" "^nssupervise: denied $1 $(ere "$2") \(python[0-9.]*\[[0-9]+\] $3\): no $denied_flag covers it; to allow: $(ere "$4")\$" \
		"$WHO: $1 $2"
}

messages() {
	client_run --allow-net=127.0.0.9:9 "--allow-unix=$TMP/in" -- \
		tcp,10.0.0.1,443 tcp,10.0.0.1,443 tcp,::1,443 \
		"udp,10.0.0.1,53" "listen,127.0.0.1,$free" \
		"listen,0.0.0.0,$free" listen_unbound \
		"stream,$TMP/out/stream" "dgram,@$TMP/out/dgram" \
		udp_route,10.0.0.1
	denied connect 10.0.0.1:443 connect --allow-net=10.0.0.1:443
	denied connect '[::1]:443' connect "'--allow-net=[::1]:443'"
	denied send 10.0.0.1:53 sendto --allow-net=10.0.0.1:53
	denied listen "127.0.0.1:$free" bind \
		"--allow-net=listen:127.0.0.1:$free"
	denied listen "0.0.0.0:$free" bind "--allow-net=listen:$free"
	denied listen 0.0.0.0:0 listen --allow-net=listen:0
	denied unix "$TMP/out/stream" connect "--allow-unix=$TMP/out/stream"
	denied unix "@$TMP/out/dgram" sendto \
		"'--allow-unix=@$TMP/out/dgram'"
	is "$(printf '%s\n' "$ERR" | grep -c 'denied ')" 8 \
		"$WHO: each of them once, and no route"
	client_run --report-only "--allow-net=127.0.0.1:$free" -- \
		"tcp,127.0.0.1,$tcp" "udp,127.0.0.1,$udp" \
		"many,$udp,$udp" "stream,$TMP/out/stream" descriptors,2 \
		listen_unbound
	is "$(results)" 'hello|echo datagram|2 4 4|hello|files 0 1|listens|' \
		"$WHO: --report-only lets it through"
	like "$ERR" "connect 127.0.0.1:$tcp" "$WHO: ... and says so"
}

# Answers that take their time: within 10 s, and as the kernel could say them.
waiting() {
	client_run --quiet --allow-net=127.0.0.1,listen:0 -- full_queue
	is "$(results)" 'ETIMEDOUT True 0|' \
		"$WHO: a connect without an answer ends"
}

for_node() {
	if [ -z "$node" ]; then
		skip "$WHO: there is no Node"
		return
	fi
	cp "$parts/net.js" "$TMP/in/net.js"
	cp "$TMP"/key.pem "$TMP"/cert.pem "$TMP/in/"
	chmod 644 "$TMP"/in/*
	while read -r want arguments; do
		rm -f "$TMP/in/pipe"
		# shellcheck disable=SC2086 # words
		sandbox --allow-fs-read="$TMP/in" --allow-child-process \
			--allow-worker --quiet \
			"--allow-net=127.0.0.1:$tcp,127.0.0.1:$udp,127.0.0.1:$free,listen:127.0.0.1:$free" \
			--allow-unix="$TMP/out/stream,$TMP/in" -- "$node" \
			"$TMP/in/net.js" $arguments
		is "$OUT" "$(printf '%s' "$want" | tr _ ' ')" \
			"$WHO: node $arguments" || diag "$ERR"
	done <<-END
		served http $free
		300000 https $free $TMP/in/key.pem $TMP/in/cert.pem
		hello connect 127.0.0.1 $tcp
		EACCES connect 127.0.0.1 9
		hello unix $TMP/out/stream
		EACCES unix $TMP/out/seq
		piped pipe $TMP/in/pipe
		echo_from_node udp $udp
		EACCES udp 9
		true lookup localhost
		true interfaces
		from_the_child fork $free
		served cluster $free
	END
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TMP/key.pem" \
	-out "$TMP/cert.pem" -days 30 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost 2>/dev/null ||
	touch "$TMP/key.pem" "$TMP/cert.pem"

for WHO in $(identities); do
	everything
	rules
	names
	messages
	for_node
done
# The other one waits meanwhile.
as_user timeout 60 "$NSSUPERVISE" --quiet '--allow-fs-read=*' \
	--allow-net=127.0.0.1 -- "$python" "$client" full_pipe >"$TMP/slow" &
slow=$!
waiting
wait "$slow"
is "$(cat "$TMP/slow")" 'full_pipe: EINTR True' \
	"a send that nobody reads ends"
slow=
WHO=

with_dns

# Without rules nothing is asked; without the option there is nothing.
run "$NSSUPERVISE" --allow-net --explain=json -- /bin/true
is "$(printf '%s' "$OUT" | "$python" -c '
import json, sys
for group in json.load(sys.stdin)["notified"]:
    if group["group"] == "network":
        print(group["notified"], group["why"])')" 'False --allow-net' \
	"--allow-net alone asks nobody"
client_run --quiet --allow-net -- "tcp,127.0.0.1,$tcp" "udp,127.0.0.1,$udp" \
	listen_unbound interfaces "stream,$TMP/out/stream"
is "$(results)" 'hello|echo datagram|listens|lo|EACCES|' "--allow-net"
client_run --quiet -- "tcp,127.0.0.1,$tcp" "udp,127.0.0.1,$udp" \
	listen_unbound "stream,$TMP/out/stream" descriptors
is "$(results)" 'EACCES|EACCES|EACCES|EACCES|files 0|' "no option: no network"

# A socket that is passed in.
if command -v bash >/dev/null; then
	run "$python" -c '
import os, socket, sys
sock = socket.socket()
sock.bind(("127.0.0.1", 0))
sock.listen()
os.dup2(sock.fileno(), 7)
os.execv(sys.argv[1], sys.argv[1:])' "$NSSUPERVISE" --quiet \
		'--allow-fs-read=*' --allow-net=127.0.0.1:1 --pass-fd=7 -- \
		"$python" "$client" passed,7
	is "$(results)" 'listens|' "a server's socket that is passed in"
fi

# Where descriptors cannot be borrowed: a filter around us refuses it.
run "$python" -c '
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
code = b"".join(struct.pack("HBBI", *i) for i in (
    (0x20, 0, 0, 0), (0x15, 0, 1, 438), (0x06, 0, 0, 0x50001),
    (0x06, 0, 0, 0x7fff0000)))
program = struct.pack("HxxxxxxP", 4, ctypes.addressof(
    ctypes.create_string_buffer(code)))
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxP", 4, ctypes.addressof(buffer))
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(22, 2, program)
os.execv(sys.argv[1], sys.argv[1:])' "$NSSUPERVISE" --allow-net=127.0.0.1:1 -- \
	/bin/true
is "$STATUS" 125 "without pidfd_getfd rules are refused"
like "$ERR" 'pidfd_getfd.*--allow-net without rules' "... with a way out"

# --why and --explain.
why() {
	run "$NSSUPERVISE" "$3" --why="net:$4"
	is "$STATUS $OUT" "$1 $2" "$3: $4"
}
why 0 'allowed net example.com:443: --allow-net=example.com' \
	--allow-net=example.com example.com:443
why 0 'allowed net 10.1.2.3:80: --allow-net=10.0.0.0/8' \
	--allow-net=10.0.0.0/8 10.1.2.3:80
why 1 'denied net 11.1.2.3:80: no --allow-net covers it' \
	--allow-net=10.0.0.0/8 11.1.2.3:80
why 0 'allowed net listen:8080: --allow-net=listen:8080' \
	--allow-net=listen:8080 listen:8080
why 1 'denied net listen:8081: no --allow-net covers it' \
	--allow-net=listen:8080 listen:8081
why 0 'allowed net 10.0.0.1:1: --allow-net' --allow-net 10.0.0.1:1
why 1 'denied net 10.0.0.1:1: no --allow-net covers it' --quiet 10.0.0.1:1
run "$NSSUPERVISE" --allow-net --why=net:https://example.com/
is "$STATUS" 125 "--why=net: wants a rule"
like "$ERR" 'this is a URL; write HOST:PORT' "... and says what is wrong"
run "$NSSUPERVISE" --allow-net=name.example:443,listen:80,10.0.0.1 \
	--allow-unix=@x,"$TMP/in" --explain -- /bin/true
like "$OUT" '^  connect  name.example:443  \(--allow-net\)$' "--explain: a name"
like "$OUT" '^  listen   listen:80  \(--allow-net\)$' "--explain: a port"
like "$OUT" '^  implicit .*:53  \(.*name server' "--explain: name servers"
like "$OUT" '^  unix     @x  \(--allow-unix\)$' "--explain: abstract sockets"
like "$OUT" "allow unix  $TMP/in  \\(tree" "--explain: a tree of sockets"

# What is wrong with a rule is said, with its place in a file.
run "$NSSUPERVISE" --allow-net=10.0.0.1:99999 -- /bin/true
is "$STATUS" 125 "a bad rule"
like "$ERR" "'10.0.0.1:99999': '99999' is not a port" "... is named"
printf '{\n "allow-net": [\n  "example.com",\n  "*.example.com" ]\n}\n' \
	>"$TMP/config.json"
run "$NSSUPERVISE" --config="$TMP/config.json" -- /bin/true
is "$STATUS" 125 "a bad rule in a file"
like "$ERR" "config.json:[0-9]+:[0-9]+: .*'\*\.example\.com'" \
	"... is named with its place"

done_testing
