#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --explain: as JSON what policies/explain.schema.json says, and as text the
# same; for every kind of run.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise

base=$TMP/explain
mkdir "$base" "$base/read" "$base/write"
echo '{ "resources": {} }' >"$base/policy.json"
cd "$base" || exit 99

# Enough of JSON Schema for our own, and nothing in it may be passed over.
cat >"$TMP/validate.py" <<'END'
import json
import sys

TYPES = {"string": str, "boolean": bool, "integer": int, "array": list,
         "object": dict, "null": type(None)}
KNOWN = {"$schema", "$defs", "$ref", "title", "description", "type", "enum",
         "required", "properties", "items", "minimum"}


def check(schema, value, root, where):
    assert set(schema) <= KNOWN, f"{where}: {set(schema) - KNOWN}"
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    assert not names or any(
        isinstance(value, TYPES[name]) and
        isinstance(value, bool) == (name == "boolean") for name in names), \
        f"{where}: {value!r} is no {names}"
    assert value in schema.get("enum", [value]), f"{where}: {value!r}"
    if "minimum" in schema:
        assert value >= schema["minimum"], f"{where}: {value!r}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            assert name in value, f"{where}: no {name}"
        for name, member in value.items():
            assert name in schema["properties"], f"{where}: {name}"
            check(schema["properties"][name], member, root, f"{where}.{name}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            check(schema["items"], item, root, f"{where}[{i}]")


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    plan = json.load(file)
check(schema, plan, schema, "plan")
print(plan["mode"])
for group in plan["notified"]:
    if group["notified"]:
        print(group["group"], "asks:", group["why"])
END

# explained NAME MODE FLAG...: both forms; $OUT is the text.
explained() {
	explained_name=$1
	explained_mode=$2
	shift 2
	run "$NSSUPERVISE" --explain=json "$@"
	printf '%s\n' "$OUT" >"$TMP/plan.json"
	run python3 "$TMP/validate.py" \
		"$top_srcdir/policies/explain.schema.json" "$TMP/plan.json"
	is "$STATUS $(printf '%s\n' "$OUT" | head -n 1)" "0 $explained_mode" \
		"$explained_name: as the schema says" || diag "$ERR"
	asks=$(printf '%s\n' "$OUT" | sed -n 's/ asks: .*//p' | tr '\n' ' ')
	run "$NSSUPERVISE" --explain "$@"
	is "$STATUS" 0 "$explained_name: status 0"
	like "$OUT" "^Mode +$explained_mode\$" "$explained_name: the mode"
	is "$(printf '%s\n' "$OUT" |
		sed -n 's/^  \([a-z]*\)  *notified: .*/\1/p' |
		tr '\n' ' ')" "$asks" "$explained_name: the text says the same"
}

grants="--allow-fs-read=$base/read --allow-fs-write=$base/write"
# shellcheck disable=SC2086 # words without blanks
kinds() {
	explained "a usual run" supervised $grants -- "$target"
	is "$asks" "open metadata names watch attributes exec fork code " \
		"a usual run: what asks"
	like "$OUT" "^  allow read  $(ere "$base/read")  \(tree, class 1" \
		"a usual run: the grants"
	like "$OUT" '\(D1\)$' "a usual run: the supervisor's domain"
	like "$OUT" "^  $(ere "$base/write")  write,device$" \
		"a usual run: the rules"
	explained "carve-outs and patterns" supervised $grants \
		--deny-fs-read="$base/read/x" --allow-fs-read="$base/*.txt" -- \
		"$target"
	like "$OUT" "^  deny  read  $(ere "$base/read/x")" "the carve-out"
	like "$OUT" "^  allow read  $(ere "$base/*.txt")  \(pattern, class 2" \
		"the pattern"
	explained "everything allowed" supervised --allow-fs-read='*' \
		--allow-fs-write='*' --allow-child-process --allow-worker \
		--allow-addons --allow-net -- "$target"
	is "$asks" "open names " "everything allowed: what asks"
	explained "the network by rules" supervised --allow-net=:443 \
		--allow-unix="$base/s" -- "$target"
	like "$OUT" ':443' "the network by rules: the rule"
	explained "a manifest" supervised $grants \
		--policy="$base/policy.json" -- "$target"
	explained "report only" report-only --report-only $grants -- "$target"
	explained "learning" learn --learn="$TMP/learned" $grants -- "$target"
	ok "learning: nothing is written" test ! -e "$TMP/learned"
	explained "Landlock only" landlock-only --landlock-only \
		--allow-fs-metadata --allow-addons $grants -- "$target"
	is "$asks" "" "Landlock only: nothing asks"
	explained "degraded" supervised --degraded $grants -- "$target"
}
kinds

run env LD_PRELOAD= NODE_OPTIONS=--no-warnings "$NSSUPERVISE" --explain -- \
	"$target"
like "$OUT" 'NODE_OPTIONS' "the variables that are not passed on"

# A name that nobody here chose: behind a link, and with a line of its own.
escape=$(printf '\033')
mkdir "$(printf 'read/x\nallowed read x\033[1m')"
ln -s "$(printf 'x\nallowed read x\033[1m')" read/link
run "$NSSUPERVISE" --allow-fs-read=write --why=read:read/link
is "$(printf '%s\n' "$OUT" | wc -l)" 1 "--why: one line for one decision"
unlike "$OUT" "$escape" "--why: no control character reaches the terminal"
run "$NSSUPERVISE" --explain --allow-fs-read=read/link -- "$target"
unlike "$OUT" "^allowed|$escape" "--explain: nor does a name forge a line"

node=$(default_node)
if [ -n "$node" ]; then
	echo 1 >"$base/read/app.js"
	# shellcheck disable=SC2086 # words without blanks
	explained "node" supervised $grants -- "$node" read/app.js
	like "$OUT" '^Threads +[0-9]+$' "node: its threads are known"
	like "$OUT" "^Script +$(ere "$base/read/app.js")\$" "node: the script"
	# shellcheck disable=SC2086 # words without blanks
	explained "node with workers" supervised $grants --allow-worker -- \
		"$node" read/app.js
	like "$OUT" '^Threads +not limited$' "node with workers: no limit"
else
	skip "node: there is none"
fi

done_testing
