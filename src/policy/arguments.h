/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a subcommand as a table: parsing and --help come from it. */
#ifndef POLICY_ARGUMENTS_H
#define POLICY_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"

enum argument_type {
	ARGUMENT_FLAG, /* bool: set to true */
	ARGUMENT_TEXT, /* const char *: the value, borrowed from argv */
	ARGUMENT_MAYBE, /* const char *: the value, "" without one */
	ARGUMENT_LIST, /* struct strings: one more item */
};

struct argument {
	const char *name; /* without the dashes */
	const char *value_name; /* for --help, or NULL */
	enum argument_type type;
	void *ret; /* what the type says */
	const char *help;
};

/**
 * arguments_parse() - parse what stands behind the name of a subcommand
 * @table: options, ended by a row without a name
 * @ret: the operands
 *
 * Values are written with "="; "--" ends the options. Logs what is wrong.
 *
 * Return: 0, 1 if --help was asked for, -EINVAL, or -ENOMEM.
 */
int arguments_parse(const struct argument *table, int argc, char **argv,
		    struct strings *ret);

/** arguments_help() - print the rows of @table on stdout */
void arguments_help(const struct argument *table);

#endif
