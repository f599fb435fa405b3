/* SPDX-License-Identifier: Apache-2.0 */
/* Paths with stars in them. */
#include "supervise/pattern.h"

#include <stdlib.h>
#include <string.h>

char *pattern_unescape(const char *text)
{
	char *out = malloc(strlen(text) + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			out[n++] = *++text;
		else
			out[n++] = (char)(*text == '*' ? GRANT_STAR : *text);
	}
	out[n] = '\0';
	return out;
}

size_t pattern_literal(const char *pattern)
{
	return strcspn(pattern, (char[]){ GRANT_STAR, '\0' });
}

/* @is_tree: the pattern may as well end where a component of the path does. */
static bool match(const char *pattern, const char *path, bool is_tree)
{
	const char *star = NULL;
	const char *retry = NULL;

	while (*path) {
		if (is_tree && *pattern == '\0' && *path == '/')
			return true;
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

bool pattern_matches(const char *pattern, const char *path)
{
	return match(pattern, path, false);
}

bool pattern_covers(const char *pattern, const char *path)
{
	return match(pattern, path, true);
}

bool pattern_reaches(const char *pattern, const char *path)
{
	size_t prefix = pattern_literal(pattern);
	size_t len = strlen(path);

	if (prefix <= len)
		return strncmp(pattern, path, prefix) == 0;
	/* "/a/bc*" has nothing to do with "/a/b". */
	return strncmp(pattern, path, len) == 0 &&
	       (len == 1 || pattern[len] == '/');
}
