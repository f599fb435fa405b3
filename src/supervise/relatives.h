/* SPDX-License-Identifier: Apache-2.0 */
/* What processes of the sandbox may know about each other without a flag. */
#ifndef SUPERVISE_RELATIVES_H
#define SUPERVISE_RELATIVES_H

#include "supervise/supervisor.h"

/**
 * relatives_may_see() - is @object how a process of the sandbox is doing?
 * @owner: the process that its path names
 *
 * That is /proc/PID itself and its stat, statm, status, comm and cmdline, of
 * the command's first process or a descendant of it. An orphan is none: its
 * parent is the supervisor, which may have had other children before.
 */
bool relatives_may_see(const struct call *call, const struct object *object,
		       pid_t owner);

#endif
