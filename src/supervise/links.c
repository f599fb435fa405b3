/* SPDX-License-Identifier: Apache-2.0 */
/* The symbolic links on the way from a path to what it names. */
#include "supervise/links.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* MAXSYMLINKS of the kernel */

struct way {
	char done[PATH_MAX]; /* no link in it, no slash at its end */
	char rest[PATH_MAX]; /* still to go */
	char target[PATH_MAX]; /* of the link last seen */
};

static int begin(const char *path, struct way *way)
{
	size_t n;

	way->done[0] = '\0';
	if (path[0] != '/') {
		if (!getcwd(way->done, sizeof(way->done)))
			return -errno;
		if (strcmp(way->done, "/") == 0)
			way->done[0] = '\0';
	}
	n = strlen(path);
	if (n >= sizeof(way->rest))
		return -ENAMETOOLONG;
	memcpy(way->rest, path, n + 1);
	return 0;
}

/* Moves one name from the rest to the end of what is done. 0: none left. */
static int step(struct way *way)
{
	const char *name = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(name, "/");
	size_t at = strlen(way->done);
	char *slash;

	if (len == 0)
		return 0;
	if (len == 2 && strncmp(name, "..", 2) == 0) {
		slash = strrchr(way->done, '/');
		if (slash)
			*slash = '\0';
	} else if (len != 1 || name[0] != '.') {
		if (at + 1 + len >= sizeof(way->done))
			return -ENAMETOOLONG;
		way->done[at] = '/';
		memcpy(way->done + at + 1, name, len);
		way->done[at + 1 + len] = '\0';
	}
	memmove(way->rest, name + len, strlen(name + len) + 1);
	return 1;
}

/* Goes on where the link that is done points to. Return: 1, 0: no link. */
static int follow(struct way *way, struct strings *ret)
{
	ssize_t n = readlink(way->done, way->target, sizeof(way->target));
	size_t rest = strlen(way->rest);
	int r = 0;

	if (n <= 0)
		return 0;
	if ((size_t)n + rest >= sizeof(way->rest))
		return -ENAMETOOLONG;
	if (!strings_contain(ret, way->done))
		r = strings_add(ret, way->done);
	if (r < 0)
		return r;
	/* The rest begins with a slash, or is empty. */
	memmove(way->rest + n, way->rest, rest + 1);
	memcpy(way->rest, way->target, (size_t)n);
	if (way->target[0] == '/')
		way->done[0] = '\0';
	else
		*strrchr(way->done, '/') = '\0';
	return 1;
}

int links_collect(const char *path, struct strings *ret)
{
	struct way way;
	int n_links = 0;
	int r = begin(path, &way);

	while (r == 0 && n_links < LINKS_MAX) {
		r = step(&way);
		if (r <= 0)
			return r;
		r = way.done[0] == '\0' ? 0 : follow(&way, ret);
		if (r > 0) {
			n_links++;
			r = 0;
		}
	}
	return r;
}
