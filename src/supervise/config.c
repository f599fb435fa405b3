/* SPDX-License-Identifier: Apache-2.0 */
/* --config: the same options, as JSON. */
#include "supervise/config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "supervise/document.h"
#include "supervise/optset.h"

struct config {
	struct document document;
	struct option_source source;
};

/* The options, then the keys that only a file has. */
static const char *known_key(size_t i)
{
	size_t n;
	const struct option_row *rows = optable_rows(&n);

	if (i < n)
		return rows[i].name;
	return i == n ? "command" : i == n + 1 ? "comment" : NULL;
}

/* Turns the -EINVAL of the option_*() functions into a message with a place. */
static int check(struct config *config, const char *key, size_t index, int r)
{
	if (r == -EINVAL)
		(void)document_error(&config->document, key, index, "%s",
				     config->source.error);
	else if (r < 0)
		log_error("%s: out of memory", config->document.file);
	return r;
}

/* Return: 0; 1: not a scalar of that type; or as option_take_value(). */
static int take_scalar(struct config *config, const struct option_row *row,
		       struct json_object *value)
{
	bool is_number = row->kind == OPTION_NUMBER ||
			 row->kind == OPTION_NUMBERS;

	if (is_number && json_object_is_type(value, json_type_int)) {
		char text[24];

		(void)snprintf(text, sizeof(text), "%lld",
			       (long long)json_object_get_int64(value));
		return option_take_value(&config->source, row, text);
	}
	if (is_number || !json_object_is_type(value, json_type_string))
		return 1;
	if (row->kind == OPTION_TEXT)
		return option_take_value(&config->source, row,
					 json_object_get_string(value));
	return option_take_item(&config->source, row,
				json_object_get_string(value));
}

static int take_array(struct config *config, const struct option_row *row,
		      struct json_object *array)
{
	size_t n = json_object_array_length(array);

	/* "Only these programs: none" would read as "any program". */
	if (n == 0 && row->is_optional)
		return document_error(&config->document, row->name,
				      DOCUMENT_WHOLE, "the list is empty");
	for (size_t i = 0; i < n; i++) {
		int r = take_scalar(config, row,
				    json_object_array_get_idx(array, i));

		if (r > 0)
			return document_error(&config->document, row->name, i,
					      "must be %s",
					      row->kind == OPTION_NUMBERS ?
						      "an integer" :
						      "a string");
		r = check(config, row->name, i, r);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *type_name(const struct option_row *row)
{
	switch (row->kind) {
	case OPTION_FLAG:
		return "true or false";
	case OPTION_TEXT:
		return row->is_optional ? "true, false or a string" :
					  "a string";
	case OPTION_NUMBER:
		return "an integer";
	case OPTION_PATHS:
	case OPTION_NAMES:
		return row->is_optional ? "true, false or an array of strings" :
					  "an array of strings";
	case OPTION_NUMBERS:
		return "an array of integers";
	}
	abort();
}

static int take_option(struct config *config, const struct option_row *row,
		       struct json_object *value)
{
	bool is_bool = json_object_is_type(value, json_type_boolean) &&
		       (row->kind == OPTION_FLAG || row->is_optional);
	int r;

	/* What is off by default and set to false needs nothing. */
	if (is_bool && !json_object_get_boolean(value))
		return 0;
	r = check(config, row->name, DOCUMENT_WHOLE,
		  option_check(&config->source, row));
	if (r < 0)
		return r;
	if (option_is_list(row) && json_object_is_type(value, json_type_array))
		return take_array(config, row, value);
	if (is_bool)
		r = option_take_value(&config->source, row, NULL);
	else if (row->kind == OPTION_TEXT || row->kind == OPTION_NUMBER)
		r = take_scalar(config, row, value);
	else
		r = 1;
	if (r > 0)
		return document_error(&config->document, row->name,
				      DOCUMENT_WHOLE, "must be %s",
				      type_name(row));
	return check(config, row->name, DOCUMENT_WHOLE, r);
}

static int take_command(struct config *config, struct json_object *value)
{
	struct options *options = config->source.options;
	struct strings words = { 0 };
	int r;

	r = document_strings(&config->document, "command", value,
			     /* min_len= */ 0, &words);
	if (r == 0 && words.n == 0)
		r = document_error(&config->document, "command", DOCUMENT_WHOLE,
				   "the command is empty");
	/* A last NULL turns the list into an argument vector. */
	if (r == 0)
		r = strings_add(&words, "");
	if (r < 0) {
		strings_done(&words);
		return r;
	}
	free(words.items[words.n - 1]);
	words.items[words.n - 1] = NULL;
	options->owned_argv = words.items;
	return 0;
}

static int take_key(struct config *config, const char *key,
		    struct json_object *value)
{
	const struct option_row *row = optable_find(key, strlen(key));

	if (strcmp(key, "comment") == 0 || strcmp(key, "$schema") == 0)
		return 0;
	if (strcmp(key, "command") == 0)
		return take_command(config, value);
	if (!row)
		return document_unknown(&config->document, key, known_key);
	if (row->is_line_only)
		return document_error(&config->document, key, DOCUMENT_WHOLE,
				      "only possible on the command line");
	return take_option(config, row, value);
}

int config_load(const char *file, struct options *options)
{
	struct config config = { .source = { .options = options } };
	int r = document_load(file, &config.document);

	if (r == 0) {
		json_object_object_foreach(config.document.root, key, value)
		{
			r = take_key(&config, key, value);
			if (r < 0)
				break;
		}
	}
	document_done(&config.document);
	return r;
}
