/* SPDX-License-Identifier: Apache-2.0 */
/* Directories that we move for the target. */
#include "supervise/moves.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "common/lock.h"

#define WAIT_S 4 /* for a move on a file system that is slow */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t count; /* odd while one is under way */

uint64_t moves_now(void)
{
	return atomic_load(&count);
}

bool moves_since(uint64_t now)
{
	return now % 2 == 1 || atomic_load(&count) != now;
}

int moves_begin(void)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WAIT_S;
	if (lock_until(&lock, &end) != 0)
		return -EBUSY;
	atomic_fetch_add(&count, 1);
	return 0;
}

void moves_end(void)
{
	atomic_fetch_add(&count, 1);
	(void)pthread_mutex_unlock(&lock);
}
