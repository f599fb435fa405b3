/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in a loaded manifest. */
#include "verify/manifest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	for (size_t i = 0; i < manifest->n_resources; i++) {
		free(manifest->resources[i].path);
		integrity_done(&manifest->resources[i].integrity);
	}
	for (size_t i = 0; i < manifest->n_scopes; i++)
		free(manifest->scopes[i].path);
	free(manifest->resources);
	free(manifest->scopes);
	free(manifest);
}

static int compare_resource(const void *key, const void *item)
{
	return strcmp(key, ((const struct resource *)item)->path);
}

const struct resource *manifest_find(const struct manifest *manifest,
				     const char *path)
{
	if (manifest->n_resources == 0)
		return NULL;
	return bsearch(path, manifest->resources, manifest->n_resources,
		       sizeof(*manifest->resources), compare_resource);
}

struct prefix {
	const char *text;
	size_t len;
};

static int compare_scope(const void *key, const void *item)
{
	const struct prefix *prefix = key;
	const struct scope *scope = item;
	int r = strncmp(prefix->text, scope->path, prefix->len);

	if (r != 0)
		return r;
	return scope->path[prefix->len] == '\0' ? 0 : -1;
}

static const struct scope *find_scope(const struct manifest *manifest,
				      const char *text, size_t len)
{
	struct prefix prefix = { text, len };

	if (manifest->n_scopes == 0)
		return NULL;
	return bsearch(&prefix, manifest->scopes, manifest->n_scopes,
		       sizeof(*manifest->scopes), compare_scope);
}

/* The innermost scope around @path that does not hand the decision on. */
static const struct scope *deciding_scope(const struct manifest *manifest,
					  const char *path)
{
	static const char *const outer[] = { "file:", "" };
	char dir[PATH_MAX + 1];
	int n = snprintf(dir, sizeof(dir), "%s/", path);
	const struct scope *scope;

	if (n < 0 || (size_t)n >= sizeof(dir))
		return NULL;
	/* Node.js starts with the file itself taken as a directory. */
	for (size_t len = (size_t)n; len > 0;) {
		scope = find_scope(manifest, dir, len);
		if (scope && scope->kind != SCOPE_CASCADES)
			return scope;
		do
			len--;
		while (len > 0 && dir[len - 1] != '/');
	}
	for (size_t i = 0; i < 2; i++) {
		scope = find_scope(manifest, outer[i], strlen(outer[i]));
		if (scope && scope->kind != SCOPE_CASCADES)
			return scope;
	}
	return NULL;
}

enum answer manifest_decide(const struct manifest *manifest, const char *path,
			    const struct resource **ret)
{
	const struct resource *resource = manifest_find(manifest, path);
	const struct scope *scope;

	*ret = resource;
	if (resource) {
		switch (resource->kind) {
		case RESOURCE_HASHES:
			return ANSWER_HASHES;
		case RESOURCE_ANY:
			return ANSWER_ANY;
		case RESOURCE_NOTHING:
			return ANSWER_REFUSED;
		case RESOURCE_SCOPES:
			break;
		}
	}
	scope = deciding_scope(manifest, path);
	if (scope && scope->kind == SCOPE_ACCEPTS)
		return ANSWER_ANY;
	return resource ? ANSWER_REFUSED : ANSWER_UNLISTED;
}

int manifest_index(const struct manifest *manifest, char **ret, size_t *ret_len)
{
	size_t len = 0;
	char *p;

	for (size_t i = 0; i < manifest->n_resources; i++)
		len += 2 + strlen(manifest->resources[i].path);
	p = malloc(len + 1);
	if (!p)
		return -ENOMEM;
	*ret = p;
	*ret_len = len;
	for (size_t i = 0; i < manifest->n_resources; i++) {
		*p++ = (char)manifest->resources[i].kind;
		p = stpcpy(p, manifest->resources[i].path) + 1;
	}
	return 0;
}

void manifest_notes(const struct manifest *manifest, char *ret, size_t size)
{
	int n = 0;

	ret[0] = '\0';
	if (manifest->n_foreign > 0)
		n = snprintf(ret, size,
			     "%zu of its keys name no file and never match",
			     manifest->n_foreign);
	if (manifest->has_dependency_maps && n >= 0 && (size_t)n < size)
		(void)snprintf(
			ret + n, size - (size_t)n,
			"%sits dependency maps are not enforced in this version",
			n > 0 ? "; " : "");
}
