/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/ld.so.cache: where ldconfig(8) found each library. */
#include "supervise/ldcache.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/readall.h"

#define CACHE_SIZE_MAX (16u << 20)

/* glibc's sysdeps/generic/dl-cache.h; offsets of strings from this header. */
struct header {
	char magic[20];
	uint32_t n;
	uint32_t strings_len;
	uint32_t unused[5];
};

struct entry {
	uint32_t flags;
	uint32_t name;
	uint32_t path;
	uint32_t osversion;
	uint64_t hwcap;
};

static_assert(sizeof(struct header) == 48, "as glibc writes it");
static_assert(sizeof(struct entry) == 24, "as glibc writes it");

#define MAGIC "glibc-ld.so.cache1.1"
#define FLAG_X86_64 0x0303 /* FLAG_ELF_LIBC6 | FLAG_X8664_LIB64 */

/* The format before it: a magic of 12 bytes, a count, entries of 12 bytes. */
#define OLD_MAGIC "ld.so-1.7.0"
#define OLD_HEADER 16u
#define OLD_ENTRY 12u

/* Where the new format begins; a wrong guess has no magic there. */
static size_t find_start(const struct ldcache *cache)
{
	uint32_t n;
	uint64_t start;

	if (cache->len < OLD_HEADER ||
	    memcmp(cache->bytes, OLD_MAGIC, sizeof(OLD_MAGIC) - 1) != 0)
		return 0;
	memcpy(&n, cache->bytes + 12, sizeof(n));
	start = (OLD_HEADER + (uint64_t)OLD_ENTRY * n + 7) & ~(uint64_t)7;
	return start < cache->len ? (size_t)start : 0;
}

int ldcache_load(const char *path, struct ldcache *ret)
{
	struct header header;
	int r;

	*ret = (struct ldcache){ 0 };
	r = read_regular(path, CACHE_SIZE_MAX, &ret->bytes, &ret->len);
	if (r < 0)
		return r;
	ret->start = find_start(ret);
	if (ret->len - ret->start < sizeof(header))
		return -EBADMSG;
	memcpy(&header, ret->bytes + ret->start, sizeof(header));
	if (memcmp(header.magic, MAGIC, sizeof(header.magic)) != 0 ||
	    header.n > (ret->len - ret->start - sizeof(header)) /
			       sizeof(struct entry))
		return -EBADMSG;
	ret->n = header.n;
	return 0;
}

/* NULL if it lies outside of the file. It ends at the NUL behind it. */
static const char *string_at(const struct ldcache *cache, uint32_t offset)
{
	if (offset >= cache->len - cache->start)
		return NULL;
	return cache->bytes + cache->start + offset;
}

int ldcache_find(const struct ldcache *cache, const char *name,
		 struct strings *ret)
{
	for (uint32_t i = 0; i < cache->n; i++) {
		struct entry entry;
		const char *key;
		const char *path;
		int r;

		memcpy(&entry,
		       cache->bytes + cache->start + sizeof(struct header) +
			       i * sizeof(entry),
		       sizeof(entry));
		key = string_at(cache, entry.name);
		if (entry.flags != FLAG_X86_64 || !key ||
		    strcmp(key, name) != 0)
			continue;
		path = string_at(cache, entry.path);
		if (!path || path[0] != '/')
			continue;
		r = strings_add(ret, path);
		if (r < 0)
			return r;
	}
	return 0;
}

void ldcache_done(struct ldcache *cache)
{
	free(cache->bytes);
	*cache = (struct ldcache){ 0 };
}
