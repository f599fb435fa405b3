/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories that we move for the target. The kernel follows a path name by
 * name: when a directory on the way goes elsewhere meanwhile, what is found at
 * the end never was where the path says. Those moved by the kernel for the
 * target take nothing along that could be found so: see rules_race_gains().
 */
#ifndef SUPERVISE_MOVES_H
#define SUPERVISE_MOVES_H

#include <stdbool.h>
#include <stdint.h>

/** moves_now() - for moves_since(), before a path is followed */
uint64_t moves_now(void);

/** moves_since() - may a directory have been moved since moves_now()? */
bool moves_since(uint64_t now);

/**
 * moves_begin() - from here on nobody else moves a name
 *
 * Return: 0, or -EBUSY when somebody else's move takes too long.
 */
int moves_begin(void);

/** moves_end() - it is done, or it failed */
void moves_end(void);

#endif
