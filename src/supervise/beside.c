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
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervise/plan.h"

enum relation {
	RELATION_NONE,
	RELATION_ABOVE, /* a carve-out lies beneath */
	RELATION_CARVED, /* it is one */
};

static enum relation relation_of(const struct rules *rules, const char *path)
{
	enum relation found = RELATION_NONE;
	size_t len = strlen(path);

	for (size_t i = 0; i < rules->n_grants; i++) {
		const struct grant *grant = &rules->grants[i];

		if (!grant->is_deny || !(grant->rights & RIGHT_READ) ||
		    strncmp(grant->path, path, len) != 0)
			continue;
		if (grant->path[len] == '\0')
			return RELATION_CARVED;
		if (grant->path[len] == '/')
			found = RELATION_ABOVE;
	}
	return found;
}

/* Grants what lies in @directory; goes down where a carve-out does. */
static int add_beside(struct rules *rules, const char *directory,
		      const char *origin)
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
		relation = relation_of(rules, path);
		grant.shape = S_ISDIR(st.st_mode) ? SHAPE_TREE : SHAPE_EXACT;
		if (relation == RELATION_ABOVE)
			r = add_beside(rules, path, origin);
		else if (relation == RELATION_NONE &&
			 (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
			r = rules_add(rules, &grant);
	}
	return r;
}

int plan_add_beside(struct rules *rules)
{
	size_t n = rules->n_grants;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct grant *grant = &rules->grants[i];
		char directory[PATH_MAX];

		/* "/" was taken apart already: see grants.c. */
		if (grant->is_deny || grant->shape != SHAPE_TREE ||
		    !(grant->rights & RIGHT_EXEC) || grant->path[1] == '\0' ||
		    strlen(grant->path) >= sizeof(directory) ||
		    relation_of(rules, grant->path) != RELATION_ABOVE)
			continue;
		memcpy(directory, grant->path, strlen(grant->path) + 1);
		r = add_beside(rules, directory, grant->origin);
	}
	return r;
}
