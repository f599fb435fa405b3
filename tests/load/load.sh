# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The world that tests/load/load works in, and its flags.
#
#   make_world DIR N BYTES    with N small listed files and two large ones; $load
#                             is the program
#   list_world DIR            its manifest, DIR/policy.json, by $NSPOLICY
#   grants DIR                the flags, one a line

# Every file says its own name.
world_file() {
	printf '%s says its name\n' "${1##*/}" >"$1"
}

make_world() {
	mkdir -p "$1/tree" "$1/carved/out" "$1/carved/x" "$1/pattern-a" \
		"$1/closed" "$1/new" "$1/listed"
	for world_name in tree/plain carved/plain carved/out/plain \
		pattern-a/plain single closed/plain new/plain carved/two; do
		world_file "$1/$world_name"
	done
	ln "$1/carved/two" "$1/carved/again"
	ln -s plain "$1/carved/link"
	ln -s ../carved/./link "$1/carved/link-to-plain"
	ln -s ../closed/plain "$1/tree/out"
	# shellcheck disable=SC2154 # the reader's
	cp "$load" "$1/program"
	cp "$load" "$1/tree/program"
	world_links "$1/carved"
	world_n=0
	while [ $world_n -lt 16 ]; do
		mkfifo "$1/carved/fifo$world_n"
		world_n=$((world_n + 1))
	done
	world_listed "$1/listed" "$2" "$3"
}

# Forty links one behind the other, the short way and the longest.
world_links() {
	world_long=$(printf '%400s' '' | sed 's: :x/../:g')
	ln -s plain "$1/chain0"
	ln -s plain "$1/maze0"
	world_n=0
	while [ $world_n -lt 39 ]; do
		world_next=$((world_n + 1))
		ln -s "chain$world_n" "$1/chain$world_next"
		ln -s "${world_long}maze$world_n" "$1/maze$world_next"
		world_n=$world_next
	done
	mv "$1/chain39" "$1/chain40"
	mv "$1/maze39" "$1/maze40"
}

world_listed() {
	world_n=0
	while [ $world_n -lt "$2" ]; do
		world_file "$1/m$world_n.js"
		world_n=$((world_n + 1))
	done
	world_file "$1/tampered.js"
	# Sparse: a verifier reads and hashes the zeros as well.
	truncate -s "$3" "$1/large.js" "$1/changed.js"
}

list_world() {
	"$NSPOLICY" generate --root="$1/listed" >"$1/policy.json" || return
	world_file "$1/listed/unlisted.js"
	echo '// changed' >>"$1/listed/tampered.js"
	echo '// changed' >>"$1/listed/changed.js"
}

grants() {
	cat <<-FLAGS
		--allow-fs-read=$1/tree
		--allow-fs-read=$1/carved
		--deny-fs-read=$1/carved/out
		--allow-fs-read=$1/pattern-*
		--allow-fs-read=$1/single
		--allow-fs-read=$1/new
		--allow-fs-write=$1/new
		--allow-fs-read=$1/listed
		--allow-unix=$1/socket
		--allow-net=127.0.0.1:9
		--allow-child-process=$1/program
	FLAGS
}
