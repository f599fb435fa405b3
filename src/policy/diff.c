/* SPDX-License-Identifier: Apache-2.0 */
/* nspolicy diff: what one manifest says otherwise than another. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policy/arguments.h"
#include "policy/commands.h"
#include "policy/report.h"
#include "policy/source.h"
#include "verify/manifest.h"

static int print_help(const struct argument *table)
{
	printf("Usage: nspolicy diff OLD NEW\n"
	       "\n"
	       "Compares what two manifests mean, whatever their spelling, "
	       "order and place:\n"
	       "\n"
	       "  added         only NEW has this resource or scope\n"
	       "  removed       only OLD has it\n"
	       "  content       other hashes are accepted\n"
	       "  integrity     it is checked in another way (hash, any, none, "
	       "scopes)\n"
	       "  cascade       its cascade field differs\n"
	       "  dependencies  its dependencies differ\n"
	       "  onerror       at the top of the document\n"
	       "\n");
	arguments_help(table);
	return finish_output(STATUS_SAME);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a manifest may be, JSON_DEPTH_MAX */
static bool same_target(const struct target *a, const struct target *b)
{
	if (a->kind != b->kind || a->n_conditions != b->n_conditions ||
	    (a->url && strcmp(a->url, b->url) != 0))
		return false;
	for (size_t i = 0; i < a->n_conditions; i++)
		if (strcmp(a->conditions[i].name, b->conditions[i].name) != 0 ||
		    !same_target(&a->conditions[i].target,
				 &b->conditions[i].target))
			return false;
	return true;
}

static bool same_dependencies(const struct dependencies *a,
			      const struct dependencies *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].specifier, b->items[i].specifier) != 0 ||
		    !same_target(&a->items[i].target, &b->items[i].target))
			return false;
	return true;
}

/* Each hash of the one is a hash of the other, in any order. */
static bool covers(const struct integrity *a, const struct integrity *b)
{
	for (size_t i = 0; i < b->n_entries; i++) {
		struct integrity one = { .entries = &b->entries[i],
					 .n_entries = 1 };

		if (b->entries[i].can_match && !integrity_meets(a, &one))
			return false;
	}
	return true;
}

/* One entry of a manifest, of either section. */
struct side {
	const char *path;
	int kind;
	bool cascades;
	const struct integrity *integrity; /* NULL: a scope */
	const struct dependencies *dependencies;
};

static struct side resource_side(const struct manifest *m, size_t i)
{
	const struct resource *r = &m->resources[i];

	return (struct side){ r->path, r->kind, r->cascades, &r->integrity,
			      &r->dependencies };
}

static struct side scope_side(const struct manifest *m, size_t i)
{
	const struct scope *s = &m->scopes[i];

	return (struct side){ s->path, (int)s->kind, s->cascades, NULL,
			      &s->dependencies };
}

static void say(const char *word, const char *path, bool *ret)
{
	report(word, path && path[0] ? path : "\"\"");
	*ret = true;
}

static void compare(const struct side *a, const struct side *b, bool *ret)
{
	if (a->kind != b->kind)
		say("integrity", b->path, ret);
	else if (a->integrity && (!covers(a->integrity, b->integrity) ||
				  !covers(b->integrity, a->integrity)))
		say("content", b->path, ret);
	if (a->cascades != b->cascades)
		say("cascade", b->path, ret);
	if (!same_dependencies(a->dependencies, b->dependencies))
		say("dependencies", b->path, ret);
}

typedef struct side get_side(const struct manifest *manifest, size_t i);

/* Both are sorted by path. */
static void merge(const struct manifest *old, size_t n_old,
		  const struct manifest *new, size_t n_new, get_side *get,
		  bool *ret)
{
	size_t i = 0, j = 0;

	while (i < n_old || j < n_new) {
		struct side a = { 0 }, b = { 0 };
		int order;

		if (i < n_old)
			a = get(old, i);
		if (j < n_new)
			b = get(new, j);
		order = !a.path ? 1 : !b.path ? -1 : strcmp(a.path, b.path);
		if (order < 0)
			say("removed", a.path, ret);
		else if (order > 0)
			say("added", b.path, ret);
		else
			compare(&a, &b, ret);
		i += order <= 0;
		j += order >= 0;
	}
}

static int diff(const char *old_file, const char *new_file)
{
	_cleanup_(source_done) struct source old = { 0 };
	_cleanup_(source_done) struct source new = { 0 };
	const struct manifest *a, *b;
	bool differs = false;

	if (source_load(old_file, &old) < 0 || source_load(new_file, &new) < 0)
		return STATUS_FAILED;
	a = old.manifest;
	b = new.manifest;
	if (a->onerror != b->onerror)
		say("onerror", new_file, &differs);
	if (!same_dependencies(&a->dependencies, &b->dependencies))
		say("dependencies", new_file, &differs);
	merge(a, a->n_resources, b, b->n_resources, resource_side, &differs);
	merge(a, a->n_scopes, b, b->n_scopes, scope_side, &differs);
	return finish_output(differs ? STATUS_DIFFERS : STATUS_SAME);
}

int command_diff(int argc, char **argv)
{
	_cleanup_(strings_done) struct strings operands = { 0 };
	const struct argument table[] = {
		{ "help", NULL, ARGUMENT_FLAG, NULL, "print this text" },
		{ 0 },
	};
	int r = arguments_parse(table, argc, argv, &operands);

	if (r > 0)
		return print_help(table);
	if (r == 0 && operands.n != 2) {
		log_error("two manifests are needed: nspolicy diff OLD NEW");
		return STATUS_FAILED;
	}
	return r < 0 ? STATUS_FAILED :
		       diff(operands.items[0], operands.items[1]);
}
