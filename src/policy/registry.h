/* SPDX-License-Identifier: Apache-2.0 */
/* The code that the registry has for the packages of a lock file. */
#ifndef POLICY_REGISTRY_H
#define POLICY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/lock.h"
#include "policy/tree.h"
#include "verify/integrity.h"

/* A code file of a tarball, and where it is installed. */
struct original {
	char *path;
	size_t order; /* the last one of a name is what npm leaves there */
	struct digests digests; /* of the bytes */
	struct digests without_bom; /* of a package.json that has one */
	/* npm takes the CR out of the first line of a program. */
	struct digests without_cr;
};

struct registry {
	const struct lock *lock;
	enum algorithm algorithm;
	struct original *originals; /* sorted by path */
	size_t n;
	bool *is_verified; /* of each package of the lock */
	size_t n_uncached;
	size_t n_unhashed; /* without a hash that proves anything */
	size_t n_damaged; /* in the cache */
	size_t n_missing; /* not installed, but should be */
};

/**
 * registry_load() - read the tarballs of all packages that are installed
 * @cache: npm's, see tarball_find()
 * @filter: what is code; the patterns are matched below the lock's directory
 *
 * Logs what cannot be read and, with @is_strict, each package that has no
 * verified tarball.
 *
 * Return: 0 or -errno; registry_done() in both cases.
 */
int registry_load(const struct lock *lock, const char *cache,
		  const struct tree_filter *filter, bool is_strict,
		  struct registry *ret);

enum found {
	FOUND_OWN, /* no package's, or of one that could not be verified */
	FOUND_ORIGINAL, /* the registry has such a file */
	FOUND_STRANGE, /* where packages are, but part of none */
};

/** registry_find() - what the registry has to do with @path */
enum found registry_find(const struct registry *registry, const char *path,
			 const struct original **ret);

/** registry_done() - free what registry_load() made */
void registry_done(struct registry *registry);

#endif
