/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests: a refusal has a place, a loaded one finds all it lists, and means
 * the same when its resources are written down again. Then the questions for
 * dependencies, whose texts are the input's own.
 */
#include <json-c/json.h>

#include "common/cleanup.h"
#include "fuzz.h"
#include "verify/depend.h"
#include "verify/manifest.h"
#include "verify/url.h"

static void check_loaded(const struct manifest *manifest)
{
	_cleanup_free_ char *index = NULL;
	const struct resource *found;
	char notes[256];
	size_t len = 0;

	if (manifest_index(manifest, &index, &len) < 0 ||
	    (len > 0 && index[len - 1] != '\0'))
		abort();
	manifest_notes(manifest, notes, sizeof(notes));
	for (size_t i = 0; i < manifest->n_resources; i++) {
		const struct resource *r = &manifest->resources[i];

		if (i > 0 && strcmp(r[-1].path, r->path) >= 0)
			abort();
		if (manifest_decide(manifest, r->path, &found) ==
			    ANSWER_UNLISTED ||
		    found != r)
			abort();
		if (r->kind == RESOURCE_HASHES && r->integrity.n_entries == 0)
			abort();
	}
	for (size_t i = 0; i < manifest->n_scopes; i++) {
		(void)manifest_decide(manifest, manifest->scopes[i].path,
				      &found);
		if (i > 0 && strcmp(manifest->scopes[i - 1].path,
				    manifest->scopes[i].path) >= 0)
			abort();
	}
	(void)manifest_decide(manifest, "/app/lib/x.js", &found);
}

/* Its resources, and nothing else, under the names that they stand for. */
static struct json_object *print(const struct manifest *manifest)
{
	struct json_object *root = json_object_new_object();
	struct json_object *all = json_object_new_object();

	json_object_object_add(root, "resources", all);
	for (size_t i = 0; i < manifest->n_resources; i++) {
		const struct resource *r = &manifest->resources[i];
		_cleanup_free_ char *url = url_of(r->path);
		struct json_object *item = json_object_new_object();
		struct json_object *value = NULL;

		if (r->kind == RESOURCE_HASHES)
			value = json_object_new_string(r->integrity.text);
		if (r->kind == RESOURCE_ANY)
			value = json_object_new_boolean(true);
		if (value)
			json_object_object_add(item, "integrity", value);
		if (r->kind == RESOURCE_SCOPES)
			json_object_object_add(item, "cascade",
					       json_object_new_boolean(true));
		json_object_object_add(all, url, item);
	}
	return root;
}

static void check_again(const struct manifest *manifest)
{
	struct json_object *root = print(manifest);
	const char *text = json_object_to_json_string(root);
	struct manifest *again = NULL;
	struct json_error err;

	FUZZ_CHECK(manifest_load(text, strlen(text), "/other", &again, &err) ==
		   0);
	FUZZ_CHECK(again->n_resources == manifest->n_resources);
	for (size_t i = 0; i < again->n_resources; i++) {
		const struct resource *a = &manifest->resources[i];
		const struct resource *b = &again->resources[i];

		FUZZ_CHECK(strcmp(a->path, b->path) == 0 && a->kind == b->kind);
		FUZZ_CHECK(
			a->kind != RESOURCE_HASHES ||
			(a->integrity.algorithms == b->integrity.algorithms &&
			 a->integrity.n_entries == b->integrity.n_entries));
	}
	manifest_free(again);
	json_object_put(root);
}

static enum resolution_kind ask(const struct manifest *manifest,
				const char *parent, const char *specifier,
				const char *conditions)
{
	struct resolution found = { 0 };

	FUZZ_CHECK(depend_resolve(manifest, parent, specifier, conditions,
				  &found) == 0);
	FUZZ_CHECK(found.kind != RESOLUTION_REDIRECT || found.url);
	FUZZ_CHECK(found.kind != RESOLUTION_INVALID || found.code);
	return found.kind;
}

/* Where no module is limited nobody asks: then no answer may be a limit. */
static void ask_all(const struct manifest *manifest, const char *text)
{
	bool is_free = manifest->has_dependencies &&
		       !manifest_limits_dependencies(manifest);

	for (size_t i = 0; i < manifest->n_resources; i++) {
		const struct resource *r = &manifest->resources[i];
		_cleanup_free_ char *url = url_of(r->path);
		const char *own = r->dependencies.n > 0 ?
					  r->dependencies.items[0].specifier :
					  r->key;

		FUZZ_CHECK(ask(manifest, url, own, "node,import") ==
				   RESOLUTION_DEFAULT ||
			   !is_free);
		FUZZ_CHECK(ask(manifest, url, text, "require") ==
				   RESOLUTION_DEFAULT ||
			   !is_free);
	}
	(void)ask(manifest, text, "fs", "");
	(void)ask(manifest, "file:///app/x.js", text, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct manifest *manifest = NULL;
	struct json_error err;
	char line[256];

	if (manifest_load((const char *)data, size, "/app", &manifest, &err) <
	    0) {
		if (err.line == 0 || err.text[0] == '\0')
			abort();
		json_error_format(&err, "p.json", line, sizeof(line));
		return 0;
	}
	check_loaded(manifest);
	check_again(manifest);
	ask_all(manifest, text);
	manifest_free(manifest);
	return 0;
}
