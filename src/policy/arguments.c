/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of options by a table. */
#include "policy/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"

static const struct argument *find(const struct argument *table,
				   const char *name, size_t len)
{
	for (const struct argument *row = table; row->name; row++)
		if (strlen(row->name) == len &&
		    strncmp(row->name, name, len) == 0)
			return row;
	return NULL;
}

static int add(struct strings *list, const char *text)
{
	int r = strings_add(list, text);

	if (r < 0)
		log_error("%s", strerror(-r));
	return r;
}

/* @value: behind the "=", or NULL if there is none. */
static int take(const struct argument *row, const char *value)
{
	if (row->type == ARGUMENT_FLAG && value) {
		log_error("--%s takes no value", row->name);
		return -EINVAL;
	}
	if ((row->type == ARGUMENT_TEXT || row->type == ARGUMENT_LIST) &&
	    (!value || value[0] == '\0')) {
		log_error("--%s needs a value: --%s=%s", row->name, row->name,
			  row->value_name);
		return -EINVAL;
	}
	switch (row->type) {
	case ARGUMENT_FLAG:
		*(bool *)row->ret = true;
		break;
	case ARGUMENT_TEXT:
		*(const char **)row->ret = value;
		break;
	case ARGUMENT_MAYBE:
		*(const char **)row->ret = value ? value : "";
		break;
	case ARGUMENT_LIST:
		return add(row->ret, value);
	}
	return 0;
}

int arguments_parse(const struct argument *table, int argc, char **argv,
		    struct strings *ret)
{
	bool is_over = false;

	for (int i = 0; i < argc; i++) {
		const char *text = argv[i];
		const struct argument *row;
		size_t len;
		int r;

		if (is_over || text[0] != '-' || text[1] == '\0') {
			r = add(ret, text);
			if (r < 0)
				return r;
			continue;
		}
		is_over = strcmp(text, "--") == 0;
		if (is_over)
			continue;
		if (strcmp(text, "--help") == 0)
			return 1;
		len = strcspn(text, "=");
		row = strncmp(text, "--", 2) == 0 ?
			      find(table, text + 2, len - 2) :
			      NULL;
		if (!row) {
			log_error("unknown option '%s': see --help", text);
			return -EINVAL;
		}
		r = take(row, text[len] == '=' ? text + len + 1 : NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

void arguments_help(const struct argument *table)
{
	for (const struct argument *row = table; row->name; row++) {
		bool is_optional = row->type == ARGUMENT_MAYBE;
		char left[64];

		(void)snprintf(left, sizeof(left), "--%s%s%s%s%s", row->name,
			       is_optional ? "[" : "",
			       row->value_name ? "=" : "",
			       row->value_name ? row->value_name : "",
			       is_optional ? "]" : "");
		printf("  %-20s %s\n", left, row->help);
	}
}
