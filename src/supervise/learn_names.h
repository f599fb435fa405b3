/* SPDX-License-Identifier: Apache-2.0 */
/* What the names of files say about what they are. Pure. */
#ifndef SUPERVISE_LEARN_NAMES_H
#define SUPERVISE_LEARN_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

/* For the number of a process: the star of the option grammar. */
#define LEARN_ANY "\001"

/* Where a run took place; each may be NULL. */
struct learn_place {
	const char *home;
	const char *cwd;
	const char *tmpdir;
};

/**
 * learn_is_broad() - does this directory hold what has little in common?
 *
 * Then no number of files makes a grant of it: "/", /etc, $HOME, what lies
 * above $HOME and the working directory, /usr/lib …
 */
bool learn_is_broad(const struct learn_place *place, const char *path);

/** learn_is_temporary() - is it a directory for temporary files? */
bool learn_is_temporary(const struct learn_place *place, const char *path);

/** learn_is_package() - node_modules and its like: wanted as a whole */
bool learn_is_package(const char *name);

/** learn_is_random() - was the name made up, and is another one next time? */
bool learn_is_random(const char *name);

/** learn_is_dated() - does the name hold a date, a time, a long number? */
bool learn_is_dated(const char *name);

/** learn_is_number() - "4211": of a process, beneath /proc */
bool learn_is_number(const char *name);

/**
 * learn_hide_number() - put LEARN_ANY for the process's own number
 * @ret: PATH_MAX bytes
 *
 * In the last component of @path, if it has three digits or more; beneath
 * /proc nothing. Return: was there one?
 */
bool learn_hide_number(const char *path, pid_t pid, char *ret);

#endif
