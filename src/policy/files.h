/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing many files, several at a time. */
#ifndef POLICY_FILES_H
#define POLICY_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "verify/integrity.h"

struct file {
	const char *path; /* "-" is the standard input where that is allowed */
	unsigned algorithms; /* in: what to compute, as bits */
	int error; /* out: 0, or -errno of open(2) or read(2) */
	struct digests digests; /* out */
	struct digests without_bom; /* out: of a package.json that has one */
};

/**
 * files_hash() - hash each of @files
 * @jobs: how many at a time; 0: as many as there are processors
 * @is_regular_only: anything but a regular file is -EINVAL
 *
 * Shows a progress line on stderr if that is a terminal and it takes a while.
 *
 * Return: 0, or -ENOMEM or -EIO if no file could be hashed. A file that cannot
 * be read is no failure of the call.
 */
int files_hash(struct file *files, size_t n, unsigned jobs,
	       bool is_regular_only);

/** files_error() - the text of a file's error */
const char *files_error(const struct file *file);

/** files_parse_jobs() - a --jobs value, NULL for 0. Logs. 0 or -EINVAL. */
int files_parse_jobs(const char *text, unsigned *ret);

/**
 * files_parse_algorithm() - an --algorithm value, NULL for sha384
 *
 * Logs. Return: an enum algorithm, or -EINVAL.
 */
int files_parse_algorithm(const char *text);

#endif
