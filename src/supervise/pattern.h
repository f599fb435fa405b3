/* SPDX-License-Identifier: Apache-2.0 */
/* Paths with stars in them: a star matches any run of bytes, `/` included. */
#ifndef SUPERVISE_PATTERN_H
#define SUPERVISE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define GRANT_STAR '\001' /* so that a star in a name stays literal */

/**
 * pattern_unescape() - an item of a path list, as options.h describes it
 *
 * Takes the escapes out; a star that is meant becomes GRANT_STAR. Freed by the
 * caller; NULL: no memory.
 */
char *pattern_unescape(const char *text);

/** pattern_literal() - length of the part before the first star */
size_t pattern_literal(const char *pattern);

/** pattern_matches() - does the pattern match all of @path? */
bool pattern_matches(const char *pattern, const char *path);

/** pattern_covers() - does it match @path, or a directory that @path is in? */
bool pattern_covers(const char *pattern, const char *path);

/** pattern_reaches() - can what it matches lie in the tree @path? */
bool pattern_reaches(const char *pattern, const char *path);

#endif
