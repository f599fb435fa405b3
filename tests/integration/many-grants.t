#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ten thousand grants: it starts, says what they are, and decides right. How
# long the start takes is printed and not judged.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise
python=$(find_python) || skip_all "there is no python3"

top=$TMP/many
N=10000

# $N files in 100 directories, every second one granted; and what is granted.
make_tree() {
	"$python" - "$top" "$N" <<-'END'
		import json, os, sys
		top, n = sys.argv[1], int(sys.argv[2])
		files, carved = [], []
		for d in range(100):
		    os.makedirs(f"{top}/d{d}")
		    for f in range(2 * n // 100):
		        path = f"{top}/d{d}/f{f}"
		        with open(path, "w") as file:
		            file.write("text\n")
		        if f % 2 == 0:
		            files.append(path)
		        if f % 20 == 0:
		            carved.append(path)
		def save(name, **keys):
		    with open(f"{top}/{name}.json", "w") as file:
		        json.dump(keys, file)
		save("files", **{"allow-fs-read": files})
		save("missing", **{"allow-fs-read": files[:10],
		                   "allow-fs-write": [p + "-new" for p in files]})
		save("patterns", **{"allow-fs-read": [
		    p[:-1] + "*" + p[-1:] for p in files[::10]]})
		save("carved", **{"allow-fs-read": [f"{top}/d{d}" for d in range(100)],
		                  "deny-fs-read": carved * 10})
	END
}

milliseconds() {
	date +%s%3N
}

# start NAME FLAG...: says how long it took.
start() {
	start_name=$1
	shift
	start_at=$(milliseconds)
	sandbox --quiet "$@"
	diag "$WHO, $start_name: $(($(milliseconds) - start_at)) ms"
}

outcome() {
	printf '%s\n' "$OUT" | sed 's/.*: //' | sort | uniq -c | tr -s ' \n' ' '
}

check_files() {
	start 'ten thousand files' --config="$top/files.json" -- "$target" \
		"read:$top/d0/f0" "read:$top/d50/f100" "read:$top/d99/f198" \
		"read:$top/d0/f1" "read:$top/d99/f199" "list:$top/d7" \
		"write:$top/d0/f0:x"
	is "$(outcome)" ' 4 EACCES 3 OK ' "$WHO: ten thousand files are granted, no other"
	start 'the same and --why' --config="$top/files.json" \
		--why="read:$top/d99/f198"
	is "$STATUS" 0 "$WHO: --why knows the last one"
	sandbox --config="$top/files.json" --why="read:$top/d99/f197"
	is "$STATUS" 1 "$WHO: and the one before, which is not granted"
	start 'the same and --explain' --config="$top/files.json" --explain \
		-- "$target"
	is "$(printf '%s\n' "$OUT" | grep -c "allow read  $top/d.*--allow-fs-read")" \
		"$N" "$WHO: --explain names them all"
	start 'the same and --explain=json' --config="$top/files.json" \
		--explain=json -- "$target"
	printf '%s\n' "$OUT" >"$TMP/explained"
	is "$("$python" -c 'import json, sys; print(sum(
		g["origin"] == "--allow-fs-read"
		for g in json.load(open(sys.argv[1]))["grants"]))' "$TMP/explained")" \
		"$N" "$WHO: in JSON too"
	start 'programs too' --config="$top/files.json" --allow-child-process -- \
		sh -c "cat $top/d3/f4 && ! cat $top/d3/f5" 2>/dev/null
	is "$STATUS $OUT" '0 text' "$WHO: with programs besides"
}

check_others() {
	start 'ten thousand files to be made' --config="$top/missing.json" -- \
		"$target" "create:$top/d0/f0-new" "create:$top/d99/f198-new" \
		"create:$top/d99/f199-new"
	is "$(outcome)" ' 1 EACCES 2 OK ' "$WHO: what is to be made may be made"
	start 'a thousand patterns' --config="$top/patterns.json" -- "$target" \
		"read:$top/d0/f0" "read:$top/d99/f180" "read:$top/d99/f199"
	is "$(outcome)" ' 1 EACCES 2 OK ' "$WHO: a thousand patterns"
	start 'ten thousand carve-outs' --config="$top/carved.json" -- "$target" \
		"read:$top/d0/f1" "read:$top/d99/f199" "read:$top/d99/f180" \
		"read:$top/d0/f0"
	is "$(outcome)" ' 2 EACCES 2 OK ' "$WHO: ten thousand carve-outs"
	start 'programs beside them' --config="$top/carved.json" \
		--allow-child-process -- sh -c "cat $top/d3/f1; cat $top/d3/f20"
	is "$STATUS $OUT" '1 text' "$WHO: and programs beside those"
}

make_tree
for WHO in $(identities); do
	# shellcheck disable=SC2154 # set by tap.sh
	[ "$WHO" = root ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$top"
	check_files
	check_others
	rm -f "$top"/d*/*-new
done
done_testing
