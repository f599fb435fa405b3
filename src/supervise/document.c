/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON file of ours, and errors that name the place in it. */
#include "supervise/document.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "supervise/suggest.h"

static void log_place(const char *file, const struct json_error *err)
{
	const char *colon = err->key[0] == '\0' ? "" : ": ";

	if (err->line == 0)
		log_error("%s: %s", file, err->text);
	else
		log_error("%s:%zu:%zu: %s%s%s", file, err->line, err->column,
			  err->key, colon, err->text);
}

int document_load(const char *file, struct document *ret)
{
	_cleanup_close_ int fd = -1;
	struct json_error err = { 0 };
	int r;

	*ret = (struct document){ .file = file };
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		r = -errno;
		log_error("cannot open '%s': %s", file, strerror(-r));
		return r;
	}
	r = json_load_fd(fd, DOCUMENT_SIZE_MAX, &ret->text, &ret->len,
			 &ret->root, &err);
	if (r < 0) {
		log_place(file, &err);
		return r;
	}
	if (!json_object_is_type(ret->root, json_type_object))
		return document_error(ret, NULL, DOCUMENT_WHOLE,
				      "must be an object");
	return 0;
}

int document_error(const struct document *document, const char *key,
		   size_t index, const char *format, ...)
{
	struct json_error err = { 0 };
	char step[24];
	const char *path[] = { key, step };
	size_t n = !key ? 0 : index == DOCUMENT_WHOLE ? 1 : 2;
	va_list ap;

	(void)snprintf(step, sizeof(step), "%zu", index);
	json_locate(document->text, document->len, path, n, &err);
	va_start(ap, format);
	(void)vsnprintf(err.text, sizeof(err.text), format, ap);
	va_end(ap);
	log_place(document->file, &err);
	return -EINVAL;
}

int document_unknown(const struct document *document, const char *key,
		     const char *(*known)(size_t i))
{
	const char *near = suggest_nearest(key, strlen(key), known);

	if (near)
		return document_error(document, key, DOCUMENT_WHOLE,
				      "unknown key, did you mean '%s'?", near);
	return document_error(document, key, DOCUMENT_WHOLE, "unknown key");
}

int document_strings(const struct document *document, const char *key,
		     struct json_object *value, size_t min_len,
		     struct strings *ret)
{
	size_t n;

	if (!json_object_is_type(value, json_type_array))
		return document_error(document, key, DOCUMENT_WHOLE,
				      "must be an array of strings");
	n = json_object_array_length(value);
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(value, i);
		int r;

		if (!json_object_is_type(item, json_type_string))
			return document_error(document, key, i,
					      "must be a string");
		if ((size_t)json_object_get_string_len(item) < min_len)
			return document_error(document, key, i,
					      "must not be empty");
		r = strings_add(ret, json_object_get_string(item));
		if (r < 0)
			return r;
	}
	return 0;
}

void document_done(struct document *document)
{
	json_object_put(document->root);
	free(document->text);
	*document = (struct document){ 0 };
}
