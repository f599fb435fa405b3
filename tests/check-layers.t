#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file includes files of its own layer or of lower ones, never of another
# program, and no header includes itself by a detour.
. "${top_srcdir:-.}/tests/lib/tap.sh"
cd "$top_srcdir" || exit 99

# The layer of each module; a module is a name with any ending.
layers() {
	cat <<-'END'
		0 src/common/*

		1 bpf/syscalls
		1 src/supervise/notify src/supervise/target src/supervise/caps
		1 src/supervise/ruleset src/supervise/signals src/supervise/file_mask
		1 src/supervise/leftovers src/supervise/scope src/supervise/spawn
		1 src/supervise/descendants src/supervise/lacks
		1 src/supervise/self_filter src/supervise/self_calls
		1 src/supervise/pathlist src/supervise/path_index
		1 src/supervise/pattern src/supervise/proc_place
		1 src/supervise/suggest src/supervise/shebang
		1 src/supervise/net_address src/supervise/net_names
		1 src/supervise/borrow src/supervise/connect src/supervise/turns
		1 src/supervise/progress src/supervise/slice src/supervise/sticky
		1 src/supervise/elf_file src/supervise/single src/supervise/ldcache
		1 src/verify/algorithms src/verify/integrity src/verify/hash
		1 src/verify/url src/verify/url_parts src/verify/identity
		1 src/verify/signature
		1 src/policy/arguments src/policy/code src/policy/listing

		2 bpf/filter
		2 src/supervise/options src/supervise/optable
		2 src/supervise/optake src/supervise/optset
		2 src/supervise/usage src/supervise/config
		2 src/supervise/document src/supervise/profile
		2 src/supervise/profile_expand src/supervise/command
		2 src/supervise/runtimes src/supervise/locks src/supervise/images
		2 src/supervise/data
		2 src/supervise/command_args src/supervise/elf
		2 src/supervise/environment src/supervise/grants
		2 src/supervise/rules src/supervise/resolve src/supervise/walk
		2 src/supervise/path_text src/supervise/wish src/supervise/moves
		2 src/supervise/request src/supervise/resources
		2 src/supervise/within src/supervise/links src/supervise/decide src/supervise/ahead
		2 src/supervise/session src/supervise/gain src/supervise/folding
		2 src/supervise/verifier src/supervise/events
		2 src/supervise/event_text src/supervise/event_sink
		2 src/supervise/event_writer src/supervise/learn
		2 src/supervise/learn_names src/supervise/learn_tree
		2 src/supervise/learn_merge src/supervise/learn_emit
		2 src/supervise/learn_file
		2 src/supervise/net_rule src/supervise/net_rule_parse
		2 src/supervise/net_plan
		2 src/verify/manifest src/verify/fields src/verify/loader
		2 src/verify/snapshot src/verify/depend src/verify/depend_load
		2 src/verify/openings src/verify/scopes src/verify/cache src/verify/listen
		3 src/verify/store
		2 src/policy/report src/policy/tree src/policy/files
		2 src/policy/source src/policy/commands src/policy/write
		2 src/policy/lock src/policy/tarball src/policy/record

		3 src/policy/registry src/policy/gather src/policy/questions

		3 src/supervise/supervisor src/supervise/judge
		3 src/supervise/denial src/supervise/relatives
		3 src/supervise/open src/supervise/metadata src/supervise/names
		3 src/supervise/entry src/supervise/rename
		3 src/supervise/attrs src/supervise/exec src/supervise/policy
		3 src/supervise/virtual src/supervise/plan
		3 src/supervise/domains src/supervise/plan_grants
		3 src/supervise/beside src/supervise/groups src/supervise/plan_preload src/supervise/plan_inspector
		3 src/supervise/plan_socket
		3 src/supervise/why
		3 src/supervise/alone src/supervise/only
		3 src/supervise/threads src/supervise/image src/supervise/questions
		3 src/supervise/net src/supervise/net_send
		3 src/supervise/net_socket src/supervise/net_message
		3 src/supervise/net_control src/supervise/unix_socket
		3 src/supervise/unix_place

		4 src/supervise/supervise src/supervise/explain
		4 src/supervise/answer src/supervise/receive
		4 src/supervise/explain_json src/supervise/explain_text
		4 src/supervise/launch src/supervise/launch_child
		4 src/supervise/launch_test
		4 src/supervise/messenger
		4 src/supervise/learn_needs src/supervise/learn_programs
		4 src/supervise/learn_config src/supervise/learn_files
		4 src/supervise/probe src/supervise/probe_table
		4 src/supervise/check
		4 src/supervise/probe_cage src/supervise/probe_checks
		4 src/supervise/probe_listener src/supervise/probe_peer
		4 src/supervise/probe_place
		4 src/verify/serve src/verify/confine src/verify/answers
		4 src/verify/session src/verify/load src/verify/service
		4 src/policy/check src/policy/explain
		4 src/policy/generate src/policy/hash src/policy/diff
		4 src/policy/sign
		4 src/supervise/run src/supervise/run_cage src/supervise/run_verify

		5 src/supervise/main src/verify/main src/policy/main
	END
}

# "FILE INCLUDED" for every include of ours; paths from the top of the tree.
includes() {
	find src bpf -name '*.[ch]' | sort | while read -r file; do
		sed -n 's/^#include "\(.*\)"$/\1/p' "$file" |
			while read -r name; do
				case $name in
				*/*) echo "$file src/$name" ;;
				*) echo "$file bpf/$name" ;;
				esac
			done
	done
}

# forbidden FILE-ERE INCLUDED-ERE: the pairs that match both.
forbidden() {
	awk -v file="$1" -v included="$2" \
		'$1 ~ file && $2 ~ included { print $1 " includes " $2 }' \
		"$TMP/includes"
}

includes >"$TMP/includes"
ok "there are includes to look at" test -s "$TMP/includes"

# Each pair with both layers; a module without a layer has none.
layers | awk '
	NR == FNR {
		for (i = 2; i <= NF; i++)
			layer[$i] = $1
		next
	}
	function of(file) {
		sub(/\.[a-z]+$/, "", file)
		if (file in layer)
			return layer[file]
		sub(/[^\/]*$/, "*", file)
		return file in layer ? layer[file] : "none"
	}
	{ print of($1), $1, of($2), $2 }
' - "$TMP/includes" >"$TMP/layered"

is "$(awk '$1 == "none" { print $2 } $3 == "none" { print $4 }' \
	"$TMP/layered" | sort -u)" '' \
	'every file has a layer in this test'
is "$(awk '$1 != "none" && $3 != "none" && $3 > $1 {
		print $2 " (" $1 ") includes " $4 " (" $3 ")" }' \
	"$TMP/layered")" '' 'no file includes a higher layer'

is "$(forbidden '^src/supervise/' '^src/(verify|policy)/')" '' \
	'the supervisor knows neither the verifier nor nspolicy'
is "$(forbidden '^src/verify/' '^(src/(supervise|policy)|bpf)/')" '' \
	'the verifier knows only itself and common'
is "$(forbidden '^src/policy/' '^(src/supervise|bpf)/')" '' \
	'nspolicy does not know the supervisor'
is "$(forbidden '^src/policy/' '^src/verify/(main|serve|confine)')" '' \
	'nspolicy shares with the verifier only what reads manifests'
is "$(forbidden '^src/common/' '^(src/[^c]|bpf/)')" '' \
	'common knows only itself'
is "$(forbidden '^bpf/' '^src/[^c]')" '' 'bpf knows only itself and common'
is "$(awk '{ if (system("test -e " $2)) print $1 " includes " $2 }' \
	"$TMP/includes")" '' 'every included file exists'

awk '$1 ~ /\.h$/ && $2 ~ /\.h$/' "$TMP/includes" >"$TMP/headers"
run tsort "$TMP/headers"
is "$STATUS $ERR" '0 ' 'no header includes itself by a detour'

config=$(find src bpf tests -name '*.[ch]' -exec \
	grep -l '^#include.*[<"]config\.h[>"]' {} +)
is "$config" '' 'config.h comes by -include only'

done_testing
