/* SPDX-License-Identifier: Apache-2.0 */
/* The grants of a tree of files, as options are written. */
#include "supervise/learn_emit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define ANY LEARN_ANY[0]

char *learn_escape(const char *path)
{
	char *ret = malloc(2 * strlen(path) + 1);
	size_t n = 0;

	for (; ret && *path; path++) {
		if (*path == '*' || *path == '\\')
			ret[n++] = '\\';
		ret[n++] = (char)(*path == ANY ? '*' : *path);
	}
	if (ret)
		ret[n] = '\0';
	return ret;
}

int learn_add_grant(struct learn_result *result, unsigned rights, char *text,
		    char *reason)
{
	struct learn_grant *grants = result->grants;

	if (text && reason && (result->n & (result->n - 1)) == 0) {
		grants = reallocarray(grants, result->n ? 2 * result->n : 1,
				      sizeof(*grants));
		kept(grants);
		if (grants)
			result->grants = grants;
	}
	if (!text || !reason || !grants) {
		free(text);
		free(reason);
		return -ENOMEM;
	}
	/* Two processes of one number each: see LEARN_ANY. */
	if (result->n > 0 && strcmp(grants[result->n - 1].text, text) == 0) {
		grants[result->n - 1].rights |= rights;
		free(text);
		free(reason);
		return 0;
	}
	kept(text);
	kept(reason);
	grants[result->n++] = (struct learn_grant){ rights, text, reason };
	return 0;
}

void learn_result_done(struct learn_result *result)
{
	for (size_t i = 0; i < result->n; i++) {
		free(result->grants[i].text);
		free(result->grants[i].reason);
	}
	free(result->grants);
	strings_done(&result->left_out);
	*result = (struct learn_result){ 0 };
}

void learn_describe(const struct learn_entry *entry, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s%s%s", entry->comm,
			 entry->comm[0] ? " " : "",
			 entry->syscall ? entry->syscall : "");

	if (entry->n > 1 && n >= 0 && (size_t)n < size)
		(void)snprintf(ret + n, size - (size_t)n, ", %u times",
			       entry->n);
}

/* The first entry of a tree that explains it: one that needs @rights. */
static size_t find_example(const struct learn_tree *tree, size_t i,
			   unsigned rights)
{
	bool is_temporary = tree->nodes[i].has_temporary;

	for (size_t j = i; j < tree->nodes[i].end; j++)
		if (tree->nodes[j].entry && (tree->nodes[j].exact & rights) &&
		    (!is_temporary || tree->nodes[j].is_temporary))
			return j;
	return i;
}

struct emitter {
	const struct learn_tree *tree;
	struct learn_result *result;
	size_t i; /* the node at hand */
	char path[PATH_MAX];
};

static int emit(struct emitter *e, unsigned rights, const char *text,
		const char *reason)
{
	return learn_add_grant(e->result, rights, learn_escape(text),
			       strdup(reason));
}

/*
 * What is made first must be a directory before it is there. What is there and
 * is replaced must not be the kernel's to judge: its rules are bound to the
 * directory that it was. A pattern is ours.
 */
static void write_tree(const struct emitter *e, char *ret, size_t size)
{
	const struct learn_node *node = &e->tree->nodes[e->i];
	const struct learn_entry *entry = node->entry;
	const char *name = strrchr(e->path, '/') + 1;

	if (entry && entry->is_replaced && *name)
		(void)snprintf(ret, size, "%.*s" LEARN_ANY "%s/" LEARN_ANY,
			       (int)(name - e->path), e->path, name);
	else if (node->now != LEARN_IS_DIRECTORY || (entry && entry->is_made))
		(void)snprintf(ret, size, "%s/" LEARN_ANY, e->path);
	else
		(void)snprintf(ret, size, "%s", e->path);
}

static int emit_tree(struct emitter *e, unsigned rights)
{
	const struct learn_node *node = &e->tree->nodes[e->i];
	char text[PATH_MAX + 3], example[PATH_MAX], who[64] = "";
	size_t at = find_example(e->tree, e->i, rights);
	char reason[PATH_MAX + 256];
	size_t n = 0;

	for (int bit = 0; bit < LEARN_BITS; bit++)
		if ((rights & 1u << bit) && node->paths[bit] > n)
			n = node->paths[bit];
	write_tree(e, text, sizeof(text));
	learn_tree_path(e->tree, at, example);
	if (e->tree->nodes[at].entry)
		learn_describe(e->tree->nodes[at].entry, who, sizeof(who));
	(void)snprintf(reason, sizeof(reason),
		       "all of it: %zu path%s, merged; one is %s (%s)%s", n,
		       n == 1 ? "" : "s", example, who,
		       node->has_temporary ?
			       ", a name that is another one each time" :
			       "");
	return emit(e, rights, text, reason);
}

static int emit_prefix(struct emitter *e, unsigned rights)
{
	char text[PATH_MAX + 1], reason[256], who[64];

	learn_describe(e->tree->nodes[e->i].entry, who, sizeof(who));
	(void)snprintf(text, sizeof(text), "%s" LEARN_ANY, e->path);
	(void)snprintf(
		reason, sizeof(reason),
		"%s, and files beside it whose names begin like this and end at random",
		who);
	return emit(e, rights, text, reason);
}

/* PARENT followed by a star and the name: little more than the directory. */
static int emit_alone(struct emitter *e, unsigned rights)
{
	const struct learn_entry *entry = e->tree->nodes[e->i].entry;
	const char *name = strrchr(e->path, '/') + 1;
	char text[PATH_MAX + 1], reason[256], who[64];

	learn_describe(entry, who, sizeof(who));
	if (*name == '\0') {
		(void)snprintf(
			reason, sizeof(reason),
			"%s / (%s): a grant of it would be one of everything",
			rights & LEARN_WRITE ? "write" : "read", who);
		return strings_add(&e->result->left_out, reason);
	}
	(void)snprintf(text, sizeof(text), "%.*s" LEARN_ANY "%s",
		       (int)(name - e->path), e->path, name);
	(void)snprintf(
		reason, sizeof(reason),
		"%s: the directory, but not what is in it; the star covers all that ends in %s there",
		who, name);
	return emit(e, rights, text, reason);
}

static int emit_exact(struct emitter *e, unsigned rights)
{
	const struct learn_node *node = &e->tree->nodes[e->i];
	const char *what = "";
	char reason[256], who[64];

	/* A grant on a directory that is there covers what is in it. */
	if (node->now == LEARN_IS_DIRECTORY && !node->entry->is_made)
		return emit_alone(e, rights);
	if (node->is_temporary)
		what = "; its name looks made up, the next run may take another";
	else if (node->entry->is_made)
		what = "; made by the run";
	else if (node->now == LEARN_IS_GONE)
		what = "; it is not there";
	learn_describe(node->entry, who, sizeof(who));
	(void)snprintf(reason, sizeof(reason), "%s%s", who, what);
	return emit(e, rights, e->path, reason);
}

/* @covered: by a grant above. Return: what its descendants need no more. */
static int emit_node(struct emitter *e, unsigned covered, unsigned *ret_covered)
{
	const struct learn_node *node = &e->tree->nodes[e->i];
	unsigned tree = node->tree & ~covered;
	unsigned prefix, exact;
	int r = 0;

	*ret_covered = covered | tree;
	/* Names beside it: its own tree does not cover them. */
	prefix = node->prefix & ~covered;
	exact = node->exact & (LEARN_READ | LEARN_WRITE) &
		~(*ret_covered | prefix);
	*ret_covered |= prefix;
	if (tree | prefix | exact)
		learn_tree_path(e->tree, e->i, e->path);
	if (tree)
		r = emit_tree(e, tree);
	if (prefix && r == 0)
		r = emit_prefix(e, prefix);
	if (exact && r == 0)
		r = emit_exact(e, exact);
	return r;
}

int learn_emit(const struct learn_tree *tree, struct learn_result *ret)
{
	_cleanup_free_ unsigned *covered =
		calloc(tree->n + 1, sizeof(*covered));
	_cleanup_free_ struct emitter *e = calloc(1, sizeof(*e));
	int r = 0;

	if (!covered || !e)
		return -ENOMEM;
	e->tree = tree;
	e->result = ret;
	for (e->i = 0; e->i < tree->n && r == 0; e->i++) {
		const struct learn_node *node = &tree->nodes[e->i];
		unsigned above = e->i > 0 ? covered[node->parent] : 0;

		/* What is dropped is covered by the name that it begins with. */
		if (node->is_dropped)
			above |= LEARN_READ | LEARN_WRITE;
		r = emit_node(e, above, &covered[e->i]);
	}
	return r;
}
