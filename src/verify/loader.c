/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of a manifest to struct manifest. */
#include "verify/loader.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "verify/url.h"

/* One key of "resources" or "scopes". */
struct entry {
	const char *key;
	struct json_object *descriptor;
	size_t order;
	struct resource resource; /* of a scope: only its path */
	struct scope scope; /* all but its path */
};

struct entries {
	struct entry *items;
	size_t n;
	bool is_scopes;
};

static void entry_done(struct entry *e)
{
	resource_done(&e->resource);
	scope_done(&e->scope);
	*e = (struct entry){ 0 };
}

static void entries_done(struct entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		entry_done(&entries->items[i]);
	free(entries->items);
}

/* "file:" and the names of other schemes stand for all their URLs. */
static bool is_scheme_scope(const char *key)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-.");

	return isalpha((unsigned char)key[0]) && key[n] == ':' &&
	       key[n + 1] == '\0';
}

/*
 * Scope keys that are no URL. Return: 1 with the key as it is compared,
 * -ENOENT if it is to be taken as a URL, -ENOMEM.
 */
static int resolve_scheme(const char *key, char **ret_path)
{
	bool is_empty = key[0] == '\0';
	char *path;

	/* Node.js allows one blank or control before the name. */
	if (!is_empty && (unsigned char)key[0] <= ' ')
		key++;
	if (!is_empty && !is_scheme_scope(key))
		return -ENOENT;
	path = strdup(key);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 1;
}

/* Return: 1 with the identity, or -errno. */
static int resolve_url(struct loader *l, const char *key, char **ret_path)
{
	int r = url_canonical(key, l->directory, ret_path);

	if (r == -EINVAL)
		return loader_refuse(l, "ERR_INVALID_URL: the key must begin "
					"with /, ./ or ../, or be a URL");
	if (r == -EILSEQ)
		return loader_refuse(l, "the key must not hide a slash (%%2F) "
					"or NUL (%%00)");
	return r;
}

/* A file never ends in a slash, a scope of files always does. */
static bool is_file_key(const char *path, bool is_scope)
{
	bool is_directory = path[0] == '/' && path[strlen(path) - 1] == '/';

	if (is_scope)
		return is_directory || path[0] == '\0' ||
		       strcmp(path, "file:") == 0;
	return path[0] == '/' && !is_directory;
}

static int resolve_key(struct loader *l, const char *key, bool is_scope,
		       char **ret_path)
{
	int r = is_scope ? resolve_scheme(key, ret_path) : -ENOENT;

	return r == -ENOENT ? resolve_url(l, key, ret_path) : r;
}

static int load_entry(struct loader *l, struct entries *entries,
		      const char *key, struct json_object *descriptor)
{
	_cleanup_(entry_done) struct entry e = { .key = key,
						 .descriptor = descriptor,
						 .order = entries->n };
	int r = resolve_key(l, key, entries->is_scopes, &e.resource.path);

	if (r < 0)
		return r;
	if (!descriptor)
		return loader_refuse(l, "must be an object, not null");
	if (entries->is_scopes)
		r = load_scope(l, descriptor, &e.scope);
	else
		r = load_resource(l, descriptor, &e.resource);
	if (r < 0)
		return r;
	e.resource.key = strdup(key);
	if (!e.resource.key)
		return -ENOMEM;
	if (!is_file_key(e.resource.path, entries->is_scopes))
		l->manifest->n_foreign++;
	entries->items[entries->n++] = e;
	e = (struct entry){ 0 }; /* NOLINT: entry_done() reads it */
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int r = strcmp(a->resource.path, b->resource.path);

	return r ? r : (a->order > b->order) - (a->order < b->order);
}

/* Sorts, and drops keys that say again what another one said. */
static int sort_entries(struct loader *l, struct entries *entries)
{
	size_t last = 0;

	if (entries->n == 0)
		return 0;
	qsort(entries->items, entries->n, sizeof(*entries->items),
	      compare_entries);
	for (size_t i = 1; i < entries->n; i++) {
		struct entry *e = &entries->items[i];
		const struct entry *other = &entries->items[last];
		struct entry moved = *e;

		if (strcmp(e->resource.path, other->resource.path) != 0) {
			*e = (struct entry){ 0 };
			entries->items[++last] = moved;
			continue;
		}
		loader_enter(l, e->key);
		if (!json_object_equal(e->descriptor, other->descriptor))
			return loader_refuse(
				l,
				"names the same file as \"%.100s\" but says "
				"something else",
				other->key);
		loader_leave(l);
		entry_done(e);
	}
	entries->n = last + 1;
	return 0;
}

/* Both hand what the sorted entries own over to the manifest. */

static int move_resources(struct manifest *m, struct entries *entries)
{
	struct resource *resources = calloc(entries->n + 1, sizeof(*resources));

	if (!resources)
		return -ENOMEM;
	for (size_t i = 0; i < entries->n; i++)
		resources[i] = entries->items[i].resource;
	m->resources = resources;
	m->n_resources = entries->n;
	entries->n = 0;
	return 0;
}

static int move_scopes(struct manifest *m, struct entries *entries)
{
	struct scope *scopes = calloc(entries->n + 1, sizeof(*scopes));

	if (!scopes)
		return -ENOMEM;
	for (size_t i = 0; i < entries->n; i++) {
		scopes[i] = entries->items[i].scope;
		scopes[i].path = entries->items[i].resource.path;
		scopes[i].key = entries->items[i].resource.key;
	}
	m->scopes = scopes;
	m->n_scopes = entries->n;
	entries->n = 0;
	return 0;
}

static int load_map(struct loader *l, struct json_object *map, bool is_scopes)
{
	_cleanup_(entries_done) struct entries entries = {
		.is_scopes = is_scopes,
		.items = calloc((size_t)json_object_object_length(map) + 1,
				sizeof(*entries.items)),
	};
	int r = entries.items ? 0 : -ENOMEM;

	if (r == 0) {
		json_object_object_foreach(map, key, descriptor)
		{
			loader_enter(l, key);
			r = load_entry(l, &entries, key, descriptor);
			if (r < 0)
				return r;
			loader_leave(l);
		}
		r = sort_entries(l, &entries);
	}
	if (r < 0)
		return r;
	return is_scopes ? move_scopes(l->manifest, &entries) :
			   move_resources(l->manifest, &entries);
}

/* "resources" or "scopes". Values without keys stand for an empty map. */
static int load_section(struct loader *l, struct json_object *document,
			const char *name, bool is_scopes)
{
	struct json_object *map = NULL;
	bool has_indexes;
	int r = 0;

	if (!json_object_is_type(document, json_type_object) ||
	    !json_object_object_get_ex(document, name, &map) || !map)
		return 0;
	loader_enter(l, name);
	has_indexes = json_object_is_type(map, json_type_array) ?
			      json_object_array_length(map) > 0 :
			      json_object_is_type(map, json_type_string) &&
				      json_object_get_string_len(map) > 0;
	if (has_indexes)
		return loader_refuse(l, "ERR_INVALID_URL: must be an object");
	if (json_object_is_type(map, json_type_object))
		r = load_map(l, map, is_scopes);
	if (r == 0)
		loader_leave(l);
	return r;
}

static int load_document(struct loader *l, struct json_object *document)
{
	int r;

	if (!document)
		return loader_refuse(l, "must be an object, not null");
	r = load_onerror(l, document);
	if (r == 0)
		r = load_section(l, document, "resources", false);
	if (r == 0)
		r = load_section(l, document, "scopes", true);
	if (r == 0)
		r = manifest_make_openings(l->manifest);
	return r < 0 ? r : depend_load(l, document, &l->manifest->dependencies);
}

int manifest_load(const char *text, size_t len, const char *directory,
		  struct manifest **ret, struct json_error *err)
{
	struct manifest *manifest = calloc(1, sizeof(*manifest));
	struct loader loader = { .text = text,
				 .len = len,
				 .directory = directory,
				 .manifest = manifest,
				 .err = err };
	struct json_object *document = NULL;
	int r = -ENOMEM;

	if (manifest)
		r = json_load(text, len, &document, err);
	if (r == 0)
		r = load_document(&loader, document);
	json_object_put(document);
	if (r == -ENOMEM) {
		*err = (struct json_error){ 0 };
		(void)strcpy(err->text, "out of memory");
	}
	if (r < 0)
		manifest_free(manifest);
	else
		*ret = manifest;
	return r;
}
