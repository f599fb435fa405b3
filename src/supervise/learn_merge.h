/* SPDX-License-Identifier: Apache-2.0 */
/* From the files of a run to few grants that cover them. Pure. */
#ifndef SUPERVISE_LEARN_MERGE_H
#define SUPERVISE_LEARN_MERGE_H

#include <stddef.h>

#include "common/strlist.h"
#include "supervise/learn.h"
#include "supervise/learn_names.h"

/* What is there when the run has ended. */
enum learn_now {
	LEARN_IS_GONE,
	LEARN_IS_FILE, /* or anything that is no directory */
	LEARN_IS_DIRECTORY,
};

/* With more grants than this beneath it a directory is granted as a whole. */
#define LEARN_GRANTS_MAX 8

struct learn_input {
	const struct learn_entry *entries; /* of LEARN_FILE; any order */
	const enum learn_now *now; /* of each */
	size_t n;
	struct learn_place place;
	unsigned max; /* LEARN_GRANTS_MAX, or less for a shorter result */
};

struct learn_grant {
	unsigned rights; /* LEARN_READ, LEARN_WRITE */
	char *text; /* an item of the option's list, escaped */
	char *reason;
};

struct learn_result {
	struct learn_grant *grants;
	size_t n;
	struct strings left_out; /* what no sensible grant covers, and why */
};

/**
 * learn_merge() - grants for all that was read and written
 *
 * What only had its metadata looked at is for the caller. A grant on an
 * existing directory covers all of it, so a directory that was only listed
 * gets a pattern that covers little more than itself, and "/" nothing.
 *
 * Return: 0 or -ENOMEM; @ret is freed by learn_result_done() in any case.
 */
int learn_merge(const struct learn_input *input, struct learn_result *ret);

/**
 * learn_add_grant() - append one
 * @text, @reason: taken over, freed also on failure
 */
int learn_add_grant(struct learn_result *result, unsigned rights, char *text,
		    char *reason);

/** learn_escape() - @path as an option takes it; NULL: no memory */
char *learn_escape(const char *path);

/** learn_result_done() - free everything */
void learn_result_done(struct learn_result *result);

#endif
