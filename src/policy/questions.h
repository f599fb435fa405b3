/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded questions for dependencies, as maps of a manifest. */
#ifndef POLICY_QUESTIONS_H
#define POLICY_QUESTIONS_H

#include <stddef.h>

#include "policy/listing.h"
#include "policy/record.h"

/**
 * questions_list() - give each module the specifiers that it asked for
 * @listing: sorted, also afterwards; a parent that is no file is added
 * @n_left_out: those that no manifest can list; each is logged
 *
 * Return: 0 or -ENOMEM.
 */
int questions_list(const struct record *record, struct listing *listing,
		   size_t *n_left_out);

/**
 * questions_prove() - does the finished manifest allow each question?
 * @directory: where the manifest will lie
 *
 * Logs each that it does not. Return: how many, or -errno.
 */
int questions_prove(const struct record *record, const char *text, size_t len,
		    const char *directory);

#endif
