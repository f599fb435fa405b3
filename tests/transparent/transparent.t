#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is granted behaves as without us: one program tries every call outside
# and inside, writes down what came out, and the two texts are compared.
#   bare    outside, with the same user and as few privileges
#   whole   the directory granted: the kernel goes on (class 1)
#   carve   the same with a carve-out: the supervisor does it all (class 2)
#   net     sockets by rules, beside "carve"
# What differs on purpose is in differences.py, with doc/TRANSPARENCY.md.
# TRANSPARENT_ALL=1 writes paths in all ways; it takes three times as long.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

here=$top_srcdir/tests/transparent
program=$top_builddir/tests/transparent/transparent
[ -x "$program" ] || skip_all 'tests/transparent/transparent is not built'
groups=$("$program" list | grep -vx net)
python() {
	PYTHONDONTWRITEBYTECODE=1 "$(find_python)" "$here/compare.py" "$@"
}

# Root without capabilities, as it is under us; and no new privileges.
bits=+noroot,+noroot_locked,+no_setuid_fixup,+no_setuid_fixup_locked
no_caps="--bounding-set=-all --inh-caps=-all --securebits=$bits"
user="--reuid=$tap_uid --regid=$tap_uid --clear-groups"
is_root || {
	no_caps=
	user=
}

# Root changes nothing but the world: in a mount namespace, or not at all.
make_world() {
	world=$TMP/$1/$2/w
	mkdir -p "$world/f" "$world/given" "$world/small" "$world/fixed"
	: >"$TMP/$1/$2/.held"
	cp "$program" "$world/program"
	chmod 755 "$world/program"
	[ "$1" = root ] || ! is_root || chown -R "$tap_uid:$tap_uid" "$world"
}

holds() {
	make_world root probe
	sh "$here/hold.sh" "$world" true
}

# attempt_run WHO KIND: in the background, into $TMP/WHO-KIND.out
attempt_run() {
	make_world "$1" "$2"
	what=$groups
	as=$user
	[ "$1" != root ] || as=$no_caps
	# shellcheck disable=SC2086 # words
	case $1-$2 in
	*-bare*) set -- "$1" "$2" setpriv $as --no-new-privs ;;
	user-*) set -- "$1" "$2" setpriv $as --no-new-privs "$NSSUPERVISE" ;;
	*) set -- "$1" "$2" "$NSSUPERVISE" ;;
	esac
	case $2 in
	bare*) ;;
	*) set -- "$@" --quiet --allow-child-process \
		--allow-fs-read=/usr,/bin,/lib,/lib64,/etc/ld.so.cache \
		--allow-fs-read="$world" --allow-fs-write="$world" ;;
	esac
	case $2 in
	carve | net_1) set -- "$@" --deny-fs-read="$world/none" \
		--deny-fs-write="$world/none" ;;
	esac
	case $2 in
	net_1) set -- "$@" '--allow-net=127.0.0.1,listen:*' \
		--allow-unix="$world" ;;
	esac
	case $2 in
	*_1) what=net ;;
	esac
	case $2 in
	bare*) ;;
	*) set -- "$@" -- ;;
	esac
	name=$1-$2
	shift 2
	set -- timeout -k 5 500 "$@"
	! is_root || set -- sh "$here/hold.sh" "$world" "$@"
	# shellcheck disable=SC2086 # groups are words
	(cd "$world" && exec "$@" "$world/program" "$world" $what) \
		>"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null &
}

same() {
	ended=$(grep -c '(all).done$' "$TMP/$1-$3.out")
	is "$ended" "$(grep -c '(all)' "$TMP/$1-$2.out")" \
		"$1, $3: every group has come to its end"
	run python outcomes "$TMP/$1-$2.out" "$TMP/$1-$3.out" "$1-$3" \
		"$TMP/used"
	is "$STATUS" 0 "$1, $3: the same, in $(wc -l <"$TMP/$1-$3.out") outcomes"
	[ "$STATUS" -eq 0 ] || diag "$(printf '%s\n' "$OUT" "$ERR" | head -n 90)"
}

: >"$TMP/used"
runs=
who_can=$(identities)
if is_root && ! holds; then
	who_can=
	skip 'as root only where a mount namespace keeps it from all else'
fi
for WHO in $who_can; do
	kinds='carve net_1'
	[ "$WHO" = root ] || kinds="$kinds whole"
	for kind in bare_ bare_1 $kinds; do
		attempt_run "$WHO" "$kind"
	done
	wait
	for kind in $kinds; do
		case $kind in
		net_1) same "$WHO" bare_1 "$kind" ;;
		*) same "$WHO" bare_ "$kind" ;;
		esac
		runs="$runs $WHO-$kind"
	done
done

# shellcheck disable=SC2086 # words
is "$(python unused "$TMP/used" $runs)" '' \
	'each listed difference still occurs'
python names >"$TMP/names"
while read -r name; do
	ok "doc/TRANSPARENCY.md explains: $name" \
		grep -qF -e "**$name**" "$top_srcdir/doc/TRANSPARENCY.md"
done <"$TMP/names"

done_testing
