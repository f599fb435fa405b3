/* SPDX-License-Identifier: Apache-2.0 */
/* Values with commas: PATH[,PATH]… as options have them. */
#ifndef SUPERVISE_PATHLIST_H
#define SUPERVISE_PATHLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/strlist.h"

/**
 * pathlist_split() - append the items of @value to @ret
 * @is_path: an existing path that itself contains a comma is one item; the
 *           longest one wins. Without it every comma separates.
 *
 * `\,` is a comma that does not separate; it becomes a plain comma in the
 * item. The escapes `\*` and `\\` are left for who interprets the stars.
 *
 * Return: 0, -ENOMEM, or -EINVAL if an item is empty.
 */
int pathlist_split(const char *value, bool is_path, struct strings *ret);

/**
 * pathlist_add() - append all of @value as one item, its commas literal
 *
 * Return: as pathlist_split().
 */
int pathlist_add(const char *value, struct strings *ret);

#endif
