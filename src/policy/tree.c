/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a tree without following links. */
#include "policy/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/code.h"

struct walk {
	const char *root;
	const struct tree_filter *filter;
	struct strings *found;
	struct strings pending; /* directories that are still to be read */
};

static bool matches(const struct strings *patterns, const char *name,
		    const char *below_root)
{
	for (size_t i = 0; i < patterns->n; i++) {
		const char *pattern = patterns->items[i];
		const char *text = strchr(pattern, '/') ? below_root : name;

		if (fnmatch(pattern, text, 0) == 0)
			return true;
	}
	return false;
}

static const char *below(const char *root, const char *path)
{
	return path + strlen(root) + (strcmp(root, "/") != 0);
}

bool tree_is_code(const struct tree_filter *filter, const char *root,
		  const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return code_is_name(name) ||
	       matches(filter->code, name, below(root, path));
}

bool tree_is_excluded(const struct tree_filter *filter, const char *root,
		      const char *path)
{
	_cleanup_free_ char *copy = strdup(below(root, path));
	bool is_excluded = false;

	for (char *name = copy, *end; name && !is_excluded; name = end) {
		end = strchr(name, '/');
		if (end)
			*end = '\0';
		is_excluded = matches(filter->exclude, name, copy);
		if (end)
			*end++ = '/';
	}
	return is_excluded;
}

static bool is_skipped(const struct tree_filter *filter, const struct stat *st)
{
	for (size_t i = 0; i < 2; i++)
		if (filter->skip[i].is_set &&
		    filter->skip[i].device == st->st_dev &&
		    filter->skip[i].inode == st->st_ino)
			return true;
	return false;
}

/* Return: 1, 0, or -errno. */
static int is_code(const struct walk *w, int dir_fd, const char *name,
		   const char *below_root, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || is_skipped(w->filter, st))
		return 0;
	if (code_is_name(name) || matches(w->filter->code, name, below_root))
		return 1;
	/* bin/www and its like have no ending but are run. */
	return (st->st_mode & 0111) ? code_is_program(dir_fd, name) : 0;
}

static int visit(struct walk *w, int dir_fd, const char *dir, const char *name)
{
	_cleanup_free_ char *path = NULL;
	const char *below_root;
	struct stat st;
	int r;

	if (asprintf(&path, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name) <
	    0) {
		path = NULL;
		return -ENOMEM;
	}
	below_root = below(w->root, path);
	if (matches(w->filter->exclude, name, below_root))
		return 0;
	r = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (r == -ENOENT)
		return 0; /* gone since the directory was read */
	if (r == 0 && S_ISDIR(st.st_mode))
		return strings_add_owned(&w->pending, take_ptr(&path));
	if (r == 0)
		r = is_code(w, dir_fd, name, below_root, &st);
	if (r < 0)
		log_error("cannot read '%s': %s", path, strerror(-r));
	return r > 0 ? strings_add_owned(w->found, take_ptr(&path)) : r;
}

static int read_directory(struct walk *w, const char *path)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int r = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		dir = fdopendir(fd);
		if (!dir)
			(void)close(fd);
	}
	if (!dir) {
		r = -errno;
		log_error("cannot read the directory '%s': %m", path);
		return r;
	}
	while (r == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = visit(w, dirfd(dir), path, entry->d_name);
	}
	if (r == 0 && errno != 0) {
		r = -errno;
		log_error("cannot read the directory '%s': %m", path);
	}
	return r;
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void tree_sort(struct strings *paths)
{
	size_t n = 0;

	if (paths->n == 0)
		return;
	qsort(paths->items, paths->n, sizeof(*paths->items), compare);
	for (size_t i = 1; i < paths->n; i++)
		if (strcmp(paths->items[n], paths->items[i]) == 0)
			free(paths->items[i]);
		else
			paths->items[++n] = paths->items[i];
	paths->n = n + 1;
}

int tree_find(const char *root, const struct tree_filter *filter,
	      struct strings *ret)
{
	struct walk walk = { .root = root, .filter = filter, .found = ret };
	int r = strings_add(&walk.pending, root);

	while (r == 0 && walk.pending.n > 0) {
		char *path = walk.pending.items[--walk.pending.n];

		r = read_directory(&walk, path);
		free(path);
	}
	strings_done(&walk.pending);
	return r;
}
