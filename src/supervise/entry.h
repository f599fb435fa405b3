/* SPDX-License-Identifier: Apache-2.0 */
/* One name that a call changes: found, judged, its directory pinned. */
#ifndef SUPERVISE_ENTRY_H
#define SUPERVISE_ENTRY_H

#include "supervise/supervisor.h"

struct entry {
	struct object object;
	int parent; /* O_PATH of its directory, owned; -1 until it is needed */
	const char *name;
	bool is_class1;
	bool has_slash; /* said with one at its end: the kernel decides what then */
};

/**
 * entry_find() - resolve name @i of the request and judge that it may change
 * @flags: enum resolve_flags
 * @dots_error: for a name that ends in dots; 0: it is looked up as any path,
 *              else the last component is an entry of its directory
 * @entry: freed by entry_done(), whatever is returned
 *
 * Return: true; false with call->answer set.
 */
bool entry_find(struct call *call, unsigned i, unsigned flags, int dots_error,
		struct entry *entry);

/** entry_find_new() - the same of one that is about to be made */
bool entry_find_new(struct call *call, unsigned i, struct entry *entry);

/**
 * entry_may_move() - may @object go elsewhere?
 *
 * A rule goes by name: what moves a directory above a carve-out or a listed
 * file, or the listed file itself, would take it out of the rule.
 * Return: true; false with the denial reported and answered.
 */
bool entry_may_move(struct call *call, const struct object *object);

/** entry_is_present() - false: the answer is that it is not there */
bool entry_is_present(struct call *call, const struct entry *entry);

/**
 * entry_pin() - pin the directory: the last look before something is changed
 *
 * Return: true; false with call->answer set.
 */
bool entry_pin(struct call *call, struct entry *entry);

/** entry_done() - close what it owns */
void entry_done(struct entry *entry);

#endif
