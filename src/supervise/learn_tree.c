/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a run as a tree of directories. */
#include "supervise/learn_tree.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define DEPTH_MAX (PATH_MAX / 2)

/* So that what lies beneath a directory follows it at once: '/' comes first. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (*a == '/' || *b == '/')
		return *a == '/' ? (*b ? -1 : 1) : (*a ? 1 : -1);
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

struct place {
	const struct learn_entry *entry;
	enum learn_now now;
};

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return compare_paths(x->entry->object, y->entry->object);
}

static int add_node(struct learn_tree *tree, size_t parent, const char *name,
		    size_t len)
{
	struct learn_node *nodes, *node;

	if ((tree->n & (tree->n - 1)) == 0) {
		nodes = reallocarray(tree->nodes, tree->n ? 2 * tree->n : 1,
				     sizeof(*nodes));
		if (!nodes)
			return -ENOMEM;
		tree->nodes = nodes;
	}
	node = &tree->nodes[tree->n++];
	*node = (struct learn_node){ .parent = parent,
				     .now = LEARN_IS_DIRECTORY };
	if (len >= sizeof(node->name))
		len = sizeof(node->name) - 1; /* no file has such a name */
	memcpy(node->name, name, len);
	return 0;
}

/* The nodes from the root to the last one that was added. */
struct way {
	size_t nodes[DEPTH_MAX];
	size_t depth;
};

/* Goes down to component @name, making it if it is new here. */
static int step(struct learn_tree *tree, struct way *way, size_t depth,
		const char *name, size_t len)
{
	size_t parent = way->nodes[depth - 1];
	char number[32] = "";
	int r;

	if (len < sizeof(number))
		memcpy(number, name, len);
	if (depth == 2 && learn_is_number(number) &&
	    strcmp(tree->nodes[parent].name, "proc") == 0) {
		name = LEARN_ANY;
		len = 1;
	}
	if (depth < way->depth) {
		const struct learn_node *node = &tree->nodes[way->nodes[depth]];

		if (strncmp(node->name, name, len) == 0 &&
		    node->name[len] == '\0')
			return 0;
	}
	r = add_node(tree, parent, name, len);
	way->nodes[depth] = tree->n - 1;
	way->depth = depth + 1;
	return r;
}

static int add_path(struct learn_tree *tree, struct way *way,
		    const struct place *place)
{
	const char *at = place->entry->object;
	struct learn_node *node;
	size_t depth = 1;
	int r = 0;

	while (*at == '/')
		at++;
	while (*at && depth < DEPTH_MAX && r == 0) {
		size_t len = strcspn(at, "/");

		r = step(tree, way, depth++, at, len);
		at += len;
		while (*at == '/')
			at++;
	}
	if (r < 0)
		return r;
	node = &tree->nodes[way->nodes[depth - 1]];
	node->entry = place->entry;
	node->now = place->now;
	node->exact |= place->entry->rights;
	return 0;
}

int learn_tree_make(const struct learn_input *input, struct learn_tree *ret)
{
	_cleanup_free_ struct place *places = NULL;
	_cleanup_free_ struct way *way = NULL;
	int r;

	*ret = (struct learn_tree){ 0 };
	places = calloc(input->n + 1, sizeof(*places));
	way = calloc(1, sizeof(*way));
	if (!places || !way)
		return -ENOMEM;
	for (size_t i = 0; i < input->n; i++)
		places[i] = (struct place){ &input->entries[i], input->now[i] };
	qsort(places, input->n, sizeof(*places), compare);
	r = add_node(ret, 0, "", 0);
	way->depth = 1;
	for (size_t i = 0; i < input->n && r == 0; i++)
		r = add_path(ret, way, &places[i]);
	for (size_t i = ret->n; r == 0 && i-- > 0;) {
		struct learn_node *node = &ret->nodes[i];
		struct learn_node *parent = &ret->nodes[node->parent];

		if (node->end == 0)
			node->end = i + 1;
		if (i > 0 && parent->end < node->end)
			parent->end = node->end;
	}
	return r;
}

void learn_tree_path(const struct learn_tree *tree, size_t i, char *ret)
{
	size_t ways[DEPTH_MAX], depth = 0, len = 0;

	for (; i > 0 && depth < DEPTH_MAX; i = tree->nodes[i].parent)
		ways[depth++] = i;
	while (depth > 0) {
		const char *name = tree->nodes[ways[--depth]].name;
		size_t size = strlen(name);

		if (len + size + 2 > PATH_MAX)
			break;
		ret[len++] = '/';
		memcpy(ret + len, name, size);
		len += size;
	}
	if (len == 0)
		ret[len++] = '/';
	ret[len] = '\0';
}

void learn_tree_done(struct learn_tree *tree)
{
	free(tree->nodes);
	*tree = (struct learn_tree){ 0 };
}
