/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a manifest from its file. */
#include "policy/source.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "verify/manifest.h"
#include "verify/url.h"

char *resolve_directory(const char *file)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *name = NULL;
	char *path;

	if (!slash)
		name = strdup(".");
	else
		name = strndup(file,
			       slash == file ? 1 : (size_t)(slash - file));
	path = name ? realpath(name, NULL) : NULL;
	if (!path)
		log_error("cannot find the directory of '%s': %m", file);
	return path;
}

struct json_object *list_to_json(const struct strings *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < list->n; i++) {
		struct json_object *item =
			json_object_new_string(list->items[i]);

		if (!item || json_object_array_add(array, item) < 0) {
			json_object_put(item);
			json_object_put(array);
			array = NULL;
		}
	}
	return array;
}

/* The strings of an array; what is not a string is not ours: left out. */
static int take_list(struct json_object *origin, const char *name,
		     struct strings *ret)
{
	struct json_object *array;

	if (!json_object_object_get_ex(origin, name, &array) ||
	    !json_object_is_type(array, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);

		if (json_object_is_type(item, json_type_string) &&
		    strings_add(ret, json_object_get_string(item)) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Roots are written like keys. One that means nothing here is left out. */
static int resolve_roots(struct source *s, const struct strings *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		char *path = NULL;
		int r = url_resolve(keys->items[i], s->directory, &path);
		size_t len;

		if (r == -ENOMEM)
			return r;
		if (r <= 0)
			continue;
		len = strlen(path);
		if (len > 1 && path[len - 1] == '/')
			path[len - 1] = '\0';
		if (strings_add_owned(&s->roots, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take_origin(struct source *s, struct json_object *document)
{
	_cleanup_(strings_done) struct strings keys = { 0 };
	struct json_object *origin;
	int r;

	if (!json_object_is_type(document, json_type_object) ||
	    !json_object_object_get_ex(document, ORIGIN_KEY, &origin) ||
	    !json_object_is_type(origin, json_type_object))
		return 0;
	s->has_roots = json_object_object_get_ex(origin, "roots", NULL);
	r = take_list(origin, "roots", &keys);
	if (r == 0)
		r = take_list(origin, "code", &s->code);
	if (r == 0)
		r = take_list(origin, "exclude", &s->exclude);
	return r < 0 ? r : resolve_roots(s, &keys);
}

static int fail(const char *file, const struct json_error *err, int error)
{
	char line[1024];

	json_error_format(err, file, line, sizeof(line));
	log_error("%s", line);
	return error;
}

static int parse(const char *file, int fd, struct source *s)
{
	struct json_object *document = NULL;
	struct json_error err;
	int r = json_load_fd(fd, JSON_SIZE_MAX, &s->text, &s->len, &document,
			     &err);

	if (r < 0)
		return fail(file, &err, r);
	r = take_origin(s, document);
	json_object_put(document);
	if (r < 0) {
		log_error("%s: %s", file, strerror(-r));
		return r;
	}
	r = manifest_load(s->text, s->len, s->directory, &s->manifest, &err);
	return r < 0 ? fail(file, &err, r) : 0;
}

int source_load(const char *file, struct source *ret)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char notes[256];
	int r;

	if (fd < 0) {
		r = -errno;
		log_error("cannot open '%s': %m", file);
		return r;
	}
	ret->directory = resolve_directory(file);
	if (!ret->directory)
		return -ENOENT;
	r = parse(file, fd, ret);
	if (r < 0)
		return r;
	manifest_notes(ret->manifest, notes, sizeof(notes));
	if (notes[0] != '\0')
		log_notice("%s: %s", file, notes);
	return 0;
}

void source_place(const struct source *source, const char *section,
		  const char *key, size_t *ret_line, size_t *ret_column)
{
	const char *const steps[] = { section, key };
	struct json_error err = { .line = 1, .column = 1 };

	json_locate(source->text, source->len, steps, section ? 2 : 0, &err);
	*ret_line = err.line;
	*ret_column = err.column;
}

void source_done(struct source *source)
{
	free(source->directory);
	free(source->text);
	manifest_free(source->manifest);
	strings_done(&source->roots);
	strings_done(&source->code);
	strings_done(&source->exclude);
	*source = (struct source){ 0 };
}
