/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about a runtime: a JSON file, policies/NAME.json. */
#include "supervise/profile.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "supervise/data.h"
#include "supervise/document.h"

#define PROFILE_DIR PKGDATADIR "/profiles"
#define NUMBER_MAX 65535

enum field_kind {
	FIELD_LIST,
	FIELD_VARIABLES, /* an object of strings, as NAME=VALUE */
	FIELD_BOOL,
	FIELD_NUMBER,
	FIELD_NAME,
	FIELD_EXTENDS,
	FIELD_IGNORED,
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
};

/* clang-format off */
#define LIST(field) { #field, FIELD_LIST, offsetof(struct profile, field) }
#define VARIABLES(field) \
	{ #field, FIELD_VARIABLES, offsetof(struct profile, field) }
/* clang-format on */

static const struct field fields[] = {
	{ "$schema", FIELD_IGNORED, 0 },
	{ "comment", FIELD_IGNORED, 0 },
	{ "name", FIELD_NAME, 0 },
	{ "extends", FIELD_EXTENDS, 0 },
	LIST(programs),
	LIST(read),
	LIST(read_net),
	LIST(libraries),
	LIST(own_code),
	LIST(own_code_except),
	LIST(code),
	LIST(probes),
	LIST(probe_dirs),
	LIST(env_drop),
	LIST(env_drop_offline),
	VARIABLES(env_set),
	VARIABLES(env_set_policy),
	LIST(args),
	LIST(preload),
	VARIABLES(env_options),
	LIST(value_args),
	LIST(mode_args),
	LIST(exec_deny_args),
	LIST(inspector_args),
	LIST(inspector_ports),
	{ "inspector_port", FIELD_NUMBER,
	  offsetof(struct profile, inspector_port) },
	{ "threads", FIELD_NUMBER, offsetof(struct profile, threads) },
	LIST(threads_settings),
	{ "system_libraries", FIELD_BOOL,
	  offsetof(struct profile, system_libraries) },
	{ "cluster_args", FIELD_BOOL, offsetof(struct profile, cluster_args) },
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Tried in this order; --runtime names any other. */
static const char *const automatic[] = { "node", "python", "shell" };

static const char *known_key(size_t i)
{
	return i < N_FIELDS ? fields[i].key : NULL;
}

static struct strings *list_of(struct profile *profile,
			       const struct field *field)
{
	return (struct strings *)(void *)((char *)profile + field->offset);
}

static int load_variables(const struct document *document,
			  const struct field *field, struct json_object *value,
			  struct strings *ret)
{
	if (!json_object_is_type(value, json_type_object))
		return document_error(document, field->key, DOCUMENT_WHOLE,
				      "must be an object of strings");
	json_object_object_foreach(value, name, item)
	{
		_cleanup_free_ char *line = NULL;
		int r;

		if (strcmp(name, "comment") == 0)
			continue;
		if (name[0] == '\0' || strchr(name, '=') ||
		    !json_object_is_type(item, json_type_string))
			return document_error(
				document, field->key, DOCUMENT_WHOLE,
				"'%s' must be a name with a string", name);
		if (asprintf(&line, "%s=%s", name,
			     json_object_get_string(item)) < 0)
			return -ENOMEM;
		r = strings_add_owned(ret, take_ptr(&line));
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_name(const struct document *document, struct json_object *value,
		     struct profile *profile)
{
	if (!json_object_is_type(value, json_type_string) ||
	    json_object_get_string_len(value) == 0)
		return document_error(document, "name", DOCUMENT_WHOLE,
				      "must be a string");
	free(profile->name);
	profile->name = strdup(json_object_get_string(value));
	return profile->name ? 0 : -ENOMEM;
}

static int load_bool(const struct document *document, const struct field *field,
		     struct json_object *value, struct profile *profile)
{
	if (!json_object_is_type(value, json_type_boolean))
		return document_error(document, field->key, DOCUMENT_WHOLE,
				      "must be true or false");
	*(bool *)((char *)profile + field->offset) =
		json_object_get_boolean(value);
	return 0;
}

static int load_number(const struct document *document,
		       const struct field *field, struct json_object *value,
		       struct profile *profile)
{
	int64_t number = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || number < 0 ||
	    number > NUMBER_MAX)
		return document_error(document, field->key, DOCUMENT_WHOLE,
				      "must be a number from 0 to %d",
				      NUMBER_MAX);
	*(int *)(void *)((char *)profile + field->offset) = (int)number;
	return 0;
}

static int load_key(const struct document *document, const char *key,
		    struct json_object *value, struct profile *profile)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct field *field = &fields[i];

		if (strcmp(field->key, key) != 0)
			continue;
		switch (field->kind) {
		case FIELD_LIST:
			return document_strings(document, key, value,
						/* min_len= */ 1,
						list_of(profile, field));
		case FIELD_VARIABLES:
			return load_variables(document, field, value,
					      list_of(profile, field));
		case FIELD_BOOL:
			return load_bool(document, field, value, profile);
		case FIELD_NUMBER:
			return load_number(document, field, value, profile);
		case FIELD_NAME:
			return load_name(document, value, profile);
		case FIELD_EXTENDS: /* loaded before all other keys */
		case FIELD_IGNORED:
			return 0;
		}
	}
	return document_unknown(document, key, known_key);
}

static int load_keys(const struct document *document, struct profile *profile)
{
	json_object_object_foreach(document->root, key, value)
	{
		int r = load_key(document, key, value, profile);

		if (r < 0)
			return r;
	}
	if (!profile->name)
		return document_error(document, NULL, DOCUMENT_WHOLE,
				      "the key 'name' is missing");
	return 0;
}

static int find_file(const char *name, char **ret)
{
	_cleanup_free_ char *file = NULL;

	if (asprintf(&file, "%s.json", name) < 0)
		return -ENOMEM;
	return data_find("policies", "profiles", file, ret);
}

static int load_file(const char *file, struct profile *profile, bool is_base);

/* The base lies beside the file that names it, or where all profiles lie. */
/* NOLINTNEXTLINE(misc-no-recursion): it has none itself */
static int load_base(const struct document *document, struct profile *profile)
{
	struct json_object *value;
	_cleanup_free_ char *sibling = NULL;
	const char *slash = strrchr(document->file, '/');
	const char *base;
	int r;

	if (!json_object_object_get_ex(document->root, "extends", &value))
		return 0;
	base = json_object_get_string(value);
	if (!json_object_is_type(value, json_type_string) || base[0] == '\0' ||
	    strchr(base, '/'))
		return document_error(document, "extends", DOCUMENT_WHOLE,
				      "must be the name of a profile");
	if (asprintf(&sibling, "%.*s%s.json",
		     slash ? (int)(slash + 1 - document->file) : 0,
		     document->file, base) < 0)
		return -ENOMEM;
	if (access(sibling, F_OK) == 0) {
		r = load_file(sibling, profile, /* is_base= */ true);
	} else {
		_cleanup_free_ char *path = NULL;

		r = find_file(base, &path);
		if (r < 0)
			return document_error(document, "extends",
					      DOCUMENT_WHOLE,
					      "there is no profile '%s'", base);
		r = load_file(path, profile, /* is_base= */ true);
	}
	return r;
}

/* NOLINTNEXTLINE(misc-no-recursion): once, for the base */
static int load_file(const char *file, struct profile *profile, bool is_base)
{
	struct document document;
	int r = document_load(file, &document);

	if (r == 0 && !is_base)
		r = load_base(&document, profile);
	else if (r == 0 &&
		 json_object_object_get_ex(document.root, "extends", NULL))
		r = document_error(
			&document, "extends", DOCUMENT_WHOLE,
			"a profile that others extend cannot itself extend one");
	if (r == 0)
		r = load_keys(&document, profile);
	document_done(&document);
	return r;
}

int profile_load(const char *name, struct profile *ret)
{
	_cleanup_free_ char *path = NULL;
	const char *dot = strrchr(name, '.');
	int r;

	*ret = (struct profile){ 0 };
	if (strchr(name, '/') ||
	    (dot && dot > name && strcmp(dot, ".json") == 0))
		return load_file(name, ret, /* is_base= */ false);
	r = find_file(name, &path);
	if (r == -ENOENT)
		log_error("there is no runtime profile '%s' in " PROFILE_DIR
			  ": a file is written with a slash",
			  name);
	if (r < 0)
		return r;
	return load_file(path, ret, /* is_base= */ false);
}

bool profile_is_for(const struct profile *profile, const char *path)
{
	const char *slash = strrchr(path, '/');

	return strings_match(&profile->programs, slash ? slash + 1 : path);
}

/* Is it for this program? Its own keys say so, without what it extends. */
static int is_for(const char *name, const char *path, const char *real)
{
	_cleanup_free_ char *file = NULL;
	struct profile profile = { 0 };
	struct document document = { 0 };
	int r = find_file(name, &file);

	if (r < 0)
		return r;
	r = document_load(file, &document);
	if (r == 0)
		r = load_keys(&document, &profile);
	if (r == 0)
		r = profile_is_for(&profile, path) ||
		    (real && profile_is_for(&profile, real));
	document_done(&document);
	profile_done(&profile);
	return r;
}

int profile_find(const char *path, struct profile *ret)
{
	_cleanup_free_ char *real = realpath(path, NULL);

	*ret = (struct profile){ 0 };
	for (size_t i = 0; i < sizeof(automatic) / sizeof(automatic[0]); i++) {
		int r = is_for(automatic[i], path, real);

		if (r < 0 && r != -ENOENT)
			return r;
		if (r > 0)
			return profile_load(automatic[i], ret);
	}
	return profile_load("none", ret);
}

void profile_done(struct profile *profile)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (fields[i].kind == FIELD_LIST ||
		    fields[i].kind == FIELD_VARIABLES)
			strings_done(list_of(profile, &fields[i]));
	free(profile->name);
	*profile = (struct profile){ 0 };
}
