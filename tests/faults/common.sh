# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of faults share; read after tests/integration/common.sh.
#
#   need_fault            builds $FAULT (fault.c) or skips the test
#   fault OPTION... -- ARG...
#                         nssupervise ARG... with a fault, as $WHO: $STATUS is
#                         its own (128+n for a signal, 124 for a hang), $HIT and
#                         $LEFT come from the report
#   make_world            $world: read/file, read/closed, closed/secret, write
#   none_told             neither $OUT nor $ERR has the secret

# shellcheck disable=SC2154 # set by the others
secret=SECRET-7d1f
world=$TMP/world

# A sanitizer makes system calls of its own, at which the counts are off.
need_fault() {
	is_sanitized && skip_all "a sanitizer makes system calls of its own"
	FAULT=$TMP/fault
	# shellcheck disable=SC2086 # CC may have options
	${CC:-cc} -D_GNU_SOURCE -O2 -o "$FAULT" \
		"$top_srcdir/tests/faults/fault.c" -lseccomp 2>"$TMP/cc" ||
		skip_all "no compiler: $(cat "$TMP/cc")"
	as_user "$FAULT" -o "$USER_TMP/.can" -- /bin/true 2>"$TMP/cc" ||
		skip_all "no process can be traced here: $(cat "$TMP/cc")"
}

# shellcheck disable=SC2034 # for the test
fault() {
	fault_options=
	while [ "$1" != -- ]; do
		fault_options="$fault_options $1"
		shift
	done
	shift
	rm -f "$USER_TMP/report"
	# shellcheck disable=SC2086 # one word each
	run as_who timeout -k 5 120 "$FAULT" -o "$USER_TMP/report" -t 60 \
		$fault_options -- "$NSSUPERVISE" "$@" </dev/null
	fault_end=$(grep -E '^(status|signal|hang)' "$USER_TMP/report" | tail -n 1)
	case $fault_end in
	status*) STATUS=${fault_end#status } ;;
	signal*) STATUS=$((128 + ${fault_end#signal })) ;;
	*) STATUS=124 ;;
	esac
	HIT=$(grep -c '^hit' "$USER_TMP/report")
	LEFT=$(grep '^left' "$USER_TMP/report")
}

make_world() {
	mkdir -p "$world/read/closed" "$world/closed" "$world/write"
	echo inside >"$world/read/file"
	echo "$secret" >"$world/closed/secret"
	echo "$secret" >"$world/read/closed/secret"
	chmod 777 "$world/write"
	# shellcheck disable=SC2034 # for the test
	grants="--allow-fs-read=$world/read,$world/write --allow-fs-write=$world/write --deny-fs-read=$world/read/closed"
}

none_told() {
	unlike "$OUT$ERR" "$secret" "$1: nothing denied is told"
}
