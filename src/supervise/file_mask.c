/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/file_mask.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/stat.h>

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool is_own;
static _Thread_local bool has_shared;

void file_mask_own(void)
{
	is_own = unshare(CLONE_FS) == 0;
}

void file_mask_take(mode_t mask)
{
	if (!is_own && !has_shared) {
		(void)pthread_mutex_lock(&shared);
		has_shared = true;
	}
	(void)umask(mask);
}

void file_mask_drop(void)
{
	if (!has_shared)
		return;
	has_shared = false;
	(void)pthread_mutex_unlock(&shared);
}
