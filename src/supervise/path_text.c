/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text. */
#include "supervise/path_text.h"

#include <errno.h>
#include <string.h>

bool path_is_proc(const char *path)
{
	return strncmp(path, "/proc", 5) == 0 &&
	       (path[5] == '/' || path[5] == '\0');
}

int path_append(char *path, size_t size, const char *name, size_t len)
{
	size_t at = strlen(path);

	if (at + 1 + len + 1 > size)
		return -ENAMETOOLONG;
	path[at] = '/';
	memcpy(path + at + 1, name, len);
	path[at + 1 + len] = '\0';
	return 0;
}

void path_cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

bool path_goes_up(const char *text)
{
	for (const char *at = text; (at = strstr(at, "..")); at++)
		if ((at == text || at[-1] == '/') &&
		    (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

unsigned path_ends_in_dots(const char *text)
{
	size_t len = strlen(text);
	const char *last;

	while (len > 1 && text[len - 1] == '/')
		len--;
	last = memrchr(text, '/', len);
	last = last ? last + 1 : text;
	len -= (size_t)(last - text);
	return len <= 2 && strspn(last, ".") >= len ? (unsigned)len : 0;
}

bool path_cut_slashes(char *text)
{
	size_t len = strlen(text), was = len;

	while (len > 1 && text[len - 1] == '/')
		text[--len] = '\0';
	return len < was;
}

/* May it be learned that there is something at @path? */
static bool may_show(const struct view *view, const char *path)
{
	return !view->may_pass || path[0] == '\0' ||
	       view->may_pass(view->context, path);
}

int path_normalise(const char *full, char *ret, size_t size,
		   const struct view *view)
{
	bool may = true;

	ret[0] = '\0';
	for (const char *at = full; *at;) {
		size_t len;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 2 && at[0] == '.' && at[1] == '.') {
			may &= may_show(view, ret);
			path_cut(ret);
		} else if (len > 0 && !(len == 1 && at[0] == '.')) {
			if (path_append(ret, size, at, len) < 0)
				return -ENAMETOOLONG;
		}
		at += len;
	}
	if (ret[0] == '\0')
		memcpy(ret, "/", 2);
	return may ? 1 : 0;
}
