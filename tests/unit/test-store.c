/* SPDX-License-Identifier: Apache-2.0 */
/* What sessions share, and its limits. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tap.h"
#include "verify/cache.h"
#include "verify/store.h"

#define KIB 1024u
#define MIB (1024u * KIB)

static int copy_of(size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		abort();
	return fd;
}

static struct stat file(ino_t ino, size_t size)
{
	return (struct stat){ .st_dev = 5,
			      .st_ino = ino,
			      .st_size = (off_t)size,
			      .st_ctim = { 7, 9 } };
}

static ino_t inode_of(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void the_key_is_all_of_it(void)
{
	struct cache *cache = cache_new(8);
	_cleanup_close_ int fd = copy_of(10);
	const struct stat asked = file(1, 10);
	const struct cache_key key = { 1000, &asked, "sha256-x", false };
	struct cache_key other;
	struct stat st;

	cache_add(cache, &key, fd);
	is_int(inode_of(cache_find(cache, &key)), inode_of(fd), "it is found");
	ok(cache_find(cache, &key) != fd, "as a descriptor of its own");
	other = key;
	other.uid++;
	is_int(cache_find(cache, &other), -ENOENT, "not by another user");
	other = key;
	other.wanted = "sha256-y";
	is_int(cache_find(cache, &other), -ENOENT, "not for another hash");
	other = key;
	other.has_text_bom = true;
	is_int(cache_find(cache, &other), -ENOENT, "not for another rule");
	other = key;
	other.file = &st;
	st = asked;
	st.st_dev++;
	is_int(cache_find(cache, &other), -ENOENT, "not on another device");
	st = asked;
	st.st_ino++;
	is_int(cache_find(cache, &other), -ENOENT, "not another file");
	st = asked;
	st.st_size++;
	is_int(cache_find(cache, &other), -ENOENT, "not of another size");
	st = asked;
	st.st_ctim.tv_nsec++;
	is_int(cache_find(cache, &other), -ENOENT, "not when it was changed");
	st = asked;
	st.st_mtim.tv_sec = 99;
	ok(cache_find(cache, &other) >= 0,
	   "what can be set at will does not count");
	cache_free(cache);
}

static void a_copy_that_was_tampered_with_goes(void)
{
	struct cache *cache = cache_new(8);
	_cleanup_close_ int fd = copy_of(10);
	_cleanup_close_ int longer = copy_of(11);
	const struct stat asked = file(1, 10);
	const struct cache_key key = { 1000, &asked, "sha256-x", false };

	cache_add(cache, &key, longer);
	is_int(cache_find(cache, &key), -ENOENT,
	       "a copy of another size is not kept");
	cache_add(cache, &key, fd);
	(void)fchmod(fd, 0);
	is_int(cache_find(cache, &key), -ENOENT, "nor one of another mode");
	is_int(cache_count(cache), 0, "it is gone");
	is_int(cache_bytes(cache), 0, "and its memory");
	cache_free(cache);
}

static void the_longest_unused_goes_first(void)
{
	struct cache *cache = cache_new(3);
	_cleanup_close_ int fd = copy_of(10);
	struct stat files[4];
	struct cache_key keys[4];

	for (ino_t i = 0; i < 4; i++) {
		files[i] = file(i, 10);
		keys[i] = (struct cache_key){ 1, &files[i], "x", false };
	}
	for (int i = 0; i < 3; i++)
		cache_add(cache, &keys[i], fd);
	cache_add(cache, &keys[0], fd);
	is_int(cache_count(cache), 3, "each once");
	(void)cache_find(cache, &keys[0]);
	cache_add(cache, &keys[3], fd);
	is_int(cache_count(cache), 3, "no more than there may be");
	ok(cache_find(cache, &keys[0]) >= 0, "the one just used stays");
	ok(cache_find(cache, &keys[1]) < 0, "the longest unused is gone");
	is_int(cache_bytes(cache), 3 * cache_cost(10), "the bytes of three");
	while (cache_evict(cache))
		;
	is_int(cache_bytes(cache), 0, "none without any");
	cache_free(cache);
	cache = cache_new(0);
	cache_add(cache, &keys[0], fd);
	is_int(cache_count(cache), 0, "none where none may be");
	cache_free(cache);
}

static struct store *store_of(size_t memory, unsigned n, unsigned n_user)
{
	const struct store_limits limits = { memory, 100, n, n_user };
	struct store *store = store_new(&limits);

	if (!store)
		abort();
	return store;
}

static void sessions_are_counted(void)
{
	struct store *store = store_of(8 * MIB, 3, 2);
	struct user *one = store_enter(store, 1);
	struct user *same = store_enter(store, 1);
	struct user *other;

	ok(one && same == one, "two of one user");
	ok(!store_enter(store, 1), "a third is too many for one");
	other = store_enter(store, 2);
	ok(other && store_uid(other) == 2, "another user may");
	ok(!store_enter(store, 3), "a fourth is too many for all");
	is_int(store_count(store), 3, "three");
	store_leave(store, one);
	store_leave(store, same);
	one = store_enter(store, 3);
	ok(one && store_uid(one) == 3, "who has left makes room");
	store_leave(store, one);
	store_leave(store, other);
	store_free(store);
}

static void keep(struct store *store, ino_t ino, size_t size)
{
	_cleanup_close_ int fd = copy_of(size);
	const struct stat st = file(ino, size);
	const struct cache_key key = { 1, &st, "x", false };

	store_keep_snapshot(store, &key, fd);
}

static bool is_kept(struct store *store, ino_t ino, size_t size)
{
	const struct stat st = file(ino, size);
	const struct cache_key key = { 1, &st, "x", false };
	_cleanup_close_ int fd = store_find_snapshot(store, &key);

	return fd >= 0;
}

static void memory_is_bounded(void)
{
	struct store *store = store_of(8 * MIB, 3, 3);
	size_t size = MIB - 4 * KIB;

	for (ino_t i = 0; i < 20; i++)
		keep(store, i, size);
	ok(store_used(store) <= 8 * MIB && store_used(store) > 6 * MIB,
	   "snapshots up to the limit");
	ok(is_kept(store, 19, size) && !is_kept(store, 0, size),
	   "the latest of them");
	keep(store, 50, 5 * MIB);
	ok(!is_kept(store, 50, 5 * MIB), "none that throws out all others");
	is_int(store_hold(store, 6 * MIB), 0, "a manifest");
	ok(store_used(store) <= 8 * MIB, "for which they make room");
	is_int(store_hold(store, 3 * MIB), -ENOSPC, "and one too much");
	keep(store, 60, MIB);
	ok(store_used(store) <= 8 * MIB, "still bounded");
	store_unhold(store, 6 * MIB);
	is_int(store_hold(store, 8 * MIB), 0, "room is given back");
	keep(store, 70, MIB);
	is_int(store_used(store), 8 * MIB, "nothing is kept beyond the limit");
	store_unhold(store, 8 * MIB);
	is_int(store_used(store), 0, "nothing is left");
	store_free(store);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void large_copies_take_turns(void)
{
	struct store *store = store_of(8 * MIB, 4, 4);
	struct user *user = store_enter(store, 1);
	double start = seconds();

	is_int(store_begin_copy(store, user, 100 * MIB), 0,
	       "alone any size goes");
	is_int(store_begin_copy(store, user, 100 * KIB), 0,
	       "a small one always");
	is_int(store_begin_copy(store, user, 2 * MIB), -EBUSY,
	       "another large one does not");
	ok(seconds() - start > 1 && seconds() - start < 4,
	   "within the supervisor's patience");
	store_end_copy(store, user, 100 * KIB);
	store_end_copy(store, user, 100 * MIB);
	is_int(store_begin_copy(store, user, 5 * MIB), 0, "two that fit");
	is_int(store_begin_copy(store, user, 3 * MIB), 0, "both");
	store_end_copy(store, user, 5 * MIB);
	store_end_copy(store, user, 3 * MIB);
	is_int(store_used(store), 0, "nothing is left");
	store_leave(store, user);
	store_free(store);
}

static void nobody_takes_all_of_the_turns(void)
{
	struct store *store = store_of(8 * MIB, 4, 2);
	struct user *greedy = store_enter(store, 1);
	struct user *other = store_enter(store, 2);

	is_int(store_begin_copy(store, greedy, 3 * MIB), 0, "one");
	is_int(store_begin_copy(store, greedy, 3 * MIB), -EBUSY,
	       "more than half for one user");
	is_int(store_begin_copy(store, other, 3 * MIB), 0, "not for another");
	store_end_copy(store, greedy, 3 * MIB);
	store_end_copy(store, other, 3 * MIB);
	store_leave(store, greedy);
	store_leave(store, other);
	store_free(store);
}

static struct loaded *loaded(unsigned char first, const char *directory)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));

	loaded->index = -1;
	loaded->digests.algorithms = 1u << ALGORITHM_SHA256;
	loaded->digests.value[ALGORITHM_SHA256][0] = first;
	loaded->directory = strdup(directory);
	loaded->held = KIB;
	return loaded;
}

static void manifests_are_shared(void)
{
	struct store *store = store_of(8 * MIB, 4, 4);
	struct user *user = store_enter(store, 1);
	struct user *other = store_enter(store, 2);
	struct loaded *first, *again;
	struct digests digests;

	(void)store_hold(store, KIB);
	first = store_share_manifest(store, user, loaded(1, "/a"));
	digests = first->digests;
	again = store_find_manifest(store, user, &digests, "/a");
	ok(again == first, "the same text in the same directory");
	ok(!store_find_manifest(store, user, &digests, "/b"),
	   "not in another directory");
	ok(!store_find_manifest(store, other, &digests, "/a"),
	   "not for another user");
	digests.value[ALGORITHM_SHA256][31] = 1;
	ok(!store_find_manifest(store, user, &digests, "/a"),
	   "not another text");
	store_drop_manifest(store, again);
	(void)store_hold(store, KIB);
	again = store_share_manifest(store, user, loaded(1, "/a"));
	ok(again == first, "who comes second takes what is there");
	is_int(store_used(store), KIB, "and holds no memory twice");
	store_drop_manifest(store, first);
	is_int(store_used(store), KIB, "it stays for the last");
	store_drop_manifest(store, again);
	is_int(store_used(store), 0, "and goes with it");
	store_leave(store, user);
	store_leave(store, other);
	store_free(store);
}

int main(void)
{
	the_key_is_all_of_it();
	a_copy_that_was_tampered_with_goes();
	the_longest_unused_goes_first();
	sessions_are_counted();
	memory_is_bounded();
	large_copies_take_turns();
	nobody_takes_all_of_the_turns();
	manifests_are_shared();
	return done();
}
