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

/*
 * realpath(3) that does not stop where something is missing: a link that leads
 * nowhere yet is followed all the same, because decisions will be made on what
 * it leads to. A `..` behind a link leaves what the link leads to.
 */
struct expansion {
	char path[PATH_MAX]; /* done; "" for the root */
	char rest[2 * PATH_MAX];
	unsigned n_links;
	struct rules *rules; /* or NULL: learns of every link on the way */
};

static int expand_link(struct expansion *e, const char *full, const char *text)
{
	char rest[2 * PATH_MAX];
	int n;

	if (++e->n_links > WALK_LINKS_MAX)
		return -ELOOP;
	if (e->rules && rules_add_visible(e->rules, full) < 0)
		return -ENOMEM;
	n = snprintf(rest, sizeof(rest), "%s/%s", text, e->rest);
	if (n < 0 || (size_t)n >= sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(e->rest, rest, (size_t)n + 1);
	if (text[0] == '/')
		e->path[0] = '\0';
	return 0;
}

/* One component of the rest, which is @len bytes long. */
static int expand_name(struct expansion *e, size_t len)
{
	char full[PATH_MAX + NAME_MAX + 2], text[PATH_MAX];
	size_t skip = len + strspn(e->rest + len, "/");
	ssize_t n;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	(void)snprintf(full, sizeof(full), "%s/%.*s", e->path, (int)len,
		       e->rest);
	memmove(e->rest, e->rest + skip, strlen(e->rest + skip) + 1);
	n = readlink(full, text, sizeof(text) - 1);
	if (n >= 0) {
		text[n] = '\0';
		return expand_link(e, full, text);
	}
	if (strlen(full) >= sizeof(e->path))
		return -ENAMETOOLONG;
	memcpy(e->path, full, strlen(full) + 1);
	return 0;
}

static int expand(struct expansion *e)
{
	int r = 0;

	while (r == 0 && e->rest[0]) {
		size_t len = strcspn(e->rest, "/");
		char *slash;

		if (len == 0 || (len == 1 && e->rest[0] == '.')) {
			len += e->rest[len] == '/';
			memmove(e->rest, e->rest + len,
				strlen(e->rest + len) + 1);
		} else if (len == 2 && memcmp(e->rest, "..", 2) == 0) {
			memmove(e->rest, e->rest + len,
				strlen(e->rest + len) + 1);
			slash = strrchr(e->path, '/');
			if (slash)
				*slash = '\0';
		} else {
			r = expand_name(e, len);
		}
	}
	return r;
}

/* @rules: NULL, or what shall let the links on the way be seen. */
static int resolve_for(struct rules *rules, const char *path, char **ret)
{
	struct expansion e = { .rules = rules };
	_cleanup_free_ char *cwd = NULL;
	int n, r;

	if (is_plain(path)) {
		*ret = strdup(path);
		return *ret ? 0 : -ENOMEM;
	}
	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -ENOENT; /* removed, or not to be seen */
	}
	n = snprintf(e.rest, sizeof(e.rest), "%s/%s", cwd ? cwd : "", path);
	if (n < 0 || (size_t)n >= sizeof(e.rest))
		return -ENAMETOOLONG;
	r = expand(&e);
	if (r < 0)
		return r;
	*ret = strdup(e.path[0] ? e.path : "/");
	return *ret ? 0 : -ENOMEM;
}

int path_resolve(const char *path, char **ret)
{
	return resolve_for(NULL, path, ret);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Everything, but /proc is ours to judge (the supervisor's own entries stay
 * closed), so "/" itself is class 2 and each directory beneath it but /proc is
 * granted once more: those are class 1.
 */
static int add_top(struct rules *rules, const struct grant *grant)
{
	_cleanup_closedir_ DIR *root = opendir("/");
	struct grant top = *grant;
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
		top.path = path;
		r = rules_add(rules, &top);
	}
	return r;
}

static int add_plain(struct rules *rules, const char *path, struct grant *grant)
{
	_cleanup_free_ char *real = NULL;
	int r;

	/* What leads to it may be looked at: its links, and itself. */
	r = resolve_for(grant->is_deny ? NULL : rules, path, &real);
	if (r < 0)
		return r;
	if (grant->shape != SHAPE_TREE)
		grant->shape = is_directory(real) ? SHAPE_TREE : SHAPE_EXACT;
	grant->is_late = grant->shape == SHAPE_TREE && !is_directory(real);
	grant->path = real;
	r = rules_add(rules, grant);
	if (r == 0 && !grant->is_deny)
		r = rules_add_visible(rules, real);
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
	r = resolve_for(grant->is_deny ? NULL : rules, head[0] ? head : ".",
			&real);
	if (r < 0)
		return r;
	if (strchr(real, GRANT_STAR))
		return -EINVAL; /* of a name: it would be taken for a star */
	if (asprintf(&full, "%s/%s", strcmp(real, "/") ? real : "", tail) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	grant->path = full;
	grant->shape = SHAPE_PATTERN;
	r = rules_add(rules, grant);
	if (r == 0 && !grant->is_deny)
		r = rules_add_visible(rules, real);
	return r;
}

/*
 * What follows the first star, as resolved paths are written: a slash too many
 * would match nothing, and a carve-out nobody. What `..` leaves after a star
 * is not known.
 */
static int clean_tail(char *tail)
{
	char *out = tail + 1;
	size_t len;

	for (const char *at = out; *at; at += len) {
		size_t slashes = strspn(at, "/");

		at += slashes;
		len = strcspn(at, "/");
		if (slashes && len == 2 && memcmp(at, "..", 2) == 0)
			return -EINVAL;
		if (slashes && (len == 0 || (len == 1 && *at == '.')))
			continue;
		if (slashes)
			*out++ = '/';
		memmove(out, at, len);
		out += len;
	}
	*out = '\0';
	return 0;
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
	_cleanup_free_ char *path = pattern_unescape(text);
	int r;

	if (!path)
		return -ENOMEM;
	if (strchr(text, GRANT_STAR))
		return -EINVAL;
	if (strcmp(path, STAR) == 0) {
		grant.shape = SHAPE_TREE;
		return add_plain(rules, "/", &grant);
	}
	if (!strchr(path, GRANT_STAR))
		return add_plain(rules, path, &grant);
	r = clean_tail(strchr(path, GRANT_STAR));
	if (r < 0)
		return r;
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
