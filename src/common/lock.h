/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that are not waited for without end. */
#ifndef COMMON_LOCK_H
#define COMMON_LOCK_H

#include <errno.h>
#include <pthread.h>
#include <time.h>

/**
 * lock_until() - lock @mutex, or give up at @deadline of CLOCK_MONOTONIC
 *
 * Return: 0, or a positive errno: ETIMEDOUT.
 */
static inline int lock_until(pthread_mutex_t *mutex,
			     const struct timespec *deadline)
{
#ifdef __SANITIZE_THREAD__
	/* GCC's ThreadSanitizer does not know the other call. */
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct timespec now;
	int r;

	while ((r = pthread_mutex_trylock(mutex)) == EBUSY) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > deadline->tv_sec ||
		    (now.tv_sec == deadline->tv_sec &&
		     now.tv_nsec >= deadline->tv_nsec))
			return ETIMEDOUT;
		(void)nanosleep(&pause, NULL);
	}
	return r;
#else
	return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, deadline);
#endif
}

#endif
