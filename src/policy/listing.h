/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of a manifest in the making. */
#ifndef POLICY_LISTING_H
#define POLICY_LISTING_H

#include <stddef.h>

#include "common/strlist.h"
#include "verify/integrity.h"

enum listed_kind {
	LISTED_HASH,
	LISTED_ANY, /* any content */
	LISTED_NOTHING, /* only for its dependencies */
};

enum listed_dependencies {
	LISTED_ALL, /* true */
	LISTED_MAP, /* exactly the specifiers */
	LISTED_NO_FIELD,
};

struct listed {
	char *path; /* its identity, see verify/url.h */
	enum listed_kind kind;
	struct digests digests;
	enum listed_dependencies dependencies;
	struct strings specifiers; /* canonical, sorted, each once */
};

struct listing {
	struct listed *items; /* sorted by path once listing_sort() was called */
	size_t n;
};

/** listing_add() - one more, of kind LISTED_NOTHING. Return: NULL: memory. */
struct listed *listing_add(struct listing *listing, const char *path);

/** listing_sort() - sort; of two with one path the one with content is kept */
void listing_sort(struct listing *listing);

/** listing_find() - in a sorted listing; NULL if it has none */
struct listed *listing_find(const struct listing *listing, const char *path);

/** listing_done() - free all */
void listing_done(struct listing *listing);

#endif
