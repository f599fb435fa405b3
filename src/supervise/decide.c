/* SPDX-License-Identifier: Apache-2.0 */
/* The one pure function that judges. */
#include <errno.h>
#include <string.h>

#include "supervise/path_index.h"
#include "supervise/pattern.h"
#include "supervise/rules.h"

/* What each operation needs, and what to say when it is missing. */
static const struct {
	const char *name;
	const char *flag;
	const char *missing;
	const char *carved;
	int bit; /* of enum right; an index of struct path_entry's arrays */
} operations[] = {
	[OPERATION_READ] = { "read", "--allow-fs-read",
			     "no --allow-fs-read covers it",
			     "--deny-fs-read covers it", 0 },
	[OPERATION_STAT] = { "stat", "--allow-fs-read",
			     "no --allow-fs-read covers it",
			     "--deny-fs-read covers it", 0 },
	[OPERATION_WRITE] = { "write", "--allow-fs-write",
			      "no --allow-fs-write covers it",
			      "--deny-fs-write covers it", 1 },
	[OPERATION_EXEC] = { "exec", "--allow-child-process",
			     "no --allow-child-process covers it",
			     "--deny-fs-read covers it", 2 },
	/* No carve-out is of this right; binding asks for writing as well. */
	[OPERATION_UNIX] = { "unix", "--allow-unix",
			     "no --allow-unix covers it", "", 3 },
};

const char *operation_name(enum operation operation)
{
	return operations[operation].name;
}

/* What to ask for: without a list of programs, what may be read may be run. */
static enum operation wanted(const struct rules *rules,
			     enum operation operation)
{
	return operation == OPERATION_EXEC && rules->runs_readable ?
		       OPERATION_READ :
		       operation;
}

const char *operation_flag(const struct rules *rules, enum operation operation)
{
	return operations[wanted(rules, operation)].flag;
}

static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What a walk over the prefixes of a path found out about one right. */
struct findings {
	const struct grant *allow;
	const struct grant *deny;
	size_t visible_len; /* the deepest ancestor of a grant on the path */
	bool is_visible; /* the path itself */
};

static void prefer(const struct grant **best, const struct grant *grant)
{
	if (!grant)
		return;
	if (!*best || (grant->is_class1 && !(*best)->is_class1))
		*best = grant;
}

static void find(const struct rules *rules, int bit, const char *path,
		 struct findings *ret)
{
	const struct path_entry *entry;
	struct path_walk walk;
	unsigned right = 1u << bit;

	*ret = (struct findings){ 0 };
	path_walk_start(&walk, path);
	while (path_walk_next(&walk, rules->index, &entry)) {
		if (!entry)
			continue;
		prefer(&ret->allow, entry->allow_tree[bit]);
		prefer(&ret->deny, entry->deny[bit]);
		if (entry->is_visible)
			ret->visible_len = walk.len;
		if (path[walk.len] == '\0' || path[1] == '\0') {
			prefer(&ret->allow, entry->allow_exact[bit]);
			ret->is_visible = entry->is_visible;
		}
	}
	for (size_t i = 0; i < rules->n_patterns; i++) {
		const struct grant *grant = &rules->grants[rules->patterns[i]];

		if (!(grant->rights & right))
			continue;
		/* A carve-out takes what lies beneath along, as any other. */
		if (grant->is_deny && pattern_covers(grant->path, path))
			prefer(&ret->deny, grant);
		if (!grant->is_deny && pattern_matches(grant->path, path))
			prefer(&ret->allow, grant);
	}
}

/* A shell looks for a program in every directory of PATH. */
static bool is_in_probe_dir(const struct rules *rules, const char *path)
{
	size_t len = (size_t)(basename_of(path) - path) - 1;

	for (size_t i = 0; i < rules->probe_dirs.n; i++) {
		const char *directory = rules->probe_dirs.items[i];

		if (strncmp(path, directory, len) == 0 &&
		    directory[len] == '\0')
			return true;
	}
	return false;
}

/*
 * A runtime that walks up from its entry takes EACCES for a broken
 * installation but ENOENT for "look further": the profile names what it probes
 * for above the grants.
 */
static bool is_probe(const struct rules *rules, const char *path,
		     size_t visible_len)
{
	const char *start = path + (visible_len > 1 ? visible_len : 0);
	char name[256];
	size_t len;

	if (is_in_probe_dir(rules, path))
		return true;
	if (strings_match(&rules->probes, basename_of(path)))
		return true;
	if (*start == '/')
		start++;
	len = strcspn(start, "/");
	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, start, len);
	name[len] = '\0';
	return strings_match(&rules->probes, name);
}

static void allow(struct decision *ret, const struct grant *rule)
{
	ret->is_allowed = true;
	ret->rule = rule;
	ret->is_class1 = rule && rule->is_class1;
}

void decide(const struct rules *rules, enum operation operation,
	    const char *path, struct decision *ret)
{
	struct findings found, other;

	*ret = (struct decision){ .error = EACCES };
	/* Then the kernel is not asked either, of what is carved out too. */
	if (operation == OPERATION_STAT && rules->allow_metadata) {
		allow(ret, NULL);
		return;
	}
	find(rules, operations[operation].bit, path, &found);
	/* What may not be read may not be executed either. */
	if (operation == OPERATION_EXEC && !found.deny) {
		find(rules, operations[OPERATION_READ].bit, path, &other);
		found.deny = other.deny;
	}
	if (found.deny) {
		ret->rule = found.deny;
		ret->reason = operations[operation].carved;
		return;
	}
	if (found.allow) {
		allow(ret, found.allow);
		return;
	}
	if (operation == OPERATION_STAT) {
		if (found.is_visible) {
			allow(ret, NULL);
			return;
		}
		find(rules, operations[OPERATION_EXEC].bit, path, &other);
		if (other.allow) {
			allow(ret, other.allow);
			ret->is_class1 = false;
			return;
		}
	}
	ret->reason = operations[wanted(rules, operation)].missing;
	if (operation != OPERATION_WRITE && operation != OPERATION_EXEC &&
	    operation != OPERATION_UNIX &&
	    is_probe(rules, path, found.visible_len)) {
		ret->error = ENOENT;
		ret->is_probe = true;
	}
}
