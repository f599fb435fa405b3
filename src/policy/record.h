/* SPDX-License-Identifier: Apache-2.0 */
/* What a run loaded and asked for, from the events of nssupervise. */
#ifndef POLICY_RECORD_H
#define POLICY_RECORD_H

#include <stddef.h>

#include "common/strlist.h"

/* One question for a dependency, as it was asked. */
struct asked {
	char *parent; /* URL */
	char *specifier;
	char *conditions; /* separated by commas */
};

struct record {
	struct strings objects; /* paths and URLs of what was not accepted */
	struct asked *asked;
	size_t n_asked;
};

/**
 * record_load() - add what is in @file to @ret
 * @file: of --log-format=json, "-" for the standard input
 *
 * Logs what is wrong. A log that lost events is refused.
 *
 * Return: 0 or -errno; record_done() in both cases.
 */
int record_load(const char *file, struct record *ret);

/** record_done() - free what record_load() made */
void record_done(struct record *record);

#endif
