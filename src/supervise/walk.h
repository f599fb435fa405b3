/* SPDX-License-Identifier: Apache-2.0 */
/* The component walk: symbolic links and /proc as the target sees them. */
#ifndef SUPERVISE_WALK_H
#define SUPERVISE_WALK_H

#include "supervise/resolve.h"

#define WALK_LINKS_MAX 40 /* MAXSYMLINKS of the kernel */

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

/**
 * walk() - follow @full from the root, component by component
 * @ret: .kind, .path, .own_fd, .was_link; .fd and .st for OBJECT_OWN and
 *       OBJECT_PROC. For OBJECT_FILE the path is a proposal to be proven.
 *
 * Return: 0, or a negative errno for the target.
 */
int walk(struct view *view, const char *full, unsigned flags,
	 struct object *ret);

#endif
