#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A verifier that answers what it must not, late, or not at all: T148, T178; and
# one whose OpenSSL fails: T144. In its place stands a program that passes on
# what the real one says, but for one answer; see fake-verifier.py.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"

need_nssupervise
python=$(find_python)
[ "$python" = /usr/bin/python3 ] || skip_all "no /usr/bin/python3"
[ -d "$top_srcdir/src/shim" ] || skip_all "no shim"

# nsverifyd is looked for beside nssupervise: a tree with another one.
tree=$TMP/faked
mkdir -p "$tree/src"
cp "$NSSUPERVISE" "$tree/nssupervise"
cp -RL "$top_srcdir/policies" "$tree/policies"
cp -RL "$top_srcdir/src/shim" "$tree/src/shim"
cp "$top_srcdir/tests/faults/fake-verifier.py" "$tree/nsverifyd"
chmod 755 "$tree/nsverifyd"
NSSUPERVISE=$tree/nssupervise
cp "$(reachable "$NSVERIFYD")" "$TMP/real-verifyd"
echo "$TMP/real-verifyd" >"$tree/real"
mkdir "$TMP/once"
chmod 777 "$TMP/once"

# What must never arrive is in the changed file, and in the answers.
secret=SECRET-7d1f
app=$TMP/app
mkdir "$app"
echo "// good" >"$app/good.js"
echo "// changed" >"$app/changed.js"
"$NSPOLICY" generate --root="$app" >"$TMP/p.json" && mv "$TMP/p.json" "$app/"
echo "$secret" >"$app/changed.js"

# fake HOW PHASE: what an open of the changed file, then of the good one gives.
fake() {
	echo "$1" >"$tree/how"
	echo "$2" >"$tree/phase"
	rm -f "$TMP/once/done"
	began=$(date +%s)
	# The second one is started in the supervisor's domain.
	sandbox --allow-fs-read="$app,$tree,$TMP,/usr,/lib,/lib64,/etc,/proc,/dev" \
		--allow-fs-write="$TMP/once" \
		--allow-child-process="$python,$TMP/real-verifyd" \
		--policy="$app/p.json" -- "$target" \
		"line:$app/changed.js" "line:$app/good.js" exit:3
	took=$(($(date +%s) - began))
	unlike "$OUT$ERR" "$secret" "$WHO, $2, $1: no wrong byte arrives"
	ok "$WHO, $2, $1: in time" test "$took" -le 30
	ok "$WHO, $2, $1: the supervisor has ended" test "$STATUS" -ne 124
	unlike "$OUT" 'changed.js: (OK|[^E])' "$WHO, $2, $1: not opened"
}

# ended HOW ERE: the run ends, and says why.
ended() {
	fake "$1" check
	is "$STATUS" 125 "$WHO, $1: the run ends with 125"
	like "$ERR" "^nssupervise: .*$2" "$WHO, $1: which is told"
}

WHO=$(identities | tail -n 1)
fake good check
is "$STATUS" 3 "good: the command's own status"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "EACCES // good " \
	"good: one is refused, one is read"

# Malformed, or for another question: no second try with such a one.
for how in version id id-0 pid short long match-none match-file match-two \
	match-open match-half match-fifo match-directory match-path mismatch-fd; do
	ended "$how" "malformed"
done

# Verdicts that are none, texts without an end: only a refusal.
for how in verdict-0 verdict-99 verdict-loaded text; do
	fake "$how" check
	is "$STATUS" 3 "$how: the run goes on"
	like "$OUT" 'changed.js: EACCES$' "$how: refused"
done

# Gone, dead, or silent: another one is asked, once.
for how in nothing end killed silent; do
	ended "$how" "(failed again|cannot be used)"
	like "$ERR" "the verifier failed; starting another one" "$how: after a second"
	fake "$how-once" check
	is "$STATUS" 3 "$how once: the run goes on"
	is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" \
		"EACCES // good " "$how once: the other one answers"
done
fake slow check
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "EACCES // good " \
	"slow: nothing but slow"

# At the start the command does not run.
for how in version id short long nothing match-none match-open match-fifo \
	verdict-0 end killed; do
	fake "$how" load
	is "$STATUS" 125 "load, $how: 125"
	is "$OUT" '' "load, $how: the command does not start"
	like "$ERR" '^nssupervise: .*(manifest|verifier|index)' \
		"load, $how: says what failed"
done

# T144: each OpenSSL function fails, at its first use and later.
cat >"$TMP/fail.c" <<'END'
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
static char due[100];
/* Before main(): nsverifyd clears its environment. */
static void __attribute__((constructor)) take(void)
{
	strncpy(due, getenv("FAIL") ? getenv("FAIL") : "", sizeof(due) - 1);
}
static int is_due(const char *name)
{
	size_t len = strlen(name);
	static int n;
	return strncmp(due, name, len) == 0 && due[len] == ':' &&
	       ++n > atoi(due + len + 1);
}
#define FAILS(type, name, args, call)                                       \
	type name args;                                                      \
	type name args                                                       \
	{                                                                    \
		type(*real) args = (type(*) args)dlsym((void *)-1L, #name);  \
		return is_due(#name) ? (type)0 : real call;                  \
	}
FAILS(void *, OSSL_LIB_CTX_new, (void), ())
FAILS(void *, EVP_MD_fetch, (void *a, void *b, void *c), (a, b, c))
FAILS(void *, EVP_MD_CTX_new, (void), ())
FAILS(int, EVP_DigestInit_ex2, (void *a, void *b, void *c), (a, b, c))
FAILS(int, EVP_DigestInit_ex, (void *a, void *b, void *c), (a, b, c))
FAILS(int, EVP_DigestUpdate, (void *a, void *b, size_t c), (a, b, c))
FAILS(int, EVP_DigestFinal_ex, (void *a, void *b, void *c), (a, b, c))
END
# shellcheck disable=SC2086 # CC may have options
is_sanitized ||
	${CC:-cc} -shared -fPIC -O2 -o "$TMP/fail.so" "$TMP/fail.c" -ldl 2>"$TMP/cc" ||
	diag "$(cat "$TMP/cc")"
[ -e "$TMP/fail.so" ] || skip "OpenSSL fails: a library cannot be preloaded"
openssl_fails() {
	cat >"$tree/nsverifyd" <<-END
		#!/bin/sh
		FAIL=$1:$2 LD_PRELOAD=$TMP/fail.so exec $TMP/real-verifyd
	END
	fake "$1 at $(($2 + 1))" openssl
	case $STATUS in
	3) unlike "$OUT" 'changed.js: [^E]' "$1, $2: refused" ;;
	*)
		is "$STATUS" 125 "$1, $2: the run ends"
		like "$ERR" '^nssupervise: ' "$1, $2: says so"
		;;
	esac
	n_refused=$((n_refused + $(printf '%s\n' "$OUT" | grep -c 'good.js: E') + \
		(STATUS == 125)))
}
if [ -e "$TMP/fail.so" ]; then
	for name in OSSL_LIB_CTX_new EVP_MD_fetch EVP_MD_CTX_new \
		EVP_DigestInit_ex2 EVP_DigestUpdate EVP_DigestFinal_ex; do
		n_refused=0
		for n in 0 1 2; do
			openssl_fails "$name" "$n"
		done
		ok "$name: a failure is never a match" test "$n_refused" -gt 0
	done
fi

# Nothing of them is left; the last may be on its way.
n=0
while pgrep -f "$TMP/real-verifyd" >/dev/null && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
is "$(pgrep -f "$TMP/real-verifyd" | tr '\n' ' ')" '' "no verifier is left"

done_testing
