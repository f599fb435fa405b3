/* SPDX-License-Identifier: Apache-2.0 */
/* Setting options from one source: the command line or a --config file. */
#ifndef SUPERVISE_OPTSET_H
#define SUPERVISE_OPTSET_H

#include <stdbool.h>

#include "supervise/optable.h"

#define OPTION_ROWS_MAX 64

struct option_source {
	struct options *options;
	bool seen[OPTION_ROWS_MAX]; /* by row: given in this source already */
	char error[OPTION_ERROR_SIZE]; /* why the last call gave -EINVAL */
};

/**
 * option_check() - may @row be given (again) in this source?
 *
 * Return: 0, or -EINVAL with source->error.
 */
int option_check(struct option_source *source, const struct option_row *row);

/**
 * option_take_value() - take a value as it stands on the command line
 * @value: NULL if there is none
 *
 * Return: 0, -ENOMEM, or -EINVAL with source->error.
 */
int option_take_value(struct option_source *source,
		      const struct option_row *row, const char *value);

/**
 * option_take_item() - take one item of a list, whose commas are literal
 *
 * Return: as option_take_value().
 */
int option_take_item(struct option_source *source, const struct option_row *row,
		     const char *item);

/** option_is_list() - may it be given more than once? */
bool option_is_list(const struct option_row *row);

#endif
