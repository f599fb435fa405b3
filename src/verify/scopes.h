/* SPDX-License-Identifier: Apache-2.0 */
/* The scopes around a URL, from the innermost outwards. */
#ifndef VERIFY_SCOPES_H
#define VERIFY_SCOPES_H

#include <stddef.h>

struct manifest;
struct scope;

#define SCOPE_TEXT_SIZE (4096 + 2)
#define SCOPE_SCHEME_SIZE 32

struct scope_walk {
	char text[SCOPE_TEXT_SIZE]; /* shortened from the right */
	size_t len; /* of what is tried next; below .least: the scheme */
	size_t least; /* the length of the origin */
	char scheme[SCOPE_SCHEME_SIZE]; /* "file:", or "" */
	int step;
};

/**
 * scope_walk_start() - begin at the innermost scope that @identity may have
 * @identity: see url_canonical()
 */
void scope_walk_start(struct scope_walk *walk, const char *identity);

/** scope_walk_next() - the next scope that the manifest has; NULL at the end */
const struct scope *scope_walk_next(struct scope_walk *walk,
				    const struct manifest *manifest);

#endif
