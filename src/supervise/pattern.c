/* SPDX-License-Identifier: Apache-2.0 */
/* Paths with stars in them. */
#include "supervise/pattern.h"

#include <string.h>

size_t pattern_literal(const char *pattern)
{
	return strcspn(pattern, (char[]){ GRANT_STAR, '\0' });
}

bool pattern_matches(const char *pattern, const char *path)
{
	const char *star = NULL;
	const char *retry = NULL;

	while (*path) {
		if (*pattern == GRANT_STAR) {
			star = pattern++;
			retry = path;
		} else if (*pattern == *path) {
			pattern++;
			path++;
		} else if (star) {
			pattern = star + 1;
			path = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == GRANT_STAR)
		pattern++;
	return *pattern == '\0';
}

bool pattern_reaches(const char *pattern, const char *path)
{
	size_t prefix = pattern_literal(pattern);
	size_t len = strlen(path);

	return strncmp(pattern, path, prefix < len ? prefix : len) == 0;
}
