/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are the runtime's own code: its program and its libraries. */
#ifndef SUPERVISE_IMAGES_H
#define SUPERVISE_IMAGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/strlist.h"

struct images {
	/* All paths are resolved. */
	struct strings files; /* of the runtime */
	struct strings trees; /* what lies beneath is the runtime's as well */
	struct strings child_files; /* of the programs that may be started */
	bool has_system; /* any system library may be the runtime's */
	dev_t dev; /* the runtime's program */
	ino_t ino;
};

/** images_set_runtime() - which file is the runtime. 0 or -ENOMEM. */
int images_set_runtime(struct images *images, const char *path);

/**
 * images_add() - @path is code of the runtime: a file, or a directory of such
 *
 * One that does not exist is left out. Return: 0 or -ENOMEM.
 */
int images_add(struct images *images, const char *path);

/** images_add_child() - the same for a file of a program that it may start */
int images_add_child(struct images *images, const char *path);

/** images_are_of_runtime() - is the file at @path the runtime's own? Pure. */
bool images_are_of_runtime(const struct images *images, const char *path);

/** images_are_of_child() - may any program that it starts load it? Pure. */
bool images_are_of_child(const struct images *images, const char *path);

/** images_done() - free everything; accepts a half-made one */
void images_done(struct images *images);

#endif
