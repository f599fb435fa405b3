/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs beside a carve-out. Landlock decides what runs and cannot subtract,
 * so a tree with a carve-out in it is granted piece by piece: everything that
 * does not lie on the way to one. What is made later right in a directory
 * above a carve-out is not among it and must be named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervise/plan.h"

enum relation {
	RELATION_NONE,
	RELATION_ABOVE, /* a carve-out lies beneath */
	RELATION_CARVED, /* it is one */
};

/* The paths of the carve-outs, sorted; they belong to the rules. */
struct carved {
	const char **paths;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int collect(const struct rules *rules, struct carved *ret)
{
	ret->paths = calloc(rules->n_grants + 1, sizeof(*ret->paths));
	if (!ret->paths)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_grants; i++)
		if (rules->grants[i].is_deny &&
		    (rules->grants[i].rights & RIGHT_READ))
			ret->paths[ret->n++] = rules->grants[i].path;
	qsort(ret->paths, ret->n, sizeof(*ret->paths), compare);
	return 0;
}

/* The first that is not less than @path; "" when there is none. */
static const char *find_from(const struct carved *carved, const char *path)
{
	size_t low = 0, high = carved->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(carved->paths[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < carved->n ? carved->paths[low] : "";
}

static enum relation relation_of(const struct carved *carved, const char *path)
{
	char beneath[PATH_MAX + 1];
	int len;

	if (strcmp(find_from(carved, path), path) == 0)
		return RELATION_CARVED;
	len = snprintf(beneath, sizeof(beneath), "%s/", path);
	if (len < 0 || (size_t)len >= sizeof(beneath))
		return RELATION_CARVED;
	return strncmp(find_from(carved, beneath), beneath, (size_t)len) == 0 ?
		       RELATION_ABOVE :
		       RELATION_NONE;
}

/* Grants what lies in @directory; goes down where a carve-out does. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than the carve-outs lie */
static int add_beside(struct rules *rules, const struct carved *carved,
		      const char *directory, const char *origin)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir))) {
		char path[PATH_MAX + NAME_MAX + 2];
		struct grant grant = { .path = path,
				       .origin = origin,
				       .rights = RIGHT_EXEC,
				       .is_implicit = true };
		enum relation relation;
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", directory,
			       entry->d_name);
		if (strlen(path) >= PATH_MAX)
			continue;
		relation = relation_of(carved, path);
		grant.shape = S_ISDIR(st.st_mode) ? SHAPE_TREE : SHAPE_EXACT;
		if (relation == RELATION_ABOVE && S_ISDIR(st.st_mode))
			r = add_beside(rules, carved, path, origin);
		else if (relation != RELATION_CARVED &&
			 (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			r = rules_add(rules, &grant);
	}
	return r;
}

int plan_add_beside(struct rules *rules)
{
	struct carved carved = { 0 };
	size_t n = rules->n_grants;
	int r = collect(rules, &carved);

	for (size_t i = 0; i < n && r == 0 && carved.n > 0; i++) {
		const struct grant *grant = &rules->grants[i];
		char directory[PATH_MAX];

		/* "/" was taken apart already: see grants.c. */
		if (grant->is_deny || grant->shape != SHAPE_TREE ||
		    !(grant->rights & RIGHT_EXEC) || grant->path[1] == '\0' ||
		    strlen(grant->path) >= sizeof(directory) ||
		    relation_of(&carved, grant->path) != RELATION_ABOVE)
			continue;
		memcpy(directory, grant->path, strlen(grant->path) + 1);
		r = add_beside(rules, &carved, directory, grant->origin);
	}
	free(carved.paths);
	return r;
}
