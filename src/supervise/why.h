/* SPDX-License-Identifier: Apache-2.0 */
/* What enforcement would answer, asked before anything runs. */
#ifndef SUPERVISE_WHY_H
#define SUPERVISE_WHY_H

#include <limits.h>
#include <stdbool.h>

#include "supervise/rules.h"

/**
 * why_decide() - resolve @path from here as for a target, and judge it
 * @allow_child: --allow-child-process
 * @ret_path: where it leads; for a denial that is about the way there, that
 *            directory
 *
 * The same code as for a notification, so that there is one answer.
 *
 * Return: 0; a negative errno for what fails by itself, whatever is allowed.
 */
int why_decide(const struct rules *rules, bool allow_child,
	       enum operation operation, const char *path,
	       char ret_path[PATH_MAX], struct decision *ret);

#endif
