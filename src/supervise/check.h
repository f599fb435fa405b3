/* SPDX-License-Identifier: Apache-2.0 */
/* --check: which options can be enforced here. */
#ifndef SUPERVISE_CHECK_H
#define SUPERVISE_CHECK_H

#include <stdio.h>

struct options;

/**
 * check_run() - one line for each option that is given; for all when none is
 *
 * With options->verbose first one line for each kernel feature. Call it before
 * signals_open() and before any thread exists: it forks.
 *
 * Return: how many cannot be enforced.
 */
int check_run(const struct options *options, FILE *out);

#endif
