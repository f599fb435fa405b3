/* SPDX-License-Identifier: Apache-2.0 */
/* Verified snapshots, kept until others need the room. Not locked. */
#ifndef VERIFY_CACHE_H
#define VERIFY_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What a kept snapshot is the answer to. */
struct cache_key {
	uid_t uid; /* whose sessions may have it */
	const struct stat *file; /* as it was before it was copied */
	const char *wanted; /* the integrity that the copy has met */
	bool has_text_bom; /* … with or without its byte order mark */
};

struct cache;

/** cache_new() - room for @n_max snapshots. NULL: no memory. */
struct cache *cache_new(size_t n_max);

/** cache_free() - accepts NULL */
void cache_free(struct cache *cache);

/** cache_cost() - the memory that a snapshot of @size bytes takes, about */
size_t cache_cost(size_t size);

/**
 * cache_find() - the snapshot of a file that has not changed
 *
 * One whose mode somebody has changed, who was handed it, is thrown away.
 *
 * Return: its descriptor, which stays the cache's, or -ENOENT.
 */
int cache_find(struct cache *cache, const struct cache_key *key);

/**
 * cache_add() - keep a copy of the descriptor @fd
 *
 * The oldest goes when there are too many. Without memory or descriptors it
 * is not kept: the next one who asks copies again.
 */
void cache_add(struct cache *cache, const struct cache_key *key, int fd);

/** cache_evict() - throw the longest unused away. False: there is none. */
bool cache_evict(struct cache *cache);

/** cache_bytes(), cache_count() - what is kept */
size_t cache_bytes(const struct cache *cache);
size_t cache_count(const struct cache *cache);

#endif
