/* SPDX-License-Identifier: Apache-2.0 */
/* The symbolic links on the way from a path to what it names. */
#ifndef SUPERVISE_LINKS_H
#define SUPERVISE_LINKS_H

#include "common/strlist.h"

/**
 * links_collect() - append every link that is followed to resolve @path
 * @path: absolute, or relative to the working directory
 * @ret: links that it does not have yet, each by the path of the link itself
 *       with no other link in it, in the order in which they are met
 *
 * Programs look at them one by one: Node to find the real name of its entry,
 * Python to find its virtual environment.
 *
 * Return: 0 (also if @path leads nowhere), -ENOMEM, -ENAMETOOLONG, or -errno
 * of getcwd(3).
 */
int links_collect(const char *path, struct strings *ret);

#endif
