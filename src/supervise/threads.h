/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: how many a runtime needs for itself, and no more. */
#ifndef SUPERVISE_THREADS_H
#define SUPERVISE_THREADS_H

#include <stdbool.h>

struct call;

/**
 * threads_lock() - the requester's process has the threads that it needs
 *
 * From now on it gets no further one, until it has only one thread again,
 * which means that it has executed a program.
 *
 * Return: 0 or a negative errno.
 */
int threads_lock(struct call *call);

/**
 * threads_may_load() - may the requester be the thread of a loader?
 *
 * Before Node.js 22.15 imports are resolved in a thread of their own, which
 * looks like a Worker. Only with dependencies to ask about, and unlocked.
 */
bool threads_may_load(const struct call *call);

#endif
