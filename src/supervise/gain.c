/* SPDX-License-Identifier: Apache-2.0 */
/* What a new name would allow that the old one does not. Pure. */
#include <string.h>

#include "supervise/pattern.h"
#include "supervise/rules.h"

static bool is_beneath(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (len == 1)
		return path[1] != '\0';
	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

static bool is_allowed(const struct rules *rules, enum operation operation,
		       const char *path)
{
	struct decision decision;

	decide(rules, operation, path, &decision);
	return decision.is_allowed;
}

/*
 * "*.key" says the same of a file wherever it lies beneath the pattern's
 * directory: one star, and no slash behind it.
 */
static bool is_name_pattern(const char *pattern, const char *from,
			    const char *to)
{
	size_t head = pattern_literal(pattern);
	const char *tail = pattern + head + 1;

	return pattern[head] == GRANT_STAR && !strchr(tail, GRANT_STAR) &&
	       !strchr(tail, '/') && strncmp(pattern, from, head) == 0 &&
	       strncmp(pattern, to, head) == 0;
}

/* Could @grant decide otherwise of a file beneath @to than beneath @from? */
static bool differs(const struct grant *grant, unsigned rights,
		    const char *from, const char *to)
{
	/* Writing: what a carve-out keeps could be changed elsewhere. */
	if (grant->is_deny)
		rights |= RIGHT_WRITE;
	if (!(grant->rights & rights))
		return false;
	if (grant->shape == SHAPE_PATTERN) {
		const char *here = grant->is_deny ? from : to;

		return pattern_reaches(grant->path, here) &&
		       !is_name_pattern(grant->path, from, to);
	}
	/* A carve-out beneath @from is refused by rules_is_above(). */
	return !grant->is_deny && is_beneath(grant->path, to);
}

bool rules_gain(const struct rules *rules, const char *from, const char *to,
		bool is_directory)
{
	bool is_readable = is_allowed(rules, OPERATION_READ, from);
	/* What can be read can be copied to where it may run. */
	unsigned rights = is_readable ? RIGHT_READ : RIGHT_READ | RIGHT_EXEC;

	if (!is_readable && (is_allowed(rules, OPERATION_READ, to) ||
			     is_allowed(rules, OPERATION_EXEC, to)))
		return true;
	for (size_t i = 0; is_directory && i < rules->n_grants; i++)
		if (differs(&rules->grants[i], rights, from, to))
			return true;
	return false;
}
