/* SPDX-License-Identifier: Apache-2.0 */
/* Values with commas: PATH[,PATH]… as options have them. */
#include "supervise/pathlist.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

/* Length of the character at @s, an escape being one: 1 or 2. */
static size_t step(const char *s)
{
	return s[0] == '\\' && s[1] != '\0' ? 2 : 1;
}

static size_t to_comma(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != ',')
		n += step(s + n);
	return n;
}

/* Appends the first @len bytes, with `\,` as a plain comma. */
static int add_item(struct strings *ret, const char *s, size_t len)
{
	_cleanup_free_ char *item = malloc(len + 1);
	size_t out = 0;

	if (!item)
		return -ENOMEM;
	for (size_t in = 0; in < len; in++) {
		if (s[in] == '\\' && in + 1 < len) {
			if (s[in + 1] != ',')
				item[out++] = s[in];
			in++;
		}
		item[out++] = s[in];
	}
	item[out] = '\0';
	return strings_add_owned(ret, take_ptr(&item));
}

/* Does the path that the first @len bytes spell exist? A star: no. */
static bool exists(const char *s, size_t len)
{
	char path[PATH_MAX];
	struct stat st;
	size_t out = 0;

	for (size_t in = 0; in < len; in++) {
		if (s[in] == '*' || out + 2 >= sizeof(path))
			return false;
		if (s[in] == '\\' && in + 1 < len && strchr("*,\\", s[in + 1]))
			in++;
		else if (s[in] == '\\' && in + 1 < len)
			path[out++] = s[in++];
		path[out++] = s[in];
	}
	path[out] = '\0';
	return lstat(path, &st) == 0;
}

/*
 * The longest existing path from here that has a comma in it, or up to the
 * comma. The part before each slash must exist, or nothing longer can; and no
 * name is longer than NAME_MAX. So few candidates are ever looked at.
 */
static size_t path_len(const char *s)
{
	size_t best = to_comma(s);
	size_t since_slash = 0;

	for (size_t n = best; s[n] == ',' && since_slash <= NAME_MAX;) {
		size_t start = n++;

		while (s[n] != '\0' && s[n] != ',' && s[n] != '/')
			n += step(s + n);
		since_slash += n - start;
		while (s[n] == '/') {
			if (!exists(s, n))
				return best;
			since_slash = 0;
			n++;
			while (s[n] != '\0' && s[n] != ',' && s[n] != '/')
				n += step(s + n);
		}
		if (exists(s, n))
			best = n;
	}
	return best;
}

int pathlist_split(const char *value, bool is_path, struct strings *ret)
{
	for (;;) {
		size_t n = is_path ? path_len(value) : to_comma(value);
		int r;

		if (n == 0)
			return -EINVAL;
		r = add_item(ret, value, n);
		if (r < 0)
			return r;
		if (value[n] == '\0')
			return 0;
		value += n + 1;
	}
}

int pathlist_add(const char *value, struct strings *ret)
{
	return value[0] == '\0' ? -EINVAL : add_item(ret, value, strlen(value));
}
