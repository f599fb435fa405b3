/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of what was denied. */
#include "supervise/learn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ENTRIES_MAX 32768
#define SLOTS 65536 /* a power of two, and never full */
#define TEXT_MAX ((size_t)8 << 20)

struct learn {
	pthread_mutex_t mutex;
	uint64_t key; /* no target can choose names that collide */
	size_t n;
	size_t text_len;
	uint64_t n_lost;
	uint32_t slots[SLOTS]; /* an index plus 1; 0: free */
	struct learn_entry entries[ENTRIES_MAX];
};

/* What each operation of judge.h needs; others no flag allows. */
static const struct {
	const char *name;
	enum learn_kind kind;
	unsigned rights;
} operations[] = {
	{ "read", LEARN_FILE, LEARN_READ },
	{ "write", LEARN_FILE, LEARN_WRITE },
	{ "stat", LEARN_FILE, LEARN_STAT },
	{ "exec", LEARN_EXEC, 0 },
	{ "fork", LEARN_FORK, 0 },
	{ "thread", LEARN_THREAD, 0 },
	{ "load", LEARN_LOAD, 0 },
	{ "inspector", LEARN_INSPECTOR, 0 },
	{ "connect", LEARN_NET, 0 },
	{ "send", LEARN_NET, 0 },
	{ "listen", LEARN_LISTEN, 0 },
	{ "unix", LEARN_UNIX, 0 },
};

struct learn *learn_new(void)
{
	struct learn *learn = calloc(1, sizeof(*learn));

	if (!learn)
		return NULL;
	(void)pthread_mutex_init(&learn->mutex, NULL);
	if (getrandom(&learn->key, sizeof(learn->key), 0) !=
	    (ssize_t)sizeof(learn->key)) {
		free(learn);
		return NULL;
	}
	return learn;
}

static enum learn_kind kind_of(const struct learn_item *item,
			       unsigned *ret_rights)
{
	*ret_rights = 0;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]);
	     i++) {
		if (item->is_hopeless ||
		    strcmp(item->operation, operations[i].name) != 0)
			continue;
		*ret_rights = operations[i].rights;
		return operations[i].kind;
	}
	return LEARN_HOPELESS;
}

/* FNV-1a, keyed. */
static uint64_t hash_of(const struct learn *learn, enum learn_kind kind,
			const char *object)
{
	uint64_t hash = learn->key ^ (uint64_t)kind;

	for (; *object; object++)
		hash = (hash ^ (unsigned char)*object) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

/* Return: its slot, or the free one where it belongs. */
static uint32_t *find_slot(struct learn *learn, enum learn_kind kind,
			   const char *object)
{
	uint64_t hash = hash_of(learn, kind, object);

	for (uint64_t i = hash;; i++) {
		uint32_t *slot = &learn->slots[i % SLOTS];
		const struct learn_entry *entry;

		if (*slot == 0)
			return slot;
		entry = &learn->entries[*slot - 1];
		if (entry->kind == kind && strcmp(entry->object, object) == 0)
			return slot;
	}
}

static struct learn_entry *add_entry(struct learn *learn, uint32_t *slot,
				     enum learn_kind kind,
				     const struct learn_item *item)
{
	struct learn_entry *entry = &learn->entries[learn->n];
	size_t len = strlen(item->object) + 1;
	char *object = NULL;

	if (learn->n < ENTRIES_MAX && len <= TEXT_MAX - learn->text_len)
		object = strdup(item->object);
	if (!object)
		return NULL;
	*entry = (struct learn_entry){ .kind = kind,
				       .object = object,
				       .operation = item->operation,
				       .is_new = item->is_absent,
				       .syscall = item->syscall };
	if (item->comm)
		memcpy(entry->comm, item->comm,
		       strnlen(item->comm, sizeof(entry->comm) - 1));
	learn->text_len += len;
	*slot = (uint32_t)++learn->n;
	return entry;
}

static void note(struct learn *learn, const struct learn_item *item)
{
	unsigned rights;
	enum learn_kind kind = kind_of(item, &rights);
	uint32_t *slot = find_slot(learn, kind, item->object);
	struct learn_entry *entry;

	entry = *slot ? &learn->entries[*slot - 1] :
			add_entry(learn, slot, kind, item);
	if (!entry) {
		learn->n_lost++;
		return;
	}
	entry->n++;
	entry->rights |= rights;
	entry->is_directory |= item->is_directory;
	entry->is_listed |= item->is_directory && (rights & LEARN_READ);
	entry->is_made |= item->is_absent && (rights & LEARN_WRITE);
	entry->is_exclusive |= item->is_exclusive && item->is_absent;
	entry->is_moved |= item->is_moved;
	entry->is_replaced |= !entry->is_new && !item->is_absent &&
			      (item->is_removed || item->is_moved);
}

void learn_note(struct learn *learn, const struct learn_item *item)
{
	(void)pthread_mutex_lock(&learn->mutex);
	note(learn, item);
	(void)pthread_mutex_unlock(&learn->mutex);
}

static int compare(const void *a, const void *b)
{
	const struct learn_entry *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->object, y->object);
}

struct learn_entry *learn_entries(struct learn *learn, size_t *ret_n,
				  uint64_t *ret_lost)
{
	(void)pthread_mutex_lock(&learn->mutex);
	/* The slots point into the order of arrival: none is used again. */
	qsort(learn->entries, learn->n, sizeof(learn->entries[0]), compare);
	memset(learn->slots, 0, sizeof(learn->slots));
	*ret_n = learn->n;
	*ret_lost = learn->n_lost;
	(void)pthread_mutex_unlock(&learn->mutex);
	return learn->entries;
}

void learn_free(struct learn *learn)
{
	if (!learn)
		return;
	for (size_t i = 0; i < learn->n; i++)
		free(learn->entries[i].object);
	(void)pthread_mutex_destroy(&learn->mutex);
	free(learn);
}
