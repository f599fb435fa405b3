/* SPDX-License-Identifier: Apache-2.0 */
/* One lock around all that is shared; nothing slow happens under it. */
#include "verify/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "verify/manifest.h"

/* A session has one copy in hand: small ones are few enough. */
#define SMALL (1u << 20)
/* Within the supervisor's patience, see supervise/session.c. */
#define WAIT_S 2

struct user {
	uid_t uid;
	unsigned n_sessions; /* 0: the row is free */
	size_t copying; /* bytes of large copies */
};

struct store {
	struct store_limits limits;
	pthread_mutex_t lock;
	pthread_cond_t copied;
	struct user *users; /* one row for each session at most */
	unsigned n_sessions;
	struct loaded *manifests;
	struct cache *cache;
	size_t held; /* by manifests */
	size_t copying; /* by large copies of all users */
};

struct store *store_new(const struct store_limits *limits)
{
	struct store *store = calloc(1, sizeof(*store));
	pthread_condattr_t attributes;

	if (!store)
		return NULL;
	store->limits = *limits;
	(void)pthread_mutex_init(&store->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&store->copied, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	store->users = calloc(limits->n_sessions, sizeof(*store->users));
	store->cache = cache_new(limits->n_snapshots);
	if (!store->users || !store->cache) {
		store_free(store);
		return NULL;
	}
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	cache_free(store->cache);
	free(store->users);
	(void)pthread_cond_destroy(&store->copied);
	(void)pthread_mutex_destroy(&store->lock);
	free(store);
}

static void lock(struct store *store)
{
	if (pthread_mutex_lock(&store->lock) != 0)
		abort();
}

static void unlock(struct store *store)
{
	(void)pthread_mutex_unlock(&store->lock);
}

static struct user *find_user(struct store *store, uid_t uid)
{
	struct user *unused = NULL;

	for (unsigned i = 0; i < store->limits.n_sessions; i++) {
		struct user *user = &store->users[i];

		if (user->n_sessions > 0 && user->uid == uid)
			return user;
		if (user->n_sessions == 0 && !unused)
			unused = user;
	}
	if (unused)
		*unused = (struct user){ .uid = uid };
	return unused;
}

struct user *store_enter(struct store *store, uid_t uid)
{
	struct user *user = NULL;

	lock(store);
	if (store->n_sessions < store->limits.n_sessions)
		user = find_user(store, uid);
	if (user && user->n_sessions >= store->limits.n_user_sessions)
		user = NULL;
	if (user) {
		user->n_sessions++;
		store->n_sessions++;
	}
	unlock(store);
	return user;
}

void store_leave(struct store *store, struct user *user)
{
	lock(store);
	user->n_sessions--;
	store->n_sessions--;
	unlock(store);
}

unsigned store_count(struct store *store)
{
	unsigned n;

	lock(store);
	n = store->n_sessions;
	unlock(store);
	return n;
}

uid_t store_uid(const struct user *user)
{
	return user->uid;
}

static size_t used(const struct store *store)
{
	return store->held + store->copying + cache_bytes(store->cache);
}

size_t store_used(struct store *store)
{
	size_t n;

	lock(store);
	n = used(store);
	unlock(store);
	return n;
}

/* Snapshots give way to what is needed now. */
static void make_room(struct store *store, size_t size)
{
	while (used(store) + size > store->limits.memory &&
	       cache_evict(store->cache))
		;
}

int store_hold(struct store *store, size_t size)
{
	int r = -ENOSPC;

	lock(store);
	if (size <= store->limits.memory &&
	    store->held <= store->limits.memory - size) {
		make_room(store, size);
		store->held += size;
		r = 0;
	}
	unlock(store);
	return r;
}

void store_unhold(struct store *store, size_t size)
{
	lock(store);
	store->held -= size;
	unlock(store);
}

void loaded_free(struct loaded *loaded)
{
	if (!loaded)
		return;
	if (loaded->index >= 0)
		(void)close(loaded->index);
	manifest_free(loaded->manifest);
	free(loaded->directory);
	free(loaded);
}

static struct loaded *find_manifest(const struct store *store, uid_t uid,
				    const struct digests *digests,
				    const char *directory)
{
	for (struct loaded *at = store->manifests; at; at = at->next)
		if (at->uid == uid &&
		    digests->algorithms == 1u << ALGORITHM_SHA256 &&
		    memcmp(at->digests.value[ALGORITHM_SHA256],
			   digests->value[ALGORITHM_SHA256], 32) == 0 &&
		    strcmp(at->directory, directory) == 0)
			return at;
	return NULL;
}

struct loaded *store_find_manifest(struct store *store, const struct user *user,
				   const struct digests *digests,
				   const char *directory)
{
	struct loaded *found;

	lock(store);
	found = find_manifest(store, user->uid, digests, directory);
	if (found)
		found->n_users++;
	unlock(store);
	return found;
}

struct loaded *store_share_manifest(struct store *store,
				    const struct user *user,
				    struct loaded *loaded)
{
	struct loaded *found;

	lock(store);
	found = find_manifest(store, user->uid, &loaded->digests,
			      loaded->directory);
	if (found) {
		store->held -= loaded->held;
	} else {
		loaded->uid = user->uid;
		loaded->next = store->manifests;
		store->manifests = loaded;
	}
	(found ? found : loaded)->n_users++;
	unlock(store);
	if (!found)
		return loaded;
	loaded_free(loaded);
	return found;
}

void store_drop_manifest(struct store *store, struct loaded *loaded)
{
	bool is_last;

	if (!loaded)
		return;
	lock(store);
	is_last = --loaded->n_users == 0;
	if (is_last) {
		struct loaded **at = &store->manifests;

		while (*at != loaded)
			at = &(*at)->next;
		*at = loaded->next;
		store->held -= loaded->held;
	}
	unlock(store);
	if (is_last)
		loaded_free(loaded);
}

int store_find_snapshot(struct store *store, const struct cache_key *key)
{
	int fd;

	lock(store);
	fd = cache_find(store->cache, key);
	/* Its own: it may be thrown away before this one is sent. */
	if (fd >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	unlock(store);
	return fd < 0 ? -ENOENT : fd;
}

void store_keep_snapshot(struct store *store, const struct cache_key *key,
			 int fd)
{
	size_t cost = cache_cost((size_t)key->file->st_size);

	/* A few large ones must not throw everything else out. */
	if (cost > store->limits.memory / 4)
		return;
	lock(store);
	make_room(store, cost);
	if (used(store) + cost <= store->limits.memory)
		cache_add(store->cache, key, fd);
	unlock(store);
}

/* Alone any size goes; a user among others has half of the memory. */
static bool may_copy(const struct store *store, const struct user *user,
		     size_t size)
{
	size_t memory = store->limits.memory;
	bool is_one_user = store->limits.n_user_sessions >=
			   store->limits.n_sessions;

	if (store->copying == 0)
		return true;
	return size <= memory && store->copying <= memory - size &&
	       (is_one_user ||
		(size <= memory / 2 && user->copying <= memory / 2 - size));
}

int store_begin_copy(struct store *store, struct user *user, size_t size)
{
	struct timespec until;
	int r = 0;

	if (size <= SMALL)
		return 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_S;
	lock(store);
	while (!may_copy(store, user, size) && r == 0)
		r = pthread_cond_timedwait(&store->copied, &store->lock,
					   &until);
	if (may_copy(store, user, size)) {
		make_room(store, size);
		store->copying += size;
		user->copying += size;
		r = 0;
	} else {
		r = -EBUSY;
	}
	unlock(store);
	return r;
}

void store_end_copy(struct store *store, struct user *user, size_t size)
{
	if (size <= SMALL)
		return;
	lock(store);
	store->copying -= size;
	user->copying -= size;
	(void)pthread_cond_broadcast(&store->copied);
	unlock(store);
}
