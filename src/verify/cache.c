/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table whose entries are also a list, the longest unused last. */
#include "verify/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#define PAGE ((size_t)4096)

struct entry {
	struct entry *next; /* in its bucket */
	struct entry *newer, *older;
	uid_t uid;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	char *wanted;
	bool has_text_bom;
	int fd;
	mode_t mode; /* of the copy, when it was made */
};

struct cache {
	struct entry **buckets;
	size_t mask; /* a power of two, less one */
	struct entry *newest, *oldest;
	size_t n, n_max, bytes;
};

struct cache *cache_new(size_t n_max)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	size_t n = 16;

	if (!cache)
		return NULL;
	while (n < n_max)
		n *= 2;
	cache->n_max = n_max;
	cache->mask = n - 1;
	cache->buckets = calloc(n, sizeof(struct entry *));
	if (!cache->buckets) {
		free(cache);
		return NULL;
	}
	return cache;
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	while (cache_evict(cache))
		;
	free(cache->buckets);
	free(cache);
}

size_t cache_cost(size_t size)
{
	/* Whole pages, and about one for the inode and what is around it. */
	return (size + 2 * PAGE - 1) / PAGE * PAGE;
}

size_t cache_bytes(const struct cache *cache)
{
	return cache->bytes;
}

size_t cache_count(const struct cache *cache)
{
	return cache->n;
}

static struct entry **bucket_of(const struct cache *cache, dev_t dev, ino_t ino,
				const struct timespec *changed)
{
	uint64_t h = (uint64_t)ino * 0x9e3779b97f4a7c15u;

	h ^= ((uint64_t)dev << 32) ^ (uint64_t)changed->tv_nsec;
	h *= 0xff51afd7ed558ccdu;
	return &cache->buckets[(h ^ (h >> 32)) & cache->mask];
}

static void link_newest(struct cache *cache, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	if (cache->newest)
		cache->newest->newer = entry;
	else
		cache->oldest = entry;
	cache->newest = entry;
}

static void unlink_age(struct cache *cache, struct entry *entry)
{
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		cache->newest = entry->older;
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		cache->oldest = entry->newer;
}

static void discard(struct cache *cache, struct entry *entry)
{
	struct entry **at =
		bucket_of(cache, entry->dev, entry->ino, &entry->changed);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	unlink_age(cache, entry);
	cache->bytes -= cache_cost((size_t)entry->size);
	cache->n--;
	(void)close(entry->fd);
	free(entry->wanted);
	free(entry);
}

bool cache_evict(struct cache *cache)
{
	if (!cache->oldest)
		return false;
	discard(cache, cache->oldest);
	return true;
}

static bool is_same(const struct entry *entry, const struct cache_key *key)
{
	const struct stat *st = key->file;

	return entry->uid == key->uid && entry->dev == st->st_dev &&
	       entry->ino == st->st_ino && entry->size == st->st_size &&
	       entry->changed.tv_sec == st->st_ctim.tv_sec &&
	       entry->changed.tv_nsec == st->st_ctim.tv_nsec &&
	       entry->has_text_bom == key->has_text_bom &&
	       strcmp(entry->wanted, key->wanted) == 0;
}

static struct entry *find(const struct cache *cache,
			  const struct cache_key *key)
{
	struct entry *entry = *bucket_of(cache, key->file->st_dev,
					 key->file->st_ino,
					 &key->file->st_ctim);

	while (entry && !is_same(entry, key))
		entry = entry->next;
	return entry;
}

int cache_find(struct cache *cache, const struct cache_key *key)
{
	struct entry *entry = find(cache, key);
	struct stat st;

	if (!entry)
		return -ENOENT;
	/* Its bytes are sealed; whether it can be opened again is not. */
	if (fstat(entry->fd, &st) < 0 || st.st_mode != entry->mode) {
		discard(cache, entry);
		return -ENOENT;
	}
	unlink_age(cache, entry);
	link_newest(cache, entry);
	return entry->fd;
}

static struct entry *entry_new(const struct cache_key *key, int fd)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	struct stat copy;

	if (!entry)
		return NULL;
	entry->uid = key->uid;
	entry->dev = key->file->st_dev;
	entry->ino = key->file->st_ino;
	entry->size = key->file->st_size;
	entry->changed = key->file->st_ctim;
	entry->has_text_bom = key->has_text_bom;
	entry->wanted = strdup(key->wanted);
	entry->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	/* A file that grew meanwhile is not what the key says. */
	if (entry->wanted && entry->fd >= 0 && fstat(entry->fd, &copy) == 0 &&
	    copy.st_size == entry->size) {
		entry->mode = copy.st_mode;
		return entry;
	}
	if (entry->fd >= 0)
		(void)close(entry->fd);
	free(entry->wanted);
	free(entry);
	return NULL;
}

void cache_add(struct cache *cache, const struct cache_key *key, int fd)
{
	struct entry *entry, **bucket;

	if (cache->n_max == 0 || find(cache, key))
		return;
	entry = entry_new(key, fd);
	if (!entry)
		return;
	while (cache->n >= cache->n_max && cache_evict(cache))
		;
	bucket = bucket_of(cache, entry->dev, entry->ino, &entry->changed);
	entry->next = *bucket;
	*bucket = entry;
	link_newest(cache, entry);
	cache->bytes += cache_cost((size_t)entry->size);
	cache->n++;
}
