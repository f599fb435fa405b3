/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of absolute paths that is walked one component at a time. */
#include "supervise/path_index.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define SLOTS_MIN 64
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash_more(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * FNV_PRIME;
	return hash;
}

struct path_index *path_index_new(void)
{
	struct path_index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->n_slots = SLOTS_MIN;
	index->slots = calloc(index->n_slots, sizeof(*index->slots));
	if (!index->slots) {
		free(index);
		return NULL;
	}
	return index;
}

void path_index_free(struct path_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->n_slots; i++)
		free(index->slots[i].path);
	free(index->slots);
	free(index);
}

/* The slot that holds the path, or the free one where it would go. */
static struct path_entry *find_slot(const struct path_index *index,
				    uint64_t hash, const char *path, size_t len)
{
	size_t mask = index->n_slots - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		struct path_entry *slot = &index->slots[i];

		if (!slot->path)
			return slot;
		if (slot->hash == hash && strncmp(slot->path, path, len) == 0 &&
		    slot->path[len] == '\0')
			return slot;
	}
}

static int grow(struct path_index *index, size_t n_slots)
{
	struct path_index larger = { .n_slots = n_slots };

	larger.slots = calloc(larger.n_slots, sizeof(*larger.slots));
	if (!larger.slots)
		return -1;
	for (size_t i = 0; i < index->n_slots; i++) {
		const struct path_entry *old = &index->slots[i];

		if (old->path)
			*find_slot(&larger, old->hash, old->path,
				   strlen(old->path)) = *old;
	}
	free(index->slots);
	index->slots = larger.slots;
	index->n_slots = larger.n_slots;
	return 0;
}

int path_index_reserve(struct path_index *index, size_t n)
{
	size_t n_slots = index->n_slots;

	while (n_slots / 2 < index->n_used + n)
		n_slots *= 2;
	return n_slots == index->n_slots ? 0 : grow(index, n_slots);
}

struct path_entry *path_index_get(struct path_index *index, const char *path,
				  size_t len)
{
	uint64_t hash = hash_more(FNV_START, path, len);
	struct path_entry *slot = find_slot(index, hash, path, len);
	char *copy;

	if (slot->path)
		return slot;
	/* Half empty, so that a probe for what is not there ends soon. */
	if (2 * (index->n_used + 1) > index->n_slots) {
		if (grow(index, 2 * index->n_slots) < 0)
			return NULL;
		slot = find_slot(index, hash, path, len);
	}
	copy = strndup(path, len);
	if (!copy)
		return NULL;
	kept(copy);
	slot->path = copy;
	slot->hash = hash;
	index->n_used++;
	return slot;
}

const struct path_entry *path_index_find(const struct path_index *index,
					 const char *path)
{
	size_t len = strlen(path);
	const struct path_entry *slot =
		find_slot(index, hash_more(FNV_START, path, len), path, len);

	return slot->path ? slot : NULL;
}

void path_walk_start(struct path_walk *walk, const char *path)
{
	*walk = (struct path_walk){ .path = path, .hash = FNV_START };
}

bool path_walk_next(struct path_walk *walk, const struct path_index *index,
		    const struct path_entry **ret)
{
	const char *path = walk->path;
	size_t next;

	if (walk->len == 0) {
		/* "/" is a prefix of all, and no part of the next one's hash. */
		walk->len = 1;
		*ret = find_slot(index, hash_more(FNV_START, "/", 1), "/", 1);
	} else {
		if (path[walk->hashed] == '\0' || path[1] == '\0')
			return false;
		next = walk->hashed + 1;
		next += strcspn(path + next, "/");
		walk->hash = hash_more(walk->hash, path + walk->hashed,
				       next - walk->hashed);
		walk->hashed = next;
		walk->len = next;
		*ret = find_slot(index, walk->hash, path, next);
	}
	if (!(*ret)->path)
		*ret = NULL;
	return true;
}
