/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text. */
#ifndef SUPERVISE_PATH_TEXT_H
#define SUPERVISE_PATH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise/resolve.h"

/** path_is_proc() - is @path "/proc" or beneath? */
bool path_is_proc(const char *path);

/**
 * path_normalise() - resolve ".", ".." and "//" in absolute text
 *
 * True for the kernel only where no symbolic link is on the way.
 *
 * Return: 1; 0 when view->may_pass() objects to a component that `..` leaves;
 * -ENAMETOOLONG.
 */
int path_normalise(const char *full, char *ret, size_t size,
		   const struct view *view);

/** path_append() - add a slash and @name. 0 or -ENAMETOOLONG. */
int path_append(char *path, size_t size, const char *name, size_t len);

/** path_cut() - take the last component off; "" is the root */
void path_cut(char *path);

/** path_goes_up() - is ".." a component of @text? */
bool path_goes_up(const char *text);

/** path_ends_in_dots() - 1 if the last component is ".", 2 if "..", else 0 */
unsigned path_ends_in_dots(const char *text);

/** path_cut_slashes() - take slashes off the end, but for the root; true if any */
bool path_cut_slashes(char *text);

#endif
