/* SPDX-License-Identifier: Apache-2.0 */
/* Every way by which a path is opened for reading. */
#ifndef TESTS_ATTACK_CATALOGUE_OPENS_H
#define TESTS_ATTACK_CATALOGUE_OPENS_H

#include <stddef.h>

struct opener {
	const char *name;
	int (*open)(const char *path); /* a descriptor, or -1 */
};

/* Ends with a row without a name. */
extern const struct opener openers[];

/* Loots @path by the first of them that succeeds; whether one did. */
int loot_by_any(const char *path);

/* A path made like printf does, in memory that stays. */
const char *path_of(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
