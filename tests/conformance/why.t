#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --why, what the kernel answers and what a program can ask agree, over random
# trees, flags and paths: see why.py. And what may not be read or changed stays
# so when names are moved about: see why-moves.py. The seed is printed; to look
# further,
#
#   NSSUPERVISE_ROUNDS=5000 NSSUPERVISE_SEED=7 sh tests/conformance/why.t

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

rounds=${NSSUPERVISE_ROUNDS:-60}
seed=${NSSUPERVISE_SEED:-20}
here=$top_srcdir/tests/conformance
python=$(find_python) || skip_all "there is no python3"

# They work beside the trees; a program without libraries is found anywhere.
mkdir "$TMP/bin"
compile() {
	${CC:-cc} -D_GNU_SOURCE -O1 -o "$TMP/bin/why-target" \
		"$here/why-target.c" &&
		${CC:-cc} -O1 -static -nostdlib -nostartfiles -fno-pie -no-pie \
			-fno-stack-protector -o "$TMP/bin/why-program" \
			"$here/why-program.c"
}
compile || skip_all "a C compiler is needed"
cp "$here/why.py" "$here/why-moves.py" "$TMP/bin/"

# random SCRIPT SETS: as $WHO; its last line is the sum.
random() {
	top=$TMP/$1-$WHO
	mkdir "$top"
	# shellcheck disable=SC2154 # set by tap.sh
	[ "$WHO" = root ] || ! is_root || chown "$tap_uid:$tap_uid" "$top"
	run as_who env PYTHONDONTWRITEBYTECODE=1 timeout -k 5 3600 "$python" \
		"$TMP/bin/$1" "$NSSUPERVISE" "$TMP/bin/why-target" \
		"$TMP/bin/why-program" "$top" "$seed" "$2"
	is "$ERR" '' "$WHO: $1: nothing failed"
	diag "$(printf '%s\n' "$OUT" | tail -n 1)"
}

diag "seed $seed, $rounds rounds"
for WHO in $(identities); do
	random why.py "$rounds"
	like "$OUT" '^sets=.* queries=[1-9][0-9]{3,} denied=[1-9].* executed=[1-9].* asked=[1-9]' \
		"$WHO: there was much to ask"
	like "$OUT" ' differences=0$' "$WHO: all answers are the same"
	random why-moves.py "$((2 * rounds))"
	like "$OUT" ' moved=[1-9][0-9]{2,} refused=[1-9][0-9]{2,} read=[1-9][0-9]* written=[1-9]' \
		"$WHO: much was moved, and much was not"
	like "$OUT" ' leaks=0$' "$WHO: no name gives more than there was"
done
done_testing
