/* SPDX-License-Identifier: Apache-2.0 */
/* The files of verified tarballs, by the place where npm installs them. */
#include "policy/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/code.h"
#include "policy/tarball.h"

/* As much of a program as npm looks at. */
#define FIRST_LINE_MAX 2048

/* One tarball on its way into the registry. */
struct unpacking {
	struct registry *registry;
	const struct package *package;
	const struct tree_filter *filter;
	struct hashing *hashing;
};

static struct original *add(struct registry *registry)
{
	struct original *more;

	if ((registry->n & (registry->n - 1)) == 0) {
		more = reallocarray(registry->originals,
				    registry->n ? 2 * registry->n : 1,
				    sizeof(*more));
		if (!more)
			return NULL;
		registry->originals = more;
	}
	more = &registry->originals[registry->n];
	*more = (struct original){ .order = registry->n };
	return more;
}

static int hash_without_bom(struct unpacking *u, const char *bytes, size_t len,
			    struct original *ret)
{
	const char *slash = strrchr(ret->path, '/');

	if (strcmp(slash, "/package.json") != 0 || len < 3 ||
	    memcmp(bytes, "\xef\xbb\xbf", 3) != 0)
		return 0;
	return hash_buffer(u->hashing, 1u << u->registry->algorithm, bytes + 3,
			   len - 3, &ret->without_bom);
}

/* "#!/usr/bin/env node\r\n": the kernel would look for "node\r". */
static int hash_without_cr(struct unpacking *u, const char *bytes, size_t len,
			   struct original *ret)
{
	size_t max = len < FIRST_LINE_MAX ? len : FIRST_LINE_MAX;
	const char *end = memchr(bytes, '\n', max);
	size_t at = end ? (size_t)(end - bytes) : 0;
	int r;

	if (at < 4 || bytes[at - 1] != '\r' || memcmp(bytes, "#!", 2) != 0)
		return 0;
	r = hashing_begin(u->hashing, 1u << u->registry->algorithm);
	if (r == 0)
		r = hashing_update(u->hashing, bytes, at - 1);
	if (r == 0)
		r = hashing_update(u->hashing, end, len - at);
	return r < 0 ? r : hashing_end(u->hashing, &ret->without_cr);
}

/* Its mode does not count: npm makes programs executable that are not. */
static bool is_code(const struct unpacking *u, const char *path,
		    const char *bytes, size_t len)
{
	const char *directory = u->registry->lock->directory;

	return tree_is_code(u->filter, directory, path) ||
	       code_is_start(bytes, len);
}

static int take_file(void *context, const char *name, const char *bytes,
		     size_t len)
{
	struct unpacking *u = context;
	_cleanup_free_ char *path = NULL;
	struct original *original;
	int r;

	if (asprintf(&path, "%s/%s", u->package->path, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	if (!is_code(u, path, bytes, len) ||
	    tree_is_excluded(u->filter, u->registry->lock->directory, path))
		return 0;
	original = add(u->registry);
	if (!original)
		return -ENOMEM;
	original->path = take_ptr(&path);
	u->registry->n++;
	r = hash_buffer(u->hashing, 1u << u->registry->algorithm, bytes, len,
			&original->digests);
	if (r == 0)
		r = hash_without_bom(u, bytes, len, original);
	return r < 0 ? r : hash_without_cr(u, bytes, len, original);
}

/* Return: 1 if all of its files are known now, 0 if not, or -errno. */
static int unpack(struct unpacking *u, const char *cache, bool is_strict)
{
	struct registry *registry = u->registry;
	_cleanup_free_ char *bytes = NULL;
	const char *reason = NULL;
	size_t len;
	int r = !u->package->integrity ?
			-EOPNOTSUPP :
			tarball_find(cache, u->package->integrity, u->hashing,
				     &bytes, &len);

	if (r == 0) {
		r = tarball_read(bytes, len, take_file, u);
		if (r < 0)
			log_error("that is the one of '%s'", u->package->path);
		return r < 0 ? r : 1;
	}
	if (r == -ENOENT || r == -ENOTDIR) {
		registry->n_uncached++;
		reason = "no tarball in the cache";
	} else if (r == -EOPNOTSUPP) {
		registry->n_unhashed++;
		reason = "the lock has no hash for it, or only SHA-1";
	} else if (r == -EBADMSG) {
		registry->n_damaged++;
		reason = "its tarball in the cache has another content";
	} else {
		log_error("cannot read the tarball of '%s': %s",
			  u->package->path, strerror(-r));
		return r;
	}
	if (is_strict)
		log_error("not verified: %s: %s", u->package->path, reason);
	return 0;
}

/* Return: 1, 0 to leave it out, or -ENOENT: it belongs there. */
static int is_there(const struct package *package)
{
	struct stat st;

	if (lstat(package->path, &st) == 0)
		return 1;
	return package->is_optional ? 0 : -ENOENT;
}

static int compare(const void *left, const void *right)
{
	const struct original *a = left;
	const struct original *b = right;
	int order = strcmp(a->path, b->path);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void original_done(struct original *original)
{
	free(original->path);
	*original = (struct original){ 0 };
}

static void sort(struct registry *registry)
{
	struct original *items = registry->originals;
	size_t n = 0;

	if (registry->n == 0)
		return;
	qsort(items, registry->n, sizeof(*items), compare);
	for (size_t i = 1; i < registry->n; i++) {
		if (strcmp(items[n].path, items[i].path) == 0)
			original_done(&items[n]);
		else
			n++;
		items[n] = items[i];
	}
	registry->n = n + 1;
}

static int load_all(struct registry *registry, const char *cache,
		    const struct tree_filter *filter, bool is_strict,
		    struct hashing *hashing)
{
	const struct lock *lock = registry->lock;
	struct unpacking u = { registry, NULL, filter, hashing };

	for (size_t i = 0; i < lock->n; i++) {
		int r = is_there(&lock->packages[i]);

		u.package = &lock->packages[i];
		if (r == 0)
			continue;
		if (r < 0) {
			log_warning("not installed: %s", u.package->path);
			registry->n_missing++;
		}
		r = unpack(&u, cache, is_strict);
		if (r < 0)
			return r;
		registry->is_verified[i] = r > 0;
	}
	sort(registry);
	return 0;
}

int registry_load(const struct lock *lock, const char *cache,
		  const struct tree_filter *filter, bool is_strict,
		  struct registry *ret)
{
	struct hasher *hasher = hasher_new();
	struct hashing *hashing = hasher ? hashing_new(hasher) : NULL;
	int r = hasher ? -ENOMEM : -EIO;

	ret->lock = lock;
	ret->is_verified = calloc(lock->n + 1, sizeof(*ret->is_verified));
	if (hashing && ret->is_verified)
		r = load_all(ret, cache, filter, is_strict, hashing);
	hashing_free(hashing);
	hasher_free(hasher);
	return r;
}

static int compare_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct original *)item)->path);
}

enum found registry_find(const struct registry *registry, const char *path,
			 const struct original **ret)
{
	const struct lock *lock = registry->lock;
	const struct package *package = lock_package(lock, path);

	*ret = NULL;
	if (!package)
		return lock_is_stray(lock, path) ? FOUND_STRANGE : FOUND_OWN;
	if (!registry->is_verified[package - lock->packages])
		return FOUND_OWN;
	if (registry->n > 0)
		*ret = bsearch(path, registry->originals, registry->n,
			       sizeof(*registry->originals), compare_path);
	return *ret ? FOUND_ORIGINAL : FOUND_STRANGE;
}

void registry_done(struct registry *registry)
{
	for (size_t i = 0; i < registry->n; i++)
		original_done(&registry->originals[i]);
	free(registry->originals);
	free(registry->is_verified);
	*registry = (struct registry){ 0 };
}
