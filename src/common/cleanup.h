/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership by scope: declare with an attribute, hand over with take_*(). */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * gcc 12's analyzer forgets that a variable within a loop is set again each
 * time, so it sees here what was never set; the compiler itself does not.
 */
#if defined(__GNUC__) && !defined(__clang__) && defined(ANALYZED)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-use-of-uninitialized-value"
#endif
static inline void cleanup_free_p(void *p)
{
	free(*(void **)p);
}
#if defined(__GNUC__) && !defined(__clang__) && defined(ANALYZED)
#pragma GCC diagnostic pop
#endif

/*
 * close(2) is never retried: on Linux the descriptor is gone even after
 * EINTR, and a second close could hit a descriptor of another thread.
 */
static inline void cleanup_close_p(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		(void)close(*fd);
		errno = saved;
	}
}

static inline void cleanup_fclose_p(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void cleanup_closedir_p(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ _cleanup_(cleanup_free_p)
#define _cleanup_close_ _cleanup_(cleanup_close_p)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose_p)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir_p)

/* Gives a descriptor away; the variable then holds nothing to close. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -EBADF;
	return taken;
}

/*
 * Memory that goes into a list: the same analyzer loses sight of it there
 * (`make analyze` defines ANALYZED) and would call it leaked.
 */
#ifdef ANALYZED
void kept(void *p);
#else
#define kept(p) ((void)(p))
#endif

#define take_ptr(p)                         \
	({                                  \
		__typeof__(*(p)) _t = *(p); \
		*(p) = NULL;                \
		_t;                         \
	})

#endif
