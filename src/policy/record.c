/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON object on each line; see policies/events.schema.json. */
#include "policy/record.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hex.h"
#include "common/json.h"
#include "common/log.h"

static const char *get(struct json_object *event, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(event, name, &value) &&
			       json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) :
		       NULL;
}

/* The bytes of a name that is not UTF-8. Return: NULL: no hexadecimal text. */
static char *from_hex(const char *text)
{
	size_t n = strlen(text) / 2;
	char *bytes = calloc(1, n + 1);

	for (size_t i = 0; bytes && i < n; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i] = (char)(16 * high + low);
	}
	return bytes;
}

static int add_object(struct record *record, struct json_object *event)
{
	const char *text = get(event, "resolved");
	const char *hex = get(event, "resolved_bytes");

	if (!text) {
		text = get(event, "path");
		hex = get(event, "path_bytes");
	}
	if (hex)
		return strings_add_owned(&record->objects, from_hex(hex));
	return text ? strings_add(&record->objects, text) : 0;
}

static int add_asked(struct record *record, const char *parent,
		     const char *specifier, const char *conditions)
{
	struct asked *asked;

	if ((record->n_asked & (record->n_asked - 1)) == 0) {
		asked = reallocarray(record->asked,
				     record->n_asked ? 2 * record->n_asked : 1,
				     sizeof(*asked));
		if (!asked)
			return -ENOMEM;
		record->asked = asked;
	}
	asked = &record->asked[record->n_asked++];
	asked->parent = strdup(parent);
	asked->specifier = strdup(specifier);
	asked->conditions = strdup(conditions);
	return asked->parent && asked->specifier && asked->conditions ? 0 :
									-ENOMEM;
}

static int take(struct record *record, struct json_object *event,
		const char *file)
{
	const char *name = get(event, "event");
	const char *operation = get(event, "operation");
	const char *parent = get(event, "parent");
	const char *specifier = get(event, "specifier");
	const char *conditions = get(event, "conditions");
	struct json_object *lost;

	if (json_object_object_get_ex(event, "lost", &lost)) {
		log_error("'%s' is not complete: %s events were lost", file,
			  json_object_to_json_string(lost));
		return -EINVAL;
	}
	if (!name || !operation || strcmp(operation, "verify") != 0 ||
	    (strcmp(name, "denied") != 0 && strcmp(name, "mismatch") != 0))
		return 0;
	if (parent && specifier)
		return add_asked(record, parent, specifier,
				 conditions ? conditions : "");
	return add_object(record, event);
}

static int take_line(struct record *record, const char *line, size_t len,
		     const char *file, size_t number)
{
	struct json_object *event;
	struct json_error err;
	char text[1024];
	int r = json_load(line, len, &event, &err);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		err.line = number;
		json_error_format(&err, file, text, sizeof(text));
		log_error("%s", text);
		return r;
	}
	if (json_object_is_type(event, json_type_object))
		r = take(record, event, file);
	json_object_put(event);
	return r;
}

int record_load(const char *file, struct record *ret)
{
	bool is_stdin = strcmp(file, "-") == 0;
	_cleanup_fclose_ FILE *in = is_stdin ? fdopen(dup(STDIN_FILENO), "re") :
					       fopen(file, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t len;
	int r = 0;

	if (!in) {
		r = -errno;
		log_error("cannot open '%s': %m", file);
		return r;
	}
	while (r == 0 && (len = getline(&line, &size, in)) > 0)
		r = take_line(ret, line, (size_t)len, file, ++number);
	if (r == 0 && ferror(in)) {
		log_error("cannot read '%s': %m", file);
		r = -EIO;
	}
	if (r == 0 && number == 0) {
		log_error("'%s' is empty: it must be a log of nssupervise, by "
			  "--log-format=json",
			  file);
		r = -EINVAL;
	}
	return r;
}

void record_done(struct record *record)
{
	strings_done(&record->objects);
	for (size_t i = 0; i < record->n_asked; i++) {
		free(record->asked[i].parent);
		free(record->asked[i].specifier);
		free(record->asked[i].conditions);
	}
	free(record->asked);
	*record = (struct record){ 0 };
}
