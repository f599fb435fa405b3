/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel or place lacks, and what is lost by that. */
#ifndef SUPERVISE_LACKS_H
#define SUPERVISE_LACKS_H

#include <stdbool.h>
#include <stddef.h>

/* The Landlock ABI with all that the flags promise: scopes came last. */
#define LACKS_FULL_ABI 6

struct lacks {
	unsigned landlock_abi; /* 0: there is none */
	bool no_killable; /* a signal ends the wait for an answer */
	const char *no_supervisor; /* why there can be none, or NULL */
};

/* One thing that is lost. The texts are static. */
struct lack {
	const char *name;
	const char *lost; /* and what is done instead */
};

#define LACKS_MAX 8

/**
 * lacks_list() - one line for each thing that is lost
 * @alone: there is no supervisor (--landlock-only)
 *
 * Return: how many.
 */
size_t lacks_list(const struct lacks *lacks, bool alone,
		  struct lack ret[LACKS_MAX]);

#endif
