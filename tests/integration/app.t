#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real npm programs with all their modules, under exactly the two commands of
# the manual, as root and as an ordinary user, on every Node that is here.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

# shellcheck disable=SC2154 # tap_uid is set by tap.sh
modules=$(tap_cache)/apps/node_modules
[ -d "$modules/fastify" ] ||
	skip_all "no fastify and express here; tools/setup --tests brings them"

# make_app NAME: a tree of its own, with every module, owned by $WHO.
make_app() {
	app=$TMP/$WHO/srv/app
	rm -rf "${TMP:?}/$WHO"
	mkdir -p "$app"
	case $1 in
	fastify) cp -R "$top_srcdir/policies/demo/." "$app/" ;;
	express)
		cp "$top_srcdir/tests/integration/express-server.js" "$app/server.js"
		cp -R "$top_srcdir/policies/demo/public" "$app/"
		;;
	esac
	cp -R "$modules" "$app/node_modules"
	chmod -R u+w,go+rX "$app"
	[ "$WHO" = root ] || ! is_root ||
		chown -R "$tap_uid:$tap_uid" "$app"
}

# two_commands NAME DIR: with the node in DIR as the first in PATH.
two_commands() {
	is "$(cd "$app" && as_who sh -c \
		"\"$NSPOLICY\" generate --root=\"$app\" > p.json" 2>&1)" "" \
		"$1: nspolicy generate --root=APP > p.json"
	start_server "$app" env PATH="$2:$PATH" PORT=0 "$NSSUPERVISE" \
		--allow-fs-read="$app" --allow-net --policy=p.json -- node server.js
}

check_answers() {
	like "$(get /)" '"hello":"hello from' "$1: answers a request"
	like "$(get /read?path=public/hello.txt)" 'lies beside the program' \
		"$1: serves a file of its tree"
	is "$(grep denied "$TMP/spawn.err")" "" "$1: nothing was denied so far"
	is "$(get /read?path=/etc/shadow)" '{"error":"ERR_ACCESS_DENIED"}' \
		"$1: is refused a file outside"
	wait_for "$TMP/spawn.err" denied
	like "$(cat "$TMP/spawn.err")" "$(denial read /etc/shadow)" \
		"$1: the refusal is reported"
}

many_requests() {
	many_good=0
	for many in 1 2 3 4 5 6 7 8 9 10; do
		(get "/?n=$many" >"$TMP/many.$many") &
		many_pids="${many_pids-} $!"
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $many_pids
	for many in 1 2 3 4 5 6 7 8 9 10; do
		! grep -q '"hello"' "$TMP/many.$many" ||
			many_good=$((many_good + 1))
	done
	is "$many_good" 10 "$1: answers ten requests at once"
}

end_server() {
	kill -TERM "$PID"
	reap
	is "$STATUS" 143 "$1: ends by the signal it is sent"
}

serve() {
	if ! two_commands "$1" "$2"; then
		fail "$1: the server starts"
		reap
		return
	fi
	pass "$1: the server starts"
	check_answers "$1"
	many_requests "$1"
	end_server "$1"
}

# A directory where "node" is Node $1.
node_dir() {
	node_dir_node=$(node_path "$1") || return 1
	node_dir_node=$(reachable "$node_dir_node")
	echo "${node_dir_node%/*}"
}

system=$(command -v node)
for WHO in $(identities); do
	dir=$(node_dir 20) || dir=${system%/*}
	make_app fastify
	serve "fastify, node 20, $WHO" "$dir"
	is "$(get /)" "" "fastify, node 20, $WHO: nobody listens any more"
	make_app express
	serve "express, node 20, $WHO" "$dir"
done

make_app fastify
for version in 22 24 26; do
	if dir=$(node_dir "$version"); then
		serve "fastify, node $version, $WHO" "$dir"
	else
		skip "fastify, node $version: not in the cache"
	fi
done
serve "fastify, the system's node, $WHO" "${system%/*}"

done_testing
