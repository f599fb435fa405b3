/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options, and how one value of one option is taken. */
#ifndef SUPERVISE_OPTABLE_H
#define SUPERVISE_OPTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise/options.h"

enum option_kind {
	OPTION_FLAG, /* no value; in JSON a boolean */
	OPTION_TEXT, /* one value, given once; in JSON a string */
	OPTION_NUMBER, /* one value, given once; in JSON an integer */
	OPTION_PATHS, /* repeatable; a comma may be part of an existing path */
	OPTION_NAMES, /* repeatable; every comma separates */
	OPTION_NUMBERS, /* repeatable; in JSON an array of integers */
};

enum option_group {
	OPTION_GROUP_FILES,
	OPTION_GROUP_PROCESSES,
	OPTION_GROUP_NETWORK,
	OPTION_GROUP_INTEGRITY,
	OPTION_GROUP_RUN,
	OPTION_GROUP_ASK,
	OPTION_GROUP_REPORT,
	OPTION_GROUP_MAX,
};

#define OPTION_ERROR_SIZE 256

struct option_row;

/*
 * Takes one item of a value; NULL is the option without a value. Overwrites
 * what an earlier source said, but adds to lists. On -EINVAL the buffer of
 * OPTION_ERROR_SIZE bytes says what is wrong, without naming the option.
 */
typedef int option_take(struct options *options, const struct option_row *row,
			const char *item, char *error);

struct option_row {
	const char *name; /* without the dashes: also the key in --config */
	const char *value; /* what the value is called; NULL: it takes none */
	enum option_kind kind;
	enum option_group group;
	bool is_optional; /* the value may be left out */
	bool is_line_only; /* not in --config files */
	option_take *take; /* NULL: options.c itself, or a refusal */
	size_t offset; /* of its field in struct options, for common takers */
	const char *help; /* whole sentences, wrapped where they are printed */
	const char *words; /* values that a shell can complete, or NULL */
	const char *refusal; /* not in this version: what holds instead */
};

/** optable_rows() - all options, ordered as --help shows them */
const struct option_row *optable_rows(size_t *ret_n);

/** optable_find() - the option of that name, or NULL */
const struct option_row *optable_find(const char *name, size_t len);

/** optable_nearest() - the name that was probably meant, or NULL */
const char *optable_nearest(const char *name, size_t len);

/** optable_group() - the heading of a group */
const char *optable_group(enum option_group group);

#endif
