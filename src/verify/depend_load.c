/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency maps, from their JSON. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/depend.h"
#include "verify/loader.h"
#include "verify/url.h"

#define BAD_FIELD "ERR_MANIFEST_INVALID_RESOURCE_FIELD: "

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a manifest may be, JSON_DEPTH_MAX */
static void target_done(struct target *target)
{
	free(target->url);
	for (size_t i = 0; i < target->n_conditions; i++) {
		free(target->conditions[i].name);
		target_done(&target->conditions[i].target);
	}
	free(target->conditions);
	*target = (struct target){ 0 };
}

void dependencies_done(struct dependencies *dependencies)
{
	for (size_t i = 0; i < dependencies->n; i++) {
		free(dependencies->items[i].specifier);
		target_done(&dependencies->items[i].target);
	}
	free(dependencies->items);
	*dependencies = (struct dependencies){ 0 };
}

static int load_url(const struct loader *l, const char *text,
		    struct target *ret)
{
	_cleanup_free_ char *identity = NULL;
	int r = url_canonical(text, l->directory, &identity);

	if (r == -ENOMEM)
		return r;
	/* Node.js says so when the dependency is asked for, not before. */
	ret->kind = r == 1 ? TARGET_URL : TARGET_NO_URL;
	if (r != 1)
		return 0;
	ret->url = url_of(identity);
	return ret->url ? 0 : -ENOMEM;
}

static int load_target(const struct loader *l, struct json_object *value,
		       struct target *ret);

/* NOLINTNEXTLINE(misc-no-recursion): as load_target() */
static int load_conditions(const struct loader *l, struct json_object *map,
			   struct target *ret)
{
	ret->kind = TARGET_CONDITIONS;
	ret->conditions = calloc((size_t)json_object_object_length(map) + 1,
				 sizeof(*ret->conditions));
	if (!ret->conditions)
		return -ENOMEM;
	kept(ret->conditions);
	json_object_object_foreach(map, name, value)
	{
		struct condition *condition =
			&ret->conditions[ret->n_conditions++];
		char *copy = strdup(name);
		int r;

		if (!copy)
			return -ENOMEM;
		kept(copy);
		condition->name = copy;
		r = load_target(l, value, &condition->target);
		if (r < 0)
			return r;
	}
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_check() lets it be */
static int load_target(const struct loader *l, struct json_object *value,
		       struct target *ret)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return load_url(l, json_object_get_string(value), ret);
	case json_type_object:
		return load_conditions(l, value, ret);
	case json_type_boolean:
		ret->kind = json_object_get_boolean(value) ? TARGET_DEFAULT :
							     TARGET_FAILS;
		return 0;
	case json_type_null:
	case json_type_int:
	case json_type_double:
	case json_type_array:
		break;
	}
	ret->kind = TARGET_FAILS;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct dependency *a = left;
	const struct dependency *b = right;

	return strcmp(a->specifier, b->specifier);
}

static int load_entry(struct loader *l, const char *specifier,
		      struct json_object *target, struct dependency *ret)
{
	size_t len = strlen(specifier);

	if (len > 0 && specifier[len - 1] == '*')
		return loader_refuse(
			l, "ERR_MANIFEST_INVALID_SPECIFIER: patterns are not "
			   "supported: list each specifier");
	ret->specifier = depend_specifier(specifier, l->directory);
	if (!ret->specifier)
		return -ENOMEM;
	return load_target(l, target, &ret->target);
}

/* Two keys that mean one specifier: whichever won, the other would be lost. */
static int check_twins(struct loader *l, struct json_object *map,
		       const struct dependencies *sorted)
{
	for (size_t i = 1; i < sorted->n; i++) {
		const char *twin = sorted->items[i].specifier;
		const char *last = NULL;

		if (strcmp(sorted->items[i - 1].specifier, twin) != 0)
			continue;
		json_object_object_foreach(map, key, value)
		{
			_cleanup_free_ char *canonical =
				depend_specifier(key, l->directory);

			(void)value;
			if (!canonical)
				return -ENOMEM;
			if (strcmp(canonical, twin) == 0)
				last = key;
		}
		loader_enter(l, last);
		return loader_refuse(l, "another key means the same specifier");
	}
	return 0;
}

static int load_map(struct loader *l, struct json_object *map,
		    struct dependencies *ret)
{
	ret->kind = DEPENDENCIES_MAP;
	ret->items = calloc((size_t)json_object_object_length(map) + 1,
			    sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	json_object_object_foreach(map, specifier, target)
	{
		int r;

		loader_enter(l, specifier);
		r = load_entry(l, specifier, target, &ret->items[ret->n]);
		ret->n++;
		if (r < 0)
			return r;
		loader_leave(l);
	}
	qsort(ret->items, ret->n, sizeof(*ret->items), compare);
	return check_twins(l, map, ret);
}

int depend_load(struct loader *l, struct json_object *descriptor,
		struct dependencies *ret)
{
	struct json_object *value = NULL;
	int r;

	if (!json_object_is_type(descriptor, json_type_object) ||
	    !json_object_object_get_ex(descriptor, "dependencies", &value) ||
	    !value)
		return 0;
	l->manifest->has_dependencies = true;
	if (json_object_is_type(value, json_type_boolean) &&
	    json_object_get_boolean(value)) {
		ret->kind = DEPENDENCIES_ANY;
		return 0;
	}
	loader_enter(l, "dependencies");
	if (!json_object_is_type(value, json_type_object))
		return loader_refuse(l, BAD_FIELD "must be true or an object");
	r = load_map(l, value, ret);
	if (r == 0)
		loader_leave(l);
	return r;
}
