/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Landlock layer around the whole sandbox and nothing else. A thread of ours
 * is in it, with the signal scope: the target is forked there, and a signal to
 * "every process" from there reaches exactly the sandbox, all at once, however
 * fast it forks. One for each process.
 */
#ifndef SUPERVISE_SCOPE_H
#define SUPERVISE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * scope_start() - start the thread
 * @has_signals: Landlock can keep signals inside; else, with --degraded, there
 *	is no layer, and the sandbox is what descends from this process
 *
 * Call it in the domain that the target's shall be nested in. The thread lives
 * as long as the process.
 *
 * Return: 0 or -errno (-EOPNOTSUPP: no Landlock, -EINVAL: no signal scope).
 */
int scope_start(bool has_signals);

/**
 * scope_fork() - fork(2) in the layer
 * @child: called in the child; must not return
 *
 * PR_SET_PDEATHSIG of the child refers to the thread, so to the end of the
 * process.
 *
 * Return: the pid or -errno.
 */
pid_t scope_fork(void (*child)(void *data), void *data);

/** scope_is_proven() - has a child found that it cannot signal us? */
bool scope_is_proven(void);

/**
 * scope_keep() - children of ours that are not of the sandbox (no layer only)
 * @pids: borrowed for good
 */
void scope_keep(const pid_t *pids, size_t n);

/**
 * scope_count() - how many other processes are in the layer
 *
 * A process counts that has ended and was not reaped.
 *
 * Return: the number; -ESRCH if no child has run in it yet, or -errno of
 * reading /proc.
 */
int scope_count(void);

/**
 * scope_kill() - send a signal to every process in the layer
 *
 * Return: 0; -ESRCH if no child has run in it yet, or -errno.
 */
int scope_kill(int signal);

#endif
