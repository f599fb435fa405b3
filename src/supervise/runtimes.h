/* SPDX-License-Identifier: Apache-2.0 */
/* The runtimes whose threads are known: which programs, and how many. */
#ifndef SUPERVISE_RUNTIMES_H
#define SUPERVISE_RUNTIMES_H

#include <sys/types.h>

#include "common/strlist.h"

struct profile;

struct runtime {
	struct strings programs; /* globs on the basename of the program */
	/* This file, whatever its name: the command's own; 0: none. */
	dev_t dev;
	ino_t ino;
	unsigned threads; /* that it starts for itself, beside the first */
	struct strings settings; /* see struct profile */
};

struct runtimes {
	struct runtime *items; /* owned */
	size_t n;
};

/**
 * runtimes_add() - take over what @profile knows about threads
 * @program: a file that is this runtime, or NULL
 *
 * Nothing for a profile that does not know them. Return: 0 or -ENOMEM.
 */
int runtimes_add(struct runtimes *runtimes, const struct profile *profile,
		 const char *program);

/**
 * runtimes_find() - the runtime that the program @path is
 * @dev, @ino: of that file
 *
 * Return: NULL when its threads are not known.
 */
const struct runtime *runtimes_find(const struct runtimes *runtimes,
				    const char *path, dev_t dev, ino_t ino);

/** runtimes_done() - free everything; accepts a half-made one */
void runtimes_done(struct runtimes *runtimes);

#endif
