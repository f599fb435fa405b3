/* SPDX-License-Identifier: Apache-2.0 */
/* Names beneath /proc/PID: which of them are not what their text says. */
#ifndef SUPERVISE_PROC_PLACE_H
#define SUPERVISE_PROC_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

/* The place in /proc/PID[/task/TID] that a component is asked in. */
struct proc_place {
	pid_t pid;
	pid_t tid; /* == pid without task/ */
	char directory[16]; /* "", "fd", "ns", "map_files", … */
};

/** proc_place_parse() - is @path such a place? Then what it says. */
bool proc_place_parse(const char *path, struct proc_place *ret);

/**
 * proc_place_host_state() - /proc/PID[/task/TID]/net: the whole host's
 *
 * Return: what follows the numbers, "/net" or "/net/…", or NULL.
 */
const char *proc_place_host_state(const char *path);

/** proc_place_is_magic() - a link whose text does not say where it leads */
bool proc_place_is_magic(const struct proc_place *place, const char *name);

#endif
