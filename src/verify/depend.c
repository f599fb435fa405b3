/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency decisions: (parent, specifier, conditions) to a target. */
#include "verify/depend.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/manifest.h"
#include "verify/scopes.h"
#include "verify/url.h"
#include "verify/url_parts.h"

/* Without "node:" these are packages of other people. */
static bool is_prefix_only(const char *name)
{
	static const char *const names[] = { "test", "sqlite", "sea", "vfs",
					     "ffi" };
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    strncmp(names[i], name, len) == 0)
			return true;
	return false;
}

/* A reference from a module that is no file: "https://host/lib" + "./x". */
static int join(const char *directory, const char *specifier, char **ret)
{
	const char *host = strstr(directory, "://");
	size_t len = strlen(directory);

	if (specifier[0] == '/' && host)
		len = (size_t)(host + 3 - directory) + strcspn(host + 3, "/");
	if (asprintf(ret, "%.*s/%s", (int)len, directory,
		     specifier[0] == '/' ? specifier + 1 : specifier) < 0)
		return -ENOMEM;
	return 0;
}

char *depend_specifier(const char *specifier, const char *directory)
{
	static const char builtin[] = "node:";
	_cleanup_free_ char *joined = NULL;
	char *identity = NULL;
	bool is_relative = url_is_relative(specifier);
	int r = 0;

	if (is_relative && directory && directory[0] != '/')
		r = join(directory, specifier, &joined);
	if (r == 0)
		r = url_canonical(joined ? joined : specifier, directory,
				  &identity);
	if (r == -ENOMEM)
		return NULL;
	/* Without a place to start from it is no path, though it looks so. */
	if (r != 1 && is_relative)
		return asprintf(&identity, "\n%s", specifier) < 0 ? NULL :
								    identity;
	if (r != 1)
		return strdup(specifier);
	if (strncmp(identity, builtin, strlen(builtin)) == 0 &&
	    !is_prefix_only(identity + strlen(builtin)))
		memmove(identity, identity + strlen(builtin),
			strlen(identity) - strlen(builtin) + 1);
	return identity;
}

static int compare(const void *key, const void *item)
{
	return strcmp(key, ((const struct dependency *)item)->specifier);
}

const struct target *depend_find(const struct dependencies *dependencies,
				 const char *specifier)
{
	const struct dependency *found;

	if (dependencies->kind != DEPENDENCIES_MAP || dependencies->n == 0)
		return NULL;
	found = bsearch(specifier, dependencies->items, dependencies->n,
			sizeof(*dependencies->items), compare);
	return found ? &found->target : NULL;
}

/* Is @name one of the comma-separated @list? */
static bool is_active(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; *at != '\0';) {
		size_t n = strcspn(at, ",");

		if (n == len && strncmp(at, name, len) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

/* What one question needs on its way through the targets. */
struct question {
	const struct manifest *manifest;
	char *specifier; /* canonical */
	const char *conditions;
};

/* Return: false if no condition of it is active. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as a manifest may be */
static bool follow(const struct question *q, const struct target *target,
		   bool is_top, struct resolution *ret)
{
	const struct target *top;

	switch (target->kind) {
	case TARGET_URL:
		ret->kind = RESOLUTION_REDIRECT;
		ret->url = target->url;
		return true;
	case TARGET_NO_URL:
		ret->kind = RESOLUTION_INVALID;
		ret->code = "ERR_INVALID_URL";
		return true;
	case TARGET_FAILS:
		ret->kind = RESOLUTION_INVALID;
		ret->code = "ERR_MANIFEST_INVALID_RESOURCE_FIELD";
		return true;
	case TARGET_DEFAULT:
		/* The page: true uses the field at the top of the file. */
		ret->kind = RESOLUTION_DEFAULT;
		top = is_top ? NULL :
			       depend_find(&q->manifest->dependencies,
					   q->specifier);
		return top ? follow(q, top, true, ret) : true;
	case TARGET_CONDITIONS:
		for (size_t i = 0; i < target->n_conditions; i++) {
			const struct condition *c = &target->conditions[i];

			if (is_active(q->conditions, c->name) &&
			    follow(q, &c->target, is_top, ret))
				return true;
		}
		return false;
	}
	return false;
}

/* Return: true when @dependencies decide, whatever they say. */
static bool ask(const struct question *q,
		const struct dependencies *dependencies, bool is_top,
		struct resolution *ret)
{
	const struct target *target;

	if (dependencies->kind == DEPENDENCIES_ANY) {
		ret->kind = RESOLUTION_DEFAULT;
		return true;
	}
	target = depend_find(dependencies, q->specifier);
	if (!target)
		return false;
	if (!follow(q, target, is_top, ret))
		ret->kind = RESOLUTION_MISSING;
	return true;
}

static void search(const struct question *q, const char *parent,
		   struct resolution *ret)
{
	const struct manifest *m = q->manifest;
	const struct resource *resource = manifest_find(m, parent);
	const struct scope *scope;
	struct scope_walk walk;

	*ret = (struct resolution){ .kind = RESOLUTION_MISSING,
				    .resource = resource };
	if (resource && (ask(q, &resource->dependencies, false, ret) ||
			 !resource->cascades))
		return;
	scope_walk_start(&walk, parent);
	ret->resource = NULL;
	while ((scope = scope_walk_next(&walk, m))) {
		ret->scope = scope;
		if (ask(q, &scope->dependencies, false, ret) ||
		    !scope->cascades)
			return;
	}
	ret->scope = NULL;
	(void)ask(q, &m->dependencies, true, ret);
}

/* The directory that relative specifiers of @parent start from, or NULL. */
static int parent_directory(const char *parent, char **ret)
{
	_cleanup_free_ char *copy = strdup(parent);
	char *slash;

	*ret = NULL;
	if (!copy)
		return -ENOMEM;
	if (copy[0] != '/' && !url_is_special(copy, strcspn(copy, ":")))
		return 0;
	slash = strrchr(copy, '/');
	slash[slash == copy] = '\0';
	*ret = take_ptr(&copy);
	return 0;
}

int depend_resolve(const struct manifest *manifest, const char *parent,
		   const char *specifier, const char *conditions,
		   struct resolution *ret)
{
	_cleanup_free_ char *identity = NULL;
	_cleanup_free_ char *plain = NULL;
	_cleanup_free_ char *directory = NULL;
	_cleanup_free_ char *bare = strndup(parent, strcspn(parent, "?#"));
	_cleanup_free_ char *canonical = NULL;
	struct question question = { .manifest = manifest,
				     .conditions = conditions };
	int r;

	if (!bare)
		return -ENOMEM;
	r = url_canonical(parent, NULL, &identity);
	if (r == 1)
		r = url_canonical(bare, NULL, &plain);
	if (r == -ENOMEM)
		return r;
	/* No URL: nothing lists it, and nothing allows it anything. */
	*ret = (struct resolution){ .kind = RESOLUTION_MISSING };
	if (r != 1)
		return 0;
	if (parent_directory(plain, &directory) < 0)
		return -ENOMEM;
	canonical = depend_specifier(specifier, directory);
	if (!canonical)
		return -ENOMEM;
	question.specifier = canonical;
	search(&question, identity, ret);
	return 0;
}
