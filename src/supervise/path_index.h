/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of absolute paths that is walked one component at a time. */
#ifndef SUPERVISE_PATH_INDEX_H
#define SUPERVISE_PATH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATH_RIGHTS 4 /* read, write, exec, unix: bit numbers of enum right */

struct grant;

/* What is known of one path. */
struct path_entry {
	char *path;
	uint64_t hash;
	const struct grant *allow_tree[PATH_RIGHTS];
	const struct grant *allow_exact[PATH_RIGHTS];
	const struct grant *deny[PATH_RIGHTS]; /* a carve-out is a tree */
	bool is_visible; /* an ancestor of a grant: its metadata may be read */
	bool is_listed; /* a resource of the manifest */
	bool is_runtime; /* a file that the runtime reads to start */
	bool is_above; /* a carve-out or a listed file lies beneath */
};

struct path_index {
	struct path_entry *slots; /* open addressing, a power of two */
	size_t n_slots;
	size_t n_used;
};

/* A walk over the prefixes of a path: "/", "/a", "/a/b". */
struct path_walk {
	const char *path;
	size_t len; /* of the current prefix */
	size_t hashed; /* bytes of the path that are in the hash */
	uint64_t hash;
};

/** path_index_new() - an empty index, or NULL without memory */
struct path_index *path_index_new(void);

/** path_index_free() - free it with its entries; accepts NULL */
void path_index_free(struct path_index *index);

/**
 * path_index_get() - the entry of a path, made if it is not there yet
 *
 * Entries move when another one is made: use the pointer before that.
 *
 * Return: the entry, or NULL without memory.
 */
struct path_entry *path_index_get(struct path_index *index, const char *path,
				  size_t len);

/** path_index_reserve() - make room for @n more paths. 0 or -1. */
int path_index_reserve(struct path_index *index, size_t n);

/** path_index_find() - the entry of @path, or NULL */
const struct path_entry *path_index_find(const struct path_index *index,
					 const char *path);

/** path_walk_start() - before the first prefix of an absolute path */
void path_walk_start(struct path_walk *walk, const char *path);

/**
 * path_walk_next() - go to the next prefix
 * @ret: the entry of this prefix, or NULL when nothing is known of it
 *
 * Return: false after the whole path was seen.
 */
bool path_walk_next(struct path_walk *walk, const struct path_index *index,
		    const struct path_entry **ret);

#endif
