/* SPDX-License-Identifier: Apache-2.0 */
/* Single executable applications: Node.js and its script in one program. */
#ifndef SUPERVISE_SINGLE_H
#define SUPERVISE_SINGLE_H

#include <stdbool.h>

/**
 * single_is_node() - is the program at @path Node.js with a script in it?
 *
 * Its script is verified with the program, whose arguments are all for it.
 */
bool single_is_node(const char *path);

#endif
