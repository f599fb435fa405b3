#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user may have only so many descriptors under way over sockets. A target
# that uses them all up gets refusals for files that it has not read yet; it ends neither
# its own sandbox nor another one of the same user.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise

is_root || skip_all 'needs a user that runs nothing else'
python=$(find_python) || skip_all 'python3 is not installed'
tap_uid=64998
WHO=user
dir=$USER_TMP/inflight
mkdir -p "$dir/node_modules/x"
for name in one two; do
	echo "// $name" >"$dir/node_modules/x/$name.js"
done
cat >"$dir/fill.py" <<'END'
import array, errno, os, resource, socket, sys, time
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
fd = os.open("/dev/null", os.O_RDONLY)
many = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd] * 253))]
pairs, error = [], 0
while error == 0 and len(pairs) < most // 4:
    pairs.append(socket.socketpair())
    pairs[-1][0].setblocking(False)
    try:
        while True:
            pairs[-1][0].sendmsg([b"x"], many)
    except BlockingIOError:
        pass
    except OSError as failure:
        error = failure.errno
print("full:", errno.errorcode.get(error, error), flush=True)

def read(name):
    try:
        with open(f"{sys.argv[1]}/node_modules/x/{name}.js") as file:
            return file.read().strip()
    except PermissionError:
        return "refused"

print("then:", read("one"), read("two"), flush=True)
sys.stdin.read(1)
for pair in pairs:
    pair[0].close()
    pair[1].close()
# The kernel collects what is under way when it likes.
for _ in range(100):
    if read("one") != "refused":
        break
    time.sleep(0.1)
print("afterwards:", read("one"), read("two"), flush=True)
END
cat >"$dir/read.py" <<'END'
import sys
print("read:", open(f"{sys.argv[1]}/node_modules/x/one.js").read().strip())
END
chown -R "$tap_uid:$tap_uid" "$USER_TMP"
as_who "$NSPOLICY" generate --root="$dir" >"$dir/policy.json"
mkfifo "$dir/stdin"
chmod 666 "$dir/stdin"
exec 9<>"$dir/stdin"

STDIN=$dir/stdin
spawn "$dir" "$NSSUPERVISE" --policy="$dir/policy.json" --allow-fs-read="$dir" \
	-- "$python" -S "$dir/fill.py" "$dir"
STDIN=
wait_for "$TMP/spawn.out" '^then:' || diag "$(cat "$TMP/spawn.err")"
like "$(cat "$TMP/spawn.out")" '^full: ETOOMANYREFS$' \
	'the target has as many descriptors under way as its user may'
like "$(cat "$TMP/spawn.out")" '^then: refused refused$' \
	'listed files are refused then'

# Meanwhile, another sandbox of the same user.
sandbox --policy="$dir/policy.json" --allow-fs-read="$dir" -- "$python" -S \
	"$dir/read.py" "$dir"
unlike "$ERR" 'verifier .*(failed|cannot be relied on)' \
	"another sandbox's verifier is not taken for a broken one"
diag "status $STATUS: $OUT $ERR"

printf x >&9
wait_for "$TMP/spawn.out" '^afterwards:' || diag "$(cat "$TMP/spawn.err")"
like "$(cat "$TMP/spawn.out")" '^afterwards: // one // two$' \
	'with those gone they are read'
reap
is "$STATUS" 0 'the sandbox goes on to its end'
unlike "$(cat "$TMP/spawn.err")" 'verifier .*(failed|cannot be relied on)' \
	'its verifier is not taken for a broken one'
exec 9>&-

# Any program of the user may have some under way, as desktops do.
cat >"$dir/hold.py" <<'END'
import array, os, socket, sys
fd = os.open("/dev/null", os.O_RDONLY)
pair = socket.socketpair()
pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                          array.array("i", [fd] * 200))])
print("200 are under way", flush=True)
sys.stdin.read(1)
END
exec 9<>"$dir/stdin"
STDIN=$dir/stdin
spawn "$dir" "$python" -S "$dir/hold.py"
STDIN=
wait_for "$TMP/spawn.out" '^200 are' || diag "$(cat "$TMP/spawn.err")"
sandbox --policy="$dir/policy.json" --allow-fs-read="$dir" -- "$python" -S \
	"$dir/read.py" "$dir"
is "$STATUS:$OUT" '0:read: // one' 'a few hundred of them hinder nobody'
printf x >&9
reap
exec 9>&-

done_testing
