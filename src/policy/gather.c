/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree, a record and the registry to the resources of a manifest. */
#include "policy/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/files.h"
#include "verify/url.h"

static bool is_below(const struct strings *roots, const char *path)
{
	for (size_t i = 0; i < roots->n; i++) {
		const char *root = roots->items[i];
		size_t len = root[1] ? strlen(root) : 0;

		if (strncmp(path, root, len) == 0 && path[len] == '/')
			return true;
	}
	return false;
}

static int find_in_roots(const struct gather *g, struct strings *ret)
{
	for (size_t i = 0; i < g->roots->n; i++) {
		int r = tree_find(g->roots->items[i], g->filter, ret);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; g->registry && i < g->registry->n; i++) {
		const char *path = g->registry->originals[i].path;

		if (is_below(g->roots, path) && strings_add(ret, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What needs no file: a URL that is its own content. */
static int list_url(struct gather *g, const char *url, struct listing *ret)
{
	struct listed *listed;

	if (strncmp(url, "data:", 5) != 0) {
		log_warning("not listed, because its content is not known: %s",
			    url);
		g->n_differing++;
		return 0;
	}
	listed = listing_add(ret, url);
	if (listed)
		listed->kind = LISTED_ANY;
	return listed ? 0 : -ENOMEM;
}

/* A file by its URL, as with a query: the file that is behind it. */
static char *file_behind(const char *url)
{
	_cleanup_free_ char *bare = strndup(url, strcspn(url, "?#"));
	char *path = NULL;

	if (!bare || url_resolve(bare, "/", &path) != 1)
		return NULL;
	return path;
}

/* A recorded object: a path, or a URL with or without a file. */
static int take_object(struct gather *g, const char *object,
		       struct strings *paths, struct listing *ret)
{
	_cleanup_free_ char *identity = NULL;
	_cleanup_free_ char *file = NULL;
	struct listed *listed;

	if (object[0] == '/')
		return strings_add(paths, object);
	if (url_canonical(object, NULL, &identity) != 1)
		return list_url(g, object, ret);
	if (identity[0] == '/')
		return strings_add(paths, identity);
	file = file_behind(object);
	if (!file)
		return list_url(g, identity, ret);
	/* Found again by its kind and its file once that is hashed. */
	listed = listing_add(ret, identity);
	return listed ? strings_add(paths, file) : -ENOMEM;
}

static int find_files(struct gather *g, struct strings *paths,
		      struct listing *ret)
{
	int r = 0;

	if (!g->objects)
		r = find_in_roots(g, paths);
	for (size_t i = 0; r == 0 && g->objects && i < g->objects->n; i++)
		r = take_object(g, g->objects->items[i], paths, ret);
	tree_sort(paths);
	return r;
}

static void differ(struct gather *g, const char *what, const char *path)
{
	log_warning("%s: %s", what, path);
	g->n_differing++;
}

static bool same(const struct digests *a, const struct digests *b,
		 enum algorithm algorithm)
{
	return (a->algorithms & b->algorithms & (1u << algorithm)) &&
	       memcmp(a->value[algorithm], b->value[algorithm],
		      DIGEST_SIZE_MAX) == 0;
}

/* Node.js hashes a package.json without its mark. */
static const struct digests *listed_form(const struct digests *plain,
					 const struct digests *without_bom)
{
	return without_bom->algorithms ? without_bom : plain;
}

/* The registry's bytes count, or what npm itself makes of them. */
static void take_original(struct gather *g, const struct original *original,
			  const struct file *file, struct listed *ret)
{
	ret->kind = LISTED_HASH;
	ret->digests = *listed_form(&original->digests, &original->without_bom);
	if (file->error == -ENOENT || file->error == -ENOTDIR)
		differ(g, "missing, but part of its package", file->path);
	else if (file->error == 0 &&
		 same(&file->digests, &original->without_cr, g->algorithm))
		ret->digests = file->digests;
	else if (file->error < 0 ||
		 !same(&file->digests, &original->digests, g->algorithm))
		differ(g, "differs from the registry", file->path);
}

static bool is_accepted(const struct gather *g, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return strings_match(g->accept, name) || strings_match(g->accept, path);
}

/* Return: 0, also if it is not listed; or -errno. */
static int take_file(struct gather *g, const struct file *file,
		     struct listing *ret)
{
	const struct original *original = NULL;
	enum found found = FOUND_OWN;
	struct listed *listed;

	if (g->registry)
		found = registry_find(g->registry, file->path, &original);
	if (found != FOUND_OWN && is_accepted(g, file->path))
		found = FOUND_OWN;
	if (found == FOUND_STRANGE) {
		differ(g, "not listed, because it is part of no package",
		       file->path);
		return 0;
	}
	if (found == FOUND_OWN && file->error < 0) {
		log_error("cannot read '%s': %s", file->path,
			  files_error(file));
		g->n_differing++;
		return g->objects ? 0 : file->error;
	}
	listed = listing_add(ret, file->path);
	if (!listed)
		return -ENOMEM;
	if (found == FOUND_ORIGINAL) {
		take_original(g, original, file, listed);
		return 0;
	}
	listed->kind = LISTED_HASH;
	listed->digests = *listed_form(&file->digests, &file->without_bom);
	return 0;
}

/* Those of a URL with a query, from their files. */
static void finish_urls(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++) {
		struct listed *item = &listing->items[i];
		_cleanup_free_ char *path = NULL;
		const struct listed *file;

		if (item->kind != LISTED_NOTHING)
			continue;
		path = file_behind(item->path);
		file = path ? listing_find(listing, path) : NULL;
		if (!file)
			continue;
		item->kind = file->kind;
		item->digests = file->digests;
	}
}

int gather_files(struct gather *g, struct listing *ret)
{
	_cleanup_(strings_done) struct strings paths = { 0 };
	_cleanup_free_ struct file *files = NULL;
	int result = 0;
	int r = find_files(g, &paths, ret);

	if (r < 0)
		return r;
	files = calloc(paths.n + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < paths.n; i++) {
		files[i].path = paths.items[i];
		files[i].algorithms = 1u << g->algorithm;
	}
	r = files_hash(files, paths.n, g->jobs, /* is_regular_only= */ true);
	if (r < 0) {
		log_error("cannot hash: %s", strerror(-r));
		return r;
	}
	for (size_t i = 0; i < paths.n; i++) {
		r = take_file(g, &files[i], ret);
		if (r < 0)
			result = r;
	}
	listing_sort(ret);
	finish_urls(ret);
	return result;
}
