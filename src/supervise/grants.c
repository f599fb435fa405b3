/* SPDX-License-Identifier: Apache-2.0 */
/* From the paths of options and profiles to grants on resolved paths. */
#include "supervise/grants.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/kernel.h"
#include "supervise/walk.h"

#define STAR "\001"

/* @path from the root, without ".", ".." and double slashes; owned. */
static int make_absolute(const char *path, char **ret)
{
	char full[2 * PATH_MAX], normal[PATH_MAX];
	_cleanup_free_ char *cwd = NULL;
	int n;

	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
	}
	n = snprintf(full, sizeof(full), "%s/%s", cwd ? cwd : "", path);
	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	n = path_normalise(full, normal, sizeof(normal), &(struct view){ 0 });
	if (n < 0)
		return n;
	*ret = strdup(normal);
	return *ret ? 0 : -ENOMEM;
}

/*
 * Is @path what realpath(3) would say, also where it does not exist? One call
 * for each level that is missing, instead of one for each component.
 */
static bool is_plain(const char *path)
{
	char prefix[PATH_MAX];
	char *slash;
	int fd;

	if (path[0] != '/' ||
	    path_normalise(path, prefix, sizeof(prefix), &(struct view){ 0 }) <
		    0 ||
	    strcmp(path, prefix) != 0)
		return false;
	do {
		char text[1];
		bool is_link;

		fd = kernel_openat2(AT_FDCWD, prefix,
				    O_PATH | O_NOFOLLOW | O_CLOEXEC, 0,
				    RESOLVE_NO_SYMLINKS);
		if (fd >= 0) {
			is_link = readlinkat(fd, "", text, 1) >= 0;
			(void)close(fd);
			return !is_link;
		}
		slash = strrchr(prefix, '/');
		slash[slash == prefix ? 1 : 0] = '\0';
	} while (fd == -ENOENT && prefix[1]);
	return false;
}

int path_resolve(const char *path, char **ret)
{
	_cleanup_free_ char *full = NULL, *head = NULL;
	size_t len;
	char *real;
	int r;

	if (is_plain(path)) {
		*ret = strdup(path);
		return *ret ? 0 : -ENOMEM;
	}
	real = realpath(path, NULL);
	if (real) {
		*ret = real;
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
		return -errno;
	r = make_absolute(path, &full);
	if (r < 0)
		return r;
	/* The longest part that exists, resolved; the rest is appended. */
	for (len = strlen(full); len > 1; len--) {
		if (full[len] != '/' && full[len] != '\0')
			continue;
		free(head);
		head = strndup(full, len);
		real = head ? realpath(head, NULL) : NULL;
		if (real)
			break;
	}
	if (!real)
		*ret = take_ptr(&full);
	else if (asprintf(ret, "%s%s", strcmp(real, "/") ? real : "",
			  full + len) < 0)
		*ret = NULL;
	free(real);
	return *ret ? 0 : -ENOMEM;
}

/* Takes the escapes out; a star that is meant becomes GRANT_STAR. */
static char *unescape(const char *text)
{
	char *out = malloc(strlen(text) + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			out[n++] = *++text;
		else
			out[n++] = *text == '*' ? GRANT_STAR : *text;
	}
	out[n] = '\0';
	return out;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Marks a path as it was written, before links were resolved. */
static int add_visible(struct rules *rules, const char *path)
{
	_cleanup_free_ char *full = NULL;
	int r = make_absolute(path, &full);

	return r < 0 ? r : rules_add_visible(rules, full);
}

/*
 * Everything, but /proc is ours to judge (the supervisor's own entries stay
 * closed), so "/" itself is class 2 and each directory beneath it but /proc is
 * granted once more: those are class 1.
 */
static int add_top(struct rules *rules, struct grant *grant)
{
	_cleanup_closedir_ DIR *root = opendir("/");
	char path[NAME_MAX + 2];
	struct dirent *entry;
	int r = 0;

	while (root && r == 0 && (entry = readdir(root))) {
		struct stat st;

		if (entry->d_name[0] == '.' ||
		    strcmp(entry->d_name, "proc") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "/%s", entry->d_name);
		if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		grant->path = path;
		r = rules_add(rules, grant);
	}
	return r;
}

static int add_plain(struct rules *rules, const char *path,
		     struct grant *grant)
{
	_cleanup_free_ char *real = NULL;
	int r;

	r = path_resolve(path, &real);
	if (r < 0)
		return r;
	if (grant->shape != SHAPE_TREE)
		grant->shape = is_directory(real) ? SHAPE_TREE : SHAPE_EXACT;
	grant->path = real;
	r = rules_add(rules, grant);
	if (r == 0 && !grant->is_deny)
		r = add_visible(rules, path);
	if (r == 0 && !grant->is_deny && strcmp(real, "/") == 0)
		r = add_top(rules, grant);
	return r;
}

/* Resolves the directories before the first star. */
static int add_pattern(struct rules *rules, const char *path,
		       struct grant *grant)
{
	_cleanup_free_ char *head = NULL, *real = NULL, *full = NULL;
	const char *star = strchr(path, GRANT_STAR);
	const char *tail = star;
	int r;

	while (tail > path && tail[-1] != '/')
		tail--;
	head = strndup(path, (size_t)(tail - path));
	if (!head)
		return -ENOMEM;
	r = path_resolve(head[0] ? head : ".", &real);
	if (r < 0)
		return r;
	if (asprintf(&full, "%s/%s", strcmp(real, "/") ? real : "", tail) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	grant->path = full;
	grant->shape = SHAPE_PATTERN;
	r = rules_add(rules, grant);
	if (r == 0 && !grant->is_deny)
		r = add_visible(rules, head[0] ? head : ".");
	return r;
}

/* "P/" followed by one star: all of P, and P itself. */
static bool strip_all(char *path)
{
	size_t len = strlen(path);

	if (len < 2 || strcmp(path + len - 2, "/" STAR) != 0)
		return false;
	path[len - 2] = '\0';
	return true;
}

int grants_add_option(struct rules *rules, const char *text, unsigned rights,
		      bool is_deny, const char *origin)
{
	struct grant grant = { .text = (char *)(uintptr_t)text,
			       .origin = origin,
			       .rights = rights,
			       .is_deny = is_deny };
	_cleanup_free_ char *path = unescape(text);
	int r;

	if (!path)
		return -ENOMEM;
	if (strcmp(path, STAR) == 0) {
		grant.shape = SHAPE_TREE;
		return add_plain(rules, "/", &grant);
	}
	if (!strchr(path, GRANT_STAR))
		return add_plain(rules, path, &grant);
	if (!strip_all(path))
		return add_pattern(rules, path, &grant);
	if (!strchr(path, GRANT_STAR)) {
		grant.shape = SHAPE_TREE;
		return add_plain(rules, path[0] ? path : "/", &grant);
	}
	/* The directory that the shorter pattern matches, then what is in it. */
	r = add_pattern(rules, path, &grant);
	path[strlen(path)] = '/';
	return r < 0 ? r : add_pattern(rules, path, &grant);
}

int grants_add_implicit(struct rules *rules, const char *path, unsigned rights,
			bool is_runtime, const char *origin)
{
	struct grant grant = { .text = (char *)(uintptr_t)path,
			       .origin = origin,
			       .rights = rights,
			       .is_implicit = true,
			       .is_runtime = is_runtime };

	return add_plain(rules, path, &grant);
}

int grants_add_interpreter(struct rules *rules, const char *path)
{
	struct grant grant = { .text = (char *)(uintptr_t)path,
			       .origin = "the dynamic linker",
			       .rights = RIGHT_READ | RIGHT_EXEC,
			       .is_implicit = true,
			       .is_runtime = true,
			       .is_interpreter = true };

	return add_plain(rules, path, &grant);
}
