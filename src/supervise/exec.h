/* SPDX-License-Identifier: Apache-2.0 */
/* What execve(2) may start, and what that has started. */
#ifndef SUPERVISE_EXEC_H
#define SUPERVISE_EXEC_H

#include <stdbool.h>

#include "supervise/supervisor.h"

/**
 * exec_is_bare_linker() - is the requester a dynamic linker that runs alone?
 *
 * The linker has to be executable for the kernel, so a race at execve can start
 * it by itself; what it is given then runs without having been asked for. A
 * process that is the dynamic linker opens nothing.
 *
 * Return: true also when it cannot be told.
 */
bool exec_is_bare_linker(const struct call *call);

#endif
