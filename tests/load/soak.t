#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A short soak: five sandboxes, three of them with one verifier, do everything
# again and again; nothing is wrong, nothing hangs, and neither memory nor
# descriptors nor threads grow. `make soak` does it for an hour.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

[ -x "$top_builddir/tests/load/load" ] || skip_all 'tests/load/load is not built'
python=$(find_python) || skip_all 'python3 is not installed'
# It has to see the descriptors of what is not dumpable.
is_root || skip_all "another user's view of a supervisor lacks its descriptors"

# The memory of a sanitizer grows as it likes; what it is for it says anyway.
any_memory=
if is_sanitized; then
	any_memory=--any-memory
fi

# shellcheck disable=SC2086 # none is no word
run timeout -k 10 340 "$python" "$top_srcdir/tests/load/soak" \
	--build="$top_builddir" --seconds=60 $any_memory
is "$STATUS" 0 'nothing is wrong, hangs or grows'
like "$OUT" '^flat$' 'memory, descriptors and threads are flat'
like "$OUT" '^# [1-9][0-9]* cycles, [4-9]|cycles, [1-9][0-9]+ samples' \
	'there were enough samples to say so'
diag "$OUT"
[ -z "$ERR" ] || diag "$ERR"

# It would say so: a judge that finds nothing is none.
run "$python" -B -c '
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("soak", sys.argv[1])
soak = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("soak", loader))
loader.exec_module(soak)
flat = [{"a": (5000, 10, 4)}] * 40
print("flat:", len(soak.judge(flat)))
for what, grown in (("memory", lambda i: (5000 + 200 * i, 10, 4)),
                    ("descriptors", lambda i: (5000, 10 + i // 4, 4)),
                    ("threads", lambda i: (5000, 10, 4 + i // 8))):
    print(what + ":", *soak.judge([{"a": grown(i)} for i in range(40)]))
' "$top_srcdir/tests/load/soak"
like "$OUT" '^flat: 0$' 'what is flat is called so'
like "$OUT" '^memory: a: memory' 'memory that grows is seen'
like "$OUT" '^descriptors: a: descriptors' 'descriptors that grow are seen'
like "$OUT" '^threads: a: threads' 'threads that grow are seen'

done_testing
