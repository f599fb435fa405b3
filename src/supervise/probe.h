/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel and this place (container, outer seccomp) allow. */
#ifndef SUPERVISE_PROBE_H
#define SUPERVISE_PROBE_H

#include <stdbool.h>
#include <stdio.h>

struct lacks;

/**
 * probe_run() - try every kernel feature we build on, one line each
 * @is_verbose: also say what each is needed for when it works
 *
 * Call it before signals_open() and before any thread exists: it forks.
 *
 * Return: how many needed features are missing.
 */
int probe_run(FILE *out, bool is_verbose);

/**
 * probe_lacks() - what is missing, and can be done without (--degraded)
 *
 * Logs one line for the first thing that cannot. Forks, as probe_run() does.
 *
 * Return: 0; -ENOTSUP, or -EPERM as probe_required().
 */
int probe_lacks(struct lacks *ret);

/**
 * probe_required() - the cheap part of it, before a run
 * @is_alone: without a supervisor (--landlock-only)
 *
 * Logs one line for the first thing that is missing. Forks nothing.
 *
 * Return: 0 or -ENOTSUP; -EPERM when started with raised privileges (set-uid,
 * set-gid, file capabilities).
 */
int probe_required(bool is_alone);

#endif
