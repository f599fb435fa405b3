#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# T223: the clock is set while requests wait. A library that is loaded into the
# supervisor and the verifier has it jump, a day back and a day on, each time
# somebody looks: no deadline comes early, and none does not come.

. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/integration/common.sh"
need_nssupervise
is_sanitized && skip_all "a sanitizer must be loaded first"

cat >"$TMP/jump.c" <<'END'
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long jump(void)
{
	static long way = 1;
	way = -way;
	return way * 86400;
}
int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI)
		t->tv_sec += jump();
	return r;
}
int gettimeofday(struct timeval *t, void *zone)
{
	int r = (int)syscall(SYS_gettimeofday, t, zone);
	t->tv_sec += jump();
	return r;
}
time_t time(time_t *ret)
{
	time_t t = (time_t)syscall(SYS_time, (time_t *)0) + jump();
	if (ret)
		*ret = t;
	return t;
}
END
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -shared -fPIC -O1 -o "$TMP/jump.so" "$TMP/jump.c" 2>"$TMP/cc" ||
	skip_all "no library can be built: $(cat "$TMP/cc")"
chmod 755 "$TMP/jump.so"

jumping() {
	run env LD_PRELOAD="$TMP/jump.so" "$@"
}

now=$(date +%s)
jumping date +%s
ok "without us: the clock is a day off" \
	test "$OUT" -gt $((now + 80000)) -o "$OUT" -lt $((now - 80000))

app=$TMP/app
mkdir "$app"
echo listed >"$app/a.js"
"$NSPOLICY" generate --root="$app" >"$TMP/p.json" && mv "$TMP/p.json" "$app/"
mkfifo "$app/fifo" "$app/never"
chmod 666 "$app/fifo"

# The FIFO has a writer after two seconds, when others have looked at it.
(sleep 2; timeout 20 sh -c "echo late >$app/fifo") &
jumping timeout -k 5 60 "$NSSUPERVISE" --runtime=node --quiet \
	--allow-fs-read="$app" --policy="$app/p.json" -- \
	"$target" "line:$app/a.js" "line:$app/fifo" "line:$app/a.js" exit:3
wait $!
is "$STATUS" 3 "the command's own status"
is "$(printf '%s\n' "$OUT" | sed 's/.*: //' | tr '\n' ' ')" "listed late listed " \
	"nothing is denied before its time"

began=$(cut -d. -f1 /proc/uptime)
jumping timeout -k 5 60 "$NSSUPERVISE" --runtime=node --quiet \
	--allow-fs-read="$app" --policy="$app/p.json" -- \
	"$target" "line:$app/never" "line:$app/a.js" exit:3
took=$(($(cut -d. -f1 /proc/uptime) - began))
is "$STATUS" 3 "what never comes: the run goes on"
like "$OUT" "^line $app/never: E" "it is denied"
like "$OUT" "^line $app/a.js: listed" "and what is asked then is served"
ok "after the deadline and not long after ($took s)" \
	test "$took" -ge 5 -a "$took" -le 40

done_testing
