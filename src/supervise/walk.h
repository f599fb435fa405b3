/* SPDX-License-Identifier: Apache-2.0 */
/* The component walk: symbolic links and /proc as the target sees them. */
#ifndef SUPERVISE_WALK_H
#define SUPERVISE_WALK_H

#include "supervise/path_text.h"
#include "supervise/resolve.h"

#define WALK_LINKS_MAX 40 /* MAXSYMLINKS of the kernel */

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
