/* SPDX-License-Identifier: Apache-2.0 */
/* What a package-lock.json of npm says about installed packages. */
#ifndef POLICY_LOCK_H
#define POLICY_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/* A package that npm unpacks from a tarball of its own. */
struct package {
	char *path; /* of its directory, absolute */
	char *integrity; /* of the tarball; NULL: the lock has none */
	bool is_optional; /* need not be installed */
};

struct lock {
	char *directory; /* of the project, resolved */
	struct package *packages; /* sorted by path */
	size_t n;
};

/**
 * lock_load() - read a lock file of version 2 or 3
 *
 * Left out is what has no tarball of its own: the project itself, workspaces,
 * links, and packages that come bundled in another one's tarball. Logs what is
 * wrong.
 *
 * Return: 0 or -errno; lock_done() in both cases.
 */
int lock_load(const char *file, struct lock *ret);

/** lock_package() - the package whose directory @path is in, or NULL */
const struct package *lock_package(const struct lock *lock, const char *path);

/** lock_is_stray() - is it in a node_modules of the project, but in none? */
bool lock_is_stray(const struct lock *lock, const char *path);

/** lock_done() - free what lock_load() made */
void lock_done(struct lock *lock);

#endif
