/* SPDX-License-Identifier: Apache-2.0 */
/* The options that a run would have needed, each with its reason. */
#ifndef SUPERVISE_LEARN_NEEDS_H
#define SUPERVISE_LEARN_NEEDS_H

#include <stdint.h>

#include "supervise/learn_merge.h"
#include "supervise/options.h"

/* Why an option is there. */
struct learn_reason {
	const char *option; /* without dashes; static */
	char *item; /* of its list; NULL: the option itself */
	char *text;
};

struct learn_needs {
	/* What was given and what was learned; only the lists are owned. */
	struct options options;
	struct learn_reason *reasons;
	size_t n_reasons;
	struct strings left_out; /* what no option allows */
	uint64_t n_lost; /* denials that were not kept */
	bool has_any_port; /* it listened where the kernel chose the port */
};

/**
 * learn_needs_make() - from what was denied under @base
 * @grants_max: LEARN_GRANTS_MAX, or less for a shorter result
 *
 * Looks at what is there now, and asks decide() what the other options cover.
 *
 * Return: 0 or -errno.
 */
int learn_needs_make(const struct options *base, struct learn *learn,
		     unsigned grants_max, struct learn_needs *ret);

/** learn_needs_add() - one more; @item and @text are copied. 0 or -ENOMEM. */
int learn_needs_add(struct learn_needs *needs, const char *option,
		    const char *item, const char *text);

/** learn_needs_done() - free everything; accepts a half-made one */
void learn_needs_done(struct learn_needs *needs);

/*
 * learn_programs.c: --allow-child-process. @entries are all of a run, files
 * first; what must be readable for a program to run is added to @readable.
 */
int learn_programs(struct learn_needs *needs, const struct learn_entry *entries,
		   size_t n, const struct learn_place *place,
		   struct strings *readable);

/*
 * learn_files.c: --allow-fs-read, --allow-fs-write, --allow-fs-metadata, when
 * all else is known. @input: where, and how short; the rest is set here.
 */
int learn_files(struct learn_needs *needs, const struct learn_entry *entries,
		size_t n, const struct strings *readable,
		struct learn_input *input);

#endif
