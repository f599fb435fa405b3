/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems that take SECRET for secret. Decisions are on the text of a
 * proven path, so a carve-out there has names that nobody carved out.
 */
#ifndef SUPERVISE_FOLDING_H
#define SUPERVISE_FOLDING_H

#include <stdbool.h>

struct rules;

/** folding_is_on() - has anything on the way to @path other names as well? */
bool folding_is_on(const char *path);

/** folding_check() - 0, or -EINVAL after a message: a carve-out lies there */
int folding_check(const struct rules *rules);

#endif
