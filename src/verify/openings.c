/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the manifest lists with a query or a fragment only. Their loader
 * knows which it was and asks about the URL; an open is of the file alone, and
 * has to be of one of the contents that any of those URLs may have.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/manifest.h"
#include "verify/url.h"

/* The file of "file:/a.mjs?b". Return: 1; 0: it has none, or another entry. */
static int file_of(const struct manifest *manifest,
		   const struct resource *resource, char **ret)
{
	_cleanup_free_ char *url = NULL;
	_cleanup_free_ char *path = NULL;
	int r;

	if (strncmp(resource->path, "file:/", 6) != 0 ||
	    (resource->kind != RESOURCE_HASHES &&
	     resource->kind != RESOURCE_ANY))
		return 0;
	url = strndup(resource->path, strcspn(resource->path, "?#"));
	if (!url)
		return -ENOMEM;
	r = url_canonical(url, NULL, &path);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (path[0] != '/' || path[strlen(path) - 1] == '/' ||
	    manifest_find(manifest, path))
		return 0;
	*ret = take_ptr(&path);
	return 1;
}

static struct resource *find(struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->n_openings; i++)
		if (strcmp(manifest->openings[i].path, path) == 0)
			return &manifest->openings[i];
	return NULL;
}

/* The contents of @more are good as well. */
static int add_integrity(struct resource *opening, const struct resource *more)
{
	_cleanup_free_ char *text = NULL;
	struct integrity both = { 0 };
	struct integrity_error err;
	const char *before = opening->integrity.text;
	int r;

	if (more->kind == RESOURCE_ANY)
		opening->kind = RESOURCE_ANY;
	if (opening->kind == RESOURCE_ANY)
		return 0;
	if (asprintf(&text, "%s%s%s", before ? before : "", before ? " " : "",
		     more->integrity.text) < 0)
		return -ENOMEM;
	r = integrity_parse(text, &both, &err);
	if (r < 0)
		return r;
	integrity_done(&opening->integrity);
	opening->integrity = both;
	return 0;
}

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct resource *)left)->path,
		      ((const struct resource *)right)->path);
}

static int compare_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct resource *)item)->path);
}

int manifest_make_openings(struct manifest *manifest)
{
	int r = 0;

	manifest->openings =
		calloc(manifest->n_foreign + 1, sizeof(*manifest->openings));
	if (!manifest->openings)
		return -ENOMEM;
	for (size_t i = 0; i < manifest->n_resources && r >= 0; i++) {
		_cleanup_free_ char *path = NULL;
		struct resource *opening;

		r = file_of(manifest, &manifest->resources[i], &path);
		if (r <= 0)
			continue;
		opening = find(manifest, path);
		if (!opening) {
			opening = &manifest->openings[manifest->n_openings++];
			opening->path = take_ptr(&path);
			opening->kind = RESOURCE_HASHES;
		}
		r = add_integrity(opening, &manifest->resources[i]);
	}
	qsort(manifest->openings, manifest->n_openings,
	      sizeof(*manifest->openings), compare);
	return r < 0 ? r : 0;
}

const struct resource *manifest_find_opening(const struct manifest *manifest,
					     const char *path)
{
	if (manifest->n_openings == 0)
		return NULL;
	return bsearch(path, manifest->openings, manifest->n_openings,
		       sizeof(*manifest->openings), compare_path);
}
