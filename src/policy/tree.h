/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the code files of a tree. */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/strlist.h"

/* A file that is to be left out, whatever it is called. */
struct file_id {
	bool is_set;
	dev_t device;
	ino_t inode;
};

struct tree_filter {
	const struct strings *code; /* more patterns that are code */
	const struct strings *exclude; /* patterns that are not */
	struct file_id skip[2];
};

/**
 * tree_find() - the code files below @root
 * @root: absolute, resolved
 * @ret: their absolute paths are added, in no order
 *
 * Symbolic links are not followed: a link does not change what the file it
 * leads to is called when it is loaded. A pattern with a slash is matched
 * against the path below @root, another one against the last name. What
 * cannot be read is logged and is an error.
 *
 * Return: 0 or -errno.
 */
int tree_find(const char *root, const struct tree_filter *filter,
	      struct strings *ret);

/** tree_is_code() - is @path code by its name? @root: resolved */
bool tree_is_code(const struct tree_filter *filter, const char *root,
		  const char *path);

/** tree_is_excluded() - is @path, or a directory on the way there, left out? */
bool tree_is_excluded(const struct tree_filter *filter, const char *root,
		      const char *path);

/** tree_sort() - sort @paths and drop what is there twice */
void tree_sort(struct strings *paths);

#endif
