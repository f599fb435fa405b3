/* SPDX-License-Identifier: Apache-2.0 */
/* Which directories are granted as a whole; learn_emit.c says the rest. */
#include "supervise/learn_merge.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "supervise/learn_emit.h"
#include "supervise/learn_tree.h"

/* Names that were made up are not looked at one by one beyond this. */
#define TEMPORARY_MAX 64
/* "a*" of a file "a" would say little. */
#define PREFIX_MIN 3

struct merge {
	const struct learn_input *input;
	struct learn_tree tree;
};

/* What lies beneath a directory, its children taken together. */
struct sum {
	size_t units[LEARN_BITS];
	size_t paths[LEARN_BITS];
	size_t branches[LEARN_BITS]; /* children that need something */
	size_t n_temporary;
	bool has_metadata;
};

/* Children of @i, one after the other: from i + 1 by each one's end. */
static struct sum sum_up(const struct merge *merge, size_t i)
{
	const struct learn_node *nodes = merge->tree.nodes;
	struct sum sum = { 0 };

	for (size_t j = i + 1; j < nodes[i].end; j = nodes[j].end) {
		sum.has_metadata |= (nodes[j].exact & LEARN_STAT) != 0;
		if (nodes[j].is_dropped)
			continue;
		sum.n_temporary += nodes[j].is_temporary;
		for (int bit = 0; bit < LEARN_BITS; bit++) {
			sum.units[bit] += nodes[j].units[bit];
			sum.paths[bit] += nodes[j].paths[bit];
			sum.branches[bit] += nodes[j].units[bit] > 0;
		}
	}
	return sum;
}

/*
 * "data.json.81f3a2" beside "data.json", made, renamed or removed: what begins
 * with a name that stays is covered by that name and a star.
 */
static void find_prefixes(struct merge *merge, size_t i)
{
	struct learn_node *nodes = merge->tree.nodes;
	size_t n = 0;

	for (size_t j = i + 1; j < nodes[i].end; j = nodes[j].end)
		n += nodes[j].is_temporary;
	if (n == 0 || n > TEMPORARY_MAX)
		return;
	for (size_t j = i + 1; j < nodes[i].end; j = nodes[j].end) {
		size_t k = i + 1;

		for (; nodes[j].is_temporary && k < nodes[i].end;
		     k = nodes[k].end) {
			size_t len = strlen(nodes[k].name);

			if (nodes[k].is_temporary || len < PREFIX_MIN ||
			    !(nodes[k].exact & LEARN_WRITE) ||
			    strncmp(nodes[j].name, nodes[k].name, len) != 0)
				continue;
			nodes[k].prefix = LEARN_READ | LEARN_WRITE;
			nodes[j].is_dropped = true;
			break;
		}
	}
}

static bool is_directory(const struct learn_node *node, const struct sum *sum)
{
	return node->now == LEARN_IS_DIRECTORY ||
	       (node->entry && node->entry->is_directory) ||
	       sum->units[LEARN_READS] + sum->units[LEARN_WRITES] > 0;
}

/* Rights that are needed on the directory or beneath it. */
static unsigned wanted(const struct learn_node *node, const struct sum *sum)
{
	unsigned rights = node->exact & (LEARN_READ | LEARN_WRITE);

	for (int bit = 0; bit < LEARN_BITS; bit++)
		rights |= sum->units[bit] > 0 ? 1u << bit : 0;
	return rights;
}

/* The rights that are given on all of a directory. */
static unsigned choose(const struct merge *merge, struct learn_node *node,
		       const char *path, const struct sum *sum)
{
	const struct learn_place *place = &merge->input->place;
	const struct learn_entry *entry = node->entry;
	bool is_temporary = learn_is_temporary(place, path);
	bool is_broad = learn_is_broad(place, path);
	bool has_any = sum->units[LEARN_READS] + sum->units[LEARN_WRITES] > 0;
	unsigned rights = 0;

	if (!is_directory(node, sum))
		return 0;
	node->has_temporary = sum->n_temporary > 0 &&
			      (is_temporary || !is_broad);
	if (node->has_temporary)
		rights |= LEARN_READ | LEARN_WRITE;
	if (is_broad)
		return rights;
	if (learn_is_package(node->name))
		rights |= wanted(node, sum) & LEARN_READ;
	if (entry && entry->is_moved)
		rights |= LEARN_READ | LEARN_WRITE;
	if (entry && entry->is_made && (has_any || node->is_temporary))
		rights |= wanted(node, sum);
	/* Who lists it looks at what is there, whatever that is next time. */
	if (entry && entry->is_listed &&
	    (sum->units[LEARN_READS] > 0 || sum->has_metadata))
		rights |= LEARN_READ;
	for (int bit = 0; bit < LEARN_BITS; bit++)
		if (sum->units[bit] > merge->input->max &&
		    sum->branches[bit] > 1)
			rights |= 1u << bit;
	return rights;
}

/* Made by the run, and it will be called something else the next time. */
static bool is_temporary(const struct merge *merge,
			 const struct learn_node *node, const char *path)
{
	const struct learn_entry *entry = node->entry;
	char parent[PATH_MAX];
	char *slash;
	bool is_random;

	/* With a star in it it covers the next name as well. */
	if (!entry || !entry->is_made || strstr(node->name, LEARN_ANY))
		return false;
	is_random = learn_is_random(node->name);
	if (strlen(path) >= sizeof(parent))
		return false;
	memcpy(parent, path, strlen(path) + 1);
	slash = strrchr(parent, '/');
	slash[slash == parent ? 1 : 0] = '\0';
	if (learn_is_temporary(&merge->input->place, parent))
		return is_random || node->now == LEARN_IS_GONE;
	return learn_is_dated(node->name) ||
	       (is_random &&
		(entry->is_exclusive || node->now == LEARN_IS_GONE));
}

/* Its children are finished: they stand behind it. */
static void finish(struct merge *merge, size_t i)
{
	struct learn_node *node = &merge->tree.nodes[i];
	char path[PATH_MAX];
	struct sum sum;

	learn_tree_path(&merge->tree, i, path);
	/* A new name must not allow more than the old one did. */
	if (node->entry && node->entry->is_moved && (node->exact & LEARN_WRITE))
		node->exact |= LEARN_READ;
	node->is_temporary = is_temporary(merge, node, path);
	find_prefixes(merge, i);
	sum = sum_up(merge, i);
	node->tree = choose(merge, node, path, &sum);
	for (int bit = 0; bit < LEARN_BITS; bit++) {
		bool is_own = node->exact & 1u << bit;

		node->paths[bit] = sum.paths[bit] + is_own;
		node->units[bit] =
			node->tree & 1u << bit ? 1 : sum.units[bit] + is_own;
	}
}

int learn_merge(const struct learn_input *input, struct learn_result *ret)
{
	struct merge merge = { .input = input };
	int r = learn_tree_make(input, &merge.tree);

	*ret = (struct learn_result){ 0 };
	if (r == 0) {
		for (size_t i = merge.tree.n; i-- > 0;)
			finish(&merge, i);
		r = learn_emit(&merge.tree, ret);
	}
	learn_tree_done(&merge.tree);
	return r;
}
