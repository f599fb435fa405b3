/* SPDX-License-Identifier: Apache-2.0 */
/* Looking things up in a loaded manifest. */
#include "verify/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/scopes.h"

void resource_done(struct resource *resource)
{
	free(resource->path);
	free(resource->key);
	integrity_done(&resource->integrity);
	dependencies_done(&resource->dependencies);
	*resource = (struct resource){ 0 };
}

void scope_done(struct scope *scope)
{
	free(scope->path);
	free(scope->key);
	dependencies_done(&scope->dependencies);
	*scope = (struct scope){ 0 };
}

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	for (size_t i = 0; i < manifest->n_resources; i++)
		resource_done(&manifest->resources[i]);
	for (size_t i = 0; i < manifest->n_openings; i++)
		resource_done(&manifest->openings[i]);
	for (size_t i = 0; i < manifest->n_scopes; i++)
		scope_done(&manifest->scopes[i]);
	dependencies_done(&manifest->dependencies);
	free(manifest->resources);
	free(manifest->openings);
	free(manifest->scopes);
	free(manifest);
}

static int compare_resource(const void *key, const void *item)
{
	return strcmp(key, ((const struct resource *)item)->path);
}

const struct resource *manifest_find(const struct manifest *manifest,
				     const char *identity)
{
	if (manifest->n_resources == 0)
		return NULL;
	return bsearch(identity, manifest->resources, manifest->n_resources,
		       sizeof(*manifest->resources), compare_resource);
}

/* The innermost scope around it that does not hand the decision on. */
static const struct scope *deciding_scope(const struct manifest *manifest,
					  const char *identity)
{
	const struct scope *scope;
	struct scope_walk walk;

	scope_walk_start(&walk, identity);
	do
		scope = scope_walk_next(&walk, manifest);
	while (scope && scope->kind == SCOPE_CASCADES);
	return scope;
}

enum answer manifest_decide_by(const struct manifest *manifest,
			       const char *identity,
			       const struct resource **ret,
			       const struct scope **ret_scope)
{
	const struct resource *resource = manifest_find(manifest, identity);

	*ret = resource;
	*ret_scope = NULL;
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
	*ret_scope = deciding_scope(manifest, identity);
	if (*ret_scope && (*ret_scope)->kind == SCOPE_ACCEPTS)
		return ANSWER_ANY;
	return resource ? ANSWER_REFUSED : ANSWER_UNLISTED;
}

enum answer manifest_decide(const struct manifest *manifest, const char *path,
			    const struct resource **ret)
{
	const struct scope *scope;
	enum answer answer = manifest_decide_by(manifest, path, ret, &scope);

	if (answer != ANSWER_UNLISTED)
		return answer;
	*ret = manifest_find_opening(manifest, path);
	if (!*ret)
		return ANSWER_UNLISTED;
	return (*ret)->kind == RESOURCE_ANY ? ANSWER_ANY : ANSWER_HASHES;
}

/* Only those that an open could be of. */
static bool is_file(const struct resource *resource)
{
	const char *path = resource->path;

	return path[0] == '/' && path[strlen(path) - 1] != '/';
}

static char *add_record(char *p, const struct resource *resource)
{
	*p++ = (char)resource->kind;
	return stpcpy(p, resource->path) + 1;
}

int manifest_index(const struct manifest *manifest, char **ret, size_t *ret_len)
{
	size_t len = 0;
	char *p;

	for (size_t i = 0; i < manifest->n_resources; i++)
		if (is_file(&manifest->resources[i]))
			len += 2 + strlen(manifest->resources[i].path);
	for (size_t i = 0; i < manifest->n_openings; i++)
		len += 2 + strlen(manifest->openings[i].path);
	p = malloc(len + 1);
	if (!p)
		return -ENOMEM;
	*ret = p;
	*ret_len = len;
	for (size_t i = 0; i < manifest->n_resources; i++)
		if (is_file(&manifest->resources[i]))
			p = add_record(p, &manifest->resources[i]);
	for (size_t i = 0; i < manifest->n_openings; i++)
		p = add_record(p, &manifest->openings[i]);
	return 0;
}

/* Does each question about a parent with these end in "as usual"? */
static bool is_free(const struct dependencies *dependencies, bool cascades,
		    bool is_outside_free)
{
	return dependencies->kind == DEPENDENCIES_ANY ||
	       (dependencies->kind == DEPENDENCIES_NONE && cascades &&
		is_outside_free);
}

bool manifest_limits_dependencies(const struct manifest *manifest)
{
	bool is_outside_free = manifest->dependencies.kind == DEPENDENCIES_ANY;

	/* It speaks of files only. In Node.js nothing could be required. */
	if (!manifest->has_dependencies)
		return false;
	for (size_t i = 0; i < manifest->n_scopes; i++)
		if (!is_free(&manifest->scopes[i].dependencies,
			     manifest->scopes[i].cascades,
			     manifest->dependencies.kind == DEPENDENCIES_ANY))
			return true;
	if (manifest->n_scopes == 0 && manifest->n_resources == 0)
		return !is_outside_free;
	is_outside_free |= manifest->n_scopes > 0;
	for (size_t i = 0; i < manifest->n_resources; i++)
		if (!is_free(&manifest->resources[i].dependencies,
			     manifest->resources[i].cascades, is_outside_free))
			return true;
	return false;
}

void manifest_notes(const struct manifest *manifest, char *ret, size_t size)
{
	ret[0] = '\0';
	if (manifest->n_foreign > 0)
		(void)snprintf(
			ret, size,
			"%zu of its keys name no file: only Node.js can ask about them",
			manifest->n_foreign);
}
