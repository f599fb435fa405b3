/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that descend from this one: what a sandbox is without a layer. */
#ifndef SUPERVISE_DESCENDANTS_H
#define SUPERVISE_DESCENDANTS_H

#include <stddef.h>
#include <sys/types.h>

/**
 * descendants_signal() - send @signal to each of them, 0 to only count them
 * @keep: children of ours that are left out, with their descendants
 *
 * Children of a process that has ended are found if we are their subreaper.
 * One that is made meanwhile may be missed: ask again.
 *
 * Return: how many there were, or -errno of reading /proc.
 */
int descendants_signal(const pid_t *keep, size_t n_keep, int signal);

#endif
