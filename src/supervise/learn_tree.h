/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a run as a tree of directories. */
#ifndef SUPERVISE_LEARN_TREE_H
#define SUPERVISE_LEARN_TREE_H

#include "supervise/learn_merge.h"

enum { LEARN_READS, LEARN_WRITES, LEARN_BITS }; /* 1 << i: enum learn_right */

struct learn_node {
	char name[256];
	size_t parent;
	size_t end; /* one behind its last descendant */
	const struct learn_entry *entry; /* NULL: only something beneath it */
	enum learn_now now;
	unsigned exact; /* enum learn_right bits of itself */
	unsigned tree; /* ... of itself and all that lies beneath */
	unsigned prefix; /* ... of all names here that begin like this one */
	bool is_temporary; /* made, and called something else next time */
	bool is_dropped; /* covered by a prefix */
	bool has_temporary; /* granted as a whole because of such children */
	size_t units[LEARN_BITS]; /* grants that it and all beneath it need */
	size_t paths[LEARN_BITS]; /* entries that they cover */
};

/* In the order of a walk; node 0 is "/". */
struct learn_tree {
	struct learn_node *nodes;
	size_t n;
};

/** learn_tree_make() - sort and place all entries. Return: 0 or -ENOMEM. */
int learn_tree_make(const struct learn_input *input, struct learn_tree *ret);

/**
 * learn_tree_path() - the path of node @i
 * @ret: PATH_MAX bytes; what is longer is cut
 */
void learn_tree_path(const struct learn_tree *tree, size_t i, char *ret);

/** learn_tree_done() - free everything */
void learn_tree_done(struct learn_tree *tree);

#endif
