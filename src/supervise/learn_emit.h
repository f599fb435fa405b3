/* SPDX-License-Identifier: Apache-2.0 */
/* The grants of a tree of files, as options are written. */
#ifndef SUPERVISE_LEARN_EMIT_H
#define SUPERVISE_LEARN_EMIT_H

#include "supervise/learn_tree.h"

/** learn_describe() - who did it: "node openat, 3 times" */
void learn_describe(const struct learn_entry *entry, char *ret, size_t size);

/** learn_emit() - one grant for each node that needs one. 0 or -ENOMEM. */
int learn_emit(const struct learn_tree *tree, struct learn_result *ret);

#endif
